"""What an enrolment tells: the learner first, then staff and partners."""

from pydantic import AwareDatetime

from schemas.notices import NoticeBody


class OnboardingStarted(NoticeBody, kind="receipt"):
    """What to do before the first day."""

    programme_starts: AwareDatetime


class OnboardingDue(NoticeBody, kind="reminder"):
    """Onboarding is not finished."""

    programme_starts: AwareDatetime


class PhaseStarted(NoticeBody, kind="receipt"):
    """A phase of the programme begins for you."""

    phase: str


class GateFailed(NoticeBody, kind="decision"):
    """The programme ends for you at a gate; with the way to appeal."""

    failed_gate: str


class NoShowConfirmed(NoticeBody, kind="decision"):
    """A human found that you did not show up; with the way to appeal."""


class AttendanceLow(NoticeBody, kind="reminder"):
    """Your attendance is below the cohort's minimum."""

    attendance: float


class ProgrammeCompleted(NoticeBody, kind="decision"):
    """You have completed."""


class ProgrammeLeft(NoticeBody, kind="receipt"):
    """You have left the programme, as you told us."""


class LearnerAtRisk(NoticeBody):
    """A learner's attendance is below the cohort's minimum."""

    attendance: float


class PhaseCompleted(NoticeBody):
    """A learner passed the gate of a phase."""

    cohort: str
    phase_completed: str


class LearnerCompleted(NoticeBody):
    """A learner completed the programme."""

    cohort: str


class LearnerLeft(NoticeBody):
    """A learner left before completion."""

    cohort: str
