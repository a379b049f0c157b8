"""Makes a delivery of a notice for each subscription that it is for, with its body frozen."""

from schemas.catalogue import ALWAYS_SENT, TYPE_OF
from schemas.deliveries import Delivery, DeliveryId
from schemas.ids import PersonId, name_of
from schemas.messages import Notice
from schemas.people import Person
from schemas.roles import PARTNERS
from schemas.subscriptions import Subscription, SubscriptionState
from workflows.runtime.cloud_event import event_of
from workflows.runtime.erase import restriction_of
from workflows.runtime.partner_ports import PartnerPorts, due_of
from workflows.runtime.ports import Ports

SENT_TO = frozenset({SubscriptionState.ACTIVE, SubscriptionState.PAUSED})
"""What a paused subscription would have been sent waits for it."""


def fan_out(notice: Notice, ports: Ports, partners: PartnerPorts) -> list[DeliveryId]:
    """Make the deliveries of a notice to partners.  May be repeated: a delivery is made once, and its alarm is set.

    Returns:
        The deliveries that the notice has, made now or before.
    """
    if notice.role != PARTNERS.name or notice.type not in TYPE_OF:
        return []
    wanted = [each for each in partners.subscriptions.find() if each.state in SENT_TO and is_for(each, notice)]
    return [deliver_to(each, notice, ports, partners) for each in wanted]


def is_for(subscription: Subscription, notice: Notice) -> bool:
    """Whether a subscription asks for a notice: by type, cohort and programme."""
    return (
        (TYPE_OF[notice.type] in ALWAYS_SENT or is_of_type(subscription.types, TYPE_OF[notice.type]))
        and subscription.cohort in {"", notice.cohort}
        and subscription.programme in {"", notice.programme}
    )


def is_of_type(patterns: tuple[str, ...], name: str) -> bool:
    """Whether one of the patterns names the type: whole, or with a star at the end."""
    return any(name.startswith(each[:-1]) if each.endswith("*") else name == each for each in patterns)


def deliver_to(subscription: Subscription, notice: Notice, ports: Ports, partners: PartnerPorts) -> DeliveryId:
    """Make the delivery of a notice to one subscription, and set its alarm."""
    delivery_id = DeliveryId(name_of(notice.id, subscription.id))
    kept = partners.deliveries.get(delivery_id)
    if kept is None:
        kept = _delivery(delivery_id, subscription, notice, ports)
        partners.deliveries.create(kept)
    partners.alarms.start(due_of(kept))
    return delivery_id


def _delivery(delivery_id: DeliveryId, subscription: Subscription, notice: Notice, ports: Ports) -> Delivery:
    now = ports.clock.now()
    person = person_to_tell(subscription, notice.person, ports)
    body = event_of(notice, person=person, fields=subscription.fields)
    # A body with personal fields lies beside the person, so that erasing the person reaches it.
    text = "" if person is None else ports.vault.put_text(body, person_id=person.id)
    return Delivery(
        id=delivery_id,
        subscription=subscription.id,
        partner=subscription.partner,
        notice=notice.id,
        type=TYPE_OF[notice.type],
        case=notice.case,
        cohort=notice.cohort,
        body="" if text else body,
        body_text=text,
        person="" if person is None else person.id,
        at=notice.at,
        made_at=now,
        next_at=now if subscription.state is SubscriptionState.ACTIVE else None,
    )


def person_to_tell(subscription: Subscription, person_id: str, ports: Ports) -> Person | None:
    """Give the person, if the subscription may be sent their fields now: it asks for some, and consent stands."""
    if not person_id or not subscription.fields or not subscription.consent:
        return None
    reason = f"fields for subscription {subscription.id}"
    person = ports.vault.get(PersonId(person_id), reader="deliver", reason=reason)
    if person is None or not person.consents.get(subscription.consent) or restriction_of(person.id, ports).is_suspended:
        return None
    return person
