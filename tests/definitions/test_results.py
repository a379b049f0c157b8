"""The results of a round: who gets a seat, and how seats are handed on until the end."""

import pytest

from functions.embedded import Embedded
from schemas.events.application import OfferDeclined
from schemas.events.seats import SeatClaimed, SeatTaken
from schemas.facts import fact_id_of
from schemas.ids import CaseId, name_of
from schemas.messages import Entry
from schemas.ranking import Ranked, Ranking
from tests.support.cohort import DAY, HOUR, TERMS
from tests.support.life import Life, sent, staff, told
from tests.support.office import ROUND, Office, applicant, stages
from tests.support.rounds import (
    CLOSE,
    ENDS,
    RESULTS,
    A,
    B,
    C,
    D,
    E,
    F,
    approve,
    approved,
    closed,
    frozen,
    given_back,
    published,
    ranked,
)
from workflows.engine.history import messages_of

RESULT_TYPES = ("OfferMade", "WaitlistPlaced", "NotSelected")

DUE = RESULTS + 48 * HOUR


# ---- the results


def test_all_results_go_out_in_one_entry_at_the_instant_of_publication() -> None:
    life = published()

    entry = life.entries[-1]
    assert (life.stage, entry.message.at, life.case.arrived_at) == ("published", RESULTS, RESULTS)
    assert sent(entry) == [
        f"OfferMade to {A}",
        f"OfferMade to {B}",
        f"WaitlistPlaced to {C}",
        f"WaitlistPlaced to {D}",
        f"NotSelected to {E}",
        f"NotSelected to {F}",
    ]
    (results,) = [effect for effect in entry.effects if effect.kind == "notice"]
    assert (results.type, results.targets, results.data) == (
        "ResultsPublished",
        {"partners": {}},
        {"cohort": "2027", "offered": 2},
    )


def test_results_that_were_approved_late_go_out_at_once() -> None:
    life = ranked()
    for role in ("operator", "university", "city"):
        life.answer(yes=True, at=RESULTS + DAY, by=staff(role))

    life.ring()

    assert (life.stage, life.case.arrived_at) == ("published", RESULTS + DAY)


def test_whoever_withdrew_before_the_results_is_passed_over() -> None:
    life = approved()
    life.tell(given_back(A, "withdrawn"), RESULTS - DAY)
    approve(life, RESULTS - DAY)

    results = life.ring()

    assert list(life.subject.offers) == [B, C]
    assert [each for each in sent(results) if each.endswith(A)] == []


# ---- handing on


def test_a_returned_offer_is_handed_on_in_the_same_entry() -> None:
    life = published()

    handed_on = life.tell(given_back(A), RESULTS + DAY)

    assert sent(handed_on) == [f"OfferMade to {C}"]
    assert handed_on.effects[0].targets == {C: {"rank": 3}}


def test_a_taken_seat_is_told_to_nobody() -> None:
    life = published()

    taken = life.tell(SeatTaken(application=A), RESULTS + DAY)

    assert (sent(taken), told(taken), life.subject.taken) == ([], [], (A,))


def test_a_claim_comes_before_the_next_rank() -> None:
    life = published()
    life.tell(given_back(A, "expired"), DUE)
    life.tell(SeatClaimed(application=A, returns=1), DUE + HOUR)

    freed = life.tell(given_back(B), DUE + 2 * HOUR)

    assert freed.effects[0].targets == {A: {"rank": 0}}


def test_an_offer_that_no_application_answers_for_is_told_to_staff_and_never_freed() -> None:
    life = published()

    silence = life.ring()

    assert (silence.heard_at, told(silence)) == (DUE + HOUR, ["operator: OfferUnanswered"])
    assert list(life.subject.offers) == [A, B]


def test_the_watch_for_silence_follows_the_earliest_open_offer() -> None:
    life = published()
    life.tell(given_back(A), RESULTS + DAY)
    first = life.case.timers["published.first_silence"].due

    life.tell(SeatTaken(application=B), RESULTS + 2 * DAY)

    assert (first, life.case.timers["published.first_silence"].due) == (DUE + HOUR, DUE + DAY + HOUR)


def test_a_round_with_every_seat_taken_watches_for_nothing() -> None:
    life = published()

    for application in (A, B):
        life.tell(SeatTaken(application=application), RESULTS + DAY)

    assert list(life.case.timers) == ["published.promotion_ends"]


# ---- the end


def test_the_end_of_handing_on_tells_whoever_waits_in_vain() -> None:
    life = published()
    life.tell(given_back(A, "expired"), DUE)
    life.tell(SeatClaimed(application=A, returns=1), DUE + HOUR)

    filled = life.ring("published.promotion_ends")

    assert (life.stage, life.case.is_final) == ("filled", True)
    assert (sent(filled), told(filled)) == (
        [f"WaitlistClosed to {D}", f"WaitlistClosed to {A}"],
        ["partners: RoundFilled"],
    )


def test_after_the_end_a_returned_seat_goes_to_nobody() -> None:
    life = published()
    life.ring("published.promotion_ends")

    freed = life.tell(given_back(A), ENDS + DAY)

    assert (sent(freed), list(life.subject.offers)) == ([], [B])


def test_an_acceptance_that_was_given_before_the_end_and_heard_after_it_is_a_taken_seat() -> None:
    life = published()
    life.ring("published.promotion_ends")

    life.tell(SeatTaken(application=A), ENDS - HOUR, heard_at=ENDS + DAY)

    assert life.subject.taken == (A,)


# ---- where several cases talk


@pytest.fixture
def office(embedded: Embedded) -> Office:
    return Office(embedded)


def test_nobody_sees_a_result_before_the_others(office: Office) -> None:
    cases = office.recruit(5)

    heard = {office.entries(case)[-1].heard_at for case in cases}
    told_at = {office.entries(case)[-1].message.at for case in cases}

    assert (len(heard), told_at) == (1, {RESULTS})


def test_a_declined_seat_goes_down_the_waitlist_until_nobody_waits(office: Office) -> None:
    cases = office.recruit(4)

    for case in (cases[0], cases[2], cases[3]):
        office.tell(case, OfferDeclined(), by=applicant(office.case(case)))

    assert stages(office, cases) == ["declined", "offered", "declined", "declined"]
    assert office.case(ROUND).data["offers"].keys() == {cases[1]}


def test_an_expired_offer_is_handed_on_within_the_hour(office: Office) -> None:
    cases = office.recruit(3)
    office.accept(cases[1])

    office.until(DUE + HOUR)

    assert stages(office, cases) == ["lapsed", "accepted", "offered"]
    assert "OfferUnanswered" not in office.notices()


def test_whoever_still_waits_at_the_end_is_told_so(office: Office) -> None:
    cases = office.recruit(4)
    for case in cases[:2]:
        office.accept(case)

    office.until(ENDS + DAY)

    assert stages(office, cases) == ["enrolled", "enrolled", "not_selected", "not_selected"]
    assert office.notices()["WaitlistEnded"] == 2
    assert office.stage(ROUND) == "filled"


# ---- thousands


def crowded(count: int, capacity: int, waitlist: int) -> tuple[Life, list[CaseId]]:
    """An approved round with so many ranked applications."""
    cases = [CaseId(name_of("crowd", number)) for number in range(count)]
    entries = [Ranked(application=case, rank=rank, score=0) for rank, case in enumerate(cases, 1)]
    ranking = Ranking(round=ROUND, rule="score", entries=tuple(entries))
    life = closed(terms=TERMS.model_copy(update={"capacity": capacity, "waitlist": waitlist}))
    life.facts = {fact_id_of(ranking): ranking.model_dump(mode="json")}
    life.tell(frozen(ranking), CLOSE + DAY)
    approve(life)
    return life, cases


def publish(life: Life) -> list[Entry]:
    """Ring for the results, and hear whatever the round tells itself until it is done."""
    entries = [life.ring("approved.results_at")]
    while own := [each for each in messages_of(entries[-1], ROUND) if each.case == ROUND]:
        (more,) = own
        entries.append(life.hear(more))
    return entries


@pytest.mark.parametrize(
    ("capacity", "waitlist", "pages"), [(100, 300, 3), (2_500, 100, 3), (0, 0, 3), (1_000, 10_000, 3)]
)
def test_three_thousand_are_told_in_pages_each_exactly_once(capacity: int, waitlist: int, pages: int) -> None:
    life, cases = crowded(3_000, capacity, waitlist)

    entries = publish(life)

    results = [each for entry in entries for each in messages_of(entry, ROUND) if each.case != ROUND]
    by_type = {kind: [each.case for each in results if each.type == kind] for kind in RESULT_TYPES}
    last = min(capacity + waitlist, 3_000)
    assert len(entries) == pages
    assert by_type == {
        "OfferMade": cases[:capacity],
        "WaitlistPlaced": cases[capacity:last],
        "NotSelected": cases[last:],
    }
    assert [each.data["position"] for each in results if each.type == "WaitlistPlaced"] == list(
        range(1, last - capacity + 1)
    )
    assert max(len(text.encode()) for text, _ in life.texts) <= 256 * 1024
    assert [told(entry).count("partners: ResultsPublished") for entry in entries] == [1, 0, 0]


def test_no_more_than_a_page_is_told_in_one() -> None:
    life, _ = crowded(1_000, 10, 10)

    assert len(publish(life)) == 1
    assert life.subject.told == 1_000


def test_what_happens_between_two_pages_is_told_once_and_as_it_stands_then() -> None:
    life, cases = crowded(2_100, 1_000, 1_000)
    (more,) = [each for each in messages_of(life.ring("approved.results_at"), ROUND) if each.case == ROUND]

    # Three give their offers back, and so does one of the three to whom these go before they were told a place.
    freed = [life.tell(given_back(case), RESULTS + HOUR) for case in (*cases[:3], cases[1_000])]
    entries = [life.hear(more)]
    while own := [each for each in messages_of(entries[-1], ROUND) if each.case == ROUND]:
        entries.append(life.hear(own[0]))

    told_later = [each for entry in entries for each in messages_of(entry, ROUND) if each.case != ROUND]
    assert [each.case for entry in freed for each in messages_of(entry, ROUND)] == cases[1_000:1_004]
    assert [each.case for each in told_later] == cases[1_004:2_100]
    assert told_later[0].data == {"rank": 1_005, "position": 1}
    assert [each.type for each in told_later].count("NotSelected") == 100
