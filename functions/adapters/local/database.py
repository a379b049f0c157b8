"""One SQLite file, opened once, written by one at a time."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from functions.adapters.local.older_files import COUNTS, catch_up

SCHEMA = """
create table if not exists cases (
    id text primary key, revision integer not null, workflow text not null, stage text not null,
    round text not null, next_due text, person text not null default '', cohort text not null default '',
    programme text not null default '', university text not null default '', at_risk integer not null default 0,
    reviewer text not null default '', reached text not null default '', version integer not null default 0,
    blob text not null
);
create table if not exists history (
    case_id text not null, seq integer not null, message_id text not null, hash text not null, blob text not null
);
create unique index if not exists history_message on history (case_id, message_id);
create table if not exists tasks (
    id text primary key, case_id text not null, opened_at text not null, due_at text,
    turn text not null default '', workflow text not null default '', cohort text not null default '',
    programme text not null default '', university text not null default '', blob text not null
) without rowid;
create index if not exists tasks_case on tasks (case_id);
create table if not exists facts (id text primary key, blob text not null) without rowid;
create table if not exists people (id text primary key, blob text) without rowid;
create table if not exists people_index (
    kind text not null, value text not null, person text not null, primary key (kind, value, person)
) without rowid;
create index if not exists people_index_person on people_index (person);
create index if not exists people_due on people (json_extract(blob, '$.erase_on'), id) where blob is not null;
create table if not exists forms (
    person text not null, digest text not null, blob text not null, primary key (person, digest)
) without rowid;
create table if not exists register (
    id text primary key, kind text not null, about text not null, at text not null, blob text not null
) without rowid;
create index if not exists register_about on register (kind, about);
create table if not exists texts (id text primary key, person text, blob text not null) without rowid;
create table if not exists accesses (
    at text not null, reader text not null, subject text not null, reason text not null
);
create index if not exists accesses_subject on accesses (subject);
create table if not exists letters (
    id text primary key, person text not null, state text not null, written_at text not null,
    notice text not null default '', workflow text, programme text, cohort text, university text, blob text not null
) without rowid;
create index if not exists letters_person on letters (person);
create index if not exists letters_due on letters (unixepoch(json_extract(blob, '$.leaves_at')), id)
    where state in ('released', 'sending') and json_extract(blob, '$.leaves_at') is not null;
create table if not exists notices (
    id text primary key, type text not null, heard_at text not null, blob text not null
) without rowid;
create index if not exists notices_to_partners on notices (heard_at, id)
    where json_extract(blob, '$.role') = 'partners';
create table if not exists quarantine (
    id text primary key, heard_at text not null, state text not null default '', workflow text, programme text,
    cohort text, university text, blob text not null
) without rowid;
create table if not exists queue (
    place integer primary key autoincrement, topic text not null, message_id text not null, blob text not null,
    attempts integer not null default 0, available_at text not null default '', reason text not null default '',
    trace text not null default ''
);
create index if not exists queue_ready on queue (available_at, place);
create table if not exists alarms (
    name text primary key, rings_at text not null, has_rung integer not null default 0, blob text not null
) without rowid;
create index if not exists alarms_due on alarms (rings_at, name) where has_rung = 0;
create table if not exists members (id text primary key, email text not null unique, blob text not null) without rowid;
create table if not exists sessions (id text primary key, member text not null, blob text not null) without rowid;
create table if not exists delegations (
    id text primary key, given_by text not null, given_to text not null, until_on text not null, blob text not null
) without rowid;
create index if not exists delegations_given on delegations (given_by);
create index if not exists delegations_received on delegations (given_to, until_on);
create table if not exists marks (task text primary key, version integer not null, blob text not null) without rowid;
create index if not exists marks_held on marks (json_extract(blob, '$.held_by'));
create table if not exists batches (
    id text primary key, member text not null, version integer not null, blob text not null
) without rowid;
create index if not exists batches_member on batches (member);
create table if not exists releases (
    id text primary key, member text not null, version integer not null, blob text not null
) without rowid;
create index if not exists releases_member on releases (member);
create table if not exists subscriptions (
    id text primary key, partner text not null, state text not null, version integer not null, blob text not null
) without rowid;
create table if not exists health (
    subscription text primary key, version integer not null, blob text not null
) without rowid;
create table if not exists deliveries (
    id text primary key, subscription text not null, partner text not null, state text not null, made_at text not null,
    next_at text, version integer not null, blob text not null
) without rowid;
create index if not exists deliveries_subscription on deliveries (subscription, made_at, id);
create index if not exists deliveries_partner on deliveries (partner, made_at, id);
create index if not exists deliveries_due on deliveries (next_at, id) where next_at is not null;
create index if not exists deliveries_person on deliveries (json_extract(blob, '$.person'))
    where json_extract(blob, '$.person') <> '';
create table if not exists attempts (
    delivery text not null, number integer not null, at text not null, blob text not null,
    primary key (delivery, number)
) without rowid;
create index if not exists attempts_at on attempts (at);
create table if not exists attempt_alarms (
    name text primary key, at text not null, number integer not null, delivery text not null,
    subscription text not null,
    has_rung integer not null default 0
) without rowid;
create index if not exists attempt_alarms_at on attempt_alarms (at) where has_rung = 0;
create index if not exists attempt_alarms_due on attempt_alarms (subscription, at) where has_rung = 0;
create index if not exists attempt_alarms_rung on attempt_alarms (at) where has_rung = 1;
create table if not exists api_keys (
    id text primary key, partner text not null, version integer not null, blob text not null
) without rowid;
create table if not exists drafts (id text primary key, erase_on text not null, blob text not null) without rowid;
create table if not exists connections (
    id text primary key, version integer not null, blob text not null
) without rowid;
create table if not exists readings (
    connection text primary key, version integer not null, blob text not null
) without rowid;
create table if not exists clock (only integer primary key check (only = 1), now text not null);
"""

INDEXES = """
create index if not exists cases_person on cases (person) where person <> '';
create index if not exists cases_by_id on cases (
    id, workflow, stage, round, cohort, programme, university, at_risk, next_due, version
);
create index if not exists cases_by_cohort on cases (
    cohort, workflow, id, stage, round, programme, university, at_risk, next_due, version
);
create index if not exists cases_by_reviewer on cases (
    reviewer, id, workflow, stage, round, cohort, programme, university, at_risk, next_due, version
) where reviewer <> '';
create index if not exists cases_by_due on cases (
    next_due, id, workflow, stage, round, cohort, programme, university, at_risk, version
) where next_due is not null;
drop index if exists cases_stage;
create index if not exists tasks_list on tasks (
    opened_at, id, turn, workflow, cohort, programme, university, due_at
);
create index if not exists letters_list on letters (
    state, written_at, id, notice, cohort, workflow, programme, university
);
create index if not exists quarantine_list on quarantine (
    heard_at, id, state, cohort, workflow, programme, university
);
drop index if exists cases_list;
drop index if exists cases_due;
drop trigger if exists case_counted;
drop trigger if exists case_recounted;
drop trigger if exists case_uncounted;
drop trigger if exists stage_counted;
drop trigger if exists stage_recounted;
begin immediate;
create table if not exists stage_counts (
    workflow text not null, version integer not null, stage text not null, many integer not null,
    primary key (workflow, version, stage)
) without rowid;
insert into stage_counts
    select workflow, version, stage, sum(many) from case_counts where not exists (select 1 from stage_counts)
    group by workflow, version, stage;
commit;
"""
"""After `catch_up`, for they name columns that older files lack.

`cases_by_…` hold all that lists filter by, each in an order of the lists: a page reads one narrow index until it is
full.  `case_counts` is kept by the commit that moves a case: it has a row for each way in which the cases of a round
differ, however many they are.  `stage_counts` adds them up, for whoever asks of all rounds.  Triggers did this before;
they cost each commit four times as much as the statements that took their place.
"""

CACHE_KIB = 128 * 1024
CHECKPOINT_PAGES = 8_000
"""32 MiB of log between checkpoints: with the default of 4 MiB a long run spends most of its time copying pages."""


class Database:
    """A connection that all local adapters share.

    Threads take turns.  A statement outside of `batch` is a durable transaction of its own; inside, all are one.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        self._turn = threading.RLock()
        self._depth = 0
        self._undone = 0
        self._version = 0
        self._bold_at: int | None = None
        self._is_spoiled = False
        self._is_soiled = False
        self._connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=30, cached_statements=256
        )
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._connection.execute("pragma temp_store = memory")
        self._connection.execute(f"pragma cache_size = -{CACHE_KIB}")
        self._connection.execute(f"pragma wal_autocheckpoint = {CHECKPOINT_PAGES}")
        self._connection.executescript(SCHEMA + COUNTS)
        catch_up(self._connection)
        self._connection.executescript(INDEXES)

    def close(self) -> None:
        """Close the file.  May be repeated."""
        with self._turn:
            self._connection.close()

    def batch(self, *, is_bold: bool = False) -> "Batch":
        """Make everything inside one durable transaction; a batch inside a batch stands or falls alone (a savepoint).

        Args:
            is_bold: Do without savepoints inside: where an inner batch fails, all of this one is undone, and
                `SpoiledError` raised.
        """
        return Batch(self, is_bold=is_bold)

    def soil(self) -> None:
        """Note, inside a batch, that what it deletes must not stay readable in the bytes of the file.

        Once it is committed, the file is written anew; if others keep it busy, with the next batch.
        """
        self._is_soiled = True

    def scrub(self) -> bool:
        """Write the file anew without what was deleted, and empty its log; False if others keep it busy."""
        with self._turn:
            if self._depth:
                return False
            try:
                self._connection.execute("vacuum")
                (is_busy, *_) = self._connection.execute("pragma wal_checkpoint(truncate)").fetchone()
            except sqlite3.OperationalError:
                return False
            self._is_soiled = bool(is_busy)
            return not is_busy

    @property
    def is_soiled(self) -> bool:
        """Whether something that was deleted may still be read in the bytes of the file."""
        return self._is_soiled

    def epoch(self) -> tuple[int, int]:
        """Give a value that changes when others have written to the file, or when something of ours was undone."""
        with self._turn:
            version = self._version if self._depth else self._read_version()
            return version, self._undone

    def enter(self, *, is_bold: bool) -> None:
        """Begin a transaction or a savepoint; only `Batch` calls it."""
        if self._depth == 0:
            self._connection.execute("begin immediate")
            self._version = self._read_version()
        elif self._bold_at is None:
            self._must_stand()
            self._connection.execute("savepoint inner_batch")
        if is_bold and self._bold_at is None:
            self._bold_at, self._is_spoiled = self._depth, False
        self._depth += 1

    def leave(self, *, has_failed: bool) -> None:
        """End what `enter` began; only `Batch` calls it."""
        self._depth -= 1
        self._undone += has_failed
        if self._bold_at is not None and self._depth > self._bold_at:
            self._is_spoiled = self._is_spoiled or has_failed
            return
        is_spoiled = self._bold_at == self._depth and self._is_spoiled
        if self._bold_at == self._depth:
            self._bold_at = None
        self._undone += is_spoiled
        self._end(has_failed=has_failed or is_spoiled)
        if is_spoiled:
            raise SpoiledError

    def _end(self, *, has_failed: bool) -> None:
        if self._depth == 0:
            self._end_root(has_failed=has_failed)
            return
        if not self._connection.in_transaction:
            return  # the outermost batch will say that all of it is lost
        if has_failed:
            self._connection.execute("rollback to inner_batch")
        self._connection.execute("release inner_batch")

    def _end_root(self, *, has_failed: bool) -> None:
        if not self._connection.in_transaction:
            self._undone += 1
            if has_failed:
                return
            raise LostBatchError
        try:
            self._connection.execute("rollback" if has_failed else "commit")
        except sqlite3.Error:
            self._undone += 1
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            raise
        if self._is_soiled and not has_failed:
            self.scrub()

    def _must_stand(self) -> None:
        """SQLite undoes a whole transaction by itself when the disk is full; nothing may go on as if it stood."""
        if self._depth and not self._connection.in_transaction:
            raise LostBatchError

    def _read_version(self) -> int:
        (version,) = self._connection.execute("pragma data_version").fetchone()
        return int(version)

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement: part of the batch around it, or a durable transaction of its own."""
        with self._turn:
            self._must_stand()
            return self._connection.execute(statement, values)

    def execute_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for every row."""
        with self.batch():
            self._connection.executemany(statement, rows)

    def all(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """Give every row of a query."""
        with self._turn:
            return self._connection.execute(query, values).fetchall()

    def one(self, query: str, values: Sequence[Any] = ()) -> Any:
        """Give the first row of a query, or None."""
        with self._turn:
            return self._connection.execute(query, values).fetchone()


class LostBatchError(Exception):
    """SQLite has undone the batch by itself, as it does when the disk is full: nothing of it was kept."""


class SpoiledError(Exception):
    """An inner batch failed inside a bold one: nothing of it was kept; do it again, less boldly."""


class Batch:
    """A transaction, or inside another one a savepoint."""

    __slots__ = ("_database", "_is_bold")

    def __init__(self, database: Database, *, is_bold: bool) -> None:
        self._database = database
        self._is_bold = is_bold

    def __enter__(self) -> None:
        self._database._turn.acquire()  # noqa: SLF001  the two are one thing
        try:
            self._database.enter(is_bold=self._is_bold)
        except BaseException:
            self._database._turn.release()  # noqa: SLF001
            raise

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        try:
            self._database.leave(has_failed=kind is not None)
        finally:
            self._database._turn.release()  # noqa: SLF001
