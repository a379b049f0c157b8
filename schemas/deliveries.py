"""One notice on its way to one subscription, and each attempt to bring it there."""

from enum import StrEnum
from typing import NewType

from pydantic import AwareDatetime, Field

from schemas.ids import CaseId, MessageId
from schemas.record import Record
from schemas.subscriptions import SubscriptionId

DeliveryId = NewType("DeliveryId", str)

HEAD_CHARACTERS_MAX = 1024


class DeliveryState(StrEnum):
    """How far a delivery came.  An exhausted one had its last attempt; a cancelled one may not be sent any more."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"


class Delivery(Record):
    """A notice for a subscription, with its body frozen.

    Attributes:
        id: H(notice, subscription), and the `webhook-id` of every attempt.
        type: The published type.
        body: The very text that is sent; empty where it holds personal fields, and lies in the vault.
        body_text: The reference to it in the vault.
        person: Whose fields the body holds; empty where it holds none.
        fields: Which ones; empty in deliveries of older versions: those of the subscription.
        consent: The consent item by which they may go; empty in deliveries of older versions too.
        at: When what it tells happened.
        tries: How many attempts there were.
        first: The number of the attempt that the schedule counts from: a delivery sent anew begins again.
        next_at: When the next attempt is due; None: none is.
        reason: Why it was cancelled.
        version: Counts the changes.
    """

    id: DeliveryId
    subscription: SubscriptionId
    partner: str
    notice: MessageId
    type: str
    case: CaseId
    cohort: str = ""
    body: str = ""
    body_text: str = ""
    person: str = ""
    fields: tuple[str, ...] = ()
    consent: str = ""
    at: AwareDatetime
    made_at: AwareDatetime
    state: DeliveryState = DeliveryState.WAITING
    tries: int = 0
    first: int = 0
    next_at: AwareDatetime | None = None
    reason: str = ""
    version: int = 0


class Attempt(Record):
    """One call, kept for 30 days.

    Attributes:
        number: Counted from 1 over the life of the delivery.
        status: What the receiver answered; 0: nothing.
        fault: Why nothing, as a code.
        ms: How long it took.
        head: The beginning of the answer as text, for people to read; nobody vouches for it.  Empty where personal
            fields were sent, which an answer may repeat.
        next_at: When the next one is due.
    """

    delivery: DeliveryId
    subscription: SubscriptionId
    number: int
    at: AwareDatetime
    status: int = 0
    fault: str = ""
    ms: int = 0
    head: str = Field(default="", max_length=HEAD_CHARACTERS_MAX)
    next_at: AwareDatetime | None = None
