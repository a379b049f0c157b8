"""`sadari subscriptions`: what partners asked to be told."""

from typing import Annotated, Any

import typer
from pydantic import ValidationError

from functions.chance import signing_secret, token
from functions.cli.acting import AsOption, staff
from functions.cli.partner_desk import STACK, Desk, StackOption, SubscriptionArgument, desk, subscription_of
from functions.cli.screen import BadUseError, many, out, print_json, print_table
from functions.cli.stores import JsonOption
from schemas.subscriptions import HOUR, Subscription
from workflows.runtime import subscribe as use
from workflows.runtime.change_subscription import Change
from workflows.runtime.change_subscription import change as change_subscription
from workflows.runtime.intake import faults_of

app = typer.Typer(no_args_is_help=True, help="What partners asked to be told, and where.")

HIDDEN = {"secrets", "grant"}


@app.command()
def add(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The organisation, such as gwangju-city.")],
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Where its receiver is; mailto: and a mailbox for a letter a day.")
    ],
    who: AsOption,
    contact: Annotated[str, typer.Option("--contact", help="Where its people are told that the receiver fails.")],
    types: Annotated[
        list[str], typer.Option("--type", metavar="TYPE", help="A type of docs/notices.md; a star may end it.")
    ] = ["kr.sadari.*"],  # noqa: B006  typer reads it, and never changes it
    cohort: Annotated[str, typer.Option("--cohort", help="Only notices of this cohort.")] = "",
    programme: Annotated[str, typer.Option("--programme", help="Only notices of this programme.")] = "",
    fields: Annotated[
        list[str], typer.Option("--field", metavar="FIELD", help="A personal field: name, email or phone.")
    ] = [],  # noqa: B006  as above
    consent: Annotated[str, typer.Option("--consent", help="The consent item that lets these fields go.")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="What for, as the consent names it.")] = "",
    hour: Annotated[int, typer.Option("--hour", help="When the letter of a day leaves, in Korea: 0 to 23.")] = HOUR,
    stack: StackOption = STACK,
    *,
    is_sent_empty: Annotated[
        bool, typer.Option("--even-without-news", help="A letter of the day leaves even if nothing happened.")
    ] = False,
    is_vouched: Annotated[
        bool, typer.Option("--vouched", help="You know the mailbox to be the partner's: it is not asked.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Register a subscription and ask its receiver, or its office by mail; the signing secret is shown this once."""
    try:
        wish = use.Wish(
            partner=partner,
            url=url,
            types=tuple(types),
            cohort=cohort,
            programme=programme,
            fields=tuple(fields),
            consent=consent,
            purpose=purpose,
            contact=contact,
            hour=hour,
            is_sent_empty=is_sent_empty,
        )
    except ValidationError as error:
        raise BadUseError("; ".join(f"[{name}] {text}" for name, text in faults_of(error).items())) from error
    secret, grant, by = signing_secret(), token(), staff(who, "operator").id
    with desk(stack) as at:
        made, why = use.subscribe(
            wish, secret=secret, grant=grant, by=by, ports=at.ports, partners=at.partners, is_vouched=is_vouched
        )
        shown = {"secret": secret} if made.secrets else {}
        _tell_new(made, why, {**shown, "grant_url": f"{at.api_url}/grants/{made.id}/{grant}"}, as_json=as_json)


@app.command("list")
def list_subscriptions(
    partner: Annotated[str, typer.Option("--partner", help="Only of this one.")] = "",
    stack: StackOption = STACK,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the subscriptions, with how their receivers do."""
    with desk(stack) as at:
        found = [_shown(each, at) for each in at.partners.subscriptions.find(partner=partner)]
    if as_json:
        print_json(found)
        return
    cells = [
        (row["id"], row["partner"], row["state"], row["url"], " ".join(row["types"]), row["health"]["failures"])
        for row in found
    ]
    print_table(many(len(found), "subscription"), ("id", "partner", "state", "receiver", "types", "failures"), cells)


@app.command()
def show(name: SubscriptionArgument, stack: StackOption = STACK, *, as_json: JsonOption = False) -> None:
    """Show one, without its secrets."""
    with desk(stack) as at:
        _tell(subscription_of(name, at.partners), at, as_json=as_json)


@app.command()
def change(
    name: SubscriptionArgument,
    url: Annotated[str | None, typer.Option("--url", help="Where its receiver is now; it is asked first.")] = None,
    contact: Annotated[str | None, typer.Option("--contact", help="Where its people are told of failures.")] = None,
    types: Annotated[list[str] | None, typer.Option("--type", metavar="TYPE", help="All its types anew.")] = None,
    cohort: Annotated[str | None, typer.Option("--cohort", help="Only this cohort; '' for all.")] = None,
    programme: Annotated[str | None, typer.Option("--programme", help="Only this programme; '' for all.")] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--field", metavar="FIELD", help="All its personal fields anew; '' for none.")
    ] = None,
    consent: Annotated[str | None, typer.Option("--consent", help="The consent item that lets them go.")] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="What for, as the consent names it.")] = None,
    hour: Annotated[int | None, typer.Option("--hour", help="When the letter of a day leaves, in Korea.")] = None,
    stack: StackOption = STACK,
    *,
    is_sent_empty: Annotated[
        bool | None, typer.Option("--even-without-news/--not-without-news", help="A letter on a day without news.")
    ] = None,
    is_vouched: Annotated[
        bool, typer.Option("--vouched", help="You know the new mailbox to be the partner's: it is not asked.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Change what a subscription asks for, and where; a receiver that does not agree changes nothing."""
    given: dict[str, Any] = {"url": url, "contact": contact, "cohort": cohort, "programme": programme}
    given |= {"consent": consent, "purpose": purpose, "hour": hour, "is_sent_empty": is_sent_empty}
    given |= {"types": types and tuple(types), "fields": None if fields is None else tuple(filter(None, fields))}
    try:
        wish = Change(**given)
    except ValidationError as error:
        raise BadUseError("; ".join(f"[{name}] {text}" for name, text in faults_of(error).items())) from error
    grant = token()
    with desk(stack) as at:
        found = subscription_of(name, at.partners)
        changed, why = change_subscription(
            found.id, wish, seen=None, token=grant, ports=at.ports, partners=at.partners, is_vouched=is_vouched
        )
        _tell_new(changed, why, {"grant_url": f"{at.api_url}/grants/{changed.id}/{grant}"}, as_json=as_json)


@app.command()
def pause(
    name: SubscriptionArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; the partner sees it.")] = "staff",
    stack: StackOption = STACK,
    *,
    as_json: JsonOption = False,
) -> None:
    """Send nothing for now; what comes meanwhile waits."""
    with desk(stack) as at:
        _tell(use.pause(subscription_of(name, at.partners).id, reason, at.partners), at, as_json=as_json)


@app.command()
def resume(name: SubscriptionArgument, stack: StackOption = STACK, *, as_json: JsonOption = False) -> None:
    """Send again, what waited first."""
    with desk(stack) as at:
        _tell(use.resume(subscription_of(name, at.partners).id, at.ports, at.partners), at, as_json=as_json)


@app.command()
def rotate(name: SubscriptionArgument, stack: StackOption = STACK, *, as_json: JsonOption = False) -> None:
    """Sign with a new secret, which is shown this once; the former one signs as well for a day."""
    secret = signing_secret()
    with desk(stack) as at:
        changed = use.rotate(subscription_of(name, at.partners).id, secret, at.ports, at.partners)
        _tell_new(changed, "", {"secret": secret}, as_json=as_json)


@app.command("test")
def send_test(
    name: SubscriptionArgument,
    turn: Annotated[str, typer.Option("--id", help="The same again is the same test.")] = "",
    stack: StackOption = STACK,
    *,
    as_json: JsonOption = False,
) -> None:
    """Send a test event; `sadari deliveries show` says what became of it."""
    with desk(stack) as at:
        made = use.send_test(subscription_of(name, at.partners).id, turn or token(), at.ports, at.partners)
    if as_json:
        print_json({"delivery": made})
    else:
        out.print(f"delivery [{made}] is on its way; see `sadari deliveries show {made}`", markup=False)


@app.command()
def ask(name: SubscriptionArgument, stack: StackOption = STACK, *, as_json: JsonOption = False) -> None:
    """Ask the receiver of a pending or disabled subscription for consent once more."""
    grant = token()
    with desk(stack) as at:
        asked, why = use.ask_again(subscription_of(name, at.partners).id, grant, at.ports, at.partners)
        _tell_new(asked, why, {"grant_url": f"{at.api_url}/grants/{asked.id}/{grant}"}, as_json=as_json)


@app.command()
def end(name: SubscriptionArgument, stack: StackOption = STACK, *, as_json: JsonOption = False) -> None:
    """End a subscription for good: nothing is sent any more, and its secrets are destroyed."""
    with desk(stack) as at:
        _tell(use.end(subscription_of(name, at.partners).id, at.partners), at, as_json=as_json)


def _shown(subscription: Subscription, at: Desk) -> dict[str, Any]:
    health = at.partners.subscriptions.health(subscription.id)
    return {
        **subscription.model_dump(mode="json", exclude=HIDDEN),
        "way": subscription.way.value,
        "secrets": len(use.secrets_at(subscription, at.ports.clock.now())),
        "health": health.model_dump(mode="json", exclude={"subscription", "version"}),
    }


def _tell(subscription: Subscription, at: Desk, *, as_json: bool) -> None:
    shown = _shown(subscription, at)
    if as_json:
        print_json(shown)
        return
    for name, value in shown.items():
        out.print(f"{name:<16}{value if value not in ('', []) else '-'}", markup=False, soft_wrap=True)


def _tell_new(subscription: Subscription, why: str, once: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        shown = subscription.model_dump(mode="json", exclude=HIDDEN)
        print_json({**shown, "why": why, **once})
        return
    out.print(f"[{subscription.id}] of {subscription.partner} is {subscription.state}", markup=False, soft_wrap=True)
    if why == use.ASKED_BY_MAIL:
        out.print("its office was sent a letter, and opens the grant address", markup=False)
    elif why:
        out.print(f"the receiver did not agree ({why}); its people open the grant address", markup=False)
    for name, value in once.items():
        if name == "secret" or why:
            out.print(f"{name:<16}{value}   (shown this once)", markup=False, soft_wrap=True)
