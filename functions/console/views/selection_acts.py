"""What the office does in the selection room: assigns, ranks, proposes.  Nothing typed is lost where it cannot."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, cast

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from functions.console.error_pages import told
from functions.console.room import room, visitor
from functions.console.views.selection import ACTS as STAGES
from functions.console.views.selection import round_for, selection_room
from functions.forms.clean import UnfitTextError, clean_text
from schemas.application import Stage as ApplicationStage
from schemas.cohort import Calendar, is_in_order
from schemas.events.application import SkipProposed
from schemas.events.round import ExtensionProposed, SupplementProposed
from schemas.facts import fact_id_of
from schemas.ids import CaseId, FactId, is_safe_id
from schemas.messages import Actor, Case
from schemas.round import Round, Stage
from workflows.definitions.seats import entries_of
from workflows.engine.moments import SEOUL
from workflows.runtime.assign import assign
from workflows.runtime.bring import bring
from workflows.runtime.errors import Rejected, UnknownCase
from workflows.runtime.rank import rank, ranked_now

Said = dict[str, Any]
"""What the page says after it was done: the text, and its number."""

REASON_MAX = 2_000


class UnfitFormError(Exception):
    """The form cannot be taken; named by the text that says why."""


def add_to(site: Flask) -> None:
    """Add the pages."""
    for name, do in ACTS.items():
        site.add_url_rule(f"/rounds/<round_id>/{name}", f"round_{name}", _page(name, do), methods=["POST"])


def _page(name: str, do: "Act") -> Callable[[str], Response | tuple[str, int]]:
    def page(round_id: str) -> Response | tuple[str, int]:
        """Do it for a round, or show what was wrong beside what was typed."""
        case, round_ = round_for(round_id)
        if case.stage not in STAGES[name]:
            # The core would keep it, and take it should the round ever come back here.
            return selection_room(case, round_, fault="round_refused", form=name), 409
        typed = {field: text for field, text in request.form.items() if field != "token"}
        try:
            if name == "rank" and request.form.get("confirmed") != "yes":
                return _asks_to_rank(case, round_), 200
            done = do(round_, visitor().actor("operator"))
        except UnfitFormError as error:
            return selection_room(case, round_, fault=str(error), form=name, typed=typed), 422
        except (Rejected, UnknownCase) as error:
            return selection_room(case, round_, fault="round_refused", detail=told(error), form=name, typed=typed), 409
        return redirect(url_for("round", round_id=case.id, **done), 303)

    return page


def _assign(round_: Round, actor: Actor) -> Said:
    made = assign(round_.round, actor, room().ports)
    return {"done": "assigned", "count": len(made.given), "missing": len(made.missing)}


def _rank(round_: Round, actor: Actor) -> Said:
    seen = room().ports.cases.get(round_.round)
    ranking, message = rank(round_.round, actor, room().ports)
    is_same = seen is not None and _counts_already(seen.case, round_, FactId(message.data["ranking"]))
    return {"done": "ranked_same" if is_same else "ranked", "count": len(ranking.entries)}


def _counts_already(case: Case, round_: Round, run: FactId) -> bool:
    """Whether a rank run is the one that is before the approvers now."""
    counting = None if round_.ranking is None else round_.ranking.id
    return case.stage == Stage.DECIDED and counting == run


def _asks_to_rank(case: Case, round_: Round) -> str:
    """Ask whether the ranking may be frozen, with what that would void.

    Raises:
        Rejected: It cannot be ranked as it is.
    """
    _, ranking = ranked_now(round_.round, room().ports)
    is_same = _counts_already(case, round_, fact_id_of(ranking))
    # The same list frozen again by somebody else is theirs as well: they cannot have approved it.
    is_theirs = is_same and visitor().member.id in round_.ranked_by
    approvers = [] if is_theirs else [each for task in case.tasks for each in task.approved_by]
    if case.stage == Stage.APPROVED:
        approvers = [each for each in round_.decided_by if each not in round_.ranked_by]
    count = len(ranking.entries)
    return render_template("rank.html", case=case, count=count, is_same=is_same, approvers=approvers)


def _extend(round_: Round, actor: Actor) -> Said:
    dates = {"applications_close": _moment("close")}
    if request.form.get("results", "").strip():
        dates["results_at"] = _moment("results")
    if dates["applications_close"] <= max(round_.calendar.applications_close, room().ports.clock.now()):
        raise UnfitFormError("round_close_not_later")
    bring(ExtensionProposed(calendar=_moved(round_.calendar, dates)), round_.round, actor, room().ports)
    return {"done": "extended"}


def _supplement(round_: Round, actor: Actor) -> Said:
    new, order = request.form.get("supplement", "").strip(), request.form.get("order", "")
    if not is_safe_id(new):
        raise UnfitFormError("round_id_unfit")
    if room().ports.cases.get(CaseId(new)) is not None:
        raise UnfitFormError("round_id_taken")
    if order not in {"kept", "merged"}:
        raise UnfitFormError("round_order_needed")
    names = {"applications_open": "opens", "applications_close": "close", "results_at": "results"}
    calendar = _moved(round_.calendar, {name: _moment(field) for name, field in names.items()})
    kept = cast("Literal['kept', 'merged']", order)
    event = SupplementProposed(supplement=CaseId(new), calendar=calendar, order=kept)
    bring(event, round_.round, actor, room().ports)
    return {"done": "supplemented"}


def _skip(round_: Round, actor: Actor) -> Said:
    entries, named = entries_of(round_), request.form.get("application", "")
    if named not in {entries[place - 1].application for place in round_.waiting}:
        raise UnfitFormError("round_nobody_waits")
    seen = room().ports.cases.get(CaseId(named))
    if seen is None or seen.case.stage != ApplicationStage.WAITLISTED:
        raise UnfitFormError("round_nobody_waits")
    bring(SkipProposed(reason=_reason()), CaseId(named), actor, room().ports)
    return {"done": "skipped"}


def _reason() -> str:
    try:
        text = clean_text(request.form.get("reason", ""))
    except UnfitTextError as error:
        raise UnfitFormError("reason_hint") from error
    if not text:
        raise UnfitFormError("reason_needed")
    return text[:REASON_MAX]


def _moment(field: str) -> datetime:
    """Give the instant that was typed; without an offset it is one in Korea."""
    try:
        moment = datetime.fromisoformat(request.form.get(field, "").strip())
    except ValueError:
        raise UnfitFormError("round_no_date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SEOUL)


def _moved(calendar: Calendar, dates: Mapping[str, datetime]) -> Calendar:
    moved = calendar.model_copy(update={"version": calendar.version + 1, **dates})
    if not is_in_order(moved):
        raise UnfitFormError("round_dates_out_of_order")
    return moved


Act = Callable[[Round, Actor], Said]
ACTS: Mapping[str, Act] = {
    "assign": _assign,
    "rank": _rank,
    "extend": _extend,
    "supplement": _supplement,
    "skip": _skip,
}
