"""One person's application to one round."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, Field

from schemas.cohort import Dated, Terms
from schemas.events import NEVER
from schemas.ids import CaseId, PersonId
from schemas.interviews import Interview
from schemas.selection import Admission


class Stage(StrEnum):
    """Where an application stands."""

    SUBMITTED = "submitted"
    LATE = "late"
    TOO_LATE = "too_late"
    INELIGIBLE_PROPOSED = "ineligible_proposed"
    INELIGIBLE_APPEALABLE = "ineligible_appealable"
    INELIGIBLE = "ineligible"
    ELIGIBLE = "eligible"
    WAITLISTED = "waitlisted"
    WAITLIST_CHECK = "waitlist_check"
    SKIP_PROPOSED = "skip_proposed"
    SKIPPED = "skipped"
    NOT_SELECTED_APPEALABLE = "not_selected_appealable"
    NOT_SELECTED = "not_selected"
    DEFERRED = "deferred"
    REINSTATED = "reinstated"
    SEAT_GRANTED = "seat_granted"
    AWAITING_SEAT = "awaiting_seat"
    OFFERED = "offered"
    LAPSED = "lapsed"
    CLAIM_PROPOSED = "claim_proposed"
    CLAIMING = "claiming"
    ACCEPTED = "accepted"
    ENROLLED = "enrolled"
    DECLINED = "declined"
    EXPIRED = "expired"
    CLAIM_REFUSED = "claim_refused"
    VACATED = "vacated"
    WITHDRAWN = "withdrawn"


class Application(Dated):
    """The facts of an application.  The personal ones lie in the vault under `person`.

    Attributes:
        track: The track applied for, where the programme has several.
        region: The region applied from, where quotas look at it.
        admission: What the round says of how it selects.
        submitted_at: When the form that counts was sent.
        edits: How often the form was sent again before the close.
        failed_rules: The rules of eligibility that a human confirmed, or is asked to confirm, as not met.
        was_checked: Whether the university's word made it ineligible after it was eligible.
        conflicts: Reviewers who may not read it, each with the reason.
        reviews: The scores of the reviews, by reviewer.
        scores: The other parts of the total score, such as a test.
        interview: The interview, once it is invited to one.
        consents: What the person agreed to with the acceptance, and what not, each on its own.
        review_numbers: By reviewer: how often the review was given, so that an old one never replaces a newer.
        proposed_by: Who proposed to skip it; somebody else decides.
        decided_at: When the decision was made that can be appealed against.
        decided_by: The members of staff who made it; none of them judges an appeal.
        checked_by: Who brought the word of the university.
        confirmed: What the university said of the enrolment; it counts whatever the form says later.
        was_extended: Whether the offer was prolonged once.
        why: Why the seat, offer or waitlist place was given back.
        returns: How often one was.
    """

    application: CaseId
    person: PersonId
    round: CaseId
    cohort: str
    programme: str
    terms: Terms
    university: str
    track: str = ""
    region: str = ""
    is_enrolled: bool
    can_attend: bool
    answers: str
    admission: Admission = Admission()
    submitted_at: AwareDatetime = NEVER
    edits: int = 0
    failed_rules: tuple[str, ...] = ()
    was_checked: bool = False
    conflicts: dict[str, str] = Field(default_factory=dict)
    reviews: dict[str, float] = Field(default_factory=dict)
    review_numbers: dict[str, int] = Field(default_factory=dict)
    scores: dict[str, float] = Field(default_factory=dict)
    interview: Interview | None = None
    rank: int | None = None
    position: int | None = None
    offered_at: AwareDatetime | None = None
    answer_by: AwareDatetime | None = None
    was_extended: bool = False
    consents: dict[str, bool] = Field(default_factory=dict)
    proposed_by: str = ""
    decided_at: AwareDatetime | None = None
    decided_by: tuple[str, ...] = ()
    checked_by: str = ""
    confirmed: bool | None = None
    why: str = ""
    returns: int = 0

    @property
    def reasons_ko(self) -> tuple[str, ...]:
        """Why it is not eligible, in Korean."""
        return tuple(rule.reason_ko for rule in self.admission.rules if rule.id in self.failed_rules)

    @property
    def reasons_en(self) -> tuple[str, ...]:
        """Why it is not eligible, in English."""
        return tuple(rule.reason_en for rule in self.admission.rules if rule.id in self.failed_rules)

    @property
    def appeal_by(self) -> datetime:
        """Until when the decision can be appealed against; that very instant is in time."""
        return (self.decided_at or self.submitted_at) + timedelta(days=self.admission.appeal_days)

    @property
    def choose_by(self) -> datetime | None:
        """Until when a time for the interview can be chosen."""
        return None if self.interview is None else self.interview.choose_by

    @property
    def interview_at(self) -> datetime | None:
        """When the interview is."""
        return None if self.interview is None else self.interview.at

    @property
    def interview_minutes(self) -> int:
        """How long the interview takes."""
        return 0 if self.interview is None else self.interview.minutes
