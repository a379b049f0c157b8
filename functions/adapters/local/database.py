"""One SQLite file, opened once, written by one at a time."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
create table if not exists cases (
    id text primary key, revision integer not null, workflow text not null, stage text not null,
    round text not null, next_due text, blob text not null
) without rowid;
create index if not exists cases_due on cases (next_due, id) where next_due is not null;
create index if not exists cases_stage on cases (workflow, stage, round);
create table if not exists history (
    case_id text not null, seq integer not null, message_id text not null, hash text not null, blob text not null,
    primary key (case_id, seq)
) without rowid;
create unique index if not exists history_message on history (case_id, message_id);
create table if not exists tasks (
    id text primary key, case_id text not null, opened_at text not null, blob text not null
) without rowid;
create index if not exists tasks_case on tasks (case_id);
create table if not exists facts (id text primary key, blob text not null) without rowid;
create table if not exists people (id text primary key, blob text) without rowid;
create table if not exists texts (id text primary key, person text, blob text not null) without rowid;
create table if not exists accesses (at text not null, reader text not null, subject text not null, reason text not null);
create table if not exists letters (
    id text primary key, person text not null, state text not null, written_at text not null, blob text not null
) without rowid;
create index if not exists letters_person on letters (person);
create table if not exists notices (
    id text primary key, type text not null, heard_at text not null, blob text not null
) without rowid;
create table if not exists quarantine (id text primary key, heard_at text not null, blob text not null) without rowid;
create table if not exists queue (
    place integer primary key autoincrement, topic text not null, message_id text not null, blob text not null,
    attempts integer not null default 0, available_at text not null default '', reason text not null default ''
);
create index if not exists queue_ready on queue (available_at, place);
create table if not exists alarms (
    name text primary key, rings_at text not null, has_rung integer not null default 0, blob text not null
) without rowid;
create index if not exists alarms_due on alarms (rings_at, name) where has_rung = 0;
create table if not exists clock (only integer primary key check (only = 1), now text not null);
"""


class Database:
    """A connection that all local adapters share.

    Threads take turns.  Every write outside of `batch` is its own durable transaction; inside, all are one.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        self._turn = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=30, cached_statements=256
        )
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file.  May be repeated."""
        with self._turn:
            self._connection.close()

    @contextmanager
    def batch(self) -> Iterator[sqlite3.Connection]:
        """Make everything inside one durable transaction; a batch inside a batch stands or falls alone (a savepoint)."""
        with self._turn:
            begin, commit, undo = _ROOT if self._depth == 0 else _NESTED
            self._connection.execute(begin)
            self._depth += 1
            try:
                yield self._connection
            except BaseException:
                for statement in undo:
                    self._connection.execute(statement)
                raise
            else:
                self._connection.execute(commit)
            finally:
                self._depth -= 1

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for reading."""
        with self._turn:
            yield self._connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for writing: part of the batch around it, or a transaction of its own."""
        if self._depth and self._turn.acquire(blocking=False):
            try:
                yield self._connection
            finally:
                self._turn.release()
            return
        with self.batch() as connection:
            yield connection


_ROOT = ("begin immediate", "commit", ("rollback",))
_NESTED = ("savepoint inner_batch", "release inner_batch", ("rollback to inner_batch", "release inner_batch"))
