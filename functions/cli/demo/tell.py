"""Runs the demo and says how it ended."""

import csv
import hashlib
import io
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from functions.cli.demo.branches import branches_of, passed_over
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
        applicants: Persons who applied, to one round or to both.
        selected: Offers made at the publish instant.
        seats_peak: The most seats that were offered or taken at one moment.
        offers: Offers made in all.
        timers: Timers that rang and were applied.
        notices: Notices delivered.
        transitions: Entries written.
        verified: Histories proved; `faults` are those that could not be.
        funnel: How many people reached each step of the way.
        branches: By branch of the selection: the cases that took it.
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
    branches: dict[str, list[str]]

    def to_json(self) -> dict[str, Any]:
        """Give the report as plain values."""
        return asdict(self)


class SeatWatch:
    """Counts offers, and the most seats ever held at once, by looking at the rounds after each of their entries."""

    def __init__(self, world: World) -> None:
        self._ports = world.ports
        self._held: dict[str, int] = {}
        self.first = 0
        self.most = 0
        self.offers = 0
        self.quota_hits: set[str] = set()

    def look(self, entry: Entry) -> None:
        """Look at the round, if the entry is one's own."""
        made = sum(len(effect.targets) for effect in entry.effects if effect.type == "OfferMade")
        self.first = self.first or made
        self.offers += made
        seen = self._ports.cases.get(entry.message.case) if entry.steps else None
        if seen is not None and seen.case.workflow == "round":
            self._held[seen.case.id] = len(seen.case.data["offers"]) + len(seen.case.data["taken"])
            self.most = max(self.most, sum(self._held.values()))
            if any(step.to == "published" != step.source for step in entry.steps):
                self.quota_hits.update(passed_over(seen.case.id, self._ports))


def tell(world: World, tick: Callable[[float, datetime], None], until: datetime | None = None) -> Report:
    """Carry the cohort from planning to month 12, prove every history, and give the report.

    Args:
        world: The system to run on, empty.
        tick: Told the share of the time that has passed, 0 to 1, and the instant reached.
        until: Where to stop; at month 12 if left out.
    """
    started = time.perf_counter()
    story = Story(world)
    seats = SeatWatch(world)

    def react(entry: Entry) -> Iterable[Deed]:
        seats.look(entry)
        return story.react(entry)

    ends_at = min(until or story.ends_at, story.ends_at)
    span = ends_at - story.begins_at
    driver = Driver(world, react, lambda instant: tick((instant - story.begins_at) / span, instant))
    driver.plan(story.begin())
    driver.run(ends_at)
    notices = driver.wait_for_notices()
    cases = list(world.ports.cases.find())
    findings = [finding for _, finding in verify(cases, world.ports.cases, world.ports.facts)]
    faults = sum(finding is not None for finding in findings)
    return Report(
        digest=digest_of(cases, world.ports.cases),
        backend=world.name,
        rows=len(list(csv.reader(io.StringIO(read_export().decode(), newline="")))) - 1,
        applicants=len({case.person for case in cases if case.workflow == "application"}),
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
        branches={**branches_of(cases, world.ports), "quota_hit": sorted(seats.quota_hits)},
    )


def funnel_of(cases: Iterable[Case], store: CaseStore) -> dict[str, int]:
    """Give how many people ever reached each step, by the stages in their histories."""
    reached: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        for text, _ in store.history(case.id):
            for stage in _stages_in(text):
                reached[f"{case.workflow}.{stage}"].add(case.person)
    return {step: len(reached[stage]) for step, stage in FUNNEL.items()}


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
    """Whoever applied to both rounds stands where the later one is."""
    if other is None or case.workflow != other.workflow:
        return other is None or LADDER.index(case.workflow) > LADDER.index(other.workflow)
    return _dates(case) > _dates(other)


def _dates(case: Case) -> int:
    return int(case.data["calendar"]["version"])


def _all_stages() -> Iterator[str]:
    """Every stage once, in the order of the ladder."""
    yield from dict.fromkeys(stage for name in LADDER for stage in LATEST[name].states)
