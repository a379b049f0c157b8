"""Makes the attempts of the embedded backend: many at once, few to one receiver."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from functions.adapters.local.sqlite_partners import SqliteAttemptAlarms
from functions.observe.log import tell
from schemas.subscriptions import SubscriptionId
from workflows.runtime.attempt import attempt
from workflows.runtime.partner_ports import Due, PartnerPorts
from workflows.runtime.ports import Ports

THREADS = 64
AT_ONCE_MAX = 4
RESTS_SECONDS = 5.0
"""How long a subscription is left alone after an attempt of it went wrong here: it may have called, and would again."""


class Dispatcher:
    """Takes the attempts that are due, some of each subscription in turn, and makes them in threads.

    A receiver that hangs keeps at most four threads; its other attempts stay where they are, and cost nothing.
    """

    def __init__(self, alarms: SqliteAttemptAlarms, ports: Ports, partners: PartnerPorts) -> None:
        """Start nothing yet."""
        self._alarms = alarms
        self._ports = ports
        self._partners = partners
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="attempt")
        self._turn = threading.Lock()
        self._under_way: dict[SubscriptionId, set[str]] = {}
        self._rests: dict[SubscriptionId, float] = {}

    def dispatch(self) -> int:
        """Begin what is due and can be begun, and give how much that was."""
        now, count = self._ports.clock.now(), 0
        for subscription in self._partners.subscriptions.find():
            with self._turn:
                busy = set(self._under_way.get(subscription.id, ()))
                is_resting = self._rests.get(subscription.id, 0.0) > time.monotonic()
            if is_resting or len(busy) >= AT_ONCE_MAX:
                continue
            for name, due in self._alarms.due(subscription.id, now, AT_ONCE_MAX):
                if name not in busy and len(busy) < AT_ONCE_MAX:
                    busy.add(name)
                    self._begin(name, due)
                    count += 1
        return count

    def _begin(self, name: str, due: Due) -> None:
        with self._turn:
            self._under_way.setdefault(due.subscription, set()).add(name)
        self._pool.submit(self._make, name, due)

    def _make(self, name: str, due: Due) -> None:
        try:
            attempt(due, self._ports, self._partners)
            self._alarms.silence([name])
        except Exception as error:  # noqa: BLE001  the alarm stays, and goes off again; what is lost `sweep` finds
            with self._turn:
                self._rests[due.subscription] = time.monotonic() + RESTS_SECONDS
            tell("attempt_failed", delivery=due.delivery, error=type(error).__name__)
        finally:
            with self._turn:
                self._under_way[due.subscription].discard(name)

    def close(self) -> None:
        """Wait for what is under way, and begin nothing more."""
        self._pool.shutdown()
