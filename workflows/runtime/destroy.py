"""Destroys what may not be kept any longer, by its date: people, refused bodies, proofs, and what was kept apart."""

from dataclasses import dataclass
from datetime import date, datetime

from schemas.ids import PersonId, name_of
from schemas.register import ConsentProof, Destruction, KeptApart, erased_name
from workflows.definitions.retention import REFUSED_BODIES, kept_until
from workflows.engine.moments import SEOUL
from workflows.runtime.erase import bodies_in_quarantine
from workflows.runtime.ports import Ports
from workflows.runtime.restrictions import restriction_of

PAGE = 100
PEOPLE_AT_ONCE = 500
"""So many people are looked at in one run; the next one goes on where this one ended."""


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What one run did.

    Attributes:
        people: How many were destroyed.
        postponed: How many have to be kept longer, because of their cases.
        held: How many are due, but under a legal hold.
        bodies: How many refused bodies were destroyed.
        rows: How many proofs and things kept apart were.
        is_done: Whether nobody is left who is due; otherwise run it again.
    """

    people: int
    postponed: int
    held: int
    bodies: int
    rows: int
    is_done: bool


def destroy_due(ports: Ports) -> Destroyed:
    """Destroy what is due today, with a row in the register for each.  May be repeated, and broken off anywhere."""
    now = ports.clock.now()
    today = now.astimezone(SEOUL).date()
    counts = {"people": 0, "postponed": 0, "held": 0}
    after: tuple[date, str] | None = None
    seen = 0
    while seen < PEOPLE_AT_ONCE and (page := ports.vault.due(today, after=after, limit=PAGE)):
        for _, person_id in page:
            counts[_judge(person_id, today, ports)] += 1
        after = page[-1]
        seen += len(page)
    is_done = not ports.vault.due(today, after=after, limit=1)
    return Destroyed(**counts, bodies=_bodies(now, ports), rows=_rows(today, ports), is_done=is_done)


def _judge(person_id: PersonId, today: date, ports: Ports) -> str:
    """Destroy one person, or say why not."""
    until = kept_until(ports.index.cases_of([person_id]), today)
    if until > today:
        ports.vault.postpone(person_id, until)
        return "postponed"
    if restriction_of(person_id, ports).is_held:
        return "held"
    name = erased_name(person_id)
    row_id = name_of("retention", name, today.isoformat())
    ports.register.add(Destruction(id=row_id, about=name, at=ports.clock.now(), what="person", because="retention"))
    ports.vault.erase(person_id, for_good=False)
    return "people"


def _bodies(now: datetime, ports: Ports) -> int:
    """Destroy the refused bodies of rows of the quarantine that are older than a month; the rows stay."""
    old = {row.id for row in ports.quarantine.find() if row.heard_at <= now - REFUSED_BODIES}
    count = 0
    for reference, row_id in bodies_in_quarantine(ports):
        if row_id in old:
            destruction_id = name_of("retention", reference)
            row = Destruction(id=destruction_id, about=reference, at=now, what="body", because="retention")
            count += ports.register.add(row)
            ports.vault.replace_text(reference, None)
    return count


def _rows(today: date, ports: Ports) -> int:
    rows: list[ConsentProof | KeptApart] = [*ports.register.find(ConsentProof), *ports.register.find(KeptApart)]
    over = [row.id for row in rows if row.until <= today]
    for row_id in over:
        ports.register.drop(row_id)
    return len(over)
