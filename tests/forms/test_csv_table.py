"""Tables of staff: whichever way they were saved, with every fault beside its row."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.forms.clean import UnfitTextError
from functions.forms.csv_table import BYTES_MAX, ROWS_MAX, BadCsvError, Columns, Line, number_of, read_lines
from functions.forms.csv_table import without_repeats as once
from workflows.runtime.errors import BadForm

COLUMNS = Columns.of("id", "score", optional=("note",))


def _plain(cells: Mapping[str, str]) -> dict[str, str]:
    if cells["score"] == "bad":
        raise BadForm({"score": "is bad"})
    return dict(cells)


def _read(body: bytes | str, columns: Columns = COLUMNS) -> list[Line[dict[str, str]]]:
    return read_lines(body.encode() if isinstance(body, str) else body, columns, _plain)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_table_says_the_same_however_it_was_saved(encoding: str, newline: str) -> None:
    body = newline.join(["ID, Score ,NOTE", "가,1,한글", "", " , , ", '나,2,"a, b"']).encode(encoding)

    assert _read(body) == [
        Line(2, {"id": "가", "score": "1", "note": "한글"}),
        Line(5, {"id": "나", "score": "2", "note": "a, b"}),
    ]


def test_every_fault_stands_beside_its_row_and_column() -> None:
    lines = _read("id,score\na,bad\nb,\u202e1\nc\nd,900101-1234567\n" + "e," + "x" * 10_001)

    assert [(line.number, line.value, dict(line.faults)) for line in lines] == [
        (2, None, {"score": "is bad"}),
        (3, None, {"score": "holds a character that turns the direction of writing"}),
        (4, None, {"row": "has 1 cells, the header has 2"}),
        (5, None, {"score": "looks like a resident registration number, which must not be collected"}),
        (6, None, {"score": "is longer than 10000 characters"}),
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"PK\x03\x04", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0", "spreadsheet"),
        (b"id,score\x00", "NUL"),
        (b"\xff\xfe\xff", "neither UTF-8 nor CP949"),
        (b"id;score\na;1", "not separated by commas"),
        (b"id\na", r"lacks the columns \['score'\]"),
        (b"id,score,id", r"more than one column for \['id'\]"),
        (b"id,score,charm", r"by their place: \[3\]"),
        (b'id,score\na,"1', "save it again as CSV"),
        (b"x" * (BYTES_MAX + 1), "over 5 MiB"),
        (b"id,score\n" + b"a,1\n" * (ROWS_MAX + 1), "more than 50000 rows"),
    ],
    ids=range(13),
)
def test_a_file_that_cannot_be_taken_says_why(body: bytes, says: str) -> None:
    with pytest.raises(BadCsvError, match=says):
        _read(body)


def test_a_header_that_is_somebodys_data_is_not_repeated() -> None:
    with pytest.raises(BadCsvError) as raised:
        _read("김지원,010-1234-5678")

    assert "김지원" not in str(raised.value)
    assert "5678" not in str(raised.value)


def test_more_columns_are_taken_by_their_own_names_where_that_is_allowed() -> None:
    columns = Columns.of("id", "score", takes_others=True)

    assert _read("id,score,Motive,학습\na,1,2,3", columns) == [
        Line(2, {"id": "a", "score": "1", "Motive": "2", "학습": "3"})
    ]
    for header in ("id,score,", "id,score,a,a", "id,score," + "x" * 65):
        with pytest.raises(BadCsvError, match="by their place"):
            _read(f"{header}\n", columns)


def test_rows_that_say_the_same_thing_twice_are_all_refused() -> None:
    lines = once(_read("id,score\na,1\nb,1\na,2\nc,bad"), "id", lambda cells: cells["id"])

    assert [dict(line.faults) for line in lines] == [
        {"id": "stands in 2 rows; leave one"},
        {},
        {"id": "stands in 2 rows; leave one"},
        {"score": "is bad"},
    ]


@pytest.mark.parametrize(("text", "number"), [("87.5", 87.5), ("８７．５", 87.5), ("-1", -1), ("007", 7), ("0", 0)])
def test_numbers_are_read_as_they_are_typed(text: str, number: float) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize("text", ["", "87,5", "1e3", "nan", "inf", "١", "1.", ".5", "1" * 7, "+1", "0x1", "1_0"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UnfitTextError):
        number_of(text)


@given(st.binary(max_size=300))
def test_no_file_is_a_crash(body: bytes) -> None:
    try:
        lines = _read(b"id,score\n" + body)
    except BadCsvError:
        return

    assert all((line.value is None) == bool(line.faults) for line in lines)
