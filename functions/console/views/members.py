"""Who is on the staff and what each may do where.  Every change leaves who made it and why in the access log.

A role counts once a second administrator has confirmed it.
"""

from collections.abc import Callable, Mapping

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from functions.console.paging import page_of
from functions.console.reach import cohorts_of
from functions.console.room import room, visitor
from functions.forms.clean import UnfitTextError, clean_text
from schemas.roles import ADMIN, ROLES
from schemas.search import CaseFilter, Scope
from schemas.staff import Grant, Member
from workflows.runtime.errors import BadForm, NotFound
from workflows.runtime.members import confirm_grant, drop_proposal, new_member, propose_grant

SCOPE = ("programme", "cohort", "university")
NEW = ("id", "email", "name")
REASON_MAX = 500
TEXT_MAX = 100
STAFF_ROLES = tuple(name for name, role in ROLES.items() if role.is_staff)


class UnfitFormError(Exception):
    """The form cannot be taken; named by the end of the text that says why."""


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/members", "members", members)
    site.add_url_rule("/members", "member_add", member_add, methods=["POST"])
    site.add_url_rule("/members/<member_id>", "member", member_page)
    site.add_url_rule("/members/<member_id>/change", "member_change", member_change, methods=["POST"])


def members() -> str:
    """List the members, and let one be added."""
    return _list()


def member_add() -> Response | tuple[str, int]:
    """Add a member without any role; nothing typed is lost where that cannot be."""
    typed = {name: request.form.get(name, "").strip() for name in (*NEW, "reason")}
    try:
        added = _add(typed)
    except UnfitFormError as error:
        return _list(str(error), typed), 422
    return redirect(url_for("member", member_id=added.id, done="added"), 303)


def member_page(member_id: str) -> str:
    """Show one member, and what can be changed."""
    return _page(_member(member_id))


def member_change(member_id: str) -> Response | tuple[str, int]:
    """Change one thing about a member, after a row in the access log; nothing if somebody was faster."""
    seen, what = _member(member_id), request.form.get("what", "")
    try:
        changed = _change(seen, what)
    except UnfitFormError as error:
        return _page(_member(member_id), str(error), dict(request.form)), 409 if str(error) == "moved" else 422
    done = "proposed" if len(changed.proposed) > len(seen.proposed) else "changed"
    return redirect(url_for("member", member_id=member_id, done=done), 303)


def _add(typed: Mapping[str, str]) -> Member:
    reason, added = _reason(), _new(typed)
    _note(added.id, f"adds member: {reason}")
    if not room().staff.members.add(added):
        raise UnfitFormError("taken")
    return added


def _change(seen: Member, what: str) -> Member:
    reason, change = _reason(), CHANGES.get(what)
    if change is None:
        raise UnfitFormError("nothing")
    try:
        changed = change(seen)
    except BadForm as error:
        raise UnfitFormError(error.faults["grant"]) from error
    _note(seen.id, f"{what} {_detail(what)}: {reason}")
    if changed is not seen and not room().staff.members.replace(changed, seen=seen):
        raise UnfitFormError("moved")
    if changed.is_disabled or what == "end_sessions":
        room().staff.sessions.end_all(seen.id)
    return changed


# ---- what can be changed


def _grant(seen: Member) -> Member:
    me, grant = visitor().member.id, _grant_typed()
    proposed = propose_grant(seen, grant, by=me, reason=_reason(), staff=room().staff.members.all())
    if not request.form.get("will_exist") and not all(_is_known(name, getattr(grant, name)) for name in SCOPE):
        raise UnfitFormError("unknown_scope")
    return proposed


def _confirm(seen: Member) -> Member:
    return confirm_grant(seen, _grant_typed(), by=visitor().member.id)


def _drop(seen: Member) -> Member:
    return drop_proposal(seen, _grant_typed())


def _ungrant(seen: Member) -> Member:
    grant = _grant_typed()
    left = tuple(each for each in seen.grants if each != grant)
    if left == seen.grants:
        raise UnfitFormError("nothing")
    is_me = seen.id == visitor().member.id
    if is_me and grant.role == ADMIN.name and all(each.role != ADMIN.name for each in left):
        raise UnfitFormError("last_admin")
    return seen.model_copy(update={"grants": left})


def _disable(seen: Member) -> Member:
    if seen.id == visitor().member.id:
        raise UnfitFormError("last_admin")
    return seen.model_copy(update={"is_disabled": True})


def _enable(seen: Member) -> Member:
    return seen.model_copy(update={"is_disabled": False})


CHANGES: Mapping[str, Callable[[Member], Member]] = {
    "grant": _grant,
    "confirm": _confirm,
    "drop": _drop,
    "ungrant": _ungrant,
    "disable": _disable,
    "enable": _enable,
    "end_sessions": lambda seen: seen,
}


OF_A_GRANT = frozenset({"grant", "confirm", "drop", "ungrant"})


def _grant_typed() -> Grant:
    """Read a role and its scope.

    Raises:
        UnfitFormError: There is no such role, or the scope is no text that can be kept.
    """
    role = request.form.get("role", "")
    if role not in STAFF_ROLES:
        raise UnfitFormError("role")
    return Grant(role=role, **{name: _text(name, "scope") for name in SCOPE})


def _is_known(name: str, text: str) -> bool:
    """Whether a case lies in such a scope; a slip of the pen would give a role that reaches nothing."""
    wanted = CaseFilter(within=(Scope(**{name: text}),), workflow="application" if name == "university" else "round")
    return not text or bool(room().staff.index.page(wanted, after="", limit=1).cases)


def _new(typed: Mapping[str, str]) -> Member:
    try:
        return new_member(typed["id"], _text("email", "email"), _text("name", "name"))
    except BadForm as error:
        raise UnfitFormError(next(iter(error.faults))) from error


def _reason() -> str:
    reason = _text("reason", "reason", REASON_MAX)
    if not reason:
        raise UnfitFormError("reason")
    return reason


def _text(name: str, fault: str, longest: int = 190) -> str:
    try:
        text = clean_text(request.form.get(name, "")).strip()
    except UnfitTextError as error:
        raise UnfitFormError(fault) from error
    if len(text) > (TEXT_MAX if fault in {"scope", "name"} else longest):
        raise UnfitFormError(fault)
    return text


def _note(member_id: str, why: str) -> None:
    room().ports.vault.note([member_id], reader=visitor().member.id, reason=why)


def _detail(what: str) -> str:
    if what not in OF_A_GRANT:
        return ""
    grant = _grant_typed()
    return " ".join(filter(None, (grant.role, grant.programme, grant.cohort, grant.university)))


def _member(member_id: str) -> Member:
    found = room().staff.members.get(member_id)
    if found is None:
        raise NotFound(f"[{member_id}]")
    return found


def _list(fault: str = "", typed: Mapping[str, str] | None = None) -> str:
    everybody = room().staff.members.all()
    shown, more = page_of(everybody, key=lambda member: member.id, after=request.args.get("after", ""))
    return render_template("members.html", members=shown, more=more, fault=fault, typed=typed or {})


def _page(found: Member, fault: str = "", typed: Mapping[str, str] | None = None) -> str:
    return render_template(
        "member.html",
        member=found,
        me=visitor().member.id,
        names=room().staff.members.named([each.by for each in found.proposed]),
        roles=STAFF_ROLES,
        scope=SCOPE,
        cohorts=cohorts_of(visitor()),
        fault=fault,
        typed=typed or {},
    )
