"""The questions that wait for a visitor: in which role and for whom they may answer, and whose turn comes when."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from werkzeug.datastructures import MultiDict

from functions.console.paging import PAGE
from functions.console.room import Hat, Visitor, now, reaches, room
from schemas.ids import TaskId
from schemas.messages import Asked, Task
from schemas.search import QuestionFilter, Reach
from schemas.staff import Mark
from workflows.definitions import WORKFLOWS
from workflows.engine.definition import Ask

SOON = timedelta(days=2)
ON_ITS_WAY = timedelta(minutes=2)
"""How long an answer that was sent is taken to be on its way; after that its question stands as it is."""

AGES = (3, 7, 14)
"""Days that a question has been open for."""

PUT_OFF = "put_off"
FILTERS = ("role", "workflow", "cohort", "when", "held")


@dataclass(frozen=True, slots=True)
class Step:
    """One yes that a question needs: given, waited for now, or only after others."""

    role: str
    state: Literal["done", "now", "later"]
    by: str = ""
    on_behalf_of: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One question, as a visitor meets it.

    Attributes:
        hats: In which roles, and for whom, the visitor could answer; whether they may, the core decides.
        is_mine: Whether an answer of the visitor's, or for them, is held and may still be taken back.
        is_answered: Whether the visitor has just answered, and the case has not learnt of it yet.
        taken_until: Until when somebody works on it; None where nobody does.
    """

    asked: Asked
    mark: Mark
    hats: tuple[Hat, ...]
    steps: tuple[Step, ...]
    is_overdue: bool
    is_mine: bool
    is_answered: bool
    taken_until: datetime | None

    @property
    def task(self) -> Task:
        """The question itself."""
        return self.asked.task

    @property
    def people(self) -> Iterator[str]:
        """Give the ids of all members whom the row names."""
        yield from (self.mark.held_by, *(each for step in self.steps for each in (step.by, step.on_behalf_of)))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One page of what waits.

    Attributes:
        total: How many match in all, on every page.
        hidden: How many of this page are not shown, by why: `put_off` by the visitor, `others` have to answer,
            `taken` by somebody where only free ones are wanted, `back` and not put off, `held` as an answer of others.
        after: Where the next page begins; empty if this is the last one.
    """

    rows: list[Row] = field(default_factory=list)
    total: int = 0
    hidden: Mapping[str, int] = field(default_factory=dict)
    after: str = ""


def waiting(asks: Visitor, asked: MultiDict[str, str], after: str) -> Waiting:
    """Give a page of the questions that wait for a visitor, narrowed as the filters say."""
    index = room().staff.index
    wanted = _wanted(asks, asked)
    if asked.get("held") == "mine":
        marks = room().staff.marks.held_by(asks.member.id, now())
        rows = [row for row in rows_of(index.questions_named(tuple(marks)), asks, marks) if _reached(row, wanted)]
        return Waiting(rows, len(rows))
    page = index.questions(wanted, after=after, limit=PAGE)
    found = rows_of(page.asked, asks, room().staff.marks.get([each.task.id for each in page.asked]))
    hidden = [_hidden(row, asks, asked.get("held", "")) for row in found]
    rows = [row for row, why in zip(found, hidden, strict=True) if not why]
    return Waiting(rows, index.count_questions(wanted), Counter(filter(None, hidden)), page.after)


def rows_of(questions: Iterable[Asked], asks: Visitor, marks: Mapping[TaskId, Mark]) -> list[Row]:
    """Give questions as a visitor meets them."""
    at, me, watch = room().ports.clock.now(), asks.member.id, now()
    pairs = [(each, marks.get(each.task.id, Mark(task=each.task.id))) for each in questions]
    return [
        Row(
            asked=each,
            mark=mark,
            hats=_hats(each, asks),
            steps=steps_of(each.task),
            is_overdue=each.task.due_at is not None and each.task.due_at <= at,
            is_mine=each.task.held is not None and me in {each.task.held.by, each.task.held.on_behalf_of},
            is_answered=each.task.held is None and _is_on_its_way(each.task, mark, me, watch),
            taken_until=mark.held_until if mark.held_by and mark.held_until and mark.held_until > watch else None,
        )
        for each, mark in pairs
    ]


def ask_of(task: Task) -> Ask | None:
    """Give the clause that puts a question, in the latest version that has it."""
    versions = (workflow for (name, _), workflow in sorted(WORKFLOWS.items(), reverse=True) if name == task.workflow)
    states = (workflow.states[task.stage] for workflow in versions if task.stage in workflow.states)
    return next((ask for state in states for ask in state.asks if ask.question == task.question), None)


def steps_of(task: Task) -> tuple[Step, ...]:
    """Give every yes that a question needs: those given, by whom, then those that are left."""
    ask = ask_of(task)
    given = Counter(role.name for role in ask.roles) - Counter(task.needs) if ask is not None else Counter[str]()
    in_order = ask is not None and ask.in_order
    # Who gave which is known where there is only one way to give them out.
    roles = list(given.elements()) if in_order or len(given) == 1 else []
    done = [
        Step(roles[place] if place < len(roles) else "", "done", by, task.approved_for.get(by, ""))
        for place, by in enumerate(task.approved_by)
    ]
    left = [Step(role, "later" if in_order and place else "now") for place, role in enumerate(task.needs)]
    return (*done, *left)


def names_of(rows: Sequence[Row], *more: str) -> Mapping[str, str]:
    """Give the names of all members whom rows name, in one call; whoever is gone is named by the id."""
    wanted = {each for row in rows for each in row.people} | set(more)
    members = room().staff.members.named(sorted(wanted - {""}))
    return {each: f"{members[each].name} ({each})" if each in members else each for each in wanted}


def _wanted(asks: Visitor, asked: MultiDict[str, str]) -> QuestionFilter:
    role, when = asked.get("role", ""), asked.get("when", "")
    grants = [grant for _, grant in asks.hats() if role in {"", grant.role}]
    at = room().ports.clock.now()
    moments: dict[str, tuple[datetime, Literal["opened_at", "due_at"]]] = {
        "overdue": (at, "due_at"),
        "soon": (at + SOON, "due_at"),
        **{f"age{days}": (at - timedelta(days=days), "opened_at") for days in AGES},
    }
    before, by = moments.get(when, (None, "opened_at"))
    return QuestionFilter(
        within=tuple(dict.fromkeys(Reach(**grant.model_dump()) for grant in grants)),
        workflow=asked.get("workflow", ""),
        cohort=asked.get("cohort", ""),
        before=before,
        by=by,
    )


def _hats(asked: Asked, asks: Visitor) -> tuple[Hat, ...]:
    task = asked.task
    if task.held is not None:
        return ()
    barred = set(task.barred)
    hats = (
        hat
        for hat, grant in asks.hats()
        if hat.role in asked.turn
        and reaches(grant, asked.task.workflow, asked.programme, asked.cohort, asked.university)
        and barred.isdisjoint({asks.member.id, hat.on_behalf_of})
    )
    return tuple(dict.fromkeys(hats))


def _reached(row: Row, wanted: QuestionFilter) -> bool:
    task = row.task
    moment = getattr(task, wanted.by)
    return (
        wanted.workflow in {"", task.workflow}
        and wanted.cohort in {"", row.asked.cohort}
        and any(hat.role == each.role for hat in row.hats for each in wanted.within)
        and (wanted.before is None or (moment is not None and moment < wanted.before))
    )


def _is_on_its_way(task: Task, mark: Mark, me: str, at: datetime) -> bool:
    sent = mark.answered_at.get(me)
    return sent is not None and at - sent < ON_ITS_WAY and me not in task.barred


def _hidden(row: Row, asks: Visitor, held: str) -> str:
    """Give why a row is not shown, as `Waiting.hidden` names it; empty if it is."""
    until = row.mark.snoozed_until.get(asks.member.id)
    is_put_off = until is not None and until > now()
    if row.task.held is not None:
        return "" if row.is_mine and held != PUT_OFF else "held"
    if not row.hats:
        return "others"
    if held == PUT_OFF:
        return "" if is_put_off else "back"
    if is_put_off:
        return "put_off"
    return "taken" if held == "free" and row.taken_until else ""
