"""Runs every journey through `enrolment`, in day order, and says where each ended."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from functions.bootstrap import Embedded
from functions.cli.journeys.oulad import DAY_0, TERMS, Dataset, Journey, calendar_of
from functions.proof import prove
from schemas.cohort import Calendar
from schemas.events import AssessmentSubmitted, EnrolmentOpened, Event, LearnerWithdrew, OnboardingFinished, QuestionAnswered
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Message
from workflows.runtime.sweep import sweep

OFFICE = Actor(kind="staff", id="oulad-office", role="instructor")
REGISTERS, SUBMITS, LEAVES, RINGS, ANSWERS = (timedelta(hours=hour) for hour in (9, 12, 15, 17, 20))


@dataclass(frozen=True, slots=True)
class Report:
    """How the journeys ended.

    Attributes:
        matched: Journeys that ended where their published result says.
        by_result: Published result to stage to count.
        overruled: Withdrawals withheld because the published result contradicts them.
        ignored: Submissions that could not apply.
        verified: Histories proved.
    """

    matched: int
    total: int
    by_result: dict[str, dict[str, int]]
    overruled: int
    ignored: int
    transitions: int
    verified: int
    seconds: float
    seconds_of: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Give the report as plain values."""
        return asdict(self)


class Run:
    """The journeys of one dataset, on an empty embedded backend that tells nobody: these people have no letters to get."""

    def __init__(self, dataset: Dataset, embedded: Embedded) -> None:
        self._dataset = dataset
        self._embedded = embedded
        self._calendars = {key: calendar_of(length) for key, length in dataset.lengths.items()}
        self._journeys = {journey.case: journey for journey in dataset.journeys}

    def days(self) -> Iterator[int]:
        """Run one day after another, giving each as it ends."""
        messages = self._by_day()
        last = max(self._dataset.lengths.values()) + 4
        for day in range(min(messages), max(last, *messages) + 1):
            for hours in (REGISTERS, SUBMITS, LEAVES):
                self._deliver(day, hours, messages[day].pop(hours, []))
            self._ring(day)
            self._deliver(day, ANSWERS, list(self._answers(day)))
            yield day

    def _deliver(self, day: int, hours: timedelta, messages: list[Message]) -> None:
        if messages:
            self._embedded.clock.turn(DAY_0 + timedelta(days=day) + hours)
            self._embedded.queue.publish(messages, [])
            self._embedded.worker.drain()
            self._ring_now()

    def _ring(self, day: int) -> None:
        self._embedded.clock.turn(DAY_0 + timedelta(days=day) + RINGS)
        self._ring_now()

    def _ring_now(self) -> None:
        """Ring what is due, alarms and swept timers alike, until nothing is."""
        while self._embedded.worker.ring_all() or sweep(self._embedded.ports):
            self._embedded.worker.drain()

    def _by_day(self) -> dict[int, dict[timedelta, list[Message]]]:
        found: dict[int, dict[timedelta, list[Message]]] = defaultdict(lambda: defaultdict(list))
        for journey in self._dataset.journeys:
            opened = self._opening(journey)
            on = found[journey.registered_on]
            on[REGISTERS].append(_message(journey, opened, journey.registered_on, REGISTERS))
            on[REGISTERS].append(_message(journey, OnboardingFinished(), journey.registered_on, REGISTERS))
            for day, assessment in journey.submissions:
                event = AssessmentSubmitted(assessment=assessment)
                found[day][SUBMITS].append(_message(journey, event, day, SUBMITS, assessment))
            if journey.left_on is not None:
                found[journey.left_on][LEAVES].append(_message(journey, LearnerWithdrew(), journey.left_on, LEAVES))
        return found

    def _opening(self, journey: Journey) -> Event:
        module, presentation = journey.presentation
        calendar: Calendar = self._calendars[journey.presentation]
        return EnrolmentOpened(
            person=journey.person,
            application=None,
            cohort=f"{module}-{presentation}",
            programme="oulad",
            calendar=calendar,
            terms=TERMS,
        )

    def _answers(self, day: int) -> Iterator[Message]:
        """Answer the open questions: the first gate yes, the last one as published; who withdraws later is left open."""
        for task in self._embedded.ports.cases.tasks():
            journey = self._journeys[task.case]
            is_last = task.stage == "offline_gate"
            if not (is_last and journey.result == "Withdrawn"):
                yes = not is_last or journey.result != "Fail"
                yield _message(journey, QuestionAnswered(task=task.id, answer=yes), day, ANSWERS, task.id)

    def report(self, tick: Callable[[int], None], started: float) -> Report:
        """Prove every history, and give where each journey ended."""
        ran = time.perf_counter()
        by_result: dict[str, Counter[str]] = defaultdict(Counter)
        applied = transitions = 0
        for case in self._embedded.ports.cases.find(workflow="enrolment"):
            by_result[self._journeys[case.id].result][case.stage] += 1
            applied += case.data["submissions"]
            transitions += case.seq
        proved, _, findings = prove(self._embedded, tick)
        ended = time.perf_counter()
        ends_where = {journey.result: journey.ends_where for journey in self._dataset.journeys}
        return Report(
            matched=sum(stages[ends_where[result]] for result, stages in by_result.items()),
            total=len(self._dataset.journeys),
            by_result={result: dict(sorted(stages.items())) for result, stages in sorted(by_result.items())},
            overruled=self._dataset.overruled,
            ignored=self._dataset.submissions - applied,
            transitions=transitions,
            verified=proved - len(findings),
            seconds=round(ended - started, 2),
            seconds_of={"journeys": round(ran - started, 2), "proof": round(ended - ran, 2)},
        )


def _message(journey: Journey, event: Event, day: int, hours: timedelta, part: str = "") -> Message:
    name = type(event).__name__
    return Message(
        id=MessageId(name_of("oulad", journey.case, name, day, part)),
        case=CaseId(journey.case),
        type=name,
        data=event.model_dump(mode="json"),
        at=DAY_0 + timedelta(days=day) + hours,
        actor=OFFICE,
    )
