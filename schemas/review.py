"""One reviewer's reading of one application."""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from schemas.cohort import Dated
from schemas.ids import CaseId
from schemas.selection import Criterion


class Stage(StrEnum):
    """Where a review stands."""

    ASSIGNED = "assigned"
    READING = "reading"
    SUBMITTED = "submitted"
    CONFLICTED = "conflicted"
    DECLINED = "declined"
    OVERDUE = "overdue"
    CLOSED = "closed"


class Review(Dated):
    """The facts of a review.  It knows nothing of the person, and nothing of other reviews.

    Attributes:
        due_at: When the review is due.
        points: What was given for each criterion of the rubric.
        score: The weighted points, 0 to 100.
        given: How often it was given.
        why: What the conflict is, where there is one.
    """

    review: CaseId
    application: CaseId
    round: CaseId
    cohort: str
    reviewer: str
    rubric: tuple[Criterion, ...]
    due_at: AwareDatetime
    points: dict[str, float] = Field(default_factory=dict)
    score: float | None = None
    given: int = 0
    why: str = ""

    @property
    def conflicts(self) -> dict[str, str]:
        """The conflict of interest, by reviewer."""
        return {self.reviewer: self.why} if self.why else {}
