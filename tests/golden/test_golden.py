"""What is generated is what is committed, and a released version never changes."""

import ast
import json
from pathlib import Path

import pytest

from tests.golden.released import changes, digest, parts_of, released
from tests.golden.rewrite import FINGERPRINTS, PAGES, ROOT, golden, recorded
from workflows.definitions import LATEST


@pytest.mark.parametrize("path", golden(), ids=lambda path: path.name)
def test_a_golden_file_is_what_is_generated(path: Path) -> None:
    committed = path.read_text(encoding="utf-8") if path.exists() else ""

    assert committed == golden()[path], f"run `make golden`, and look at what changes in {path.relative_to(ROOT)}"


def test_there_is_a_page_in_both_languages_for_every_workflow_and_no_other() -> None:
    assert {path.name for path in PAGES.iterdir()} == {f"{name}.{lang}.md" for name in LATEST for lang in ("en", "ko")}


def test_a_released_version_never_changes() -> None:
    assert changes(recorded(), released()) == []


# ---- what that test would say


def test_a_changed_guard_is_named_with_what_to_do() -> None:
    then = json.loads(FINGERPRINTS.read_text(encoding="utf-8"))
    part = "workflows.definitions.seats:allocate"
    then["round/1"]["parts"][part] = "something else"

    said = changes(then, released())

    assert said == [
        f"workflow [round] version [1] is released and has changed in [{part}]: raise `version` and keep the old one"
    ]


def test_a_changed_shape_a_new_version_and_a_lost_one_are_named() -> None:
    made_of = {"content": "c", "parts": {}}
    then = {"a/1": {"shape": "s", **made_of}, "b/1": {"shape": "s", **made_of}}
    now = {"a/1": {"shape": "t", **made_of}, "a/2": {"shape": "s", **made_of}}

    assert changes(then, now) == [
        "workflow [a] version [1] is released and has changed in [its shape]: raise `version` and keep the old one",
        "workflow [b] version [1] is released, but gone: keep it until no case is on it",
        "workflow [a] version [2] is not recorded: run `make golden`",
    ]


# ---- what counts as a change


def test_a_version_is_made_of_its_functions_and_of_all_that_they_use() -> None:
    parts = parts_of(LATEST["application"]).keys()

    assert {
        "workflows.definitions.screening:is_late",  # a guard
        "workflows.definitions.screening:_with_answers",  # used by one
        "workflows.definitions.eligibility:failed_rules",  # a function that a guard uses
        "schemas.selection:RULES",  # a constant, the default of a field
        "workflows.definitions.calendar:follows_calendar",  # makes a function
        "workflows.definitions.calendar:promotion_ends",  # a date
        "schemas.application:Application",  # the facts
        "schemas.cohort:Terms",  # facts within them
        "schemas.events.seats:SeatReturned",  # what is sent
        "schemas.notices.application:SeatOffered",  # what is told
        "schemas.ids:name_of",  # how cases are named
    } <= parts
    assert {
        "workflows.definitions.quotas:fill",  # used by what the round keeps
        "workflows.definitions.seats:its_list",  # what a question is decided on
        "workflows.definitions.seats:the_ranker",  # who may not answer it
    } <= parts_of(LATEST["round"]).keys()
    assert {part.partition(":")[0].partition(".")[0] for part in parts} == {"schemas", "workflows"}
    assert not {part for part in parts if part.startswith("workflows.engine")}


LIMIT = "def is_low(case, event):\n    return event.share < case.terms.attendance_min\n"


@pytest.mark.parametrize(
    "same",
    [
        'def is_low(case, event):\n    """The share is low."""\n    return event.share < case.terms.attendance_min\n',
        "def is_low(case, event):  # why\n    return (event.share\n            < case.terms.attendance_min)\n",
    ],
    ids=["a docstring", "layout and comments"],
)
def test_layout_comments_and_docstrings_are_no_change(same: str) -> None:
    assert digest(ast.parse(same)) == digest(ast.parse(LIMIT))


@pytest.mark.parametrize(
    "other",
    [
        LIMIT.replace("<", "<="),
        LIMIT.replace("case.terms.attendance_min", "0.8"),
        LIMIT.replace("event.share", "case.attendance"),
    ],
)
def test_whatever_may_decide_otherwise_is_a_change(other: str) -> None:
    assert digest(ast.parse(other)) != digest(ast.parse(LIMIT))


def test_who_brings_an_event_is_no_change_but_its_fields_are() -> None:
    by_one = digest(ast.parse("class Left(Event, by=(OPERATOR,)):\n    why: str\n"))

    assert digest(ast.parse("class Left(Event, by=(OPERATOR, LEARNER)):\n    why: str\n")) == by_one
    assert digest(ast.parse("class Left(Event, by=(OPERATOR,)):\n    why: str = ''\n")) != by_one
