"""A file of applications is read row by row, each with all its faults, or refused as a whole with what to do."""

import csv
import io
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.forms import application_csv
from functions.forms.application_csv import BadCsvError, Row, read_applications, read_timestamp
from schemas.forms import ApplicationForm
from tests.corpus.rows import CELLS, csv_of, echoed, made, rows

EXPORT = Path(application_csv.__file__).parents[1] / "cli" / "demo" / "applicants.csv"


def file_of(*lines: dict[str, str]) -> bytes:
    return csv_of({"rows": list(lines)})


def read(body: bytes) -> list[Row]:
    return list(read_applications(body))


# ---- the corpus


@pytest.mark.parametrize("row", rows("csv_files"))
def test_a_file_is_read_or_refused_as_the_corpus_says(row: dict[str, Any]) -> None:
    body = csv_of(row)

    if row.get("status") == 422:
        with pytest.raises(BadCsvError, match=row["says"]) as refused:
            read(body)
        assert echoed(str(refused.value), list(CELLS.values())) == []
        return

    found = read(body)

    assert sum(each.form is not None for each in found) == row["accepted"]
    refused_rows = {str(each.number): sorted(each.faults) for each in found if each.faults}
    assert refused_rows == row.get("refused", {})


@pytest.mark.parametrize("row", rows("csv_cells"))
def test_a_cell_is_read_or_refused_as_the_corpus_says(row: dict[str, Any]) -> None:
    cell = made(row["cell"])

    (found,) = read(file_of({row["column"]: cell}))

    if "fault" in row:
        assert found.form is None
        assert set(found.faults) == {row["column"]}
        assert row["fault"] in found.faults[row["column"]]
        assert echoed(found.faults[row["column"]], cell) == []
    elif row["column"] == "submitted_at":
        assert found.at == datetime.fromisoformat(row["takes"])
    else:
        assert getattr(found.form, row["column"]) == made(row["takes"])


# ---- rows


def test_a_row_becomes_a_form_and_the_time_it_was_submitted() -> None:
    (row,) = read(file_of({}))

    assert row == Row(
        number=2,
        submission=row.submission,
        at=datetime.fromisoformat("2027-03-05T15:26:29+09:00"),
        form=ApplicationForm(
            name="김하늘",
            email="haneul@example.org",
            phone="+821024681357",
            university="전남대학교",
            department="수학과",
            student_number="20211234",
            is_enrolled=True,
            can_attend=True,
            motivation="배우고 싶습니다.",
            consent_privacy=True,
            consent_third_party=False,
            locale="ko",
        ),
    )


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    body = csv_of({"raw": '<header>\n<row>\n\n<row>\n"bad\nrow"\n<row>\n'})

    assert [row.number for row in read(body)] == [2, 4, 5, 6]


def test_a_row_is_the_same_submission_wherever_it_stands_and_however_the_file_is_written() -> None:
    one, other = read(file_of({}, {"name": "다른이름"}))

    assert one.submission != other.submission
    assert [row.submission for row in read(file_of({"name": "다른이름"}, {}))] == [other.submission, one.submission]
    assert [row.submission for row in read(csv_of({"encoding": "cp949"}))] == [one.submission]
    assert [row.submission for row in read(csv_of({"raw": "<header>\n<row>"}))] == [one.submission]


@pytest.mark.parametrize("column", CELLS)
def test_a_change_of_any_cell_makes_another_submission(column: str) -> None:
    one, other = read(file_of({}, {column: "1"}))

    assert one.submission != other.submission


# ---- sizes


def test_a_file_may_have_50000_rows_and_not_one_more() -> None:
    short = b"\n".join([b",".join(name.encode() for name in CELLS), *[b"x"] * 50_000])

    assert len(read(short)) == 50_000
    with pytest.raises(BadCsvError, match="more than 50000 rows; split it"):
        read(short + b"\nx")


def test_a_file_over_5_mib_is_refused_unread() -> None:
    with pytest.raises(BadCsvError, match="over 5 MiB; split it"):
        read(b"\x00" * (5 * 1024 * 1024 + 1))


# ---- what comes from outside


def test_the_export_of_the_demo_is_read_without_a_fault() -> None:
    found = read(EXPORT.read_bytes())

    assert len(found) == 195
    assert [row.number for row in found if row.faults] == []
    assert all(one.at <= other.at for one, other in pairwise(found) if one.at and other.at)
    assert len({row.form.phone for row in found if row.form}) == 180


@given(st.binary(max_size=300))
def test_no_bytes_at_all_raise_anything_else(body: bytes) -> None:
    with suppress(BadCsvError):
        read(body)


@given(st.lists(st.lists(st.text(max_size=12), min_size=13, max_size=13), max_size=4))
def test_no_cells_at_all_raise_anything_else(lines: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(CELLS), *lines])
    try:
        found = read(text.getvalue().encode("utf-8", "surrogatepass"))
    except BadCsvError:
        return

    assert all((row.form is None) == bool(row.faults) for row in found)


@given(st.text(max_size=30) | st.datetimes().map(str))
def test_a_time_is_read_or_refused_and_never_repeated(text: str) -> None:
    try:
        said = str(read_timestamp(text).tzinfo)
    except ValueError as error:
        said = str(error)

    assert said != "None"
    assert echoed(said, text) == []
