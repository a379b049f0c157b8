"""`sadari deliveries`: what is on its way to partners, what became of it, and sending it again."""

from datetime import datetime
from typing import Annotated, Any

import typer

from functions.cli.acting import kst, moment_of
from functions.cli.partner_desk import STACK, StackOption, SubscriptionArgument, desk, subscription_of
from functions.cli.screen import BadUseError, NotDoneError, many, out, print_json, print_table
from functions.cli.stores import JsonOption
from schemas.deliveries import Delivery, DeliveryId, DeliveryState
from workflows.runtime import recover as use
from workflows.runtime.partner_ports import PartnerPorts

app = typer.Typer(no_args_is_help=True, help="What is on its way to partners, and what became of it.")

DeliveryArgument = Annotated[str, typer.Argument(metavar="DELIVERY", help="From `sadari deliveries list`.")]
SinceOption = Annotated[str, typer.Option("--since", help="From then on, such as 2027-03-19T18:00.")]
UntilOption = Annotated[str, typer.Option("--until", help="Until then; now if left out.")]
HIDDEN = {"body", "body_text", "person"}
"""A body may hold personal fields, which lie in the vault."""


@app.command("list")
def list_deliveries(
    subscription: Annotated[str, typer.Option("--subscription", help="Only of this one.")] = "",
    partner: Annotated[str, typer.Option("--partner", help="Only to this one.")] = "",
    state: Annotated[str, typer.Option("--state", help="waiting, delivered, exhausted or cancelled.")] = "",
    after: Annotated[str, typer.Option("--after", help="The cursor that the page before ended with.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="How many make a page.")] = 50,
    stack: StackOption = STACK,
    *,
    as_json: JsonOption = False,
) -> None:
    """List deliveries, the oldest first, page by page."""
    with desk(stack) as at:
        wanted = subscription_of(subscription, at.partners).id if subscription else None
        found, cursor = at.partners.deliveries.page(
            partner=partner, subscription=wanted, state=_state(state), after=after, limit=limit
        )
    if as_json:
        print_json({"deliveries": [_shown(each) for each in found], "next": cursor})
        return
    cells = [
        (each.id, each.partner, each.type, each.state, each.tries, kst(each.next_at) if each.next_at else "-")
        for each in found
    ]
    print_table(many(len(found), "delivery", "deliveries"), ("id", "partner", "type", "state", "tries", "next"), cells)
    if cursor:
        out.print(f"more: --after {cursor}", markup=False, soft_wrap=True)


@app.command()
def show(name: DeliveryArgument, stack: StackOption = STACK, *, as_json: JsonOption = False) -> None:
    """Show one with each attempt of the last 30 days."""
    with desk(stack) as at:
        found = _one(name, at.partners)
        attempts = at.partners.deliveries.attempts(found.id)
    shown = [each.model_dump(mode="json", exclude={"delivery", "subscription"}) for each in attempts]
    if as_json:
        print_json({**_shown(found), "attempts": shown})
        return
    for field, value in _shown(found).items():
        out.print(f"{field:<16}{'-' if value in ('', None) else value}", markup=False, soft_wrap=True)
    cells = [
        (each.number, kst(each.at), each.status or each.fault, each.ms, each.head.replace("\n", " ")[:60])
        for each in attempts
    ]
    print_table(many(len(attempts), "attempt"), ("number", "at", "answer", "ms", "beginning"), cells)


@app.command()
def redeliver(name: DeliveryArgument, stack: StackOption = STACK, *, as_json: JsonOption = False) -> None:
    """Send one again: the same id and bytes, a new time and signature."""
    with desk(stack) as at:
        again = use.redeliver(_one(name, at.partners).id, at.ports, at.partners)
    if as_json:
        print_json(_shown(again))
    else:
        out.print(f"[{again.id}] is on its way again", markup=False)


@app.command()
def recover(
    name: SubscriptionArgument,
    since: SinceOption,
    until: UntilOption = "",
    stack: StackOption = STACK,
    *,
    as_json: JsonOption = False,
) -> None:
    """Send again every delivery of a subscription that failed and was made in a time."""
    with desk(stack) as at:
        found, now = subscription_of(name, at.partners), at.ports.clock.now()
        count = use.recover(found.id, *_span(since, until, now), at.ports, at.partners)
    _tell_count(count, "deliveries that failed are on their way again", as_json=as_json)


@app.command()
def replay(
    name: SubscriptionArgument,
    since: SinceOption,
    until: UntilOption = "",
    stack: StackOption = STACK,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make the deliveries that a subscription would have had in a time, and has not."""
    with desk(stack) as at:
        found, now = subscription_of(name, at.partners), at.ports.clock.now()
        count = use.replay_missing(found.id, *_span(since, until, now), at.ports, at.partners)
    _tell_count(count, "deliveries were missing and are on their way", as_json=as_json)


def _span(since: str, until: str, now: datetime) -> tuple[datetime, datetime]:
    begins, ends = moment_of(since, "--since"), moment_of(until, "--until") if until else now
    if begins >= ends:
        raise BadUseError(f"[{since}] is not before [{until or 'now'}] (--since)")
    return begins, ends


def _one(name: str, partners: PartnerPorts) -> Delivery:
    found = partners.deliveries.get(DeliveryId(name))
    if found is None:
        raise NotDoneError(f"no delivery [{name}]; `sadari deliveries list --json` shows the whole ids")
    return found


def _state(text: str) -> DeliveryState | None:
    try:
        return DeliveryState(text) if text else None
    except ValueError:
        raise BadUseError(f"no state [{text}]: choose one of {', '.join(DeliveryState)}") from None


def _shown(delivery: Delivery) -> dict[str, Any]:
    return {**delivery.model_dump(mode="json", exclude=HIDDEN), "is_personal": bool(delivery.person)}


def _tell_count(count: int, words: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"count": count})
    else:
        out.print(f"{count} {words}", markup=False)
