"""Conditions in SQL, each with its values."""

from collections.abc import Sequence

from schemas.messages import Home
from schemas.search import EVERYWHERE, OF_EVERY_UNIVERSITY, Scope

Clauses = list[tuple[str, Sequence[object]]]


def within(scopes: Sequence[Scope]) -> tuple[str, Sequence[object]]:
    """Ask that a row lies in one of these scopes; one whose columns are null lies only in `EVERYWHERE`."""
    if EVERYWHERE in scopes:
        return "1", []
    parts = [in_scope(scope) for scope in scopes]
    return f"({' or '.join(all_of(part) for part in parts) or '0'})", [
        value for part in parts for value in values_of(part)
    ]


def in_scope(scope: Scope) -> Clauses:
    """Ask that a row lies in a scope, by its columns workflow, programme, cohort and university."""
    clauses: Clauses = []
    if scope.programme:
        clauses.append(("programme in ('', ?)", [scope.programme]))
    if scope.cohort:
        clauses.append(("cohort = ?", [scope.cohort]))
    if scope.university:
        clauses.append(("(university = ? or workflow = ?)", [scope.university, OF_EVERY_UNIVERSITY]))
    return clauses


def all_of(clauses: Clauses) -> str:
    """Ask all of it."""
    return " and ".join(clause for clause, _ in clauses) or "1"


def values_of(clauses: Clauses) -> list[object]:
    """Give the values of all, in order."""
    return [value for _, values in clauses for value in values]


def home_columns(home: Home | None) -> tuple[str | None, ...]:
    """Give where something belongs, as the columns workflow, programme, cohort and university hold it."""
    return (None,) * 4 if home is None else (home.workflow, home.programme, home.cohort, home.university)
