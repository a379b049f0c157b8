"""What a page of the console's cases costs at 100,000 cases on the embedded backend.

python -m tests.bench.bench_console [CASES]
"""

import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from flask.testing import FlaskClient
from rich.console import Console
from rich.table import Table

from functions.bootstrap import Embedded
from functions.console.guard import COOKIE, session_id
from functions.console.room import Room, now
from functions.console.site import make_site
from functions.settings import Issuer
from schemas.application import Application
from schemas.application import Stage as ApplicationStage
from schemas.enrolment import Enrolment
from schemas.enrolment import Stage as EnrolmentStage
from schemas.events import ApplicationSubmitted, EnrolmentOpened, RoundPlanned
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.messages import SYSTEM, Message, Timer
from schemas.people import Person
from schemas.record import Record
from schemas.search import Crowd
from schemas.staff import Grant, Member, Session
from tests.support.cohort import CALENDAR, TERMS
from workflows.definitions import OPENED_BY
from workflows.engine.decide import decide
from workflows.engine.history import Sealed, seal
from workflows.runtime.people_keys import key_of

CASES = 100_000
PEOPLE_SHARE = 0.6
PER_COHORT = 5_000
REPEATS = 40
KEY = b"only the benchmark's; 32 bytes.."
URL = "https://console.test"
UNIVERSITIES = [f"대학교 {number:02}" for number in range(20)]
FAMILIES, SYLLABLES = "김이박최정강조윤장임한오서신권황안송류홍", "가나다라마바사아자차카타파하민서지현수영준"
OUT = Console()


def opened(case_id: CaseId, event: Any) -> Sealed:
    """Decide on the event that opens a case."""
    at = CALENDAR.applications_open
    message = Message(
        id=MessageId(name_of("bench", case_id)),
        case=case_id,
        type=type(event).__name__,
        data=event.model_dump(mode="json"),
        at=at,
        actor=SYSTEM,
    )
    return seal(decide(OPENED_BY[message.type], None, message, at), message, at)


def fill(embedded: Embedded, size: int) -> list[Person]:
    """Fill the store with rounds, applications and enrolments, and give the people."""
    random, database = Random(1), embedded.database
    people = [_person(number, random) for number in range(int(size * PEOPLE_SHARE))]
    with database.batch():
        for person in people:
            number = person.email.partition("@")[0]
            keys = {"email": person.email, "phone": person.contact, "student": number}
            hashes = {kind: key_of(kind, text, KEY) for kind, text in keys.items()}  # type: ignore[arg-type]
            embedded.ports.vault.put(person, keys=hashes)  # type: ignore[arg-type]
        for number in range(size // PER_COHORT):
            plan = RoundPlanned(cohort=f"cohort-{number}", programme="ai", calendar=CALENDAR, terms=TERMS)
            embedded.ports.cases.commit(opened(CaseId(f"round-{number}"), plan), seen=None)
    models: list[tuple[Sealed, type[Record], list[str]]] = [
        (_application(), Application, list(ApplicationStage)),
        (_enrolment(), Enrolment, list(EnrolmentStage)),
    ]
    for start in range(0, size, PER_COHORT):
        with database.batch():
            for number in range(start, min(start + PER_COHORT, size)):
                model, kind, stages = models[number >= len(people)]
                person = people[number % len(people)]
                embedded.ports.cases.commit(_like(model, kind, person.id, number, random.choice(stages)), seen=None)
    return people


def _person(number: int, random: Random) -> Person:
    return Person(
        id=PersonId(name_of("person", number)),
        name=random.choice(FAMILIES) + "".join(random.choices(SYLLABLES, k=2)),
        email=f"{number:08}@example.org",
        contact=f"+8210{number:08}",
        locale="ko",
        updated_at=CALENDAR.applications_open,
        erase_on=date(2030, 1, 1),
    )


def _application() -> Sealed:
    form = ApplicationSubmitted(
        person=PersonId("p"),
        round=CaseId("round-0"),
        cohort="cohort-0",
        programme="ai",
        calendar=CALENDAR,
        terms=TERMS,
        university=UNIVERSITIES[0],
        answers="x" * 32,
        is_enrolled=True,
        can_attend=True,
    )
    return opened(CaseId("application"), form)


def _enrolment() -> Sealed:
    seat = EnrolmentOpened(
        person=PersonId("p"),
        application=None,
        cohort="cohort-0",
        programme="ai",
        calendar=CALENDAR,
        terms=TERMS,
    )
    return opened(CaseId("enrolment"), seat)


def _like(model: Sealed, kind: type[Record], person: PersonId, number: int, stage: str) -> Sealed:
    """Give another case like the one that was decided; its history would not be proved, but lists do not read it."""
    cohort, share = f"cohort-{number % 20}", 0.5 + (number % 50) / 100
    update = {"person": person, "cohort": cohort, "round": f"round-{number % 20}"}
    update |= {"university": UNIVERSITIES[number % 20]} if kind is Application else {"attendance": share}
    known = {name: value for name, value in update.items() if name in kind.model_fields}
    subject = model.subject.model_copy(update=known)
    due = CALENDAR.applications_open + timedelta(minutes=number)
    timers = {"bench": Timer(due=due, rings_at=due, visit=1, armed=1)} if number % 2 else {}
    case = model.case.model_copy(
        update={
            "id": CaseId(name_of("case", number)),
            "stage": stage,
            "person": person,
            "cohort": cohort,
            "round": f"round-{number % 20}",
            "timers": timers,
            "subject": subject.model_dump_json(),
        }
    )
    return Sealed(case, subject, model.entry, model.text, model.hash)


def browser_as(embedded: Embedded, **scope: str) -> FlaskClient:
    """Sign in an operator, and give their browser."""
    secret, member_id = secrets.token_urlsafe(), f"operator-{len(embedded.staff_ports.members.all())}"
    member = Member(
        id=member_id, email=f"{member_id}@example.org", name="kim", grants=(Grant(role="operator", **scope),)
    )
    embedded.staff_ports.members.put(member)
    session = Session(id=session_id(secret), member=member_id, begun_at=now(), seen_at=now())
    embedded.staff_ports.sessions.put(session)
    issuer = Issuer(url=URL, issuer="", client="", secret="")
    site = make_site(Room(ports=embedded.ports, staff=embedded.staff_ports, issuer=issuer, key=KEY))
    browser = site.test_client()
    browser.set_cookie(COOKIE, secret, domain="console.test", secure=True)
    browser.environ_base["HTTP_ORIGIN"] = URL
    return browser


@contextmanager
def counted_reads(embedded: Embedded) -> Iterator[list[str]]:
    """Note each query while inside."""
    queries: list[str] = []
    database: Any = embedded.database
    kept = {name: getattr(database, name) for name in ("all", "one")}

    def counting(read: Callable[..., Any]) -> Callable[..., Any]:
        return lambda query, values=(): queries.append(query) or read(query, values)

    for name, read in kept.items():
        setattr(database, name, counting(read))
    yield queries
    for name in kept:
        delattr(database, name)


def main() -> None:
    """Fill a store, ask for each kind of page again and again, and print what it took."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    with tempfile.TemporaryDirectory() as folder:
        embedded = Embedded(Path(folder) / "bench.db", tells=False)
        embedded.database.execute("pragma synchronous = off")
        embedded.clock.turn(CALENDAR.applications_open)
        began = time.perf_counter()
        people = fill(embedded, size)
        OUT.print(f"{size:,} cases and {len(people):,} people filled in {time.perf_counter() - began:.0f} s")
        table = Table("page", "p50 ms", "p95 ms", "reads")
        for name, act in _acts(embedded, people).items():
            table.add_row(name, *_measured(embedded, act))
        OUT.print(table)
        embedded.close()


def _acts(embedded: Embedded, people: list[Person]) -> dict[str, Callable[[int], object]]:
    operator, scoped = browser_as(embedded), browser_as(embedded, university=UNIVERSITIES[7])
    index = embedded.staff_ports.index
    page = operator.get("/cases", base_url=URL).text
    token = page.partition('name="token" value="')[2].partition('"')[0]

    def listed(query: str, browser: FlaskClient = operator) -> Callable[[int], object]:
        return lambda _: _is_fine(browser.get(f"/cases?{query}", base_url=URL))

    def searched(text: Callable[[int], str]) -> Callable[[int], object]:
        return lambda number: _is_fine(
            operator.post("/cases", data={"token": token, "sought": text(number)}, base_url=URL)
        )

    late = name_of("case", 3).replace("a", "z")
    return {
        "list, all": listed(""),
        "list, behind a late cursor": listed(f"after=zzz{late[3:]}"),
        "list, one stage of one workflow": listed("at=application.waitlisted"),
        "list, four filters, few found": listed(
            f"at=application.waitlisted&cohort=cohort-7&university={UNIVERSITIES[7]}"
        ),
        "list, four filters, none found": listed(
            f"at=application.waitlisted&cohort=cohort-8&university={UNIVERSITIES[7]}&due=30"
        ),
        "list, due within 30 days": listed("due=30"),
        "list, at risk": listed("risk=1"),
        "list, within a university's grant": listed("", scoped),
        "search, e-mail": searched(lambda number: people[number * 31 % len(people)].email),
        "search, mobile number": searched(lambda number: people[number * 37 % len(people)].contact),
        "search, two letters of a name": searched(lambda number: people[number * 41 % len(people)].name[:2]),
        "search, name of nobody": searched(lambda _: "없는이"),
        "counts of a workflow": lambda _: index.counts(Crowd(workflow="application")),
        "counts of a workflow in a cohort": lambda _: index.counts(Crowd(workflow="application", cohort="cohort-3")),
    }


def _is_fine(answer: Any) -> None:
    if answer.status_code != 200:
        raise SystemExit(f"{answer.status_code}: {answer.text[:500]}")


def _measured(embedded: Embedded, act: Callable[[int], object]) -> tuple[str, str, str]:
    with counted_reads(embedded) as queries:
        act(0)
    seconds = []
    for number in range(REPEATS):
        began = time.perf_counter()
        act(number)
        seconds.append(time.perf_counter() - began)
    seconds.sort()
    return f"{median(seconds) * 1000:.1f}", f"{seconds[int(REPEATS * 0.95) - 1] * 1000:.1f}", str(len(queries))


if __name__ == "__main__":
    main()
