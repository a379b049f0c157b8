"""Fact documents, the notice log, the quarantine and the clock in SQLite."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from functions.adapters.local.clauses import Clauses, all_of, home_columns, values_of, within
from functions.adapters.local.database import Database
from functions.adapters.local.instants import instant
from schemas.facts import fact_id_of
from schemas.ids import FactId
from schemas.messages import Notice, Quarantined
from schemas.record import Record
from schemas.search import QuarantineFilter, QuarantinePage
from workflows.runtime.cursors import moment_cursor, read_moment_cursor
from workflows.runtime.errors import Rejected


class SqliteFactStore:
    """A `FactStore` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, document: Record) -> FactId:
        """Keep the document and give its id."""
        fact_id, blob = fact_id_of(document), document.model_dump_json()
        self._database.execute("insert or ignore into facts (id, blob) values (?, ?)", (fact_id, blob))
        return fact_id

    def get(self, fact_ids: Iterable[FactId]) -> Mapping[str, Any]:
        """Give the content of the documents that exist, by id."""
        found = {}
        for fact_id in fact_ids:
            row = self._database.one("select blob from facts where id = ?", (fact_id,))
            if row is not None:
                found[str(fact_id)] = json.loads(row[0])
        return found


class SqliteNoticeLog:
    """A `NoticeLog` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, notice: Notice, *, heard_at: datetime) -> bool:
        """Record a notice; False if it is recorded already."""
        row = (notice.id, notice.type, instant(heard_at), notice.model_dump_json())
        query = "insert or ignore into notices (id, type, heard_at, blob) values (?, ?, ?, ?)"
        return self._database.execute(query, row).rowcount == 1

    def to_partners(
        self, *, since: datetime | None = None, until: datetime, after: str = "", limit: int
    ) -> Sequence[tuple[str, Notice]]:
        """Give notices to partners in the order in which they were taken up, each with its cursor."""
        heard_at, sign, notice_id = after.partition("~")
        if after and (not sign or not notice_id):
            raise Rejected("This is no cursor that a page gave.", code="no_such_page")
        query = (
            "select heard_at, id, blob from notices where json_extract(blob, '$.role') = 'partners' "
            "and (heard_at, id) > (?, ?) and heard_at >= ? and heard_at < ? order by heard_at, id limit ?"
        )
        first = "" if since is None else instant(since)
        rows = self._database.all(query, (heard_at, notice_id, first, instant(until), limit))
        return [(f"{heard_at}~{notice_id}", Notice.model_validate_json(blob)) for heard_at, notice_id, blob in rows]

    def count(self) -> Mapping[str, int]:
        """Give how many notices there are of each type."""
        return dict(self._database.all("select type, count(*) from notices group by type order by type"))


class SqliteQuarantine:
    """A `Quarantine` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, row: Quarantined) -> None:
        """Keep a row; one that is there already stays as it is."""
        values = (row.id, instant(row.heard_at), row.state, *home_columns(row.home), row.model_dump_json())
        query = (
            "insert or ignore into quarantine (id, heard_at, state, workflow, programme, cohort, university, blob) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        self._database.execute(query, values)

    def get(self, row_id: str) -> Quarantined | None:
        """Give one row."""
        row = self._database.one("select blob from quarantine where id = ?", (row_id,))
        return None if row is None else Quarantined.model_validate_json(row[0])

    def find(self) -> Iterator[Quarantined]:
        """Give all rows, oldest first."""
        rows = self._database.all("select blob from quarantine order by heard_at, id")
        for (blob,) in rows:
            yield Quarantined.model_validate_json(blob)

    def page(self, wanted: QuarantineFilter, *, after: str, limit: int) -> QuarantinePage:
        """Give some of the rows that match, oldest first."""
        clauses = _asked(wanted)
        if after:
            moment, row_id = read_moment_cursor(after)
            clauses.append(("(heard_at, id) > (?, ?)", [instant(moment), row_id]))
        # The narrow index gives the ids; only the rows that are shown are read.
        query = (
            "with found as materialized (select id, heard_at from quarantine indexed by quarantine_list "  # noqa: S608  all names are ours
            f"where {all_of(clauses)} order by heard_at, id limit ?) "
            "select blob from found join quarantine using (id) order by found.heard_at, id"
        )
        rows = self._database.all(query, (*values_of(clauses), limit + 1))
        found = tuple(Quarantined.model_validate_json(blob) for (blob,) in rows[:limit])
        behind = moment_cursor(found[-1].heard_at, found[-1].id) if len(rows) > limit else ""
        return QuarantinePage(rows=found, after=behind)

    def count(self, wanted: QuarantineFilter) -> int:
        """Give how many rows match."""
        clauses = _asked(wanted)
        query = f"select count(*) from quarantine indexed by quarantine_list where {all_of(clauses)}"  # noqa: S608  all names are ours
        return int(self._database.one(query, values_of(clauses))[0])

    def update(self, row: Quarantined) -> None:
        """Replace a row by its next version."""
        values = (row.state, *home_columns(row.home), row.model_dump_json(), row.id)
        query = (
            "update quarantine set state = ?, workflow = ?, programme = ?, cohort = ?, university = ?, blob = ? "
            "where id = ?"
        )
        self._database.execute(query, values)


def _asked(wanted: QuarantineFilter) -> Clauses:
    return [*([("state = ?", [wanted.state])] if wanted.state else []), within(wanted.within)]


class SqliteClock:
    """A `Clock` that can be turned and stays where it was turned to; until then it is the system's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        row = self._database.one("select now from clock")
        self._turned_to = None if row is None else datetime.fromisoformat(row[0])

    def now(self) -> datetime:
        """Give the aware UTC instant."""
        return self._turned_to or datetime.now(UTC)

    def turn(self, to: datetime, *, is_kept: bool = True) -> None:
        """Turn the clock, in whichever direction, and let it stand.

        Args:
            to: The instant.
            is_kept: Whether the file keeps it; a driver that turns the clock all the time keeps it with its next batch.
        """
        self._turned_to = to.astimezone(UTC)
        if not is_kept:
            return
        with self._database.batch():
            query = "insert or replace into clock (only, now) values (1, ?)"
            self._database.execute(query, (self._turned_to.isoformat(),))
