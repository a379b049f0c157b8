"""How long to keep trying: full jitter, a bound in time."""

import random
import time
from collections.abc import Iterator

REST_MIN = 0.02
REST_MAX = 1.0


class Patience:
    """A `Tries` by the system's clock."""

    def __init__(self, seconds_max: float = 8.0) -> None:
        self._seconds_max = seconds_max

    def __call__(self) -> Iterator[int]:
        """Give the number of each try, resting between them with full jitter, until the time is up."""
        ends_at = time.monotonic() + self._seconds_max
        number = 0
        while True:
            yield number
            rest = random.uniform(0, min(REST_MAX, REST_MIN * 2**number))  # noqa: S311  jitter keeps no secret
            number += 1
            if time.monotonic() + rest > ends_at:
                return
            time.sleep(rest)
