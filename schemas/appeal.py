"""One appeal (이의신청) against one decision."""

from enum import StrEnum

from pydantic import AwareDatetime

from schemas.cohort import Dated
from schemas.ids import CaseId, PersonId


class Stage(StrEnum):
    """Where an appeal stands."""

    FILED = "filed"
    TOO_LATE = "too_late"
    UNDER_REVIEW = "under_review"
    INADMISSIBLE = "inadmissible"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class Appeal(Dated):
    """The facts of an appeal.

    Attributes:
        decision: The case whose decision is appealed against.
        decided_at: When it was decided.
        decided_by: Who made the decision; whoever has answered here is added.
        appeal_by: Until when it could be appealed against.
        reason: A reference to the vault: why, in the person's words.
    """

    appeal: CaseId
    decision: CaseId
    person: PersonId
    round: CaseId
    cohort: str
    decided_at: AwareDatetime
    decided_by: tuple[str, ...]
    appeal_by: AwareDatetime
    reason: str
