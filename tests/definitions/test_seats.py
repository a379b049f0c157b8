"""Who gets a seat: pure functions over a frozen rank run, in rank order, never more than there are."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import NotSelected, OfferMade, SeatClaimed, SeatReturned, SeatTaken, WaitlistClosed, WaitlistPlaced
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId
from schemas.round import Round
from tests.support.cohort import CALENDAR, DAY, HOUR, TERMS
from tests.support.generated import APPLICATIONS, a_ranking
from workflows.definitions.seats import (
    allocate,
    first_silence,
    grant_claim,
    hand_on_seat,
    note_left,
    take_seat,
    those_offered,
    those_still_waiting,
    those_waiting,
    those_without_a_seat,
)

RANKING = a_ranking(1, 2, 3, 4, 5, 6)
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


def published(**changed: Any) -> Round:
    """The same, with the first two offered their seats."""
    return allocate(a_round(**changed), NOW)


# ---- the first offers


def test_the_first_seats_go_to_the_first_ranks() -> None:
    assert published() == a_round(offers={A: DUE, B: DUE}, fresh={A: 1, B: 2}, next_rank=3)


def test_a_seat_is_offered_for_as_long_as_the_cohort_says() -> None:
    terms = TERMS.model_copy(update={"offer_hours": 2})

    assert published(terms=terms).offers == {A: NOW + 2 * HOUR, B: NOW + 2 * HOUR}


def test_whoever_left_before_is_passed_over() -> None:
    assert published(left=(A, C)) == a_round(left=(A, C), offers={B: DUE, D: DUE}, fresh={B: 2, D: 4}, next_rank=5)


def test_nobody_behind_the_waitlist_is_offered_a_seat() -> None:
    assert published(left=(A, B, C)).offers == {D: DUE}
    assert published(left=(A, B, C, D)).offers == {}


def test_without_a_ranking_nobody_is_offered_a_seat() -> None:
    assert allocate(a_round(ranking=None), NOW) == a_round(ranking=None)


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
    round_ = published(left=(A, C, E))

    assert those_offered(round_) == {B: OfferMade(rank=2), D: OfferMade(rank=4)}
    assert those_waiting(round_) == {}
    assert those_without_a_seat(round_) == {F: NotSelected(rank=6)}


def test_positions_on_the_waitlist_have_no_gaps() -> None:
    waiting = those_waiting(published(terms=TERMS.model_copy(update={"waitlist": 4}), left=(C, E)))

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
    assert (round_.fresh, round_.left, round_.next_rank) == ({C: 3}, (A,), 4)


def test_a_returned_seat_goes_to_the_next_rank() -> None:
    taken = take_seat(published(), SeatTaken(application=A))

    round_ = hand_on_seat(taken, returned(A, why="no_show"))

    assert (round_.taken, round_.offers, round_.fresh) == ((), {B: DUE, C: DUE}, {C: 3})


def test_a_place_on_the_waitlist_that_is_given_back_frees_no_seat() -> None:
    round_ = hand_on_seat(published(), returned(C, why="withdrawn"))

    assert (round_.offers, round_.fresh, round_.left) == ({A: DUE, B: DUE}, {}, (C,))
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

    assert (round_.offers, round_.fresh, round_.next_rank) == ({B: DUE}, {}, 5)


def test_after_the_end_a_returned_seat_is_only_noted() -> None:
    round_ = note_left(take_seat(published(), SeatTaken(application=A)), returned(A))

    assert (round_.taken, round_.offers, round_.fresh, round_.left) == ((), {B: DUE}, {}, (A,))


# ---- claims


def lapsed() -> Round:
    """The first let the offer lapse, so that the third was offered the seat."""
    return hand_on_seat(published(), returned(A, why="expired"))


def test_a_claim_waits_for_the_next_freed_seat_and_comes_before_the_next_rank() -> None:
    waiting = grant_claim(lapsed(), claimed(A))

    freed = hand_on_seat(waiting, returned(B))

    assert (waiting.claims, waiting.fresh) == ((A,), {})
    assert (freed.claims, freed.fresh, freed.offers) == ((), {A: 0}, {C: DUE, A: DUE})


def test_a_claim_gets_a_seat_that_is_free_already() -> None:
    free = hand_on_seat(published(terms=TERMS.model_copy(update={"waitlist": 0})), returned(A, why="expired"))

    assert grant_claim(free, claimed(A)).fresh == {A: 0}


def test_claims_are_met_in_the_order_they_were_granted() -> None:
    waiting = grant_claim(grant_claim(hand_on_seat(lapsed(), returned(B)), claimed(B)), claimed(A))

    one_more = hand_on_seat(waiting, returned(C))

    assert (waiting.claims, one_more.fresh, one_more.claims) == ((B, A), {B: 0}, (A,))


def test_whoever_withdraws_a_claim_waits_no_more() -> None:
    waiting = grant_claim(lapsed(), claimed(A))

    round_ = hand_on_seat(waiting, returned(A, why="withdrawn", returns=2))

    assert (round_.claims, hand_on_seat(round_, returned(B)).fresh) == ((), {D: 4})


def test_a_claim_that_overtakes_the_return_before_it_keeps_its_place() -> None:
    # The applicant answered in time and was heard late: the return was sent first, and arrives last.
    overtaken = grant_claim(published(), claimed(A))

    round_ = hand_on_seat(overtaken, returned(A, why="expired", returns=1))

    assert (overtaken.offers, overtaken.fresh) == ({B: DUE, A: DUE}, {A: 0})
    assert (round_.offers, round_.claims, round_.fresh) == ({B: DUE, A: DUE}, (), {})


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


# ---- whatever happens

APPLICATION = st.sampled_from(APPLICATIONS)
CHANGES = st.one_of(
    st.tuples(st.just(take_seat), APPLICATION.map(lambda each: SeatTaken(application=each))),
    st.tuples(st.just(hand_on_seat), st.builds(returned, APPLICATION, returns=st.integers(1, 3))),
    st.tuples(st.just(note_left), st.builds(returned, APPLICATION, returns=st.integers(1, 3))),
    st.tuples(st.just(grant_claim), st.builds(claimed, APPLICATION, returns=st.integers(1, 2))),
)


@settings(max_examples=300)
@given(st.integers(1, 4), st.integers(0, 5), st.lists(CHANGES, max_size=25))
def test_never_more_than_there_are_and_never_out_of_order(capacity: int, waitlist: int, changes: list[Any]) -> None:
    round_ = published(terms=TERMS.model_copy(update={"capacity": capacity, "waitlist": waitlist}))
    offered = list(round_.fresh.values())

    for change, event in changes:
        round_ = change(round_, event)

        assert len(round_.offers) + len(round_.taken) <= capacity
        assert not set(round_.offers) & set(round_.taken)
        assert not set(round_.claims) & {*round_.offers, *round_.taken}
        offered += [rank for rank in round_.fresh.values() if rank]
    assert offered == sorted(set(offered))
    assert max(offered, default=0) <= capacity + waitlist
