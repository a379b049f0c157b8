"""Handing a role on for some days, and ending that: one's own, and for administrators everybody's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from functions.console.guard import rights
from functions.console.paging import page_of
from functions.console.room import now, room, today, visitor
from functions.forms.clean import UnfitTextError, clean_text
from schemas.ids import name_of
from schemas.roles import ADMIN
from schemas.staff import Delegation, Grant, Member
from workflows.runtime.errors import BadForm, NotFound
from workflows.runtime.lend import is_current, lend, still_has
from workflows.runtime.lend import revoke as revoke_delegation

REASON_MAX = 500
FIELDS = ("grant", "to", "from_on", "until_on", "reason")
State = Literal["coming", "current", "void", "ended", "revoked"]


@dataclass(frozen=True, slots=True)
class Row:
    """A delegation, with the names of whoever is in it, and how it stands today."""

    delegation: Delegation
    by: str
    to: str
    revoked_by: str
    state: State


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/delegations", "delegations", delegations)
    site.add_url_rule("/delegations", "delegate", delegate, methods=["POST"])
    site.add_url_rule("/delegations/<delegation_id>/revoke", "revoke", revoke, methods=["POST"])


def delegations() -> str:
    """Show what the visitor handed on and holds for others; to administrators everybody's."""
    return _page()


def delegate() -> Response | tuple[str, int]:
    """Hand one of the visitor's roles on; nothing typed is lost where that cannot be."""
    staff, me = room().staff, visitor().member
    typed = {name: request.form.get(name, "").strip() for name in FIELDS}
    try:
        draft = _draft(me, typed)
        lend(
            draft,
            today=today(),
            roles=rights()["answer"],
            members=staff.members,
            delegations=staff.delegations,
            vault=room().ports.vault,
        )
    except BadForm as error:
        return _page(error.faults, typed), 422
    return redirect(url_for("delegations", done="made"), 303)


def revoke(delegation_id: str) -> Response:
    """End a delegation at once: whoever is part of it, and administrators.

    Raises:
        NotFound: There is none, for this visitor.
    """
    me, kept = visitor().member, room().staff.delegations
    found = kept.get(delegation_id)
    if found is None or not (_is_admin(me) or me.id in {found.by, found.to}):
        raise NotFound(f"[{delegation_id}]")
    revoke_delegation(found.id, me.id, now(), kept, room().ports.vault)
    return redirect(url_for("delegations", done="revoke_done"), 303)


def _draft(me: Member, typed: dict[str, str]) -> Delegation:
    """Read the form.

    Raises:
        BadForm: A field cannot be read.
    """
    faults: dict[str, str] = {}
    days: dict[str, date] = {}
    for name in ("from_on", "until_on"):
        try:
            days[name] = date.fromisoformat(typed[name])
        except ValueError:
            faults[name] = "no_day"
    try:
        reason = clean_text(typed["reason"])[:REASON_MAX]
    except UnfitTextError:
        faults["reason"] = "unfit"
    chosen = next((grant for grant in me.grants if _name(grant) == typed["grant"]), None)
    if chosen is None:
        faults["grant"] = "not_yours"
    if faults or chosen is None:
        raise BadForm(faults)
    return Delegation(id="", by=me.id, to=typed["to"], grant=chosen, reason=reason, made_at=now(), **days)


def _page(faults: dict[str, str] | None = None, typed: dict[str, str] | None = None) -> str:
    me, kept = visitor().member, room().staff.delegations
    given, received = kept.given(me.id), kept.received(me.id)
    shown, more = page_of(_newest(kept.all()) if _is_admin(me) else [], key=_key, after=request.args.get("after", ""))
    # Whoever may hand on chooses among all members, so they are read anyway.
    members = {member.id: member for member in room().staff.members.all()}
    return render_template(
        "delegations.html",
        given=[_row(each, members) for each in _newest(given)],
        received=[_row(each, members) for each in _newest(received)],
        all=[_row(each, members) for each in shown],
        more=more,
        is_admin=_is_admin(me),
        me=me.id,
        grants=[(_name(grant), grant) for grant in me.grants if grant.role in rights()["answer"]],
        others=[each for each in members.values() if each.id != me.id and not each.is_disabled],
        today=today(),
        faults=faults or {},
        typed=typed or {},
    )


def _row(delegation: Delegation, members: dict[str, Member]) -> Row:
    owner = members.get(delegation.by)
    names = {each: members[each].name if each in members else each for each in (delegation.by, delegation.to)}
    ended_by = delegation.revoked_by
    revoked_by = members[ended_by].name if ended_by in members else ended_by
    return Row(delegation, names[delegation.by], names[delegation.to], revoked_by, _state(delegation, owner))


def _state(delegation: Delegation, owner: Member | None) -> State:
    if delegation.revoked_at is not None:
        return "revoked"
    if delegation.until_on < today():
        return "ended"
    if not still_has(owner, delegation.grant):
        return "void"
    return "current" if is_current(delegation, today()) else "coming"


def _newest(found: Iterable[Delegation]) -> list[Delegation]:
    return sorted(found, key=_key)


def _name(grant: Grant) -> str:
    """Name a grant by what it is: by its place, a form would hand on another one once an earlier one is taken away."""
    return name_of("grant", *grant.model_dump().values())


def _key(delegation: Delegation) -> str:
    """Sort by the last day, the latest first."""
    return f"{date.max.toordinal() - delegation.until_on.toordinal():07} {delegation.id}"


def _is_admin(member: Member) -> bool:
    return Grant(role=ADMIN.name) in member.grants
