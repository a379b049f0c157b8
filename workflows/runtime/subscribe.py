"""A partner's subscription: asked for, granted by its receiver, paused, resumed, its secret replaced, disabled."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import Field

from schemas.catalogue import TYPES, SubscriptionTested
from schemas.deliveries import DeliveryId, DeliveryState
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Notice
from schemas.record import Record
from schemas.roles import PARTNERS
from schemas.subscriptions import (
    HOUR,
    MAIL,
    Health,
    SealedSecret,
    Subscription,
    SubscriptionId,
    SubscriptionState,
    Way,
)
from workflows.definitions.forms import FORMS
from workflows.runtime.cloud_event import CONTENT_TYPE, FIELDS
from workflows.runtime.digest import make_test
from workflows.runtime.endpoint import read_mailbox
from workflows.runtime.errors import BadForm, CaseMoved, NotAllowed, NotFound, Rejected, Undeliverable
from workflows.runtime.fan_out import deliver_to, is_of_type
from workflows.runtime.partner_mail import ask_by_mail, mail_of
from workflows.runtime.partner_ports import Answer, PartnerPorts, due_of
from workflows.runtime.ports import Ports
from workflows.runtime.schedule import is_success
from workflows.runtime.signature import signature_of

BOTH_SECRETS_FOR = timedelta(hours=24)
"""How long the former secret signs as well, so that a receiver can be given the new one in its own time."""

SECRETS_MAX = 2
PAGE = 200
ENDED = "ended"
"""Why a subscription is disabled that nobody wants any more; it stays for its deliveries, and is never asked again."""


ASKED_BY_MAIL = "confirmation_sent"
"""Why a digest is not active yet: its office has a letter, and opens the page that it names."""

CONTACT = r"^[^@\s{0}]+@[^@\s{0}]+\.[^@\s{0}]+$".format(r"\x00-\x20\x7f-\xa0\ufeff")
"""Without what some programs take for space or as a command, and others do not."""


class Wish(Record):
    """What a partner asks for.  The fields are those of `Subscription`."""

    partner: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    url: str
    types: tuple[str, ...] = Field(min_length=1, max_length=50)
    cohort: str = Field(default="", max_length=64)
    programme: str = Field(default="", max_length=64)
    fields: tuple[str, ...] = Field(default=(), max_length=10)
    consent: str = Field(default="", max_length=64)
    purpose: str = Field(default="", max_length=200)
    contact: str = Field(pattern=CONTACT, max_length=254)
    hour: int = Field(default=HOUR, ge=0, le=23)
    is_sent_empty: bool = False


def subscribe(
    wish: Wish, *, secret: str, grant: str, by: str, ports: Ports, partners: PartnerPorts, is_vouched: bool = False
) -> tuple[Subscription, str]:
    """Keep a subscription, and ask its receiver for consent (CloudEvents webhook, section 4), or its office by mail.

    Args:
        wish: What is asked for.
        secret: The signing secret, made by chance for this subscription alone.
        grant: A token made by chance; whoever opens its address grants what the receiver could not answer.
        by: Who registers it.
        ports: The ports.
        partners: The ports to partners.
        is_vouched: Whether staff know the mailbox of a digest to be the partner's, so that it need not be asked.

    Returns:
        The subscription, active if the receiver agreed; and why it did not, as a code.

    Raises:
        BadForm: With every fault.
        NotAllowed: Personal fields are asked for, and no consent lets them go.
        Rejected: The partner has a subscription for this address, or there is no mail for a digest.
    """
    url = check_wish(wish, partners)
    now = ports.clock.now()
    check_free(url, wish.partner, partners)
    made = Subscription(
        **{**wish.model_dump(), "url": url},
        id=SubscriptionId(name_of("subscription", wish.partner, url, now.isoformat(), name_of("grant", grant))),
        secrets=() if url.startswith(MAIL) else (SealedSecret(sealed=partners.sealer.seal(secret), made_at=now),),
        grant=name_of("grant", grant),
        made_by=by,
        made_at=now,
    )
    kept, why = first_asked(made, grant, ports, partners, is_vouched=is_vouched)
    if not partners.subscriptions.put(kept, seen=0):
        raise CaseMoved
    return kept.model_copy(update={"version": 1}), why


def first_asked(
    made: Subscription, token: str, ports: Ports, partners: PartnerPorts, *, is_vouched: bool
) -> tuple[Subscription, str]:
    """Ask for consent to an address for the first time; give the subscription, active if it is given, and why not.

    Raises:
        BadForm: The address cannot be called, or written to.
        Rejected: There is no mail for a digest.
    """
    if made.way is Way.DIGEST:
        mail_of(ports)
        if is_vouched:
            return made.model_copy(update={"state": SubscriptionState.ACTIVE}), ""
        _ask_office(made, token, ports, partners)
        return made, ASKED_BY_MAIL
    answer = _ask(made, token, partners)
    if answer.fault in {"refused_url", "refused_address", "name_not_found"}:
        raise BadForm({"url": f"cannot be called: {answer.fault}"})
    agreed = _agreed(made, answer, partners)
    if agreed is None:
        return made, answer.fault or f"no consent in the answer [{answer.status}]"
    return agreed, ""


def grant(subscription_id: SubscriptionId, token: str, ports: Ports, partners: PartnerPorts) -> Subscription:
    """Take the consent of people of a partner, by the address that their receiver was sent.  May be repeated.

    Raises:
        NotFound: There is no such subscription, or the token is not its.
    """
    found = to_grant(subscription_id, token, partners)
    if found.state in {SubscriptionState.PENDING, SubscriptionState.DISABLED}:
        be_well(found.id, partners)
        found = _change(found, partners, state=SubscriptionState.ACTIVE, reason="")
        wake(found.id, ports.clock.now(), partners)
    return found


def to_grant(subscription_id: SubscriptionId, token: str, partners: PartnerPorts) -> Subscription:
    """Give the subscription that a token lets people grant; nothing changes.

    Raises:
        NotFound: There is no such subscription, or the token is not its.
    """
    found = partners.subscriptions.get(subscription_id)
    if found is None or not found.grant or found.grant != name_of("grant", token):
        raise NotFound("No such request for consent.")
    return found


def ask_again(
    subscription_id: SubscriptionId, token: str, ports: Ports, partners: PartnerPorts
) -> tuple[Subscription, str]:
    """Ask the receiver of a pending or disabled subscription, or its office, for consent once more, with a new token.

    A subscription that is paused stays so.

    Raises:
        NotFound: There is no such subscription.
        Rejected: It has ended.
    """
    found = one(subscription_id, partners)
    if found.reason == ENDED:
        raise Rejected(f"Subscription [{subscription_id}] has ended.", code="subscription_ended")
    if found.way is Way.DIGEST:
        kept = _change(found, partners, grant=name_of("grant", token))
        _ask_office(kept, token, ports, partners)
        return kept, ASKED_BY_MAIL
    answer = _ask(found, token, partners)
    agreed = _agreed(found, answer, partners)
    if agreed is None:
        kept = _change(found, partners, grant=name_of("grant", token))
        return kept, answer.fault or f"no consent in the answer [{answer.status}]"
    be_well(found.id, partners)
    update: dict[str, object] = {"rate_per_minute": agreed.rate_per_minute}
    if found.state is not SubscriptionState.PAUSED:
        update |= {"state": SubscriptionState.ACTIVE, "reason": ""}
    kept = _change(found, partners, **update)
    if kept.state is SubscriptionState.ACTIVE:
        wake(kept.id, ports.clock.now(), partners)
    return kept, ""


def pause(subscription_id: SubscriptionId, reason: str, partners: PartnerPorts) -> Subscription:
    """Send nothing for now; what comes meanwhile waits."""
    found = one(subscription_id, partners)
    if found.state is not SubscriptionState.ACTIVE:
        raise Rejected(
            f"Subscription [{subscription_id}] is {found.state}, not active.", code="subscription_not_active"
        )
    return _change(found, partners, state=SubscriptionState.PAUSED, reason=reason)


def resume(subscription_id: SubscriptionId, ports: Ports, partners: PartnerPorts) -> Subscription:
    """Send again, what waited first.  May be repeated."""
    found = one(subscription_id, partners)
    if found.state is SubscriptionState.PAUSED:
        found = _change(found, partners, state=SubscriptionState.ACTIVE, reason="")
    if found.state is not SubscriptionState.ACTIVE:
        raise Rejected(
            f"Subscription [{subscription_id}] is {found.state}; its receiver has to be asked again.",
            code="subscription_not_active",
        )
    wake(found.id, ports.clock.now(), partners)
    return found


def wake(subscription_id: SubscriptionId, now: datetime, partners: PartnerPorts) -> int:
    """Set the alarm of every delivery of a subscription that waits without one; give how many."""
    count, after = 0, ""
    while True:
        waiting, after = partners.deliveries.page(
            subscription=subscription_id, state=DeliveryState.WAITING, after=after, limit=PAGE
        )
        for each in waiting:
            awake = each.model_copy(update={"next_at": now})
            if each.next_at is None and partners.deliveries.update(awake, seen=each.version):
                partners.alarms.start(due_of(awake))
                count += 1
        if not after:
            return count


def rotate(subscription_id: SubscriptionId, secret: str, ports: Ports, partners: PartnerPorts) -> Subscription:
    """Sign with a new secret; the former one signs as well for a day, and any older one no more.

    Raises:
        NotFound: There is no such subscription.
        Rejected: It is a digest; nobody signs mail.
    """
    found, now = one(subscription_id, partners), ports.clock.now()
    if found.way is Way.DIGEST:
        raise Rejected("A digest has no secret.", code="not_for_digests")
    former = [
        each.model_copy(update={"ends_at": now + BOTH_SECRETS_FOR}) for each in found.secrets if each.ends_at is None
    ]
    new = SealedSecret(sealed=partners.sealer.seal(secret), made_at=now)
    return _change(found, partners, secrets=(new, *former[: SECRETS_MAX - 1]))


def send_test(subscription_id: SubscriptionId, turn: str, ports: Ports, partners: PartnerPorts) -> DeliveryId:
    """Send an event that says no more than that it is a test.

    Args:
        subscription_id: The subscription.
        turn: The same again is the same test.
        ports: The ports.
        partners: The ports to partners.
    """
    found = one(subscription_id, partners)
    if found.state is not SubscriptionState.ACTIVE:
        raise Rejected(
            f"Subscription [{subscription_id}] is {found.state}, not active.", code="subscription_not_active"
        )
    if found.way is Way.DIGEST:
        return make_test(found, turn, ports, partners)
    told = SubscriptionTested(subscription=found.id)
    notice = Notice(
        id=MessageId(name_of("test", found.id, turn)),
        type=SubscriptionTested.__name__,
        role=PARTNERS.name,
        case=CaseId(found.id),
        workflow="subscriptions",
        data=told.model_dump(mode="json"),
        at=ports.clock.now(),
    )
    return deliver_to(found, notice, ports, partners)


def end(subscription_id: SubscriptionId, partners: PartnerPorts) -> Subscription:
    """End a subscription for good: nothing is sent any more, and its secrets are destroyed.  May be repeated."""
    found = one(subscription_id, partners)
    if found.reason == ENDED:
        return found
    return _change(found, partners, state=SubscriptionState.DISABLED, reason=ENDED, secrets=(), grant="")


def disable(subscription: Subscription, reason: str, *, since: datetime, partners: PartnerPorts) -> None:
    """Send nothing any more, and tell the partner's people by mail.  May be repeated."""
    found = partners.subscriptions.get(subscription.id)
    if found is None or found.state is SubscriptionState.DISABLED:
        return
    update = {"state": SubscriptionState.DISABLED, "reason": reason}
    if partners.subscriptions.put(found.model_copy(update=update), seen=found.version):
        partners.warnings.warn(found, "disabled", since)


def one(subscription_id: SubscriptionId, partners: PartnerPorts) -> Subscription:
    """Give a subscription.

    Raises:
        NotFound: There is none.
    """
    found = partners.subscriptions.get(subscription_id)
    if found is None:
        raise NotFound(f"No subscription [{subscription_id}].")
    return found


def secrets_at(subscription: Subscription, now: datetime) -> Sequence[SealedSecret]:
    """Give the secrets that sign at an instant, the newest first."""
    return [each for each in subscription.secrets if each.ends_at is None or each.ends_at > now]


def headers_of(delivery_id: str, body: bytes, secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
    """Give the headers of an attempt: the id stays, the time and the signatures are new."""
    timestamp = str(int(now.timestamp()))
    signatures = [signature_of(delivery_id, timestamp, body, secret) for secret in secrets]
    return {
        "Content-Type": CONTENT_TYPE,
        "User-Agent": "Sadari",
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def unknown_types(types: Sequence[str]) -> list[str]:
    """Give the patterns that name no published type."""
    return [each for each in types if not any(is_of_type((each,), known) for known in TYPES)]


def check_wish(wish: Wish, partners: PartnerPorts) -> str:
    """Give the address of a wish in its one form.

    Raises:
        BadForm: With every fault of the wish.
        NotAllowed: No consent lets the fields go.
    """
    faults: dict[str, str] = {}
    if unknown := unknown_types(wish.types):
        faults["types"] = f"no such type: {', '.join(unknown)[:200]}"
    strange = sorted(set(wish.fields) - FIELDS.keys())
    if strange:
        faults["fields"] = f"not among {', '.join(FIELDS)}"
    url = ""
    try:
        is_digest = wish.url.startswith(MAIL)
        url = read_mailbox(wish.url) if is_digest else partners.caller.read(wish.url)
        if is_digest and wish.fields:
            faults["fields"] = "a digest carries nothing personal"
    except BadForm as error:
        faults |= error.faults
    if faults:
        raise BadForm(faults)
    given_to_others = {item.name for form in FORMS.values() for item in form.consents if not item.is_required}
    if wish.fields and (wish.consent not in given_to_others or not wish.purpose):
        raise NotAllowed("Personal fields need the purpose, and the consent item that lets them go to this partner.")
    return url


def check_free(url: str, partner: str, partners: PartnerPorts) -> None:
    """Pass if the partner has no subscription for an address.

    Raises:
        Rejected: It has one.
    """
    if any(each.url == url and each.reason != ENDED for each in partners.subscriptions.find(partner=partner)):
        raise Rejected("There is a subscription for this address; change or end that one.", code="subscription_exists")


def be_well(subscription_id: SubscriptionId, partners: PartnerPorts) -> None:
    """Forget how the receiver did before it, or its people, agreed anew."""
    before = partners.subscriptions.health(subscription_id)
    if before.version:
        partners.subscriptions.put_health(Health(subscription=subscription_id), seen=before.version)


def _ask(subscription: Subscription, token: str, partners: PartnerPorts) -> Answer:
    headers = {
        "WebHook-Request-Origin": partners.origin,
        "WebHook-Request-Callback": f"{partners.api_url}/grants/{subscription.id}/{token}",
        "WebHook-Request-Rate": "600",
    }
    return partners.caller.call("OPTIONS", subscription.url, headers)


def _ask_office(subscription: Subscription, token: str, ports: Ports, partners: PartnerPorts) -> None:
    page, to = f"{partners.api_url}/grants/{subscription.id}/{token}", subscription.url.removeprefix(MAIL)
    try:
        ask_by_mail(subscription, to=to, page=page, name=name_of("asked", subscription.id, token), ports=ports)
    except Undeliverable as error:
        raise BadForm({"url": f"the mail server refuses this mailbox: {error.detail}"}) from error


def _agreed(subscription: Subscription, answer: Answer, partners: PartnerPorts) -> Subscription | None:
    """Give the subscription as the receiver agreed to it; a status alone is no consent."""
    origin = answer.headers.get("webhook-allowed-origin", "").strip()
    if not is_success(answer) or origin not in {"*", partners.origin}:
        return None
    rate = answer.headers.get("webhook-allowed-rate", "").strip()
    allowed = max(int(rate[:6]), 1) if rate.isdecimal() else 0
    return subscription.model_copy(update={"state": SubscriptionState.ACTIVE, "rate_per_minute": allowed})


def _change(subscription: Subscription, partners: PartnerPorts, **update: object) -> Subscription:
    changed = subscription.model_copy(update=update)
    if not partners.subscriptions.put(changed, seen=subscription.version):
        raise CaseMoved
    return changed.model_copy(update={"version": subscription.version + 1})
