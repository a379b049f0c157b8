"""What every list of the console asks of its store, on every adapter: fewer than ten calls, however many rows it has.

On Firestore the counts of a page are aggregation queries, one for each stage or step, several at a time.  They give no
document and are counted apart.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.adapters.google.documents import Documents
from functions.adapters.google.firestore_case_index import FirestoreCaseIndex
from functions.adapters.google.firestore_staff import (
    FirestoreBatches,
    FirestoreDelegations,
    FirestoreMarks,
    FirestoreMembers,
    FirestoreReleases,
    FirestoreSessions,
)
from functions.adapters.google.wiring import stages
from functions.console.guard import COOKIE, session_id
from functions.console.room import Room, now, today
from functions.console.site import make_site
from functions.embedded import Embedded
from functions.settings import Issuer
from schemas.events.enrolment import AttendanceRecorded, EnrolmentOpened, OnboardingFinished
from schemas.events.outcome import OutcomeOpened
from schemas.events.review import ReviewAssigned
from schemas.ids import CaseId, PersonId, TaskId
from schemas.letters import Letter
from schemas.messages import Quarantined
from schemas.people import Person
from schemas.selection import Criterion
from schemas.staff import Delegation, Grant, Mark, Member, Session
from workflows.runtime.staff_ports import StaffPorts
from workflows.runtime.traits import home_of

CALLS_MAX = 9
ROWS = 12
"""More than the calls that a page may make: one for each row would be seen."""
COHORT = "2026-봄"
URL = "https://console.test"

PAGES = {
    "inbox": ("operator", "/inbox"),
    "inbox, narrowed": ("operator", f"/inbox?role=operator&workflow=application&cohort={COHORT}&when=soon&held=free"),
    "inbox, mine": ("operator", "/inbox?held=mine"),
    "delegations": ("operator", "/delegations"),
    "members": ("admin", "/members"),
    "cases": ("operator", "/cases"),
    "cases of a workflow": ("operator", "/cases?at=application"),
    "cases that are due": ("operator", "/cases?due=30"),
    "cases at risk": ("operator", f"/cases?risk=1&cohort={COHORT}"),
    "cohorts": ("operator", "/cohorts"),
    "a cohort": ("operator", f"/cohorts/{COHORT}"),
    "a cohort, with names": ("instructor", f"/cohorts/{COHORT}"),
    "the roster": ("instructor", f"/cohorts/{COHORT}/roster"),
    "the funnel as a file": ("operator", f"/cohorts/{COHORT}/figures/funnel.csv"),
    "who is at risk as a file": ("operator", f"/cohorts/{COHORT}/learners/at_risk.csv"),
    "records": ("operator", "/records"),
    "attendance": ("operator", f"/records/{COHORT}/attendance"),
    "attendance, with names": ("instructor", f"/records/{COHORT}/attendance"),
    "attendance as a file": ("operator", f"/records/{COHORT}/attendance.csv"),
    "outcomes": ("career_staff", "/records/outcomes"),
    "rounds": ("operator", "/rounds"),
    "reviews": ("reviewer", "/reviews"),
    "outbox": ("operator", "/outbox"),
    "outbox, narrowed": ("operator", f"/outbox?state=held&notice=SeatOffered&cohort={COHORT}"),
    "a release, asked": ("operator", "/outbox/release?notice=SeatOffered"),
    "quarantine": ("operator", "/quarantine"),
    "batches": ("operator", "/bulk"),
    "definitions": ("operator", "/definitions"),
}
COUNTS_MAX = 30
"""The stages of one workflow, at most."""
COUNTS_OF_A_COHORT_MAX = 130
"""The stages of every workflow, and the steps of the way."""


class Calls:
    """The calls to the store: those that read, and those that only count."""

    def __init__(self) -> None:
        self.reads = 0
        self.counts = 0


@pytest.fixture
def calls(backend: str, office: Embedded, monkeypatch: pytest.MonkeyPatch) -> Calls:
    found = Calls()

    def noting(call: Callable[..., Any], kind: str) -> Callable[..., Any]:
        def note(*args: Any, **options: Any) -> Any:
            setattr(found, kind, getattr(found, kind) + 1)
            return call(*args, **options)

        return note

    if backend == "local":
        for name in ("all", "one"):
            monkeypatch.setattr(office.database, name, noting(getattr(office.database, name), "reads"))
    else:
        for name in ("read", "read_all", "page"):
            monkeypatch.setattr(Documents, name, noting(getattr(Documents, name), "reads"))
        monkeypatch.setattr(Documents, "count", noting(Documents.count, "counts"))
    return found


@pytest.fixture
def office(tmp_path: Path, clock_at_noon: Any) -> Iterator[Embedded]:
    """The embedded backend; what is not kept in the store under test is kept there."""
    made = Embedded(tmp_path / "office.db")
    made.clock.turn(clock_at_noon.now())
    yield made
    made.close()


@pytest.fixture
def room(backend: str, office: Embedded, request: pytest.FixtureRequest) -> Room:
    """The console's room over the store under test."""
    issuer, key = Issuer(url=URL, issuer="", client="", secret=""), b"only the tests'; 32 bytes......."
    if backend == "local":
        return Room(ports=office.ports, staff=office.staff_ports, issuer=issuer, key=key)
    client = request.getfixturevalue("firestore_client")
    kept = {name: request.getfixturevalue(name) for name in ("cases", "vault", "letters", "quarantine")}
    staff = replace(
        office.staff_ports,
        members=FirestoreMembers(client),
        sessions=FirestoreSessions(client),
        delegations=FirestoreDelegations(client),
        marks=FirestoreMarks(client),
        batches=FirestoreBatches(client),
        releases=FirestoreReleases(client),
        index=FirestoreCaseIndex(client, stages()),
    )
    return Room(ports=replace(office.ports, **kept), staff=staff, issuer=issuer, key=key)


@pytest.fixture
def browser_as(room: Room) -> Callable[..., FlaskClient]:
    """Sign somebody in, in a role and a scope."""

    def sign_in(role: str, **scope: str) -> FlaskClient:
        member = Member(id="kim", email="kim@sadari.example", name="kim", grants=(Grant(role=role, **scope),))
        secret = secrets.token_urlsafe()
        room.staff.members.put(member)
        room.staff.sessions.put(Session(id=session_id(secret), member="kim", begun_at=now(), seen_at=now()))
        browser = make_site(room).test_client()
        browser.set_cookie(COOKIE, secret, domain="console.test", secure=True)
        return browser

    return sign_in


@pytest.fixture
def filled(room: Room, office: Embedded, story: Any, person: Person, letter: Callable[..., Letter]) -> None:
    """Fill the store under test with more rows of each kind than a page may make calls."""
    cases = room.ports.cases
    common = {"cohort": COHORT, "calendar": story.calendar}
    cases.commit(story.round("round-1"), seen=None)
    for number in range(ROWS):
        who = PersonId(f"person-{number}")
        learns = {"person": who, "programme": "ai-academy", **common}
        rubric = (Criterion(id="motivation", name_ko="동기", name_en="Motivation"),)
        read = ReviewAssigned(
            reviewer="kim",
            application=CaseId(f"application-{number}"),
            round=CaseId("round-1"),
            rubric=rubric,
            due_at=story.calendar.results_at,
            **common,
        )
        opened = EnrolmentOpened(application=None, terms=story.terms, **learns)
        after = OutcomeOpened(enrolment=CaseId(f"enrolment-{number}"), **learns)
        entries = [
            story.application(f"application-{number}"),
            story.told(CaseId(f"review-{number}"), read, f"assign {number}"),
            story.told(CaseId(f"outcome-{number}"), after, f"complete {number}"),
            sealed := story.told(CaseId(f"enrolment-{number}"), opened, f"open {number}"),
            sealed := story.told(sealed.case, OnboardingFinished(), f"onboard {number}"),
            sealed := story.rung(sealed.case),
            story.told(sealed.case, AttendanceRecorded(share=0.5), f"attend {number}"),
        ]
        for each in (*entries, *story.questioned(f"asked-{number}")):
            cases.commit(each, seen=cases.get(each.case.id))
        lend(room.staff, number, each.case.tasks[0].id)
        room.ports.vault.put(person.model_copy(update={"id": who, "name": f"김하늘{number}"}))
        home = home_of(entries[0].case)
        held = letter(number, person=who).model_copy(update={"case": entries[0].case.id, "home": home})
        room.ports.letters.create(held)
        told = entries[0].entry.message.model_copy(update={"id": f"message-{number}"})
        at = story.calendar.applications_open
        room.ports.quarantine.put(
            Quarantined(id=f"row-{number}", reason="unknown_case", source="test", heard_at=at, message=told, home=home)
        )
    # Another process writes to the file, so that no case is at hand any more and each one that is asked for is read.
    other = Embedded(office.path)
    other.clock.turn(office.clock.now())
    other.close()


def lend(staff: StaffPorts, number: int, task: TaskId) -> None:
    """Let somebody hand a role to Kim, and Kim work on a question."""
    grant = Grant(role="lead", cohort=f"cohort-{number}")
    by = Member(id=f"lead-{number}", email=f"lead-{number}@sadari.example", name="이총괄", grants=(grant,))
    staff.members.put(by)
    days = {"from_on": today(), "until_on": today(), "made_at": now()}
    staff.delegations.put(Delegation(id=f"d-{number}", by=by.id, to="kim", grant=grant, reason="", **days))
    staff.marks.put(Mark(task=task, held_by="kim", held_until=now() + timedelta(hours=1)), seen=0)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("scope", [{}, {"cohort": COHORT, "programme": "ai-academy"}], ids=["everywhere", "scoped"])
def test_no_list_asks_its_store_ten_times(
    browser_as: Callable[..., FlaskClient], calls: Calls, scope: dict[str, str]
) -> None:
    asked: dict[str, tuple[int, int]] = {}
    for name, (role, path) in PAGES.items():
        browser = browser_as(role, **({} if role == "admin" else scope))  # who administers only a part sees no list
        calls.reads = calls.counts = 0
        answer = browser.get(path, base_url=URL)
        assert answer.status_code == 200, name
        asked[name] = (calls.reads, calls.counts)

    assert {name: reads for name, (reads, _) in asked.items() if reads > CALLS_MAX} == {}
    of_a_cohort = {"a cohort", "a cohort, with names", "the funnel as a file"}
    most = {name: COUNTS_OF_A_COHORT_MAX if name in of_a_cohort else COUNTS_MAX for name in asked}
    assert {name: counts for name, (_, counts) in asked.items() if counts > most[name]} == {}


@pytest.mark.usefixtures("filled")
def test_the_lists_hold_what_was_put_in(browser_as: Callable[..., FlaskClient], room: Room) -> None:
    """Else the limit would be met by pages that show nothing."""
    tasks = [task.id for task in room.ports.cases.tasks()]
    shown = {
        name: sum(text in browser_as(role).get(path, base_url=URL).text for text in texts)
        for name, role, path, texts in [
            ("questions", "operator", "/inbox", [f"/questions/{task}/hold" for task in tasks]),
            ("my questions", "operator", "/inbox?held=mine", [f"/questions/{task}/hold" for task in tasks]),
            ("delegations", "operator", "/delegations", [f"/delegations/d-{number}/revoke" for number in range(ROWS)]),
            ("names", "instructor", f"/cohorts/{COHORT}/roster", [f"김하늘{number}" for number in range(ROWS)]),
            ("reviews", "reviewer", "/reviews", [f"/reviews/review-{number}" for number in range(ROWS)]),
            ("letters", "operator", "/outbox", [f"/outbox/letter-{number}" for number in range(ROWS)]),
            ("rows", "operator", "/quarantine", [f"/quarantine/row-{number}" for number in range(ROWS)]),
            ("risks", "operator", f"/cohorts/{COHORT}", [f'/cases/enrolment-{number}"' for number in range(ROWS)]),
            ("outcomes", "career_staff", "/records/outcomes", [f"status-outcome-{number}" for number in range(ROWS)]),
        ]
    }

    assert shown == dict.fromkeys(shown, ROWS)
