"""What a round and its applications, or another round, tell each other about seats."""

from pydantic import AwareDatetime, Field

from schemas.events import Event
from schemas.ids import CaseId


class OfferLengthened(Event):
    """An application has more time to answer its offer."""

    application: CaseId
    answer_by: AwareDatetime


class SeatsMoved(Event):
    """The round before hands over seats that nobody there waits for.

    Attributes:
        groups: The groups of whoever gave the seat back; their share of the quotas comes with it.
    """

    seats: int = Field(ge=1)
    groups: dict[str, str] = Field(default_factory=dict)


class ListOutdated(Event):
    """An application came back into the round after an appeal: the list that was frozen lacks it."""

    application: CaseId


class SeatTaken(Event):
    """An application accepted its offer."""

    application: CaseId


class SeatReturned(Event):
    """An application gives back what it holds: an offer, a seat, or its place on the waitlist.

    `returns` counts them, this one too: messages come in any order, and an old return takes no new seat away.
    """

    application: CaseId
    why: str
    returns: int = 0


class SeatClaimed(Event):
    """Staff granted the next seat that is freed: an answer was given in time but heard late, or an appeal upheld.

    `returns` says how often the application gave something back before; such a return may still be on its way.
    """

    application: CaseId
    returns: int = 0
    university: str = ""
    track: str = ""
    region: str = ""


class SeatAdded(Event):
    """An appeal was upheld, and two people granted a seat over capacity."""

    application: CaseId
    returns: int = 0
