"""Cases, histories and open questions in Firestore.

    cases/{case}                     workflow, stage, round, next_due, blob; and for `FirestoreCaseIndex`
                                     person, cohort, programme, university, at_risk, version, reviewer,
                                     reached (a list)
    cases/{case}/history/{message}   seq, hash, blob (the entry's text, to the letter)
    tasks/{task}                     case, roles, opened_at, blob; and for `FirestoreCaseIndex`
                                     turn, workflow, cohort, programme, university, due_at

Indexes: `blob` has none (field override).  Composite: tasks (roles contains, opened_at).  `cases` needs no composite:
equalities are served by joining the automatic single-field indexes, and `next_due` with the name behind it by its own.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from google.cloud.firestore import Client, DocumentReference, FieldFilter, WriteBatch

from functions.adapters.google.calls import CALL_SECONDS_MAX, PAGE_SECONDS_MAX, asking
from functions.adapters.google.documents import MOVED, PAGE, Documents, Snapshot
from schemas.ids import CaseId, MessageId, TaskId
from schemas.messages import Case, Entry, Task
from schemas.record import Record
from workflows.engine.history import Sealed
from workflows.runtime.errors import CaseMoved
from workflows.runtime.ports import Seen
from workflows.runtime.traits import asked_of, next_due, traits_of

CASES, HISTORY, TASKS = "cases", "history", "tasks"
REWRITTEN_AT_ONCE = 10
BEHIND = "\U0010ffff"
"""Comes behind whatever an id may hold."""


class FirestoreCaseStore:
    """A `CaseStore` in Firestore.  The revision of a case is its document's update time."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._documents = Documents(client)

    def get(self, case_id: CaseId) -> Seen | None:
        """Give the case as it stands."""
        snapshot = self._documents.read(CASES, case_id)
        return None if snapshot is None else Seen(_case_in(snapshot), snapshot.update_time)

    def commit(self, sealed: Sealed, *, seen: Seen | None) -> None:
        """Write the entry, the case and its questions: all or nothing, in one call and without a transaction.

        A transaction would lock, livelock on a busy case, and hold its locks for a minute after a crash.
        """
        case = sealed.case
        batch = self._client.batch()
        entry = {"seq": case.seq, "hash": sealed.hash, "blob": sealed.text}
        batch.create(self._documents.at(CASES, case.id, HISTORY, sealed.entry.message.id), entry)
        reference = self._documents.at(CASES, case.id)
        if seen is None:
            batch.create(reference, _fields_of(case, sealed.subject))
        else:
            option = self._client.write_option(last_update_time=seen.revision)
            batch.update(reference, _fields_of(case, sealed.subject), option=option)
        self._add_tasks(batch, sealed, seen)
        with asking("Firestore"):
            try:
                batch.commit(retry=None, timeout=CALL_SECONDS_MAX)
            except MOVED as error:
                raise CaseMoved(f"[{case.id}]") from error

    def revision(self, case_id: CaseId) -> Any:
        """Give the update time of a case that need not be readable."""
        snapshot = self._documents.read(CASES, case_id, fields=("stage",))
        return None if snapshot is None else snapshot.update_time

    def mend(self, case: Case, *, revision: Any, entries: Sequence[tuple[str, str]] | None = None) -> None:
        """Write a case and its questions anew in one call, after its history if that is written anew.

        Entries that do not belong to the history go last, and only those that were there before the case was compared:
        whoever is stopped half-way finds them still, and one that is added meanwhile stays.
        """
        strangers = [] if entries is None else self._strangers(case.id, entries)
        if self.revision(case.id) != revision:
            raise CaseMoved(f"[{case.id}]")
        if entries is not None:
            self._rewrite(case.id, entries)
        batch, reference = self._client.batch(), self._documents.at(CASES, case.id)
        fields = _fields_of(case, None)
        if revision is None:
            batch.create(reference, fields)
        else:
            batch.update(reference, fields, option=self._client.write_option(last_update_time=revision))
        there = self._documents.collection(TASKS).where(filter=FieldFilter("case", "==", case.id))
        for snapshot in self._documents.all(there.select([])):
            batch.delete(snapshot.reference)
        for task in case.tasks:
            batch.set(self._documents.at(TASKS, task.id), _fields_of_task(task, case, None))
        with asking("Firestore"):
            try:
                batch.commit(retry=None, timeout=CALL_SECONDS_MAX)
            except MOVED as error:
                raise CaseMoved(f"[{case.id}]") from error
        for stranger in strangers:
            with asking("Firestore"):
                stranger.delete(retry=None, timeout=CALL_SECONDS_MAX)

    def _strangers(self, case_id: CaseId, entries: Sequence[tuple[str, str]]) -> list[DocumentReference]:
        """Give what lies in the history of a case beside these entries."""
        named = {Entry.model_validate_json(text).message.id for text, _ in entries}
        history = self._documents.at(CASES, case_id).collection(HISTORY)
        return [found.reference for found in self._documents.all(history.select([])) if found.id not in named]

    def _rewrite(self, case_id: CaseId, entries: Sequence[tuple[str, str]]) -> None:
        """Write a history anew, some entries at a time: one entry has up to 256 KiB, a call 10 MiB."""
        named = {Entry.model_validate_json(text).message.id: (text, sealed) for text, sealed in entries}
        history = self._documents.at(CASES, case_id).collection(HISTORY)
        rows = [
            (history.document(name), {"seq": seq, "hash": sealed, "blob": text})
            for seq, (name, (text, sealed)) in enumerate(named.items(), start=1)
        ]
        for start in range(0, len(rows), REWRITTEN_AT_ONCE):
            batch = self._client.batch()
            for reference, row in rows[start : start + REWRITTEN_AT_ONCE]:
                batch.set(reference, row)
            with asking("Firestore"):
                batch.commit(retry=None, timeout=PAGE_SECONDS_MAX)

    def ids(self) -> Iterator[CaseId]:
        """Give the ids of all cases, also of those of which only the history is left."""
        with asking("Firestore"):
            found = self._documents.collection(CASES).list_documents(
                page_size=PAGE, retry=None, timeout=PAGE_SECONDS_MAX
            )
            for reference in found:
                yield CaseId(reference.id)

    def entry(self, case_id: CaseId, message_id: MessageId) -> Entry | None:
        """Give what became of a message in this case."""
        snapshot = self._documents.read(CASES, case_id, HISTORY, message_id)
        return None if snapshot is None else Entry.model_validate_json(snapshot.get("blob"))

    def history(self, case_id: CaseId) -> Sequence[tuple[str, str]]:
        """Give the entries in order, each as its stored text and hash."""
        entries = self._documents.at(CASES, case_id).collection(HISTORY).order_by("seq")
        return [(snapshot.get("blob"), snapshot.get("hash")) for snapshot in self._documents.all(entries)]

    def overdue(self, now: datetime, *, after: Case | None, limit: int) -> Sequence[Case]:
        """Give cases with a timer that should have rung by now, the longest overdue first."""
        query = self._documents.collection(CASES).where(filter=FieldFilter("next_due", "<=", now))
        query = query.order_by("next_due").order_by("__name__").limit(limit)
        if after is not None:
            query = query.start_after({"next_due": next_due(after), "__name__": after.id})
        return [_case_in(snapshot) for snapshot in self._documents.page(query)]

    def find(
        self, *, workflow: str | None = None, stage: str | None = None, round_id: str | None = None, begins: str = ""
    ) -> Iterator[Case]:
        """Give the cases that match, by case id, read in pages."""
        query = self._documents.collection(CASES).order_by("__name__")
        if begins:
            first, behind = self._documents.at(CASES, begins), self._documents.at(CASES, begins + BEHIND)
            query = query.where(filter=FieldFilter("__name__", ">=", first))
            query = query.where(filter=FieldFilter("__name__", "<", behind))
        for name, value in (("workflow", workflow), ("stage", stage), ("round", round_id)):
            if value is not None:
                query = query.where(filter=FieldFilter(name, "==", value))
        return map(_case_in, self._documents.all(query))

    def tasks(self, *, role: str | None = None) -> Iterator[Task]:
        """Give the open questions, for one role or for all, oldest first, read in pages."""
        query = self._documents.collection(TASKS).order_by("opened_at").order_by("__name__")
        if role is not None:
            query = query.where(filter=FieldFilter("roles", "array_contains", role))
        return map(_task_in, self._documents.all(query))

    def task(self, task_id: TaskId) -> Task | None:
        """Give one open question."""
        snapshot = self._documents.read(TASKS, task_id)
        return None if snapshot is None else _task_in(snapshot)

    def _add_tasks(self, batch: WriteBatch, sealed: Sealed, seen: Seen | None) -> None:
        before, after = () if seen is None else seen.case.tasks, sealed.case.tasks
        open_ids = {task.id for task in after}
        for task in before:
            if task.id not in open_ids:
                batch.delete(self._documents.at(TASKS, task.id))
        for task in after:
            fields = _fields_of_task(task, sealed.case, sealed.subject)
            if seen is None or task not in before or fields != _fields_of_task(task, seen.case, seen.subject):
                batch.set(self._documents.at(TASKS, task.id), fields)


def _fields_of_task(task: Task, case: Case, subject: Record | None) -> dict[str, Any]:
    asked = asked_of(task, case, subject)
    return {
        "case": task.case,
        "roles": sorted({*task.needs, task.escalated_to} - {""}),
        "turn": asked.turn,
        "workflow": task.workflow,
        "cohort": asked.cohort,
        "programme": asked.programme,
        "university": asked.university,
        "opened_at": task.opened_at,
        "due_at": task.due_at,
        "blob": task.model_dump_json(),
    }


def _fields_of(case: Case, subject: Record | None) -> dict[str, Any]:
    traits = traits_of(case, subject)
    return {
        "workflow": case.workflow,
        "version": case.version,
        "stage": case.stage,
        "round": case.round,
        "next_due": next_due(case),
        "person": case.person,
        "cohort": case.cohort,
        "programme": traits.programme,
        "university": traits.university,
        "at_risk": traits.is_at_risk,
        "reviewer": traits.reviewer,
        "reached": traits.reached.split(),
        "blob": case.model_dump_json(),
    }


def _case_in(snapshot: Snapshot) -> Case:
    return Case.model_validate_json(snapshot.get("blob"))


def _task_in(snapshot: Snapshot) -> Task:
    return Task.model_validate_json(snapshot.get("blob"))
