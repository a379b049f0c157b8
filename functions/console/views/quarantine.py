"""What could not be applied: why, where it came from, and sending it again.  What was sent is not shown."""

import re
from collections.abc import Sequence
from typing import Literal

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from functions.console.error_pages import said
from functions.console.paging import PAGE
from functions.console.reach import may_see_on, reaches_everything
from functions.console.room import room, visitor
from functions.console.texts import text
from functions.forms.clean import UnfitTextError, clean_text
from schemas.ids import MessageId, name_of
from schemas.messages import Entry, Quarantined
from schemas.search import QuarantineFilter
from workflows.runtime.errors import NotFound, Rejected
from workflows.runtime.replay import close as close_row
from workflows.runtime.replay import closing_of
from workflows.runtime.replay import replay as replay_message

STATES: tuple[Literal["waiting", "replayed", "closed"], ...] = ("waiting", "replayed", "closed")
REASON_MAX = 500
IN_VAULT = re.compile(r" \(vault [a-z2-7]+\)")
"""Where a body lies is for nobody who replays."""


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/quarantine", "quarantine", quarantine)
    site.add_url_rule("/quarantine/<row_id>", "quarantined", quarantined)
    site.add_url_rule("/quarantine/<row_id>/replay", "replay", replay, methods=["POST"])
    site.add_url_rule("/quarantine/<row_id>/close", "quarantine_close", quarantine_close, methods=["POST"])


def quarantine() -> str:
    """List what waits, what was sent again, or what was closed, oldest first."""
    state = next((each for each in STATES if each == request.args.get("state")), STATES[0])
    wanted, rows = QuarantineFilter(state=state, within=visitor().scopes), room().ports.quarantine
    found = rows.page(wanted, after=request.args.get("after", ""), limit=PAGE)
    counts = {each: rows.count(wanted.model_copy(update={"state": each})) for each in STATES}
    shown = [_masked(row) for row in _within_reach(found.rows)]
    return render_template("quarantine.html", rows=shown, state=state, counts=counts, more=found.after)


def quarantined(row_id: str) -> str:
    """Show one row, and what became of it."""
    return _page(_row(row_id))


def replay(row_id: str) -> Response | tuple[str, int]:
    """Send the message again, under the visitor's name."""
    row = _row(row_id)
    try:
        replay_message(row.id, room().ports, by=visitor().member.id)
    except Rejected as error:
        return _page(row, fault=said(error.code)), 409
    return redirect(url_for("quarantined", row_id=row.id, replayed=1), 303)


def quarantine_close(row_id: str) -> Response | tuple[str, int]:
    """Rule that nothing more comes of it, with a reason, under the visitor's name."""
    row = _row(row_id)
    try:
        reason = clean_text(request.form.get("reason", "")).strip()
    except UnfitTextError:
        reason = ""
    if not 0 < len(reason) <= REASON_MAX:
        return _page(row, fault=text("member_fault_reason")), 422
    close_row(row.id, room().ports, by=visitor().member.id, reason=reason)
    return redirect(url_for("quarantined", row_id=row.id), 303)


def _page(row: Quarantined, fault: str = "") -> str:
    message, sees_case = row.message, False
    became: Entry | None = None
    if message is not None:
        seen = room().ports.cases.get(message.case)
        sees_case = seen is not None and may_see_on("case", seen.case)
        # Another content under the id of a message that the history has keeps a row of another name.
        names = [name_of(row.id, row.attempts), *([message.id] if row.id == message.id else [])]
        became = next(filter(None, (room().ports.cases.entry(message.case, MessageId(name)) for name in names)), None)
    return render_template(
        "quarantined.html",
        row=_masked(row),
        became=became,
        sees_case=sees_case,
        closing=closing_of(row, room().ports),
        fault=fault,
    )


def _within_reach(rows: Sequence[Quarantined]) -> Sequence[Quarantined]:
    """Give those of the rows that the visitor may see by the cases as they are now."""
    if reaches_everything(visitor().grants):
        return rows
    cases = room().staff.index.named(row.message.case for row in rows if row.message is not None)
    mine = {case_id for case_id, case in cases.items() if visitor().may_see(case)}
    return [row for row in rows if row.message is not None and row.message.case in mine]


def _row(row_id: str) -> Quarantined:
    row = room().ports.quarantine.get(row_id)
    if row is None or not (reaches_everything(visitor().grants) or _is_covered(row)):
        raise NotFound(f"[{row_id}]")
    return row


def _is_covered(row: Quarantined) -> bool:
    seen = None if row.message is None else room().ports.cases.get(row.message.case)
    return seen is not None and visitor().may_see(seen.case)


def _masked(row: Quarantined) -> Quarantined:
    return row.model_copy(update={"reason": IN_VAULT.sub("", row.reason)})
