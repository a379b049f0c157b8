"""Finds cases and people in Firestore.

What is looked at lies in `cases` (see `firestore_case_store`) and `people` (see `firestore_vault`).

Indexes: equalities, with the name of the document behind them, are served by joining the automatic single-field
indexes.  Lists by `next_due` join composites, one for each field that may be asked for beside it: (workflow, next_due),
(stage, next_due), (round, next_due), (cohort, next_due), (university, next_due), (programme, next_due),
(version, next_due), (at_risk, next_due) and (reviewer, next_due), all ascending.

Lists of questions join composites of `tasks`: (turn contains, opened_at), (workflow, opened_at), (cohort, opened_at),
(programme, opened_at) and (university, opened_at), and the same with due_at.

Counts are aggregation queries, one for each stage, stage of a version, or step, eight at a time: each is billed one
read per started 1,000 index entries, and none reads a document.  Counters kept by the commit would be one more write,
contended by a whole round at its deadline.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from google.cloud.firestore import And, Client, FieldFilter, Or, Query
from google.cloud.firestore_v1.base_query import BaseFilter

from functions.adapters.google.documents import Documents, Snapshot
from functions.adapters.google.firestore_case_store import CASES, TASKS
from functions.adapters.google.firestore_vault import PEOPLE
from functions.adapters.google.scopes import BRANCHES_MAX, TOO_MANY, in_scope, within
from schemas.ids import CaseId, PersonId, TaskId
from schemas.messages import Asked, Case, Task
from schemas.search import (
    EVERYWHERE,
    CaseFilter,
    CasePage,
    Crowd,
    PersonKey,
    QuestionFilter,
    QuestionPage,
    Reach,
    Scope,
)
from workflows.definitions.steps import STEPS
from workflows.runtime.cursors import cursor_behind, moment_cursor, read_cursor, read_moment_cursor
from workflows.runtime.errors import Rejected

LAST_LETTER = "\U0010ffff"
NAMED_AT_ONCE = 1_000

T = TypeVar("T")


class FirestoreCaseIndex:
    """A `CaseIndex` in Firestore."""

    def __init__(self, client: Client, stages: Mapping[str, Mapping[int, Sequence[str]]]) -> None:
        """Find and count.

        Args:
            client: The client.
            stages: By workflow and version, the stages at which a case can stand: Firestore counts one at a time.
        """
        self._documents = Documents(client)
        self._versions = stages
        self._stages = {
            name: tuple(dict.fromkeys(stage for each in versions.values() for stage in each))
            for name, versions in stages.items()
        }

    def page(self, wanted: CaseFilter, *, after: str, limit: int) -> CasePage:
        """Give some of the cases that match."""
        if not wanted.within:
            return CasePage()
        filters, order = _asked(wanted), ["__name__"]
        if EVERYWHERE not in wanted.within:
            filters.append(
                within(wanted.within, wanted.workflow, (len(wanted.stages) or 1) * (len(wanted.workflows) or 1))
            )
        if wanted.due_before is not None:
            filters.append(FieldFilter("next_due", "<", wanted.due_before))
            order = ["next_due", *order]
        query = self._where(filters, *order)
        if after:
            due, case_id = read_cursor(after, wanted)
            query = query.start_after({**({} if due is None else {"next_due": due}), "__name__": case_id})
        found = self._documents.page(query.limit(limit + 1))
        cases = tuple(_case_in(snapshot) for snapshot in found[:limit])
        return CasePage(cases=cases, after=cursor_behind(cases[-1], wanted) if len(found) > limit else "")

    def counts(self, among: Crowd) -> Mapping[tuple[str, str], int]:
        """Give how many cases stand where there are any, by workflow and stage."""
        if not among.within:
            return {}
        workflows = [among.workflow] if among.workflow else list(self._stages)
        places = [(workflow, stage) for workflow in workflows for stage in self._stages.get(workflow, ())]
        asked = [
            [*_counted(among, workflow), FieldFilter("workflow", "==", workflow), FieldFilter("stage", "==", stage)]
            for workflow, stage in places
        ]
        return self._counts(places, asked)

    def versions(self, among: Crowd) -> Mapping[tuple[str, int, str], int]:
        """Give how many cases stand where there are any, by workflow, version and stage; of versions that are kept."""
        if not among.within:
            return {}
        workflows = [among.workflow] if among.workflow else list(self._versions)
        places = [
            (workflow, version, stage)
            for workflow in workflows
            for version, stages in self._versions.get(workflow, {}).items()
            for stage in stages
        ]
        return self._counts(places, [[*_counted(among, place[0]), *_standing(*place)] for place in places])

    def reached(self, among: Crowd) -> Mapping[str, int]:
        """Give how many cases have taken each step, where there are any."""
        if not among.within:
            return {}
        workflows = [among.workflow] if among.workflow else list(STEPS)
        steps = [(workflow, step) for workflow in workflows for step in STEPS.get(workflow, ())]
        asked = [
            [*_counted(among, workflow), FieldFilter("reached", "array_contains", step)] for workflow, step in steps
        ]
        return self._counts([step for _, step in steps], asked)

    def _counts(self, names: Sequence[T], asked: Sequence[Sequence[BaseFilter]]) -> Mapping[T, int]:
        found = self._documents.counts(self._where(filters) for filters in asked)
        return {name: many for name, many in zip(names, found, strict=True) if many}

    def questions(self, wanted: QuestionFilter, *, after: str, limit: int) -> QuestionPage:
        """Give some of the open questions that match, the longest open or the soonest due first."""
        query = self._questions(wanted)
        if query is None:
            return QuestionPage()
        query = query.order_by(wanted.by).order_by("__name__")
        if after:
            moment, task_id = read_moment_cursor(after)
            query = query.start_after({wanted.by: moment, "__name__": task_id})
        found = self._documents.page(query.limit(limit + 1))
        asked = tuple(_asked_in(snapshot) for snapshot in found[:limit])
        return QuestionPage(asked=asked, after=_behind(asked[-1], wanted) if len(found) > limit else "")

    def questions_named(self, task_ids: Sequence[TaskId]) -> Sequence[Asked]:
        """Give those of these questions that are open, the longest open first, in one call."""
        found = map(_asked_in, self._documents.read_all(TASKS, names=task_ids))
        return sorted(found, key=lambda asked: (asked.task.opened_at, asked.task.id))

    def count_questions(self, wanted: QuestionFilter) -> int:
        """Give how many open questions match."""
        query = self._questions(wanted)
        return 0 if query is None else self._documents.count(query)

    def _questions(self, wanted: QuestionFilter) -> Query | None:
        if not wanted.within:
            return None
        query: Query = self._documents.collection(TASKS).where(filter=_turns(wanted.within, wanted.workflow))
        for name in ("workflow", "cohort"):
            if value := getattr(wanted, name):
                query = query.where(filter=FieldFilter(name, "==", value))
        return query if wanted.before is None else query.where(filter=FieldFilter(wanted.by, "<", wanted.before))

    def people(self, kind: PersonKey, key: str) -> Sequence[PersonId]:
        """Give whoever was kept with this key, by id."""
        query = self._documents.collection(PEOPLE).where(filter=FieldFilter(f"key_{kind}", "==", key))
        found = self._documents.all(query.order_by("__name__").select([]))
        return [PersonId(snapshot.id) for snapshot in found]

    def people_named(self, prefix: str, *, after: str, limit: int) -> Sequence[PersonId]:
        """Give people whose name begins so, by name."""
        query = self._documents.collection(PEOPLE).where(filter=FieldFilter("name_key", ">=", prefix))
        query = query.where(filter=FieldFilter("name_key", "<", prefix + LAST_LETTER))
        query = query.order_by("name_key").order_by("__name__").limit(limit)
        if after:
            last = self._documents.read(PEOPLE, after, fields=("name_key",))
            if last is None or "name_key" not in (last.to_dict() or {}):
                return []
            query = query.start_after(last)
        return [PersonId(snapshot.id) for snapshot in self._documents.page(query.select(["name_key"]))]

    def named(self, case_ids: Iterable[CaseId]) -> Mapping[CaseId, Case]:
        """Give those cases that there are, by id."""
        asked = list(dict.fromkeys(case_ids))
        found: dict[CaseId, Case] = {}
        for start in range(0, len(asked), NAMED_AT_ONCE):
            snapshots = self._documents.read_all(CASES, names=asked[start : start + NAMED_AT_ONCE])
            found |= {CaseId(snapshot.id): _case_in(snapshot) for snapshot in snapshots}
        return found

    def cases_of(self, people: Sequence[PersonId]) -> Sequence[Case]:
        """Give all cases that are about one of these people, by case id."""
        found: list[Case] = []
        for start in range(0, len(people), BRANCHES_MAX):
            some = list(people[start : start + BRANCHES_MAX])
            query = self._documents.collection(CASES).where(filter=FieldFilter("person", "in", some))
            found += map(_case_in, self._documents.all(query.order_by("__name__")))
        return sorted(found, key=lambda case: case.id)

    def _where(self, filters: Sequence[BaseFilter], order: str = "__name__", *more: str) -> Query:
        query = self._documents.collection(CASES).order_by(order)
        for name in more:
            query = query.order_by(name)
        for each in filters:
            query = query.where(filter=each)
        return query


def _asked(wanted: CaseFilter) -> list[BaseFilter]:
    names = ("workflow", "version", "round", "cohort", "university", "reviewer")
    filters: list[BaseFilter] = [FieldFilter(name, "==", value) for name in names if (value := getattr(wanted, name))]
    for name, values in (("workflow", wanted.workflows), ("stage", wanted.stages)):
        if values:
            filters.append(FieldFilter(name, "in", list(values)))
    return [*filters, FieldFilter("at_risk", "==", True)] if wanted.is_at_risk else filters


def _standing(workflow: str, version: int, stage: str) -> list[BaseFilter]:
    named = {"workflow": workflow, "version": version, "stage": stage}
    return [FieldFilter(name, "==", value) for name, value in named.items()]


def _counted(among: Crowd, workflow: str) -> list[BaseFilter]:
    """Give what narrows a crowd to some rounds, cohorts and scopes."""
    filters: list[BaseFilter] = [
        FieldFilter(name, "==", value) for name in ("round", "cohort") if (value := getattr(among, name))
    ]
    if EVERYWHERE not in among.within:
        filters.append(within(among.within, workflow))
    return filters


def _turns(within: Sequence[Reach], workflow: str) -> BaseFilter:
    """Give, as alternatives, in which role it has to be whose turn, and where.

    Raises:
        Rejected: They are more than Firestore takes in one query.
    """
    parts: list[BaseFilter] = []
    branches = 0
    for each in dict.fromkeys(within):
        turn, scope = FieldFilter("turn", "array_contains", each.role), Scope(**each.model_dump(exclude={"role"}))
        where, many = (None, 1) if scope == EVERYWHERE else in_scope(scope, workflow)
        parts.append(turn if where is None else And([turn, where]))
        branches += many
    if branches > BRANCHES_MAX:
        raise Rejected(TOO_MANY, code="too_many_grants")
    return parts[0] if len(parts) == 1 else Or(parts)


def _behind(asked: Asked, wanted: QuestionFilter) -> str:
    return moment_cursor(getattr(asked.task, wanted.by), asked.task.id)


def _asked_in(snapshot: Snapshot) -> Asked:
    fields = {name: snapshot.get(name) for name in ("programme", "cohort", "university")}
    return Asked(task=Task.model_validate_json(snapshot.get("blob")), turn=tuple(snapshot.get("turn")), **fields)


def _case_in(snapshot: Snapshot) -> Case:
    return Case.model_validate_json(snapshot.get("blob"))
