"""Facts that arrive at a case, in the past tense.  Names are stored: never rename one."""

from datetime import UTC, datetime
from typing import ClassVar

from pydantic import AwareDatetime, Field

from schemas.cohort import Calendar, Terms
from schemas.facts import Fact
from schemas.ids import CaseId, PersonId, TaskId
from schemas.ranking import Ranking
from schemas.record import Record
from schemas.roles import APPLICANT, CAREER_STAFF, INSTRUCTOR, LEARNER, OPERATOR, Role
from schemas.status import Status

NEVER = datetime(1, 1, 1, tzinfo=UTC)


class Event(Record):
    """A fact about one case.

    Attributes:
        at: When it entered the system; judges deadlines.
        arrives_at: What a stage that it opens counts from: `at`, or when it was heard if that is over 15 minutes later.
        by: Who brings it: roles, or nobody where only cases send it.
        offers_seat: Whether it hands out a seat, so that it must lead to a stage that ends by itself.
    """

    at: AwareDatetime = Field(default=NEVER, exclude=True, repr=False)
    arrives_at: AwareDatetime = Field(default=NEVER, exclude=True, repr=False)

    by: ClassVar[tuple[Role, ...]] = ()
    offers_seat: ClassVar[bool] = False

    def __init_subclass__(cls, *, by: tuple[Role, ...] = (), offers_seat: bool = False) -> None:
        """Take the class keywords."""
        super().__init_subclass__()
        cls.by = by
        cls.offers_seat = offers_seat


# ---- the engine's own


class TimerRang(Event):
    """A timer of the case has rung."""

    key: str
    visit: int
    due: AwareDatetime
    armed: int


class QuestionAnswered(Event):
    """Somebody answered an open question of the case.

    `reason` is a reference to the vault: free text typed by people is personal.
    """

    task: TaskId
    answer: bool
    reason: str = ""


class CalendarMoved(Event, by=(OPERATOR,)):
    """A date of the cohort moved; lower versions than the case has are ignored."""

    calendar: Calendar


# ---- round


class RoundPlanned(Event, by=(OPERATOR,)):
    """A recruitment round was set up."""

    cohort: str
    programme: str
    calendar: Calendar
    terms: Terms


class RankingFrozen(Event, by=(OPERATOR,)):
    """The applications were ranked: inputs, rule and result are frozen in one document."""

    ranking: Fact[Ranking]


class SeatTaken(Event):
    """An application accepted its offer."""

    application: CaseId


class SeatReturned(Event):
    """An application gives back what it holds: an offer, a seat, or its place on the waitlist.

    `returns` counts them, this one too: messages come in any order, and an old return takes no new seat away.
    """

    application: CaseId
    why: str
    returns: int = 0


class SeatClaimed(Event):
    """An answer was given in time but heard late; staff granted the next seat that is freed.

    `returns` says how often the application gave something back before; such a return may still be on its way.
    """

    application: CaseId
    returns: int = 0


# ---- application


class ApplicationSubmitted(Event, by=(APPLICANT,)):
    """A person sent the form, for the first time or again."""

    person: PersonId
    round: CaseId
    cohort: str
    programme: str
    calendar: Calendar
    terms: Terms
    university: str
    is_enrolled: bool
    can_attend: bool
    answers: str = Field(description="keyed digest of the personal answers, so that an edit is visible")


class ScoreRecorded(Event, by=(OPERATOR,)):
    """Reviewers' score of an application, 0 to 100."""

    score: float = Field(ge=0, le=100)


class OfferMade(Event, offers_seat=True):
    """The round offers a seat."""

    rank: int


class WaitlistPlaced(Event):
    """The round put the application on the ordered waitlist."""

    rank: int
    position: int


class NotSelected(Event):
    """The round has no seat and no waitlist place for the application."""

    rank: int


class WaitlistClosed(Event):
    """No more seats are handed on in this round."""


class OfferAccepted(Event, by=(APPLICANT,)):
    """The applicant takes the seat."""


class OfferDeclined(Event, by=(APPLICANT,)):
    """The applicant does not take the seat."""


class ApplicationWithdrew(Event, by=(APPLICANT,)):
    """The applicant leaves the round."""


class EnrolmentLeft(Event):
    """The enrolment of an accepted application ended early."""

    enrolment: CaseId
    why: str


# ---- enrolment


class EnrolmentOpened(Event, by=(OPERATOR,)):
    """A learner has a seat in the cohort."""

    person: PersonId
    application: CaseId | None
    cohort: str
    programme: str
    calendar: Calendar
    terms: Terms


class OnboardingFinished(Event, by=(LEARNER, OPERATOR)):
    """All mandatory onboarding items are done."""


class AttendanceRecorded(Event, by=(INSTRUCTOR,)):
    """The learner's share of attended hours so far, 0 to 1."""

    share: float = Field(ge=0, le=1)


class AssessmentSubmitted(Event, by=(LEARNER,)):
    """The learner handed in an assessment."""

    assessment: str


class Pitched(Event, by=(INSTRUCTOR,)):
    """The learner pitched."""


class LearnerWithdrew(Event, by=(LEARNER, OPERATOR)):
    """The learner leaves the programme."""


# ---- outcome


class OutcomeOpened(Event):
    """A learner completed and is supported from now on."""

    person: PersonId
    enrolment: CaseId
    cohort: str
    programme: str
    calendar: Calendar


class OutcomeReported(Event, by=(LEARNER, CAREER_STAFF)):
    """What the learner does now."""

    status: Status


EVENTS: dict[str, type[Event]] = {event.__name__: event for event in Event.__subclasses__()}
