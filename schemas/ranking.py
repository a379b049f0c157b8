"""A frozen rank run: everything that decided an order, and the order."""

from functools import cached_property
from typing import Literal

from pydantic import Field

from schemas.ids import CaseId
from schemas.record import Record
from schemas.selection import Component, Quota


class Ranked(Record):
    """One application in a rank run, with all that its place was decided by.

    Attributes:
        score: The weighted total.
        scores: The parts of it, from 0 to 100, before any normalisation.
        groups: What quotas look at: university, track, region.
        returns: How often the application had given something back by then.
    """

    application: CaseId
    rank: int
    score: float
    scores: dict[str, float] = Field(default_factory=dict)
    groups: dict[str, str] = Field(default_factory=dict)
    returns: int = 0


class Ranking(Record):
    """A rank run: immutable once written, named by the hash of its content.

    Attributes:
        rule: How the order was made, in words that name the fields.
        entries: In rank order, rank 1 first.
    """

    round: CaseId
    rule: str
    components: tuple[Component, ...] = ()
    normalisation: Literal["none", "z"] = "none"
    ties: tuple[str, ...] = ()
    seed: str = ""
    capacity: int = 0
    waitlist: int = 0
    quotas: tuple[Quota, ...] = ()
    entries: tuple[Ranked, ...] = ()

    @cached_property
    def places(self) -> dict[CaseId, Ranked]:
        """The entries by application."""
        return {entry.application: entry for entry in self.entries}
