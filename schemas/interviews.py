"""The interviews of a round: the one case that owns the slots, and what an application keeps of its own."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from schemas.cohort import Dated
from schemas.ids import CaseId
from schemas.record import Record

CHOICES = 3
"""So often a time can be chosen: once, and two changes."""

SLOTS_MAX = 500
MINUTES_MAX = 480
PLACES_MAX = 100

SlotId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Stage(StrEnum):
    """Where the interviews of a round stand."""

    BOOKING = "booking"
    OVER = "over"


class Slot(Record):
    """A time at which so many people can be interviewed."""

    id: SlotId
    at: AwareDatetime
    minutes: int = Field(ge=1, le=MINUTES_MAX)
    places: int = Field(ge=1, le=PLACES_MAX)


class Interviews(Dated):
    """The facts of a round's interviews.

    Invariant: nobody has two slots, and no slot is given to more applications than it has places.

    Attributes:
        booked: By application: its slot.
        wishes: By application: the number of its newest wish or return; older ones that are heard later do not count.
        latest: Whose wish was heard last.
    """

    interviews: CaseId
    round: CaseId
    cohort: str
    slots: tuple[Slot, ...]
    booked: dict[CaseId, str] = Field(default_factory=dict)
    wishes: dict[CaseId, int] = Field(default_factory=dict)
    latest: CaseId | None = None


class Interview(Record):
    """What an application keeps of its interview, once it is invited.

    Attributes:
        interviews: The case that owns the slots.
        choose_by: Until when a time can be chosen; that very instant is in time.
        choices: How often a time can still be chosen; a wish that is refused counts for nothing.
        wish: The number of the newest wish.
        wanted: The slot of the newest wish, while it is not answered.
        given: The number of the wish that the slot was given for; answers to older ones come too late.
        slot: The slot that it has; empty if it has none.
        at: When the interview is.
        booked_at: When the slot was given.
        was_missed: Whether the person did not come.
        was_reopened: Whether the office has let the person choose once more.
    """

    interviews: CaseId
    choose_by: AwareDatetime
    choices: int = CHOICES
    wish: int = 0
    wanted: str = ""
    given: int = 0
    slot: str = ""
    at: AwareDatetime | None = None
    minutes: int = 0
    booked_at: AwareDatetime | None = None
    was_missed: bool = False
    was_reopened: bool = False
