"""What stays known of people's rights when they are gone: opaque ids, dates, rules, and what is kept apart.

Every row stands on its own, under an id made of what it says, so that writing it again changes nothing.
"""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from schemas.data_request import Ground
from schemas.ids import PersonId, name_of
from schemas.people import Consent, Locale
from schemas.record import Record


class Row(Record):
    """One row of the register.

    Attributes:
        id: Made of what the row says.
        about: A person's id, or what stands for it.
    """

    id: str
    about: str
    at: AwareDatetime


class Destruction(Row):
    """Something personal was destroyed.  The rows about persons are the erasure ledger.

    Attributes:
        about: The hash of the person's id, or the reference of a text; neither leads back to anybody.
        what: A person with all that was kept of them, or a refused body.
        because: A request, or the end of the time that it may be kept.
        request: The case of the request.
    """

    what: Literal["person", "body"]
    because: Literal["request", "retention"]
    request: str = ""


class ConsentProof(Row):
    """What somebody who was erased had answered to consent items: versions, hashes of the words, times.

    Attributes:
        about: The hash of the person's id.
        records: Every answer, oldest first.
        until: When it is destroyed.
    """

    records: tuple[Consent, ...]
    until: date


class Restriction(Row):
    """What may be done with a person's data, for as long as the newest row says so.

    Attributes:
        about: The person.
        is_held: Nothing may be destroyed: a legal hold.
        is_suspended: Nothing may be used or handed on: the person has objected.
        is_without_consent: Nothing may be used or handed on: the consent to the processing itself was withdrawn.
        reason: A reference to the vault.
    """

    is_held: bool = False
    is_suspended: bool = False
    is_without_consent: bool = False
    reason: str = ""

    @property
    def is_stopped(self) -> bool:
        """Nothing may be used or handed on, for whatever reason."""
        return self.is_suspended or self.is_without_consent


class KeptApart(Row):
    """What a law forces to keep of somebody who was erased.  The only row with personal content.

    Attributes:
        about: The hash of the person's id.
        items: The content, by item.
        until: When it is destroyed.
    """

    items: dict[str, str]
    ground: Ground
    until: date
    locale: Locale = "ko"


KINDS: dict[str, type[Row]] = {kind.__name__: kind for kind in (Destruction, ConsentProof, Restriction, KeptApart)}


def erased_name(person_id: PersonId | str) -> str:
    """Give the hash of a person's id by which the ledger knows who was erased."""
    return name_of("erased", person_id)
