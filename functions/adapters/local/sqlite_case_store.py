"""Cases, histories and open questions in SQLite."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from functions.adapters.local.database import Database
from functions.adapters.local.instants import instant
from functions.adapters.local.older_files import COUNT_ANEW, found_in
from schemas.ids import CaseId, MessageId, TaskId
from schemas.messages import Case, Entry, Task
from schemas.record import Record
from workflows.engine.history import Sealed
from workflows.runtime import traits
from workflows.runtime.errors import CaseMoved
from workflows.runtime.ports import Seen
from workflows.runtime.traits import asked_of, traits_of

KNOWN_MAX = 50_000
BEHIND = "\U0010ffff"
"""Comes behind whatever an id may hold."""

_INSERT = (
    "insert into cases (revision, workflow, person, version, stage, round, cohort, programme, university, at_risk, "
    "reviewer, reached, next_due, blob, id) values (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
# What a case is and whom it is about never changes.
_UPDATE = (
    "update cases set revision = revision + 1, version = ?, stage = ?, round = ?, cohort = ?, programme = ?, "
    "university = ?, at_risk = ?, reviewer = ?, reached = ?, next_due = ?, blob = ? where id = ? and revision = ?"
)
_RENEW = "update cases set revision = revision + 1, blob = ? where id = ? and revision = ?"
_TASK = (
    "insert or replace into tasks "
    "(id, case_id, opened_at, due_at, turn, workflow, cohort, programme, university, blob) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_COUNT = (
    "insert into case_counts (version, stage, round, cohort, programme, university, reached, workflow, many) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set many = many + excluded.many"
)
_COUNT_STAGE = (
    "insert into stage_counts (version, stage, workflow, many) values (?, ?, ?, ?) "
    "on conflict do update set many = many + excluded.many"
)
_ENTRY = "insert into history (case_id, seq, message_id, hash, blob) values (?, ?, ?, ?, ?)"


class SqliteCaseStore:
    """A `CaseStore` in one SQLite file.

    Cases that it has just written are kept at hand, until another connection writes to the file or a batch is undone.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._epoch: tuple[int, int] = (0, 0)
        self._known: dict[CaseId, Seen] = {}

    def get(self, case_id: CaseId) -> Seen | None:
        """Give the case as it stands."""
        epoch = self._database.epoch()
        if epoch != self._epoch:
            self._epoch = epoch
            self._known.clear()
        seen = self._known.get(case_id)
        if seen is None:
            row = self._database.one("select blob, revision from cases where id = ?", (case_id,))
            seen = None if row is None else Seen(Case.model_validate_json(row[0]), row[1])
        return seen

    def commit(self, sealed: Sealed, *, seen: Seen | None) -> None:
        """Write the entry, the case and its questions: all or nothing, also within a batch that goes on if refused."""
        case, message_id = sealed.case, sealed.entry.message.id
        before = () if seen is None else seen.case.tasks
        was = None if seen is None else _Found.by(seen.case, seen.subject)
        found = _Found.by(case, sealed.subject)
        try:
            with self._database.batch():
                self._write_case(case, seen, was, found)
                self._database.execute(_ENTRY, (case.id, case.seq, message_id, sealed.hash, sealed.text))
                if case.tasks or before:
                    self._write_tasks(sealed, before, is_found_anew=was != found)
        except sqlite3.IntegrityError as error:
            raise CaseMoved(f"[{case.id}]") from error
        if len(self._known) >= KNOWN_MAX:
            del self._known[next(iter(self._known))]
        self._known[case.id] = Seen(case, 1 if seen is None else seen.revision + 1, sealed.subject)

    def revision(self, case_id: CaseId) -> int | None:
        """Give the revision of a case that need not be readable."""
        row = self._database.one("select revision from cases where id = ?", (case_id,))
        return None if row is None else int(row[0])

    def mend(self, case: Case, *, revision: int | None, entries: Sequence[tuple[str, str]] | None = None) -> None:
        """Write a case, its questions and if need be its history anew, and count all cases anew: all or nothing."""
        with self._database.batch():
            if self.revision(case.id) != revision:
                raise CaseMoved(f"[{case.id}]")
            self._known.pop(case.id, None)
            self._database.execute("delete from cases where id = ?", (case.id,))
            found = _Found.by(case, None)
            row = (case.workflow, case.person, *found, next_due(case), case.model_dump_json(), case.id)
            self._database.execute(_INSERT, row)
            self._database.execute("update cases set revision = ? where id = ?", ((revision or 0) + 1, case.id))
            if entries is not None:
                self._database.execute("delete from history where case_id = ?", (case.id,))
                for seq, (text, sealed) in enumerate(entries, start=1):
                    message_id = Entry.model_validate_json(text).message.id
                    self._database.execute(_ENTRY, (case.id, seq, message_id, sealed, text))
            self._database.execute("delete from tasks where case_id = ?", (case.id,))
            self._insert_tasks(case, None, case.tasks)
            for statement in COUNT_ANEW:  # what the row was counted as, nobody knows any more
                self._database.execute(statement)

    def ids(self) -> Iterator[CaseId]:
        """Give the ids of all cases, also of those of which only the history is left."""
        rows = self._database.all("select id from cases union select case_id from history order by 1")
        return (CaseId(row[0]) for row in rows)

    def entry(self, case_id: CaseId, message_id: MessageId) -> Entry | None:
        """Give what became of a message in this case."""
        query = "select blob from history where case_id = ? and message_id = ?"
        row = self._database.one(query, (case_id, message_id))
        return None if row is None else Entry.model_validate_json(row[0])

    def history(self, case_id: CaseId) -> Sequence[tuple[str, str]]:
        """Give the entries in order, each as its stored text and hash."""
        query = "select blob, hash from history where case_id = ? order by seq"
        return self._database.all(query, (case_id,))

    def overdue(self, now: datetime, *, after: Case | None, limit: int) -> Sequence[Case]:
        """Give cases with a timer that should have rung by now, the longest overdue first."""
        query = "select blob from cases where next_due <= ? and (next_due, id) > (?, ?) order by next_due, id limit ?"
        behind = ("", "") if after is None else (next_due(after), after.id)
        rows = self._database.all(query, (instant(now), *behind, limit))
        return [Case.model_validate_json(blob) for (blob,) in rows]

    def find(
        self, *, workflow: str | None = None, stage: str | None = None, round_id: str | None = None, begins: str = ""
    ) -> Iterator[Case]:
        """Give the cases that match, by case id, read in pages."""
        given = {"workflow": workflow, "stage": stage, "round": round_id}
        named = {name: value for name, value in given.items() if value is not None}
        where = "".join(f" and {name} = ?" for name in named)
        where = f"id > ? and id >= ? and id < ?{where}"
        query = f"select id, blob from cases where {where} order by id limit 1000"  # noqa: S608  names are ours
        last = ""
        while True:
            rows = self._database.all(query, (last, begins, begins + BEHIND, *named.values()))
            for _, blob in rows:
                yield Case.model_validate_json(blob)
            if not rows:
                return
            last = rows[-1][0]

    def tasks(self, *, role: str | None = None) -> Iterator[Task]:
        """Give the open questions, for one role or for all, oldest first."""
        rows = self._database.all("select blob from tasks order by opened_at, id")
        for (blob,) in rows:
            task = Task.model_validate_json(blob)
            if role is None or role in {*task.needs, task.escalated_to}:
                yield task

    def task(self, task_id: TaskId) -> Task | None:
        """Give one open question."""
        row = self._database.one("select blob from tasks where id = ?", (task_id,))
        return None if row is None else Task.model_validate_json(row[0])

    def _write_case(self, case: Case, seen: Seen | None, was: "_Found | None", found: "_Found") -> None:
        blob = case.model_dump_json()
        if seen is None:
            row = (case.workflow, case.person, *found, next_due(case), blob, case.id)
            written = self._database.execute(_INSERT, row)
        elif case.timers == seen.case.timers and found == was:
            # Half of all commits change nothing that is looked for, and rewriting the indexes costs more than the row.
            written = self._database.execute(_RENEW, (blob, case.id, seen.revision))
        else:
            written = self._database.execute(_UPDATE, (*found, next_due(case), blob, case.id, seen.revision))
        if written.rowcount == 0:
            raise CaseMoved(f"[{case.id}]")
        self._count(case.workflow, was, found)

    def _count(self, workflow: str, was: "_Found | None", found: "_Found") -> None:
        """Count the case where it stands now instead of where it stood."""
        moves = [(was, -1), (found, 1)] if was else [(found, 1)]
        if was is None or was.counted != found.counted:
            for each, many in moves:
                self._database.execute(_COUNT, (*each.counted, workflow, many))
        if was is None or was[:2] != found[:2]:
            for each, many in moves:
                self._database.execute(_COUNT_STAGE, (*each[:2], workflow, many))

    def _write_tasks(self, sealed: Sealed, before: Sequence[Task], *, is_found_anew: bool) -> None:
        after = sealed.case.tasks
        for task in before:
            if task not in after:
                self._database.execute("delete from tasks where id = ?", (task.id,))
        changed = [task for task in after if is_found_anew or task not in before]
        self._insert_tasks(sealed.case, sealed.subject, changed)

    def _insert_tasks(self, case: Case, subject: Record | None, tasks: Sequence[Task]) -> None:
        for task in tasks:
            found_by = found_in(asked_of(task, case, subject))
            row = (task.id, task.case, instant(task.opened_at), *found_by, task.model_dump_json())
            self._database.execute(_TASK, row)


class _Found(NamedTuple):
    """What a case is found and counted by, in the order of the columns."""

    version: int
    stage: str
    round: str
    cohort: str
    programme: str
    university: str
    is_at_risk: bool
    reviewer: str
    reached: str

    @classmethod
    def by(cls, case: Case, subject: Record | None) -> "_Found":
        """Give what finds a case."""
        return cls(case.version, case.stage, case.round, case.cohort, *traits_of(case, subject))

    @property
    def counted(self) -> tuple[object, ...]:
        """What it is counted by."""
        return (*self[:6], self.reached)


def next_due(case: Case) -> str | None:
    """Give when the first timer of a case should ring, as it is written."""
    due = traits.next_due(case)
    return None if due is None else instant(due)
