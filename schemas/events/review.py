"""Events of a review."""

from pydantic import AwareDatetime, Field

from schemas.cohort import Calendar
from schemas.events import CriterionId, DeclaredConflict, Event
from schemas.ids import CaseId
from schemas.roles import OPERATOR, REVIEWER
from schemas.selection import Criterion


class ReviewAssigned(Event, by=(OPERATOR,)):
    """A reviewer is asked to read an application."""

    application: CaseId
    round: CaseId
    cohort: str
    reviewer: str
    rubric: tuple[Criterion, ...]
    due_at: AwareDatetime
    calendar: Calendar


class NoConflictStated(Event, by=(REVIEWER,)):
    """The reviewer states to have no conflict of interest, before anything of the application is shown."""


class ConflictDeclared(Event, by=(REVIEWER,)):
    """The reviewer declares a conflict of interest."""

    why: DeclaredConflict


class ReviewDeclined(Event, by=(REVIEWER,)):
    """The reviewer cannot read the application."""


class ReviewSubmitted(Event, by=(REVIEWER,)):
    """The reviewer has given points for every criterion of the rubric."""

    points: dict[CriterionId, float]


class ReviewReopened(Event, by=(OPERATOR,)):
    """The office lets the reviewer correct a review; the old one stays in the history."""

    reason: str = Field(min_length=1)
