"""A letter to one person."""

from enum import StrEnum

from pydantic import AwareDatetime

from schemas.ids import CaseId, PersonId
from schemas.people import Locale
from schemas.record import Record


class LetterState(StrEnum):
    """Where a letter stands.  A held one waits for release; a released one leaves; a recalled one never does."""

    HELD = "held"
    RELEASED = "released"
    SENT = "sent"
    RECALLED = "recalled"


class Letter(Record):
    """A letter as it was written; it names the person, so it is personal.

    Attributes:
        id: H(notice, person): a repeat of the notice makes the same letter.
        notice: The type of the notice it tells.
    """

    id: str
    person: PersonId
    case: CaseId
    notice: str
    locale: Locale
    subject: str
    body: str
    state: LetterState
    written_at: AwareDatetime
