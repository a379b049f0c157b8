"""Token buckets: how much one address may send, in this instance of the function.

Generous, for a whole campus may stand behind one address at the deadline; they stop a machine, not a class.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

BURST = 150.0
PER_SECOND = 2.0
KEPT_MAX = 10_000


class Buckets:
    """One bucket for each address and form.  Addresses stay in memory, and in no log."""

    def __init__(self, seconds: Callable[[], float], *, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        """Begin with every bucket full.

        Args:
            seconds: A clock that only goes forward.
            burst: How much a full bucket holds.
            per_second: How fast it fills again.
        """
        self._seconds = seconds
        self._burst = burst
        self._per_second = per_second
        self._turn = threading.Lock()
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, bucket: str, address: str) -> float:
        """Take one token; give 0, or how many seconds there is none."""
        now, key = self._seconds(), (bucket, address)
        with self._turn:
            left, at = self._buckets.pop(key, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._per_second)
            is_enough = left >= 1
            self._buckets[key] = (left - 1 if is_enough else left, now)
            if len(self._buckets) > KEPT_MAX:
                self._buckets.popitem(last=False)
        return 0.0 if is_enough else (1 - left) / self._per_second
