"""Runs every journey through `enrolment`, in day order, and says where each ended.

Journeys do not touch each other, so a large dataset is shared out: one process and one SQLite file for each core.
"""

import gc
import multiprocessing
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from queue import Empty
from typing import Any

from functions.cli.journeys.oulad import DAY_0, TERMS, Dataset, Journey, calendar_of, read_dataset
from functions.embedded import Embedded
from functions.store_files import begin_anew
from schemas.events import Event
from schemas.events.engine import QuestionAnswered
from schemas.events.enrolment import AssessmentSubmitted, EnrolmentOpened, LearnerWithdrew, OnboardingFinished
from schemas.ids import MessageId, name_of
from schemas.messages import Actor, Message
from workflows.runtime.sweep import sweep
from workflows.runtime.verify import verify

OFFICE = Actor(kind="staff", id="oulad-office", role="instructor")
REGISTERS, SUBMITS, LEAVES, RINGS, ANSWERS = (timedelta(hours=hour) for hour in (9, 12, 15, 17, 20))
FEW = 2_000
"""Up to so many journeys, one process is quicker than several."""
DAYS_AT_ONCE = 7
"""Days in one transaction: a run that is cut short begins anew anyway, and a page is written once, not every day."""
RUN_PART = 0.75
TELL_EVERY = 1_000

Tick = Callable[[float], None]
Make = Callable[[], Message]


@dataclass(frozen=True, slots=True)
class Report:
    """How the journeys ended.

    Attributes:
        matched: Journeys that ended where their published result says.
        by_result: Published result to stage to count.
        overruled: Withdrawals withheld because the published result contradicts them.
        ignored: Submissions that could not apply.
        verified: Histories proved, of enrolments and of what they opened; `faults` are those that could not be.
        stores: The SQLite files that hold them.
    """

    matched: int
    total: int
    by_result: dict[str, dict[str, int]]
    overruled: int
    ignored: int
    transitions: int
    verified: int
    faults: int
    seconds: float
    stores: list[str]

    def to_json(self) -> dict[str, Any]:
        """Give the report as plain values."""
        return asdict(self)


@dataclass(slots=True)
class Share:
    """What one process found."""

    by_result: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    applied: int = 0
    transitions: int = 0
    verified: int = 0
    faults: int = 0


def run_all(folder: Path, store: Path, tick: Tick) -> Report:
    """Run every journey of a dataset, prove every history, and give the report.

    Args:
        folder: The dataset.
        store: The SQLite file to begin anew; where several are needed, they are numbered.
        tick: Told the share of the work done, 0 to 1, as it goes.

    Raises:
        BadDatasetError: The folder does not hold the dataset.
    """
    started = time.perf_counter()
    dataset = read_dataset(folder)
    shares = 1 if len(dataset.journeys) <= FEW else os.cpu_count() or 1
    stores = [store] if shares == 1 else [store.with_stem(f"{store.stem}-{place + 1}") for place in range(shares)]
    found = [run_share(dataset, store, tick)] if shares == 1 else _in_parallel(dataset, stores, tick)
    by_result: dict[str, Counter[str]] = defaultdict(Counter)
    for share in found:
        for result, stages in share.by_result.items():
            by_result[result].update(stages)
    ends_where = {journey.result: journey.ends_where for journey in dataset.journeys}
    return Report(
        matched=sum(stages[ends_where[result]] for result, stages in by_result.items()),
        total=len(dataset.journeys),
        by_result={result: dict(sorted(stages.items())) for result, stages in sorted(by_result.items())},
        overruled=dataset.overruled,
        ignored=dataset.submissions - sum(share.applied for share in found),
        transitions=sum(share.transitions for share in found),
        verified=sum(share.verified for share in found),
        faults=sum(share.faults for share in found),
        seconds=round(time.perf_counter() - started, 2),
        stores=[str(each) for each in stores],
    )


def _in_parallel(dataset: Dataset, stores: list[Path], tick: Tick) -> list[Share]:
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(len(stores), context) as pool:
        news = manager.Queue()
        shares = [replace(dataset, journeys=dataset.journeys[place :: len(stores)]) for place in range(len(stores))]
        futures = [pool.submit(_run_nth, shares[place], store, place, news) for place, store in enumerate(stores)]
        done = [0.0] * len(stores)
        while not all(future.done() for future in futures):
            try:
                place, part = news.get(timeout=0.2)
            except Empty:
                continue
            done[place] = part
            tick(sum(done) / len(done))
        return [future.result() for future in futures]


def _run_nth(dataset: Dataset, store: Path, place: int, news: Any) -> Share:
    return run_share(dataset, store, lambda part: news.put((place, part)))


def run_share(dataset: Dataset, store: Path, tick: Tick) -> Share:
    """Run some journeys on a new store, prove their histories, and give what was found."""
    begin_anew(store)
    embedded = Embedded(store, tells=False)
    gc.disable()  # nothing here makes cycles, and looking for them among a million records takes a third of the time
    try:
        run = Run(dataset, embedded)
        for done in run.days():
            tick(done * RUN_PART)
        return _prove(dataset, embedded, tick)
    finally:
        gc.enable()
        embedded.close()


def _prove(dataset: Dataset, embedded: Embedded, tick: Tick) -> Share:
    share = Share()
    results = {journey.case: journey.result for journey in dataset.journeys}
    for count, case in enumerate(embedded.ports.cases.find(), 1):
        ((_, finding),) = verify([case], embedded.ports.cases, embedded.ports.facts)
        share.transitions += case.seq
        share.verified += finding is None
        share.faults += finding is not None
        if case.workflow == "enrolment":
            share.by_result[results[case.id]][case.stage] += 1
            share.applied += case.data["submissions"]
        if count % TELL_EVERY == 0:
            tick(min(RUN_PART + (1 - RUN_PART) * count / (2 * len(results)), 1.0))
    return share


class Run:
    """The journeys of one dataset, on an empty embedded backend that tells nobody: no letters go to these people."""

    def __init__(self, dataset: Dataset, embedded: Embedded) -> None:
        self._dataset = dataset
        self._embedded = embedded
        self._calendars = {key: calendar_of(length) for key, length in dataset.lengths.items()}
        self._journeys = {journey.case: journey for journey in dataset.journeys}

    def days(self) -> Iterator[float]:
        """Run one day after another, giving the share of the days that are over."""
        days = self._by_day()
        first = min(days)
        last = max(*self._dataset.lengths.values(), *days) + 4
        for start in range(first, last + 1, DAYS_AT_ONCE):
            with self._embedded.database.batch():
                for day in range(start, min(start + DAYS_AT_ONCE, last + 1)):
                    self._day(day, days.pop(day, {}))
            yield min((start + DAYS_AT_ONCE - first) / (last - first + 1), 1.0)

    def _day(self, day: int, makes: Mapping[timedelta, list[Make]]) -> None:
        for hours in (REGISTERS, SUBMITS, LEAVES):
            self._deliver(day, hours, [make() for make in makes.get(hours, ())])
        self._ring(day)
        self._deliver(day, ANSWERS, list(self._answers(day)))

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
        """Ring what is due until nothing is."""
        while sweep(self._embedded.ports):
            self._embedded.worker.drain()

    def _by_day(self) -> dict[int, dict[timedelta, list[Make]]]:
        """Give what to send by day and hour, made no sooner than it is sent: all messages at once fill the memory."""
        found: dict[int, dict[timedelta, list[Make]]] = defaultdict(lambda: defaultdict(list))
        for journey in self._dataset.journeys:
            day = journey.registered_on
            found[day][REGISTERS].append(partial(self._opening, journey))
            found[day][REGISTERS].append(partial(_message, journey, OnboardingFinished(), day, REGISTERS))
            for place, (day, assessment) in enumerate(journey.submissions):
                found[day][SUBMITS].append(partial(_submission, journey, assessment, day, place))
            if journey.left_on is not None:
                day = journey.left_on
                found[day][LEAVES].append(partial(_message, journey, LearnerWithdrew(), day, LEAVES))
        return found

    def _opening(self, journey: Journey) -> Message:
        module, presentation = journey.presentation
        opened = EnrolmentOpened(
            person=journey.person,
            application=None,
            cohort=f"{module}-{presentation}",
            programme="oulad",
            calendar=self._calendars[journey.presentation],
            terms=TERMS,
        )
        return _message(journey, opened, journey.registered_on, REGISTERS)

    def _answers(self, day: int) -> Iterator[Message]:
        """Answer the open questions: the first gate yes, the last as published; who withdraws later is left open."""
        for task in self._embedded.ports.cases.tasks():
            journey = self._journeys[task.case]
            is_last = task.stage == "offline_gate"
            if not (is_last and journey.result == "Withdrawn"):
                yes = not is_last or journey.result != "Fail"
                yield _message(journey, QuestionAnswered(task=task.id, answer=yes), day, ANSWERS, task.id)


def _submission(journey: Journey, assessment: str, day: int, place: int) -> Message:
    return _message(journey, AssessmentSubmitted(assessment=assessment), day, SUBMITS, place)


def _message(journey: Journey, event: Event, day: int, hours: timedelta, part: str | int = "") -> Message:
    name = type(event).__name__
    return Message(
        id=MessageId(name_of("oulad", journey.case, name, day, part)),
        case=journey.case,
        type=name,
        data=event.model_dump(mode="json"),
        at=DAY_0 + timedelta(days=day) + hours,
        actor=OFFICE,
    )
