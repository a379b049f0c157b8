"""When a delivery is tried again.  Pure: the jitter comes from the delivery's name."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from schemas.ids import name_of
from workflows.runtime.partner_ports import Answer

SCHEDULE = (
    *(timedelta(0), timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)),
    *(timedelta(hours=5), timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24)),
)
"""How long to wait before each attempt, about three days in all (the example schedule of Standard Webhooks 1.0)."""

JITTER = 0.2
RETRY_AFTER_MIN, RETRY_AFTER_MAX = timedelta(seconds=1), timedelta(hours=24)
_SECONDS = re.compile(r"[0-9]{1,20}")
ASKS_FOR_PATIENCE = frozenset({429, 503})
GONE = 410


def is_success(answer: Answer) -> bool:
    """Whether the receiver has taken it: any status from 200 to 299."""
    return 200 <= answer.status < 300  # noqa: PLR2004  the class of statuses


def next_attempt(name: str, done: int, at: datetime, answer: Answer) -> datetime | None:
    """Give when to try again after a failure; None if that was the last attempt.

    Args:
        name: The delivery, from which the jitter comes.
        done: How many attempts of the schedule were made.
        at: When the last one was.
        answer: What it was answered.
    """
    if done >= len(SCHEDULE):
        return None
    share = int(name_of(name, done).translate(_DIGITS)[:6], 32) / 32**6
    wait = SCHEDULE[done] * (1 - JITTER + 2 * JITTER * share)
    return at + max(wait, patience(answer, at))


def patience(answer: Answer, at: datetime) -> timedelta:
    """Give how long the receiver asked to be left alone, within a second and a day; nothing if it did not."""
    text = answer.headers.get("retry-after", "").strip()
    if answer.status not in ASKS_FOR_PATIENCE or not text:
        return timedelta(0)
    if _SECONDS.fullmatch(text):
        wait = timedelta(seconds=min(float(text), RETRY_AFTER_MAX.total_seconds()))
    else:
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, OverflowError):  # the latter for years and zones of many digits
            return timedelta(0)
        wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - at
    return min(max(wait, RETRY_AFTER_MIN), RETRY_AFTER_MAX)


_DIGITS = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghijklmnopqrstuv")
