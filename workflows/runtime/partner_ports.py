"""What telling partners needs from the outside, as Protocols.  Every adapter passes the same contract tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from schemas.api_keys import ApiKey, KeyId
from schemas.deliveries import Attempt, Delivery, DeliveryId, DeliveryState
from schemas.ids import name_of
from schemas.subscriptions import Health, Subscription, SubscriptionId, SubscriptionState
from workflows.runtime.ports import Clock


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call to a partner.

    Attributes:
        status: The status of the answer; 0: there was none.
        fault: Why there was none: `refused_url`, `refused_address`, `name_not_found`, `no_connection`, `certificate`,
            `too_slow` or `broke_off`; empty if there was one.
        headers: The few that matter, in small letters.
        head: The beginning of the body, as bytes that nobody vouches for.
        ms: How long it took.
    """

    status: int = 0
    fault: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    head: bytes = b""
    ms: int = 0
    detail: str = ""


class Caller(Protocol):
    """The way to partners over HTTPS, to public addresses only."""

    def read(self, url: str) -> str:
        """Give an address in its one form.

        Raises:
            BadForm: It is none that may be called.
        """

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Call once, and give what became of it within 15 seconds; whatever the other side does raises nothing."""


class Subscriptions(Protocol):
    """Where subscriptions are kept, and how their receivers do."""

    def get(self, subscription_id: SubscriptionId) -> Subscription | None:
        """Give a subscription."""

    def put(self, subscription: Subscription, *, seen: int) -> bool:
        """Keep it if its version is still the one seen (0: there was none); False if somebody was faster."""

    def find(self, *, partner: str = "", state: SubscriptionState | None = None) -> Sequence[Subscription]:
        """Give those that match, by id; an empty argument asks nothing."""

    def health(self, subscription_id: SubscriptionId) -> Health:
        """Give how its receiver does; a receiver that nothing is known of does well."""

    def put_health(self, health: Health, *, seen: int) -> bool:
        """Keep it if its version is still the one seen (0: there was none); False if somebody was faster."""


class Deliveries(Protocol):
    """Where deliveries and their attempts are kept."""

    def create(self, delivery: Delivery) -> bool:
        """Keep a delivery; False if it is kept already (then nothing changes)."""

    def get(self, delivery_id: DeliveryId) -> Delivery | None:
        """Give a delivery."""

    def update(self, delivery: Delivery, *, seen: int, attempt: Attempt | None = None) -> bool:
        """Replace a delivery, and note an attempt with it: both if its version is still the one seen, or neither."""

    def attempts(self, delivery_id: DeliveryId) -> Sequence[Attempt]:
        """Give the attempts of a delivery that are still kept, in order."""

    def page(
        self,
        *,
        partner: str = "",
        subscription: SubscriptionId | None = None,
        state: DeliveryState | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str = "",
        limit: int,
    ) -> tuple[Sequence[Delivery], str]:
        """Give some of the deliveries that match, by when they were made, and the cursor of the next page.

        Args:
            partner: Whose.
            subscription: Of which subscription.
            state: How far they came.
            since: Made at this instant or later.
            until: Made before this instant.
            after: The cursor of the page before; empty for the first page.  An empty one comes with the last page.
            limit: How many make a page.

        Raises:
            Rejected: No page gave this cursor.
        """

    def of_person(self, person: str) -> Sequence[Delivery]:
        """Give the deliveries that were made with personal fields of this person."""

    def overdue(self, now: datetime, *, limit: int) -> Sequence[Delivery]:
        """Give deliveries whose next attempt should have been made by now, the longest overdue first."""

    def forget(self, before: datetime, *, limit: int) -> int:
        """Destroy some of the attempts older than this; give how many.  May be repeated."""


@dataclass(frozen=True, slots=True)
class Due:
    """An attempt that is due.  It is made only if the delivery still waits for this very one.

    Attributes:
        number: Which attempt of the delivery it is, counted from 1.
    """

    delivery: DeliveryId
    subscription: SubscriptionId
    number: int
    at: datetime

    @property
    def name(self) -> str:
        """The name of its alarm; the same one whoever sets it."""
        return name_of("attempt", self.delivery, self.number, self.at.astimezone(UTC).isoformat())


def due_of(delivery: Delivery) -> list[Due]:
    """Give the attempt that a delivery waits for, if there is one."""
    if delivery.next_at is None:
        return []
    return [Due(delivery.id, delivery.subscription, delivery.tries + 1, delivery.next_at)]


class Keys(Protocol):
    """Where the keys of partners are kept, without what proves them."""

    def get(self, key_id: KeyId) -> ApiKey | None:
        """Give a key."""

    def put(self, key: ApiKey, *, seen: int) -> bool:
        """Keep it if its version is still the one seen (0: there was none); False if somebody was faster."""

    def find(self, *, partner: str = "") -> Sequence[ApiKey]:
        """Give those that match, by id; an empty argument asks nothing."""


class AttemptAlarms(Protocol):
    """The alarm clock of attempts.  It may go off twice, late or never; deliveries know better."""

    def start(self, dues: Sequence[Due]) -> None:
        """Set each alarm; one that is set already is left alone.

        Raises:
            Unavailable: Some may be set; start the same again.
        """

    def forget(self, before: datetime, *, limit: int) -> int:
        """Destroy some of the alarms that were due before this and have gone off; give how many.  May be repeated."""


class Sealer(Protocol):
    """Keeps secrets from whoever reads the store."""

    def seal(self, secret: str) -> str:
        """Give the secret, encrypted."""

    def unseal(self, sealed: str) -> str:
        """Give the secret.

        Raises:
            Rejected: It was sealed under another key, or changed.
        """


class Warnings(Protocol):
    """The way to people of a partner beside their receiver: mail."""

    def warn(self, subscription: Subscription, kind: str, since: datetime) -> None:
        """Tell them.

        Args:
            subscription: Whose receiver it is about, with the contact.
            kind: `failing`: for a day; `disabled`: nothing is sent any more.
            since: Since when it fails.
        """


class Feed(Protocol):
    """A topic that partners have subscriptions of their own on."""

    def publish(self, body: str, attributes: Mapping[str, str]) -> None:
        """Hand an event over; it may come twice.

        Raises:
            Unavailable: It may have been taken, or not; hand it over again.
        """


class NoFeed:
    """A `Feed` that nobody reads."""

    def publish(self, body: str, attributes: Mapping[str, str]) -> None:
        """Do nothing."""


NOWHERE = NoFeed()


class Slots(Protocol):
    """How many calls are under way at once to each receiver, so that one that hangs holds up nobody else."""

    def take(self, subscription_id: SubscriptionId, rate_per_minute: int) -> bool:
        """Take a slot; False if all are taken, or if the receiver had as many calls this minute as it allows.

        Args:
            subscription_id: Whose receiver is to be called.
            rate_per_minute: How many calls it allows; 0: as many as there are.
        """

    def give_back(self, subscription_id: SubscriptionId) -> None:
        """Give a slot back."""


@dataclass(frozen=True, slots=True)
class PartnerPorts:
    """All of them together, as `bootstrap` wires them.

    Attributes:
        origin: The name under which we ask receivers for consent (`WebHook-Request-Origin`).
        wall_clock: The time of receivers; another than the store's only where that one is turned, as in a demo.
        api_url: Where the API is reached from outside: people grant there what their receiver could not, and read
            schemas.
        feed: Where events go for partners who read them from a topic.
    """

    subscriptions: Subscriptions
    deliveries: Deliveries
    keys: Keys
    alarms: AttemptAlarms
    caller: Caller
    sealer: Sealer
    slots: Slots
    warnings: Warnings
    wall_clock: Clock
    origin: str
    api_url: str
    feed: Feed = NOWHERE
