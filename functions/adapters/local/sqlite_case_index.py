"""Finds cases and people in SQLite."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from functions.adapters.local.clauses import Clauses, all_of, in_scope, values_of, within
from functions.adapters.local.database import Database
from functions.adapters.local.instants import instant
from functions.adapters.local.older_files import NAME
from schemas.ids import CaseId, PersonId, TaskId
from schemas.messages import Asked, Case, Task
from schemas.search import EVERYWHERE, CaseFilter, CasePage, Crowd, PersonKey, QuestionFilter, QuestionPage
from workflows.runtime.cursors import cursor_behind, moment_cursor, read_cursor, read_moment_cursor

LAST_LETTER = "\U0010ffff"
NAMED_AT_ONCE = 1_000


class SqliteCaseIndex:
    """A `CaseIndex` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: CaseFilter, *, after: str, limit: int) -> CasePage:
        """Give some of the cases that match."""
        clauses = [*_asked(wanted), within(wanted.within)]
        order, narrow = "id", "cases_by_id"
        if wanted.due_before is not None:
            clauses.append(("next_due < ?", [instant(wanted.due_before)]))
            order, narrow = "next_due, id", "cases_by_due"
        if wanted.cohort:
            narrow = "cases_by_cohort"
        if wanted.reviewer:
            narrow = "cases_by_reviewer"
            clauses.append(("reviewer = ? and reviewer <> ''", [wanted.reviewer]))
        if after:
            due, case_id = read_cursor(after, wanted)
            behind = [case_id] if due is None else [instant(due), case_id]
            clauses.append((f"({order}) > ({', '.join('?' * len(behind))})", behind))
        # The narrow index gives the ids; only the cases that are shown are read.
        query = (
            f"with found as materialized (select id, next_due from cases indexed by {narrow} where {all_of(clauses)} "  # noqa: S608  all names are ours
            f"order by {order} limit ?) select blob from found join cases using (id) order by "
            + ", ".join(f"found.{name}" for name in order.split(", "))
        )
        rows = self._database.all(query, (*values_of(clauses), limit + 1))
        cases = tuple(Case.model_validate_json(blob) for (blob,) in rows[:limit])
        return CasePage(cases=cases, after=cursor_behind(cases[-1], wanted) if len(rows) > limit else "")

    def counts(self, among: Crowd) -> Mapping[tuple[str, str], int]:
        """Give how many cases stand where there are any, by workflow and stage."""
        return {(workflow, stage): many for workflow, stage, many in self._counted("workflow, stage", among)}

    def versions(self, among: Crowd) -> Mapping[tuple[str, int, str], int]:
        """Give how many cases stand where there are any, by workflow, version and stage."""
        return {
            (name, version, stage): many
            for name, version, stage, many in self._counted("workflow, version, stage", among)
        }

    def reached(self, among: Crowd) -> Mapping[str, int]:
        """Give how many cases have taken each step, where there are any."""
        counted: Counter[str] = Counter()
        for steps, many in self._counted("reached", among):
            counted.update(dict.fromkeys(steps.split(), many))
        return dict(counted)

    def _counted(self, by: str, among: Crowd) -> list[Any]:
        names = ("workflow", "round", "cohort")
        asked = [(f"{name} = ?", [value]) for name in names if (value := getattr(among, name))]
        clauses: Clauses = [*asked, within(among.within)]
        is_of_all = not (among.round or among.cohort) and EVERYWHERE in among.within and by != "reached"
        table = "stage_counts" if is_of_all else "case_counts"
        query = f"select {by}, sum(many) from {table} where {all_of(clauses)} group by {by} having sum(many) > 0"  # noqa: S608  all names are ours
        return self._database.all(query, values_of(clauses))

    def questions(self, wanted: QuestionFilter, *, after: str, limit: int) -> QuestionPage:
        """Give some of the open questions that match, the longest open or the soonest due first."""
        clauses, order = _wanted(wanted), f"{wanted.by}, id"
        if after:
            moment, task_id = read_moment_cursor(after)
            clauses.append((f"({order}) > (?, ?)", [instant(moment), task_id]))
        query = (
            "with found as materialized (select id, opened_at, due_at from tasks indexed by tasks_list "  # noqa: S608  all names are ours
            f"where {all_of(clauses)} order by {order} limit ?) select blob, turn, programme, cohort, university "
            f"from found join tasks using (id) order by found.{wanted.by}, id"
        )
        rows = self._database.all(query, (*values_of(clauses), limit + 1))
        asked = tuple(_asked_in(*row) for row in rows[:limit])
        return QuestionPage(asked=asked, after=_behind(asked[-1], wanted) if len(rows) > limit else "")

    def questions_named(self, task_ids: Sequence[TaskId]) -> Sequence[Asked]:
        """Give those of these questions that are open, the longest open first, in one call."""
        places = ", ".join("?" * len(task_ids))
        query = (
            f"select blob, turn, programme, cohort, university from tasks where id in ({places}) order by opened_at, id"  # noqa: S608  nothing but question marks
        )
        return [_asked_in(*row) for row in self._database.all(query, tuple(task_ids))] if task_ids else []

    def count_questions(self, wanted: QuestionFilter) -> int:
        """Give how many open questions match."""
        clauses = _wanted(wanted)
        query = f"select count(*) from tasks indexed by tasks_list where {all_of(clauses)}"  # noqa: S608  all names are ours
        return int(self._database.one(query, values_of(clauses))[0])

    def people(self, kind: PersonKey, key: str) -> Sequence[PersonId]:
        """Give whoever was kept with this key, by id."""
        query = "select person from people_index where kind = ? and value = ? order by person"
        return [PersonId(person) for (person,) in self._database.all(query, (kind, key))]

    def people_named(self, prefix: str, *, after: str, limit: int) -> Sequence[PersonId]:
        """Give people whose name begins so, by name."""
        behind = (
            " and (value, person) > (select value, person from people_index where person = ? and kind = ?)"
            if after
            else ""
        )
        query = (
            f"select person from people_index where kind = ? and value >= ? and value < ?{behind} "  # noqa: S608  see above
            "order by value, person limit ?"
        )
        values = (NAME, prefix, prefix + LAST_LETTER, *((after, NAME) if after else ()), limit)
        return [PersonId(person) for (person,) in self._database.all(query, values)]

    def named(self, case_ids: Iterable[CaseId]) -> Mapping[CaseId, Case]:
        """Give those cases that there are, by id."""
        asked = list(dict.fromkeys(case_ids))
        found: dict[CaseId, Case] = {}
        for start in range(0, len(asked), NAMED_AT_ONCE):
            some = asked[start : start + NAMED_AT_ONCE]
            query = f"select id, blob from cases where id in ({', '.join('?' * len(some))})"  # noqa: S608  nothing but question marks
            found |= {CaseId(name): Case.model_validate_json(blob) for name, blob in self._database.all(query, some)}
        return found

    def cases_of(self, people: Sequence[PersonId]) -> Sequence[Case]:
        """Give all cases that are about one of these people, by case id."""
        places = ", ".join("?" * len(people))
        query = f"select blob from cases where person <> '' and person in ({places}) order by id"  # noqa: S608  nothing but question marks
        return [Case.model_validate_json(blob) for (blob,) in self._database.all(query, tuple(people))]


def _asked(wanted: CaseFilter) -> Clauses:
    names = ("workflow", "version", "round", "cohort", "university")
    clauses: Clauses = [(f"{name} = ?", [value]) for name in names if (value := getattr(wanted, name))]
    for name, values in (("workflow", wanted.workflows), ("stage", wanted.stages)):
        if values:
            clauses.append((f"{name} in ({', '.join('?' * len(values))})", values))
    return [*clauses, ("at_risk = 1", [])] if wanted.is_at_risk else clauses


def _wanted(wanted: QuestionFilter) -> Clauses:
    clauses: Clauses = [(f"{name} = ?", [value]) for name in ("workflow", "cohort") if (value := getattr(wanted, name))]
    if wanted.before is not None:
        clauses.append((f"{wanted.by} < ?", [instant(wanted.before)]))
    parts = [[("instr(turn, ?)", [f",{each.role},"]), *in_scope(each)] for each in wanted.within]
    reached = f"({' or '.join(all_of(part) for part in parts) or '0'})"
    return [*clauses, (reached, [value for part in parts for value in values_of(part)])]


def _behind(asked: Asked, wanted: QuestionFilter) -> str:
    return moment_cursor(getattr(asked.task, wanted.by), asked.task.id)


def _asked_in(blob: str, turn: str, programme: str, cohort: str, university: str) -> Asked:
    roles = tuple(turn.strip(",").split(","))
    task = Task.model_validate_json(blob)
    return Asked(task=task, turn=roles, programme=programme, cohort=cohort, university=university)
