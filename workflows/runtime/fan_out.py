"""Makes a delivery of a notice for each subscription that it is for, with its body frozen.

Whoever was sent personal fields by a consent that does not stand any more is told to delete them.
"""

from datetime import datetime

from schemas.catalogue import ALWAYS_SENT, TYPE_OF, ConsentWithdrawn
from schemas.deliveries import Delivery, DeliveryId, DeliveryState
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.messages import Notice
from schemas.people import Person
from schemas.roles import PARTNERS
from schemas.subscriptions import Subscription, SubscriptionState, Way
from workflows.runtime.cloud_event import FIELDS, event_of, refitted
from workflows.runtime.consents import PRIVACY
from workflows.runtime.feed import attributes_of
from workflows.runtime.partner_ports import PartnerPorts, due_of
from workflows.runtime.ports import Ports
from workflows.runtime.restrictions import restriction_of

SENT_TO = frozenset({SubscriptionState.ACTIVE, SubscriptionState.PAUSED})
"""What a paused subscription would have been sent waits for it."""


def fan_out(notice: Notice, ports: Ports, partners: PartnerPorts) -> list[DeliveryId]:
    """Make the deliveries of a notice to partners.  May be repeated: a delivery is made once, and its alarm is set.

    Returns:
        The deliveries that the notice has, made now or before.
    """
    called = [each for each in partners.subscriptions.find() if each.way is Way.CALL]
    told = _tell_withdrawn(notice, called, ports, partners)
    if notice.role != PARTNERS.name or notice.type not in TYPE_OF:
        return told
    partners.feed.publish(event_of(notice, partners.api_url), attributes_of(notice))
    listening = [each for each in called if each.state in SENT_TO and is_for(each, notice)]
    return told + [deliver_to(each, notice, ports, partners) for each in listening]


def _tell_withdrawn(
    notice: Notice, called: list[Subscription], ports: Ports, partners: PartnerPorts
) -> list[DeliveryId]:
    """Tell whoever was sent a person's fields by a consent that was withdrawn, however that came: once per withdrawal.

    Every withdrawal is followed by a notice about the person: of a request, of a form sent anew, of an answer.  Whoever
    is paused or disabled is told when that ends; whoever has ended is sent nothing any more.
    """
    # One that asks for no fields any more still names the consent by which it once did.
    by_id = {each.id: each for each in called if each.consent and each.secrets}
    if not notice.person or not by_id:
        return []
    sent = [each for each in partners.deliveries.of_person(notice.person) if each.tries and each.subscription in by_id]
    if not sent:
        return []
    person = ports.vault.get(PersonId(notice.person), reader="deliver", reason="consents for partners")
    held: dict[tuple[str, str, str], Delivery] = {}
    for each in sent:
        consent = each.consent or by_id[each.subscription].consent
        at = (each.subscription, each.case, consent)
        fields = {*each.fields, *(held[at].fields if at in held else ())}
        held[at] = each.model_copy(
            update={"fields": tuple(name for name in FIELDS if name in fields), "consent": consent}
        )
    told = (tell_to_delete(each, by_id[each.subscription], person, ports, partners) for each in held.values())
    return [each for each in told if each is not None]


def tell_to_delete(
    delivery: Delivery, subscription: Subscription, person: Person | None, ports: Ports, partners: PartnerPorts
) -> DeliveryId | None:
    """Tell whoever was sent fields with a delivery to delete them, if these may not go any more; once per withdrawal.

    Args:
        delivery: What they came with.
        subscription: Whose it is.
        person: The person as known now; None: erased.
        ports: The ports.
        partners: The ports to partners.
    """
    consent = delivery.consent or subscription.consent
    if person is not None and may_go(person, consent, ports):
        return None
    at = None if person is None else _ended_at(person, consent, ports)
    # An erased person has no records left; a consent given and withdrawn again has a record, and an id, anew.
    turn = name_of("consent withdrawn", delivery.person, delivery.case, consent, at.isoformat() if at else "erased")
    withdrawn = withdrawal(MessageId(turn), subscription, delivery, at or ports.clock.now())
    return deliver_to(subscription, withdrawn, ports, partners)


def may_go(person: Person, consent: str, ports: Ports) -> bool:
    """Whether a person's fields may go by a consent: it stands, and that to any processing; none is suspended."""
    stands = person.consents.get(consent) and person.consents.get(PRIVACY, True)
    return bool(stands) and not restriction_of(person.id, ports).is_stopped


def _ended_at(person: Person, consent: str, ports: Ports) -> datetime | None:
    """Give since when fields may not go by a consent: it was refused last, or the processing was suspended."""
    asked = {consent, PRIVACY} if not person.consents.get(PRIVACY, True) else {consent}
    refused = [each.at for each in person.consent_records if each.item.split("@")[0] in asked and not each.is_given]
    restriction = restriction_of(person.id, ports)
    suspended = [restriction.at] if restriction.is_suspended else []
    return max((*refused, *suspended), default=None)


def withdrawal(notice_id: MessageId, subscription: Subscription, delivery: Delivery, at: datetime) -> Notice:
    """Give the notice that tells to delete the fields that came, or would have come, with a delivery."""
    told = ConsentWithdrawn(case=delivery.case, fields=delivery.fields or subscription.fields, withdrawn_at=at)
    return Notice(
        id=notice_id,
        type=ConsentWithdrawn.__name__,
        role=PARTNERS.name,
        case=CaseId(delivery.case),
        workflow="privacy",
        cohort=delivery.cohort,
        data=told.model_dump(mode="json", exclude={"case"}),
        at=at,
    )


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
        kept = _delivery(delivery_id, subscription, notice, ports, partners)
        partners.deliveries.create(kept)
    set_alarm(kept, ports, partners)
    return delivery_id


def set_alarm(delivery: Delivery, ports: Ports, partners: PartnerPorts) -> None:
    """Set the alarm of a delivery as it was just written; one whose subscription is paused has none.

    Whoever ends the pause wakes what waits then.  What was written after that is woken here: it is read that the pause
    has ended, for that was written before.
    """
    if delivery.next_at is None and delivery.state is DeliveryState.WAITING:
        subscription = partners.subscriptions.get(delivery.subscription)
        kept = partners.deliveries.get(delivery.id)
        is_asleep = kept is not None and kept.state is DeliveryState.WAITING and kept.next_at is None
        if kept is None or not is_asleep or subscription is None or subscription.state is not SubscriptionState.ACTIVE:
            return
        delivery = kept.model_copy(update={"next_at": ports.clock.now()})
        if not partners.deliveries.update(delivery, seen=kept.version):
            return  # whoever was faster has woken it
    partners.alarms.start(due_of(delivery))


def _delivery(
    delivery_id: DeliveryId, subscription: Subscription, notice: Notice, ports: Ports, partners: PartnerPorts
) -> Delivery:
    now = ports.clock.now()
    person = person_to_tell(subscription, notice.person, ports)
    body = event_of(notice, partners.api_url, person=person, fields=subscription.fields)
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
        fields=() if person is None else subscription.fields,
        consent="" if person is None else subscription.consent,
        at=notice.at,
        made_at=now,
        next_at=now if subscription.state is SubscriptionState.ACTIVE else None,
    )


def is_beyond(delivery: Delivery, subscription: Subscription) -> bool:
    """Whether a delivery holds fields that its subscription does not ask for any more, or by another consent."""
    return bool(delivery.fields) and (
        not set(delivery.fields) <= set(subscription.fields) or delivery.consent != subscription.consent
    )


def remake(delivery: Delivery, body: str, subscription: Subscription, ports: Ports, partners: PartnerPorts) -> None:
    """Make a delivery anew with what its subscription asks for now, under another id: the same event, other bytes."""
    now, person = ports.clock.now(), person_to_tell(subscription, delivery.person, ports)
    fields, consent = ((), "") if person is None else (subscription.fields, subscription.consent)
    name = DeliveryId(name_of(delivery.id, "fields", consent, *fields))
    made = partners.deliveries.get(name)
    if made is None:
        refit = refitted(body, person=person, fields=fields)
        text = "" if person is None else ports.vault.put_text(refit, person_id=person.id)
        held = {"body": "" if text else refit, "body_text": text, "person": "" if person is None else person.id}
        begun = {"tries": 0, "first": 0, "version": 0, "made_at": now, "next_at": now}
        made = delivery.model_copy(update={"id": name, "fields": fields, "consent": consent, **held, **begun})
        partners.deliveries.create(made)
    partners.alarms.start(due_of(made))


def person_to_tell(subscription: Subscription, person_id: str, ports: Ports) -> Person | None:
    """Give the person, if the subscription may be sent their fields now: it asks for some, and consent stands."""
    if not person_id or not subscription.fields or not subscription.consent:
        return None
    reason = f"fields for subscription {subscription.id}"
    person = ports.vault.get(PersonId(person_id), reader="deliver", reason=reason)
    return person if person is not None and may_go(person, subscription.consent, ports) else None
