"""Personal data, as the vault keeps it.  Nothing here ever enters a history, a topic or a log."""

from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from schemas.ids import PersonId
from schemas.record import Record

Locale = Literal["ko", "en"]


class Person(Record):
    """What is known of a person.

    Attributes:
        contact: The normalised contact that names the person: a mobile number as E.164.
        answers: The answers to the form that are personal or free text.
        consents: Each consent item on its own.
        erase_on: The day on which this has to be destroyed, known from birth.
    """

    id: PersonId
    name: str
    email: str
    contact: str
    locale: Locale
    answers: dict[str, Any] = Field(default_factory=dict)
    consents: dict[str, bool] = Field(default_factory=dict)
    updated_at: AwareDatetime
    erase_on: date
