"""Finds cases and people in Firestore.

What is looked at lies in `cases` (see `firestore_case_store`) and `people` (see `firestore_vault`).

Indexes: equalities, with the name of the document behind them, are served by joining the automatic single-field
indexes.  Lists by `next_due` join composites, one for each field that may be asked for beside it: (workflow, next_due),
(stage, next_due), (round, next_due), (cohort, next_due), (university, next_due), (programme, next_due) and
(at_risk, next_due), all ascending.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from google.cloud.firestore import And, Client, FieldFilter, Or, Query
from google.cloud.firestore_v1.base_query import BaseFilter

from functions.adapters.google.documents import Documents, Snapshot
from functions.adapters.google.firestore_case_store import CASES
from functions.adapters.google.firestore_vault import PEOPLE
from schemas.ids import PersonId
from schemas.messages import Case
from schemas.search import EVERYWHERE, OF_EVERY_UNIVERSITY, CaseFilter, CasePage, PersonKey, Scope
from workflows.runtime.errors import Rejected
from workflows.runtime.traits import cursor_behind, read_cursor

LAST_LETTER = "\U0010ffff"
BRANCHES_MAX = 30
"""Firestore refuses queries with more branches, counted after all alternatives are multiplied out."""
COUNTED_AT_ONCE = 8


class FirestoreCaseIndex:
    """A `CaseIndex` in Firestore."""

    def __init__(self, client: Client, stages: Mapping[str, Sequence[str]]) -> None:
        """Find and count.

        Args:
            client: The client.
            stages: By workflow, the stages at which a case can stand: Firestore counts one at a time.
        """
        self._documents = Documents(client)
        self._stages = stages

    def page(self, wanted: CaseFilter, *, after: str, limit: int) -> CasePage:
        """Give some of the cases that match."""
        if not wanted.within:
            return CasePage()
        filters, order = _asked(wanted), ["__name__"]
        if EVERYWHERE not in wanted.within:
            filters.append(_within(wanted.within))
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

    def counts(self, workflow: str, *, round_id: str = "", cohort: str = "") -> Mapping[str, int]:
        """Give how many cases stand at each stage where there are any."""
        asked = _asked(CaseFilter(workflow=workflow, round=round_id, cohort=cohort))

        def count(stage: str) -> int:
            return self._documents.count(self._where([*asked, FieldFilter("stage", "==", stage)]))

        stages = self._stages.get(workflow, ())
        with ThreadPoolExecutor(COUNTED_AT_ONCE) as threads:
            return {stage: many for stage, many in zip(stages, threads.map(count, stages), strict=True) if many}

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
    names = ("workflow", "stage", "round", "cohort", "university")
    filters: list[BaseFilter] = [FieldFilter(name, "==", value) for name in names if (value := getattr(wanted, name))]
    return [*filters, FieldFilter("at_risk", "==", True)] if wanted.is_at_risk else filters


def _within(scopes: Sequence[Scope]) -> BaseFilter:
    """Give the scopes as alternatives.

    Raises:
        Rejected: They are more than Firestore takes in one query.
    """
    different = list(dict.fromkeys(scopes))
    if sum((2 if scope.programme else 1) * (2 if scope.university else 1) for scope in different) > BRANCHES_MAX:
        raise Rejected("These are too many grants to list by at once.")
    parts = [_in_scope(scope) for scope in different]
    return parts[0] if len(parts) == 1 else Or(parts)


def _in_scope(scope: Scope) -> BaseFilter:
    parts: list[BaseFilter] = []
    if scope.programme:
        parts.append(FieldFilter("programme", "in", ["", scope.programme]))
    if scope.cohort:
        parts.append(FieldFilter("cohort", "==", scope.cohort))
    if scope.university:
        of_every = FieldFilter("workflow", "==", OF_EVERY_UNIVERSITY)
        parts.append(Or([FieldFilter("university", "==", scope.university), of_every]))
    return parts[0] if len(parts) == 1 else And(parts)


def _case_in(snapshot: Snapshot) -> Case:
    return Case.model_validate_json(snapshot.get("blob"))
