"""Which steps of the way a case has taken."""

from typing import Any

import pytest

from schemas.application import Stage as ApplicationStage
from schemas.enrolment import Stage as EnrolmentStage
from workflows.definitions.steps import STEPS, steps_of


@pytest.mark.parametrize(
    ("stage", "facts", "steps"),
    [
        (ApplicationStage.LATE, {}, ()),
        (ApplicationStage.TOO_LATE, {}, ()),
        (ApplicationStage.SUBMITTED, {}, ("applied",)),
        (ApplicationStage.ELIGIBLE, {}, ("applied", "eligible")),
        (ApplicationStage.ELIGIBLE, {"failed_rules": ["attends@1"]}, ("applied",)),
        (ApplicationStage.WITHDRAWN, {}, ("applied",)),
        (ApplicationStage.WITHDRAWN, {"rank": 4}, ("applied", "eligible")),
        (ApplicationStage.ENROLLED, {"offered_at": "2027-04-02T10:00:00Z"}, ("applied", "eligible", "offered")),
    ],
)
def test_an_application_has_taken_what_it_has_come_to(stage: str, facts: dict[str, Any], steps: tuple[str]) -> None:
    assert steps_of("application", stage, facts) == steps


@pytest.mark.parametrize(
    ("stage", "facts", "count"),
    [
        (EnrolmentStage.ONBOARDING, {}, 1),
        (EnrolmentStage.ONLINE, {"phase": "online"}, 2),
        (EnrolmentStage.OFFLINE, {"phase": "offline", "phase_completed": "online"}, 3),
        (EnrolmentStage.PITCHING, {"phase": "pitch", "phase_completed": "offline"}, 4),
        (EnrolmentStage.COMPLETED, {"phase": "pitch", "phase_completed": "offline"}, 5),
        (EnrolmentStage.WITHDRAWN, {"phase": "offline", "phase_completed": "online"}, 3),
    ],
)
def test_an_enrolment_keeps_the_steps_it_has_taken(stage: str, facts: dict[str, Any], count: int) -> None:
    assert steps_of("enrolment", stage, facts) == STEPS["enrolment"][:count]


def test_an_outcome_counts_as_what_it_came_to_and_other_workflows_as_nothing() -> None:
    assert [steps_of("outcome", stage, {}) for stage in ("hired", "founded", "silent")] == [
        ("hired",),
        ("founded",),
        (),
    ]
    assert steps_of("round", "open", {}) == ()
