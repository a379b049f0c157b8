"""What would leave at the publish instant, as the round stands: the core's own clauses, asked beforehand."""

from dataclasses import dataclass

from schemas.events.round import ResultsContinued
from schemas.round import Round
from workflows.definitions.seats import (
    itself_if_more,
    those_offered,
    those_waiting,
    those_without_a_seat,
    turn_page,
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """How many letters of each kind the publication writes, and how many seats it leaves empty."""

    seat_offered: int
    waitlisted: int
    no_seat: int
    empty_seats: int


def leaving_at_publication(published: Round) -> Leaving:
    """Give what the publication would send.

    Args:
        published: As `as_published` gives it.
    """
    offered, empty = len(those_offered(published)), published.free
    waiting, without = len(those_waiting(published)), len(those_without_a_seat(published))
    while itself_if_more(published) is not None:
        published = turn_page(published, ResultsContinued())
        waiting += len(those_waiting(published))
        without += len(those_without_a_seat(published))
    return Leaving(offered, waiting, without, empty)
