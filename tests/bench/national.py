"""The largest round that we know of: 10,000 applicants, 1,150 seats, 40 quotas."""

import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from functions.adapters.google.firestore_records import PART_BYTES
from functions.embedded import Embedded
from schemas.cohort import Terms
from schemas.events.application import ScoreRecorded
from schemas.events.round import RoundPlanned
from schemas.events.seats import SeatReturned, SeatTaken
from schemas.forms import ApplicationForm
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Entry, Message
from schemas.round import Round
from schemas.selection import Component, Quota, Selection
from tests.support.cohort import DAY, HOUR
from tests.support.life import staff
from tests.support.published import BEGINS_AT, DATES, KEY, Quiet, message_of, ring_overdue, tasks_of
from workflows.engine.history import messages_of
from workflows.runtime.advance import advance
from workflows.runtime.answer import answer
from workflows.runtime.intake import Origin, submit_applications
from workflows.runtime.ports import Ports
from workflows.runtime.rank import rank
from workflows.runtime.ring import ring_message

ROUND = CaseId("round-national")
APPLICANTS, SEATS = 10_000, 1_150
OTHER_FIELDS_BYTES = 512
"""What a case's document holds beside the case: what it is found by."""

UNIVERSITIES = [f"국립대학교 {number:02}" for number in range(20)]
REGIONS = [f"광역시도 {number:02}" for number in range(15)]
TRACKS = [f"트랙 {number}" for number in range(5)]
QUOTAS = (
    *(Quota(field="university", value=name, maximum=60) for name in UNIVERSITIES[:10]),
    *(Quota(field="university", value=name, minimum=20) for name in UNIVERSITIES[10:]),
    *(Quota(field="region", value=name, minimum=70) for name in REGIONS),
    *(Quota(field="track", value=name, minimum=200, maximum=240) for name in TRACKS),
)
PARTS = (Component(id="test", weight=2), Component(id="interview", weight=1))


@dataclass
class Figures:
    """What was measured; sizes in bytes, as Firestore would hold them."""

    rank_seconds: float = 0
    publish_seconds: float = 0
    processor_seconds: float = 0
    pages: int = 0
    season_entries: int = 0
    season_ms_per_entry: float = 0
    rss_mib: float = 0
    season_rss_mib: float = 0
    case_bytes: int = 0
    season_case_bytes: int = 0
    entry_bytes: int = 0
    fact_bytes: int = 0
    fact_part_bytes: int = 0
    left: int = 0


def prepare(path: Path) -> None:
    """Carry 10,000 applications to the day before they are ranked."""
    embedded = Embedded(path, tells=False)
    embedded.database.execute("pragma synchronous = off")
    place, ports = Quiet(embedded), embedded.ports
    place.turn(DATES.applications_open - DAY)
    terms = Terms(capacity=SEATS, waitlist=3 * SEATS, offer_hours=48)
    selection = Selection(components=PARTS, normalisation="z", ties=("test",), quotas=QUOTAS, seed="national")
    plan = RoundPlanned(cohort="2027", programme="ai", calendar=DATES, terms=terms, selection=selection)
    ports.publisher.publish([message_of(ROUND, plan, ports)], [])
    place.settle()
    place.turn(DATES.applications_open + DAY)
    ring_overdue(place)
    for first in range(0, APPLICANTS, 500):
        forms = [
            (_form(number), Origin("bench", str(number), ports.clock.now())) for number in range(first, first + 500)
        ]
        submit_applications(forms, ROUND, key=KEY, ports=ports)
        place.settle()
    place.turn(DATES.applications_close + DAY)
    with embedded.database.batch():
        ring_overdue(place)
    for case in list(ports.cases.find(workflow="application")):
        ports.publisher.publish(list(_scores(case.id, ports)), [])
    place.settle()
    embedded.close()


def _form(number: int) -> ApplicationForm:
    chance = Random(number)
    return ApplicationForm(
        name=f"김지원{number}",
        email=f"bench{number}@example.org",
        phone=f"+8210{number:08}",
        university=chance.choices(UNIVERSITIES, [3] * 10 + [1] * 10)[0],
        department="컴퓨터정보통신공학과",
        student_number=f"20{number:05}",
        region=chance.choice(REGIONS),
        track=chance.choice(TRACKS),
        is_enrolled=True,
        can_attend=True,
        consent_privacy=True,
    )


def _scores(case: CaseId, ports: Ports) -> Iterator[Message]:
    chance = Random(case)
    for part in PARTS:
        message = message_of(
            case, ScoreRecorded(score=round(chance.betavariate(5, 3) * 100, 1), component=part.id), ports
        )
        yield message.model_copy(update={"id": MessageId(name_of(message.id, part.id))})


def measure(path: Path, *, lives_on: bool) -> Figures:
    """Rank, approve, publish, and perhaps live through the season; in a process that does nothing else."""
    embedded, figures = Embedded(path, tells=False), Figures()
    ports = embedded.ports
    begun_at, worked = time.perf_counter(), time.process_time()
    ranking, message = rank(ROUND, staff("operator", "ranker"), ports)
    advance(message, ports)
    figures.rank_seconds = time.perf_counter() - begun_at
    for role in ("operator", "university", "city"):
        advance(answer(tasks_of([ROUND], ports)[0].id, staff(role), ports, yes=True), ports)
    embedded.clock.turn(BEGINS_AT)
    seen = ports.cases.get(ROUND)
    assert seen is not None
    begun_at = time.perf_counter()
    due = [(key, timer) for key, timer in seen.case.timers.items() if timer.rings_at <= BEGINS_AT]
    todo = [ring_message(ROUND, key, timer) for key, timer in due]
    while todo:
        entry = advance(todo.pop(), ports)
        figures.pages += 1
        todo += [each for each in messages_of(entry, ROUND) if each.case == ROUND]
    figures.publish_seconds = time.perf_counter() - begun_at
    figures.processor_seconds = time.process_time() - worked
    figures.rss_mib = _rss_mib()
    figures.case_bytes = _case_bytes(ports)
    figures.fact_bytes = len(ranking.model_dump_json().encode())
    figures.fact_part_bytes = min(figures.fact_bytes, PART_BYTES)
    if lives_on:
        _season(ports, figures)
    figures.season_rss_mib = _rss_mib()
    figures.entry_bytes = max(len(text.encode()) for text, _ in ports.cases.history(ROUND))
    embedded.close()
    return figures


def _season(ports: Ports, figures: Figures) -> None:
    """Three in ten give their offer back, one in ten on the waitlist leaves; the rest accept."""
    chance, answered = Random(1), set[str]()
    begun_at = time.perf_counter()
    waiting = [each for number, each in enumerate(_round(ports).waiting) if number % 10 == 0]
    entries = _ranked(ports)
    for place in waiting:
        _tell(SeatReturned(application=entries[place - 1], why="withdrawn", returns=1), ports, figures)
    while todo := [case for case in _round(ports).offers if case not in answered]:
        for case in todo:
            answered.add(case)
            is_back = chance.random() < 0.3
            event = (
                SeatReturned(application=case, why="declined", returns=1) if is_back else SeatTaken(application=case)
            )
            _tell(event, ports, figures)
        figures.season_case_bytes = max(figures.season_case_bytes, _case_bytes(ports))
    figures.season_ms_per_entry = 1000 * (time.perf_counter() - begun_at) / figures.season_entries
    held = _round(ports)
    figures.left = len(held.left)
    if len(held.taken) > SEATS:
        raise AssertionError(f"{len(held.taken)} seats are taken")


def _tell(event: SeatReturned | SeatTaken, ports: Ports, figures: Figures) -> Entry:
    figures.season_entries += 1
    message = Message(
        id=MessageId(name_of("season", type(event).__name__, event.application)),
        case=ROUND,
        type=type(event).__name__,
        data=event.model_dump(mode="json"),
        at=BEGINS_AT + HOUR,
        actor=Actor(kind="case", id=event.application),
    )
    return advance(message, ports)


def _round(ports: Ports) -> Round:
    seen = ports.cases.get(ROUND)
    assert seen is not None
    return seen.subject if isinstance(seen.subject, Round) else Round.model_validate_json(seen.case.subject)


def _ranked(ports: Ports) -> list[CaseId]:
    ranking = _round(ports).ranking
    assert ranking is not None
    return [entry.application for entry in ranking.document.entries]


def _case_bytes(ports: Ports) -> int:
    """Give the size of the round's document: nearly all of it is the case as JSON."""
    seen = ports.cases.get(ROUND)
    assert seen is not None
    return len(seen.case.model_dump_json().encode()) + OTHER_FIELDS_BYTES


def _rss_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    task, store = sys.argv[1], Path(sys.argv[2])
    if task == "prepare":
        prepare(store)
    else:
        print(json.dumps(asdict(measure(store, lives_on=task == "season"))))  # noqa: T201
