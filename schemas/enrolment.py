"""One learner's way through one cohort."""

from enum import StrEnum
from operator import not_

from pydantic import AwareDatetime, Field

from schemas.cohort import Dated, Terms
from schemas.events import NEVER
from schemas.ids import CaseId, PersonId


class Stage(StrEnum):
    """Where an enrolment stands."""

    ONBOARDING = "onboarding"
    READY = "ready"
    NO_SHOW_PROPOSED = "no_show_proposed"
    NO_SHOW = "no_show"
    ONLINE = "online"
    ONLINE_GATE = "online_gate"
    OFFLINE = "offline"
    OFFLINE_GATE = "offline_gate"
    PITCHING = "pitching"
    PITCH_MISSED = "pitch_missed"
    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"
    WITHDRAWN = "withdrawn"


class Enrolment(Dated):
    """The facts of an enrolment.

    Attributes:
        application: The application that led here, if it ran in Sadari.
        university: The university of that application.
        opened_at: When the learner got the seat.
        phase: The phase that was entered last.
        phase_completed: The phase whose gate was passed last.
        submissions: How often an assessment was handed in.
        assessments: Which ones, each once.
        submitted_at: When the last one was handed in.
        attendance: The latest recorded share of attended hours.
        attendance_at: When it was recorded; None if it never was.
        failed_gate: The gate at which the programme ended, if one did.
        why: Why the learner left, if they did.
    """

    enrolment: CaseId
    person: PersonId
    application: CaseId | None
    cohort: str
    programme: str
    terms: Terms
    university: str = Field(default="", exclude_if=not_)
    opened_at: AwareDatetime = NEVER
    phase: str = ""
    phase_completed: str = ""
    submissions: int = 0
    assessments: tuple[str, ...] = ()
    submitted_at: AwareDatetime | None = None
    attendance: float = 1.0
    attendance_at: AwareDatetime | None = None
    has_pitched: bool = False
    failed_gate: str = ""
    why: str = ""
