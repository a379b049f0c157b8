"""Who may take part: rules as data."""

from typing import Any

import pytest

from schemas.application import Application
from schemas.ids import CaseId
from schemas.selection import RULES, Admission, Rule
from tests.support.submitted import a_submission
from workflows.definitions.eligibility import failed_rules


def an_application(**changed: Any) -> Application:
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


@pytest.mark.parametrize(
    ("university", "track", "failed"),
    [
        ("전남대학교", "ai", ()),
        ("조선대학교", "iot", ()),
        ("서울대학교", "ai", ("partner@2",)),
        ("전남대학교", "", ("track@1",)),
        ("서울대학교", "design", ("partner@2", "track@1")),
    ],
)
def test_a_round_may_have_rules_of_its_own_instead(university: str, track: str, failed: tuple[str, ...]) -> None:
    rules = (
        Rule(id="partner@2", field="university", one_of=("전남대학교", "조선대학교"), reason_ko="가", reason_en="a"),
        Rule(id="track@1", field="track", one_of=("ai", "iot"), reason_ko="나", reason_en="b"),
    )

    application = an_application(
        university=university, track=track, is_enrolled=False, admission=Admission(rules=rules)
    )

    assert failed_rules(application) == failed


def test_the_reasons_are_those_of_the_rules_that_failed_in_their_order() -> None:
    application = an_application().model_copy(update={"failed_rules": ("attends@1", "enrolled@1")})

    assert application.reasons_ko == (RULES[0].reason_ko, RULES[1].reason_ko)
    assert application.reasons_en == (RULES[0].reason_en, RULES[1].reason_en)
    assert an_application().reasons_en == ()
