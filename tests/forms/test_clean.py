"""Texts are read as people mean them, and what no form may hold is refused without repeating it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.forms.clean import (
    UnfitTextError,
    _as_typed,
    _without_oddities,
    clean_email,
    clean_line,
    clean_mobile,
    clean_name,
    clean_text,
    refuse_contact,
)
from tests.corpus.rows import made, rows

Clean = Callable[[str], str]


def check(clean: Clean, text: str, row: dict[str, Any]) -> None:
    if "takes" in row:
        assert clean(text) == row["takes"]
        return

    with pytest.raises(UnfitTextError, match=row["fault"]) as refused:
        clean(text)

    assert not text.strip() or text.strip() not in str(refused.value)


@pytest.mark.parametrize("row", rows("names"))
def test_a_name_is_taken_or_refused_as_the_corpus_says(row: dict[str, Any]) -> None:
    check(clean_name, made(row["name"]), row)


@pytest.mark.parametrize("row", rows("texts"))
def test_a_text_is_taken_or_refused_as_the_corpus_says(row: dict[str, Any]) -> None:
    check(clean_text, made(row["text"]), row)


@pytest.mark.parametrize("row", rows("mobiles"))
def test_a_mobile_number_is_taken_or_refused_as_the_corpus_says(row: dict[str, Any]) -> None:
    check(clean_mobile, made(row["phone"]), row)


@pytest.mark.parametrize("clean", [clean_text, clean_line, clean_name, clean_email, clean_mobile])
@given(text=st.text(alphabet=st.characters(), max_size=40))
def test_whatever_is_typed_is_cleaned_or_refused_and_cleaning_twice_changes_nothing(clean: Clean, text: str) -> None:
    try:
        cleaned = clean(text)
    except UnfitTextError:
        return

    assert clean(cleaned) == cleaned
    assert cleaned == cleaned.strip()


def test_an_address_is_written_in_small_letters() -> None:
    assert clean_email(" Ha.Neul+ai@Example.ORG ") == "ha.neul+ai@example.org"


@pytest.mark.parametrize("text", ["a@x.kr, b@x.kr", "a@x.kr;b@x.kr", "Ann <a@x.kr>", '"a"@x.kr', "a@x.kr\\n"])
def test_more_than_one_address_is_refused(text: str) -> None:
    with pytest.raises(UnfitTextError, match="no single e-mail address"):
        clean_email(text)


@pytest.mark.parametrize(
    "text",
    [
        *("haneul@example.org", "write to haneul@example.org, please", "Haneul@Example.Org"),
        *("010-1234-5678", "01012345678", "call 010 1234 5678!", "+82 10-1234-5678", "+82 (0)10 1234 5678"),
        *("０１０-１２３４-５６７８", "011-234-5678"),
    ],
)
def test_a_contact_is_recognised(text: str) -> None:
    with pytest.raises(UnfitTextError) as refused:
        refuse_contact(text)

    assert text not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        *("mfrggzdfmztwq2lknnwg23tpobyxe43u", "2027-03-05T15:26:29.010123+09:00", "gwangju-2027-1", "operator-1"),
        *("2021658112", "1011234567890", "a@b", "@example.org"),
    ],
)
def test_an_id_or_a_date_is_no_contact(text: str) -> None:
    refuse_contact(text)


@given(text=st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40))
def test_what_is_read_the_short_way_would_come_out_the_long_way_the_same(text: str) -> None:
    assert _without_oddities(text) == text.strip()
    assert _as_typed(text) == text


def test_a_number_that_may_not_be_collected_is_found_the_short_way_too() -> None:
    for text in ("900101-1234567", "9001011234567", "a 900101 1234567 b", "9-0-0-1-0-1-1-2-3-4-5-6-7"):
        with pytest.raises(UnfitTextError, match="resident"):
            clean_text(text)
