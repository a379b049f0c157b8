"""The trace of a call, as W3C Trace Context writes it: `00-{trace}-{span}-{flags}`.

It travels beside messages and calls, never inside: no id, no history and no digest depends on it.
"""

import os
import re
from typing import NamedTuple

HEADER = "traceparent"
_WRITTEN = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_SAMPLED = 1


class Trace(NamedTuple):
    """Where a call stands in its trace.

    Attributes:
        trace: What belongs together, as 32 hexadecimal digits.
        span: This part of it, as 16.
        parent: The part that caused it; empty at the beginning.
        is_sampled: Whether its spans are kept.
    """

    trace: str
    span: str
    parent: str = ""
    is_sampled: bool = False

    def __str__(self) -> str:
        """Give what is handed on."""
        return f"00-{self.trace}-{self.span}-{int(self.is_sampled):02x}"

    def under(self, caller: str | None, *, is_ours: bool = True) -> "Trace":
        """Give the same part below the one that a caller names, or itself if that is no trace.

        Args:
            caller: What the caller says.
            is_ours: Whether it may say what is sampled as well; strangers could have everything kept.
        """
        above = read(caller)
        if above is None:
            return self
        return Trace(above.trace, self.span, above.span, above.is_sampled if is_ours else self.is_sampled)


def read(written: str | None) -> Trace | None:
    """Give the trace that a caller names; None if it names none, or none that is well written."""
    found = _WRITTEN.fullmatch(written) if isinstance(written, str) else None
    if found is None or found[1] == "ff" or set(found[2]) == {"0"} or set(found[3]) == {"0"}:
        return None
    if found[1] == "00" and found.end(4) != found.end():  # only later versions may say more
        return None
    return Trace(found[2], found[3], is_sampled=bool(int(found[4], 16) & _SAMPLED))


def begin(caller: str | None, *, share: float = 0.0, is_ours: bool = True) -> Trace:
    """Give the next part of a caller's trace, or the first of a new one.

    Args:
        caller: What the caller says.
        share: How many of the new ones are sampled, 0 to 1.
        is_ours: Whether the caller may say what is sampled.
    """
    drawn = os.urandom(26)
    is_sampled = int.from_bytes(drawn[24:]) < share * 65536
    return Trace(drawn[:16].hex(), drawn[16:24].hex(), is_sampled=is_sampled).under(caller, is_ours=is_ours)
