"""Writes CSV that a spreadsheet opens as it is: UTF-8 with its mark, RFC 4180, and no cell that is a formula."""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence

BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel takes Korean for another encoding."""

FORMULA = frozenset("=+-@")
LEADS = frozenset("\t\r\n")

Cell = str | int | float | bool | None


def write_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Cell]]) -> bytes:
    """Give the file.  Every row has every column, in the order of `columns`; numbers stay numbers.

    Args:
        columns: Stable keys; the first line of the file.
        rows: By column.

    Raises:
        KeyError: A row lacks a column.
        ValueError: A row has a column that is not in the header.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(columns)
    for row in rows:
        if unknown := row.keys() - set(columns):
            raise ValueError(f"no columns {sorted(unknown)}")
        writer.writerow([_cell(row[name]) for name in columns])
    return (BYTE_ORDER_MARK + written.getvalue()).encode("utf-8", "replace")


def defuse(text: str) -> str:
    """Give the text with an apostrophe before it, if a spreadsheet could take it for a formula.

    What counts is the first character that shows, in its plain form: spaces, invisible characters and full width do
    not hide it.
    """
    shown = (char for char in unicodedata.normalize("NFKC", text) if not _is_hidden(char))
    return f"'{text}" if text[:1] in LEADS or next(shown, "") in FORMULA else text


def _is_hidden(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in {"Cc", "Cf"}


def _cell(value: Cell) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return defuse(value) if isinstance(value, str) else value
