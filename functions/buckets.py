"""Token buckets: how much one sender may do, in this instance of the function; another instance has its own."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address, ip_network

BURST = 150.0
PER_SECOND = 2.0
"""What a page allows one address: a campus may stand behind it at the deadline; it stops a machine, not a class."""

KEPT_MAX = 10_000
PREFIX = {4: 24, 6: 48}
"""How much of an address names a sender: a network, for a machine changes its address within one at will."""


class Buckets:
    """One bucket for each key, full at first.  Keys stay in memory, and in no log."""

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
        self._buckets: OrderedDict[tuple[str, ...], tuple[float, float]] = OrderedDict()

    def take(self, *key: str) -> float:
        """Take one token; give 0, or how many seconds there is none."""
        return self._look(key, takes=1)

    def wait(self, *key: str) -> float:
        """Give 0, or how many seconds there is no token; take none."""
        return self._look(key, takes=0)

    def left(self, *key: str) -> float:
        """Give how many tokens there are; take none."""
        with self._turn:
            left, at = self._buckets.get(key, (self._burst, self._seconds()))
            return min(self._burst, left + (self._seconds() - at) * self._per_second)

    def _look(self, key: tuple[str, ...], *, takes: int) -> float:
        now = self._seconds()
        with self._turn:
            left, at = self._buckets.pop(key, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._per_second)
            is_enough = left >= 1
            self._buckets[key] = (left - takes if is_enough else left, now)
            if len(self._buckets) > KEPT_MAX:
                self._buckets.popitem(last=False)
        return 0.0 if is_enough else (1 - left) / self._per_second


def network_of(forwarded_for: str, remote: str) -> str:
    """Give the network that a request comes from.

    Args:
        forwarded_for: `X-Forwarded-For`.  Its last address was added by the platform that took the request; those in
            front of it are whatever the sender wrote.
        remote: The address of the connection, where there is no such header.
    """
    last = forwarded_for.rpartition(",")[2].strip() or remote
    try:
        address = ip_address(last)
    except ValueError:
        return "unknown"
    return str(ip_network(f"{address}/{PREFIX[address.version]}", strict=False))
