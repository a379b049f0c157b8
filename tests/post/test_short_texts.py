"""Everything that people are told can be written, and a fault is named before anything is sent."""

from pathlib import Path

import pytest

from functions.post.check import text_faults
from functions.post.rules import read_rules, rule_faults
from functions.post.short_texts import ShortTexts, is_filled_in
from schemas.post import PostRules

GOOD = (
    'code = "c1"\nstate = "approved"\ntext = "#{이름}: #{기한}"\n[variables]\n"이름" = "name"\n"기한" = "answer_by"\n'
)
FILE = "offer_expiring.ko.toml"


def test_the_texts_that_are_here_have_no_fault() -> None:
    assert text_faults() == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD.replace("#{기한}", "#{기한} #{누구}"), "#{누구} is no variable of it"),
        (GOOD + '"x" = "name"\n', "[x] does not occur in its text"),
        (GOOD.replace('"answer_by"', '"answer"'), "[answer] is no field of OfferExpiring"),
        (
            GOOD.replace(": #{기한}", "").replace('"기한" = "answer_by"\n', ""),
            "[answer_by] of OfferExpiring is never told",
        ),
        (GOOD.replace("approved", "fine"), "this is not of the form of a short text"),
        ("code = ", "this is not of the form of a short text"),
        (GOOD.replace("#{이름}:", "#{이름}" + "가" * 1000), "it is longer than 1000 characters"),
        (GOOD.replace("#{이름}:", "(광고) #{이름}"), "an Alimtalk informs and never advertises"),
    ],
    ids=lambda given: given if len(given) < 60 else "",
)
def test_a_fault_is_named(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")

    assert f"{FILE}: {fault}" in ShortTexts(tmp_path).check()


def test_a_text_of_no_notice_and_a_code_of_two_are_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(GOOD, encoding="utf-8")
    (tmp_path / "offer_expiring.en.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "round_opened.ko.toml").write_text(GOOD, encoding="utf-8")

    assert ShortTexts(tmp_path).check() == [
        "offer_expiring.ko.toml: [c1] is the code of offer_expiring.en.toml as well",
        "round_opened.ko.toml: no notice to people uses this text",
    ]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("김지원 님, 3일", True),
        ("김지원 님, 3일!", False),
        (" 님, 3일", False),
        ("김지원 님. 3일", False),
        ("a\nb 님, c일", True),
    ],
)
def test_a_template_is_kept_word_for_word(text: str, *, fits: bool) -> None:
    assert is_filled_in("#{이름} 님, #{날}일", text) is fits


def test_rules_that_leave_a_letter_without_a_channel_are_named() -> None:
    rules = read_rules()
    narrow = PostRules(rules=rules.rules[:-1], quiet=rules.quiet)
    odd = rules.model_copy(update={"rules": (rules.rules[0].model_copy(update={"notices": ("X",)}), *rules.rules[1:])})

    assert rule_faults(rules) == []
    assert rule_faults(narrow) == ["rules.toml: the last rule has to fit every letter"]
    assert rule_faults(odd) == ["rules.toml: [X] is no notice"]
