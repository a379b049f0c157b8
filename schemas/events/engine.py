"""What every workflow answers: the engine's own events."""

from operator import not_

from pydantic import AwareDatetime, Field

from schemas.cohort import Calendar
from schemas.events import Event
from schemas.ids import TaskId
from schemas.roles import OPERATOR


class TimerRang(Event):
    """A timer of the case has rung."""

    key: str
    visit: int
    due: AwareDatetime
    armed: int


class QuestionAnswered(Event):
    """Somebody answered an open question of the case.

    `reason` is a reference to the vault: free text typed by people is personal.

    Attributes:
        approved_by: Who stands behind it beside whoever brought it: those who said yes before, where several had to,
            and those for whom somebody answered; set by the engine.
        undo_minutes: How long an answer that decides is held before it takes effect; it may be taken back until then.
        batch: The batch of answers it belongs to; empty for one of its own, which is then written without it.
    """

    task: TaskId
    answer: bool
    reason: str = ""
    undo_minutes: int = Field(default=0, ge=0, le=60, exclude_if=not_)
    approved_by: tuple[str, ...] = Field(default=(), exclude=True, repr=False)
    batch: str = Field(default="", exclude_if=not_)


class AnswerTakenBack(Event):
    """Somebody takes back an answer that has not taken effect yet."""

    task: TaskId


class CalendarMoved(Event, by=(OPERATOR,)):
    """A date of the cohort moved; lower versions than the case has are ignored."""

    calendar: Calendar
