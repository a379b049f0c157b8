"""Partners in virtual time: the real dispatcher, whose calls take as long as a test says and cost no real time."""

import heapq
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.adapters.local.instants import instant
from functions.dispatcher import THREADS, Dispatcher
from functions.embedded import Embedded
from functions.slots import ProcessSlots
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Notice
from schemas.subscriptions import SubscriptionId, SubscriptionState
from tests.support.subscribers import AGREES, TAKEN, Subscribers
from workflows.runtime.endpoint import read_endpoint
from workflows.runtime.fan_out import fan_out
from workflows.runtime.partner_ports import Answer, Due
from workflows.runtime.ports import Clock
from workflows.runtime.subscribe import Wish, subscribe

SECRET = "whsec_c2FkYXJpLWJlbmNoLXNpZ25pbmcta2V5LTMyYnl0ZXM="
DOWN = "https://partner-0.example/notices"
NO_CONNECTION_SECONDS = 3.0
"""A receiver of which nothing comes back at all."""


@dataclass
class Town:
    """Receivers, one of which can be down.

    Attributes:
        seconds: How long a call takes.
        posts: How many calls were made.
        calls: How many of them to the one that can be down.
        took: When each delivery was taken for the first time, by receiver and `webhook-id`.
        bodies: The bytes that came with an id.
    """

    clock: Clock
    seconds: float
    is_down: bool = False
    posts: int = 0
    calls: int = 0
    took: dict[str, dict[str, datetime]] = field(default_factory=dict)
    bodies: dict[str, set[bytes]] = field(default_factory=dict)

    def read(self, url: str) -> str:
        """Give an address in its one form."""
        return read_endpoint(url, ours=frozenset(), admitted=frozenset()).url

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Answer."""
        if method == "OPTIONS":
            return AGREES
        self.posts += 1
        self.calls += url == DOWN
        if self.is_down and url == DOWN:
            return Answer(fault="no_connection")
        name = headers["webhook-id"]
        self.bodies.setdefault(name, set()).add(body)
        self.took.setdefault(url, {}).setdefault(name, self.clock.now() + timedelta(seconds=self.seconds))
        return TAKEN

    def lasts(self, url: str) -> float:
        """How long a call to a receiver takes."""
        return NO_CONNECTION_SECONDS if self.is_down and url == DOWN else self.seconds


class VirtualPartners(Dispatcher):
    """The dispatcher with as many threads as it has, each of which is busy for as long as its call takes."""

    def __init__(self, embedded: Embedded, receivers: int, *, seconds: float) -> None:
        """Subscribe receivers; the first one to everything, the others to the cohort `2027`."""
        subscribers = Subscribers(embedded)
        self.town = Town(embedded.clock, seconds)
        self.embedded, self.begun = embedded, embedded.clock.now()
        slots = ProcessSlots(self._seconds)
        self.partners = replace(subscribers.ports, caller=self.town, slots=slots)
        super().__init__(embedded.attempt_alarms, embedded.ports, self.partners)
        self._queue: deque[tuple[str, Due]] = deque()
        self._ends: list[tuple[datetime, str, SubscriptionId]] = []
        self._urls: dict[SubscriptionId, str] = {}
        self._told: dict[str, datetime] = {}
        self.attempts = 0
        for number in range(receivers):
            wish = Wish(
                partner=f"partner-{number}",
                url=f"https://partner-{number}.example/notices",
                types=("kr.sadari.*",),
                cohort="2027" if number else "",
                contact="ops@partner.example",
            )
            made, _ = subscribe(wish, secret=SECRET, grant="t", by="x", ports=embedded.ports, partners=self.partners)
            self._urls[made.id] = made.url
        self.down = next(name for name, url in self._urls.items() if url == DOWN)

    def _seconds(self) -> float:
        return (self.embedded.clock.now() - self.begun).total_seconds()

    def tell(self, number: int, cohort: str) -> None:
        """Tell a notice."""
        notice = Notice(
            id=MessageId(f"notice-{number}"),
            type="PhaseCompleted",
            role="partners",
            case=CaseId(f"enrolment-{number}"),
            workflow="enrolment",
            cohort=cohort,
            data={"cohort": cohort, "phase_completed": "online"},
            at=self.embedded.clock.now(),
        )
        with self.embedded.database.batch():
            fan_out(notice, self.embedded.ports, self.partners)

    def steadily(self, time: timedelta, every: timedelta, *, share: int, first: int = 0) -> int:
        """Tell a notice every so often, one of so many to everybody and the rest to the first one; give how many."""
        ends, number = self.embedded.clock.now() + time, first
        while self.embedded.clock.now() < ends:
            self.tell(number, "other" if number % share else "2027")
            self._told[f"notice-{number}"] = self.embedded.clock.now()
            number += 1
            self.until(min(self.embedded.clock.now() + every, ends))
        return number - first

    def latencies(self, since: datetime, until: datetime) -> list[float]:
        """How long it took all but the first receiver to get what was told in a time, in order."""
        ids = {
            name_of(notice, subscription): at
            for notice, at in self._told.items()
            if since <= at < until
            for subscription, url in self._urls.items()
            if url != DOWN
        }
        found = (took.items() for url, took in self.town.took.items() if url != DOWN)
        return sorted((at - ids[name]).total_seconds() for each in found for name, at in each if name in ids)

    def first(self, count: int) -> list[str]:
        """The `webhook-id` of each of the first notices, to the first receiver."""
        return [name_of(f"notice-{number}", self.down) for number in range(count)]

    @property
    def state(self) -> SubscriptionState | None:
        """How the subscription of the first receiver stands."""
        found = self.partners.subscriptions.get(self.down)
        return None if found is None else found.state

    def until(self, to: datetime) -> None:
        """Let time pass."""
        clock = self.embedded.clock
        while True:
            while self.dispatch():
                self._take_up()
            ends = [self._ends[0][0]] if self._ends else []
            at = min([*ends, *self._next_alarms()], default=to)
            if at >= to:
                break
            clock.turn(at)
            while self._ends and self._ends[0][0] <= at:
                _, name, subscription = heapq.heappop(self._ends)
                self._under_way[subscription].discard(name)
            self._take_up()
        clock.turn(to)

    def _next_alarms(self) -> list[datetime]:
        query = "select min(at) from attempt_alarms where has_rung = 0 and at > ?"
        (at,) = self.embedded.database.one(query, (instant(self.embedded.clock.now()),))
        return [] if at is None else [datetime.fromisoformat(at)]

    def _begin(self, name: str, due: Due) -> None:
        self._under_way.setdefault(due.subscription, set()).add(name)
        self._queue.append((name, due))

    def _take_up(self) -> None:
        """Give what waits to threads that are free."""
        while self._queue and len(self._ends) < THREADS:
            name, due = self._queue.popleft()
            before = self.town.posts
            self._make(name, due)
            self.attempts += 1
            seconds = self.town.lasts(self._urls[due.subscription]) if self.town.posts > before else 0.0
            self._under_way[due.subscription].add(name)
            at = self.embedded.clock.now() + timedelta(seconds=seconds)
            heapq.heappush(self._ends, (at, name, due.subscription))
