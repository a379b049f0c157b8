"""Stores on which a selection stands somewhere, each made once by the commands and copied for every test."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.selection_desk import Desk
from tests.support.cohort import CALENDAR

Open = Callable[[Path], Desk]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """An empty store, a week before applications open."""
    made = Desk(tmp_path / "sadari.db", lambda: tuple(capsys.readouterr()))  # type: ignore[arg-type,return-value]
    made.office.embedded.clock.turn(CALENDAR.applications_open.replace(day=23, month=2))
    yield made
    made.close()


_MADE: dict[str, tuple[Path, list[str]]] = {}


def _at(step: str, make: Callable[[Desk], None], desk: Desk, factory: pytest.TempPathFactory) -> Desk:
    """Bring the desk's store to a step, by the commands the first time, by a copy afterwards."""
    if step not in _MADE:
        make(desk)
        kept = factory.mktemp(step) / "kept.db"
        with closing(sqlite3.connect(desk.store)) as source, closing(sqlite3.connect(kept)) as target:
            source.backup(target)
        _MADE[step] = (kept, [*desk.cases])
        return desk
    kept, cases = _MADE[step]
    desk.close()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{desk.store}{suffix}").unlink(missing_ok=True)
    desk.store.write_bytes(kept.read_bytes())
    desk.reopen(cases)
    return desk


@pytest.fixture
def open_desk(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The round is open, and eight people have applied."""

    def make(desk: Desk) -> None:
        desk.plan()
        desk.take_forms()

    return _at("open", make, desk, tmp_path_factory)


@pytest.fixture
def screening_desk(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The form has closed, and reviewers are assigned."""

    def make(desk: Desk) -> None:
        desk.plan()
        desk.take_forms()
        desk.close_form()
        desk.name_reviewers()

    return _at("screening", make, desk, tmp_path_factory)


@pytest.fixture
def ranked_desk(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The ranking is approved, and the results are not out."""
    return _at("ranked", lambda desk: desk.select(), desk, tmp_path_factory)


@pytest.fixture
def published_desk(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The results are out, and three offers are open."""

    def make(desk: Desk) -> None:
        desk.select()
        desk.publish()

    return _at("published", make, desk, tmp_path_factory)
