"""Events of a request about one's own data."""

from datetime import date

from pydantic import AwareDatetime, Field

from schemas.data_request import Ground, KeptItem, Right
from schemas.events import Event
from schemas.ids import PersonId
from schemas.roles import APPLICANT, LEARNER, OPERATOR, PRIVACY_OFFICER


class DataRequested(Event, by=(APPLICANT, LEARNER, OPERATOR, PRIVACY_OFFICER)):
    """A person asks something about their own data.  `details` is a reference to the vault.

    Attributes:
        is_proven: Whether it came by the person's own signed link; only our own use case may say so.
        consent: The consent that is withdrawn, by the name of its item.
        received_at: When it came; for a letter on paper that is before it was typed in.
    """

    person: PersonId
    right: Right
    is_proven: bool
    consent: str = Field(default="", pattern=r"^([a-z][a-z_]{0,29})?$")
    details: str = ""
    received_at: AwareDatetime


class DataRequestPassed(Event):
    """The request was granted: it goes the way of its kind."""


class DataRequestLimited(Event, by=(PRIVACY_OFFICER,)):
    """A law forces to keep something in spite of the request."""

    kept: tuple[KeptItem, ...]
    ground: Ground
    kept_until: date | None = None


class DataRequestFulfilled(Event, by=(PRIVACY_OFFICER,)):
    """What was asked for has been done; of the data, this says nothing."""


class DataRequestBlocked(Event, by=(PRIVACY_OFFICER,)):
    """It cannot be done: the data are under a legal hold."""


class DataRequestTakenBack(Event, by=(APPLICANT, LEARNER)):
    """The person takes the request back."""
