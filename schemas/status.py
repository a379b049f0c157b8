"""What a learner does after the programme."""

from enum import StrEnum


class Status(StrEnum):
    """The outcome codes, reduced to the four that the programme reports."""

    HIRED = "hired"
    FOUNDED = "founded"
    STUDYING = "studying"
    SEEKING = "seeking"
