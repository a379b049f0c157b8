"""Facts that arrive at a case, in the past tense.  Names are stored: never rename one."""

from datetime import UTC, date, datetime
from operator import not_
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.cohort import Calendar, Terms
from schemas.data_request import Ground, KeptItem, Right
from schemas.facts import Fact
from schemas.forum import SEATS_MAX, Attends
from schemas.ids import CaseId, PersonId, TaskId
from schemas.interviews import SLOTS_MAX, Slot, SlotId
from schemas.ranking import Ranking
from schemas.record import Record
from schemas.reviewers import ReviewerPool
from schemas.roles import (
    APPLICANT,
    CAREER_STAFF,
    INSTRUCTOR,
    LEARNER,
    OPERATOR,
    PRIVACY_OFFICER,
    REVIEWER,
    UNIVERSITY,
    Role,
)
from schemas.selection import Admission, Criterion, Selection
from schemas.status import Evidence, Status

NEVER = datetime(1, 1, 1, tzinfo=UTC)

# What outsiders may name in an event is closed or narrow, so that nothing personal enters the stream by it.
ConsentItem = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}@[1-9][0-9]{0,3}$")]
CriterionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,30}$")]
DeclaredConflict = Literal["supervisor", "family", "same_lab", "business", "other"]
ConflictKind = Literal[
    "supervisor", "family", "same_lab", "business", "other", "declared_relation", "same_department", "same_employer"
]


class Event(Record):
    """A fact about one case.

    Attributes:
        at: When it entered the system; judges deadlines.
        brought_by: Who brought it, by the id of the actor; what it says of itself counts for nothing.
        arrives_at: What a stage that it opens counts from: `at`, or when it was heard if that is over 15 minutes later.
        by: Who brings it: roles, or nobody where only cases send it.
        offers_seat: Whether it hands out a seat, so that it must lead to a stage that ends by itself.
    """

    at: AwareDatetime = Field(default=NEVER, exclude=True, repr=False)
    arrives_at: AwareDatetime = Field(default=NEVER, exclude=True, repr=False)
    brought_by: str = Field(default="", exclude=True, repr=False)

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

    Attributes:
        approved_by: Who stands behind it beside whoever brought it: those who said yes before, where several had to,
            and those for whom somebody answered; set by the engine.
        undo_minutes: How long an answer that decides is held before it takes effect; it may be taken back until then.
        batch: The batch of answers it belongs to; empty for one of its own, which is then written without it.
    """

    task: TaskId
    answer: bool
    reason: str = ""
    undo_minutes: int = Field(default=0, ge=0, le=60, exclude_if=not_)
    approved_by: tuple[str, ...] = Field(default=(), exclude=True, repr=False)
    batch: str = Field(default="", exclude_if=not_)


class AnswerTakenBack(Event):
    """Somebody takes back an answer that has not taken effect yet."""

    task: TaskId


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
    selection: Selection = Selection()
    former: CaseId | None = None


class ReviewersNamed(Event, by=(OPERATOR,)):
    """The reviewers of the round were named; screening begins."""

    pool: Fact[ReviewerPool]


class ExtensionProposed(Event, by=(OPERATOR,)):
    """Somebody proposes to reopen applications, by a calendar with a later close."""

    calendar: Calendar


class SupplementProposed(Event, by=(OPERATOR,)):
    """Somebody proposes a supplementary round (추가모집) for the seats that nobody waits for.

    Attributes:
        order: `kept`: those on the waitlist keep their places in this round, and only seats that they do not need
            are handed over; `merged`: they are ranked anew together with the new applicants.
    """

    supplement: CaseId
    calendar: Calendar
    order: Literal["kept", "merged"]


class OfferLengthened(Event):
    """An application has more time to answer its offer."""

    application: CaseId
    answer_by: AwareDatetime


class SeatsMoved(Event):
    """The round before hands over seats that nobody there waits for.

    Attributes:
        groups: The groups of whoever gave the seat back; their share of the quotas comes with it.
    """

    seats: int = Field(ge=1)
    groups: dict[str, str] = Field(default_factory=dict)


class ListOutdated(Event):
    """An application came back into the round after an appeal: the list that was frozen lacks it."""

    application: CaseId


class ResultsContinued(Event):
    """More ranks are to be told their results; one entry cannot hold them all."""


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
    """Staff granted the next seat that is freed: an answer was given in time but heard late, or an appeal upheld.

    `returns` says how often the application gave something back before; such a return may still be on its way.
    """

    application: CaseId
    returns: int = 0
    university: str = ""
    track: str = ""
    region: str = ""


class SeatAdded(Event):
    """An appeal was upheld, and two people granted a seat over capacity."""

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
    track: str = ""
    region: str = ""
    admission: Admission = Admission()


class ScoreRecorded(Event, by=(OPERATOR,)):
    """One part of the total score of an application, 0 to 100: a test, an online pre-course, an interview."""

    score: float = Field(ge=0, le=100)
    component: str = Field(default="review", pattern=r"^[a-z_]{1,30}$")


class EnrolmentChecked(Event, by=(UNIVERSITY, OPERATOR)):
    """The university said whether the applicant is enrolled there."""

    is_enrolled: bool


class ConflictFound(Event, by=(OPERATOR,)):
    """Reviewers may not read the application, each for a reason: conflicts of interest, detected or declared."""

    conflicts: dict[str, ConflictKind]


class ReviewGiven(Event):
    """A reviewer has scored the application, 0 to 100.  `given` counts: a corrected review has a higher number."""

    reviewer: str
    score: float
    given: int


class OfferMade(Event, offers_seat=True):
    """The round offers a seat."""

    rank: int


class WaitlistPlaced(Event):
    """The round put the application on the ordered waitlist."""

    rank: int
    position: int


class NotSelected(Event):
    """The round has no seat and no waitlist place for the application.  `decided_by` made and approved the list."""

    rank: int
    decided_by: tuple[str, ...] = ()


class WaitlistClosed(Event):
    """No more seats are handed on in this round."""


class RoundMerged(Event):
    """The round hands those who wait to the supplementary round, to be ranked anew there."""

    round: CaseId
    calendar: Calendar


class OfferAccepted(Event, by=(APPLICANT,)):
    """The applicant takes the seat.

    Attributes:
        consents: Each consent on its own, by item and version: given or refused.
    """

    consents: dict[ConsentItem, bool] = Field(default_factory=dict)


class OfferExtended(Event, by=(OPERATOR,)):
    """The office prolongs an open offer, once and with a reason."""

    hours: int = Field(ge=1, le=168)
    reason: str = Field(min_length=1)


class SkipProposed(Event, by=(OPERATOR,)):
    """The office proposes to pass over somebody on the waitlist; a second person decides."""

    reason: str = Field(min_length=1)


class InterestDeferred(Event, by=(APPLICANT,)):
    """The applicant consents to be kept in mind for the next round."""

    consent: ConsentItem


class AppealUpheld(Event):
    """An appeal against a decision was upheld."""

    appeal: CaseId


class OfferDeclined(Event, by=(APPLICANT,)):
    """The applicant does not take the seat."""


class ApplicationWithdrew(Event, by=(APPLICANT,)):
    """The applicant leaves the round."""


class EnrolmentLeft(Event):
    """The enrolment of an accepted application ended early."""

    enrolment: CaseId
    why: str


# ---- interviews


class InterviewsPlanned(Event, by=(OPERATOR,)):
    """The times were set at which a round interviews."""

    round: CaseId
    cohort: str
    calendar: Calendar
    slots: tuple[Slot, ...] = Field(min_length=1, max_length=SLOTS_MAX)


class InterviewInvited(Event, by=(OPERATOR,)):
    """An eligible applicant is invited to choose a time."""

    interviews: CaseId
    choose_by: AwareDatetime


class InterviewChosen(Event, by=(APPLICANT,)):
    """The applicant chooses a time, or another one."""

    slot: SlotId


class SlotWanted(Event):
    """An application wants a slot.  `wish` counts what it has asked for, so that an old wish undoes no newer one."""

    application: CaseId
    slot: str
    wish: int


class SlotReturned(Event):
    """An application leaves the round and gives back its slot.  It is counted as a wish is."""

    application: CaseId
    wish: int


class SlotGiven(Event):
    """The application has the slot that it wanted."""

    slot: str
    interview_at: AwareDatetime
    minutes: int
    wish: int


class SlotFull(Event):
    """The slot that the application wanted cannot be had; what it has, it keeps."""

    wish: int


class InterviewMissed(Event, by=(OPERATOR,)):
    """The applicant did not come to the interview."""


class InterviewReopened(Event, by=(OPERATOR,)):
    """The office lets the applicant choose a time once more."""

    choose_by: AwareDatetime


# ---- review


class ReviewAssigned(Event, by=(OPERATOR,)):
    """A reviewer is asked to read an application."""

    application: CaseId
    round: CaseId
    cohort: str
    reviewer: str
    rubric: tuple[Criterion, ...]
    due_at: AwareDatetime
    calendar: Calendar


class NoConflictStated(Event, by=(REVIEWER,)):
    """The reviewer states to have no conflict of interest, before anything of the application is shown."""


class ConflictDeclared(Event, by=(REVIEWER,)):
    """The reviewer declares a conflict of interest."""

    why: DeclaredConflict


class ReviewDeclined(Event, by=(REVIEWER,)):
    """The reviewer cannot read the application."""


class ReviewSubmitted(Event, by=(REVIEWER,)):
    """The reviewer has given points for every criterion of the rubric."""

    points: dict[CriterionId, float]


class ReviewReopened(Event, by=(OPERATOR,)):
    """The office lets the reviewer correct a review; the old one stays in the history."""

    reason: str = Field(min_length=1)


# ---- appeal


class AppealFiled(Event, by=(APPLICANT,)):
    """A person appeals against a decision.  `reason` is a reference to the vault."""

    decision: CaseId
    person: PersonId
    round: CaseId
    cohort: str
    calendar: Calendar
    decided_at: AwareDatetime
    decided_by: tuple[str, ...]
    appeal_by: AwareDatetime
    reason: str


class AppealWithdrawn(Event, by=(APPLICANT,)):
    """The person takes the appeal back."""


# ---- enrolment


class EnrolmentOpened(Event, by=(OPERATOR,)):
    """A learner has a seat in the cohort."""

    person: PersonId
    application: CaseId | None
    cohort: str
    programme: str
    calendar: Calendar
    terms: Terms
    university: str = Field(default="", exclude_if=not_)


class OnboardingFinished(Event, by=(LEARNER, OPERATOR)):
    """All mandatory onboarding items are done."""


class AttendanceRecorded(Event, by=(INSTRUCTOR, OPERATOR)):
    """The learner's share of attended hours so far, 0 to 1."""

    share: float = Field(ge=0, le=1)


class AssessmentSubmitted(Event, by=(LEARNER, INSTRUCTOR, OPERATOR)):
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


class OutcomeReported(Event, by=(LEARNER, CAREER_STAFF, OPERATOR)):
    """What the learner does now.

    Attributes:
        evidence: How far it is proved, if that is said; what the learner says of this counts for nothing.
        reference: Where the evidence lies, as an opaque id.
    """

    status: Status
    evidence: Evidence | None = Field(default=None, exclude_if=not_)
    reference: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$", exclude_if=not_)


# ---- a person's own data


class DataRequested(Event, by=(APPLICANT, LEARNER, OPERATOR, PRIVACY_OFFICER)):
    """A person asks something about their own data.  `details` is a reference to the vault.

    Attributes:
        is_proven: Whether it came by the person's own signed link; only our own use case may say so.
        consent: The consent that is withdrawn, by the name of its item.
        received_at: When it came; for a letter on paper that is before it was typed in.
    """

    person: PersonId
    right: Right
    is_proven: bool
    consent: str = Field(default="", pattern=r"^([a-z][a-z_]{0,29})?$")
    details: str = ""
    received_at: AwareDatetime


class DataRequestPassed(Event):
    """The request was granted: it goes the way of its kind."""


class DataRequestLimited(Event, by=(PRIVACY_OFFICER,)):
    """A law forces to keep something in spite of the request."""

    kept: tuple[KeptItem, ...]
    ground: Ground
    kept_until: date | None = None


class DataRequestFulfilled(Event, by=(PRIVACY_OFFICER,)):
    """What was asked for has been done; of the data, this says nothing."""


class DataRequestBlocked(Event, by=(PRIVACY_OFFICER,)):
    """It cannot be done: the data are under a legal hold."""


class DataRequestTakenBack(Event, by=(APPLICANT, LEARNER)):
    """The person takes the request back."""


# ---- seminars and forums for companies


class ForumPlanned(Event, by=(OPERATOR,)):
    """A forum is planned, with its seats and dates."""

    programme: str
    name_ko: str = Field(min_length=1, max_length=200)
    name_en: str = Field(min_length=1, max_length=200)
    capacity: int = Field(ge=0, le=SEATS_MAX)
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    held_at: AwareDatetime


class ForumRegistered(Event, by=(APPLICANT,)):
    """Somebody of a company registers.  `answers` is a keyed digest of what is personal."""

    person: PersonId
    forum: CaseId
    programme: str
    name_ko: str
    name_en: str
    held_at: AwareDatetime
    attends: Attends
    answers: str


class ForumSeatWanted(Event):
    """A registration wants a seat."""

    registration: CaseId


class ForumSeatGiven(Event):
    """The registration has a seat."""


class ForumSeatQueued(Event):
    """All seats are taken; the registration is on the waitlist."""

    position: int


class ForumSeatReturned(Event):
    """A registration needs its seat, or its place on the waitlist, no more."""

    registration: CaseId


class ForumCancelled(Event, by=(APPLICANT,)):
    """The person does not come."""


class ForumAttended(Event, by=(OPERATOR,)):
    """The person came."""


EVENTS: dict[str, type[Event]] = {event.__name__: event for event in Event.__subclasses__()}
