"""What a case is found by, beside what stands on it: a few of its facts, the same on every backend."""

from datetime import datetime
from typing import NamedTuple

from schemas.cohort import Terms
from schemas.messages import Case, Home, Task
from schemas.record import Record
from schemas.search import Asked, CaseFilter
from workflows.definitions import WORKFLOWS
from workflows.definitions.steps import steps_of
from workflows.runtime.errors import Rejected
from workflows.runtime.intake import is_safe_id

BETWEEN = "~"
"""Stands between instant and case in a cursor; neither holds one."""
REVIEW = "review"
NO_PAGE = "This page is not there any more; begin at the first one."


class Traits(NamedTuple):
    """The facts that lists are filtered by.

    Attributes:
        is_at_risk: Whether a learner's attendance is below the minimum of the cohort, as long as that can change.
        reviewer: Who reviews, where the case is a review.
        reached: The steps that the case has taken, as funnels count them, with blanks between.
    """

    programme: str
    university: str
    is_at_risk: bool
    reviewer: str
    reached: str


def traits_of(case: Case, subject: Record | None = None) -> Traits:
    """Give the traits of a case.

    Args:
        case: The case.
        subject: Its facts, where they are at hand already: reading them from the case takes longer.
    """
    facts = case.data if subject is None else vars(subject)
    share = facts.get("attendance")
    is_at_risk = share is not None and not case.is_final and share < Terms.model_validate(facts["terms"]).attendance_min
    return Traits(
        facts.get("programme", ""),
        facts.get("university", ""),
        is_at_risk,
        facts["reviewer"] if case.workflow == REVIEW else "",
        " ".join(steps_of(case.workflow, case.stage, facts)),
    )


def home_of(case: Case) -> Home:
    """Give where a case belongs."""
    traits = traits_of(case)
    return Home(workflow=case.workflow, programme=traits.programme, cohort=case.cohort, university=traits.university)


def next_due(case: Case) -> datetime | None:
    """Give when the first timer of a case should ring."""
    return min((timer.rings_at for timer in case.timers.values()), default=None)


def asked_of(task: Task, case: Case, subject: Record | None = None) -> Asked:
    """Give an open question with what it is looked for by."""
    traits = traits_of(case, subject)
    return Asked(
        task=task,
        turn=_turn_of(task, case.version),
        programme=traits.programme,
        cohort=case.cohort,
        university=traits.university,
    )


def _turn_of(task: Task, version: int) -> tuple[str, ...]:
    """Give the roles that may answer now: where several answer in order, the next one, and whoever it escalated to."""
    workflow = WORKFLOWS.get((task.workflow, version))
    asks = () if workflow is None else workflow.states[task.stage].asks
    in_order = any(ask.in_order for ask in asks if ask.question == task.question)
    needs = task.needs[:1] if in_order else task.needs
    return tuple(sorted({*needs, task.escalated_to} - {""}))


def cursor_behind(case: Case, wanted: CaseFilter) -> str:
    """Give the cursor of the page that begins behind a case."""
    due = next_due(case)
    return case.id if wanted.due_before is None or due is None else f"{due.isoformat()}{BETWEEN}{case.id}"


def read_cursor(cursor: str, wanted: CaseFilter) -> tuple[datetime | None, str]:
    """Give what a cursor says: the instant where pages are ordered by one, and the case.

    Raises:
        Rejected: No page gave this cursor.
    """
    instant, _, case_id = cursor.rpartition(BETWEEN) if wanted.due_before is not None else ("", "", cursor)
    try:
        due = datetime.fromisoformat(instant) if wanted.due_before is not None else None
    except ValueError as error:
        raise Rejected(NO_PAGE, code="no_such_page") from error
    if not is_safe_id(case_id) or (due is not None and due.tzinfo is None):
        raise Rejected(NO_PAGE, code="no_such_page")
    return due, case_id


def moment_cursor(moment: datetime, name: str) -> str:
    """Give the cursor of the page that begins behind what lies at an instant, where lists are in that order."""
    return f"{moment.isoformat()}{BETWEEN}{name}"


def read_moment_cursor(cursor: str) -> tuple[datetime, str]:
    """Give what such a cursor says.

    Raises:
        Rejected: No page gave this cursor.
    """
    instant, _, name = cursor.rpartition(BETWEEN)
    try:
        moment = datetime.fromisoformat(instant)
    except ValueError as error:
        raise Rejected(NO_PAGE, code="no_such_page") from error
    if not is_safe_id(name) or moment.tzinfo is None:
        raise Rejected(NO_PAGE, code="no_such_page")
    return moment, name
