"""What may be said: the events, and the fields that lines may carry.  All else is left out."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

Severity = Literal["INFO", "WARNING", "ERROR", "CRITICAL"]

EVENTS: Mapping[str, Severity] = {
    "called": "INFO",
    "accessed": "INFO",
    "failed": "ERROR",
    "quarantined": "ERROR",
    "swept": "INFO",
    "chain_broken": "CRITICAL",
    "receiver_failing": "WARNING",
    "receiver_disabled": "ERROR",
    "attempt_failed": "ERROR",
    "form_waits": "WARNING",
    "form_unreadable": "ERROR",
    "watch_renewed": "WARNING",
    "unsaid": "INFO",
    "trace_lost": "WARNING",
}
"""Each event with its severity where nothing else is said.  `docs/operate/observability.md` tells what each means."""

_WORD = re.compile(r"[A-Za-z0-9_.:/-]{1,200}")
_PHRASE = re.compile(r"[A-Za-z0-9_.:/ -]{1,200}")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


def _word(value: Any) -> str | None:
    """An id, a code, the name of a class: nothing that people write in, and nobody's address."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _phrase(value: Any) -> str | None:
    """Who looked at what: an id, or words of ours such as `own link`."""
    return value if isinstance(value, str) and _PHRASE.fullmatch(value) else None


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) else None


def _plain(value: Any) -> str | None:
    """What our own settings say of themselves: it names variables, and repeats no value."""
    return _UNPRINTABLE.sub("?", value)[:500] if isinstance(value, str) else None


COUNTERS = ("rpcs", "reads", "writes", "deletes", "publishes", "published", "published_bytes", "tasks")
"""What the adapters count in a call: calls to Google, documents, messages, tasks."""

FIELDS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        ("function", "case", "id", "type", "verdict", "page", "error", "reference", "source", "reason", "subscription"),
        _word,
    ),
    **dict.fromkeys(("delivery", "connection", "logger", "place"), _word),
    **dict.fromkeys(("status", "ms", "cpu_ms", "rung", "late", "late_s", *COUNTERS), _number),
    **dict.fromkeys(("reader", "subject"), _phrase),
    "fault": _plain,
}
"""Every field, and what makes its value fit to be said; None: it is not."""
