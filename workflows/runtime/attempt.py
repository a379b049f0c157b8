"""Makes one attempt of a delivery, and plans the next."""

from datetime import datetime, timedelta

from pydantic import TypeAdapter

from schemas.deliveries import HEAD_CHARACTERS_MAX, Attempt, Delivery, DeliveryState
from schemas.ids import PersonId
from schemas.subscriptions import Health, Subscription, SubscriptionState, Way
from workflows.runtime.digest import REFUSED, claim, post
from workflows.runtime.errors import Rejected, TooEarly
from workflows.runtime.fan_out import is_beyond, person_to_tell, remake, set_alarm, tell_to_delete
from workflows.runtime.partner_ports import Answer, Due, PartnerPorts, due_of
from workflows.runtime.ports import Ports
from workflows.runtime.schedule import GONE, is_success, next_attempt, patience
from workflows.runtime.signature import SECRET_PREFIX
from workflows.runtime.subscribe import disable, headers_of, secrets_at

SKEW_MAX = timedelta(seconds=1)
BUSY_MIN, BUSY_MAX = timedelta(seconds=5), timedelta(minutes=1)
"""How long an attempt is put off while as many calls to the same receiver are under way as may be."""

REST_MAX = timedelta(hours=2)
"""How long an attempt is put off at most, beyond the time for which a receiver is left alone."""

PATIENCE = 0.25
"""An attempt is put off for this share of how long its delivery has waited: a thousand of them are not put off again
every minute while a receiver is down.
"""

FAILURES_MAX = 5
RESTS_FOR = timedelta(minutes=1)
"""After so many failures in a row a receiver is left alone for this long (a circuit breaker)."""

WARNED_AFTER = timedelta(days=1)
DISABLED_AFTER = timedelta(days=5)
"""Of nothing but failures (domain.md E.3)."""


NOTED_AT_ONCE_MAX = 10
"""So often a note is made anew because another attempt was noted first."""

_DUE = TypeAdapter(Due)


def due_to_json(due: Due) -> bytes:
    """Write an attempt down for an alarm clock that calls back."""
    return _DUE.dump_json(due)


def due_from_json(body: bytes) -> Due:
    """Read an attempt that is due.

    Raises:
        ValueError: The body is none.
    """
    return _DUE.validate_json(body)


def attempt(due: Due, ports: Ports, partners: PartnerPorts) -> DeliveryState | None:
    """Make the attempt that is due, if its delivery still waits for it.

    The task of an attempt may come twice, and a crash after the call makes it come again: the receiver sees the same
    `webhook-id`, and tells by that.

    Returns:
        How far the delivery came; None if it does not wait for this attempt.

    Raises:
        TooEarly: It is not due yet.
    """
    delivery = partners.deliveries.get(due.delivery)
    if delivery is None or delivery.state is not DeliveryState.WAITING or due_of(delivery) != [due]:
        return None
    now = ports.clock.now()
    if due.at - now > SKEW_MAX:
        raise TooEarly(f"[{due.delivery}] is due at [{due.at.isoformat()}]")
    subscription = partners.subscriptions.get(delivery.subscription)
    if subscription is None:
        return _end(delivery, DeliveryState.EXHAUSTED, "subscription_disabled", partners)
    if (ended := _ended(delivery, subscription, ports, partners)) is not None:
        return ended
    health = partners.subscriptions.health(subscription.id)
    if (until := _rests_until(subscription, health, now - delivery.made_at, now, partners)) != now:
        return _put_off(delivery, until, ports, partners)
    try:
        if subscription.way is Way.DIGEST:
            claimed = claim(delivery, now, partners)
            if claimed is None:
                return None
            delivery, answer = claimed, post(claimed, subscription, ports, partners)
        else:
            answer = _call(delivery, subscription, now, ports, partners)
    finally:
        partners.slots.give_back(subscription.id)
    return _settle(delivery, subscription, health, answer, ports, partners)


def _ended(
    delivery: Delivery, subscription: Subscription, ports: Ports, partners: PartnerPorts
) -> DeliveryState | None:
    """End a delivery that may not be sent as it is; None if it may."""
    if subscription.state is SubscriptionState.DISABLED:
        return _end(delivery, DeliveryState.EXHAUSTED, "subscription_disabled", partners)
    if not delivery.person:
        return None
    is_too_much = is_beyond(delivery, subscription)
    if is_too_much or person_to_tell(subscription, delivery.person, ports) is None:
        reason = "fields_changed" if is_too_much else "consent_withdrawn"
        return _withdraw(delivery, subscription, reason, ports, partners)
    return None


def _rests_until(
    subscription: Subscription, health: Health, waited: timedelta, now: datetime, partners: PartnerPorts
) -> datetime | None:
    """Give when the receiver may be called: now, and a slot is taken; later; or, None, when the pause ends."""
    if subscription.state is not SubscriptionState.ACTIVE:
        return None
    if health.rests_until is not None and health.rests_until > now:
        return max(health.rests_until, now + min(waited * PATIENCE, REST_MAX))
    if partners.slots.take(subscription.id, subscription.rate_per_minute):
        return now
    return now + min(max(waited * PATIENCE, BUSY_MIN), BUSY_MAX)


def _call(
    delivery: Delivery, subscription: Subscription, now: datetime, ports: Ports, partners: PartnerPorts
) -> Answer:
    body = _body_of(delivery, ports)
    if body is None:
        return Answer(fault="body_erased")
    try:
        secrets = [partners.sealer.unseal(each.sealed) for each in secrets_at(subscription, now)]
    except Rejected:
        return Answer(fault="secret_unreadable")  # fails like a receiver, so that people are told and may replace it
    sent = body.encode()
    headers = headers_of(delivery.id, sent, secrets, partners.wall_clock.now())
    return partners.caller.call("POST", subscription.url, headers, sent)


def _body_of(delivery: Delivery, ports: Ports) -> str | None:
    """Give the very text that is sent; None if it was erased."""
    if not delivery.body_text:
        return delivery.body
    return ports.vault.get_text(delivery.body_text, reader="attempt", reason=f"delivery {delivery.id}")


def _settle(
    delivery: Delivery,
    subscription: Subscription,
    health: Health,
    answer: Answer,
    ports: Ports,
    partners: PartnerPorts,
) -> DeliveryState:
    """Note the attempt, with what comes next."""
    now, tries = ports.clock.now(), delivery.tries + 1
    next_at = None
    if is_success(answer):
        state = DeliveryState.DELIVERED
    elif answer.fault == "body_erased":
        state = DeliveryState.CANCELLED
    elif answer.fault == REFUSED:
        state = DeliveryState.EXHAUSTED
    else:
        next_at = next_attempt(delivery.id, tries - delivery.first, now, answer)
        state = DeliveryState.WAITING if next_at else DeliveryState.EXHAUSTED
    noted = Attempt(
        delivery=delivery.id,
        subscription=subscription.id,
        number=tries,
        at=now,
        status=answer.status,
        fault=answer.fault,
        ms=answer.ms,
        head="" if delivery.person else _readable(answer.head, partners, subscription, now),  # it may repeat fields
        next_at=next_at,
    )
    update = {"state": state, "tries": tries, "next_at": next_at, "reason": answer.fault}
    after = delivery.model_copy(update=update)
    if not partners.deliveries.update(after, seen=delivery.version, attempt=noted):
        return state  # somebody else made this very attempt; theirs is noted
    partners.alarms.start(due_of(after))
    _note_health(subscription, health, answer, now, partners)
    return state


def _note_health(
    subscription: Subscription, health: Health, answer: Answer, now: datetime, partners: PartnerPorts
) -> None:
    """Note how the receiver does, warn its people, and disable what is gone or failed for days.

    Attempts at one receiver end at the same time, so what the others noted is read anew.
    """
    if answer.status == GONE:
        disable(subscription, "gone", since=health.failing_since or now, partners=partners)
        return
    if is_success(answer) and not health.failures:
        return
    for _ in range(NOTED_AT_ONCE_MAX):
        before = partners.subscriptions.health(subscription.id)
        after = Health(subscription=subscription.id) if is_success(answer) else _worse(before, answer, now)
        if partners.subscriptions.put_health(after, seen=before.version):
            _act(subscription, before, after, now, partners)
            return


def _worse(before: Health, answer: Answer, now: datetime) -> Health:
    """Give how a receiver does after one more failure."""
    since, failures = before.failing_since or now, before.failures + 1
    rest = max(RESTS_FOR if failures % FAILURES_MAX == 0 else timedelta(0), patience(answer, now))
    update: dict[str, object] = {
        "failing_since": since,
        "failures": failures,
        "rests_until": now + rest if rest else before.rests_until,
        "warned_at": now if before.warned_at is None and now - since >= WARNED_AFTER else before.warned_at,
    }
    return before.model_copy(update=update)


def _act(subscription: Subscription, before: Health, after: Health, now: datetime, partners: PartnerPorts) -> None:
    if after.failing_since is None:
        return
    if before.warned_at is None and after.warned_at is not None:
        partners.warnings.warn(subscription, "failing", after.failing_since)
    if now - after.failing_since >= DISABLED_AFTER:
        disable(subscription, "failed_for_days", since=after.failing_since, partners=partners)


def _put_off(delivery: Delivery, until: datetime | None, ports: Ports, partners: PartnerPorts) -> DeliveryState:
    """Wait, which is no attempt; without end where the subscription is paused."""
    after = delivery.model_copy(update={"next_at": until})
    if partners.deliveries.update(after, seen=delivery.version):
        set_alarm(after, ports, partners)
    return DeliveryState.WAITING


def _end(delivery: Delivery, state: DeliveryState, reason: str, partners: PartnerPorts) -> DeliveryState:
    update = {"state": state, "reason": reason, "next_at": None}
    partners.deliveries.update(delivery.model_copy(update=update), seen=delivery.version)
    return state


def _withdraw(
    delivery: Delivery, subscription: Subscription, reason: str, ports: Ports, partners: PartnerPorts
) -> DeliveryState:
    """Cancel a delivery whose fields may not go: the event goes without them under another id, if it can be read yet.

    An attempt that broke off may have brought them all the same; so the receiver is told to delete them where they may
    not be held any more.
    """
    body = _body_of(delivery, ports)
    if body is not None:
        remake(delivery, body, subscription, ports, partners)
    person = ports.vault.get(PersonId(delivery.person), reader="attempt", reason=f"consents of delivery {delivery.id}")
    tell_to_delete(delivery, subscription, person, ports, partners)
    return _end(delivery, DeliveryState.CANCELLED, reason, partners)


def _readable(head: bytes, partners: PartnerPorts, subscription: Subscription, now: datetime) -> str:
    """Give the beginning of an answer as text for people, without our own secrets if it echoes them."""
    if not head:
        return ""
    text = head[: 4 * HEAD_CHARACTERS_MAX].decode("utf-8", "replace")
    for each in secrets_at(subscription, now):
        secret = partners.sealer.unseal(each.sealed)
        text = text.replace(secret, "…").replace(secret.removeprefix(SECRET_PREFIX), "…")
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "?" for sign in text)[:HEAD_CHARACTERS_MAX]
