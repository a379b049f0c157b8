"""Says where a letter stands on its way to its reader, and why it did not arrive."""

from collections.abc import Callable
from datetime import datetime
from typing import get_args

from functions.console.outbox_texts import OUTBOX
from functions.console.texts import text
from schemas.letters import ChannelName, Letter, LetterState, Outcome


def way_of(letter: Letter, kst: Callable[[datetime | None], str], *, has_channels: bool) -> str:
    """Give one sentence on a letter's way, in the language of the page.

    Args:
        letter: The letter.
        kst: Writes an instant.
        has_channels: Whether letters are sent at all.
    """
    last = letter.attempts[-1] if letter.attempts else None
    match letter.state:
        case LetterState.RELEASED:
            return _released(letter, kst, has_channels=has_channels)
        case LetterState.SENDING if last is not None:
            return text("way_sending", text(f"channel_{last.channel}"))
        case LetterState.SENT if last is not None:
            name = "way_delivered" if last.outcome is Outcome.DELIVERED else "way_sent"
            return text(name, text(f"channel_{last.channel}"), kst(last.ended_at))
        case LetterState.FAILED:
            return text("way_failed", why(letter.failure))
        case _:
            return text(f"letter_{letter.state}")


def _released(letter: Letter, kst: Callable[[datetime | None], str], *, has_channels: bool) -> str:
    if letter.failure:
        return text("way_waits", why(letter.failure))
    if has_channels and letter.leaves_at is not None:
        return text("way_leaves", kst(letter.leaves_at))
    return text("way_asks" if has_channels else "way_stays")


def why(reason: str) -> str:
    """Give what a reason means, with its code; empty for none."""
    if not reason:
        return ""
    channel, _, rest = reason.partition(": ")
    code = rest if channel in get_args(ChannelName) else reason
    known = (name.removeprefix("why_") for name in OUTBOX if name.startswith("why_"))
    found = next((name for name in known if code == name or code.startswith(f"{name}_")), "other")
    return f"{text(f'why_{found}')} ({reason})"
