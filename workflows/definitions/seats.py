"""Who gets a seat: pure functions over a frozen rank run.

Invariant, after every one of them: open offers + taken seats <= capacity.  The order is rank; a rank once offered is
never offered again, and only a claim that staff granted comes before the next in rank.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from schemas.events import (
    NotSelected,
    OfferMade,
    RankingFrozen,
    SeatClaimed,
    SeatReturned,
    SeatTaken,
    TimerRang,
    WaitlistClosed,
    WaitlistPlaced,
)
from schemas.ids import CaseId
from schemas.ranking import Ranked
from schemas.round import Round


def allocate(round_: Round, now: datetime) -> Round:
    """Give the round with every free seat offered: granted claims first, then the next in rank."""
    free = round_.terms.capacity - len(round_.offers) - len(round_.taken)
    fresh: dict[CaseId, int] = {}
    claims = list(round_.claims)
    while free > 0 and claims:
        fresh[claims.pop(0)] = 0
        free -= 1
    next_rank = round_.next_rank
    for ranked in _in_order(round_):
        if free == 0 or ranked.rank > round_.last_rank:
            break
        next_rank = ranked.rank + 1
        if ranked.application not in round_.left:
            fresh[ranked.application] = ranked.rank
            free -= 1
    answer_by = now + timedelta(hours=round_.terms.offer_hours)
    offers = {**round_.offers, **dict.fromkeys(fresh, answer_by)}
    return round_.model_copy(update={"offers": offers, "fresh": fresh, "claims": tuple(claims), "next_rank": next_rank})


def _in_order(round_: Round) -> tuple[Ranked, ...]:
    """The ranked applications that were not offered a seat yet, best first."""
    if round_.ranking is None:
        return ()
    return round_.ranking.document.entries[round_.next_rank - 1 :]


def ranks_another_round(round_: Round, event: RankingFrozen) -> bool:
    """The rank run is of another round."""
    return event.ranking.document.round != round_.round


def its_ranking(round_: Round) -> str:
    """The rank run that is decided on."""
    return "" if round_.ranking is None else round_.ranking.id


# ---- what the round keeps


def take_ranking(round_: Round, event: RankingFrozen) -> Round:
    """Keep the frozen rank run."""
    return round_.model_copy(update={"ranking": event.ranking})


def open_offers(round_: Round, rang: TimerRang) -> Round:
    """Offer the first seats."""
    return allocate(round_, rang.arrives_at)


def take_seat(round_: Round, event: SeatTaken) -> Round:
    """Turn an open offer into a taken seat; whoever has a seat already keeps the one."""
    if event.application not in round_.offers:
        return round_.model_copy(update={"fresh": {}})
    offers = {application: due for application, due in round_.offers.items() if application != event.application}
    taken = (*(other for other in round_.taken if other != event.application), event.application)
    return round_.model_copy(update={"offers": offers, "taken": taken, "fresh": {}})


def note_left(round_: Round, event: SeatReturned) -> Round:
    """Free what the application held, and keep it out of the order for good.

    A return from before a claim, overtaken by it, takes away nothing that the claim has brought since.
    """
    application = event.application
    if application in round_.settled and event.returns <= round_.settled[application]:
        return round_.model_copy(update={"fresh": {}})
    return _without(round_, application)


def _without(round_: Round, application: CaseId) -> Round:
    return round_.model_copy(
        update={
            "offers": {other: due for other, due in round_.offers.items() if other != application},
            "taken": tuple(other for other in round_.taken if other != application),
            "claims": tuple(other for other in round_.claims if other != application),
            "left": (*round_.left, application) if application not in round_.left else round_.left,
            "fresh": {},
        }
    )


def hand_on_seat(round_: Round, event: SeatReturned) -> Round:
    """Free what the application held, and offer it to the next."""
    return allocate(note_left(round_, event), event.arrives_at)


def grant_claim(round_: Round, event: SeatClaimed) -> Round:
    """Give the application the first claim on the next freed seat, or one that is free now.

    Whoever claims has given back what they held, even where that message is still on its way.
    """
    application = event.application
    freed = _without(round_, application)
    update = {"claims": (*freed.claims, application), "settled": {**freed.settled, application: event.returns}}
    return allocate(freed.model_copy(update=update), event.arrives_at)


# ---- whom the round tells


def those_offered(round_: Round) -> Mapping[CaseId, OfferMade]:
    """Whoever the latest change offers a seat; rank 0 is a granted claim."""
    return {application: OfferMade(rank=rank) for application, rank in round_.fresh.items()}


def those_waiting(round_: Round) -> Mapping[CaseId, WaitlistPlaced]:
    """The ordered waitlist."""
    waiting = [ranked for ranked in _in_order(round_) if ranked.rank <= round_.last_rank]
    return {
        ranked.application: WaitlistPlaced(rank=ranked.rank, position=position)
        for position, ranked in enumerate((each for each in waiting if each.application not in round_.left), 1)
    }


def those_without_a_seat(round_: Round) -> Mapping[CaseId, NotSelected]:
    """Whoever is ranked behind the waitlist."""
    return {
        ranked.application: NotSelected(rank=ranked.rank)
        for ranked in _in_order(round_)
        if ranked.rank > round_.last_rank and ranked.application not in round_.left
    }


def those_still_waiting(round_: Round) -> Mapping[CaseId, WaitlistClosed]:
    """Whoever waits in vain: the rest of the waitlist, and claims that no seat came free for."""
    waiting = (*those_waiting(round_), *round_.claims)
    return {application: WaitlistClosed() for application in waiting}


def first_silence(round_: Round) -> datetime | None:
    """When the earliest open offer should have been answered for by its application: an hour after its due date."""
    return min(round_.offers.values()) + timedelta(hours=1) if round_.offers else None
