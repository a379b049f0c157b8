"""The steps of a cohort's way that a case has taken, by where it stands and what it has kept: what funnels count."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.application import Stage as ApplicationStage

STEPS: Mapping[str, tuple[str, ...]] = {
    "application": ("applied", "eligible", "offered"),
    "enrolment": ("accepted", "began", "passed_online", "passed_offline", "completed"),
    "outcome": ("hired", "founded"),
}
"""By workflow: its steps, in the order of the way."""

NOT_FOUND_ELIGIBLE = frozenset(
    {
        *(ApplicationStage.SUBMITTED, ApplicationStage.LATE, ApplicationStage.TOO_LATE),
        *(ApplicationStage.INELIGIBLE_PROPOSED, ApplicationStage.INELIGIBLE_APPEALABLE, ApplicationStage.INELIGIBLE),
    }
)
NOT_IN_TIME = frozenset({ApplicationStage.LATE, ApplicationStage.TOO_LATE})


def steps_of(workflow: str, stage: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the steps that a case has taken.

    Args:
        workflow: The case's workflow.
        stage: Where it stands.
        facts: What it has kept, as the fields of its subject or as plain JSON values.
    """
    match workflow:
        case "application":
            return tuple(_of_application(stage, facts))
        case "enrolment":
            return tuple(_of_enrolment(stage, facts))
        case "outcome":
            return _of_outcome(stage)
    return ()


def _of_application(stage: str, facts: Mapping[str, Any]) -> Iterator[str]:
    if stage not in NOT_IN_TIME:
        yield "applied"
    if stage not in NOT_FOUND_ELIGIBLE and not facts.get("failed_rules") and _was_read(stage, facts):
        yield "eligible"
    if facts.get("offered_at") is not None:
        yield "offered"


def _was_read(stage: str, facts: Mapping[str, Any]) -> bool:
    """Whoever withdrew before anything was made of the application was never found eligible."""
    return stage != ApplicationStage.WITHDRAWN or any(
        facts.get(name) for name in ("reviews", "scores", "rank", "conflicts")
    )


def _of_enrolment(stage: str, facts: Mapping[str, Any]) -> Iterator[str]:
    from schemas.enrolment import Stage  # noqa: PLC0415  whoever asks about an enrolment has it at hand

    yield "accepted"
    if facts.get("phase"):
        yield "began"
    if facts.get("phase_completed"):
        yield "passed_online"
    if facts.get("phase_completed") == "offline":
        yield "passed_offline"
    if stage == Stage.COMPLETED:
        yield "completed"


def _of_outcome(stage: str) -> tuple[str, ...]:
    from schemas.outcome import Stage  # noqa: PLC0415  as above

    return (str(stage),) if stage in {Stage.HIRED, Stage.FOUNDED} else ()
