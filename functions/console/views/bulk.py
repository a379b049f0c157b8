"""Answering many questions at once: chosen in the inbox, shown case by case, confirmed, and accounted for."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from flask import Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from functions.console.decided_on import failed_rules
from functions.console.guard import reach
from functions.console.room import covers, room, visitor
from functions.forms.clean import UnfitTextError, clean_text
from schemas.ids import CaseId, TaskId, name_of
from schemas.messages import Actor, Case, Entry, Verdict
from schemas.notices import NOTICES
from schemas.staff import Batch
from workflows.definitions.refusals import code_of
from workflows.runtime import batch as bulk_answer
from workflows.runtime.answer import id_of
from workflows.runtime.batch import ANSWERED, QUESTION_CLOSED, MayAnswer, Outlook, actor_of, left_of
from workflows.runtime.deliver import PEOPLE
from workflows.runtime.errors import NotFound, Rejected, Unavailable

ITEMS_MAX = 100
REASON_MAX = 2_000
LISTED_MAX = 50
HELD = ".held"


@dataclass(frozen=True, slots=True)
class Tally:
    """What all outlooks together come to, each with how many there are, the most frequent first."""

    stages: Sequence[tuple[tuple[str, str], int]]
    letters: Sequence[tuple[str, bool, int]]
    reports: Sequence[tuple[tuple[str, str], int]]
    events: Sequence[tuple[str, int]]
    exceptions: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a batch, and how far it has come.

    Attributes:
        state: `todo`, `coming` (sent, and not heard yet), `held` (to be taken back until it takes effect), `done`, or
            `left` open.
        why_not: The code that says why it was left open.
        stage: Where the answer led.
    """

    case: CaseId
    state: str
    why_not: str = ""
    workflow: str = ""
    stage: str = ""


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/bulk", "batches", batches)
    site.add_url_rule("/bulk", "bulk", bulk, methods=["POST"])
    site.add_url_rule("/bulk/freeze", "bulk_freeze", bulk_freeze, methods=["POST"])
    site.add_url_rule("/bulk/<batch_id>", "batch", batch_page)
    site.add_url_rule("/bulk/<batch_id>/apply", "bulk_apply", bulk_apply, methods=["POST"])


def batches() -> str:
    """List the visitor's batches, so that one that broke off is found again."""
    found = room().staff.batches.of_member(visitor().member.id)[:LISTED_MAX]
    return render_template("batches.html", batches=[(each, left_of(each)) for each in found])


def bulk() -> Response | str:
    """Show what exactly would happen to every case that was chosen, changing nothing."""
    if not _chosen():
        return redirect(url_for("inbox", none_chosen=1), 303)
    draft = _draft()
    return _preview(draft, _look(draft))


def bulk_freeze() -> Response | tuple[str, int]:
    """Keep exactly what was shown, and do it; if it would come otherwise by now, show that instead."""
    draft, typed = _draft(), request.form.get("reason", "")
    outlooks = _look(draft)
    try:
        text = clean_text(typed)[:REASON_MAX]
    except UnfitTextError:
        return _preview(draft, outlooks, fault="reason_hint", typed=typed), 422
    if any(each.needs_reason for each in outlooks) and not text:
        return _preview(draft, outlooks, fault="reason_needed", typed=typed), 422
    if request.form.get("shown") != _name_of(outlooks):
        return _preview(draft, outlooks, fault="bulk_changed", typed=typed), 409
    # It is about all of them, so it can go with none of them.
    reference = room().ports.vault.put_text(text) if text else ""
    frozen = bulk_answer.freeze(draft.model_copy(update={"reason": reference}), outlooks, room().staff.batches)
    return _apply(frozen)


def bulk_apply(batch_id: str) -> Response:
    """Go on with a batch that broke off: only whoever confirmed it, and only as far as they still may."""
    found = room().staff.batches.get(batch_id)
    if found is None or found.by != visitor().member.id:
        raise NotFound(f"[{batch_id}]")
    return _apply(found)


def batch_page(batch_id: str) -> str:
    """Show what became of every item, to whoever confirmed the batch, and to others as far as they may see its cases.

    Raises:
        NotFound: There is none, for this visitor.
    """
    found = room().staff.batches.get(batch_id)
    if found is None:
        raise NotFound(f"[{batch_id}]")
    is_mine = found.by == visitor().member.id
    lines = [line for item in found.items if (line := _line(found, *item, is_mine=is_mine)) is not None]
    if not lines:
        raise NotFound(f"[{batch_id}]")
    counts = Counter(line.state for line in lines)
    return render_template("batch.html", batch=found, lines=lines, counts=counts, is_mine=is_mine)


def _apply(batch: Batch) -> Response:
    # Where it breaks off, the page says how many are left, and lets the visitor go on.
    with suppress(Unavailable):
        bulk_answer.apply(batch.id, room().ports, room().staff.batches, may_answer=_reach(actor_of(batch)))
    return redirect(url_for("batch", batch_id=batch.id), 303)


def _chosen() -> list[str]:
    """Give what was ticked, or all of the question where that was."""
    return request.form.getlist("every" if request.form.get("all") else "item")


def _draft() -> Batch:
    """Give what the form asks for: one question, one answer, in one of the visitor's roles.

    Raises:
        Rejected: It asks for too much at once.
    """
    role, given, question = (request.form.get(name, "") for name in ("role", "answer", "question"))
    items = {TaskId(task): CaseId(case) for task, _, case in (each.partition("/") for each in _chosen())}
    if given not in {"yes", "no"} or not question or not items or not all((*items, *items.values())):
        abort(400)
    hat = next((hat for hat, _ in visitor().hats() if hat.key == role), None)
    if hat is None:
        abort(403)
    if len(items) > ITEMS_MAX:
        raise Rejected(f"At most {ITEMS_MAX} at once.", code="too_many_at_once")
    return Batch(
        by=visitor().member.id,
        on_behalf_of=hat.on_behalf_of,
        role=hat.role,
        question=question,
        answer=given == "yes",
        undo_minutes=room().undo_minutes,
        made_at=room().ports.clock.now(),
        items=tuple(items.items()),
    )


def _look(draft: Batch) -> tuple[Outlook, ...]:
    return bulk_answer.preview(draft, room().ports, may_answer=_reach(actor_of(draft)))


def _reach(actor: Actor) -> MayAnswer:
    """Tell which cases the visitor may answer about in a role, for whom they do, by the grants that count now."""
    hats = visitor().hats()
    grants = [grant for hat, grant in hats if (hat.role, hat.on_behalf_of) == (actor.role, actor.on_behalf_of)]
    return lambda case: any(covers(grant, case) for grant in grants)


def _name_of(outlooks: Sequence[Outlook]) -> str:
    return name_of("shown", *(each.name for each in outlooks))


def _preview(draft: Batch, outlooks: Sequence[Outlook], fault: str = "", typed: str = "") -> str:
    return render_template(
        "bulk.html",
        draft=draft,
        hat=next(
            hat for hat, _ in visitor().hats() if (hat.role, hat.on_behalf_of) == (draft.role, draft.on_behalf_of)
        ),
        outlooks=outlooks,
        possible=[each for each in outlooks if not each.why_not],
        tally=_tally(outlooks),
        failed={each.case: _failed(each) for each in outlooks},
        shown=_name_of(outlooks),
        needs_reason=any(each.needs_reason for each in outlooks),
        fault=fault,
        typed=typed,
    )


def _failed(outlook: Outlook) -> tuple[str, ...]:
    """Give the rules that the application of an item fails; none where the visitor may not answer about it."""
    seen = None if outlook.why_not else room().ports.cases.get(outlook.case)
    return () if seen is None else failed_rules(seen.case)


def _tally(outlooks: Sequence[Outlook]) -> Tally:
    notices = [notice for each in outlooks for notice in each.notices]
    letters = Counter(name for role, name in notices if role in PEOPLE)
    return Tally(
        stages=Counter((each.workflow, each.stage) for each in outlooks if not each.why_not).most_common(),
        letters=[(name, NOTICES[name].kind == "decision", count) for name, count in letters.most_common()],
        reports=Counter(notice for notice in notices if notice[0] not in PEOPLE).most_common(),
        events=Counter(name for each in outlooks for _, name in each.events).most_common(),
        exceptions=Counter(each.why_not for each in outlooks if each.why_not).most_common(),
    )


def _may_open(case: Case) -> bool:
    return any(grant.role in reach()[case.workflow] and covers(grant, case) for grant in visitor().grants)


def _line(batch: Batch, task_id: TaskId, case_id: CaseId, *, is_mine: bool) -> Line | None:
    """Give how far an item has come; None where the visitor may not see its case."""
    seen = room().ports.cases.get(case_id)
    case = None if seen is None else seen.case
    if not is_mine and (case is None or not _may_open(case)):
        return None
    result = batch.results.get(task_id, "")
    if result != ANSWERED or case is None:
        return Line(case_id, "left" if result else "todo", result)
    return _answered(batch, task_id, case)


def _answered(batch: Batch, task_id: TaskId, case: Case) -> Line:
    """Give what became of an answer, by the history of its case."""
    cases = room().ports.cases
    entry = cases.entry(case.id, id_of(task_id, actor_of(batch), turn=batch.id))
    if entry is None:
        return Line(case.id, "coming")
    if entry.verdict is not Verdict.APPLIED:
        return Line(case.id, "left", code_of(entry.reason))
    held = next((step for step in entry.steps if step.clause.endswith(HELD)), None)
    if held is None:
        return Line(case.id, "done", workflow=case.workflow, stage=entry.stage)
    open_task = next((task for task in case.tasks if task.id == task_id), None)
    if open_task is not None:
        return Line(case.id, "held" if open_task.held else "left", "" if open_task.held else "taken_back")
    clauses = {held.clause.removesuffix(HELD) + word for word in (".yes", ".no")}
    later = (Entry.model_validate_json(text) for text, _ in cases.history(case.id)[entry.seq :])
    led = (step for each in later for step in each.steps if step.visit == held.visit and step.clause in clauses)
    effect = next(led, None)
    if effect is None:
        return Line(case.id, "left", QUESTION_CLOSED)
    return Line(case.id, "done", workflow=case.workflow, stage=effect.to)
