"""What may be done with a person's data."""

from collections.abc import Mapping
from datetime import timedelta

from schemas.ids import PersonId
from schemas.register import Restriction
from workflows.runtime.ports import Ports

BEAT = timedelta(microseconds=1)


def restriction_of(person_id: PersonId, ports: Ports) -> Restriction:
    """Give what may be done with a person's data: the newest restriction, or none."""
    nothing = Restriction(id="", about=person_id, at=ports.clock.now())
    return max(ports.register.find(Restriction, about=person_id), key=lambda row: row.at, default=nothing)


def restrict(person_id: PersonId, row_id: str, changed: Mapping[str, object], ports: Ports) -> None:
    """Change what may be done with a person's data, and leave the rest as it is.  A row of one id is written once."""
    before, now = restriction_of(person_id, ports), ports.clock.now()
    # The newest row counts: it is later than the one before, even where the clock stands still.
    at = max(now, before.at + BEAT) if before.id else now
    ports.register.add(before.model_copy(update={**changed, "id": row_id, "at": at}))
