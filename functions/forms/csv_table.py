"""Reads CSV files of staff and form providers: UTF-8 or CP949, every fault beside its row."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from functions.forms.clean import UnfitTextError, clean_line
from workflows.runtime.errors import BadForm

T = TypeVar("T")

BYTES_MAX = 5 * 1024 * 1024
ROWS_MAX = 50_000
CELL_MAX = 10_000
NAME_MAX = 64
NUMBER = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)


class BadCsvError(ValueError):
    """The file as a whole cannot be taken; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a header may say.

    Attributes:
        names: Our name of each column, by what the header says.
        optional: Those of our names that may be missing.
        takes_others: Whether there may be more columns; each is taken by the name it has.
    """

    names: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    takes_others: bool = False

    @classmethod
    def of(cls, *required: str, optional: Sequence[str] = (), takes_others: bool = False) -> "Columns":
        """Give columns that are called by our names only."""
        return cls({name: name for name in (*required, *optional)}, frozenset(optional), takes_others)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the file, as it was written.

    Attributes:
        number: The record's number, the header being 1.
        header: Our names of the columns.
    """

    number: int
    header: Sequence[str]
    cells: Sequence[str]

    @property
    def fault(self) -> str:
        """Why the cells do not belong to the columns; empty if they do."""
        if len(self.cells) == len(self.header):
            return ""
        return f"has {len(self.cells)} cells, the header has {len(self.header)}"


@dataclass(frozen=True, slots=True)
class Line(Generic[T]):
    """One row: what it says, or every fault of it beside its column.

    Attributes:
        cells: What was written in the columns that can be read, so that a row with faults can be told by its id.
    """

    number: int
    value: T | None
    faults: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict, compare=False)


def read_lines(body: bytes, columns: Columns, read: Callable[[Mapping[str, str]], T]) -> list[Line[T]]:
    """Give the rows of the file in their order, each cell as one clean line; rows of nothing are left out.

    Args:
        body: The file.
        columns: What its header may say.
        read: Makes something of a row, or raises `BadForm` with what is wrong beside its column.

    Raises:
        BadCsvError: The file is no CSV, too large, or its header is not as it must be.
    """
    return [_line(record, read) for record in read_table(body, columns)]


def without_repeats(lines: Sequence[Line[T]], name: str, key: Callable[[T], Hashable]) -> list[Line[T]]:
    """Give the rows, with a fault under `name` for each of those that say the same thing twice."""
    counts = Counter(key(line.value) for line in lines if line.value is not None)
    return [
        line
        if line.value is None or counts[key(line.value)] == 1
        else replace(line, value=None, faults={name: f"stands in {counts[key(line.value)]} rows; leave one"})
        for line in lines
    ]


def read_table(body: bytes, columns: Columns) -> Iterator[Record]:
    """Give the records of the file in their order, without those that are empty.

    Raises:
        BadCsvError: The file is no CSV, too large, or its header is not as it must be.
    """
    if len(body) > BYTES_MAX:
        raise BadCsvError(f"the file is over {BYTES_MAX // 1024 // 1024} MiB; split it")
    records = _records(_decode(body))
    header = _header(next(records, []), columns)
    for number, cells in enumerate(records, 2):
        if number > ROWS_MAX + 1:
            raise BadCsvError(f"the file has more than {ROWS_MAX} rows; split it")
        if any(cell.strip() for cell in cells):
            yield Record(number, header, cells)


def check_length(cell: str) -> None:
    """Refuse a cell that is too long to be what it should be.

    Raises:
        UnfitTextError: It is.
    """
    if len(cell) > CELL_MAX:
        raise UnfitTextError(f"is longer than {CELL_MAX} characters")


def number_of(text: str) -> float:
    """Give a number as it is written in a table.

    Raises:
        UnfitTextError: It is none.
    """
    plain = unicodedata.normalize("NFKC", text)
    if not NUMBER.fullmatch(plain):
        raise UnfitTextError("is no number, such as 87.5")
    return float(plain)


def choice_of(choices: Mapping[str, T], text: str) -> T:
    """Give what an answer means; what follows a comma or a bracket only explains it.

    Raises:
        UnfitTextError: It is none of the answers.
    """
    answer = re.split(r"[,(]", text, maxsplit=1)[0].strip().casefold()
    if answer not in choices:
        raise UnfitTextError("is none of the answers to choose from" if answer else "is empty")
    return choices[answer]


def _line(record: Record, read: Callable[[Mapping[str, str]], T]) -> Line[T]:
    if record.fault:
        return Line(record.number, None, {"row": record.fault})
    values: dict[str, str] = {}
    faults: dict[str, str] = {}
    for name, cell in zip(record.header, record.cells, strict=True):
        try:
            check_length(cell)
            values[name] = clean_line(cell)
        except UnfitTextError as error:
            faults[name] = str(error)
    try:
        value = read({**dict.fromkeys(record.header, ""), **values})
    except BadForm as error:
        return Line(record.number, None, {**error.faults, **faults}, values)
    return Line(record.number, None if faults else value, faults, values)


def _decode(body: bytes) -> str:
    if not body.strip():
        raise BadCsvError("the file is empty")
    if body[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        raise BadCsvError("this is a spreadsheet, not CSV; save it as CSV (UTF-8)")
    if b"\x00" in body:
        raise BadCsvError("the file holds NUL bytes; save it as CSV (UTF-8)")
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadCsvError("the file is neither UTF-8 nor CP949; save it as CSV (UTF-8)")


def _records(text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadCsvError(f"the record that begins in line {begins}: {error}; save it again as CSV") from error
        yield cells


def _header(cells: list[str], columns: Columns) -> list[str]:
    """Give our names of the columns.  What the cells say is not repeated: without a header they are somebody's data."""
    if len(cells) == 1 and any(mark in cells[0] for mark in ";\t"):
        raise BadCsvError("the columns are not separated by commas; save it as CSV")
    names = [_column(cell, columns) for cell in cells]
    known = set(columns.names.values())
    taken = {name for name in names if 0 < len(name) <= NAME_MAX} | known if columns.takes_others else known
    faults = []
    if missing := sorted(known - columns.optional - set(names)):
        faults.append(f"lacks the columns {missing}")
    if repeated := sorted(name for name, count in Counter(names).items() if count > 1 and name in known):
        faults.append(f"has more than one column for {repeated}")
    if unknown := [place for place, name in enumerate(names, 1) if name not in taken]:
        faults.append(f"has columns that may not be sent, by their place: {unknown}")
    if others := [place for place, name in enumerate(names, 1) if name in taken - known and name in names[: place - 1]]:
        faults.append(f"has columns of the same name, by their place: {others}")
    if faults:
        raise BadCsvError(f"the header {', '.join(faults)}")
    return names


def _column(cell: str, columns: Columns) -> str:
    name = " ".join(unicodedata.normalize("NFC", cell).replace("\ufeff", "").split())
    if name in columns.names:
        return columns.names[name]
    is_other = columns.takes_others and name.lower() not in columns.names
    return name if is_other else columns.names.get(name.lower(), name.lower())
