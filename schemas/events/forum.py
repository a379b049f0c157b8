"""Events of forums for companies, and of who registers for them."""

from pydantic import AwareDatetime, Field

from schemas.events import Event
from schemas.forum import SEATS_MAX, Attends
from schemas.ids import CaseId, PersonId
from schemas.roles import APPLICANT, OPERATOR


class ForumPlanned(Event, by=(OPERATOR,)):
    """A forum is planned, with its seats and dates."""

    programme: str
    name_ko: str = Field(min_length=1, max_length=200)
    name_en: str = Field(min_length=1, max_length=200)
    capacity: int = Field(ge=0, le=SEATS_MAX)
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    held_at: AwareDatetime


class ForumRegistered(Event, by=(APPLICANT,)):
    """Somebody of a company registers.  `answers` is a keyed digest of what is personal."""

    person: PersonId
    forum: CaseId
    programme: str
    name_ko: str
    name_en: str
    held_at: AwareDatetime
    attends: Attends
    answers: str


class ForumSeatWanted(Event):
    """A registration wants a seat."""

    registration: CaseId


class ForumSeatGiven(Event):
    """The registration has a seat."""


class ForumSeatQueued(Event):
    """All seats are taken; the registration is on the waitlist."""

    position: int


class ForumSeatReturned(Event):
    """A registration needs its seat, or its place on the waitlist, no more."""

    registration: CaseId


class ForumCancelled(Event, by=(APPLICANT,)):
    """The person does not come."""


class ForumAttended(Event, by=(OPERATOR,)):
    """The person came."""
