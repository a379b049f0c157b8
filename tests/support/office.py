"""The people around an embedded Sadari.  Time passes only when told."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from functions.embedded import Embedded
from schemas.cohort import Calendar, Terms
from schemas.events import Event
from schemas.events.application import ApplicationWithdrew, OfferAccepted, ScoreRecorded
from schemas.events.round import RoundPlanned
from schemas.forms import ApplicationForm
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.letters import Letter
from schemas.messages import SYSTEM, Actor, Case, Entry, Message
from schemas.selection import Selection
from tests.support.cohort import CALENDAR, DAY, HOUR, TERMS
from tests.support.life import staff
from workflows.runtime.answer import answer
from workflows.runtime.intake import Origin, submit_application
from workflows.runtime.ports import Ports
from workflows.runtime.rank import rank
from workflows.runtime.sweep import sweep

KEY = b"names the persons of the tests, and nobody else"
ROUND = CaseId("round-1")
OPERATOR = staff("operator", "kim")


def a_form(number: int, **changed: Any) -> ApplicationForm:
    """Give the form of one applicant."""
    given: dict[str, Any] = {
        "name": f"김지원{number}",
        "email": f"applicant{number}@example.org",
        "phone": f"+82107777{number:04}",
        "university": "전남대학교",
        "department": "컴퓨터정보통신공학과",
        "student_number": f"20{number:04}",
        "is_enrolled": True,
        "can_attend": True,
        "consent_privacy": True,
        **changed,
    }
    return ApplicationForm(**given)


class Office:
    """Everybody who does something: applicants, staff, and the clock."""

    def __init__(
        self,
        embedded: Embedded,
        *,
        calendar: Calendar = CALENDAR,
        terms: Terms = TERMS,
        selection: Selection = Selection(),  # noqa: B008  it is frozen
    ) -> None:
        self.embedded = embedded
        self.ports: Ports = embedded.ports
        self.worker = embedded.worker
        self.calendar = calendar
        self.terms = terms
        self.selection = selection

    # ---- time

    @property
    def now(self) -> datetime:
        """What time it is."""
        return self.ports.clock.now()

    def settle(self) -> None:
        """Let whatever waits be delivered."""
        self.worker.drain()

    def until(self, to: datetime) -> None:
        """Let time pass, and every timer ring when it should."""
        while (rings_at := self.next_ring()) is not None and rings_at <= to:
            self.embedded.clock.turn(max(rings_at, self.now))
            self.worker.ring_all()
            self.settle()
            sweep(self.ports)
            self.settle()
        self.embedded.clock.turn(to)
        self.settle()

    def next_ring(self) -> datetime | None:
        """When the next timer of any case rings."""
        rings = [timer.rings_at for case in self.ports.cases.find() for timer in case.timers.values()]
        return min(rings, default=None)

    # ---- what is there

    def case(self, case_id: CaseId) -> Case:
        """The case as it stands."""
        seen = self.ports.cases.get(case_id)
        assert seen is not None
        return seen.case

    def stage(self, case_id: CaseId) -> str:
        """Where a case stands."""
        return self.case(case_id).stage

    def entries(self, case_id: CaseId) -> list[Entry]:
        """Its history."""
        return [Entry.model_validate_json(text) for text, _ in self.ports.cases.history(case_id)]

    def letters(self, case_id: CaseId) -> list[Letter]:
        """The letters to the person of a case, oldest first."""
        return list(self.ports.letters.find(person_id=PersonId(self.case(case_id).person)))

    def notices(self) -> dict[str, int]:
        """How many notices of each type were delivered."""
        return dict(self.ports.notice_log.count())

    # ---- what is done

    def message(self, case_id: CaseId, event: Event, *, by: Actor = SYSTEM, name: str = "") -> Message:
        """Give the message of an event that enters the system now."""
        return Message(
            id=MessageId(name_of("office", name or f"{case_id} {type(event).__name__} {self.now.isoformat()}")),
            case=case_id,
            type=type(event).__name__,
            data=event.model_dump(mode="json"),
            at=self.now,
            actor=by,
        )

    def tell(self, case_id: CaseId, event: Event, *, by: Actor = SYSTEM, name: str = "") -> Message:
        """Send an event, and let it and all that follows be delivered."""
        message = self.message(case_id, event, by=by, name=name)
        self.ports.publisher.publish([message], [])
        self.settle()
        return message

    def plan(self) -> None:
        """Set up the round, and open it."""
        event = RoundPlanned(
            cohort="2027",
            programme="ai-academy",
            calendar=self.calendar,
            terms=self.terms,
            selection=self.selection,
        )
        self.tell(ROUND, event, by=OPERATOR)
        self.until(self.calendar.applications_open + DAY)

    def hand_in(self, number: int, **changed: Any) -> CaseId:
        """Hand in an application form, and give its case."""
        origin = Origin("form", f"{number} {sorted(changed.items())} {self.now.isoformat()}", self.now)
        receipt = submit_application(a_form(number, **changed), ROUND, origin, key=KEY, ports=self.ports)
        self.settle()
        return receipt.case

    def answer(self, case_id: CaseId, *, yes: bool, by: Actor = OPERATOR, reason: str = "vault-reason") -> None:
        """Answer the open question of a case, with a reason that lies in the vault."""
        (task,) = self.case(case_id).tasks
        answer(task.id, by, self.ports, yes=yes, reason=reason)
        self.settle()

    def score(self, cases: list[CaseId]) -> None:
        """Score applications, the first one best."""
        for place, case_id in enumerate(cases):
            self.tell(case_id, ScoreRecorded(score=90 - place), by=OPERATOR)

    def approve(self) -> None:
        """Let everybody approve the ranking."""
        for role in ("operator", "university", "city"):
            self.answer(ROUND, yes=True, by=staff(role))

    def recruit(self, count: int) -> list[CaseId]:
        """Take in, score and rank so many applicants, and publish the results; the first one ranks first."""
        self.plan()
        cases = [self.hand_in(number) for number in range(1, count + 1)]
        self.until(self.calendar.applications_close + HOUR)
        self.score(cases)
        rank(ROUND, OPERATOR, self.ports)
        self.settle()
        self.approve()
        self.until(self.calendar.results_at + HOUR)
        return cases

    def accept(self, case_id: CaseId) -> None:
        """Accept an offer."""
        self.tell(case_id, OfferAccepted(), by=applicant(self.case(case_id)))

    def withdraw(self, case_id: CaseId) -> None:
        """Withdraw an application."""
        self.tell(case_id, ApplicationWithdrew(), by=applicant(self.case(case_id)))

    def enrolment_of(self, case_id: CaseId) -> CaseId:
        """The enrolment that an acceptance opens."""
        return CaseId(name_of("enrolment", case_id))


def applicant(case: Case) -> Actor:
    """The person of a case."""
    return Actor(kind="person", id=case.person, role="applicant")


def stages(office: Office, cases: list[CaseId]) -> list[str]:
    """Where several cases stand."""
    return [office.stage(case_id) for case_id in cases]


def applied(entries: list[Entry]) -> Iterator[str]:
    """The types of the messages that were applied."""
    return (entry.message.type for entry in entries if entry.verdict == "applied")
