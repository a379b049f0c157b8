"""What calls to the API carry, and what its answers do; the OpenAPI document is made of these."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from schemas.deliveries import Attempt, Delivery, DeliveryState
from schemas.record import Record
from schemas.subscriptions import HOUR, Health, Subscription, SubscriptionState, Way
from workflows.runtime.subscribe import CONTACT

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
SPAN_MAX = timedelta(days=92)
PAGE, PAGE_MAX = 50, 200


def _within(moment: datetime) -> datetime:
    if not FIRST <= moment < LAST:
        raise ValueError("has to be from 2000 to 2199")
    return moment


def _whole(number: object) -> object:
    """Give a number without a fraction as what it is; JSON Schema knows no other difference."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Moment = Annotated[AwareDatetime, AfterValidator(_within)]
Cursor = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,200}$")]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Hour = Annotated[int, Field(ge=0, le=23), BeforeValidator(_whole)]
Short = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{0,64}$")]
Type = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.*-]{1,100}$")]


class NewSubscription(Record):
    """What to be told, and where."""

    url: str = Field(
        min_length=1,
        max_length=2048,
        description="Where your receiver is: https, a full host name. Or `mailto:` and a mailbox, for a letter a day.",
    )
    types: tuple[Type, ...] = Field(min_length=1, max_length=50, description="Types; a star may end one.")
    cohort: Short = Field(default="", description="Only of this cohort.")
    programme: Short = Field(default="", description="Only of this programme.")
    fields: tuple[Short, ...] = Field(default=(), max_length=10, description="Personal fields: name, email, phone.")
    consent: Short = Field(default="", description="The consent item that lets these fields go to you.")
    purpose: str = Field(default="", max_length=200, description="What for, as the consent names it.")
    contact: str = Field(pattern=CONTACT, max_length=254, description="Where your people are told of failures.")
    hour: Hour = Field(default=HOUR, description="When the letter of the day leaves, in Korea.")
    is_sent_empty: bool = Field(default=False, description="Whether a letter leaves on a day without news too.")


class Changes(Record):
    """What to change about a subscription; what is left out stays.  A new address is asked for consent first."""

    url: str | None = Field(default=None, min_length=1, max_length=2048)
    types: tuple[Type, ...] | None = Field(default=None, min_length=1, max_length=50)
    cohort: Short | None = None
    programme: Short | None = None
    fields: tuple[Short, ...] | None = Field(default=None, max_length=10)
    consent: Short | None = Field(default=None, min_length=1)
    purpose: str | None = Field(default=None, min_length=1, max_length=200)
    contact: str | None = Field(default=None, pattern=CONTACT, max_length=254)
    hour: Hour | None = None
    is_sent_empty: bool | None = None


class Pausing(Record):
    """Why a subscription is paused."""

    reason: str = Field(default="partner", max_length=200)


class Testing(Record):
    """A test; the same id again is the same test."""

    id: str = Field(default="", max_length=64)


class Span(Record):
    """A time of at most 92 days."""

    since: Moment
    until: Moment | None = Field(default=None, description="Now, if left out.")


class Empty(Record):
    """No more than an empty object, or nothing."""


class ListQuery(Record):
    """Which page."""

    after: Cursor = Field(default="", description="`next` of the page before.")
    limit: int = Field(default=PAGE, ge=1, le=PAGE_MAX)


class DeliveryQuery(ListQuery):
    """Which deliveries."""

    subscription: Id | None = None
    state: DeliveryState | None = None
    since: Moment | None = None
    until: Moment | None = None


class SubscriptionShown(Record):
    """A subscription as it stands; its version is the ETag."""

    id: str
    partner: str
    url: str
    types: tuple[str, ...]
    cohort: str
    programme: str
    fields: tuple[str, ...]
    consent: str
    purpose: str
    contact: str
    way: Way = Field(description="`call`: each notice is a call; `digest`: a letter a day.")
    hour: int
    is_sent_empty: bool
    state: SubscriptionState
    reason: str
    rate_per_minute: int
    made_at: AwareDatetime
    version: int
    failures: int = Field(description="How many calls failed in a row.")
    failing_since: AwareDatetime | None
    rests_until: AwareDatetime | None


class SubscriptionMade(SubscriptionShown):
    """A subscription with its signing secret, which is shown this once."""

    secret: str = Field(description="Empty for a digest: nobody signs mail.")
    why: str = Field(description="Why it is not active yet: what the receiver answered; empty if it is.")


class SubscriptionAsked(SubscriptionShown):
    """A subscription after its receiver was asked once more."""

    why: str = Field(description="Why it is not active yet: what the receiver answered; empty if it is.")


class SubscriptionPage(Record):
    """Some of your subscriptions."""

    subscriptions: tuple[SubscriptionShown, ...]
    next: str = Field(description="The cursor of the next page; empty on the last one.")


class DeliveryShown(Record):
    """A notice on its way to you.  What it said is not repeated here: redeliver it."""

    id: str = Field(description="The `webhook-id` of every attempt.")
    subscription: str
    notice: str = Field(description="The `id` of the event.")
    type: str
    case: str
    cohort: str
    at: AwareDatetime
    made_at: AwareDatetime
    state: DeliveryState
    tries: int
    next_at: AwareDatetime | None
    reason: str
    is_personal: bool = Field(description="Whether it was made with personal fields.")


class AttemptShown(Record):
    """One call, kept for 30 days."""

    number: int
    at: AwareDatetime
    status: int = Field(description="What your receiver answered; 0: nothing.")
    fault: str
    ms: int
    head: str = Field(description="The beginning of the answer.")
    next_at: AwareDatetime | None


class DeliveryDetail(DeliveryShown):
    """A delivery with its attempts."""

    attempts: tuple[AttemptShown, ...]


class DeliveryPage(Record):
    """Some of your deliveries, by when they were made."""

    deliveries: tuple[DeliveryShown, ...]
    next: str = Field(description="The cursor of the next page; empty on the last one.")


class DeliveryId(Record):
    """Which delivery it became."""

    delivery: str


class Count(Record):
    """How many deliveries are on their way."""

    count: int


class EventPage(Record):
    """Some of what happened, in the order in which it was told; always thin."""

    events: tuple[dict[str, Any], ...] = Field(description="CloudEvents 1.0; see the catalogue of types.")
    next: str = Field(description="The cursor to go on with, now or later; it stays where nothing is new.")
    more: bool = Field(description="Whether there is more at once.")


class Problem(Record):
    """What is wrong, by RFC 9457."""

    type: str = Field(description="Names the kind: `/problems/{code}`.")
    title: str = Field(description="A sentence for people, in Korean or English.")
    status: int
    detail: str
    errors: dict[str, str] = Field(default={}, description="By the field: what is wrong with it.")


def subscription_shown(subscription: Subscription, health: Health) -> dict[str, Any]:
    """Give the fields of `SubscriptionShown`."""
    return {
        **{name: getattr(subscription, name) for name in SubscriptionShown.model_fields if hasattr(subscription, name)},
        **{name: getattr(health, name) for name in ("failures", "failing_since", "rests_until")},
    }


def delivery_shown(delivery: Delivery) -> dict[str, Any]:
    """Give the fields of `DeliveryShown`."""
    named = {name: getattr(delivery, name) for name in DeliveryShown.model_fields if hasattr(delivery, name)}
    return {**named, "is_personal": bool(delivery.person)}


def attempt_shown(attempt: Attempt) -> AttemptShown:
    """Give an attempt as it is shown."""
    return AttemptShown(**attempt.model_dump(include=set(AttemptShown.model_fields)))
