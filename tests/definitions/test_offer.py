"""An offer: how long it is open, what answers it, and what comes too late."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.events.application import (
    ApplicationWithdrew,
    EnrolmentLeft,
    InterestDeferred,
    OfferAccepted,
    OfferDeclined,
    OfferExtended,
    OfferMade,
    WaitlistClosed,
)
from schemas.selection import Admission
from tests.support.applications import (
    CLOSE,
    DUE,
    ENDS,
    ENROLMENT,
    OPERATOR,
    RESULTS,
    WITHOUT_A_SEAT,
    accepted,
    after_ringing,
    claim_proposed,
    claiming,
    eligible,
    enrolled,
    ineligible,
    lapsed,
    not_selected,
    offered,
    skip_proposed,
    skipped,
    submitted,
    waitlisted,
)
from tests.support.cohort import CALENDAR, DAY, HOUR, MINUTE, TERMS, TICK
from tests.support.life import Life, sent, told, verdict
from tests.support.office import ROUND

# ---- the offer


def test_an_offer_is_open_as_long_as_the_cohort_says_with_three_reminders() -> None:
    life = offered()

    rung = [life.ring() for _ in range(3)]

    assert told(life.entries[2]) == ["applicant: SeatOffered"]
    assert life.subject.answer_by == DUE
    assert [(entry.heard_at, told(entry)) for entry in rung] == [
        (RESULTS + 24 * HOUR, ["applicant: OfferExpiring"]),
        (RESULTS + 38.4 * HOUR, ["applicant: OfferExpiring"]),
        (DUE - 2 * HOUR, ["applicant: OfferExpiring"]),
    ]


@pytest.mark.parametrize(("hours", "reminders"), [(2, 2), (3, 3), (4, 2), (10, 2), (24, 3), (48, 3)])
def test_a_short_offer_does_without_reminders_that_would_come_at_once_or_together(hours: int, reminders: int) -> None:
    terms = TERMS.model_copy(update={"offer_hours": hours})
    life = submitted(terms=terms)
    life.ring()

    life.tell(OfferMade(rank=1), RESULTS)

    assert len(life.case.timers) == reminders + 1


def test_an_offer_that_was_held_up_is_open_from_when_it_was_heard() -> None:
    life = eligible()

    life.tell(OfferMade(rank=1), RESULTS, heard_at=RESULTS + DAY)

    assert life.subject.answer_by == DUE + DAY


def test_an_accepted_offer_takes_the_seat_and_opens_the_enrolment() -> None:
    life = offered()

    taken = life.tell(OfferAccepted(), RESULTS + HOUR)

    assert life.stage == "accepted"
    assert sent(taken) == [f"SeatTaken to {ROUND}", f"EnrolmentOpened to {ENROLMENT}"]
    assert told(taken) == ["applicant: AcceptanceReceived", "partners: LearnerEnrolled"]


def test_a_declined_offer_goes_back_to_the_round() -> None:
    life = offered()

    declined = life.tell(OfferDeclined(), RESULTS + HOUR)

    (returned, _) = declined.effects
    assert (life.stage, sent(declined)) == ("declined", [f"SeatReturned to {ROUND}"])
    assert returned.data == {"application": "application-1", "why": "declined", "returns": 1}
    assert told(declined) == ["applicant: DeclineReceived"]


def test_an_offer_that_nobody_answers_goes_back_to_the_round_and_the_window_for_claims_opens() -> None:
    life = lapsed()

    entry = life.entries[-1]
    assert (life.stage, sent(entry), told(entry)) == (
        "lapsed",
        [f"SeatReturned to {ROUND}"],
        ["applicant: OfferExpired"],
    )
    assert (life.subject.why, life.case.timers["lapsed.after_claim_window"].due) == ("expired", DUE + 7 * DAY)


@pytest.mark.parametrize(("at", "stage"), [(DUE, "accepted"), (DUE + TICK, "offered")])
def test_an_acceptance_at_the_very_end_of_the_offer_counts(at: datetime, stage: str) -> None:
    life = offered()

    life.tell(OfferAccepted(), at, heard_at=DUE + 10 * MINUTE)

    assert life.stage == stage


def test_an_acceptance_a_moment_too_late_is_told_so_when_the_offer_ends() -> None:
    life = offered()
    life.tell(OfferAccepted(), DUE + TICK, heard_at=DUE + 10 * MINUTE)

    rung = life.ring("offered.answer_by")

    assert (life.stage, told(rung)) == ("lapsed", ["applicant: OfferExpired", "applicant: AnswerTooLate"])


def test_an_acceptance_days_too_late_is_told_so() -> None:
    life = lapsed()

    late = life.tell(OfferAccepted(), DUE + 3 * DAY)

    assert (life.stage, told(late)) == ("lapsed", ["applicant: AnswerTooLate"])


def test_a_double_click_on_accept_takes_one_seat() -> None:
    life = offered()
    life.tell(OfferAccepted(), RESULTS + HOUR)

    again = life.tell(OfferAccepted(), RESULTS + HOUR)

    assert (verdict(again), life.stage, sent(again), told(again)) == (("applied", ""), "accepted", [], [])


def test_a_decline_after_the_acceptance_changes_nothing() -> None:
    life = accepted()

    declined = life.tell(OfferDeclined(), RESULTS + 2 * HOUR)

    assert (life.stage, sent(declined), told(declined)) == ("accepted", [], [])


@pytest.mark.parametrize("somewhere", [submitted, ineligible, eligible, waitlisted, not_selected])
def test_an_acceptance_where_nothing_is_offered_is_told_so(somewhere: Callable[[], Life]) -> None:
    life = somewhere()
    stage = life.stage

    accepted_ = life.tell(OfferAccepted(), life.case.arrived_at + MINUTE)

    assert (life.stage, told(accepted_), sent(accepted_)) == (stage, ["applicant: NoOpenOffer"], [])


# ---- given in time, heard late


def test_an_acceptance_given_in_time_but_heard_late_is_shown_to_staff() -> None:
    life = claim_proposed()

    (task,) = life.case.tasks
    assert (life.stage, task.needs) == ("claim_proposed", ("operator",))


def test_a_granted_claim_waits_for_the_next_free_seat_and_takes_it_at_once() -> None:
    life = claiming(track="ai", region="광주")
    claimed = life.entries[-1]

    taken = life.tell(OfferMade(rank=0), DUE + DAY)

    assert [effect.data for effect in claimed.effects if effect.kind == "event"] == [
        {"application": "application-1", "returns": 1, "university": "전남대학교", "track": "ai", "region": "광주"}
    ]
    assert (life.stage, sent(taken)[0], life.subject.rank) == ("accepted", f"SeatTaken to {ROUND}", 1)


def test_a_refused_claim_is_told_so() -> None:
    life = claim_proposed()

    refused = life.answer(yes=False, at=DUE + DAY, by=OPERATOR)

    assert (life.stage, told(refused)) == ("claim_refused", ["applicant: ClaimRefused"])


@pytest.mark.parametrize("end", ["waitlist closes", "nothing comes"])
def test_a_claim_that_no_seat_came_free_for_is_told_so(end: str) -> None:
    life = claiming()

    entry = life.tell(WaitlistClosed(), ENDS) if end == "waitlist closes" else life.ring()

    assert (life.stage, told(entry)) == ("claim_refused", ["applicant: ClaimRefused"])


@pytest.mark.parametrize("yes", [True, False])
def test_a_claim_is_not_decided_without_a_reason(yes: bool) -> None:  # noqa: FBT001
    life = claim_proposed()

    refused = life.answer(yes=yes, at=DUE + 2 * HOUR, by=OPERATOR, reason="")

    assert (verdict(refused), life.stage) == (("rejected", "needs_a_reason"), "claim_proposed")


@pytest.mark.parametrize(
    ("at", "told_"),
    [
        (DUE - MINUTE, ["operator: AnswerHeardLate"]),
        (DUE, ["operator: AnswerHeardLate"]),
        (DUE + TICK, ["applicant: AnswerTooLate"]),
    ],
)
def test_after_the_window_for_claims_an_answer_in_time_is_shown_to_staff(at: datetime, told_: list[str]) -> None:
    life = lapsed()
    life.ring()

    heard = life.tell(OfferAccepted(), at, heard_at=DUE + 8 * DAY)

    assert (life.stage, life.case.is_final, told(heard), sent(heard)) == ("expired", True, told_, [])


# ---- every stage answers an offer

CANNOT_TAKE: dict[str, Callable[[], Life]] = {
    "late": lambda: submitted(CLOSE + DAY),
    "too_late": lambda: after_ringing(submitted(CLOSE + DAY)),
    "skipped": skipped,
    "ineligible_appealable": ineligible,
    "ineligible": lambda: after_ringing(ineligible()),
    "not_selected_appealable": not_selected,
    "not_selected": lambda: after_ringing(not_selected()),
    "lapsed": lapsed,
    "claim_proposed": claim_proposed,
    "declined": lambda: _then(offered(), OfferDeclined()),
    "withdrawn": lambda: _then(eligible(), ApplicationWithdrew()),
    "vacated": lambda: _then(accepted(), EnrolmentLeft(enrolment=ENROLMENT, why="no_show")),
}


def _then(life: Life, event: Any) -> Life:
    life.tell(event, life.case.arrived_at + MINUTE)
    return life


@pytest.mark.parametrize("stage", CANNOT_TAKE)
def test_an_offer_that_cannot_be_taken_any_more_goes_straight_back(stage: str) -> None:
    life = CANNOT_TAKE[stage]()
    assert life.stage == stage

    bounced = life.tell(OfferMade(rank=4), life.case.arrived_at + HOUR)

    assert (life.stage, sent(bounced), told(bounced)) == (stage, [f"SeatReturned to {ROUND}"], [])


@pytest.mark.parametrize("seat", [accepted, enrolled])
def test_an_offer_to_whoever_has_the_seat_already_confirms_it(seat: Callable[[], Life]) -> None:
    life = seat()
    stage = life.stage

    confirmed = life.tell(OfferMade(rank=4), life.case.arrived_at + HOUR)

    assert (life.stage, sent(confirmed)) == (stage, [f"SeatTaken to {ROUND}"])


@pytest.mark.parametrize("stage", ["submitted", "ineligible_proposed", "offered", "skip_proposed"])
def test_an_offer_that_comes_before_it_can_be_answered_for_waits(stage: str) -> None:
    waiting = {**WITHOUT_A_SEAT, "skip_proposed": skip_proposed}
    life = waiting[stage]()

    early = life.tell(OfferMade(rank=4), life.case.arrived_at + MINUTE)

    assert (verdict(early)[0], life.stage, sent(early)) == ("parked", stage, [])


# ---- offers near the start, and offers that are prolonged


@pytest.mark.parametrize(
    ("before", "hours"), [(14 * DAY + TICK, 48), (14 * DAY, 24), (DAY, 24)], ids=["earlier", "that day", "later"]
)
def test_offers_of_the_last_fortnight_before_the_start_are_open_for_a_day(before: timedelta, hours: int) -> None:
    life = waitlisted()
    at = CALENDAR.programme_starts - before

    life.tell(OfferMade(rank=3), at)

    assert life.subject.answer_by == at + hours * HOUR


def test_an_offer_that_was_short_anyway_is_no_longer_near_the_start() -> None:
    life = waitlisted(terms=TERMS.model_copy(update={"offer_hours": 6}))
    at = CALENDAR.programme_starts - DAY

    life.tell(OfferMade(rank=3), at)

    assert life.subject.answer_by == at + 6 * HOUR


def test_an_offer_is_prolonged_once_and_with_a_reason() -> None:
    life = offered()

    prolonged = life.tell(OfferExtended(hours=24, reason="vault-1"), RESULTS + HOUR)
    again = life.tell(OfferExtended(hours=24, reason="vault-1"), RESULTS + 2 * HOUR)

    assert (told(prolonged), told(again)) == (["applicant: OfferProlonged"], [])
    assert (sent(prolonged), sent(again)) == ([f"OfferLengthened to {ROUND}"], [])
    assert (life.subject.answer_by, life.case.timers["offered.answer_by"].due) == (DUE + DAY, DUE + DAY)
    assert verdict(life.tell(OfferExtended.model_construct(hours=24, reason=""), RESULTS))[0] == "rejected"


def test_of_a_prolonged_offer_only_the_last_hours_are_reminded_of() -> None:
    life = offered()
    life.ring("offered.half_of_offer")

    life.tell(OfferExtended(hours=24, reason="vault-1"), DUE - HOUR)

    assert {key: timer.due for key, timer in life.case.timers.items()} == {
        "offered.hours_before_answer": DUE + DAY - 2 * HOUR,
        "offered.answer_by": DUE + DAY,
    }


# ---- consents

NEEDS = Admission(consents_needed=("privacy@1", "photos@1"))


@pytest.mark.parametrize(
    "consents",
    [{}, {"privacy@1": True}, {"privacy@1": True, "photos@1": False}, {"privacy@2": True, "photos@1": True}],
    ids=["none", "one missing", "one refused", "another version"],
)
def test_an_acceptance_without_a_needed_consent_keeps_the_offer_open_and_says_so(consents: dict[str, bool]) -> None:
    life = offered(admission=NEEDS)

    missing = life.tell(OfferAccepted(consents=consents), RESULTS + HOUR)

    assert (life.stage, life.subject.consents, told(missing), sent(missing)) == (
        "offered",
        {},
        ["applicant: ConsentMissing"],
        [],
    )
    assert life.case.timers["offered.answer_by"].due == DUE


def test_every_consent_is_kept_on_its_own_and_what_is_not_needed_may_be_refused() -> None:
    life = offered(admission=NEEDS)
    consents = {"privacy@1": True, "photos@1": True, "news@1": False}

    life.tell(OfferAccepted(), RESULTS + HOUR)
    life.tell(OfferAccepted(consents=consents), RESULTS + 2 * HOUR)

    assert (life.stage, life.subject.consents) == ("accepted", consents)


def test_an_acceptance_heard_late_claims_nothing_without_the_consents() -> None:
    life = lapsed(admission=NEEDS)

    without = life.tell(OfferAccepted(), DUE - MINUTE, heard_at=DUE + HOUR)
    stage = life.stage
    too_late = life.tell(OfferAccepted(), DUE + TICK, heard_at=DUE + HOUR)
    life.tell(OfferAccepted(consents={"privacy@1": True, "photos@1": True}), DUE - MINUTE, heard_at=DUE + HOUR)

    assert (stage, told(without), life.stage) == ("lapsed", ["applicant: ConsentMissing"], "claim_proposed")
    assert told(too_late) == ["applicant: AnswerTooLate"]
    assert life.subject.consents == {"privacy@1": True, "photos@1": True}


@pytest.mark.parametrize("item", ["Kim likes photos@1", "privacy", "privacy@0", "privacy@1 ", "010-7777-0001@1", ""])
def test_a_consent_is_an_item_and_its_version_and_nothing_that_names_anybody(item: str) -> None:
    with pytest.raises(ValidationError):
        OfferAccepted(consents={item: True})
    with pytest.raises(ValidationError):
        InterestDeferred(consent=item)
