"""How letters reach people: which channel is tried first, and when it is quiet."""

from datetime import time
from typing import Literal

from pydantic import Field

from schemas.letters import ChannelName
from schemas.people import Locale
from schemas.record import Record


class Quiet(Record):
    """The hours, in Seoul, in which nothing leaves but the answer to what a person just did; over midnight or not."""

    begins: time
    ends: time


class Rule(Record):
    """Which channels are tried for a letter, in order.  What a rule leaves empty fits every letter."""

    notices: tuple[str, ...] = ()
    kinds: tuple[Literal["receipt", "reminder", "result", "decision"], ...] = ()
    locales: tuple[Locale, ...] = ()
    channels: tuple[ChannelName, ...] = Field(min_length=1)


class PostRules(Record):
    """The configuration.

    Attributes:
        rules: The first one that fits counts.
        quiet: For every programme that has none of its own.
        programmes: Quiet hours by programme.
    """

    rules: tuple[Rule, ...]
    quiet: Quiet
    programmes: dict[str, Quiet] = Field(default_factory=dict)
