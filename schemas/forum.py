"""A seminar or forum for companies, and one registration for it."""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field

from schemas.ids import CaseId, PersonId
from schemas.record import Record

SEATS_MAX = 2_000

Attends = Literal["on_site", "online"]


class ForumStage(StrEnum):
    """Where a forum stands."""

    TAKING = "taking"
    HELD = "held"


class Forum(Record):
    """The facts of a forum: the one case that owns its seats.

    Invariant: never more seats are given than there are, and nobody who waits is passed over.

    Attributes:
        seated: Who has a seat, in the order in which they got it.
        waiting: Who waits for one, first come first served.
        latest: Whom the newest change is told.
    """

    forum: CaseId
    programme: str
    name_ko: str
    name_en: str
    capacity: int = Field(ge=0, le=SEATS_MAX)
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    held_at: AwareDatetime
    seated: tuple[CaseId, ...] = ()
    waiting: tuple[CaseId, ...] = ()
    latest: CaseId | None = None


class Stage(StrEnum):
    """Where a registration stands."""

    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    REMINDED = "reminded"
    ATTENDED = "attended"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    TURNED_AWAY = "turned_away"


class ForumRegistration(Record):
    """The facts of a registration.

    Attributes:
        answers: A keyed digest of the personal answers, so that an edit shows.
        position: The place on the waitlist when it was put there.
    """

    forum_registration: CaseId
    person: PersonId
    forum: CaseId
    programme: str
    name_ko: str
    name_en: str
    held_at: AwareDatetime
    attends: Attends
    answers: str
    position: int = 0
