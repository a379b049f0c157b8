"""Forms as data: what is asked, what is consented to, and what a person filled in.

A new form is a new `FormSchema`; the door, its validation and its page are the same for all.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from schemas.people import Locale
from schemas.record import Record

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,29}$")]
Kind = Literal["name", "line", "text", "email", "phone", "choice", "yes_no", "number", "date"]

CONSENT = "consent_"
"""What the field of a consent item begins with, in front of the item's name."""


class Said(Record):
    """A text in both languages."""

    ko: str
    en: str

    def to(self, locale: str) -> str:
        """Give it in a language."""
        return self.en if locale == "en" else self.ko


class Option(Record):
    """One of the answers to choose from."""

    value: str
    label: Said


class FormField(Record):
    """One thing that a form asks.

    Attributes:
        length_max: How many characters a text may have, or how large a number may be.
        choices: What may be chosen; a choice without any is left to the case that the form is for, such as the tracks
            of a round.
        is_personal: Whether the answer goes to the vault; otherwise it is a fact of the event, under the same name.
        fills_in: What the browser may fill in by itself (HTML's `autocomplete`).
    """

    name: FieldName
    kind: Kind
    label: Said
    hint: Said | None = None
    is_required: bool = True
    length_max: int = Field(default=100, ge=1, le=10_000)
    choices: tuple[Option, ...] = ()
    is_personal: bool = True
    fills_in: str = "off"


class ConsentItem(Record):
    """One consent, asked for on its own (domain.md F.1): what for, to whom, which data, how long, and if refused."""

    name: FieldName
    version: int = Field(ge=1)
    title: Said
    text: Said
    purpose: Said
    recipient: Said
    items: Said
    period: Said
    if_refused: Said
    is_required: bool = False

    @property
    def id(self) -> str:
        """Its name and version, as events name it."""
        return f"{self.name}@{self.version}"

    @property
    def field(self) -> str:
        """The field of a form that answers it."""
        return f"{CONSENT}{self.name}"


class FormSchema(Record):
    """A form.

    Dates are named by their place in the case that the form is for, such as `calendar.applications_close`.

    Attributes:
        workflow: The workflow of which it opens a case.
        opens: The event that does so.  Its fields are the facts of the form, the person, the case that the form is
            for (under the name of that one's workflow), and whatever that case holds under the same names.
        asked_for: The workflow of the case that the form is for.
        opens_at: From when it can be sent.
        closes_at: Until when.
        kept_from: From when the personal answers are kept for `kept_days`.
        notice_version: The version of the privacy notice; a consent is given to one version.
    """

    name: FieldName
    version: int = Field(ge=1)
    workflow: str
    opens: str
    asked_for: str
    opens_at: str
    closes_at: str
    kept_from: str
    kept_days: int = Field(ge=1)
    title: Said
    intro: Said
    notice_version: str
    notice: Said
    fields: tuple[FormField, ...]
    consents: tuple[ConsentItem, ...] = ()


class FilledForm(Record):
    """A form as it was filled in, without a fault.

    Attributes:
        values: The answers by field, cleaned; what was left empty is not there.
        consents: Each consent by the name of its item: given or refused.
    """

    form: str
    version: int
    values: dict[str, str | int | bool]
    consents: dict[str, bool] = Field(default_factory=dict)
    locale: Locale = "ko"


# ---- the application form as the code knows it; a test holds it against its schema

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Contact = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=254)]

Choice = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]


class ApplicationForm(Record):
    """The application form of a round.  Texts arrive cleaned and in NFC, the mobile number as E.164."""

    name: Line
    email: Annotated[Contact, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    phone: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{7,14}$")]
    university: Line
    department: Line
    student_number: Line
    track: Choice = ""
    region: Choice = ""
    is_enrolled: bool
    can_attend: bool
    motivation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    consent_privacy: bool
    consent_third_party: bool = False
    locale: Locale = "ko"


def application_of(filled: FilledForm) -> ApplicationForm:
    """Give the application form as the code knows it."""
    consents: dict[str, Any] = {f"{CONSENT}{name}": given for name, given in filled.consents.items()}
    return ApplicationForm.model_validate({**filled.values, **consents, "locale": filled.locale}, strict=True)
