"""`sadari members`: the first administrator, and whoever has to be shut out at once."""

from typing import Annotated

import typer

from functions.cli.acting import AsOption, office, reason_of, staff
from functions.cli.backends import Backend
from functions.cli.screen import BadUseError, NotDoneError, out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from schemas.roles import ADMIN
from schemas.staff import Member
from workflows.runtime.errors import BadForm
from workflows.runtime.members import first_administrator, new_member

app = typer.Typer(no_args_is_help=True, help="Who is on the staff; the console gives and takes all other roles.")

MemberArgument = Annotated[str, typer.Argument(metavar="MEMBER", help="From `sadari members list`.")]
WhyOption = Annotated[str, typer.Option("--reason", help="Why; it goes to the access log.")]


@app.command("list")
def list_members(store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """List the staff with their roles."""
    with office(store) as backend:
        found = list(backend.staff_ports.members.all())
    if as_json:
        print_json([each.model_dump(mode="json", exclude={"subject"}) for each in found])
        return
    cells = [(each.id, each.email, each.name, _roles(each), "disabled" if each.is_disabled else "-") for each in found]
    print_table(f"{len(found)} members", ("id", "e-mail", "name", "roles", "state"), cells)


@app.command("first-admin")
def first_admin(
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="The id that histories are to name.")],
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="What they sign in with.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="How pages call them.")],
    who: AsOption,
    reason: WhyOption,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Name an administrator where there is none, or none who is not disabled.  May be repeated.

    A member who is there already keeps their address and name.  Everybody else is named on the console.
    """
    with office(store) as backend:
        try:
            _name_first(backend, new_member(member, email, name), staff(who, ADMIN.name).id, _why(reason))
        except BadForm as error:
            if "grant" in error.faults:
                raise NotDoneError(
                    "there is an administrator (`sadari members list`): they propose others on the console"
                ) from error
            raise BadUseError(f"unfit: {', '.join(error.faults)}") from error
    out.print(f"[{member}] is an administrator; a second one is named on the console first of all", markup=False)


@app.command()
def disable(
    member: MemberArgument,
    who: AsOption,
    reason: WhyOption,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Shut a member out at once, and end all their sessions.  May be repeated."""
    with office(store) as backend:
        seen = backend.staff_ports.members.get(member)
        if seen is None:
            raise NotDoneError(f"no member [{member}]; see `sadari members list`")
        by = staff(who, ADMIN.name).id
        backend.ports.vault.note([seen.id], reader=by, reason=f"disable: {_why(reason)}")
        _replace(backend, seen.model_copy(update={"is_disabled": True}), seen)
        backend.staff_ports.sessions.end_all(seen.id)
    out.print(f"[{member}] is disabled, and every session of theirs has ended", markup=False)


def _name_first(backend: Backend, wanted: Member, by: str, reason: str) -> None:
    members = backend.staff_ports.members
    seen = members.get(wanted.id)
    first = first_administrator(seen or wanted, [each for each in members.all() if each.id != wanted.id])
    backend.ports.vault.note([wanted.id], reader=by, reason=f"first administrator: {reason}")
    if seen is not None:
        _replace(backend, first, seen)
    elif not members.add(first):
        raise NotDoneError(f"[{wanted.email}] is somebody's already; see `sadari members list`")


def _why(reason: str) -> str:
    if not reason_of(reason).strip():
        raise BadUseError("say why (--reason)")
    return reason_of(reason).strip()


def _replace(backend: Backend, member: Member, seen: Member) -> None:
    if member != seen and not backend.staff_ports.members.replace(member, seen=seen):
        raise NotDoneError(f"somebody changed [{member.id}] meanwhile; run this again")


def _roles(member: Member) -> str:
    grants = (
        " ".join(filter(None, (each.role, each.programme, each.cohort, each.university))) for each in member.grants
    )
    return "; ".join(grants) or "-"
