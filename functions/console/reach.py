"""What of a page a visitor's grants reach: a part of it that fewer roles may see, a cohort, a university."""

from collections.abc import Iterable

from functions.console.guard import visitor_of
from functions.console.room import Visitor, room, visitor
from schemas.messages import Case
from schemas.search import OF_EVERY_UNIVERSITY, CaseFilter
from schemas.staff import Grant

ROUNDS_MAX = 50
"""How many rounds are looked at for the cohorts that a filter offers."""


def cohorts_of(asks: Visitor) -> list[str]:
    """Give the cohorts that a filter offers to the visitor."""
    wanted = CaseFilter(workflow=OF_EVERY_UNIVERSITY, within=asks.scopes)
    rounds = room().staff.index.page(wanted, after="", limit=ROUNDS_MAX)
    return sorted({case.cohort for case in rounds.cases} - {""})


def visitor_on(page: str) -> Visitor:
    """Give the visitor with the grants by which another page, or the part of this one named after it, may be seen."""
    asks = visitor()
    return visitor_of(page, asks.member, asks.session)


def may_see_on(page: str, case: Case) -> bool:
    """Whether the visitor's grants for that page cover the case."""
    return visitor_on(page).may_see(case)


def grants_on(page: str, *, programme: str, cohort: str) -> tuple[Grant, ...]:
    """Give the grants for a page, or a part of one, that reach a cohort; its figures name nobody of any university."""
    return tuple(
        grant
        for grant in visitor_on(page).grants
        if grant.programme in {"", programme} and grant.cohort in {"", cohort}
    )


def reaches_everything(grants: Iterable[Grant]) -> bool:
    """Whether one of the grants has no scope, so that nothing need be looked at."""
    return any(not (grant.programme or grant.cohort or grant.university) for grant in grants)


def reaches_university(grants: Iterable[Grant], university: str) -> bool:
    """Whether one of the grants reaches the people of a university."""
    return any(grant.university in {"", university} for grant in grants)
