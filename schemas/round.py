"""A recruitment round: the one case that owns the seats."""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from schemas.cohort import Dated, Terms
from schemas.facts import Fact
from schemas.ids import CaseId
from schemas.ranking import Ranking


class Stage(StrEnum):
    """Where a round stands."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    RANKED = "ranked"
    APPROVED = "approved"
    PUBLISHED = "published"
    FILLED = "filled"


class Round(Dated):
    """The facts of a round.

    Invariant: `len(offers) + len(taken) <= terms.capacity`.

    Attributes:
        offers: Open offers, each with the instant it should have been answered for.
        taken: Accepted seats.
        fresh: The offers that the latest change opened, with their ranks.
        claims: Applications with first claim on the next freed seat.
        settled: By application that claimed: how many of its returns came before; they take nothing away any more.
        next_rank: The rank that is offered next.
        left: Applications that are out of the order, wherever they stood.
    """

    round: CaseId
    cohort: str
    programme: str
    terms: Terms
    ranking: Fact[Ranking] | None = None
    offers: dict[CaseId, AwareDatetime] = Field(default_factory=dict)
    taken: tuple[CaseId, ...] = ()
    fresh: dict[CaseId, int] = Field(default_factory=dict)
    claims: tuple[CaseId, ...] = ()
    settled: dict[CaseId, int] = Field(default_factory=dict)
    left: tuple[CaseId, ...] = ()
    next_rank: int = 1

    @property
    def offered(self) -> int:
        """How many offers the latest change opened."""
        return len(self.fresh)

    @property
    def last_rank(self) -> int:
        """The last rank that can still be offered a seat."""
        return self.terms.capacity + self.terms.waitlist
