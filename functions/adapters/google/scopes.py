"""What part of all documents somebody may see, as filters."""

from collections.abc import Sequence

from google.cloud.firestore import And, FieldFilter, Or
from google.cloud.firestore_v1.base_query import BaseFilter

from schemas.search import OF_EVERY_UNIVERSITY, Scope
from workflows.runtime.errors import Rejected

BRANCHES_MAX = 30
"""Firestore refuses queries with more branches, counted after all alternatives are multiplied out."""
TOO_MANY = "These are too many grants to list by at once."


def within(scopes: Sequence[Scope], workflow: str, others: int = 1) -> BaseFilter:
    """Give the scopes as alternatives.

    Args:
        scopes: The scopes.
        workflow: The workflow that is asked for; empty for all.
        others: How many other branches the query multiplies them by.

    Raises:
        Rejected: They are more than Firestore takes in one query.
    """
    different = list(dict.fromkeys(scopes))
    parts = [in_scope(scope, workflow) for scope in different]
    if others * sum(branches for _, branches in parts) > BRANCHES_MAX:
        raise Rejected(TOO_MANY, code="too_many_grants")
    return parts[0][0] if len(parts) == 1 else Or([part for part, _ in parts])


def in_scope(scope: Scope, workflow: str) -> tuple[BaseFilter, int]:
    """Give a scope as a filter, with the branches that it multiplies out to."""
    parts: list[BaseFilter] = []
    branches = 1
    if scope.programme:
        parts.append(FieldFilter("programme", "in", ["", scope.programme]))
        branches *= 2
    if scope.cohort:
        parts.append(FieldFilter("cohort", "==", scope.cohort))
    if scope.university and workflow in {"", OF_EVERY_UNIVERSITY}:
        of_every = FieldFilter("workflow", "==", OF_EVERY_UNIVERSITY)
        parts.append(Or([FieldFilter("university", "==", scope.university), of_every]))
        branches *= 2
    elif scope.university:
        parts.append(FieldFilter("university", "==", scope.university))
    return (parts[0] if len(parts) == 1 else And(parts)), branches
