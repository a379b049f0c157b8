"""What a person asks about their own data, and where that stands."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from schemas.ids import CaseId, PersonId
from schemas.record import Record

ANSWERED_WITHIN = timedelta(days=10)
ALARM_AFTER = timedelta(days=7)


class Stage(StrEnum):
    """Where a request stands."""

    IDENTITY_CHECK = "identity_check"
    IN_PROGRESS = "in_progress"
    GRANTED = "granted"
    ERASING = "erasing"
    FULFILLING = "fulfilling"
    DONE = "done"
    PARTIALLY_REFUSED = "partially_refused"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Right(StrEnum):
    """What is asked for: one of the rights of a person whose data are processed."""

    SEE = "see"
    CORRECT = "correct"
    ERASE = "erase"
    WITHDRAW_CONSENT = "withdraw_consent"
    SUSPEND = "suspend"


KeptItem = Literal["name", "email", "contact", "student_number"]
"""What can be kept apart where a law forces it."""

Ground = Literal["", "statute", "legal_claim", "public_audit"]
"""Why something is kept in spite of the request."""


class DataRequest(Record):
    """The facts of a request.

    Attributes:
        right: What is asked for.
        is_proven: Whether it is proved who asks: it came by the person's own signed link, or staff have checked it.
        consent: The name of the consent that is withdrawn; empty for any other request.
        details: A reference to the vault: what the person wrote, or the values to correct.
        received_at: When it came; the ten days count from then.
        kept: What is kept although its erasure is asked for.
        ground: What forces that.
        kept_until: How long.
        reason: A reference to the vault: why it was refused, in words for the person.
        is_alarmed: Whether the alarm of day 7 was given.
        is_overdue: Whether the ten days are over without an answer.
    """

    data_request: CaseId
    person: PersonId
    right: Right
    is_proven: bool
    consent: str = ""
    details: str = ""
    received_at: AwareDatetime
    kept: tuple[KeptItem, ...] = ()
    ground: Ground = ""
    kept_until: date | None = None
    reason: str = ""
    is_alarmed: bool = False
    is_overdue: bool = False

    @property
    def answer_by(self) -> datetime:
        """The end of the ten days."""
        return self.received_at + ANSWERED_WITHIN
