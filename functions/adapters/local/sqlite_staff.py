"""Members of staff, their sessions and delegations, marks on questions and batches of answers, in one SQLite file."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from functions.adapters.local.database import Database
from schemas.ids import TaskId
from schemas.staff import Batch, Delegation, Mark, Member, Release, Session


class SqliteMembers:
    """A `Members` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, member_id: str) -> Member | None:
        """Give a member."""
        row = self._database.one("select blob from members where id = ?", (member_id,))
        return None if row is None else Member.model_validate_json(row[0])

    def by_email(self, email: str) -> Member | None:
        """Give the member with this address."""
        row = self._database.one("select blob from members where email = ?", (email.lower(),))
        return None if row is None else Member.model_validate_json(row[0])

    def named(self, member_ids: Iterable[str]) -> Mapping[str, Member]:
        """Give those of these members that there are, in one call."""
        wanted = tuple(dict.fromkeys(member_ids))
        places = ", ".join("?" * len(wanted))
        query = f"select blob from members where id in ({places}) order by id"  # noqa: S608  nothing but question marks
        rows = self._database.all(query, wanted) if wanted else []
        members = [Member.model_validate_json(blob) for (blob,) in rows]
        return {member.id: member for member in members}

    def put(self, member: Member) -> None:
        """Keep a member, replacing what was known before."""
        row = (member.id, member.email.lower(), member.model_dump_json())
        self._database.execute("insert or replace into members (id, email, blob) values (?, ?, ?)", row)

    def add(self, member: Member) -> bool:
        """Keep a new member; False if the id or the address is somebody's already."""
        row = (member.id, member.email.lower(), member.model_dump_json())
        try:
            self._database.execute("insert into members (id, email, blob) values (?, ?, ?)", row)
        except sqlite3.IntegrityError:
            return False
        return True

    def replace(self, member: Member, *, seen: Member) -> bool:
        """Change a member if they are still as seen; False if somebody was faster."""
        with self._database.batch():
            is_seen = self.get(member.id) == seen
            if is_seen:
                row = (member.model_dump_json(), member.id)
                self._database.execute("update members set blob = ? where id = ?", row)
        return is_seen

    def all(self) -> Sequence[Member]:
        """Give all members, by id."""
        rows = self._database.all("select blob from members order by id")
        return [Member.model_validate_json(blob) for (blob,) in rows]


class SqliteSessions:
    """A `Sessions` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, session: Session) -> None:
        """Keep a session."""
        row = (session.id, session.member, session.model_dump_json())
        self._database.execute("insert or replace into sessions (id, member, blob) values (?, ?, ?)", row)

    def get(self, session_id: str) -> Session | None:
        """Give a session that was not ended."""
        row = self._database.one("select blob from sessions where id = ?", (session_id,))
        return None if row is None else Session.model_validate_json(row[0])

    def end(self, session_id: str) -> None:
        """End a session."""
        self._database.execute("delete from sessions where id = ?", (session_id,))

    def end_all(self, member_id: str) -> None:
        """End every session of a member."""
        self._database.execute("delete from sessions where member = ?", (member_id,))


class SqliteDelegations:
    """A `Delegations` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, delegation: Delegation) -> None:
        """Keep a delegation, replacing what was known of it before."""
        row = (delegation.id, delegation.by, delegation.to, delegation.until_on.isoformat())
        self._database.execute(
            "insert or replace into delegations (id, given_by, given_to, until_on, blob) values (?, ?, ?, ?, ?)",
            (*row, delegation.model_dump_json()),
        )

    def get(self, delegation_id: str) -> Delegation | None:
        """Give a delegation."""
        found = self._found("id = ?", delegation_id)
        return found[0] if found else None

    def given(self, member_id: str) -> Sequence[Delegation]:
        """Give what a member handed to others, by id."""
        return self._found("given_by = ?", member_id)

    def received(self, member_id: str, *, since: date = date.min) -> Sequence[Delegation]:
        """Give what was handed to a member and ends on that day or later, by id."""
        return self._found("given_to = ? and until_on >= ?", member_id, since.isoformat())

    def all(self) -> Sequence[Delegation]:
        """Give all of them, by id."""
        return self._found("1")

    def _found(self, clause: str, *values: str) -> Sequence[Delegation]:
        query = f"select blob from delegations where {clause} order by id"  # noqa: S608  all names are ours
        return [Delegation.model_validate_json(blob) for (blob,) in self._database.all(query, values)]


class SqliteMarks:
    """A `Marks` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, task_ids: Sequence[TaskId]) -> Mapping[TaskId, Mark]:
        """Give the marks that there are, in one call."""
        places = ", ".join("?" * len(task_ids))
        query = f"select blob from marks where task in ({places})"  # noqa: S608  nothing but question marks
        rows = self._database.all(query, tuple(task_ids)) if task_ids else []
        marks = [Mark.model_validate_json(blob) for (blob,) in rows]
        return {mark.task: mark for mark in marks}

    def held_by(self, member_id: str, now: datetime) -> Mapping[TaskId, Mark]:
        """Give the marks of the questions that a member works on now."""
        rows = self._database.all("select blob from marks where json_extract(blob, '$.held_by') = ?", (member_id,))
        marks = [Mark.model_validate_json(blob) for (blob,) in rows]
        return {mark.task: mark for mark in marks if mark.held_until is not None and mark.held_until > now}

    def put(self, mark: Mark, *, seen: int) -> bool:
        """Keep a mark if its version is still the one seen; False if somebody was faster."""
        kept = mark.model_copy(update={"version": seen + 1})
        row = (kept.version, kept.model_dump_json(), kept.task)
        if seen:
            query = "update marks set version = ?, blob = ? where task = ? and version = ?"
            return self._database.execute(query, (*row, seen)).rowcount == 1
        return (
            self._database.execute("insert or ignore into marks (version, blob, task) values (?, ?, ?)", row).rowcount
            == 1
        )


class SqliteBatches:
    """A `Batches` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, batch_id: str) -> Batch | None:
        """Give a batch."""
        row = self._database.one("select blob from batches where id = ?", (batch_id,))
        return None if row is None else Batch.model_validate_json(row[0])

    def put(self, batch: Batch, *, seen: int) -> bool:
        """Keep a batch if its version is still the one seen; False if somebody was faster."""
        kept = batch.model_copy(update={"version": seen + 1})
        row = (kept.version, kept.model_dump_json(), kept.id)
        if seen:
            query = "update batches set version = ?, blob = ? where id = ? and version = ?"
            return self._database.execute(query, (*row, seen)).rowcount == 1
        query = "insert or ignore into batches (version, blob, id, member) values (?, ?, ?, ?)"
        return self._database.execute(query, (*row, kept.by)).rowcount == 1

    def of_member(self, member_id: str) -> Sequence[Batch]:
        """Give the batches of a member, the newest first."""
        rows = self._database.all("select blob from batches where member = ?", (member_id,))
        found = [Batch.model_validate_json(blob) for (blob,) in rows]
        return sorted(found, key=lambda batch: (batch.made_at, batch.id), reverse=True)


class SqliteReleases:
    """A `Releases` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, release_id: str) -> Release | None:
        """Give a release."""
        row = self._database.one("select blob from releases where id = ?", (release_id,))
        return None if row is None else Release.model_validate_json(row[0])

    def put(self, release: Release, *, seen: int) -> bool:
        """Keep a release if its version is still the one seen; False if somebody was faster."""
        kept = release.model_copy(update={"version": seen + 1})
        row = (kept.version, kept.model_dump_json(), kept.id)
        if seen:
            query = "update releases set version = ?, blob = ? where id = ? and version = ?"
            return self._database.execute(query, (*row, seen)).rowcount == 1
        query = "insert or ignore into releases (version, blob, id, member) values (?, ?, ?, ?)"
        return self._database.execute(query, (*row, kept.by)).rowcount == 1

    def of_member(self, member_id: str) -> Sequence[Release]:
        """Give the releases of a member, the newest first."""
        rows = self._database.all("select blob from releases where member = ?", (member_id,))
        found = [Release.model_validate_json(blob) for (blob,) in rows]
        return sorted(found, key=lambda release: (release.made_at, release.id), reverse=True)
