"""What a case is found by, beside what stands on it: a few of its facts, the same on every backend."""

from datetime import datetime
from typing import NamedTuple

from schemas.cohort import Terms
from schemas.messages import Asked, Case, Home, Task
from schemas.record import Record
from workflows.definitions import WORKFLOWS
from workflows.definitions.steps import steps_of

REVIEW = "review"


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
