"""What an application tells: the applicant first, then staff and partners."""

from pydantic import AwareDatetime

from schemas.notices import NoticeBody


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


class WaitlistEnded(NoticeBody, kind="result"):
    """No more seats are handed on."""


class AcceptanceReceived(NoticeBody, kind="receipt"):
    """Your seat is yours."""


class WithdrawalReceived(NoticeBody, kind="receipt"):
    """You have left the round."""


class EditHeardLate(NoticeBody):
    """A form was sent before the close, but heard after it was settled; please look at it."""


class ResultsOverdue(NoticeBody):
    """An application waits for the results longer than planned."""


class RankingOutdated(NoticeBody):
    """An application came back into the round; it has to be ranked."""


class AnswerHeardLate(NoticeBody):
    """Somebody accepted in time, but was heard after the offer had long lapsed; please look at it."""


class AppealHeardLate(NoticeBody):
    """An appeal was upheld after the seats were settled; please look at it."""


class ThirdReaderNeeded(NoticeBody):
    """Two reviews of an application lie far apart."""


class InterviewNotBooked(NoticeBody):
    """The time to choose is over, and an applicant who was invited has no interview."""


class LearnerEnrolled(NoticeBody):
    """A learner has a seat."""

    cohort: str
