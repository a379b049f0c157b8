"""Sends again what did not arrive: one delivery, all that failed in a time, or what was never made."""

from collections.abc import Iterator
from datetime import datetime

from schemas.catalogue import TYPE_OF
from schemas.deliveries import Delivery, DeliveryId, DeliveryState
from schemas.ids import name_of
from schemas.subscriptions import Subscription, SubscriptionId, SubscriptionState, Way
from workflows.runtime.digest import NO_NEWS
from workflows.runtime.errors import CaseMoved, NotFound, Rejected
from workflows.runtime.fan_out import deliver_to, is_for
from workflows.runtime.partner_ports import PartnerPorts, due_of
from workflows.runtime.ports import Ports
from workflows.runtime.subscribe import one

PAGE = 200
NEVER_AGAIN = frozenset({"consent_withdrawn", "body_erased", "fields_changed", NO_NEWS})


def redeliver(delivery_id: DeliveryId, ports: Ports, partners: PartnerPorts) -> Delivery:
    """Send a delivery again, whatever became of it: the same id and bytes, a new time and signature.

    Raises:
        NotFound: There is no such delivery.
        Rejected: It may not be sent any more, or its subscription sends nothing.
    """
    found = partners.deliveries.get(delivery_id)
    if found is None:
        raise NotFound(f"No delivery [{delivery_id}].")
    if found.reason in NEVER_AGAIN:
        raise Rejected(f"Delivery [{delivery_id}] may not be sent any more: {found.reason}.", code="delivery_over")
    _active(one(found.subscription, partners))
    now = ports.clock.now()
    if found.next_at is not None and found.next_at <= now:
        return found
    _end_rest(found.subscription, partners)
    again = _again(found, now)
    if not partners.deliveries.update(again, seen=found.version):
        raise CaseMoved
    partners.alarms.start(due_of(again))
    return again


def recover(
    subscription_id: SubscriptionId, since: datetime, until: datetime, ports: Ports, partners: PartnerPorts
) -> int:
    """Send again every delivery of a subscription that failed and was made in a time; give how many.

    What waits for a later attempt is sent now, too, and a receiver that is left alone is called again.  May be
    repeated; what is on its way or was delivered is left alone.
    """
    _active(one(subscription_id, partners))
    now, count = ports.clock.now(), 0
    _end_rest(subscription_id, partners)
    for each in _failed(subscription_id, since, until, now, partners):
        again = _again(each, now)
        if partners.deliveries.update(again, seen=each.version):
            partners.alarms.start(due_of(again))
            count += 1
    return count


def replay_missing(
    subscription_id: SubscriptionId, since: datetime, until: datetime, ports: Ports, partners: PartnerPorts
) -> int:
    """Make the deliveries that a subscription would have had, and has not; give how many.  May be repeated.

    Notices count that were taken up in the time: while the subscription was disabled, or before there was one.

    Raises:
        NotFound: There is no such subscription.
        Rejected: It is not active, or a digest.
    """
    subscription = _active(one(subscription_id, partners))
    if subscription.way is Way.DIGEST:
        raise Rejected("A digest is made of whatever was told since the one before.", code="not_for_digests")
    after, count = "", 0
    while page := ports.notice_log.to_partners(since=since, until=until, after=after, limit=PAGE):
        for _, notice in page:
            is_there = partners.deliveries.get(DeliveryId(name_of(notice.id, subscription.id))) is not None
            if notice.type in TYPE_OF and is_for(subscription, notice) and not is_there:
                deliver_to(subscription, notice, ports, partners)
                count += 1
        after = page[-1][0]
    return count


def _failed(
    subscription_id: SubscriptionId, since: datetime, until: datetime, now: datetime, partners: PartnerPorts
) -> Iterator[Delivery]:
    """Give what failed for good, and what failed and waits."""
    for state in (DeliveryState.EXHAUSTED, DeliveryState.WAITING):
        after = ""
        while True:
            page, after = partners.deliveries.page(
                subscription=subscription_id, state=state, since=since, until=until, after=after, limit=PAGE
            )
            yield from (each for each in page if each.next_at is None or each.next_at > now)
            if not after:
                break


def _end_rest(subscription_id: SubscriptionId, partners: PartnerPorts) -> None:
    health = partners.subscriptions.health(subscription_id)
    if health.rests_until is not None:
        partners.subscriptions.put_health(health.model_copy(update={"rests_until": None}), seen=health.version)


def _again(delivery: Delivery, now: datetime) -> Delivery:
    update = {"state": DeliveryState.WAITING, "first": delivery.tries, "next_at": now, "reason": ""}
    return delivery.model_copy(update=update)


def _active(subscription: Subscription) -> Subscription:
    if subscription.state is not SubscriptionState.ACTIVE:
        raise Rejected(
            f"Subscription [{subscription.id}] is {subscription.state}, not active.", code="subscription_not_active"
        )
    return subscription
