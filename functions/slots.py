"""How many calls are under way to each receiver from this process."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable

from schemas.subscriptions import SubscriptionId

AT_ONCE_MAX = 4
MINUTE_SECONDS = 60.0


class ProcessSlots:
    """A `Slots` of one process: with n instances a receiver sees n times as much at most."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._turn = threading.Lock()
        self._under_way: Counter[SubscriptionId] = Counter()
        self._made: dict[SubscriptionId, deque[float]] = {}

    def take(self, subscription_id: SubscriptionId, rate_per_minute: int) -> bool:
        """Take a slot; False if all are taken, or if the receiver had as many calls this minute as it allows."""
        with self._turn:
            if self._under_way[subscription_id] >= AT_ONCE_MAX:
                return False
            if rate_per_minute and not self._is_within(subscription_id, rate_per_minute):
                return False
            self._under_way[subscription_id] += 1
            return True

    def _is_within(self, subscription_id: SubscriptionId, rate_per_minute: int) -> bool:
        now, made = self._monotonic(), self._made.setdefault(subscription_id, deque())
        while made and made[0] <= now - MINUTE_SECONDS:
            made.popleft()
        if len(made) >= rate_per_minute:
            return False
        made.append(now)
        return True

    def give_back(self, subscription_id: SubscriptionId) -> None:
        """Give a slot back."""
        with self._turn:
            self._under_way[subscription_id] -= 1
            if not self._under_way[subscription_id]:
                del self._under_way[subscription_id]
