"""What waits for the visitor: questions, who works on them, and answering them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from functions.console.room import Visitor, now, room, visitor
from functions.forms.clean import UnfitTextError, clean_text
from schemas.ids import CaseId, PersonId, TaskId
from schemas.messages import Case, Entry, Task
from schemas.staff import Mark
from workflows.definitions.words import WORDS
from workflows.engine.words import capital
from workflows.runtime.advance import pinned
from workflows.runtime.answer import answer as answer_question
from workflows.runtime.answer import take_back as take_back_answer
from workflows.runtime.errors import NotFound

LEASE = timedelta(minutes=15)
SNOOZE = timedelta(hours=18)
SHOWN_MAX = 50
CHANGES_SHOWN_MAX = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One question in an inbox."""

    task: Task
    case: Case | None
    mark: Mark
    is_overdue: bool
    may_answer_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Questions of one wording that the visitor could answer together, and in which roles."""

    number: int
    rows: list[Row]
    roles: tuple[str, ...]


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/inbox", "inbox", inbox)
    site.add_url_rule("/questions/<task_id>", "question", question)
    site.add_url_rule("/questions/<task_id>/answer", "answer", answer, methods=["POST"])
    site.add_url_rule("/questions/<task_id>/hold", "hold", hold, methods=["POST"])
    site.add_url_rule("/questions/<task_id>/back", "take_back", take_back, methods=["POST"])


def inbox() -> str:
    """Show the questions that wait for one of the visitor's roles, oldest first."""
    asks = visitor()
    roles = {grant.role for grant in asks.grants}
    tasks = [task for role in sorted(roles) for task in room().ports.cases.tasks(role=role)]
    tasks = sorted({task.id: task for task in tasks}.values(), key=lambda task: (task.opened_at, task.id))
    rows = [row for row in _rows(tasks[:SHOWN_MAX], asks) if _is_shown(row, asks)]
    return render_template("inbox.html", rows=rows, me=asks.member.id, together=_together(rows))


def question(task_id: str) -> str:
    """Show one question, and what each answer leads to."""
    row = _row(TaskId(task_id))
    return render_template("question.html", row=row, ways=_ways(row), **_ask_of(row))


def answer(task_id: str) -> Response | tuple[str, int]:
    """Take the visitor's answer.  Where somebody was faster, nothing is done and nothing typed is lost."""
    given, reason = request.form.get("answer", ""), request.form.get("reason", "")
    task = room().ports.cases.task(TaskId(task_id))
    if task is None:
        return _changed(task_id, reason)
    row = _row(task.id)
    asked = _ask_of(row)
    role = request.form.get("role", "")
    fault = _fault(given, reason, role, row, needs_reason=bool(asked["needs_reason"]))
    if fault:
        return render_template("question.html", row=row, ways=_ways(row), fault=fault, typed=reason, **asked), 422
    text = clean_text(reason)
    person = PersonId(row.case.person) if row.case is not None and row.case.person else None
    reference = room().ports.vault.put_text(text, person_id=person) if text else ""
    try:
        answer_question(
            task.id,
            visitor().actor(role),
            room().ports,
            yes=given == "yes",
            reason=reference,
            undo_minutes=room().undo_minutes,
        )
    except NotFound:
        return _changed(task_id, reason, task.case)
    return redirect(url_for("inbox", answered=1), 303)


def take_back(task_id: str) -> Response:
    """Take back the visitor's own answer, before it takes effect."""
    row = _row(TaskId(task_id))
    role = row.task.held.role if row.task.held is not None else ""
    take_back_answer(row.task.id, visitor().actor(role), room().ports)
    return redirect(url_for("inbox", taken_back=1), 303)


def hold(task_id: str) -> Response:
    """Take a question, let it go, or have it come back tomorrow: a compare-and-set write on the mark alone."""
    row, me, at = _row(TaskId(task_id)), visitor().member.id, now()
    update: dict[str, object] = {"held_by": me, "held_until": at + LEASE}
    if request.form.get("what") == "release":
        update = {"held_by": "", "held_until": None}
    if request.form.get("what") == "snooze":
        update = {"snoozed_until": {**row.mark.snoozed_until, me: at + SNOOZE}}
    is_mine = row.mark.held_by in {"", me} or _is_over(row.mark.held_until, at)
    if is_mine or request.form.get("what") == "snooze":
        room().staff.marks.put(row.mark.model_copy(update=update), seen=row.mark.version)
    return redirect(url_for("inbox"), 303)


def _fault(given: str, reason: str, role: str, row: Row, *, needs_reason: bool) -> str:
    """Name what is wrong with the form, by the text that says it; empty if nothing is."""
    if given not in {"yes", "no"} or role not in row.may_answer_as:
        return "error_403"
    try:
        text = clean_text(reason)
    except UnfitTextError:
        return "reason_hint"
    return "reason_needed" if needs_reason and not text else ""


def _row(task_id: TaskId) -> Row:
    """Give one question that the visitor may see.

    Raises:
        NotFound: There is none, for this visitor.
    """
    task = room().ports.cases.task(task_id)
    rows = [] if task is None else list(_rows([task], visitor()))
    if not rows:
        raise NotFound(f"[{task_id}]")
    return rows[0]


def _rows(tasks: list[Task], asks: Visitor) -> list[Row]:
    at, marks = now(), room().staff.marks.get([task.id for task in tasks])
    found = []
    for task in tasks:
        seen = room().ports.cases.get(task.case)
        if seen is not None and asks.may_see(seen.case):
            roles = _roles(task, seen.case, asks)
            mark = marks.get(task.id, Mark(task=task.id))
            found.append(Row(task, seen.case, mark, _is_over(task.due_at, at), roles))
    return found


def _together(rows: list[Row]) -> dict[str, Together]:
    """Give, by question, the rows that several have in common."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.may_answer_as:
            found.setdefault(row.task.question, []).append(row)
    several = [(question, each) for question, each in found.items() if len(each) > 1]
    return {
        question: Together(number, each, tuple(dict.fromkeys(role for row in each for role in row.may_answer_as)))
        for number, (question, each) in enumerate(several)
    }


def _roles(task: Task, case: Case, asks: Visitor) -> tuple[str, ...]:
    """Give the roles in which the visitor could answer; whether they may, the core decides."""
    wanted = {*task.needs, task.escalated_to}
    barred = task.held is not None or asks.member.id in {*task.not_by, *task.approved_by}
    mine = (grant.role for grant in asks.grants if grant.role in wanted)
    return () if barred or not asks.may_see(case) else tuple(dict.fromkeys(mine))


def _is_shown(row: Row, asks: Visitor) -> bool:
    until = row.mark.snoozed_until.get(asks.member.id)
    if row.task.held is not None:
        return row.task.held.by == asks.member.id
    return bool(row.may_answer_as) and _is_over(until, now(), nothing=True)


def _is_over(instant: datetime | None, at: datetime, *, nothing: bool = False) -> bool:
    return nothing if instant is None else instant <= at


def _ask_of(row: Row) -> dict[str, object]:
    if row.case is None:
        return {"needs_reason": False}
    workflow = pinned(row.case.workflow, row.case.version, row.case.fingerprint)
    asks = workflow.states[row.task.stage].asks
    found = next(ask for ask in asks if ask.question == row.task.question)
    return {"needs_reason": found.needs_reason}


def _ways(row: Row) -> dict[str, str]:
    """Give where each answer leads, in words."""
    if row.case is None:
        return {}
    workflow = pinned(row.case.workflow, row.case.version, row.case.fingerprint)
    found = next(ask for ask in workflow.states[row.task.stage].asks if ask.question == row.task.question)
    speech = WORDS.speech("en" if visitor().member.locale == "en" else "ko")
    targets = {"yes": found.yes, "no": found.no}
    return {name: capital(speech.stage(workflow.name, stage)) for name, stage in targets.items() if stage is not None}


def _changed(task_id: str, typed: str, case_id: CaseId | None = None) -> tuple[str, int]:
    """Show what happened meanwhile, and give back what was typed."""
    named = case_id or request.form.get("case", "")
    seen = room().ports.cases.get(CaseId(str(named))) if named else None
    case = seen.case if seen is not None and visitor().may_see(seen.case) else None
    history = [] if case is None else room().ports.cases.history(case.id)
    entries = [Entry.model_validate_json(text) for text, _ in history[-CHANGES_SHOWN_MAX:]]
    return render_template("changed.html", case=case, entries=entries, typed=typed, task=task_id), 409
