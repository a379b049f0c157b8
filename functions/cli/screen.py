"""How commands speak: data to stdout, progress and errors to stderr, JSON on request."""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

WIDTH_IN_A_PIPE = 160
ID, ID_SHOWN = re.compile(r"\b[a-z2-7]{32}\b"), 8

out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_IN_A_PIPE)
err = Console(stderr=True, highlight=False)


class BadUseError(Exception):
    """The command was called wrongly; its message is one clear line.  Exit code 2."""


class NotDoneError(Exception):
    """The command was called rightly but could not do it; its message is one clear line.  Exit code 1."""


def many(count: int, thing: str, things: str = "") -> str:
    """Give a number with its noun, such as "1 row" and "2 rows"."""
    return f"{count} {thing if count == 1 else things or thing + 's'}"


def print_json(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table.  In a terminal that is too narrow for it, ids are cut short."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    table = _table(title, columns, cells)
    if Measurement.get(out, out.options, table).maximum >= out.width and out.is_terminal:
        table = _table(title, columns, [list(map(_short, row)) for row in cells])
    out.print(table)


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, min_width=min(len(title), out.width))
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _short(text: str) -> str:
    """Cut the ids in a text to a beginning that says which one is meant."""
    return ID.sub(lambda found: found.group()[:ID_SHOWN], text)


class Bar:
    """A progress bar on stderr."""

    def __init__(self, progress: Progress, task: Any) -> None:
        self._progress = progress
        self._task = task

    def at(self, part: float, text: str | None = None) -> None:
        """Show the share of the work done, 0 to 1, and what is done now."""
        self._progress.update(self._task, completed=part)
        if text is not None:
            self._progress.update(self._task, description=text)


@contextmanager
def progress(text: str, *, is_shown: bool = True) -> Iterator[Bar]:
    """Show a progress bar while inside."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not (is_shown and err.is_terminal), transient=True) as shown:
        yield Bar(shown, shown.add_task(text, total=1.0))
