"""Events of a round: its plan, its list and its seats."""

from typing import Literal

from pydantic import AwareDatetime, Field

from schemas.cohort import Calendar, Terms
from schemas.events import Event
from schemas.facts import Fact
from schemas.ids import CaseId
from schemas.ranking import Ranking
from schemas.reviewers import ReviewerPool
from schemas.roles import OPERATOR
from schemas.selection import Selection


class RoundPlanned(Event, by=(OPERATOR,)):
    """A recruitment round was set up."""

    cohort: str
    programme: str
    calendar: Calendar
    terms: Terms
    selection: Selection = Selection()
    former: CaseId | None = None


class ReviewersNamed(Event, by=(OPERATOR,)):
    """The reviewers of the round were named; screening begins."""

    pool: Fact[ReviewerPool]


class ExtensionProposed(Event, by=(OPERATOR,)):
    """Somebody proposes to reopen applications, by a calendar with a later close."""

    calendar: Calendar


class SupplementProposed(Event, by=(OPERATOR,)):
    """Somebody proposes a supplementary round (추가모집) for the seats that nobody waits for.

    Attributes:
        order: `kept`: those on the waitlist keep their places in this round, and only seats that they do not need
            are handed over; `merged`: they are ranked anew together with the new applicants.
    """

    supplement: CaseId
    calendar: Calendar
    order: Literal["kept", "merged"]


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


class ResultsContinued(Event):
    """More ranks are to be told their results; one entry cannot hold them all."""


class RankingFrozen(Event, by=(OPERATOR,)):
    """The applications were ranked: inputs, rule and result are frozen in one document."""

    ranking: Fact[Ranking]


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
