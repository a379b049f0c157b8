"""A round whose results have just come out: 30 seats, a waitlist of 90, 130 applications."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Protocol, TypeVar

from functions.embedded import Embedded
from schemas.cohort import Terms
from schemas.events.application import ScoreRecorded
from schemas.events.round import RoundPlanned
from schemas.forms import ApplicationForm
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Case, Message, Task
from schemas.selection import Quota, Selection
from tests.support.cohort import CALENDAR, DAY, MINUTE, kst
from tests.support.life import staff
from workflows.runtime.answer import answer
from workflows.runtime.intake import Origin, Receipt, submit_applications
from workflows.runtime.ports import Alarm, Ports
from workflows.runtime.rank import rank
from workflows.runtime.ring import ring

ROUND = CaseId("round-storm")
KEY = b"names the persons of the storm, and nobody else"
APPLICATIONS, INELIGIBLE = 130, 4
TERMS = Terms(capacity=30, waitlist=90, offer_hours=48)
DATES = CALENDAR.model_copy(
    update={"programme_starts": kst("2027-04-20 09:00"), "promotion_ends": kst("2027-04-23 18:00")}
)
LIMITED, RESERVED = "전남대학교", "조선대학교"
QUOTAS = (
    Quota(field="university", value=LIMITED, maximum=9),
    Quota(field="university", value=RESERVED, minimum=7),
)
BEGINS_AT = DATES.results_at + 20 * MINUTE
OFFICE = staff("operator", "storm-office")

T = TypeVar("T")


class Place(Protocol):
    """A running Sadari, whatever carries its messages."""

    ports: Ports

    def turn(self, to: datetime) -> None:
        """Turn the clock."""

    def each(self, do: Callable[[T], object], items: Iterable[T]) -> None:
        """Do something with every item, several at once where that is real."""

    def settle(self) -> object:
        """Let everything be delivered, and all that follows from it."""


def publish_round(
    place: Place,
    round_id: CaseId = ROUND,
    quotas: tuple[Quota, ...] = (),
    *,
    applications: int = APPLICATIONS,
    terms: Terms = TERMS,
) -> None:
    """Carry a round from the plan to its offers, by the events of everybody who takes part."""
    rank_round(place, round_id, quotas, applications=applications, terms=terms)
    place.turn(BEGINS_AT)
    ring_overdue(place)


def rank_round(
    place: Place, round_id: CaseId, quotas: tuple[Quota, ...] = (), *, applications: int, terms: Terms = TERMS
) -> None:
    """Carry a round from the plan to the approval of its order."""
    ports = place.ports
    place.turn(DATES.applications_open - 7 * DAY)
    plan = RoundPlanned(
        cohort="2027", programme="ai", calendar=DATES, terms=terms, selection=Selection(quotas=quotas, seed=round_id)
    )
    ports.publisher.publish([message_of(round_id, plan, ports)], [])
    place.settle()
    place.turn(DATES.applications_open + DAY)
    ring_overdue(place)
    receipts = submit_applications(
        [
            (form_of(number), Origin("storm", f"{round_id} {number}", ports.clock.now()))
            for number in range(applications)
        ],
        round_id,
        key=KEY,
        ports=ports,
    )
    place.settle()
    place.turn(DATES.applications_close + DAY)
    ring_overdue(place)
    taken = [receipt.case for receipt in receipts if isinstance(receipt, Receipt)]
    place.each(partial(_confirm, ports=ports), tasks_of(taken, ports))
    eligible = ports.cases.find(workflow="application", stage="eligible", round_id=round_id)
    ports.publisher.publish([_score_of(case, ports) for case in eligible], [])
    place.settle()
    rank(round_id, staff("operator", "storm-ranker"), ports)
    place.settle()
    for role in ("operator", "university", "city"):
        for task in tasks_of([round_id], ports):
            answer(task.id, staff(role), ports, yes=True)
        place.settle()


def form_of(number: int) -> ApplicationForm:
    """Give one applicant's form; the last few cannot attend."""
    university = Random(number).choices([LIMITED, RESERVED, "광주과학기술원", "호남대학교"], [9, 4, 4, 3])[0]
    return ApplicationForm(
        name=f"김지원{number}",
        email=f"storm{number}@example.org",
        phone=f"+82108888{number:04}",
        university=university,
        department="컴퓨터정보통신공학과",
        student_number=f"20{number:04}",
        is_enrolled=True,
        can_attend=number < APPLICATIONS - INELIGIBLE,
        consent_privacy=True,
    )


def _score_of(case: Case, ports: Ports) -> Message:
    """Whom seats are reserved for scores lower, so that the reservation is felt; some totals are equal."""
    handicap = 25 if case.data["university"] == RESERVED else 0
    score = Random(case.person).randint(30, 100) - handicap
    return message_of(case.id, ScoreRecorded(score=score), ports)


def _confirm(task: Task, ports: Ports) -> None:
    answer(task.id, OFFICE, ports, yes=True, reason="vault-reason")


def message_of(case: CaseId, event: Any, ports: Ports) -> Message:
    """Give the message of the office's event, entering the system now."""
    name = type(event).__name__
    return Message(
        id=MessageId(name_of("storm office", case, name)),
        case=case,
        type=name,
        data=event.model_dump(mode="json"),
        at=ports.clock.now(),
        actor=OFFICE,
    )


def tasks_of(cases: Iterable[CaseId], ports: Ports) -> list[Task]:
    """Give the open questions of some cases."""
    named = set(cases)
    return [task for task in ports.cases.tasks() if task.case in named]


def overdue(ports: Ports) -> list[Alarm]:
    """Give every timer that should have rung by now."""
    now, found, after = ports.clock.now(), [], None
    while page := ports.cases.overdue(now, after=after, limit=300):
        found += [
            Alarm(case.id, key, timer)
            for case in page
            for key, timer in sorted(case.timers.items())
            if timer.rings_at <= now
        ]
        after = page[-1]
    return found


def ring_overdue(place: Place) -> None:
    """Ring whatever is due by now, and let it be delivered, with all that is due because of it."""
    while alarms := overdue(place.ports):
        place.each(partial(ring, ports=place.ports), alarms)
        place.settle()


class Quiet:
    """The embedded backend on a day without storm."""

    def __init__(self, embedded: Embedded) -> None:
        self.ports = embedded.ports
        self.turn = embedded.clock.turn
        self.settle: Callable[[], object] = embedded.worker.drain

    def each(self, do: Callable[[T], object], items: Iterable[T]) -> None:
        for item in items:
            do(item)


def published_store(path: Path, quotas: tuple[Quota, ...] = ()) -> Path:
    """Make a store with a published round in it, to be copied."""
    embedded = Embedded(path)
    embedded.database.execute("pragma synchronous = off")
    publish_round(Quiet(embedded), ROUND, quotas)
    embedded.close()
    return path
