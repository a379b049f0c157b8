"""The names of learners, for whoever teaches them; everybody else sees ids, and gives a reason to see more."""

from collections.abc import Iterable, Mapping

from functions.console.reach import visitor_on
from functions.console.room import room, visitor
from schemas.ids import CaseId, PersonId
from schemas.messages import Case

NAMED_ON = "roster"


def roster_names(cases: Iterable[Case], cohort: str) -> Mapping[CaseId, str]:
    """Give the names of those learners whose roster the visitor may see: one read, and a row in the access log each."""
    asks = visitor_on(NAMED_ON)
    return names_of([case for case in cases if asks.may_see(case)], reason=f"roster of {cohort}")


def names_of(cases: Iterable[Case], *, reason: str) -> Mapping[CaseId, str]:
    """Give the names of the people whom cases are about, by case: one read, and a row in the access log each."""
    people = {case.id: PersonId(case.person) for case in cases if case.person}
    if not people:
        return {}
    found = room().ports.vault.get_many(list(people.values()), reader=visitor().member.id, reason=reason)
    return {case_id: found[person].name for case_id, person in people.items() if person in found}
