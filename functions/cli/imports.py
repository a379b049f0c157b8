"""Takes in the rows of a file, each by itself, and reports each; or says beforehand what would become of it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from functions.cli.acting import Told, carry
from functions.cli.backends import Backend
from functions.cli.screen import BadUseError, NotDoneError, many, out, print_json, print_table
from functions.forms.csv_table import BYTES_MAX, BadCsvError, Line
from schemas.messages import Message, Verdict
from workflows.runtime.errors import BadForm, Rejected, UnknownCase

T = TypeVar("T")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="CSV in UTF-8 or CP949, with a header.")]
REFUSED, UNCHANGED = "refused", "unchanged"


@dataclass(frozen=True, slots=True)
class RowTold:
    """What becomes of one row.

    Attributes:
        number: The record's number, the header being 1.
        result: One word.
        case: The case that the row is about, if it names one.
        note: More about it.
    """

    number: int
    result: str
    case: str = ""
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {"row": self.number, "result": self.result, "case": self.case, "note": self.note}


class UnchangedError(Exception):
    """The row says what is known already; the argument names the case."""


def read_file(path: Path) -> bytes:
    """Give what is in a file; what is too large to be read is not.

    Raises:
        BadUseError: It cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            body = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise BadUseError(f"[{path}] cannot be read: {error.strerror}") from error
    if len(body) > BYTES_MAX:
        raise BadUseError(f"[{path}] is over {BYTES_MAX // 1024 // 1024} MiB; split it")
    return body


def lines_of(path: Path, read: Callable[[bytes], list[Line[T]]]) -> list[Line[T]]:
    """Give the rows of a file.

    Raises:
        NotDoneError: The file as a whole cannot be taken.
    """
    try:
        return read(read_file(path))
    except BadCsvError as error:
        raise NotDoneError(f"[{path}]: {error}") from error


def refused(line: Line[Any], faults: dict[str, str] | None = None) -> RowTold:
    """Tell every fault of a row."""
    named = {**line.faults, **(faults or {})}
    return RowTold(line.number, REFUSED, note="; ".join(f"{name} {text}" for name, text in named.items()))


def take_rows(
    backend: Backend, lines: Sequence[Line[T]], take: Callable[[T], Message], *, is_rehearsal: bool
) -> list[RowTold]:
    """Let every row that can be bring its message, and tell what became of each.

    Args:
        backend: The store.
        lines: The rows.
        take: Publishes what a row says; raises `UnchangedError` or `Rejected` where there is nothing to publish.
        is_rehearsal: Whether all of it is undone in the end.
    """
    rows: dict[int, RowTold] = {}
    numbers: list[int] = []

    def act() -> list[Message]:
        messages = []
        for line in lines:
            try:
                messages.append(_take(line, take))
                numbers.append(line.number)
            except UnchangedError as error:
                rows[line.number] = RowTold(line.number, UNCHANGED, str(error))
            except BadForm as error:
                rows[line.number] = refused(line, error.faults)
            except (Rejected, UnknownCase) as error:
                rows[line.number] = refused(line, {"row": str(error)})
        return messages

    for number, told in zip(numbers, carry(backend, act, is_rehearsal=is_rehearsal), strict=True):
        rows[number] = _row_of(number, told)
    return [rows[line.number] for line in lines]


def show_rows(
    rows: Sequence[RowTold], *, is_rehearsal: bool, as_json: bool, more: dict[str, Any], about: str = "case"
) -> None:
    """Print what became of every row.

    Args:
        rows: The rows.
        is_rehearsal: Whether nothing was changed.
        as_json: Whether to print JSON.
        more: What the JSON names beside the rows.
        about: What the rows name.

    Raises:
        NotDoneError: Some were refused.
    """
    counts = Counter(row.result for row in rows)
    if as_json:
        print_json({**more, "dry_run": is_rehearsal, "rows": [row.to_json() for row in rows], "counts": counts})
    else:
        print_table(many(len(rows), "row"), ("row", "result", about, "note"), [_cells(row) for row in rows])
        said = ", ".join(f"{count} {result}" for result, count in sorted(counts.items())) or "no rows"
        out.print(f"\n{said}{'; nothing was changed (--dry-run)' if is_rehearsal else ''}", markup=False)
    if counts[REFUSED]:
        raise NotDoneError(
            f"{many(counts[REFUSED], 'row was', 'rows were')} refused; mend that and give the file again"
        )


def _take(line: Line[T], take: Callable[[T], Message]) -> Message:
    if line.value is None:
        raise BadForm({})
    return take(line.value)


def _row_of(number: int, told: Told) -> RowTold:
    if not told.is_taken:
        return RowTold(number, REFUSED, told.message.case, told.sentence)
    result = "taken" if told.verdict == Verdict.APPLIED else told.verdict
    return RowTold(number, result, told.message.case, "" if result == "taken" else told.sentence)


def _cells(row: RowTold) -> tuple[int, str, str, str]:
    return row.number, row.result, row.case, row.note
