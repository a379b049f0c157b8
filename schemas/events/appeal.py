"""Events of an appeal."""

from pydantic import AwareDatetime

from schemas.cohort import Calendar
from schemas.events import Event
from schemas.ids import CaseId, PersonId
from schemas.roles import APPLICANT


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
