"""How an application leaves its round, or is passed over in it."""

from collections.abc import Callable
from datetime import datetime

import pytest

from schemas.events.application import (
    ApplicationWithdrew,
    EnrolmentLeft,
    InterestDeferred,
    OfferMade,
    RoundMerged,
    WaitlistClosed,
)
from schemas.ids import CaseId
from schemas.messages import Entry
from tests.support.applications import (
    ENDS,
    ENROLMENT,
    LEE,
    NEXT,
    OPERATOR,
    RESULTS,
    WITHOUT_A_SEAT,
    accepted,
    enrolled,
    not_selected,
    said,
    skip_proposed,
    skipped,
    waitlisted,
)
from tests.support.cohort import DAY, HOUR, MINUTE, moved
from tests.support.life import Life, sent, staff, told, verdict
from tests.support.office import ROUND


def left(life: Life, at: datetime, why: str = "no_show") -> Entry:
    return life.tell(EnrolmentLeft(enrolment=ENROLMENT, why=why), at)


# ---- leaving


@pytest.mark.parametrize("stage", WITHOUT_A_SEAT)
def test_whoever_has_no_seat_yet_can_withdraw_from_every_stage(stage: str) -> None:
    life = WITHOUT_A_SEAT[stage]()
    assert life.stage == stage

    withdrawn = life.tell(ApplicationWithdrew(), life.case.arrived_at + MINUTE)

    returns = 2 if stage in {"lapsed", "claim_proposed", "claiming"} else 1
    (returned, *_) = withdrawn.effects
    assert (life.stage, life.case.timers, life.case.tasks) == ("withdrawn", {}, ())
    assert returned.data == {"application": "application-1", "why": "withdrawn", "returns": returns}
    assert told(withdrawn) == ["applicant: WithdrawalReceived"]


@pytest.mark.parametrize("seat", [accepted, enrolled])
def test_whoever_has_a_seat_leaves_through_the_enrolment(seat: Callable[[], Life]) -> None:
    life = seat()
    stage = life.stage

    withdrawn = life.tell(ApplicationWithdrew(), life.case.arrived_at + HOUR)

    assert (life.stage, sent(withdrawn)) == (stage, [f"LearnerWithdrew to {ENROLMENT}"])


def test_an_enrolment_that_ends_while_seats_are_handed_on_gives_the_seat_back() -> None:
    life = accepted()

    vacated = left(life, ENDS - DAY)

    assert (life.stage, life.subject.why, sent(vacated)) == ("vacated", "no_show", [f"SeatReturned to {ROUND}"])


def test_an_enrolment_that_ends_later_gives_no_seat_back() -> None:
    life = enrolled()

    ended = left(life, ENDS + 30 * DAY)

    assert (life.stage, sent(ended)) == ("enrolled", [])


def test_the_end_of_another_enrolment_is_none_of_its_business() -> None:
    life = accepted()

    ended = life.tell(EnrolmentLeft(enrolment=CaseId("another"), why="no_show"), ENDS - DAY)

    assert (life.stage, sent(ended)) == ("accepted", [])


def test_a_seat_that_was_taken_is_kept_when_seats_are_handed_on_no_more() -> None:
    life = enrolled()

    assert (life.stage, life.case.is_final, life.case.arrived_at) == ("enrolled", True, ENDS)


# ---- passed over on the waitlist


def test_whoever_proposed_to_pass_over_somebody_does_not_decide_it() -> None:
    life = skip_proposed()

    (task,) = life.case.tasks
    own = life.answer(yes=True, at=RESULTS + DAY, by=OPERATOR)
    as_lead = life.answer(yes=True, at=RESULTS + DAY, by=staff("lead", OPERATOR.id))
    without = life.answer(yes=True, at=RESULTS + DAY, by=LEE, reason="")

    assert (task.not_by, [verdict(each) for each in (own, without)]) == (
        (OPERATOR.id,),
        [("rejected", "needs_another_person"), ("rejected", "needs_a_reason")],
    )
    assert (verdict(as_lead)[0], life.stage) == ("rejected", "skip_proposed")


def test_whoever_is_passed_over_is_told_so_and_leaves_the_order() -> None:
    life = skip_proposed()

    skipped = life.answer(yes=True, at=RESULTS + DAY, by=LEE)

    assert (life.stage, life.case.is_final, told(skipped), sent(skipped)) == (
        "skipped",
        False,
        ["applicant: WaitlistSkipped"],
        [f"SeatReturned to {ROUND}"],
    )
    assert (life.subject.why, skipped.effects[1].data) == ("skipped", {"appeal_by": said(RESULTS + 8 * DAY)})
    assert (life.subject.decided_by, life.subject.decided_at) == ((OPERATOR.id, LEE.id), RESULTS + DAY)


def test_whoever_was_passed_over_can_appeal_until_seats_are_handed_on_no_more() -> None:
    life = skipped()
    closed = life.tell(WaitlistClosed(), ENDS)
    before = (life.stage, told(closed))

    ended = life.ring()

    assert before == ("skipped", [])
    assert (life.stage, life.case.is_final, ended.message.at, told(ended)) == ("not_selected", True, ENDS, [])


def test_whoever_is_not_passed_over_waits_as_before() -> None:
    life = skip_proposed()

    kept = life.answer(yes=False, at=RESULTS + DAY, by=LEE)

    assert (life.stage, life.subject.position, told(kept), sent(kept)) == ("waitlisted", 1, [], [])


def test_an_offer_that_arrives_meanwhile_waits_and_is_taken_if_nobody_is_passed_over() -> None:
    life = skip_proposed()
    life.tell(OfferMade(rank=3), RESULTS + 2 * HOUR)

    kept = life.answer(yes=False, at=RESULTS + DAY, by=LEE)

    assert (life.stage, told(kept)) == ("offered", ["applicant: SeatOffered"])
    assert life.subject.answer_by == RESULTS + DAY + 48 * HOUR


def test_an_offer_that_arrives_meanwhile_goes_back_if_somebody_is_passed_over() -> None:
    life = skip_proposed()
    life.tell(OfferMade(rank=3), RESULTS + 2 * HOUR)

    skipped = life.answer(yes=True, at=RESULTS + DAY, by=LEE)

    returns = [effect.data["returns"] for effect in skipped.effects if effect.type == "SeatReturned"]
    assert (life.stage, returns, told(skipped)) == ("skipped", [1, 2], ["applicant: WaitlistSkipped"])
    assert life.case.parked == ()


# ---- leaving for the next round


@pytest.mark.parametrize("somewhere", [waitlisted, not_selected])
def test_whoever_waits_for_the_next_round_leaves_this_one(somewhere: Callable[[], Life]) -> None:
    life = somewhere()

    deferred = life.tell(InterestDeferred(consent="interest@1"), RESULTS + DAY)

    assert (life.stage, life.case.is_final, told(deferred), sent(deferred)) == (
        "deferred",
        True,
        ["applicant: DeferralReceived"],
        [f"SeatReturned to {ROUND}"],
    )


def test_a_waitlist_that_is_merged_takes_the_application_to_the_supplementary_round() -> None:
    life = waitlisted()

    merged = life.tell(RoundMerged(round=NEXT, calendar=moved(2, results_at=RESULTS + 20 * DAY)), RESULTS + DAY)

    assert (life.stage, life.case.round, life.subject.rank, life.subject.position) == ("eligible", NEXT, None, None)
    assert (told(merged), life.subject.calendar.results_at) == (["applicant: WaitlistMoved"], RESULTS + 20 * DAY)
