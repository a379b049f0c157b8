"""One person's application to one round."""

from enum import StrEnum

from pydantic import AwareDatetime

from schemas.cohort import Dated, Terms
from schemas.events import NEVER
from schemas.ids import CaseId, PersonId


class Stage(StrEnum):
    """Where an application stands."""

    SUBMITTED = "submitted"
    LATE = "late"
    INELIGIBLE_PROPOSED = "ineligible_proposed"
    INELIGIBLE = "ineligible"
    ELIGIBLE = "eligible"
    WAITLISTED = "waitlisted"
    NOT_SELECTED = "not_selected"
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
        submitted_at: When the form that counts was sent.
        edits: How often the form was sent again before the close.
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
    is_enrolled: bool
    can_attend: bool
    answers: str
    submitted_at: AwareDatetime = NEVER
    edits: int = 0
    failed_rules: tuple[str, ...] = ()
    score: float | None = None
    rank: int | None = None
    position: int | None = None
    answer_by: AwareDatetime | None = None
    why: str = ""
    returns: int = 0
