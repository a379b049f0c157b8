"""What waits for the visitor: questions, who works on them, and answering them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from functions.console.decided_on import DecidedOn, decided_on
from functions.console.guard import reach
from functions.console.reach import cohorts_of
from functions.console.room import Hat, covers, language, now, room, visitor
from functions.console.texts import text as text_of
from functions.console.timeline import timeline
from functions.console.waiting import AGES, FILTERS, PUT_OFF, Row, ask_of, names_of, rows_of, waiting
from functions.forms.clean import UnfitTextError, clean_text
from schemas.appeal import Appeal
from schemas.events.engine import AnswerTakenBack
from schemas.ids import CaseId, PersonId, TaskId
from schemas.messages import Case, Entry, Message, Task, Verdict
from schemas.staff import Mark
from workflows.definitions import LATEST, WORKFLOWS
from workflows.definitions.forms import FORMS
from workflows.definitions.words import WORDS
from workflows.engine.definition import Ask
from workflows.engine.words import capital
from workflows.runtime.advance import pinned
from workflows.runtime.answer import answer as answer_question
from workflows.runtime.answer import take_back as take_back_answer
from workflows.runtime.data_request import details_of
from workflows.runtime.errors import NotFound
from workflows.runtime.traits import asked_of

LEASE = timedelta(minutes=15)
SNOOZE = timedelta(hours=18)
CHANGES_SHOWN_MAX = 5
TAKEN_BACK = AnswerTakenBack.__name__


@dataclass(frozen=True, slots=True)
class Together:
    """Questions of one wording that the visitor could answer together, and in which roles."""

    number: int
    rows: list[Row]
    hats: tuple[Hat, ...]


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/inbox", "inbox", inbox)
    site.add_url_rule("/questions/<task_id>", "question", question)
    site.add_url_rule("/questions/<task_id>/reason", "question_reason", question_reason, methods=["POST"])
    site.add_url_rule("/questions/<task_id>/answer", "answer", answer, methods=["POST"])
    site.add_url_rule("/questions/<task_id>/hold", "hold", hold, methods=["POST"])
    site.add_url_rule("/questions/<task_id>/back", "take_back", take_back, methods=["POST"])


def inbox() -> str:
    """Show a page of the questions that wait for the visitor, the longest open or the soonest due first."""
    asks = visitor()
    found = waiting(asks, request.args, request.args.get("after", ""))
    filters = {name: value for name in FILTERS if (value := request.args.get(name, ""))}
    return render_template(
        "inbox.html",
        found=found,
        rows=found.rows,
        names=names_of(found.rows),
        me=asks.member.id,
        together=_together(found.rows),
        filters=filters,
        put_off=found.rows if filters.get("held") == PUT_OFF else [],
        is_later=bool(request.args.get("after")),
        roles=sorted({grant.role for grant in asks.grants}),
        workflows=list(LATEST),
        cohorts=cohorts_of(asks),
        ages=AGES,
    )


def question(task_id: str) -> str | tuple[str, int]:
    """Show one question, and what each answer leads to."""
    if room().ports.cases.task(TaskId(task_id)) is None:
        return _closed(task_id)
    return _question_page(_row(TaskId(task_id)))


def _closed(task_id: str) -> tuple[str, int]:
    """Say of a question that is closed who answered what and when, where the link names a case of the visitor's."""
    named = CaseId(request.args.get("case", ""))
    seen = room().ports.cases.get(named) if named else None
    case = seen.case if seen is not None and _may_know(seen.case) else None
    if case is not None and case.workflow == "data_request" and not reach()[case.workflow] & _roles():
        case = None
    history = [] if case is None else room().ports.cases.history(case.id)
    entries = [Entry.model_validate_json(text) for text, _ in history]
    answers = [each for each in entries if each.verdict is Verdict.APPLIED and each.message.data.get("task") == task_id]
    if case is None or not answers:
        return render_template("closed.html", case=None, lines=[]), 404
    workflow = pinned(case.workflow, case.version, case.fingerprint)
    return render_template("closed.html", case=case, lines=timeline(workflow, answers)), 200


def question_reason(task_id: str) -> str:
    """Show the reason of an appeal to whoever has to answer it; the access log says who read it."""
    row = _row(TaskId(task_id))
    seen = room().ports.cases.get(row.task.case)
    if seen is None or not row.hats or row.task.workflow != "appeal":
        raise NotFound(f"[{task_id}]")
    reference, why = Appeal.model_validate_json(seen.case.subject).reason, f"question {row.task.id}"
    said = room().ports.vault.get_text(reference, reader=visitor().member.id, reason=why)
    return _question_page(row, words=text_of("reason_gone") if said is None else said)


def _question_page(row: Row, fault: str = "", typed: str = "", role: str = "", words: str = "") -> str:
    ask = ask_of(row.task)
    return render_template(
        "question.html",
        row=row,
        ways=_ways(row.task, ask),
        names=names_of([row]),
        me=visitor().member.id,
        needs_reason=ask is not None and ask.needs_reason,
        in_order=ask is not None and ask.in_order,
        asked=_asked_in(row),
        on=_decided_on(row),
        words=words,
        fault=fault,
        typed=typed,
        role=role,
    )


def _decided_on(row: Row) -> DecidedOn:
    seen = room().ports.cases.get(row.task.case)
    return DecidedOn() if seen is None else decided_on(seen.case)


def _asked_in(row: Row) -> dict[str, object]:
    """Give what a request about personal data asks, in the person's words, to whoever has to answer it."""
    seen = room().ports.cases.get(row.task.case) if row.task.workflow == "data_request" and row.hats else None
    if seen is None:
        return {}
    facts, reason = seen.case.data, f"question {row.task.id}"
    said = details_of(facts["details"], room().ports, reader=visitor().member.id, reason=reason)
    return {"right": facts["right"], "text": said.get("text", ""), "changes": _named(said.get("changes", {}))}


def _named(changes: object) -> dict[str, str]:
    """Name what is to be corrected as the form does."""
    asked = changes if isinstance(changes, Mapping) else {}
    fields = {field.name: field.label for form in reversed(list(FORMS.values())) for field in form.fields}
    labels = {**fields, "contact": fields["phone"]}
    return {labels[name].to(language()) if name in labels else name: each for name, each in asked.items()}


def answer(task_id: str) -> Response | tuple[str, int]:
    """Take the visitor's answer.  Where somebody was faster, nothing is done and nothing typed is lost."""
    given, reason = request.form.get("answer", ""), request.form.get("reason", "")
    task = room().ports.cases.task(TaskId(task_id))
    if task is None:
        return _changed(task_id, reason)
    row, key = _row(task.id), request.form.get("role", "")
    hat = next((each for each in row.hats if each.key == key), None)
    if hat is None and _is_repeat(task_id, task.case):
        return redirect(url_for("inbox", answered=1), 303)
    fault = _fault(given, reason, hat, row)
    if fault or hat is None:
        return _question_page(row, fault, reason, key), 422
    text = clean_text(reason)
    seen = room().ports.cases.get(task.case)
    person = PersonId(seen.case.person) if seen is not None and seen.case.person else None
    reference = room().ports.vault.put_text(text, person_id=person) if text else ""
    try:
        answer_question(
            task.id,
            visitor().actor(hat.role, hat.on_behalf_of),
            room().ports,
            yes=given == "yes",
            reason=reference,
            undo_minutes=room().undo_minutes,
        )
    except NotFound:
        return _changed(task_id, reason, task.case)
    _note(row.mark.task, sent=True)
    return redirect(url_for("inbox", answered=1), 303)


def _is_repeat(task_id: str, case_id: CaseId) -> bool:
    """Whether the visitor has answered this very question so already, as after a double click."""
    seen = room().ports.cases.get(case_id) if case_id else None
    if seen is None or not _may_know(seen.case):
        return False
    entries = (Entry.model_validate_json(text) for text, _ in room().ports.cases.history(case_id)[-CHANGES_SHOWN_MAX:])
    told = [
        each.message for each in entries if each.verdict is Verdict.APPLIED and each.message.data.get("task") == task_id
    ]
    mine = [each for each in told if each.type == TAKEN_BACK or _is_mine(each)]
    return bool(mine) and mine[-1].data.get("answer") is (request.form.get("answer") == "yes")


def _is_mine(message: Message) -> bool:
    actor = message.actor
    return actor.id == visitor().member.id and Hat(actor.role, actor.on_behalf_of).key == request.form.get("role")


def take_back(task_id: str) -> Response:
    """Take back an answer that is the visitor's, or was given for them, before it takes effect."""
    held, me = _row(TaskId(task_id)).task.held, visitor().member.id
    role, given_for = ("", "") if held is None else (held.role, held.on_behalf_of if held.by == me else "")
    take_back_answer(TaskId(task_id), visitor().actor(role, given_for), room().ports)
    _note(TaskId(task_id), sent=False)
    return redirect(url_for("inbox", taken_back=1), 303)


def _note(task_id: TaskId, *, sent: bool) -> None:
    """Note on a question that an answer of the visitor's is on its way, or is none any more.

    It only spares them an answer given twice, which the case would take once: where a colleague is faster, it is left.
    """
    marks, me = room().staff.marks, visitor().member.id
    mark = marks.get([task_id]).get(task_id, Mark(task=task_id))
    others = {member: at for member, at in mark.answered_at.items() if member != me}
    marks.put(mark.model_copy(update={"answered_at": others | ({me: now()} if sent else {})}), seen=mark.version)


def hold(task_id: str) -> Response:
    """Take a question, let it go, have it come back tomorrow, or call it back: a write on the mark alone."""
    row, me, at = _row(TaskId(task_id)), visitor().member.id, now()
    update: dict[str, object] = {"held_by": me, "held_until": at + LEASE}
    if request.form.get("what") == "release":
        update = {"held_by": "", "held_until": None}
    if request.form.get("what") == "snooze":
        update = {"snoozed_until": {**row.mark.snoozed_until, me: at + SNOOZE}}
    if request.form.get("what") == "back":
        update = {"snoozed_until": {who: until for who, until in row.mark.snoozed_until.items() if who != me}}
    is_mine = row.mark.held_by in {"", me} or _is_over(row.mark.held_until, at)
    # Whoever cannot answer keeps nobody else from it.
    may_take = is_mine and (row.hats or request.form.get("what") == "release")
    if may_take or request.form.get("what") in {"snooze", "back"}:
        room().staff.marks.put(row.mark.model_copy(update=update), seen=row.mark.version)
    return redirect(url_for("inbox"), 303)


def _fault(given: str, reason: str, hat: Hat | None, row: Row) -> str:
    """Name what is wrong with the form, by the text that says it; empty if nothing is."""
    if not row.hats:
        return "not_your_turn"
    if given not in {"yes", "no"} or hat is None:
        return "error_403"
    try:
        text = clean_text(reason)
    except UnfitTextError:
        return "reason_hint"
    ask = ask_of(row.task)
    return "reason_needed" if ask is not None and ask.needs_reason and not text else ""


def _row(task_id: TaskId) -> Row:
    """Give one question that the visitor may see.

    Raises:
        NotFound: There is none, for this visitor.
    """
    task = room().ports.cases.task(task_id)
    seen = None if task is None else room().ports.cases.get(task.case)
    if task is None or seen is None or not _may_know(seen.case):
        raise NotFound(f"[{task_id}]")
    (row,) = rows_of([asked_of(task, seen.case)], visitor(), room().staff.marks.get([task_id]))
    if not row.hats and not _may_look_on(task):
        raise NotFound(f"[{task_id}]")
    return row


def _may_look_on(task: Task) -> bool:
    """Whether somebody who cannot answer may see it: one about personal data is between those whom it names."""
    roles = _roles()
    is_named = bool(roles & {*task.needs, task.escalated_to})
    return is_named or (task.workflow != "data_request" and roles != {"privacy_officer"})


def _roles() -> set[str]:
    return {grant.role for grant in visitor().grants}


def _may_know(case: Case) -> bool:
    """Whether a grant covers the case, in a role that may open cases of its workflow or is asked something there."""
    states = (state for (name, _), each in WORKFLOWS.items() if name == case.workflow for state in each.states.values())
    asks = [ask for state in states for ask in state.asks]
    asked = {role.name for ask in asks for role in (*ask.roles, ask.escalate_to) if role is not None}
    roles = reach()[case.workflow] | asked
    return any(grant.role in roles and covers(grant, case) for grant in visitor().grants)


def _together(rows: list[Row]) -> dict[str, Together]:
    """Give, by question, the rows that several have in common."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.hats and not row.is_answered:
            found.setdefault(row.task.question, []).append(row)
    several = [(question, each) for question, each in found.items() if len(each) > 1]
    return {
        question: Together(number, each, tuple(dict.fromkeys(hat for row in each for hat in row.hats)))
        for number, (question, each) in enumerate(several)
    }


def _is_over(instant: datetime | None, at: datetime) -> bool:
    return instant is not None and instant <= at


def _ways(task: Task, ask: Ask | None) -> dict[str, str]:
    """Give where each answer leads, in words."""
    speech = WORDS.speech(language())
    targets = {} if ask is None else {"yes": ask.yes, "no": ask.no}
    return {name: capital(speech.stage(task.workflow, stage)) for name, stage in targets.items() if stage is not None}


def _changed(task_id: str, typed: str, case_id: CaseId | None = None) -> Response | tuple[str, int]:
    """Show what happened meanwhile, and give back what was typed; what came twice was taken once."""
    named = case_id or request.form.get("case", "")
    if _is_repeat(task_id, CaseId(named)):
        return redirect(url_for("inbox", answered=1), 303)
    seen = room().ports.cases.get(CaseId(str(named))) if named else None
    case = seen.case if seen is not None and _may_know(seen.case) else None
    history = [] if case is None else room().ports.cases.history(case.id)
    entries = [Entry.model_validate_json(text) for text, _ in history[-CHANGES_SHOWN_MAX:]]
    return render_template("changed.html", case=case, entries=entries, typed=typed, task=task_id), 409
