"""A store to try the corpus on: one round that is open, one that is not yet, and a case that is none."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from functions.embedded import Embedded
from schemas.cohort import Calendar
from schemas.events import Event
from schemas.events.enrolment import EnrolmentOpened
from schemas.events.round import RoundPlanned
from schemas.ids import CaseId, MessageId, PersonId
from schemas.messages import Message
from tests.support.cohort import CALENDAR, DAY, TERMS
from tests.support.life import staff

KEY = b"a key of the tests, thirty-two b"
SPRING = CaseId("spring")
YEAR = timedelta(days=365)

Dump = Mapping[str, Sequence[Any]]


def begin(path: Path) -> None:
    """Plan two rounds, open an enrolment, and let the first round open; it is the day after."""
    later = {name: value + YEAR for name, value in CALENDAR if name not in {"version", "holidays"}}
    opened = EnrolmentOpened(
        person=PersonId("p1"), application=None, cohort="c", programme="p", calendar=CALENDAR, terms=TERMS
    )
    store = Embedded(path)
    store.clock.turn(CALENDAR.applications_open - DAY)
    _tell(store, SPRING, RoundPlanned(cohort="c", programme="p", calendar=CALENDAR, terms=TERMS))
    _tell(
        store,
        "next-year",
        RoundPlanned(cohort="n", programme="p", calendar=Calendar(version=1, **later), terms=TERMS),
    )
    _tell(store, "not-a-round", opened)
    store.worker.drain()
    store.clock.turn(CALENDAR.applications_open + DAY)
    store.worker.ring_all()
    store.worker.drain()
    store.close()


def _tell(store: Embedded, case: str, event: Event) -> None:
    message = Message(
        id=MessageId(f"begin-{case}"),
        case=CaseId(case),
        type=type(event).__name__,
        data=event.model_dump(mode="json"),
        at=store.clock.now(),
        actor=staff("operator"),
    )
    store.ports.publisher.publish([message], [])


def dump(store: Embedded) -> Dump:
    """Give every row of every table."""
    tables = [
        name for (name,) in store.database.all("select name from sqlite_master where type = 'table' order by name")
    ]
    return {name: store.database.all(f"select * from {name}") for name in tables}


def published(store: Embedded) -> list[Message]:
    """Give the events that wait in the queue."""
    rows = store.database.all("select blob from queue where topic = 'events' order by place")
    return [Message.model_validate_json(blob) for (blob,) in rows]
