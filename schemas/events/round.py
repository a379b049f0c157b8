"""Events of a round: its plan and its list."""

from typing import Literal

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


class ResultsContinued(Event):
    """More ranks are to be told their results; one entry cannot hold them all."""


class RankingFrozen(Event, by=(OPERATOR,)):
    """The applications were ranked: inputs, rule and result are frozen in one document."""

    ranking: Fact[Ranking]
