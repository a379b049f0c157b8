"""Everything that telling partners needs, on the embedded backend, with receivers that answer as a test says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from functions.adapters.local.sqlite_partners import (
    SqliteAttemptAlarms,
    SqliteDeliveries,
    SqliteKeys,
    SqliteSubscriptions,
)
from functions.embedded import Embedded
from functions.sealer import KeySealer
from functions.slots import ProcessSlots
from schemas.deliveries import DeliveryState
from schemas.subscriptions import Subscription, SubscriptionId
from tests.support.office import KEY
from workflows.runtime.attempt import attempt
from workflows.runtime.endpoint import read_endpoint
from workflows.runtime.partner_ports import Answer, PartnerPorts

AGREES = Answer(status=200, headers={"webhook-allowed-origin": "sadari.example", "webhook-allowed-rate": "*"})
TAKEN = Answer(status=204)


@dataclass
class Receivers:
    """A `Caller` to whom nobody is far away: what each receiver answers is written down, the last answer for ever."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    calls: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)

    def read(self, url: str) -> str:
        """Give an address in its one form."""
        return read_endpoint(url, ours=frozenset(), admitted=frozenset()).url

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Answer."""
        self.calls.append((method, url, dict(headers), body))
        if method == "OPTIONS":
            return self.answers.get(f"OPTIONS {url}", [AGREES])[0]
        planned = self.answers.setdefault(url, [TAKEN])
        return planned.pop(0) if len(planned) > 1 else planned[0]

    @property
    def posts(self) -> list[tuple[str, Mapping[str, str], bytes]]:
        """The deliveries that were attempted."""
        return [(url, headers, body) for method, url, headers, body in self.calls if method == "POST"]


@dataclass
class Warned:
    """A `Warnings` that writes down who was warned."""

    told: list[tuple[str, str, datetime]] = field(default_factory=list)

    def warn(self, subscription: Subscription, kind: str, since: datetime) -> None:
        """Write it down."""
        self.told.append((subscription.contact, kind, since))


class Subscribers:
    """Partners of an office."""

    def __init__(self, embedded: Embedded) -> None:
        self.embedded = embedded
        self.receivers, self.warned = Receivers(), Warned()
        self.alarms = SqliteAttemptAlarms(embedded.database)
        self.ports = PartnerPorts(
            subscriptions=SqliteSubscriptions(embedded.database),
            deliveries=SqliteDeliveries(embedded.database),
            keys=SqliteKeys(embedded.database),
            alarms=self.alarms,
            caller=self.receivers,
            sealer=KeySealer(KEY),
            slots=ProcessSlots(),
            warnings=self.warned,
            wall_clock=embedded.clock,
            origin="sadari.example",
            api_url="https://sadari.example/api",
        )

    def until(self, to: datetime) -> list[DeliveryState | None]:
        """Let time pass, and every attempt be made when it is due."""
        states = []
        while (at := self.alarms.next_at()) is not None and at <= to:
            self.embedded.clock.turn(max(at, self.embedded.clock.now()))
            for each in self.ports.subscriptions.find():
                for name, due in self.alarms.due(each.id, self.embedded.clock.now(), 1):
                    states.append(attempt(due, self.embedded.ports, self.ports))
                    self.alarms.silence([name])
        self.embedded.clock.turn(max(to, self.embedded.clock.now()))
        return states

    def subscription(self, subscription_id: SubscriptionId) -> Subscription:
        """A subscription as it stands."""
        found = self.ports.subscriptions.get(subscription_id)
        assert found is not None
        return found
