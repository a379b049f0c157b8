"""Personal data, as the vault keeps it.  Nothing here ever enters a history, a topic or a log."""

from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from schemas.ids import PersonId
from schemas.record import Record

Locale = Literal["ko", "en"]


class Consent(Record):
    """What a person answered to one consent item, once; the proof of it.

    Attributes:
        item: Its name and version, such as `privacy@1`.
        notice_version: The version of the privacy notice that was shown.
        text_hash: Names the exact words that were shown, in both languages.
        is_given: Whether it was given; a consent that is withdrawn later has a record that says no.
        at: When.
    """

    item: str
    notice_version: str
    text_hash: str
    is_given: bool
    at: AwareDatetime


class Person(Record):
    """What is known of a person.

    Attributes:
        contact: The normalised contact that names the person: a mobile number as E.164.
        answers: The answers to the form that are personal or free text.
        consents: Each consent item on its own, as it stands.
        consent_records: Every answer to one, oldest first; keeping the person again adds to them and takes none away.
        erase_on: The day on which this has to be destroyed, known from birth.
    """

    id: PersonId
    name: str
    email: str
    contact: str
    locale: Locale
    answers: dict[str, Any] = Field(default_factory=dict)
    consents: dict[str, bool] = Field(default_factory=dict)
    consent_records: tuple[Consent, ...] = ()
    updated_at: AwareDatetime
    erase_on: date
