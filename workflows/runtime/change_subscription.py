"""Changes what a subscription asks for and where it is sent to; a new address is asked for consent first."""

from pydantic import Field

from schemas.ids import name_of
from schemas.record import Record
from schemas.subscriptions import Subscription, SubscriptionId, SubscriptionState, Way
from workflows.runtime.errors import BadForm, CaseMoved, Rejected
from workflows.runtime.fan_out import SENT_TO
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.ports import Ports
from workflows.runtime.subscribe import CONTACT, ENDED, Wish, be_well, check_free, check_wish, first_asked, one, wake


class Change(Record):
    """What is to change about a subscription; None leaves it.  The fields are those of `Subscription`.

    A consent is replaced and never taken away: it says what to ask when fields that were sent have to be deleted.
    """

    url: str | None = None
    types: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=50)
    cohort: str | None = Field(default=None, max_length=64)
    programme: str | None = Field(default=None, max_length=64)
    fields: tuple[str, ...] | None = Field(default=None, max_length=10)
    consent: str | None = Field(default=None, min_length=1, max_length=64)
    purpose: str | None = Field(default=None, min_length=1, max_length=200)
    contact: str | None = Field(default=None, pattern=CONTACT, max_length=254)
    hour: int | None = Field(default=None, ge=0, le=23)
    is_sent_empty: bool | None = None


def change(
    subscription_id: SubscriptionId,
    wish: Change,
    *,
    seen: int | None,
    token: str,
    ports: Ports,
    partners: PartnerPorts,
    is_vouched: bool = False,
) -> tuple[Subscription, str]:
    """Change what a subscription asks for; all of it or nothing.

    What waits goes to the new address.  A receiver that does not agree changes nothing, and the old one is sent to as
    before; a mailbox is asked by mail, and gets nothing until it is confirmed.  What waits with fields that are not
    asked for any more, or by another consent, is made anew under another id when its turn comes.

    Args:
        subscription_id: The subscription.
        wish: What is to change.
        seen: The version that was seen; None changes any.
        token: Made by chance; whoever opens its address confirms a new mailbox.
        ports: The ports.
        partners: The ports to partners.
        is_vouched: Whether staff know a new mailbox to be the partner's.

    Returns:
        The subscription; and why it is not active, as a code.

    Raises:
        NotFound: There is no such subscription.
        BadForm: With every fault; among them a receiver that does not agree.
        NotAllowed: No consent lets the fields go.
        Rejected: It has ended, or the partner has another one for this address.
        CaseMoved: It is another version by now.
    """
    found = one(subscription_id, partners)
    if found.reason == ENDED:
        raise Rejected(f"Subscription [{subscription_id}] has ended.", code="subscription_ended")
    if seen not in {None, found.version}:
        raise CaseMoved
    wanted = found.model_copy(update=wish.model_dump(exclude_none=True))
    url = check_wish(Wish(**{name: getattr(wanted, name) for name in Wish.model_fields}), partners)
    changed, why = wanted.model_copy(update={"url": url}), ""
    if url != found.url:
        changed, why = _moved(found, changed, token, ports, partners, is_vouched=is_vouched)
    if not partners.subscriptions.put(changed, seen=found.version):
        raise CaseMoved
    if url != found.url:
        be_well(found.id, partners)
    if changed.state is SubscriptionState.ACTIVE:
        wake(found.id, ports.clock.now(), partners)
    return changed.model_copy(update={"version": found.version + 1}), why


def _moved(
    found: Subscription,
    wanted: Subscription,
    token: str,
    ports: Ports,
    partners: PartnerPorts,
    *,
    is_vouched: bool,
) -> tuple[Subscription, str]:
    """Ask the new address for consent; give the subscription as it then stands."""
    if wanted.way is not found.way:
        raise BadForm({"url": "calls and letters are two subscriptions; register another one"})
    check_free(wanted.url, wanted.partner, partners)
    state = found.state if found.state in SENT_TO else SubscriptionState.ACTIVE
    granted = wanted.model_copy(update={"grant": name_of("grant", token)})
    asked, why = first_asked(granted, token, ports, partners, is_vouched=is_vouched)
    if why and wanted.way is Way.CALL:
        raise BadForm({"url": f"the receiver there does not agree: {why}"})
    if why:
        return asked.model_copy(update={"state": SubscriptionState.PENDING, "reason": ""}), why
    return asked.model_copy(update={"state": state, "reason": found.reason if state is found.state else ""}), ""
