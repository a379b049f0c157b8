"""Who may take part: rules as data."""

import pytest

from schemas.application import Application
from schemas.ids import CaseId
from tests.support.submitted import a_submission
from workflows.definitions.eligibility import RULES, failed_rules


def an_application(**changed: bool) -> Application:
    event = a_submission(**changed)
    fields = {name: getattr(event, name) for name in Application.model_fields if hasattr(event, name)}
    return Application(application=CaseId("application-1"), **fields)


@pytest.mark.parametrize(
    ("is_enrolled", "can_attend", "failed"),
    [
        (True, True, ()),
        (False, True, ("enrolled@1",)),
        (True, False, ("attends@1",)),
        (False, False, ("enrolled@1", "attends@1")),
    ],
)
def test_every_rule_that_is_not_met_is_named(is_enrolled: bool, can_attend: bool, failed: tuple[str, ...]) -> None:  # noqa: FBT001
    assert failed_rules(an_application(is_enrolled=is_enrolled, can_attend=can_attend)) == failed


def test_every_rule_has_a_name_with_its_version_and_a_reason_in_both_languages() -> None:
    names = [rule.id for rule in RULES]

    assert len(set(names)) == len(names)
    assert [name for name in names if not name.partition("@")[2].isdigit()] == []
    assert [rule.id for rule in RULES if not (rule.reason_ko and rule.reason_en)] == []
