"""Subscriptions of the key's partner."""

from collections.abc import Sequence

from flask import Flask, request
from werkzeug.wrappers import Response

from functions.api.models import (
    SPAN_MAX,
    Changes,
    Count,
    DeliveryId,
    Empty,
    ListQuery,
    NewSubscription,
    Pausing,
    Span,
    SubscriptionAsked,
    SubscriptionMade,
    SubscriptionPage,
    SubscriptionShown,
    Testing,
    subscription_shown,
)
from functions.api.problems import Limited, VersionMoved
from functions.api.room import answer, asked, cursor, key, nothing, own, place, read, room
from functions.chance import signing_secret, token
from schemas.api_keys import ApiKey, Scope
from schemas.subscriptions import MAIL, Subscription
from workflows.runtime import recover as again
from workflows.runtime import subscribe as use
from workflows.runtime.change_subscription import Change
from workflows.runtime.change_subscription import change as change_subscription
from workflows.runtime.errors import BadForm, CaseMoved, NotAllowed

READS, WRITES, SENDS = Scope.SUBSCRIPTIONS_READ, Scope.SUBSCRIPTIONS_WRITE, Scope.DELIVERIES_WRITE


def add_to(site: Flask) -> None:
    """Add the routes."""
    site.add_url_rule("/subscriptions", view_func=list_all, methods=["GET"])
    site.add_url_rule("/subscriptions", view_func=make, methods=["POST"])
    site.add_url_rule("/subscriptions/<name>", view_func=show, methods=["GET"])
    site.add_url_rule("/subscriptions/<name>", view_func=change, methods=["PATCH"])
    site.add_url_rule("/subscriptions/<name>", view_func=end, methods=["DELETE"])
    for act in (pause, resume, rotate, test, ask, recover, replay):
        site.add_url_rule(f"/subscriptions/<name>/{act.__name__}", view_func=act, methods=["POST"])


def list_all() -> Response:
    """Give some of them, by id."""
    holder, wanted = key(READS), asked(ListQuery)
    found = [
        each for each in room().partners.subscriptions.find(partner=holder.partner) if each.id > place(wanted.after)
    ]
    page = found[: wanted.limit]
    shown = tuple(SubscriptionShown(**_shown(each)) for each in page)
    return answer(SubscriptionPage(subscriptions=shown, next=cursor(page[-1].id) if len(found) > len(page) else ""))


def make() -> Response:
    """Register one, and ask its receiver for consent."""
    holder, given, secret = key(WRITES), read(NewSubscription), signing_secret()
    wish = use.Wish(
        **{
            **given.model_dump(),
            "partner": holder.partner,
            "cohort": given.cohort or holder.cohort,
            "programme": given.programme or holder.programme,
        }
    )
    _check_reach(holder, wish.types, wish.cohort, wish.programme)
    _count_letter(holder, wish.url)
    made, why = use.subscribe(
        wish, secret=secret, grant=token(), by=f"key-{holder.id}", ports=room().ports, partners=room().partners
    )
    shown = SubscriptionMade(**_shown(made), secret=secret if made.secrets else "", why=why)
    return answer(shown, 201, Location=f"{request.script_root}/subscriptions/{made.id}", ETag=_etag(made))


def show(name: str) -> Response:
    """Give one."""
    return _answer(own(name, key(READS)))


def change(name: str) -> Response:
    """Change what it asks for, and where it is sent to."""
    holder = key(WRITES)
    found, wish = own(name, holder), read(Changes)
    seen = _seen(found)
    after = found.model_copy(update=wish.model_dump(exclude_none=True))
    _check_reach(holder, after.types, after.cohort, after.programme)
    if wish.url not in {None, found.url}:
        _count_letter(holder, wish.url or "")
    try:
        changed, why = change_subscription(
            found.id,
            Change(**wish.model_dump()),
            seen=seen,
            token=token(),
            ports=room().ports,
            partners=room().partners,
        )
    except CaseMoved:
        if seen is None:
            raise
        raise VersionMoved from None
    return answer(SubscriptionAsked(**_shown(changed), why=why), ETag=_etag(changed))


def end(name: str) -> Response:
    """End it for good."""
    found = own(name, key(WRITES))
    _seen(found)
    use.end(found.id, room().partners)
    return nothing()


def pause(name: str) -> Response:
    """Send nothing for now."""
    found = own(name, key(WRITES))
    return _answer(use.pause(found.id, read(Pausing).reason, room().partners))


def resume(name: str) -> Response:
    """Send again."""
    found = own(name, key(WRITES))
    read(Empty)
    return _answer(use.resume(found.id, room().ports, room().partners))


def rotate(name: str) -> Response:
    """Sign with a new secret."""
    found, secret = own(name, key(WRITES)), signing_secret()
    read(Empty)
    changed = use.rotate(found.id, secret, room().ports, room().partners)
    return answer(SubscriptionMade(**_shown(changed), secret=secret, why=""), ETag=_etag(changed))


def test(name: str) -> Response:
    """Send a test event."""
    found = own(name, key(WRITES))
    turn = read(Testing).id or token()
    return answer(DeliveryId(delivery=use.send_test(found.id, turn, room().ports, room().partners)), 202)


def ask(name: str) -> Response:
    """Ask the receiver for consent once more."""
    holder = key(WRITES)
    found = own(name, holder)
    read(Empty)
    _count_letter(holder, found.url)
    changed, why = use.ask_again(found.id, token(), room().ports, room().partners)
    return answer(SubscriptionAsked(**_shown(changed), why=why), ETag=_etag(changed))


def recover(name: str) -> Response:
    """Send again what failed in a time."""
    found, span = own(name, key(SENDS)), read(Span)
    until = span.until or room().ports.clock.now()
    _check_span(span)
    return answer(Count(count=again.recover(found.id, span.since, until, room().ports, room().partners)), 202)


def replay(name: str) -> Response:
    """Make the deliveries that are missing in a time."""
    found, span = own(name, key(SENDS)), read(Span)
    until = span.until or room().ports.clock.now()
    _check_span(span)
    return answer(Count(count=again.replay_missing(found.id, span.since, until, room().ports, room().partners)), 202)


def _check_span(span: Span) -> None:
    if span.until is not None and span.until <= span.since:
        raise BadForm({"until": "is not after `since`"})
    if (span.until or room().ports.clock.now()) - span.since > SPAN_MAX:
        raise BadForm({"since": f"is more than {SPAN_MAX.days} days before the end"})


def _check_reach(holder: ApiKey, types: Sequence[str], cohort: str, programme: str) -> None:
    """Pass if the key reaches as far as that.

    Raises:
        NotAllowed: It does not.
    """
    beyond = [each for each in types if not any(_covers(known, each) for known in holder.types)]
    if beyond or holder.cohort not in {"", cohort} or holder.programme not in {"", programme}:
        raise NotAllowed("The key is limited to other types, another cohort or another programme.", code="outside_key")


def _count_letter(holder: ApiKey, url: str) -> None:
    """Pass if the partner may have one more mailbox asked; nobody is to be written to again and again.

    Raises:
        Limited: There were too many letters.
    """
    if url.startswith(MAIL) and (wait := room().letters.take(holder.partner)):
        raise Limited(wait)


def _covers(known: str, pattern: str) -> bool:
    return known == pattern or (known.endswith("*") and pattern.startswith(known[:-1]))


def _seen(found: Subscription) -> int | None:
    """Give the version that If-Match names; None if there is none.

    Raises:
        VersionMoved: It is another one than stands now.
    """
    given = request.headers.get("If-Match")
    tags = None if given is None else [each.strip() for each in given.split(",")]
    if tags is None or tags == ["*"]:
        return None
    if _etag(found) not in tags:
        raise VersionMoved
    return found.version


def _etag(subscription: Subscription) -> str:
    return f'"{subscription.version}"'


def _shown(subscription: Subscription) -> dict[str, object]:
    return subscription_shown(subscription, room().partners.subscriptions.health(subscription.id))


def _answer(subscription: Subscription) -> Response:
    return answer(SubscriptionShown(**_shown(subscription)), ETag=_etag(subscription))
