"""Who gets a seat: pure functions over a frozen rank run, in rank order, never more than there are."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events.application import NotSelected, OfferMade, WaitlistClosed, WaitlistPlaced
from schemas.events.engine import TimerRang
from schemas.events.round import RankingFrozen
from schemas.events.seats import OfferLengthened, SeatAdded, SeatClaimed, SeatReturned, SeatsMoved, SeatTaken
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId
from schemas.ranking import Ranked, Ranking
from schemas.round import Round
from schemas.selection import Quota, Selection
from tests.support.cohort import CALENDAR, DAY, HOUR, TERMS
from tests.support.generated import APPLICATIONS, a_ranking
from workflows.definitions.seats import (
    add_seat,
    allocate,
    first_silence,
    gain_seats,
    grant_claim,
    hand_on_seat,
    note_left,
    note_longer_offer,
    open_offers,
    take_ranking,
    take_seat,
    those_offered,
    those_still_waiting,
    those_waiting,
    those_without_a_seat,
)

RANKING = a_ranking(1, 2, 3, 4, 5, 6)
RANKED = Fact(fact_id_of(RANKING), RANKING)
NOW = CALENDAR.results_at
DUE = NOW + 48 * HOUR
A, B, C, D, E, F = APPLICATIONS


def a_round(**changed: Any) -> Round:
    """A round of two seats and two places on the waitlist, with six ranked applications."""
    given: dict[str, Any] = {
        "round": CaseId("round-1"),
        "cohort": "2027",
        "programme": "ai-academy",
        "calendar": CALENDAR,
        "terms": TERMS,
        "ranking": Fact(fact_id_of(RANKING), RANKING),
        **changed,
    }
    return Round(**given)


def event_at(event: Any, at: datetime) -> Any:
    return event.model_copy(update={"at": at, "arrives_at": at})


def returned(application: CaseId, at: datetime = NOW, why: str = "declined", returns: int = 1) -> SeatReturned:
    return event_at(SeatReturned(application=application, why=why, returns=returns), at)


def claimed(application: CaseId, at: datetime = NOW, returns: int = 1) -> SeatClaimed:
    return event_at(SeatClaimed(application=application, returns=returns), at)


def rang(at: datetime = NOW) -> TimerRang:
    return event_at(TimerRang(key="approved.results_at", visit=1, due=at, armed=1), at)


def published(**changed: Any) -> Round:
    """The same, with the first two offered their seats."""
    return open_offers(a_round(**changed), rang())


# ---- the first offers


def test_the_first_seats_go_to_the_first_ranks() -> None:
    assert published() == a_round(offers={A: DUE, B: DUE}, fresh={A: 1, B: 2}, waiting=(3, 4), told=6)


def test_a_seat_is_offered_for_as_long_as_the_cohort_says() -> None:
    terms = TERMS.model_copy(update={"offer_hours": 2})

    assert published(terms=terms).offers == {A: NOW + 2 * HOUR, B: NOW + 2 * HOUR}


def test_whoever_left_before_is_passed_over() -> None:
    left = {A: 1, C: 1}

    assert published(left=left) == a_round(
        left=left, offers={B: DUE, D: DUE}, fresh={B: 2, D: 4}, waiting=(5, 6), told=6
    )


def test_nobody_behind_the_waitlist_is_offered_a_seat() -> None:
    round_ = published(left={A: 1})
    for application in (B, C, D, E):
        round_ = hand_on_seat(round_, returned(application))

    assert (round_.offers, round_.waiting, round_.free) == ({}, (), 2)


def test_before_the_results_whoever_left_makes_room_on_the_waitlist_too() -> None:
    assert published(left=dict.fromkeys((A, B, C), 1)).offers == {D: DUE, E: DUE}
    assert published(left=dict.fromkeys((A, B, C, D, E), 1)).offers == {F: DUE}
    assert published(left=dict.fromkeys(APPLICATIONS, 1)).offers == {}


def test_without_a_ranking_nobody_is_offered_a_seat() -> None:
    assert allocate(a_round(ranking=None), NOW) == a_round(ranking=None)
    assert open_offers(a_round(ranking=None), rang()) == a_round(ranking=None)


def test_fewer_applicants_than_seats_all_get_one() -> None:
    terms = TERMS.model_copy(update={"capacity": 9})

    assert list(published(terms=terms).offers) == list(APPLICATIONS)


def test_everybody_ranked_is_told_once() -> None:
    round_ = published()

    assert those_offered(round_) == {A: OfferMade(rank=1), B: OfferMade(rank=2)}
    assert those_waiting(round_) == {
        C: WaitlistPlaced(rank=3, position=1),
        D: WaitlistPlaced(rank=4, position=2),
    }
    assert those_without_a_seat(round_) == {E: NotSelected(rank=5), F: NotSelected(rank=6)}


def test_whoever_left_is_told_nothing_and_the_others_move_up() -> None:
    round_ = published(terms=TERMS.model_copy(update={"waitlist": 0}), left={A: 1, C: 1, E: 1})

    assert those_offered(round_) == {B: OfferMade(rank=2), D: OfferMade(rank=4)}
    assert those_waiting(round_) == {}
    assert those_without_a_seat(round_) == {F: NotSelected(rank=6)}


def test_positions_on_the_waitlist_have_no_gaps() -> None:
    waiting = those_waiting(published(terms=TERMS.model_copy(update={"waitlist": 4}), left={C: 1, E: 1}))

    assert waiting == {D: WaitlistPlaced(rank=4, position=1), F: WaitlistPlaced(rank=6, position=2)}


# ---- seats that are taken, and seats that come back


def test_an_accepted_offer_becomes_a_taken_seat() -> None:
    round_ = take_seat(published(), SeatTaken(application=A))

    assert (round_.offers, round_.taken, round_.fresh) == ({B: DUE}, (A,), {})


def test_a_seat_that_was_never_offered_is_not_taken() -> None:
    before = published()

    assert take_seat(before, SeatTaken(application=F)) == before.model_copy(update={"fresh": {}})


def test_a_seat_that_is_taken_twice_is_one_seat() -> None:
    once = take_seat(published(), SeatTaken(application=A))

    assert take_seat(once, SeatTaken(application=A)) == once


@pytest.mark.parametrize("why", ["declined", "expired", "withdrawn", "no_show"])
def test_a_returned_offer_goes_to_the_next_rank(why: str) -> None:
    round_ = hand_on_seat(published(), returned(A, NOW + DAY, why))

    assert round_.offers == {B: DUE, C: DUE + DAY}
    assert (round_.fresh, round_.left, round_.waiting) == ({C: 3}, {A: 1}, (4,))


def test_a_returned_seat_goes_to_the_next_rank() -> None:
    taken = take_seat(published(), SeatTaken(application=A))

    round_ = hand_on_seat(taken, returned(A, why="no_show"))

    assert (round_.taken, round_.offers, round_.fresh) == ((), {B: DUE, C: DUE}, {C: 3})


def test_a_place_on_the_waitlist_that_is_given_back_frees_no_seat() -> None:
    round_ = hand_on_seat(published(), returned(C, why="withdrawn"))

    assert (round_.offers, round_.fresh, round_.left) == ({A: DUE, B: DUE}, {}, {C: 1})
    assert hand_on_seat(round_, returned(A)).fresh == {D: 4}


def test_what_was_given_back_twice_was_given_back_once() -> None:
    once = hand_on_seat(published(), returned(A))

    again = hand_on_seat(once, returned(A))

    assert again == once.model_copy(update={"fresh": {}})


def test_a_return_that_overtakes_the_acceptance_before_it_leaves_nothing_taken() -> None:
    handed_on = hand_on_seat(published(), returned(A, why="no_show"))

    round_ = take_seat(handed_on, SeatTaken(application=A))

    assert (round_.taken, round_.offers) == ((), {B: DUE, C: DUE})


def test_a_seat_stays_free_when_nobody_waits_any_more() -> None:
    round_ = published()
    for application in (C, D, A):
        round_ = hand_on_seat(round_, returned(application))

    assert (round_.offers, round_.fresh, round_.waiting, round_.free) == ({B: DUE}, {}, (), 1)


def test_after_the_end_a_returned_seat_is_only_noted() -> None:
    round_ = note_left(take_seat(published(), SeatTaken(application=A)), returned(A))

    assert (round_.taken, round_.offers, round_.fresh, round_.left) == ((), {B: DUE}, {}, {A: 1})


# ---- claims


def lapsed() -> Round:
    """The first let the offer lapse, so that the third was offered the seat."""
    return hand_on_seat(published(), returned(A, why="expired"))


def test_a_claim_waits_for_the_next_freed_seat_and_comes_before_the_next_rank() -> None:
    waiting = grant_claim(lapsed(), claimed(A))

    freed = hand_on_seat(waiting, returned(B))

    assert (waiting.claims, waiting.fresh) == ({A: {}}, {})
    assert (freed.claims, freed.fresh, freed.offers) == ({}, {A: 0}, {C: DUE, A: DUE})


def test_a_claim_gets_a_seat_that_is_free_already() -> None:
    free = hand_on_seat(published(terms=TERMS.model_copy(update={"waitlist": 0})), returned(A, why="expired"))

    assert grant_claim(free, claimed(A)).fresh == {A: 0}


def test_claims_are_met_in_the_order_they_were_granted() -> None:
    waiting = grant_claim(grant_claim(hand_on_seat(lapsed(), returned(B)), claimed(B)), claimed(A))

    one_more = hand_on_seat(waiting, returned(C))

    assert (list(waiting.claims), one_more.fresh, list(one_more.claims)) == ([B, A], {B: 0}, [A])


def test_whoever_withdraws_a_claim_waits_no_more() -> None:
    waiting = grant_claim(lapsed(), claimed(A))

    round_ = hand_on_seat(waiting, returned(A, why="withdrawn", returns=2))

    assert (round_.claims, hand_on_seat(round_, returned(B)).fresh) == ({}, {D: 4})


def test_a_claim_that_overtakes_the_return_before_it_keeps_its_place() -> None:
    # The applicant answered in time and was heard late: the return was sent first, and arrives last.
    overtaken = grant_claim(published(), claimed(A))

    round_ = hand_on_seat(overtaken, returned(A, why="expired", returns=1))

    assert (overtaken.offers, overtaken.fresh) == ({B: DUE, A: DUE}, {A: 0})
    assert (round_.offers, round_.claims, round_.fresh) == ({B: DUE, A: DUE}, {}, {})


def test_a_return_that_a_claim_overtook_takes_no_seat_away() -> None:
    taken = take_seat(grant_claim(published(), claimed(A)), SeatTaken(application=A))

    round_ = hand_on_seat(taken, returned(A, why="expired", returns=1))

    assert (round_.taken, round_.offers, round_.fresh) == ((A,), {B: DUE}, {})


def test_a_return_after_the_claim_gives_back_what_the_claim_brought() -> None:
    taken = take_seat(grant_claim(published(), claimed(A)), SeatTaken(application=A))

    round_ = hand_on_seat(taken, returned(A, why="no_show", returns=2))

    assert (round_.taken, round_.fresh) == ((), {C: 3})


# ---- the end


def test_whoever_still_waits_is_told_at_the_end() -> None:
    round_ = grant_claim(lapsed(), claimed(A))

    assert those_still_waiting(round_) == {D: WaitlistClosed(), A: WaitlistClosed()}


def test_the_first_silence_is_an_hour_after_the_earliest_open_offer_ends() -> None:
    later = hand_on_seat(published(), returned(A, NOW + DAY))

    assert first_silence(published()) == DUE + HOUR
    assert first_silence(later) == DUE + HOUR
    assert first_silence(take_seat(later, SeatTaken(application=B))) == DUE + DAY + HOUR
    assert first_silence(a_round()) is None


# ---- seats over capacity, and seats that come from the round before


def added(application: CaseId, returns: int = 0) -> SeatAdded:
    return event_at(SeatAdded(application=application, returns=returns), NOW)


def test_a_seat_over_capacity_is_offered_at_once_and_takes_none_from_anybody() -> None:
    round_ = add_seat(published(), added(F))

    assert (round_.offers, round_.fresh, round_.extra) == ({A: DUE, B: DUE, F: DUE}, {F: 0}, (F,))
    assert (round_.free, round_.capacity, round_.waiting) == (0, 2, (3, 4))


def test_a_seat_over_capacity_vanishes_when_its_holder_leaves() -> None:
    taken = take_seat(add_seat(published(), added(F)), SeatTaken(application=F))

    round_ = hand_on_seat(taken, returned(F, why="no_show"))

    assert (round_.offers, round_.taken, round_.extra, round_.fresh) == ({A: DUE, B: DUE}, (), (), {})


def test_a_seat_within_capacity_is_handed_on_beside_one_over_it() -> None:
    round_ = hand_on_seat(add_seat(published(), added(F)), returned(A))

    assert (list(round_.offers), round_.fresh, round_.extra) == ([B, F, C], {C: 3}, (F,))


def test_whoever_got_a_free_seat_by_the_claim_needs_none_over_capacity() -> None:
    freed = hand_on_seat(grant_claim(published(), claimed(F, returns=0)), returned(A))

    round_ = add_seat(freed, added(F))

    assert round_ == freed.model_copy(update={"fresh": {}})
    assert round_.extra == ()


def test_a_seat_over_capacity_takes_the_place_of_the_claim() -> None:
    round_ = add_seat(grant_claim(published(), claimed(F, returns=0)), added(F))

    assert (round_.claims, round_.extra) == ({}, (F,))
    assert hand_on_seat(round_, returned(A)).fresh == {C: 3}


def test_a_seat_over_capacity_is_granted_once() -> None:
    once = add_seat(published(), added(F))

    assert add_seat(once, added(F)) == once.model_copy(update={"fresh": {}})


def test_seats_of_the_round_before_go_to_whoever_waits() -> None:
    round_ = gain_seats(published(), event_at(SeatsMoved(seats=3), NOW + DAY))

    assert (round_.capacity, round_.fresh, round_.free) == (5, {C: 3, D: 4}, 1)
    assert round_.offers[C] == DUE + DAY


def test_a_seat_of_the_round_before_brings_its_share_of_the_maxima_and_no_other() -> None:
    quotas = (
        Quota(field="university", value="a", minimum=1, maximum=0),
        Quota(field="university", value="b", maximum=1),
        Quota(field="track", value="a", maximum=1),
        Quota(field="region", value="a", minimum=1),
    )
    selection = Selection(quotas=quotas)

    gained = gain_seats(
        a_round(selection=selection), event_at(SeatsMoved(seats=1, groups={"university": "a", "region": "a"}), NOW)
    )

    assert [quota.maximum for quota in gained.selection.quotas] == [1, 1, 1, None]
    assert [quota.minimum for quota in gained.selection.quotas] == [1, 0, 0, 1]
    assert gain_seats(a_round(selection=selection), event_at(SeatsMoved(seats=1), NOW)).selection == selection


def test_seats_of_the_round_before_wait_for_the_publication() -> None:
    gained = gain_seats(a_round(), event_at(SeatsMoved(seats=1), NOW))

    assert (gained.offers, gained.capacity) == ({}, 3)
    assert list(open_offers(gained, rang()).offers) == [A, B, C]


@pytest.mark.parametrize(
    ("before", "hours"), [(timedelta(days=14, microseconds=1), 48), (timedelta(days=14), 24), (DAY, 24)]
)
def test_the_round_knows_how_long_an_offer_near_the_start_is_open(before: timedelta, hours: int) -> None:
    at = CALENDAR.programme_starts - before

    round_ = hand_on_seat(published(), returned(A, at))

    assert round_.offers[C] == at + hours * HOUR


def test_a_return_from_before_the_ranking_takes_nothing_away_after_it() -> None:
    ranking = Ranking(
        round=CaseId("round-1"), rule="score", entries=(Ranked(application=A, rank=1, score=1, returns=1),)
    )
    ranked = take_ranking(a_round(ranking=None, left={A: 1}), RankingFrozen(ranking=Fact(fact_id_of(ranking), ranking)))

    late = note_left(ranked, returned(A, returns=1))
    again = note_left(ranked, returned(A, returns=2))

    assert (ranked.left, late.left, again.left) == ({}, {}, {A: 2})


def test_whoever_left_and_is_ranked_all_the_same_stays_out() -> None:
    ranked = take_ranking(a_round(ranking=None, left={A: 1, CaseId("gone"): 1}), RankingFrozen(ranking=RANKED))

    assert ranked.left == {A: 1}


def test_the_round_waits_longer_for_an_offer_that_was_prolonged() -> None:
    later = published().offers[A] + DAY

    round_ = note_longer_offer(published(), OfferLengthened(application=A, answer_by=later))

    assert (round_.offers, first_silence(round_)) == ({A: later, B: DUE}, DUE + HOUR)
    assert note_longer_offer(published(), OfferLengthened(application=F, answer_by=later)) == published()


# ---- claims and quotas


def test_a_claim_whose_group_is_full_waits_until_a_seat_of_the_group_comes_free() -> None:
    ranking = Ranking(
        round=CaseId("round-1"),
        rule="score",
        entries=tuple(
            Ranked(application=one, rank=rank, score=0, groups={"university": name})
            for rank, (one, name) in enumerate(zip(APPLICATIONS[:4], ("전남", "조선", "전남", "조선"), strict=True), 1)
        ),
    )
    quotas = (Quota(field="university", value="전남", maximum=1),)
    start = published(ranking=Fact(fact_id_of(ranking), ranking), selection=Selection(quotas=quotas))
    waiting = grant_claim(start, claimed(C, returns=0))

    anothers = hand_on_seat(waiting, returned(B))
    of_the_group = hand_on_seat(anothers, returned(A))

    assert (list(start.offers), waiting.claims) == ([A, B], {C: {"university": "전남"}})
    assert (anothers.fresh, list(anothers.claims)) == ({D: 4}, [C])
    assert (of_the_group.fresh, of_the_group.claims) == ({C: 0}, {})


def test_whoever_was_never_ranked_claims_with_what_the_claim_says() -> None:
    event = SeatClaimed(application=CaseId("application-9"), university="전남대학교", region="광주")

    assert grant_claim(published(), event_at(event, NOW)).claims == {
        CaseId("application-9"): {"university": "전남대학교", "region": "광주"}
    }


# ---- whatever happens

APPLICATION = st.sampled_from(APPLICATIONS)
CHANGES = st.one_of(
    st.tuples(st.just(take_seat), APPLICATION.map(lambda each: SeatTaken(application=each))),
    st.tuples(st.just(hand_on_seat), st.builds(returned, APPLICATION, returns=st.integers(1, 3))),
    st.tuples(st.just(note_left), st.builds(returned, APPLICATION, returns=st.integers(1, 3))),
    st.tuples(st.just(grant_claim), st.builds(claimed, APPLICATION, returns=st.integers(1, 2))),
    st.tuples(st.just(add_seat), st.builds(added, APPLICATION, returns=st.integers(1, 2))),
    st.tuples(st.just(gain_seats), st.just(event_at(SeatsMoved(seats=1), NOW))),
)


@settings(max_examples=300)
@given(st.integers(1, 4), st.integers(0, 5), st.lists(CHANGES, max_size=25))
def test_never_more_than_there_are_and_never_out_of_order(capacity: int, waitlist: int, changes: list[Any]) -> None:
    round_ = published(terms=TERMS.model_copy(update={"capacity": capacity, "waitlist": waitlist}))
    offered = list(round_.fresh.values())

    for change, event in changes:
        round_ = change(round_, event)

        assert len(round_.offers) + len(round_.taken) - len(round_.extra) <= round_.capacity
        assert round_.free >= 0
        assert set(round_.extra) <= {*round_.offers, *round_.taken}
        assert not set(round_.offers) & set(round_.taken)
        assert not set(round_.claims) & {*round_.offers, *round_.taken}
        offered += [rank for rank in round_.fresh.values() if rank]
    assert offered == sorted(set(offered))
    assert max(offered, default=0) <= capacity + waitlist
