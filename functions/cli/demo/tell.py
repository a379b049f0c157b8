"""Runs the demo and says how it ended."""

import csv
import hashlib
import io
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from functions.cli.demo.driver import Deed, Driver
from functions.cli.demo.story import Story, read_export
from functions.cli.demo.world import World
from schemas.messages import Case, Entry
from workflows.definitions import LATEST
from workflows.runtime.ports import CaseStore
from workflows.runtime.verify import verify

TRANSPORT = frozenset({"heard_at", "prev_hash"})
FUNNEL = {
    "applied in time": "application.submitted",
    "eligible": "application.eligible",
    "offered a seat": "application.offered",
    "accepted": "application.accepted",
    "began": "enrolment.online",
    "passed online basics": "enrolment.offline",
    "passed offline training": "enrolment.pitching",
    "completed": "enrolment.completed",
    "hired at month 12": "outcome.hired",
    "founded at month 12": "outcome.founded",
}
LADDER = ("application", "enrolment", "outcome")


@dataclass(frozen=True, slots=True)
class Report:
    """How the cohort ended.

    Attributes:
        digest: sha256 over all histories, without when they were heard and how they were carried.
        rows: Rows of the form export.
        applicants: Persons who applied.
        selected: Offers made at the publish instant.
        seats_peak: The most seats that were offered or taken at one moment.
        offers: Offers made in all.
        timers: Timers that rang and were applied.
        notices: Notices delivered.
        transitions: Entries written.
        verified: Histories proved; `faults` are those that could not be.
        funnel: How many people reached each step of the way.
        stages: Where each applicant stands, at the furthest case; sums to `applicants`.
    """

    digest: str
    backend: str
    rows: int
    applicants: int
    capacity: int
    selected: int
    seats_peak: int
    offers: int
    timers: int
    notices: int
    transitions: int
    verified: int
    faults: int
    quarantined: int
    seconds: float
    funnel: dict[str, int]
    stages: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """Give the report as plain values."""
        return asdict(self)


class SeatWatch:
    """Counts offers, and the most seats ever held at once, by looking at the round after each of its entries."""

    def __init__(self, world: World, round_id: str) -> None:
        self._world = world
        self._round_id = round_id
        self.first = 0
        self.most = 0
        self.offers = 0

    def look(self, entry: Entry) -> None:
        """Look at the round, if the entry is one of its own."""
        made = sum(len(effect.targets) for effect in entry.effects if effect.type == "OfferMade")
        self.first = self.first or made
        self.offers += made
        if entry.message.case == self._round_id:
            seen = self._world.ports.cases.get(entry.message.case)
            if seen is not None:
                held = len(seen.case.data["offers"]) + len(seen.case.data["taken"])
                self.most = max(self.most, held)


def tell(world: World, tick: Callable[[float, datetime], None]) -> Report:
    """Carry the cohort from planning to month 12, prove every history, and give the report.

    Args:
        world: The system to run on, empty.
        tick: Told the share of the time that has passed, 0 to 1, and the instant reached.
    """
    started = time.perf_counter()
    story = Story(world)
    seats = SeatWatch(world, story.round_id)

    def react(entry: Entry) -> Iterable[Deed]:
        seats.look(entry)
        return story.react(entry)

    span = story.ends_at - story.begins_at
    driver = Driver(world, react, lambda instant: tick((instant - story.begins_at) / span, instant))
    driver.plan(story.begin())
    driver.run(story.ends_at)
    notices = driver.wait_for_notices()
    cases = list(world.ports.cases.find())
    findings = [finding for _, finding in verify(cases, world.ports.cases, world.ports.facts)]
    faults = sum(finding is not None for finding in findings)
    return Report(
        digest=digest_of(cases, world.ports.cases),
        backend=world.name,
        rows=len(list(csv.reader(io.StringIO(read_export().decode(), newline="")))) - 1,
        applicants=sum(case.workflow == "application" for case in cases),
        capacity=story.cohort.terms.capacity,
        selected=seats.first,
        seats_peak=seats.most,
        offers=seats.offers,
        timers=driver.timers_fired,
        notices=notices,
        transitions=sum(case.seq for case in cases),
        verified=len(findings) - faults,
        faults=faults,
        quarantined=sum(1 for _ in world.ports.quarantine.find()),
        seconds=round(time.perf_counter() - started, 2),
        funnel=funnel_of(cases, world.ports.cases),
        stages=stages_of(cases),
    )


def funnel_of(cases: Iterable[Case], store: CaseStore) -> dict[str, int]:
    """Give how many people ever reached each step, by the stages in their histories."""
    reached: Counter[str] = Counter()
    for case in cases:
        visited = {step for text, _ in store.history(case.id) for step in _stages_in(text)}
        reached.update(f"{case.workflow}.{stage}" for stage in visited)
    return {step: reached[stage] for step, stage in FUNNEL.items()}


def _stages_in(text: str) -> set[str]:
    return {step.to for step in Entry.model_validate_json(text).steps}


def digest_of(cases: Iterable[Case], store: CaseStore) -> str:
    """Give the sha256 of all histories, by case id, without `heard_at` and the hashes that depend on it."""
    digest = hashlib.sha256()
    for case in sorted(cases, key=lambda case: case.id):
        for text, _ in store.history(case.id):
            entry = Entry.model_validate_json(text)
            digest.update(entry.model_dump_json(exclude=set(TRANSPORT), exclude_defaults=True).encode() + b"\n")
    return digest.hexdigest()


def stages_of(cases: Iterable[Case]) -> dict[str, int]:
    """Give how many applicants stand where, each counted once, at the furthest case of theirs."""
    furthest: dict[str, Case] = {}
    for case in cases:
        person = str(case.data.get("person", ""))
        if case.workflow in LADDER and _is_further(case, furthest.get(person)):
            furthest[person] = case
    counted = Counter(case.stage for case in furthest.values())
    return {stage: counted[stage] for stage in _all_stages() if counted[stage]}


def _is_further(case: Case, other: Case | None) -> bool:
    return other is None or LADDER.index(case.workflow) > LADDER.index(other.workflow)


def _all_stages() -> Iterator[str]:
    """Every stage once, in the order of the ladder."""
    yield from dict.fromkeys(stage for name in LADDER for stage in LATEST[name].states)
