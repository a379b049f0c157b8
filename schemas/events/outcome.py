"""Events of an outcome: what became of a learner afterwards."""

from operator import not_

from pydantic import Field

from schemas.cohort import Calendar
from schemas.events import Event
from schemas.ids import CaseId, PersonId
from schemas.roles import CAREER_STAFF, LEARNER, OPERATOR
from schemas.status import Evidence, Status


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
