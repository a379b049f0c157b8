"""`sadari staff`: the members of staff, where the console cannot be used or an account has to be stopped at once."""

from typing import Annotated, Any

import typer
from pydantic import ValidationError

from functions.cli.acting import AsOption, office, reason_of
from functions.cli.acting import staff as account_of
from functions.cli.backends import Backend
from functions.cli.screen import BadUseError, NotDoneError, out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from schemas.staff import Member
from workflows.runtime.intake import faults_of
from workflows.runtime.members import EVERYTHING, is_administrator

app = typer.Typer(no_args_is_help=True, help="Members of staff: the first administrator, and accounts to be stopped.")

MemberArgument = Annotated[str, typer.Argument(metavar="MEMBER", help="From `sadari staff list`.")]
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
    print_table(f"{len(found)} members", ("id", "email", "roles", "state"), rows)


@app.command()
def first(
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="The id that histories will name.")],
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address that the issuer confirms.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="As pages show it.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make the first administrator; the console does the rest.  Refused once there is one who is not disabled."""
    try:
        made = Member(id=member, email=email.strip().lower(), name=reason_of(name).strip(), grants=(EVERYTHING,))
    except ValidationError as error:
        raise BadUseError("; ".join(f"[{each}] {fault}" for each, fault in faults_of(error).items())) from error
    if "@" not in made.email or not made.name:
        raise BadUseError("an administrator needs an address and a name")
    with office(store) as backend:
        members = backend.staff_ports.members
        if any(is_administrator(each) for each in members.all()):
            raise NotDoneError("there is an administrator already, who adds members at the console")
        backend.ports.vault.note([made.id], reader="sadari staff first", reason="first administrator")
        if not members.add(made):
            raise NotDoneError(f"[{member}] or [{made.email}] is a member already")
    _tell(made, "is the first administrator", as_json=as_json)


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
        changed = _change(backend, member, who, f"disable: {_why(reason)}", is_disabled=True)
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
        changed = _change(backend, member, who, f"enable: {_why(reason)}", is_disabled=False)
    _tell(changed, "may work again", as_json=as_json)


@app.command("log-out")
def log_out(
    who: AsOption,
    reason: WhyOption,
    member: Annotated[str, typer.Argument(metavar="[MEMBER]", help="Left out: everybody.")] = "",
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """End the sessions of a member, or of everybody; whoever may work logs in anew."""
    by, why = account_of(who, "admin").id, _why(reason)
    with office(store) as backend:
        members = [_member(backend, member)] if member else list(backend.staff_ports.members.all())
        for each in members:
            backend.ports.vault.note([each.id], reader=by, reason=f"end_sessions: {why}")
            backend.staff_ports.sessions.end_all(each.id)
    out.print(f"the sessions of {len(members)} members are ended", markup=False)


def _change(backend: Backend, member_id: str, who: str, why: str, *, is_disabled: bool) -> Member:
    by, seen = account_of(who, "admin").id, _member(backend, member_id)
    changed = seen.model_copy(update={"is_disabled": is_disabled})
    backend.ports.vault.note([seen.id], reader=by, reason=why)
    if not backend.staff_ports.members.replace(changed, seen=seen):
        raise NotDoneError(f"[{seen.id}] was changed by somebody else just now; try again")
    backend.staff_ports.sessions.end_all(seen.id)
    return changed


def _member(backend: Backend, member_id: str) -> Member:
    found = backend.staff_ports.members.get(member_id)
    if found is None:
        raise NotDoneError(f"no member [{member_id}]; see `sadari staff list`")
    return found


def _why(reason: str) -> str:
    why = reason_of(reason).strip()
    if not why:
        raise BadUseError("say why (--reason)")
    return why


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
