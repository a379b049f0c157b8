"""The types under which partners are told, in the form of OEP-41: past tense, with a major version at the end."""

from dataclasses import dataclass

from pydantic import AwareDatetime

from schemas.notices import NoticeBody
from schemas.notices.application import LearnerEnrolled
from schemas.notices.data_request import DataCorrected, DataErased, ProcessingSuspended
from schemas.notices.enrolment import LearnerCompleted, LearnerLeft, PhaseCompleted
from schemas.notices.outcome import OutcomeKnown
from schemas.notices.round import ResultsPublished, RoundFilled, RoundOpened
from schemas.record import Record

PREFIX = "kr.sadari"


class SubscriptionTested(Record):
    """Somebody asked for a test of a subscription."""

    subscription: str


class ConsentWithdrawn(Record):
    """A learner does not agree any more that you hold personal fields: delete what you were sent about this case."""

    case: str
    fields: tuple[str, ...]
    withdrawn_at: AwareDatetime


@dataclass(frozen=True, slots=True)
class Published:
    """One type that partners can subscribe to.

    Attributes:
        name: Subdomain, subject and past-tense action.
        major: Goes up with every change that a receiver could stumble over.
        data: What the data holds, never personal.
    """

    name: str
    data: type[NoticeBody] | type[Record]
    major: int = 1

    @property
    def type(self) -> str:
        """The type as events carry it."""
        return f"{PREFIX}.{self.name}.v{self.major}"


CATALOGUE: tuple[Published, ...] = (
    Published("admission.round.opened", RoundOpened),
    Published("admission.results.published", ResultsPublished),
    Published("admission.round.filled", RoundFilled),
    Published("learning.enrolment.activated", LearnerEnrolled),
    Published("learning.phase.passed", PhaseCompleted),
    Published("learning.enrolment.completed", LearnerCompleted),
    Published("learning.enrolment.ended", LearnerLeft),
    Published("career.outcome.reported", OutcomeKnown),
    Published("privacy.consent.withdrawn", ConsentWithdrawn),
    Published("privacy.processing.suspended", ProcessingSuspended),
    Published("privacy.data.corrected", DataCorrected),
    Published("privacy.data.destroyed", DataErased),
    Published("ops.subscription.tested", SubscriptionTested),
)

TYPE_OF: dict[str, str] = {each.data.__name__: each.type for each in CATALOGUE}
"""By the name of the notice: the type that tells it."""

TYPES = frozenset(TYPE_OF.values())

ALWAYS_SENT = frozenset({TYPE_OF["ConsentWithdrawn"], TYPE_OF["SubscriptionTested"]})
"""What reaches a subscription whatever types it asked for."""
