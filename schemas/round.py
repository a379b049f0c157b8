"""A recruitment round: the one case that owns the seats."""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field

from schemas.cohort import Calendar, Dated, Terms
from schemas.facts import Fact
from schemas.ids import CaseId
from schemas.ranking import Ranking
from schemas.reviewers import ReviewerPool
from schemas.selection import Quota, Selection


class Stage(StrEnum):
    """Where a round stands."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    EXTENSION_PROPOSED = "extension_proposed"
    SCREENING = "screening"
    DECIDED = "decided"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPPLEMENT_PROPOSED = "supplement_proposed"
    SUPPLEMENTED = "supplemented"
    FILLED = "filled"


class Round(Dated):
    """The facts of a round.

    Invariant: `len(offers) + len(taken) - len(extra) <= terms.capacity + gained - given`.

    Attributes:
        pool: The reviewers.
        ranking: The rank run that counts.
        ranked_by: Who froze it; others approve it.
        decided_by: Who froze it and who approved it; none of them judges an appeal.
        outdated: How many applications came back into the round since it was frozen.
        granted: The groups of those who were granted a claim and are not in the ranking.
        former: The round that this one recruits for, if it is a supplementary one.
        offers: Open offers, each with the instant it should have been answered for.
        taken: Accepted seats.
        fresh: The offers that the latest change opened, with their ranks; 0 is a granted claim.
        waiting: The ordered waitlist, by rank.
        merged: Who waited here until the supplementary round took them over, by rank.
        told: How many ranks have been told their result.
        claims: Applications with first claim on the next freed seat, each with its groups.
        extra: Holders of a seat over capacity, which two people granted; they count for no quota.
        settled: By application: how many of its returns were counted before; they take nothing away any more.
        left: Ranked applications that are out of the order, each with the number of the return that said so.
        reasons: Why each of those gave back what they held, as a code.
        gained: Seats that came from the round before.
        given: Seats that went to the supplementary round.
        sent: Seats that the latest change handed to the supplementary round.
        sent_groups: The groups of whoever gave that seat back.
        passed_on: What the quotas leave for the supplementary round.
        proposal: The calendar that is proposed, for an extension or a supplementary round.
        proposed_by: Who proposed it; others decide.
        supplement: The supplementary round.
        order: Whether those who wait keep their places here, or are ranked anew together with the new applicants.
    """

    round: CaseId
    cohort: str
    programme: str
    terms: Terms
    selection: Selection = Selection()
    pool: Fact[ReviewerPool] | None = None
    ranking: Fact[Ranking] | None = None
    ranked_by: tuple[str, ...] = ()
    decided_by: tuple[str, ...] = ()
    outdated: int = 0
    granted: dict[CaseId, dict[str, str]] = Field(default_factory=dict)
    former: CaseId | None = None
    offers: dict[CaseId, AwareDatetime] = Field(default_factory=dict)
    taken: tuple[CaseId, ...] = ()
    fresh: dict[CaseId, int] = Field(default_factory=dict)
    waiting: tuple[int, ...] = ()
    merged: tuple[int, ...] = ()
    told: int = 0
    claims: dict[CaseId, dict[str, str]] = Field(default_factory=dict)
    extra: tuple[CaseId, ...] = ()
    settled: dict[CaseId, int] = Field(default_factory=dict)
    left: dict[CaseId, int] = Field(default_factory=dict)
    reasons: dict[CaseId, str] = Field(default_factory=dict)
    gained: int = 0
    given: int = 0
    sent: int = 0
    sent_groups: dict[str, str] = Field(default_factory=dict)
    passed_on: tuple[Quota, ...] = ()
    proposal: Calendar | None = None
    proposed_by: str = ""
    supplement: CaseId | None = None
    order: Literal["", "kept", "merged"] = ""

    @property
    def offered(self) -> int:
        """How many offers the latest change opened."""
        return len(self.fresh)

    @property
    def capacity(self) -> int:
        """How many seats the round has now, without those over capacity."""
        return self.terms.capacity + self.gained - self.given

    @property
    def free(self) -> int:
        """How many of them nobody holds."""
        return self.capacity - len(self.offers) - len(self.taken) + len(self.extra)
