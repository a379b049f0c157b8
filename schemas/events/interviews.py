"""Events of interviews: slots and who has which."""

from pydantic import AwareDatetime, Field

from schemas.cohort import Calendar
from schemas.events import Event
from schemas.ids import CaseId
from schemas.interviews import SLOTS_MAX, Slot, SlotId
from schemas.roles import APPLICANT, OPERATOR


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
