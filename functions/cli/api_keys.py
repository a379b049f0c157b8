"""`sadari keys`: what partners' programmes prove themselves with at the API."""

from datetime import timedelta
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from functions.chance import token
from functions.cli.acting import AsOption, kst, staff
from functions.cli.partner_desk import STACK, StackOption, desk
from functions.cli.screen import BadUseError, many, out, print_json, print_table
from functions.cli.stores import JsonOption
from schemas.api_keys import ApiKey, KeyId, Scope
from workflows.runtime import api_keys as use
from workflows.runtime.intake import faults_of

app = typer.Typer(no_args_is_help=True, help="Keys of partners for the API.")


@app.command()
def new(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The organisation, such as gwangju-city.")],
    who: AsOption,
    scopes: Annotated[
        list[str],
        typer.Option("--scope", metavar="SCOPE", help="subscriptions:read, events:read, ...; all if left out."),
    ] = [],  # noqa: B006  typer reads it, and never changes it
    types: Annotated[
        list[str], typer.Option("--type", metavar="TYPE", help="A type of docs/notices.md; a star may end it.")
    ] = ["kr.sadari.*"],  # noqa: B006  as above
    cohort: Annotated[str, typer.Option("--cohort", help="Only of this cohort.")] = "",
    programme: Annotated[str, typer.Option("--programme", help="Only of this programme.")] = "",
    days: Annotated[int, typer.Option("--days", help="How long it lasts.")] = 365,
    stack: StackOption = STACK,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a key; what it proves itself with is shown this once."""
    try:
        wanted = [Scope(each) for each in scopes] or list(Scope)
    except ValueError:
        raise BadUseError(f"--scope is one of {', '.join(Scope)}") from None
    by = staff(who, "admin").id
    with desk(stack) as at:
        try:
            made, text = use.make_key(
                partner,
                wanted,
                secret=token(),
                by=by,
                now=at.ports.clock.now(),
                lasts=timedelta(days=days),
                types=tuple(types),
                cohort=cohort,
                programme=programme,
                partners=at.partners,
            )
        except ValidationError as error:
            raise BadUseError("; ".join(f"[{name}] {fault}" for name, fault in faults_of(error).items())) from error
    if as_json:
        print_json({**_shown(made), "key": text})
    else:
        out.print(f"{text}\n(shown this once; of {partner}, until {kst(made.ends_at)})", markup=False, soft_wrap=True)


@app.command("list")
def list_keys(
    partner: Annotated[str, typer.Option("--partner", help="Only of this one.")] = "",
    stack: StackOption = STACK,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the keys, without what proves them."""
    with desk(stack) as at:
        found = list(at.partners.keys.find(partner=partner))
    if as_json:
        print_json([_shown(each) for each in found])
        return
    cells = [
        (
            each.id,
            each.partner,
            " ".join(each.scopes),
            kst(each.ends_at),
            kst(each.revoked_at) if each.revoked_at else "-",
        )
        for each in found
    ]
    print_table(many(len(found), "key"), ("id", "partner", "scopes", "until", "revoked"), cells)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="From `sadari keys list`.")],
    stack: StackOption = STACK,
    *,
    as_json: JsonOption = False,
) -> None:
    """End a key at once."""
    with desk(stack) as at:
        revoked = use.revoke(KeyId(key), at.ports.clock.now(), at.partners)
    if as_json:
        print_json(_shown(revoked))
    else:
        out.print(f"[{revoked.id}] of {revoked.partner} is revoked", markup=False)


def _shown(key: ApiKey) -> dict[str, Any]:
    return key.model_dump(mode="json", exclude={"digest"})
