"""What carries messages in a storm: the embedded queue in four threads, or the emulators with all that they do at once.

Both lose no message, and otherwise do what a network may do: deliver late, twice and in any order.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import grpc
from google.cloud.tasks_v2 import CloudTasksClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from functions.adapters.local.sqlite_queue import EVENTS, Delivery
from functions.embedded import Embedded
from functions.stack.local_stack import QUEUE, LocalStack
from schemas.ids import CaseId, MessageId
from schemas.messages import Message, Notice
from tests.support.published import KEY
from workflows.engine.history import messages_of
from workflows.runtime.advance import advance
from workflows.runtime.errors import Unavailable
from workflows.runtime.ports import CaseStore, Ports, Publisher, Seen
from workflows.runtime.sweep import sweep

THREADS = 4
PATIENCE_SECONDS = 90.0
STUCK_MAX = 8
"""For so many stirs a message is stuck at most: less than the week in which an answer given in time can still claim."""

T = TypeVar("T")


class Races:
    """A `Tries` that never rests and never gives up, and counts how often somebody else was first."""

    def __init__(self) -> None:
        self.lost = 0
        self._turn = threading.Lock()

    def __call__(self) -> Iterator[int]:
        yield 0
        for number in range(1, 10_000):
            with self._turn:
                self.lost += 1
            yield number


class _Hesitant:
    """A `CaseStore` that now and then lets others go first, after a case was read and before it is written."""

    def __init__(self, inner: CaseStore) -> None:
        self._inner = inner

    def get(self, case_id: CaseId) -> Seen | None:
        seen = self._inner.get(case_id)
        if hash((case_id, seen and seen.revision)) % 3 == 0:
            time.sleep(0.001)
        return seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class Threads:
    """The embedded queue, emptied by four threads that each apply and acknowledge one message after another.

    Attributes:
        faults: What went wrong that may not go wrong.
    """

    is_still = True
    """Between two calls nothing happens, so that all cases can be looked at together."""

    def __init__(self, path: Path, chance: Random, *, tells: bool = False, apart: bool = False) -> None:
        """Open a store.

        Args:
            path: The store.
            chance: Shuffles.
            tells: Whether notices are delivered, too.
            apart: Whether each thread opens the file for itself, as another process would.
        """
        self._chance = chance
        self._races = Races()
        self._opened = [Embedded(path, tells=tells) for _ in range(THREADS if apart else 1)]
        self._main = self._opened[0]
        for embedded in self._opened:
            embedded.database.execute("pragma synchronous = off")  # the power does not fail in a storm
        self.ports = replace(self._main.ports, tries=self._races)
        self._lanes = [self._lane(self._opened[lane % len(self._opened)].ports) for lane in range(THREADS)]
        self._pool = ThreadPoolExecutor(THREADS)
        self._again: list[Delivery] = []
        self._held: dict[int, int] = {}
        self._stirs = 0
        self.faults: list[str] = []

    def _lane(self, ports: Ports) -> Ports:
        hesitant: Any = _Hesitant(ports.cases)
        return replace(ports, cases=hesitant, tries=self._races, clock=self._main.clock)

    @property
    def lost(self) -> int:
        """How many races were lost."""
        return self._races.lost

    def turn(self, to: datetime) -> None:
        """Turn the clock."""
        self._main.clock.turn(to)

    def each(self, do: Callable[[T], object], items: Iterable[T]) -> None:
        """Do something with every item."""
        for item in items:
            do(item)

    def sweep(self) -> None:
        """Ring what nobody rang."""
        sweep(self.ports)

    def stir(self) -> None:
        """Deliver a part of what waits in any order, some of it twice, now or later; a few messages are stuck."""
        self._stirs += 1
        waiting = self._waiting()
        for row in waiting:
            wait = self._chance.randint(4, STUCK_MAX) if self._chance.random() < 0.15 else self._chance.random() < 0.2
            self._held.setdefault(row.place, self._stirs + wait)
        now = [row for row in waiting if self._held[row.place] <= self._stirs]
        again = [row for row in now if self._chance.random() < 0.15]
        self._deliver([*now, *again, *self._again])
        self._again = [row for row in now if self._chance.random() < 0.1]

    def settle(self) -> None:
        """Deliver until nothing is left."""
        for _ in range(200):
            waiting = self._waiting()
            if not waiting:
                return
            self._deliver([*waiting, *self._again])
            self._again = []
        self.faults.append(f"{len(waiting)} messages cannot be delivered, the first is {waiting[0].blob[:200]}")
        self._main.queue.acknowledge(waiting)

    def _waiting(self) -> list[Delivery]:
        rows = self._main.database.all("select place, topic, blob, attempts, reason from queue order by place")
        return [Delivery(*row) for row in rows]

    def _deliver(self, deliveries: list[Delivery]) -> None:
        self._chance.shuffle(deliveries)
        todo = iter(deliveries)
        turn = threading.Lock()

        def work(lane: int) -> None:
            while True:
                with turn:
                    delivery = next(todo, None)
                if delivery is None:
                    return
                self._take(delivery, lane)

        list(self._pool.map(work, range(THREADS)))

    def _take(self, delivery: Delivery, lane: int) -> None:
        try:
            if delivery.topic == EVENTS:
                advance(Message.model_validate_json(delivery.blob), self._lanes[lane])
            else:
                self._main.worker._consumers[delivery.topic](delivery)
        except Unavailable:
            return  # it is delivered again
        except Exception as error:  # noqa: BLE001  whatever it is, it is a finding
            self.faults.append(f"{type(error).__name__}: {error}, for {delivery.blob[:300]}")
        self._opened[lane % len(self._opened)].queue.acknowledge([delivery])

    def close(self) -> None:
        """Close the file."""
        self._pool.shutdown()
        for embedded in self._opened:
            embedded.close()


class Pushes:
    """The local stack: Pub/Sub pushes as much at once as it likes, and everybody publishes at once."""

    is_still = False

    def __init__(self, stack: LocalStack, ports: Ports, chance: Random) -> None:
        """Take over a running stack, and ports on it."""
        self._stack = stack
        self._chance = chance
        self._pending: dict[tuple[CaseId, MessageId], None] = {}
        self._turn = threading.Lock()
        self._pool = ThreadPoolExecutor(8)
        self._inner = ports.publisher
        self.ports: Ports = replace(ports, publisher=_Followed(ports.publisher, self._follow))
        self.faults: list[str] = []
        self.lost = 0
        """Races are lost inside the functions, where nobody counts them."""

    def turn(self, to: datetime) -> None:
        """Turn the clock that every part of the stack reads."""
        self._stack.clock.turn(to)

    def each(self, do: Callable[[T], object], items: Iterable[T]) -> None:
        """Do something with every item, eight at once."""
        list(self._pool.map(do, items))

    def sweep(self) -> None:
        """Ring what nobody rang."""
        sweep(self.ports)

    def stir(self) -> None:
        """Go on while some of it is still on its way."""
        time.sleep(self._chance.uniform(0, 0.4))
        self._look()

    def settle(self) -> None:
        """Wait until every message, and every message that follows from it, has its entry."""
        gives_up_at = time.monotonic() + PATIENCE_SECONDS
        while self._pending:
            if self._look():
                gives_up_at = time.monotonic() + PATIENCE_SECONDS
            elif time.monotonic() > gives_up_at:
                self.faults.append(f"no entry after {PATIENCE_SECONDS} s: {list(self._pending)[:3]}")
                self._pending.clear()
            else:
                time.sleep(0.1)

    def _follow(self, messages: Iterable[Message]) -> None:
        with self._turn:
            self._pending.update(dict.fromkeys((message.case, message.id) for message in messages))

    def _look(self) -> int:
        """Look for entries, follow what they send, and send some of that again."""
        addresses = list(self._pending)
        entries = list(self._pool.map(lambda address: self.ports.cases.entry(*address), addresses))
        found, again = 0, []
        for address, entry in zip(addresses, entries, strict=True):
            if entry is not None:
                found += 1
                with self._turn:
                    del self._pending[address]
                sent = list(messages_of(entry, entry.message.case))
                self._follow(sent)
                again += [message for message in (entry.message, *sent) if self._chance.random() < 0.1]
        self._inner.publish(again, [])
        return found

    def close(self) -> None:
        """End its threads."""
        self._pool.shutdown()


class _Followed:
    """A `Publisher` that says what it publishes."""

    def __init__(self, inner: Publisher, tell: Callable[[list[Message]], None]) -> None:
        self._inner = inner
        self._tell = tell

    def publish(self, messages: Iterable[Message], notices: Iterable[Notice]) -> None:
        """Hand over a batch."""
        listed = list(messages)
        self._tell(listed)
        self._inner.publish(listed, notices)


@contextmanager
def a_stack(home: Path) -> Iterator[tuple[LocalStack, Ports]]:
    """Run the local stack, with its queue of timers paused: whoever makes the storm rings."""
    with LocalStack(home, key=KEY, sources={}) as stack:
        with grpc.insecure_channel(stack.settings.tasks_address) as channel:
            CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel)).pause_queue(name=QUEUE)
        yield stack, stack.cloud().ports


Network = Threads | Pushes

__all__ = ["Network", "Pushes", "Threads", "a_stack"]
