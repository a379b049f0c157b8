"""What an outcome tells."""

from schemas.notices import NoticeBody
from schemas.status import Status


class OutcomeAsked(NoticeBody, kind="reminder"):
    """Tell us what you do now."""


class OutcomeReceived(NoticeBody, kind="receipt"):
    """Thank you for telling us."""


class OutcomeSilent(NoticeBody):
    """A learner has not answered about the outcome; please call."""


class OutcomeKnown(NoticeBody):
    """What became of a learner after 12 months."""

    cohort: str
    status: Status
