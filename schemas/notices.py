"""What readers learn.  A notice is a fact told to a role; its letter is made by `deliver`."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from schemas.data_request import Ground, KeptItem, Right
from schemas.forum import Attends
from schemas.record import Record
from schemas.status import Status

PERSONAL = "personal"
Personal = Annotated[str, PERSONAL]
"""A field that may go to the person and to staff, never to partners."""

TYPED = "typed"
Typed = Annotated[str, TYPED]
"""A reference to what somebody typed; the letter tells the text, which lies in the vault as the letter does."""

Kind = Literal["receipt", "reminder", "result", "decision", "report"]


class NoticeBody(Record):
    """The fields of one notice.

    Attributes:
        kind: `receipt` and `reminder` leave by themselves; so does a `result`, which exists only after the list was
            approved and published, or after people decided with a reason and the time to appeal runs; a `decision` is
            held until released; a `report` goes to staff and partners.
    """

    kind: ClassVar[Kind] = "report"

    def __init_subclass__(cls, *, kind: Kind = "report") -> None:
        """Take the class keyword."""
        super().__init_subclass__()
        cls.kind = kind


# ---- to people


class ApplicationReceived(NoticeBody, kind="receipt"):
    """Your application is here."""

    applications_close: AwareDatetime
    results_at: AwareDatetime


class ApplicationEdited(NoticeBody, kind="receipt"):
    """Your change is here."""

    edits: int
    applications_close: AwareDatetime


class EditTooLate(NoticeBody, kind="receipt"):
    """Your change came after the close and does not count."""


class ApplicationLate(NoticeBody, kind="decision"):
    """Your application came after the close."""


class ApplicationIneligible(NoticeBody, kind="result"):
    """A human confirmed that a rule is not met; with the way to appeal."""

    reasons_ko: tuple[str, ...]
    reasons_en: tuple[str, ...]
    appeal_by: AwareDatetime


class SeatOffered(NoticeBody, kind="result"):
    """You have a seat if you accept in time."""

    answer_by: AwareDatetime


class OfferExpiring(NoticeBody, kind="reminder"):
    """Your offer ends soon."""

    answer_by: AwareDatetime


class OfferExpired(NoticeBody, kind="receipt"):
    """Your offer has ended."""


class AnswerTooLate(NoticeBody, kind="receipt"):
    """Your answer came after the offer had ended."""


class Waitlisted(NoticeBody, kind="result"):
    """You are on the ordered waitlist."""

    position: int
    promotion_ends: AwareDatetime


class ClaimRefused(NoticeBody, kind="decision"):
    """Your answer could not win back the seat; with the way to appeal."""


class DeclineReceived(NoticeBody, kind="receipt"):
    """You do not take the seat."""


class NoSeat(NoticeBody, kind="result"):
    """You were not selected; with the way to appeal."""

    appeal_by: AwareDatetime


class ConsentMissing(NoticeBody, kind="receipt"):
    """You cannot take the seat without the consents that it needs."""

    answer_by: AwareDatetime


class NoOpenOffer(NoticeBody, kind="receipt"):
    """You accepted, but there is no offer to accept."""


class OfferProlonged(NoticeBody, kind="receipt"):
    """You have more time to answer."""

    answer_by: AwareDatetime


class WaitlistSkipped(NoticeBody, kind="result"):
    """You were passed over on the waitlist; with the way to appeal."""

    appeal_by: AwareDatetime


class DeferralReceived(NoticeBody, kind="receipt"):
    """You are kept in mind for the next round."""


class WaitlistMoved(NoticeBody, kind="receipt"):
    """You are ranked anew, together with the applicants of the supplementary round."""

    results_at: AwareDatetime


class ApplicationRestored(NoticeBody, kind="receipt"):
    """Your appeal was upheld: your application goes on."""


class InterviewInvitation(NoticeBody, kind="receipt"):
    """You are invited to an interview; please choose a time."""

    choose_by: AwareDatetime


class InterviewBooked(NoticeBody, kind="receipt"):
    """Your interview is at this time."""

    interview_at: AwareDatetime
    interview_minutes: int


class InterviewSlotFull(NoticeBody, kind="receipt"):
    """The time you chose cannot be had; please choose another."""

    choose_by: AwareDatetime


class InterviewNotChanged(NoticeBody, kind="receipt"):
    """Your choice of a time does not count; what was confirmed before stands."""


class InterviewDue(NoticeBody, kind="reminder"):
    """Your interview is soon."""

    interview_at: AwareDatetime
    interview_minutes: int


class InterviewAbsence(NoticeBody, kind="receipt"):
    """You did not come to your interview."""


class InterviewChoiceReopened(NoticeBody, kind="receipt"):
    """You may choose a time once more."""

    choose_by: AwareDatetime


class AppealReceived(NoticeBody, kind="receipt"):
    """Your appeal is here."""


class AppealTooLate(NoticeBody, kind="receipt"):
    """Your appeal came after its time."""


class AppealInadmissible(NoticeBody, kind="decision"):
    """A human found that this cannot be appealed against."""


class AppealDismissed(NoticeBody, kind="decision"):
    """A human looked at your appeal, and the decision stands."""


class AppealAccepted(NoticeBody, kind="decision"):
    """A human looked at your appeal, and upheld it."""


class AppealTakenBack(NoticeBody, kind="receipt"):
    """You have taken your appeal back."""


class WaitlistEnded(NoticeBody, kind="result"):
    """No more seats are handed on."""


class AcceptanceReceived(NoticeBody, kind="receipt"):
    """Your seat is yours."""


class WithdrawalReceived(NoticeBody, kind="receipt"):
    """You have left the round."""


class OnboardingStarted(NoticeBody, kind="receipt"):
    """What to do before the first day."""

    programme_starts: AwareDatetime


class OnboardingDue(NoticeBody, kind="reminder"):
    """Onboarding is not finished."""

    programme_starts: AwareDatetime


class PhaseStarted(NoticeBody, kind="receipt"):
    """A phase of the programme begins for you."""

    phase: str


class GateFailed(NoticeBody, kind="decision"):
    """The programme ends for you at a gate; with the way to appeal."""

    failed_gate: str


class NoShowConfirmed(NoticeBody, kind="decision"):
    """A human found that you did not show up; with the way to appeal."""


class AttendanceLow(NoticeBody, kind="reminder"):
    """Your attendance is below the cohort's minimum."""

    attendance: float


class ProgrammeCompleted(NoticeBody, kind="decision"):
    """You have completed."""


class ProgrammeLeft(NoticeBody, kind="receipt"):
    """You have left the programme, as you told us."""


class OutcomeAsked(NoticeBody, kind="reminder"):
    """Tell us what you do now."""


class OutcomeReceived(NoticeBody, kind="receipt"):
    """Thank you for telling us."""


class DataRequestReceived(NoticeBody, kind="receipt"):
    """Your request about your own data is here."""

    right: Right
    answer_by: AwareDatetime


class DataRequestDelayed(NoticeBody, kind="reminder"):
    """Your request is not answered within its ten days."""

    right: Right


class DataRequestDone(NoticeBody, kind="receipt"):
    """What you asked for is done."""

    right: Right


class DataRequestRefused(NoticeBody, kind="receipt"):
    """Your request is refused; why, and how to appeal."""

    right: Right
    reason: Typed


class DataRequestTakenBackReceived(NoticeBody, kind="receipt"):
    """You took your request back."""

    right: Right


class ErasureComing(NoticeBody, kind="receipt"):
    """Your data will be erased in a day; what has to be kept, why, and how to appeal against that."""

    kept: tuple[KeptItem, ...]
    ground: Ground
    kept_until: date | None


class ForumConfirmed(NoticeBody, kind="receipt"):
    """You have a place at the forum."""

    name_ko: str
    name_en: str
    held_at: AwareDatetime
    attends: Attends


class ForumWaitlisted(NoticeBody, kind="receipt"):
    """All seats are taken; you are on the waitlist."""

    name_ko: str
    name_en: str
    held_at: AwareDatetime
    position: int


class ForumReminder(NoticeBody, kind="reminder"):
    """The forum is tomorrow."""

    name_ko: str
    name_en: str
    held_at: AwareDatetime
    attends: Attends


class ForumFull(NoticeBody, kind="receipt"):
    """No seat came free."""

    name_ko: str
    name_en: str


class ForumCancellationReceived(NoticeBody, kind="receipt"):
    """You do not come to the forum."""

    name_ko: str
    name_en: str


# ---- to staff


class QuestionOverdue(NoticeBody):
    """A question is unanswered past its due date."""

    question: str


class EventGivenUp(NoticeBody):
    """An event that came early was never answered by any stage."""

    event: str


class EditHeardLate(NoticeBody):
    """A form was sent before the close, but heard after it was settled; please look at it."""


class ResultsOverdue(NoticeBody):
    """An application waits for the results longer than planned."""


class RankingDue(NoticeBody):
    """The round is closed; the applications wait to be ranked."""


class RankingOutdated(NoticeBody):
    """An application came back into the round; it has to be ranked."""


class SeatsUnfilled(NoticeBody):
    """Seats are free and nobody who waits can take one: a supplementary round may be proposed."""

    free: int


class AnswerHeardLate(NoticeBody):
    """Somebody accepted in time, but was heard after the offer had long lapsed; please look at it."""


class AppealHeardLate(NoticeBody):
    """An appeal was upheld after the seats were settled; please look at it."""


class ThirdReaderNeeded(NoticeBody):
    """Two reviews of an application lie far apart."""


class ReviewerNeeded(NoticeBody):
    """A review will not be given; another reviewer has to be assigned."""


class InterviewNotBooked(NoticeBody):
    """The time to choose is over, and an applicant who was invited has no interview."""


class ReviewAsked(NoticeBody):
    """Somebody is asked to read an application."""

    due_at: AwareDatetime


class ReviewDue(NoticeBody):
    """A review is due soon."""

    due_at: AwareDatetime


class OfferUnanswered(NoticeBody):
    """An offer is past its due date and its application has not answered for it."""


class LearnerAtRisk(NoticeBody):
    """A learner's attendance is below the cohort's minimum."""

    attendance: float


class OutcomeSilent(NoticeBody):
    """A learner has not answered about the outcome; please call."""


class DataRequestFiled(NoticeBody):
    """A person asks something about their own data."""

    right: Right
    answer_by: AwareDatetime


class DataRequestDue(NoticeBody):
    """A request about personal data has to be answered within three days."""

    right: Right
    answer_by: AwareDatetime


class DataRequestOverdue(NoticeBody):
    """A request about personal data was not answered within its ten days."""

    right: Right
    answer_by: AwareDatetime


class DataRequestGranted(NoticeBody):
    """A request about personal data is granted; whoever hears this carries it out."""

    right: Right


class DataRequestStuck(NoticeBody):
    """What was granted has not been carried out for a day."""

    right: Right


class ConsentEnded(NoticeBody):
    """A person has withdrawn a consent; partners who were sent fields by it are told by `ConsentWithdrawn`."""

    consent: str


# ---- to partners


class ProcessingSuspended(NoticeBody):
    """A person's data may not be processed any more."""


class DataCorrected(NoticeBody):
    """A person's data were corrected; whoever has the old ones asks for the new."""


class DataErased(NoticeBody):
    """A person's data were erased; whoever has a copy erases it."""


class RoundOpened(NoticeBody):
    """Applications are open."""

    cohort: str


class ResultsPublished(NoticeBody):
    """The results of a round are out."""

    cohort: str
    offered: int


class RoundFilled(NoticeBody):
    """The round is over."""

    cohort: str


class LearnerEnrolled(NoticeBody):
    """A learner has a seat."""

    cohort: str


class PhaseCompleted(NoticeBody):
    """A learner passed the gate of a phase."""

    cohort: str
    phase_completed: str


class LearnerCompleted(NoticeBody):
    """A learner completed the programme."""

    cohort: str


class LearnerLeft(NoticeBody):
    """A learner left before completion."""

    cohort: str


class OutcomeKnown(NoticeBody):
    """What became of a learner after 12 months."""

    cohort: str
    status: Status


NOTICES: dict[str, type[NoticeBody]] = {notice.__name__: notice for notice in NoticeBody.__subclasses__()}


def personal_fields(notice: type[NoticeBody]) -> tuple[str, ...]:
    """The names of the notice's personal fields."""
    return tuple(name for name, field in notice.model_fields.items() if PERSONAL in field.metadata)


def typed_fields(notice: type[NoticeBody]) -> tuple[str, ...]:
    """The names of the notice's fields that refer to what somebody typed."""
    return tuple(name for name, field in notice.model_fields.items() if TYPED in field.metadata)
