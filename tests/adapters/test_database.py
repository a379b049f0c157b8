"""Batches of the embedded backend: what stands, what is undone, and who notices."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.adapters.local.database import Database, SpoiledError


class FellOverError(Exception):
    """Something failed inside a batch."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "sadari.db")
    yield opened
    opened.close()


def put(database: Database, name: str) -> None:
    database.execute("insert into facts (id, blob) values (?, '{}')", (name,))


def names(database: Database) -> list[str]:
    return [name for (name,) in database.all("select id from facts order by id")]


def fail_inside(database: Database, name: str, *, is_bold: bool = False) -> None:
    with pytest.raises(FellOverError), database.batch(is_bold=is_bold):
        put(database, name)
        raise FellOverError


def test_a_batch_that_fails_leaves_nothing(database: Database) -> None:
    fail_inside(database, "a")

    assert names(database) == []


def test_an_inner_batch_that_fails_stands_alone(database: Database) -> None:
    with database.batch():
        put(database, "a")
        fail_inside(database, "b")
        put(database, "c")

    assert names(database) == ["a", "c"]


def test_an_inner_batch_that_fails_spoils_a_bold_one_whole(database: Database) -> None:
    with pytest.raises(SpoiledError), database.batch(is_bold=True):
        put(database, "a")
        fail_inside(database, "b")
        put(database, "c")

    assert names(database) == []


def test_a_bold_batch_inside_another_is_undone_without_it(database: Database) -> None:
    with database.batch():
        put(database, "a")
        with pytest.raises(SpoiledError), database.batch(is_bold=True):
            put(database, "b")
            fail_inside(database, "c")
        fail_inside(database, "d", is_bold=True)
        with database.batch(is_bold=True):
            put(database, "e")

    assert names(database) == ["a", "e"]


def test_whatever_is_undone_begins_a_new_epoch(database: Database) -> None:
    with database.batch():
        before = database.epoch()
        fail_inside(database, "a")
        after = database.epoch()

    assert before != after


def test_what_another_connection_writes_begins_a_new_epoch(database: Database, tmp_path: Path) -> None:
    before = database.epoch()
    own = database.epoch()
    other = Database(tmp_path / "sadari.db")
    put(other, "a")
    other.close()

    assert before == own
    assert database.epoch() != before
