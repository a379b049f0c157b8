"""An application, from the form to a seat or a clear no."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from functions.bootstrap import Embedded
from schemas.events import (
    ApplicationWithdrew,
    CalendarMoved,
    EnrolmentLeft,
    NotSelected,
    OfferAccepted,
    OfferDeclined,
    OfferMade,
    ScoreRecorded,
    WaitlistClosed,
    WaitlistPlaced,
)
from schemas.ids import CaseId, name_of
from schemas.messages import Entry
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TERMS, TICK, moved
from tests.support.life import Life, sent, staff, told, verdict
from tests.support.office import ROUND, Office, applicant, stages
from tests.support.submitted import a_submission

CLOSE = CALENDAR.applications_close
RESULTS = CALENDAR.results_at
DUE = RESULTS + 48 * HOUR
ENDS = CALENDAR.promotion_ends
OPERATOR = staff("operator", "kim")
ENROLMENT = CaseId(name_of("enrolment", "application-1"))


# ---- how to get somewhere


def submitted(at: datetime = CLOSE - DAY, **changed: Any) -> Life:
    life = Life("application-1")
    life.tell(a_submission(**changed), at)
    return life


def ineligible_proposed() -> Life:
    life = submitted(is_enrolled=False)
    life.ring()
    return life


def eligible() -> Life:
    life = submitted()
    life.ring()
    return life


def waitlisted() -> Life:
    life = eligible()
    life.tell(WaitlistPlaced(rank=3, position=1), RESULTS)
    return life


def offered(rank: int = 1) -> Life:
    life = eligible()
    life.tell(OfferMade(rank=rank), RESULTS)
    return life


def lapsed() -> Life:
    life = offered()
    life.ring("offered.answer_by")
    return life


def claim_proposed() -> Life:
    life = lapsed()
    life.tell(OfferAccepted(), DUE - MINUTE, heard_at=DUE + HOUR)
    return life


def claiming() -> Life:
    life = claim_proposed()
    life.answer(yes=True, at=DUE + 2 * HOUR, by=OPERATOR)
    return life


def accepted() -> Life:
    life = offered()
    life.tell(OfferAccepted(), RESULTS + HOUR)
    return life


def enrolled() -> Life:
    life = accepted()
    life.ring()
    return life


def left(life: Life, at: datetime, why: str = "no_show") -> Entry:
    return life.tell(EnrolmentLeft(enrolment=ENROLMENT, why=why), at)


# ---- the form


def test_a_form_in_time_is_received() -> None:
    life = submitted()

    (entry,) = life.entries
    assert (life.stage, told(entry)) == ("submitted", ["applicant: ApplicationReceived"])
    assert (life.case.person, life.case.round, life.case.cohort) == ("person of application-1", ROUND, "2027")


@pytest.mark.parametrize(("at", "stage"), [(CLOSE - TICK, "submitted"), (CLOSE, "submitted"), (CLOSE + TICK, "late")])
def test_a_form_at_the_very_close_is_in_time(at: datetime, stage: str) -> None:
    assert submitted(at).stage == stage


def test_a_form_that_is_late_is_told_so_and_that_is_the_end() -> None:
    life = submitted(CLOSE + MINUTE)

    assert (life.case.is_final, told(life.entries[0])) == (True, ["applicant: ApplicationLate"])


def test_a_form_that_was_sent_in_time_and_heard_late_is_in_time() -> None:
    life = Life("application-1")

    life.tell(a_submission(), CLOSE - MINUTE, heard_at=CLOSE + HOUR)

    assert life.stage == "submitted"
    assert life.case.timers["submitted.applications_close"].rings_at == CLOSE + GRACE


def test_an_edit_before_the_close_counts() -> None:
    life = submitted()

    edited = life.tell(a_submission(answers="other", can_attend=False), CLOSE - HOUR)

    assert told(edited) == ["applicant: ApplicationEdited"]
    assert (life.subject.answers, life.subject.can_attend, life.subject.edits) == ("other", False, 1)


def test_the_same_form_sent_twice_is_told_nothing_new() -> None:
    life = submitted()

    again = life.tell(a_submission(), CLOSE - HOUR)

    assert (verdict(again), told(again), life.subject.edits) == (("applied", ""), [], 0)


def test_an_edit_that_is_heard_after_a_later_one_changes_nothing() -> None:
    life = submitted()
    life.tell(a_submission(answers="second"), CLOSE - HOUR)

    overtaken = life.tell(a_submission(answers="first"), CLOSE - 2 * HOUR)

    assert (told(overtaken), life.subject.answers) == ([], "second")


def test_an_edit_after_the_close_is_told_that_it_does_not_count() -> None:
    life = submitted()
    late = life.tell(a_submission(answers="late"), CLOSE + MINUTE)

    rung = life.ring("submitted.applications_close")

    assert verdict(late)[0] == "parked"
    assert (life.stage, told(rung), life.subject.answers) == ("eligible", ["applicant: EditTooLate"], "digest")


def test_an_edit_in_time_that_is_heard_too_late_is_shown_to_staff() -> None:
    life = eligible()

    heard = life.tell(a_submission(answers="in time"), CLOSE - MINUTE, heard_at=CLOSE + DAY)

    assert (told(heard), life.subject.answers) == (["operator: EditHeardLate"], "digest")


def test_a_moved_close_keeps_the_form_open() -> None:
    life = submitted()
    life.tell(CalendarMoved(calendar=moved(2, applications_close=CLOSE + 7 * DAY)), CLOSE - HOUR)

    edited = life.tell(a_submission(answers="later"), CLOSE + DAY)

    assert told(edited) == ["applicant: ApplicationEdited"]


def test_an_older_calendar_is_ignored() -> None:
    life = submitted()
    life.tell(CalendarMoved(calendar=moved(3, applications_close=CLOSE + 7 * DAY)), CLOSE - HOUR)

    life.tell(CalendarMoved(calendar=moved(2, applications_close=CLOSE + DAY)), CLOSE - HOUR)
    life.tell(CalendarMoved(calendar=moved(3, applications_close=CLOSE + 2 * DAY)), CLOSE - HOUR)

    assert life.case.timers["submitted.applications_close"].due == CLOSE + 7 * DAY


# ---- eligibility


def test_whoever_meets_the_rules_is_eligible_at_the_close() -> None:
    life = eligible()

    assert (life.stage, life.subject.failed_rules, life.case.arrived_at) == ("eligible", (), CLOSE)


def test_whoever_does_not_is_only_proposed_and_a_human_is_asked() -> None:
    life = ineligible_proposed()

    (task,) = life.case.tasks
    assert (life.stage, life.subject.failed_rules) == ("ineligible_proposed", ("enrolled@1",))
    assert (task.question, task.needs) == ("Is this applicant really not eligible?", ("operator",))
    assert told(life.entries[-1]) == []


def test_a_human_who_confirms_ends_the_application_with_the_reasons() -> None:
    life = ineligible_proposed()

    ruled = life.answer(yes=True, at=CLOSE + DAY, by=OPERATOR)

    assert (life.stage, life.case.is_final) == ("ineligible", True)
    assert [effect.data for effect in ruled.effects] == [{"failed_rules": ["enrolled@1"]}]


def test_a_human_who_overrides_makes_eligible_and_forgets_the_reasons() -> None:
    life = ineligible_proposed()

    ruled = life.answer(yes=False, at=CLOSE + DAY, by=OPERATOR)

    assert (life.stage, life.subject.failed_rules, told(ruled)) == ("eligible", (), [])


def test_an_unanswered_ruling_is_escalated_after_two_working_days() -> None:
    life = ineligible_proposed()

    overdue = life.ring()

    assert overdue.heard_at == CLOSE + 4 * DAY
    assert told(overdue) == ["lead: QuestionOverdue"]


def test_an_edit_after_the_close_does_not_change_what_is_ruled_on() -> None:
    life = ineligible_proposed()
    before = life.case.tasks

    life.tell(a_submission(is_enrolled=True), CLOSE + HOUR)

    assert life.case.tasks == before


# ---- scores and results


def test_a_score_is_kept_and_a_corrected_one_replaces_it() -> None:
    life = eligible()

    life.tell(ScoreRecorded(score=70), CLOSE + DAY)
    life.tell(ScoreRecorded(score=80), CLOSE + 2 * DAY)

    assert life.subject.score == 80


def test_a_score_that_comes_before_the_close_waits_for_it() -> None:
    life = submitted()
    life.tell(ScoreRecorded(score=70), CLOSE - HOUR)

    life.ring("submitted.applications_close")

    assert (life.stage, life.subject.score) == ("eligible", 70)


def test_whoever_is_ranked_behind_the_waitlist_is_not_selected() -> None:
    life = eligible()

    ended = life.tell(NotSelected(rank=9), RESULTS)

    assert (life.stage, life.subject.rank, told(ended)) == ("not_selected", 9, ["applicant: NoSeat"])


def test_results_that_do_not_come_are_told_to_staff_and_then_end() -> None:
    life = eligible()

    overdue = life.ring()
    ended = life.ring()

    assert (overdue.heard_at, told(overdue)) == (RESULTS + 3 * DAY, ["operator: ResultsOverdue"])
    assert (life.stage, ended.message.at, told(ended)) == ("not_selected", ENDS, ["applicant: NoSeat"])


def test_a_place_on_the_waitlist_is_told_with_its_position() -> None:
    life = waitlisted()

    (waits,) = life.entries[-1].effects[:1]
    assert (life.stage, life.subject.rank, life.subject.position) == ("waitlisted", 3, 1)
    assert (waits.type, waits.data["position"]) == ("Waitlisted", 1)


def test_a_freed_seat_promotes_from_the_waitlist() -> None:
    life = waitlisted()

    promoted = life.tell(OfferMade(rank=3), RESULTS + 3 * DAY)

    assert (life.stage, told(promoted)) == ("offered", ["applicant: SeatOffered"])
    assert life.subject.answer_by == RESULTS + 5 * DAY


def test_a_waitlist_that_closes_ends_the_wait() -> None:
    life = waitlisted()

    closed = life.tell(WaitlistClosed(), ENDS)

    assert (life.stage, told(closed)) == ("not_selected", ["applicant: WaitlistEnded"])


def test_a_place_that_arrives_after_the_offer_changes_nothing() -> None:
    life = offered(rank=3)

    overtaken = life.tell(WaitlistPlaced(rank=3, position=1), RESULTS + DAY)

    assert (verdict(overtaken), life.stage) == (("ignored", "not_answered_here: offered"), "offered")


# ---- the offer


def test_an_offer_is_open_as_long_as_the_cohort_says_with_two_reminders() -> None:
    life = offered()

    rung = [life.ring() for _ in range(2)]

    assert told(life.entries[2]) == ["applicant: SeatOffered"]
    assert life.subject.answer_by == DUE
    assert [(entry.heard_at, told(entry)) for entry in rung] == [
        (DUE - 24 * HOUR, ["applicant: OfferExpiring"]),
        (DUE - 2 * HOUR, ["applicant: OfferExpiring"]),
    ]


@pytest.mark.parametrize(("hours", "reminders"), [(2, 0), (3, 1), (24, 1), (25, 2)])
def test_a_short_offer_does_without_reminders_that_would_come_at_once(hours: int, reminders: int) -> None:
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

    assert (verdict(again), sent(again)) == (("ignored", "not_answered_here: accepted"), [])


def test_a_decline_after_the_acceptance_changes_nothing() -> None:
    life = accepted()

    verdict_of_decline = verdict(life.tell(OfferDeclined(), RESULTS + 2 * HOUR))

    assert (verdict_of_decline[0], life.stage) == ("ignored", "accepted")


# ---- given in time, heard late


def test_an_acceptance_given_in_time_but_heard_late_is_shown_to_staff() -> None:
    life = claim_proposed()

    (task,) = life.case.tasks
    assert (life.stage, task.needs) == ("claim_proposed", ("operator",))


def test_a_granted_claim_waits_for_the_next_free_seat_and_takes_it_at_once() -> None:
    life = claiming()
    claimed = life.entries[-1]

    taken = life.tell(OfferMade(rank=0), DUE + DAY)

    assert [effect.data for effect in claimed.effects if effect.kind == "event"] == [
        {"application": "application-1", "returns": 1}
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


def test_the_window_for_claims_ends() -> None:
    life = lapsed()
    life.ring()

    too_late = life.tell(OfferAccepted(), DUE - MINUTE, heard_at=DUE + 8 * DAY)

    assert (life.stage, verdict(too_late)) == ("expired", ("ignored", "not_answered_here: expired"))


# ---- leaving


STAGES: dict[str, Callable[[], Life]] = {
    "submitted": submitted,
    "ineligible_proposed": ineligible_proposed,
    "eligible": eligible,
    "waitlisted": waitlisted,
    "offered": offered,
    "lapsed": lapsed,
    "claim_proposed": claim_proposed,
    "claiming": claiming,
}


@pytest.mark.parametrize("stage", STAGES)
def test_whoever_has_no_seat_yet_can_withdraw_from_every_stage(stage: str) -> None:
    life = STAGES[stage]()
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


# ---- every stage answers an offer

CANNOT_TAKE: dict[str, Callable[[], Life]] = {
    "late": lambda: submitted(CLOSE + DAY),
    "submitted": submitted,
    "ineligible_proposed": ineligible_proposed,
    "not_selected": lambda: _then(eligible(), NotSelected(rank=9)),
    "offered": offered,
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


# ---- where several cases talk


@pytest.fixture
def office(embedded: Embedded) -> Office:
    return Office(embedded)


def test_two_seats_four_places_and_everybody_answers(office: Office) -> None:
    cases = office.recruit(5)
    before = stages(office, cases)

    office.accept(cases[0])
    office.tell(cases[1], OfferDeclined(), by=applicant(office.case(cases[1])))
    promoted = stages(office, cases)
    office.accept(cases[2])
    office.until(ENDS + DAY)

    assert before == ["offered", "offered", "waitlisted", "waitlisted", "not_selected"]
    assert promoted == ["accepted", "declined", "offered", "waitlisted", "not_selected"]
    assert stages(office, cases) == ["enrolled", "declined", "enrolled", "not_selected", "not_selected"]
    assert office.case(ROUND).data["taken"] == [cases[0], cases[2]]


def test_an_offer_that_nobody_answers_is_handed_on_and_a_late_heard_acceptance_gets_the_next_seat(
    office: Office,
) -> None:
    cases = office.recruit(4)
    office.accept(cases[1])
    held_up = office.message(cases[0], OfferAccepted(), by=applicant(office.case(cases[0])))
    office.until(DUE + HOUR)
    lapsed_by_then = stages(office, cases)

    office.ports.publisher.publish([held_up], [])
    office.settle()
    office.answer(cases[0], yes=True)
    claimed = (stages(office, cases), office.case(ROUND).data["claims"])
    office.withdraw(cases[2])

    assert lapsed_by_then == ["lapsed", "accepted", "offered", "waitlisted"]
    assert claimed == (["claiming", "accepted", "offered", "waitlisted"], [cases[0]])
    assert stages(office, cases) == ["accepted", "accepted", "withdrawn", "waitlisted"]


def test_a_seat_given_up_by_a_learner_before_the_end_of_promotion_goes_to_the_waitlist(office: Office) -> None:
    cases = office.recruit(3)
    for case in cases[:2]:
        office.accept(case)

    office.withdraw(cases[0])

    assert stages(office, cases) == ["vacated", "accepted", "offered"]
    assert office.stage(office.enrolment_of(cases[0])) == "withdrawn"


def test_letters_of_a_decision_are_held_and_receipts_leave(office: Office) -> None:
    (case,) = office.recruit(1)
    office.accept(case)

    assert {letter.notice: letter.state.value for letter in office.letters(case)} == {
        "ApplicationReceived": "released",
        "SeatOffered": "held",
        "AcceptanceReceived": "released",
        "OnboardingStarted": "released",
    }
