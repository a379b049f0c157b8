"""What a learner does after the programme, and how far that is proved."""

from enum import StrEnum


class Status(StrEnum):
    """The outcome codes, reduced to the four that the programme reports."""

    HIRED = "hired"
    FOUNDED = "founded"
    STUDYING = "studying"
    SEEKING = "seeking"


class Evidence(StrEnum):
    """How far a status is proved."""

    SELF_REPORTED = "self_reported"
    PENDING = "pending"
    VERIFIED = "verified"
