"""`sadari members`: the first administrator, and accounts that have to be stopped at once."""

from typing import Annotated, Any

import typer

from functions.cli.acting import AsOption, office, why_of
from functions.cli.acting import staff as account_of
from functions.cli.backends import Backend
from functions.cli.screen import BadUseError, NotDoneError, many, out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from schemas.roles import ADMIN
from schemas.staff import Member
from workflows.runtime.errors import BadForm
from workflows.runtime.members import first_administrator, new_member

app = typer.Typer(no_args_is_help=True, help="Who is on the staff; all other roles are given and taken at the console.")

MemberArgument = Annotated[str, typer.Argument(metavar="MEMBER", help="From `sadari members list`.")]
WhyOption = Annotated[str, typer.Option("--reason", help="Why; it goes to the access log, so nothing personal.")]


@app.command("list")
def list_members(store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """List the members, with their roles."""
    with office(store) as backend:
        found = [_shown(each) for each in backend.staff_ports.members.all()]
    if as_json:
        print_json(found)
        return
    rows = [(each["id"], each["email"], " ".join(each["roles"]), each["state"]) for each in found]
    print_table(many(len(found), "member"), ("id", "email", "roles", "state"), rows)


@app.command("first-admin")
def first_admin(
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="The id that histories are to name.")],
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="What they sign in with.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="How pages call them.")],
    who: AsOption,
    reason: WhyOption,
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Name an administrator where there is none, or none who is not disabled.  May be repeated.

    A member who is there already keeps their address and name.  Everybody else is named on the console.
    """
    with office(store) as backend:
        try:
            made = _name_first(backend, new_member(member, email, name), account_of(who, ADMIN.name).id, why_of(reason))
        except BadForm as error:
            if "grant" in error.faults:
                raise NotDoneError(
                    "there is an administrator (`sadari members list`): they propose others on the console"
                ) from error
            raise BadUseError(f"unfit: {', '.join(error.faults)}") from error
    _tell(made, "is an administrator; a second one is named on the console first of all", as_json=as_json)


@app.command()
def disable(
    member: MemberArgument,
    who: AsOption,
    reason: WhyOption,
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Stop an account at once: it opens nothing any more, and its sessions end."""
    with office(store) as backend:
        changed = _change(backend, member, who, f"disable: {why_of(reason)}", is_disabled=True)
    _tell(changed, "is disabled, and its sessions are ended", as_json=as_json)


@app.command()
def enable(
    member: MemberArgument,
    who: AsOption,
    reason: WhyOption,
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let an account work again; it has to log in anew."""
    with office(store) as backend:
        changed = _change(backend, member, who, f"enable: {why_of(reason)}", is_disabled=False)
    _tell(changed, "may work again", as_json=as_json)


@app.command("log-out")
def log_out(
    who: AsOption,
    reason: WhyOption,
    member: Annotated[str, typer.Argument(metavar="[MEMBER]", help="Left out: everybody.")] = "",
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """End the sessions of a member, or of everybody; whoever may work logs in anew."""
    by, why = account_of(who, ADMIN.name).id, why_of(reason)
    with office(store) as backend:
        members = [_member(backend, member)] if member else list(backend.staff_ports.members.all())
        for each in members:
            backend.ports.vault.note([each.id], reader=by, reason=f"end_sessions: {why}")
            backend.staff_ports.sessions.end_all(each.id)
    out.print(f"the sessions of {len(members)} members are ended", markup=False)


def _name_first(backend: Backend, wanted: Member, by: str, reason: str) -> Member:
    members = backend.staff_ports.members
    seen = members.get(wanted.id)
    first = first_administrator(seen or wanted, [each for each in members.all() if each.id != wanted.id])
    backend.ports.vault.note([wanted.id], reader=by, reason=f"first administrator: {reason}")
    if seen is not None:
        _replace(backend, first, seen=seen)
    elif not members.add(first):
        raise NotDoneError(f"[{wanted.email}] is somebody's already; see `sadari members list`")
    return first


def _change(backend: Backend, member_id: str, who: str, why: str, *, is_disabled: bool) -> Member:
    by, seen = account_of(who, ADMIN.name).id, _member(backend, member_id)
    changed = seen.model_copy(update={"is_disabled": is_disabled})
    backend.ports.vault.note([seen.id], reader=by, reason=why)
    _replace(backend, changed, seen=seen)
    backend.staff_ports.sessions.end_all(seen.id)
    return changed


def _replace(backend: Backend, changed: Member, *, seen: Member) -> None:
    if changed != seen and not backend.staff_ports.members.replace(changed, seen=seen):
        raise NotDoneError(f"[{seen.id}] was changed by somebody else just now; try again")


def _member(backend: Backend, member_id: str) -> Member:
    found = backend.staff_ports.members.get(member_id)
    if found is None:
        raise NotDoneError(f"no member [{member_id}]; see `sadari members list`")
    return found


def _shown(member: Member) -> dict[str, Any]:
    scopes = [(each.role, *filter(None, (each.programme, each.cohort, each.university))) for each in member.grants]
    state = "disabled" if member.is_disabled else "active"
    return {
        "id": member.id,
        "email": member.email,
        "name": member.name,
        "roles": [":".join(each) for each in scopes],
        "state": state,
    }


def _tell(member: Member, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_shown(member))
    else:
        out.print(f"[{member.id}] {what}", markup=False)
