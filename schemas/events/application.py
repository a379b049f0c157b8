"""Events of an application: from the form to a seat and back."""

from pydantic import Field

from schemas.cohort import Calendar, Terms
from schemas.events import ConflictKind, ConsentItem, Event
from schemas.ids import CaseId, PersonId
from schemas.roles import APPLICANT, OPERATOR, UNIVERSITY
from schemas.selection import Admission


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
