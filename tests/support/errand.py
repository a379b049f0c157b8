"""A workflow as small as a test needs it: one stage of the given clauses, and whatever comes after."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from schemas.cohort import Calendar, Dated
from schemas.events import Event
from schemas.events.application import ScoreRecorded
from schemas.events.engine import CalendarMoved
from schemas.events.enrolment import OnboardingFinished, Pitched
from schemas.ids import CaseId
from schemas.roles import LEAD, OPERATOR
from tests.support.cohort import CALENDAR, kst
from tests.support.life import Life
from workflows.engine.definition import Workflow
from workflows.engine.notation import Clause, StateOf, after, ask, final, on, state, workflow

START = kst("2027-03-08 10:00")


class Stage(StrEnum):
    """Where an errand stands."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    DONE = "done"
    NOWHERE = "nowhere"


class Errand(Dated):
    """The facts of an errand."""

    errand: CaseId
    calendar: Calendar = CALENDAR
    score: float = 0
    pitches: int = 0
    cohort: str = ""

    @property
    def is_urgent(self) -> bool:
        """Whether it cannot wait."""
        return self.score > 50


def take_score(errand: Errand, event: ScoreRecorded) -> Errand:
    """Keep the score."""
    return errand.model_copy(update={"score": event.score})


def count_pitch(errand: Errand, _event: Event) -> Errand:
    """Count a pitch, or whatever else."""
    return errand.model_copy(update={"pitches": errand.pitches + 1})


def take_calendar(errand: Errand, event: CalendarMoved) -> Errand:
    """Keep the calendar."""
    return errand.model_copy(update={"calendar": event.calendar})


def is_low(_errand: Errand, event: ScoreRecorded) -> bool:
    """The score is below 50."""
    return event.score < 50


def is_high(_errand: Errand, event: ScoreRecorded) -> bool:
    """The score is 50 or more."""
    return event.score >= 50


def the_close(errand: Errand) -> datetime:
    """When applications close."""
    return errand.calendar.applications_close


OPENS: tuple[Clause[Any], ...] = (on(OnboardingFinished, to=Stage.FIRST),)
GOES_ON: Clause[Any] = after(days=3, to=Stage.DONE)
ENDINGS: Mapping[Stage, StateOf[Any]] = {Stage.DONE: final()}


def errand(
    *first: Clause[Any],
    opens: Sequence[Clause[Any]] = OPENS,
    states: Mapping[Stage, StateOf[Any]] = ENDINGS,
    throughout: Sequence[Clause[Any]] = (),
    subject: type[Any] = Errand,
    version: int = 1,
) -> Workflow:
    """Give a workflow whose first stage has these clauses."""
    every = {Stage.FIRST: state(*first), **states}
    return workflow("errand", version=version, subject=subject, opens=opens, states=every, throughout=throughout)


def begun(*first: Clause[Any], **others: Any) -> Life:
    """Give an errand that has just begun."""
    life = Life("errand-1", errand(*first, **others))
    life.tell(OnboardingFinished(), START)
    return life


def question(text: str = "Is it done?", **changed: Any) -> Clause[Any]:
    """Ask the operators, due in a day, with an end either way."""
    given: dict[str, Any] = {"yes": Stage.DONE, "no": Stage.DONE, "due_days": 1, "escalate_to": LEAD, **changed}
    return ask(given.pop("role", OPERATOR), text, **given)


def pitches(life: Life, count: int, at: datetime) -> None:
    """Let some pitches arrive, one after another."""
    for number in range(count):
        life.tell(Pitched(), at, name=f"pitch-{number}")
