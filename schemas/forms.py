"""What an applicant fills in, in our words."""

from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.people import Locale
from schemas.record import Record

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
