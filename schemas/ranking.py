"""A frozen rank run."""

from schemas.ids import CaseId
from schemas.record import Record


class Ranked(Record):
    """One application in a rank run, with all that its place was decided by."""

    application: CaseId
    rank: int
    score: float


class Ranking(Record):
    """A rank run: immutable once written, named by the hash of its content.

    Attributes:
        rule: How ties were broken, in words that name the fields.
        entries: In rank order, rank 1 first.
    """

    round: CaseId
    rule: str
    entries: tuple[Ranked, ...]
