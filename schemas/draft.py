"""A form that somebody has begun to fill in."""

from datetime import date

from pydantic import AwareDatetime, Field

from schemas.ids import CaseId
from schemas.people import Locale
from schemas.record import Record


class Draft(Record):
    """What was typed so far, as it was typed.  It is personal: only the vault's stores hold it.

    Attributes:
        id: Made at random; whoever has it may go on.
        asked_for: The case that the form is for.
        typed: By field; judged when the form is sent.
        erase_on: The day on which this has to be destroyed, known from birth.
    """

    id: str
    form: str
    version: int
    asked_for: CaseId
    typed: dict[str, str] = Field(default_factory=dict)
    locale: Locale
    saved_at: AwareDatetime
    erase_on: date
