"""What becomes of a learner in the twelve months after completion."""

from enum import StrEnum

from schemas.cohort import Dated
from schemas.ids import CaseId, PersonId
from schemas.status import Evidence, Status


class Stage(StrEnum):
    """Where an outcome stands."""

    SUPPORTED = "supported"
    MONTH3 = "month3"
    AFTER_MONTH3 = "after_month3"
    MONTH6 = "month6"
    AFTER_MONTH6 = "after_month6"
    MONTH12 = "month12"
    HIRED = "hired"
    FOUNDED = "founded"
    STUDYING = "studying"
    NONE = "none"
    SILENT = "silent"


class Outcome(Dated):
    """The facts of an outcome.

    Attributes:
        status: The latest report, if there is one.
        evidence: How far that report is proved.
        reference: Where its evidence lies, as an opaque id.
        at_month3: The status when month 3 was settled; None where the learner was silent.
        at_month6: The same for month 6.
        reports: How many reports came in.
    """

    outcome: CaseId
    person: PersonId
    enrolment: CaseId
    cohort: str
    programme: str
    status: Status | None = None
    evidence: Evidence | None = None
    reference: str = ""
    at_month3: Status | None = None
    at_month6: Status | None = None
    reports: int = 0
