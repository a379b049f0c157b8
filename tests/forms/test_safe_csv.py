"""Tables for people: a spreadsheet opens them as they are, and runs nothing."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.forms.safe_csv import BYTE_ORDER_MARK, defuse, write_csv


def _rows(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))


def test_the_file_is_utf_8_with_its_mark_and_rfc_4180() -> None:
    body = write_csv(("id", "말", "n"), [{"id": "a", "말": '그는 "예, 아니요"\n라고', "n": -1.5}])

    assert body == (BYTE_ORDER_MARK + '"id","말","n"\r\n"a","그는 ""예, 아니요""\n라고",-1.5\r\n').encode()


def test_every_row_has_the_columns_of_the_header_and_no_other() -> None:
    assert _rows(write_csv(("a", "b", "c"), [{"a": None, "b": True, "c": False}])) == [
        ["a", "b", "c"],
        ["", "yes", "no"],
    ]
    with pytest.raises(KeyError):
        write_csv(("a", "b"), [{"a": "1"}])
    with pytest.raises(ValueError, match="no columns"):
        write_csv(("a",), [{"a": "1", "b": "2"}])


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t1", "\r1", "\n1", "  =1", "\u3000=1", "\u00a0+1", "\u200b=1", "\ufeff=1"),
        *("＝1", "＋1", "－1", "＠1", " ＝1", "﹢1", "﹣1", "﹦1", "﹫1", "=cmd|'/c calc'!A0"),
    ],
)
def test_what_could_be_a_formula_begins_with_an_apostrophe(text: str) -> None:
    assert defuse(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "'=1", "전남대학교", "2027-04-02", "a@b", "#", " a"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert defuse(text) == text


@given(st.text(max_size=30))
def test_no_cell_of_a_written_file_begins_as_a_formula(text: str) -> None:
    (_, (cell,)) = _rows(write_csv(("a",), [{"a": text}]))

    plain = unicodedata.normalize("NFKC", cell).lstrip()
    assert plain[:1] not in {"=", "+", "-", "@"}
    assert cell.removeprefix("'") == text.removeprefix("'")
