"""Whose data somebody saw or may have seen, and by when they and the authority have to be told.

Personal Information Protection Act, article 34, as amended on 11 September 2026: loss, theft, leak, forgery, alteration
and damage, and the possibility of them; 72 hours from knowing.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.ids import CaseId, PersonId
from schemas.messages import Entry
from schemas.register import Destruction, erased_name
from schemas.search import CaseFilter
from workflows.runtime.ports import Ports

TOLD_WITHIN = timedelta(hours=72)
MANY_PEOPLE = 1_000
"""From so many on, the authority has to be told; and always of sensitive data or of somebody who broke in."""

PAGE = 300


@dataclass(frozen=True, slots=True)
class Touched:
    """What an account looked at in a time.

    Attributes:
        looks: How many rows of the access log say so.
        people: Whose data; whoever was erased since is among them.
        things: What else the rows name: texts, members of staff, drafts; how often each.
        reasons: How often each reason was given.
        first: When the first look was; empty if there was none.
        last: When the last one was.
    """

    looks: int
    people: tuple[PersonId, ...]
    things: Mapping[str, int]
    reasons: Mapping[str, int]
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that an account decided or changed."""

    case: CaseId
    seq: int
    at: datetime
    event: str
    verdict: str


def touched(account: str, since: datetime, until: datetime, ports: Ports) -> Touched:
    """Give whose data an account looked at, from an instant to before another, as the access log has it."""
    rows = [row for row in ports.vault.accesses(since=since, until=until) if row["reader"] == account]
    counted = Counter(row["subject"] for row in rows)
    people = _people_among(counted, ports)
    return Touched(
        looks=len(rows),
        people=tuple(sorted(set(people.values()))),
        things={name: many for name, many in sorted(counted.items()) if name not in people},
        reasons=dict(Counter(row["reason"] for row in rows).most_common()),
        first=rows[0]["at"] if rows else "",
        last=rows[-1]["at"] if rows else "",
    )


def acts_of(account: str, since: datetime, until: datetime, ports: Ports) -> Iterator[Act]:
    """Give what an account did to cases, also for others, case by case.  Reads every history."""
    for case_id in ports.cases.ids():
        for text, _ in ports.cases.history(case_id):
            if f'"{account}"' not in text:
                continue
            entry = Entry.model_validate_json(text)
            message = entry.message
            if account in message.actor.ids and since <= message.at < until:
                yield Act(case_id, entry.seq, message.at, message.type, entry.verdict.value)


def people_of(cohort: str, ports: Ports) -> tuple[PersonId, ...]:
    """Give whoever a cohort's cases are about."""
    people: set[str] = set()
    after = ""
    while True:
        page = ports.index.page(CaseFilter(cohort=cohort), after=after, limit=PAGE)
        people |= {case.person for case in page.cases if case.person}
        after = page.after
        if not after:
            return tuple(sorted(map(PersonId, people)))


def must_report(people: Collection[str], *, is_outside: bool, is_sensitive: bool) -> bool:
    """Tell whether the authority has to be told, too."""
    return len(people) >= MANY_PEOPLE or is_outside or is_sensitive


def _people_among(subjects: Collection[str], ports: Ports) -> dict[str, PersonId]:
    """Give the person that each subject names: itself, or the one its case is about."""
    known = set(ports.vault.people())
    erased = {row.about for row in ports.register.find(Destruction)}
    people = {name: PersonId(name) for name in subjects if name in known or erased_name(name) in erased}
    cases = ports.index.named([CaseId(name) for name in subjects if name not in people])
    return people | {case_id: PersonId(case.person) for case_id, case in cases.items() if case.person}
