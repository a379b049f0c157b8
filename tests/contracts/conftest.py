"""Every port on every adapter: the local one always, Google's against the emulators."""

import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import grpc
import pytest
from google.cloud import firestore

from functions.adapters.google.firestore_case_store import FirestoreCaseStore
from functions.adapters.google.firestore_records import FirestoreFactStore, FirestoreNoticeLog, FirestoreQuarantine
from functions.adapters.google.firestore_vault import FirestoreLetters, FirestoreVault
from functions.adapters.local.database import Database
from functions.adapters.local.sqlite_case_store import SqliteCaseStore
from functions.adapters.local.sqlite_records import SqliteClock, SqliteFactStore, SqliteNoticeLog, SqliteQuarantine
from functions.adapters.local.sqlite_vault import SqliteLetters, SqliteVault
from functions.stack.emulators import Emulators, missing
from schemas.cohort import Calendar, Terms
from schemas.events import Event
from schemas.events.application import ApplicationSubmitted
from schemas.events.engine import QuestionAnswered
from schemas.events.round import RoundPlanned
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.letters import Letter, LetterState
from schemas.messages import SYSTEM, Actor, Case, Message, Notice
from schemas.people import Person
from schemas.ranking import Ranked, Ranking
from workflows.definitions import OPENED_BY, WORKFLOWS
from workflows.engine.decide import decide
from workflows.engine.history import Sealed, seal
from workflows.runtime.ports import CaseStore, FactStore, NoticeLog, Quarantine, Vault
from workflows.runtime.post_ports import Letters
from workflows.runtime.ring import ring_message

IS_CI = os.environ.get("CI") == "true"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Port = TypeVar("Port")


@pytest.fixture(params=["local", pytest.param("google", marks=pytest.mark.emulator)])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# ---- the backends


@pytest.fixture(scope="session")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    if lacking := missing():
        (pytest.fail if IS_CI else pytest.skip)("\n".join(lacking))
    with Emulators(tmp_path_factory.mktemp("emulators")) as running:
        yield running


@pytest.fixture
def project() -> str:
    """Every Firestore project is a database of its own."""
    return f"demo-{uuid4().hex[:16]}"


@pytest.fixture
def firestore_client(emulators: Emulators, project: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[firestore.Client]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulators.firestore_address)
    client = firestore.Client(project=project)
    yield client
    client._firestore_api.transport.close()


@pytest.fixture
def pubsub_channel(emulators: Emulators) -> Iterator[grpc.Channel]:
    # Pulling takes as much at once as publishing may have given.
    with grpc.insecure_channel(emulators.pubsub_address, [("grpc.max_receive_message_length", -1)]) as channel:
        yield channel


@pytest.fixture
def dead_address() -> str:
    """Where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "sadari.db")
    yield database
    database.close()


class TurnedClock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def turn(self, to: datetime) -> None:
        self.time = to


@pytest.fixture
def clock_at_noon() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def clock(backend: str, request: pytest.FixtureRequest) -> Any:
    if backend == "google":
        return request.getfixturevalue("clock_at_noon")
    clock = SqliteClock(request.getfixturevalue("database"))
    clock.turn(NOON)
    return clock


@pytest.fixture
def on(backend: str, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Build the adapter of the backend under test."""

    def build(local: Callable[..., Any], google: Callable[..., Any], *others: Any) -> Any:
        if backend == "local":
            return local(request.getfixturevalue("database"), *others)
        return google(request.getfixturevalue("firestore_client"), *others)

    return build


@pytest.fixture
def cases(on: Callable[..., CaseStore]) -> CaseStore:
    return on(SqliteCaseStore, FirestoreCaseStore)


@pytest.fixture
def facts(on: Callable[..., FactStore]) -> Callable[[], FactStore]:
    """Build a store that has nothing in memory yet."""
    return lambda: on(SqliteFactStore, FirestoreFactStore)


@pytest.fixture
def vault(on: Callable[..., Vault], clock: Any) -> Vault:
    return on(SqliteVault, FirestoreVault, clock)


@pytest.fixture
def letters(on: Callable[..., Letters]) -> Letters:
    return on(SqliteLetters, FirestoreLetters)


@pytest.fixture
def notice_log(on: Callable[..., NoticeLog]) -> NoticeLog:
    return on(SqliteNoticeLog, FirestoreNoticeLog)


@pytest.fixture
def quarantine(on: Callable[..., Quarantine]) -> Quarantine:
    return on(SqliteQuarantine, FirestoreQuarantine)


# ---- what they keep


class Story:
    """Real decisions on the real workflows."""

    calendar = Calendar(
        version=1,
        **{
            name: NOON + timedelta(days=7 * week)
            for week, name in enumerate(n for n in Calendar.model_fields if n not in {"version", "holidays"})
        },
    )
    terms = Terms(capacity=2, waitlist=1, offer_hours=48)

    def decided(self, case: Case | None, message: Message) -> Sealed:
        workflow = OPENED_BY[message.type] if case is None else WORKFLOWS[case.workflow, case.version]
        return seal(decide(workflow, case, message, message.at), message, message.at)

    def told(self, case: Case | CaseId, event: Event, name: str, at: datetime = NOON, actor: Actor = SYSTEM) -> Sealed:
        """Decide on an event; its message is named after `name`."""
        before = case if isinstance(case, Case) else None
        message = Message(
            id=MessageId(name_of("test", name)),
            case=case.id if isinstance(case, Case) else case,
            type=type(event).__name__,
            data=event.model_dump(mode="json"),
            at=at,
            actor=actor,
        )
        return self.decided(before, message)

    def round(self, case_id: str = "round-1", *, days_later: int = 0) -> Sealed:
        opens = self.calendar.applications_open + timedelta(days=days_later)
        event = RoundPlanned(
            cohort="2026-봄",
            programme="ai-academy",
            calendar=self.calendar.model_copy(update={"applications_open": opens}),
            terms=self.terms,
        )
        return self.told(CaseId(case_id), event, f"plan {case_id}")

    def form(self, answers: str = "1", *, is_enrolled: bool = True, round_id: str = "round-1") -> ApplicationSubmitted:
        return ApplicationSubmitted(
            person=PersonId("person-1"),
            round=CaseId(round_id),
            cohort="2026-봄",
            programme="ai-academy",
            calendar=self.calendar,
            terms=self.terms,
            university="전남대학교 🎓 " + "각",
            is_enrolled=is_enrolled,
            can_attend=True,
            answers=answers,
        )

    def application(self, case_id: str = "application-1", *, round_id: str = "round-1", **form: Any) -> Sealed:
        return self.told(CaseId(case_id), self.form(round_id=round_id, **form), f"submit {case_id}")

    def rung(self, case: Case, key: str | None = None) -> Sealed:
        """Ring a timer of the case, the next one if none is named."""
        key = key or min(case.timers, key=lambda each: case.timers[each].rings_at)
        return self.decided(case, ring_message(case.id, key, case.timers[key]))

    def questioned(self, case_id: str = "application-1") -> tuple[Sealed, Sealed]:
        """Give two entries: an application nobody can take, and the question about it."""
        opened = self.application(case_id, is_enrolled=False)
        return opened, self.rung(opened.case)

    def answered(self, case: Case, *, yes: bool, name: str = "answer") -> Sealed:
        event = QuestionAnswered(task=case.tasks[0].id, answer=yes, reason="vault-reason")
        return self.told(case, event, name, self.calendar.results_at, Actor(kind="staff", id="kim", role="operator"))


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def person() -> Person:
    return Person(
        id=PersonId("person-1"),
        name="김카나리",
        email="canary@example.org",
        contact="+821077770042",
        locale="ko",
        answers={"motivation": "사다리를 오르고 싶습니다."},
        consents={"privacy": True},
        updated_at=NOON,
        erase_on=date(2026, 9, 1),
    )


@pytest.fixture
def letter() -> Callable[..., Letter]:
    def write(number: int, **fields: Any) -> Letter:
        given = {
            "person": "person-1",
            "state": LetterState.HELD,
            "written_at": NOON + timedelta(hours=number),
            **fields,
        }
        texts = {"case": "application-1", "notice": "SeatOffered", "locale": "ko", "subject": "합격", "body": "축하"}
        return Letter(id=f"letter-{number}", **texts, **given)

    return write


@pytest.fixture
def notice() -> Callable[..., Notice]:
    def tell(name: str, kind: str = "SeatOffered", **data: Any) -> Notice:
        case = CaseId("application-1")
        return Notice(
            id=MessageId(name_of("notice", name)),
            type=kind,
            role="applicant",
            case=case,
            workflow="application",
            person="person-1",
            data=data,
            at=NOON,
        )

    return tell


@pytest.fixture
def ranking() -> Callable[..., Ranking]:
    def rank(size: int, rule: str = "점수가 높은 순서") -> Ranking:
        places = range(1, size + 1)
        entries = [Ranked(application=CaseId(f"application-{place:06}"), rank=place, score=0.5) for place in places]
        return Ranking(round=CaseId("round-1"), rule=rule, entries=tuple(entries))

    return rank
