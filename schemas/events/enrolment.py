"""Events of an enrolment: what a learner does and what is found out about it."""

from operator import not_

from pydantic import Field

from schemas.cohort import Calendar, Terms
from schemas.events import Event
from schemas.ids import CaseId, PersonId
from schemas.roles import INSTRUCTOR, LEARNER, OPERATOR


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
