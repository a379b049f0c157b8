"""Who gets a seat: pure functions over a frozen rank run.

Invariant, after every one of them: open offers + taken seats <= capacity, but for seats that two people granted over
it; and no maximum of a quota is passed.  The order is rank; whoever was offered a seat once is never offered one again,
and only a claim that staff granted comes before the next in rank.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from schemas.events.application import NotSelected, OfferMade, WaitlistClosed, WaitlistPlaced
from schemas.events.engine import QuestionAnswered, TimerRang
from schemas.events.round import RankingFrozen, ResultsContinued, ReviewersNamed
from schemas.events.seats import (
    ListOutdated,
    OfferLengthened,
    SeatAdded,
    SeatClaimed,
    SeatReturned,
    SeatsMoved,
    SeatTaken,
)
from schemas.ids import CaseId
from schemas.ranking import Ranked
from schemas.round import Round
from schemas.selection import Selection
from workflows.definitions.quotas import Groups, Seating, fill, groups_of

PAGE = 1_000
"""So many ranks are told their results at once; their results fill less than 100 KiB of an entry."""


def allocate(round_: Round, now: datetime) -> Round:
    """Give the round with every free seat offered: granted claims first, then the next in rank."""
    seating = seating_of(round_)
    fresh: dict[CaseId, int] = {}
    claims = dict(round_.claims)
    for application, groups in round_.claims.items():
        if seating.free > 0 and seating.full(groups) is None:
            seating.seat(groups)
            fresh[application] = 0
            del claims[application]
    if seating.free > 0:
        fresh |= {ranked.application: ranked.rank for ranked in fill(seating, _candidates(round_))}
    answer_by, offered = now + timedelta(hours=offer_hours(round_, now)), set(fresh.values())
    return round_.model_copy(
        update={
            "offers": {**round_.offers, **dict.fromkeys(fresh, answer_by)},
            "fresh": fresh,
            "claims": claims,
            "waiting": tuple(rank for rank in round_.waiting if rank not in offered),
        }
    )


def seating_of(round_: Round) -> Seating:
    """Give the seats as they are held."""
    seating = Seating.under(round_.selection.quotas, round_.capacity)
    for application in (*round_.offers, *round_.taken):
        if application not in round_.extra:
            seating.seat(groups_in(round_, application))
    return seating


def groups_in(round_: Round, application: CaseId) -> Groups:
    """Give what quotas look at: as it was ranked, or as the claim said."""
    if round_.ranking is None or not round_.selection.quotas:
        return {}
    ranked = round_.ranking.document.places.get(application)
    return round_.granted.get(application, {}) if ranked is None else ranked.groups


def offer_hours(subject: Round, now: datetime) -> int:
    """Give how long an offer made now is open: near the start of the programme not so long."""
    admission = subject.selection.admission
    is_near = subject.calendar.programme_starts - now <= timedelta(days=admission.late_offer_days)
    return min(admission.late_offer_hours, subject.terms.offer_hours) if is_near else subject.terms.offer_hours


def entries_of(round_: Round) -> tuple[Ranked, ...]:
    """Give the ranked applications, best first."""
    return () if round_.ranking is None else round_.ranking.document.entries


def _candidates(round_: Round) -> Iterable[Ranked]:
    entries = entries_of(round_)
    waiting = (entries[rank - 1] for rank in round_.waiting)
    return (ranked for ranked in waiting if ranked.application not in round_.left)


# ---- guards, and what is decided on


def ranks_another_round(round_: Round, event: RankingFrozen) -> bool:
    """The rank run is of another round."""
    return event.ranking.document.round != round_.round


def is_ranked(round_: Round, event: SeatReturned) -> bool:
    """The application is on the list that was approved."""
    return round_.ranking is not None and event.application in round_.ranking.document.places


def leaves_seats_empty(round_: Round, event: SeatReturned) -> bool:
    """The seat comes free and nobody who waits may take it."""
    return hand_on_seat(round_, event).free > round_.free


def selects_too_few(round_: Round, rang: TimerRang) -> bool:
    """There are more seats than people on the list who may take one."""
    return open_offers(round_, rang).free > 0


def its_list(round_: Round) -> str:
    """The list: its rank run and who froze it, without whoever has left it, and how many seats it is for."""
    if round_.ranking is None:
        return ""
    for_seats = f"{round_.capacity} {round_.outdated}"
    gone = sorted(round_.left.keys() & round_.ranking.document.places.keys())
    return " ".join((round_.ranking.id, *round_.ranked_by, for_seats, *gone))


def the_ranker(round_: Round) -> tuple[str, ...]:
    """Whoever froze the rank run."""
    return round_.ranked_by


# ---- what the round keeps


def take_ranking(round_: Round, event: RankingFrozen) -> Round:
    """Keep the frozen rank run, and of those who left only whom it still names.

    A return that an application had made before it was ranked counts no more.
    """
    places = event.ranking.document.places
    settled = {**round_.settled, **{each: ranked.returns for each, ranked in places.items() if ranked.returns}}
    left = {
        each: returns for each, returns in round_.left.items() if each in places and returns > settled.get(each, -1)
    }
    reasons = {each: why for each, why in round_.reasons.items() if each in left}
    update = {
        "ranking": event.ranking,
        "ranked_by": _rankers(round_, event),
        "outdated": 0,
        "left": left,
        "settled": settled,
        "reasons": reasons,
    }
    return round_.model_copy(update=update)


def _rankers(round_: Round, event: RankingFrozen) -> tuple[str, ...]:
    """Give who froze the list: the same one frozen again is everybody's who did."""
    is_same = round_.ranking is not None and round_.ranking.id == event.ranking.id
    return tuple(dict.fromkeys((*(round_.ranked_by if is_same else ()), event.brought_by)))


def note_approvers(round_: Round, answered: QuestionAnswered) -> Round:
    """Keep who made the list and approved it."""
    if not answered.answer:
        return round_
    return round_.model_copy(update={"decided_by": (*round_.ranked_by, *answered.approved_by, answered.brought_by)})


def note_outdated(round_: Round, _event: ListOutdated) -> Round:
    """Keep that the list lacks somebody: approvals given to it are void."""
    return round_.model_copy(update={"outdated": round_.outdated + 1})


def take_pool(round_: Round, event: ReviewersNamed) -> Round:
    """Keep the reviewers."""
    return round_.model_copy(update={"pool": event.pool})


def open_offers(round_: Round, rang: TimerRang) -> Round:
    """Offer the first seats; the next in rank make the waitlist."""
    entries = entries_of(round_)
    everybody = tuple(ranked.rank for ranked in entries if ranked.application not in round_.left)
    offered = allocate(round_.model_copy(update={"waiting": everybody}), rang.arrives_at)
    waiting = offered.waiting[: round_.terms.waitlist]
    return offered.model_copy(update={"waiting": waiting, "told": min(PAGE, len(entries))})


def as_published(round_: Round) -> Round:
    """Give the round as the publication of this very list would leave it."""
    at = round_.calendar.results_at
    return open_offers(round_, TimerRang(key="results_at", visit=0, due=at, armed=0, at=at, arrives_at=at))


def turn_page(round_: Round, _event: ResultsContinued) -> Round:
    """Go on to the next ranks to be told."""
    return round_.model_copy(update={"told": min(round_.told + PAGE, len(entries_of(round_))), "fresh": {}})


def take_seat(round_: Round, event: SeatTaken) -> Round:
    """Turn an open offer into a taken seat; whoever has a seat already keeps the one."""
    if event.application not in round_.offers:
        return round_.model_copy(update={"fresh": {}})
    offers = {application: due for application, due in round_.offers.items() if application != event.application}
    taken = (*(other for other in round_.taken if other != event.application), event.application)
    return round_.model_copy(update={"offers": offers, "taken": taken, "fresh": {}})


def note_longer_offer(round_: Round, event: OfferLengthened) -> Round:
    """Keep until when the application has to answer for its offer now."""
    if event.application not in round_.offers:
        return round_
    return round_.model_copy(update={"offers": {**round_.offers, event.application: event.answer_by}})


def note_left(round_: Round, event: SeatReturned) -> Round:
    """Free what the application held, and keep it out of the order for good.

    A return from before a claim, or a ranking, overtaken by it, takes away nothing that came since.
    """
    application = event.application
    if application in round_.settled and event.returns <= round_.settled[application]:
        return round_.model_copy(update={"fresh": {}})
    reasons = {**round_.reasons, application: event.why}
    return _without(round_, application, event.returns).model_copy(update={"reasons": reasons})


def _without(round_: Round, application: CaseId, returns: int) -> Round:
    ranked = None if round_.ranking is None else round_.ranking.document.places.get(application)
    rank = 0 if ranked is None else ranked.rank
    return round_.model_copy(
        update={
            "offers": {other: due for other, due in round_.offers.items() if other != application},
            "taken": tuple(other for other in round_.taken if other != application),
            "claims": {other: groups for other, groups in round_.claims.items() if other != application},
            "extra": tuple(other for other in round_.extra if other != application),
            "waiting": tuple(other for other in round_.waiting if other != rank),
            "left": {**round_.left, application: returns},
            "fresh": {},
        }
    )


def hand_on_seat(round_: Round, event: SeatReturned) -> Round:
    """Free what the application held, and offer it to the next."""
    return allocate(note_left(round_, event), event.arrives_at)


def grant_claim(round_: Round, event: SeatClaimed) -> Round:
    """Give the application the first claim on the next freed seat, or one that is free now.

    Whoever claims has given back what they held, even where that message is still on its way.  A claim that was
    overtaken by the seat over capacity that followed it changes nothing.
    """
    is_met = event.returns <= round_.settled.get(event.application, -1)
    if is_met and (event.application in round_.offers or event.application in round_.taken):
        return round_.model_copy(update={"fresh": {}})
    freed = _claiming(round_, event.application, event.returns)
    groups = groups_in(round_, event.application) or groups_of(event)
    claims, granted = {**freed.claims, event.application: groups}, {**freed.granted, event.application: dict(groups)}
    return allocate(freed.model_copy(update={"claims": claims, "granted": granted}), event.arrives_at)


def _claiming(round_: Round, application: CaseId, returns: int) -> Round:
    freed = _without(round_, application, returns)
    return freed.model_copy(update={"settled": {**freed.settled, application: returns}})


def add_seat(round_: Round, event: SeatAdded) -> Round:
    """Offer a seat over capacity, unless the claim has brought one meanwhile."""
    application = event.application
    if application in round_.offers or application in round_.taken:
        return round_.model_copy(update={"fresh": {}})
    freed = _claiming(round_, application, event.returns)
    answer_by = event.arrives_at + timedelta(hours=offer_hours(round_, event.arrives_at))
    offers = {**freed.offers, application: answer_by}
    return freed.model_copy(update={"offers": offers, "extra": (*freed.extra, application), "fresh": {application: 0}})


def gain_seats(round_: Round, event: SeatsMoved) -> Round:
    """Take seats that the round before hands over, and offer them if offers are open."""
    selection = shifted(round_.selection, event.groups, by=1)
    update = {"gained": round_.gained + event.seats, "selection": selection, "fresh": {}}
    gained = round_.model_copy(update=update)
    return allocate(gained, event.arrives_at) if round_.told else gained


def shifted(selection: Selection, groups: Groups, *, by: int) -> Selection:
    """Give the selection with so much more room under the maxima of these groups: a share that moves with a seat."""
    quotas = tuple(
        quota.model_copy(update={"maximum": max(quota.maximum + by, 0)})
        if quota.maximum is not None and groups.get(quota.field) == quota.value
        else quota
        for quota in selection.quotas
    )
    return selection.model_copy(update={"quotas": quotas})


# ---- whom the round tells


def those_offered(round_: Round) -> Mapping[CaseId, OfferMade]:
    """Whoever the latest change offers a seat; rank 0 is a granted claim."""
    return {application: OfferMade(rank=rank) for application, rank in round_.fresh.items()}


def those_waiting(round_: Round) -> Mapping[CaseId, WaitlistPlaced]:
    """Whoever among the ranks told now is on the ordered waitlist."""
    places = {rank: position for position, rank in enumerate(round_.waiting, 1)}
    return {
        ranked.application: WaitlistPlaced(rank=ranked.rank, position=places[ranked.rank])
        for ranked in _page(round_)
        if ranked.rank in places
    }


def those_without_a_seat(round_: Round) -> Mapping[CaseId, NotSelected]:
    """Whoever among the ranks told now gets neither a seat nor a place on the waitlist."""
    waiting, seated = set(round_.waiting), {*round_.offers, *round_.taken, *round_.left}
    return {
        ranked.application: NotSelected(rank=ranked.rank, decided_by=round_.decided_by)
        for ranked in _page(round_)
        if ranked.rank not in waiting and ranked.application not in seated
    }


def _page(round_: Round) -> tuple[Ranked, ...]:
    first = (max(round_.told, 1) - 1) // PAGE * PAGE
    return entries_of(round_)[first : round_.told]


def itself_if_more(round_: Round) -> CaseId | None:
    """The round itself, while ranks are left that were not told their results."""
    return round_.round if round_.told < len(entries_of(round_)) else None


def those_still_waiting(round_: Round) -> Mapping[CaseId, WaitlistClosed]:
    """Whoever waits in vain: the rest of the waitlist, and claims that no seat came free for."""
    entries = entries_of(round_)
    return {
        application: WaitlistClosed()
        for application in (*(entries[rank - 1].application for rank in round_.waiting), *round_.claims)
    }


def first_silence(round_: Round) -> datetime | None:
    """When the earliest open offer should have been answered for by its application: an hour after its due date."""
    return min(round_.offers.values()) + timedelta(hours=1) if round_.offers else None
