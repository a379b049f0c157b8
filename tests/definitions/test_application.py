"""An application, from the form to a seat or a clear no."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from functions.embedded import Embedded
from schemas.events.application import (
    AppealUpheld,
    ApplicationWithdrew,
    ConflictFound,
    EnrolmentChecked,
    EnrolmentLeft,
    InterestDeferred,
    NotSelected,
    OfferAccepted,
    OfferDeclined,
    OfferExtended,
    OfferMade,
    ReviewGiven,
    RoundMerged,
    ScoreRecorded,
    SkipProposed,
    WaitlistClosed,
    WaitlistPlaced,
)
from schemas.events.engine import CalendarMoved
from schemas.events.review import ConflictDeclared, ReviewSubmitted
from schemas.ids import CaseId, name_of
from schemas.messages import Entry
from schemas.selection import RULES, Admission
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TERMS, TICK, moved
from tests.support.life import Life, sent, staff, told, verdict
from tests.support.office import ROUND, Office, applicant, stages
from tests.support.submitted import a_submission

CLOSE = CALENDAR.applications_close
FORM_CLOSES = CLOSE + 10 * MINUTE
RESULTS = CALENDAR.results_at
DUE = RESULTS + 48 * HOUR
ENDS = CALENDAR.promotion_ends
OPERATOR, LEE = staff("operator", "kim"), staff("operator", "lee")
APPEAL, NEXT = CaseId("appeal-1"), CaseId("round-2")
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


def ineligible() -> Life:
    life = ineligible_proposed()
    life.answer(yes=True, at=CLOSE + DAY, by=OPERATOR)
    return life


def eligible(**changed: Any) -> Life:
    life = submitted(**changed)
    life.ring()
    return life


def waitlisted(**changed: Any) -> Life:
    life = eligible(**changed)
    life.tell(WaitlistPlaced(rank=3, position=1), RESULTS)
    return life


def skip_proposed() -> Life:
    life = waitlisted()
    life.tell(SkipProposed(reason="vault-1"), RESULTS + HOUR, by=OPERATOR)
    return life


def skipped() -> Life:
    life = skip_proposed()
    life.answer(yes=True, at=RESULTS + DAY, by=LEE)
    return life


def not_selected() -> Life:
    life = eligible()
    life.tell(NotSelected(rank=9), RESULTS)
    return life


def offered(rank: int = 1, **changed: Any) -> Life:
    life = eligible(**changed)
    life.tell(OfferMade(rank=rank), RESULTS)
    return life


def lapsed(**changed: Any) -> Life:
    life = offered(**changed)
    life.ring("offered.answer_by")
    return life


def claim_proposed(**changed: Any) -> Life:
    life = lapsed(**changed)
    life.tell(OfferAccepted(), DUE - MINUTE, heard_at=DUE + HOUR)
    return life


def claiming(**changed: Any) -> Life:
    life = claim_proposed(**changed)
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


def said(moment: datetime) -> str:
    """An instant as notices and messages write it."""
    return moment.isoformat()


def left(life: Life, at: datetime, why: str = "no_show") -> Entry:
    return life.tell(EnrolmentLeft(enrolment=ENROLMENT, why=why), at)


# ---- the form


def test_a_form_in_time_is_received() -> None:
    life = submitted()

    (entry,) = life.entries
    assert (life.stage, told(entry)) == ("submitted", ["applicant: ApplicationReceived"])
    assert (life.case.person, life.case.round, life.case.cohort) == ("person of application-1", ROUND, "2027")


@pytest.mark.parametrize(
    ("at", "stage"),
    [
        (CLOSE, "submitted"),
        (CLOSE + TICK, "submitted"),
        (FORM_CLOSES - TICK, "submitted"),
        (FORM_CLOSES, "submitted"),
        (FORM_CLOSES + TICK, "late"),
    ],
)
def test_a_form_at_the_very_end_of_the_grace_after_the_close_is_in_time(at: datetime, stage: str) -> None:
    assert submitted(at).stage == stage


@pytest.mark.parametrize(("at", "stage"), [(CLOSE, "submitted"), (CLOSE + TICK, "late")])
def test_a_round_may_give_no_grace(at: datetime, stage: str) -> None:
    assert submitted(at, admission=Admission(grace_minutes=0)).stage == stage


def test_a_form_that_is_late_is_told_so_and_ends_when_seats_are_handed_on_no_more() -> None:
    life = submitted(FORM_CLOSES + MINUTE)
    before = (life.stage, life.case.is_final)

    ended = life.ring()

    assert (before, told(life.entries[0])) == (("late", False), ["applicant: ApplicationLate"])
    assert (life.stage, life.case.is_final, ended.message.at, told(ended)) == ("too_late", True, ENDS, [])


LATER_CLOSE = moved(2, applications_close=CLOSE + 5 * DAY)
LATER_FORM_CLOSES = FORM_CLOSES + 5 * DAY


@pytest.mark.parametrize("heard_first", [False, True], ids=["the form tells it", "the calendar tells it"])
@pytest.mark.parametrize(
    ("at", "stage", "told_"),
    [
        (CLOSE + 2 * DAY, "submitted", ["applicant: ApplicationReceived"]),
        (LATER_FORM_CLOSES, "submitted", ["applicant: ApplicationReceived"]),
        (LATER_FORM_CLOSES + TICK, "late", []),
    ],
)
def test_after_an_extension_whoever_was_late_can_apply_in_time(
    heard_first: bool,  # noqa: FBT001
    at: datetime,
    stage: str,
    told_: list[str],
) -> None:
    life = submitted(FORM_CLOSES + MINUTE, is_enrolled=False)
    if heard_first:
        life.tell(CalendarMoved(calendar=LATER_CLOSE), CLOSE + DAY)

    again = life.tell(a_submission(answers="again", calendar=LATER_CLOSE), at)

    assert (life.stage, told(again)) == (stage, told_)
    if stage == "submitted":
        assert (life.subject.calendar, life.subject.submitted_at) == (LATER_CLOSE, at)
        assert (life.subject.answers, life.subject.is_enrolled) == ("again", True)
        assert life.case.timers["submitted.form_closes"].due == LATER_FORM_CLOSES


def test_the_late_form_sent_again_without_an_extension_stays_late() -> None:
    life = submitted(FORM_CLOSES + MINUTE)

    again = life.tell(a_submission(answers="again"), FORM_CLOSES + HOUR)

    assert (life.stage, told(again), life.subject.answers) == ("late", [], "digest")


def test_a_form_in_time_that_is_heard_after_the_late_one_is_shown_to_staff() -> None:
    life = submitted(FORM_CLOSES + MINUTE)

    heard = life.tell(a_submission(answers="in time"), CLOSE - MINUTE, heard_at=CLOSE + DAY)

    assert (life.stage, told(heard)) == ("late", ["operator: EditHeardLate"])


def test_an_older_calendar_takes_nothing_back_from_an_extended_application() -> None:
    life = submitted(FORM_CLOSES + MINUTE)
    life.tell(CalendarMoved(calendar=LATER_CLOSE), CLOSE + DAY)

    life.tell(a_submission(answers="again"), CLOSE + DAY)

    assert (life.stage, life.subject.calendar) == ("submitted", LATER_CLOSE)


def test_a_form_that_was_sent_in_time_and_heard_late_is_in_time() -> None:
    life = Life("application-1")

    life.tell(a_submission(), CLOSE - MINUTE, heard_at=CLOSE + HOUR)

    assert life.stage == "submitted"
    assert life.case.timers["submitted.form_closes"].rings_at == FORM_CLOSES + GRACE


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
    late = life.tell(a_submission(answers="late"), FORM_CLOSES + MINUTE)

    rung = life.ring("submitted.form_closes")

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

    assert life.case.timers["submitted.form_closes"].due == FORM_CLOSES + 7 * DAY


# ---- eligibility


def test_whoever_meets_the_rules_is_eligible_at_the_close() -> None:
    life = eligible()

    assert (life.stage, life.subject.failed_rules, life.case.arrived_at) == ("eligible", (), FORM_CLOSES)


def test_whoever_does_not_is_only_proposed_and_a_human_is_asked() -> None:
    life = ineligible_proposed()

    (task,) = life.case.tasks
    assert (life.stage, life.subject.failed_rules) == ("ineligible_proposed", ("enrolled@1",))
    assert (task.question, task.needs) == ("Is this applicant really not eligible?", ("operator",))
    assert told(life.entries[-1]) == []


def test_a_human_who_confirms_says_no_with_the_reasons_and_the_way_to_appeal() -> None:
    life = ineligible_proposed()

    ruled = life.answer(yes=True, at=CLOSE + DAY, by=OPERATOR)

    (notice, timer) = ruled.effects
    assert (life.stage, life.case.is_final, life.subject.failed_rules) == (
        "ineligible_appealable",
        False,
        ("enrolled@1",),
    )
    assert (notice.type, notice.targets, notice.data) == (
        "ApplicationIneligible",
        {"applicant": {}},
        {"reasons_ko": [RULES[0].reason_ko], "reasons_en": [RULES[0].reason_en], "appeal_by": said(CLOSE + 8 * DAY)},
    )
    assert timer.kind == "timer"


def test_a_no_that_nobody_appealed_against_is_final_when_seats_are_handed_on_no_more() -> None:
    life = ineligible()

    ended = life.ring()

    assert (life.stage, life.case.is_final, ended.message.at, told(ended)) == ("ineligible", True, ENDS, [])


@pytest.mark.parametrize("yes", [True, False])
def test_a_ruling_without_a_reason_is_refused(yes: bool) -> None:  # noqa: FBT001
    life = ineligible_proposed()

    refused = life.answer(yes=yes, at=CLOSE + DAY, by=OPERATOR, reason="")

    assert (verdict(refused), life.stage) == (("rejected", "needs_a_reason"), "ineligible_proposed")


def test_a_human_who_overrides_makes_eligible_and_forgets_the_reasons() -> None:
    life = ineligible_proposed()

    ruled = life.answer(yes=False, at=CLOSE + DAY, by=OPERATOR)

    assert (life.stage, life.subject.failed_rules, told(ruled)) == ("eligible", (), [])


def test_an_unanswered_ruling_is_escalated_after_two_working_days() -> None:
    life = ineligible_proposed()

    overdue = life.ring()

    assert overdue.heard_at == FORM_CLOSES + 4 * DAY
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

    assert life.subject.scores == {"review": 80}


def test_every_part_of_the_score_is_kept_on_its_own() -> None:
    life = eligible()

    life.tell(ScoreRecorded(score=70), CLOSE + DAY)
    life.tell(ScoreRecorded(score=80, component="test"), CLOSE + 2 * DAY)

    assert life.subject.scores == {"review": 70, "test": 80}


def test_a_score_that_comes_before_the_close_waits_for_it() -> None:
    life = submitted()
    life.tell(ScoreRecorded(score=70), CLOSE - HOUR)

    life.ring("submitted.form_closes")

    assert (life.stage, life.subject.scores) == ("eligible", {"review": 70})


def test_whoever_is_ranked_behind_the_waitlist_is_not_selected() -> None:
    life = eligible()

    told_so = life.tell(NotSelected(rank=9), RESULTS)

    assert (life.stage, life.subject.rank, told(told_so)) == ("not_selected_appealable", 9, ["applicant: NoSeat"])
    assert told_so.effects[0].data == {"appeal_by": said(RESULTS + 7 * DAY)}


def test_whoever_made_and_approved_the_list_has_decided_it() -> None:
    life = eligible()

    life.tell(NotSelected(rank=9, decided_by=("kim", "lee", "park")), RESULTS)

    assert (life.subject.decided_by, life.subject.decided_at) == (("kim", "lee", "park"), RESULTS)


def test_whoever_was_not_selected_can_appeal_until_seats_are_handed_on_no_more() -> None:
    life = not_selected()

    ended = life.ring()

    assert (life.stage, life.case.is_final, ended.message.at, told(ended)) == ("not_selected", True, ENDS, [])


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
    "too_late": lambda: _rung(submitted(CLOSE + DAY)),
    "skipped": skipped,
    "ineligible_appealable": ineligible,
    "ineligible": lambda: _rung(ineligible()),
    "not_selected_appealable": not_selected,
    "not_selected": lambda: _rung(not_selected()),
    "lapsed": lapsed,
    "claim_proposed": claim_proposed,
    "declined": lambda: _then(offered(), OfferDeclined()),
    "withdrawn": lambda: _then(eligible(), ApplicationWithdrew()),
    "vacated": lambda: _then(accepted(), EnrolmentLeft(enrolment=ENROLMENT, why="no_show")),
}


def _rung(life: Life) -> Life:
    life.ring()
    return life


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
    waiting = {**STAGES, "skip_proposed": skip_proposed}
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


@pytest.mark.parametrize("why", ["his aunt, who lives next door", "Family", ""])
def test_the_reasons_of_a_conflict_are_these_and_no_free_text(why: str) -> None:
    for known in ("supervisor", "family", "same_lab", "business", "other"):
        assert ConflictFound(conflicts={"choi": known}).conflicts == {"choi": known}
        assert ConflictDeclared(why=known).why == known
    for detected in ("declared_relation", "same_department", "same_employer"):
        assert ConflictFound(conflicts={"choi": detected}).conflicts == {"choi": detected}
        with pytest.raises(ValidationError):
            ConflictDeclared.model_validate({"why": detected})

    with pytest.raises(ValidationError):
        ConflictFound.model_validate({"conflicts": {"choi": why}})
    with pytest.raises(ValidationError):
        ConflictDeclared.model_validate({"why": why})


@pytest.mark.parametrize("criterion", ["the plan of Kim", "", "x" * 31])
def test_the_points_of_a_review_are_by_the_ids_of_criteria(criterion: str) -> None:
    with pytest.raises(ValidationError):
        ReviewSubmitted(points={criterion: 1})


# ---- the university's word


def test_the_universitys_no_before_the_close_fails_the_rule_at_the_close() -> None:
    life = submitted()
    life.tell(EnrolmentChecked(is_enrolled=False), CLOSE - HOUR)

    life.ring()

    assert (life.stage, life.subject.failed_rules) == ("ineligible_proposed", ("enrolled@1",))


@pytest.mark.parametrize(("confirmed", "stage"), [(False, "ineligible_proposed"), (True, "eligible")])
def test_what_the_university_said_counts_whatever_the_form_says_later(confirmed: bool, stage: str) -> None:  # noqa: FBT001
    life = submitted(is_enrolled=not confirmed)
    life.tell(EnrolmentChecked(is_enrolled=confirmed), CLOSE - 2 * HOUR, by=OPERATOR)

    life.tell(a_submission(is_enrolled=not confirmed, answers="edited"), CLOSE - HOUR)
    kept = (life.subject.is_enrolled, life.subject.confirmed, life.subject.checked_by, life.subject.answers)
    life.ring()

    assert kept == (confirmed, confirmed, OPERATOR.id, "edited")
    assert life.stage == stage


@pytest.mark.parametrize("somewhere", [submitted, eligible, waitlisted])
@pytest.mark.parametrize("yes", [True, False])
def test_whoever_brought_the_universitys_no_does_not_decide_on_it(somewhere: Callable[[], Life], yes: bool) -> None:  # noqa: FBT001
    life = somewhere()
    life.tell(EnrolmentChecked(is_enrolled=False), life.case.arrived_at + MINUTE, by=OPERATOR)
    if somewhere is submitted:
        life.ring()
    stage, (task,) = life.stage, life.case.tasks

    own = life.answer(yes=yes, at=RESULTS + DAY, by=OPERATOR)
    as_lead = life.answer(yes=yes, at=RESULTS + DAY, by=staff("lead", OPERATOR.id))
    still = life.stage
    anothers = life.answer(yes=yes, at=RESULTS + DAY, by=LEE)

    assert (task.not_by, verdict(own), verdict(as_lead)[0]) == (
        (OPERATOR.id,),
        ("rejected", "needs_another_person"),
        "rejected",
    )
    assert (still, verdict(anothers), life.stage == stage) == (stage, ("applied", ""), False)


def test_whoever_brought_the_universitys_yes_may_decide_on_another_rule() -> None:
    life = submitted(can_attend=False)
    life.tell(EnrolmentChecked(is_enrolled=True), CLOSE - HOUR, by=OPERATOR)
    life.ring()

    ruled = life.answer(yes=True, at=CLOSE + DAY, by=OPERATOR)

    assert (verdict(ruled), life.stage) == (("applied", ""), "ineligible_appealable")
    assert life.subject.decided_by == (OPERATOR.id,)


@pytest.mark.parametrize("somewhere", [eligible, waitlisted])
def test_the_universitys_yes_changes_nothing(somewhere: Callable[[], Life]) -> None:
    life = somewhere()
    before = (life.stage, life.subject)

    life.tell(EnrolmentChecked(is_enrolled=True), life.case.arrived_at + HOUR)

    assert (life.stage, life.subject) == before


def doubted(life: Life) -> Life:
    life.tell(EnrolmentChecked(is_enrolled=False), life.case.arrived_at + HOUR)
    return life


@pytest.mark.parametrize(("somewhere", "stage"), [(eligible, "ineligible_proposed"), (waitlisted, "waitlist_check")])
def test_the_universitys_no_before_the_offer_is_put_to_a_human(somewhere: Callable[[], Life], stage: str) -> None:
    life = doubted(somewhere())

    (task,) = life.case.tasks
    assert (life.stage, life.subject.failed_rules, life.subject.is_enrolled) == (
        stage,
        ("enrolled@1",),
        False,
    )
    assert (task.question, told(life.entries[-1]), sent(life.entries[-1])) == (
        "Is this applicant really not eligible?",
        [],
        [],
    )


@pytest.mark.parametrize("somewhere", [eligible, waitlisted])
def test_a_human_who_confirms_it_gives_back_the_place_in_the_order(somewhere: Callable[[], Life]) -> None:
    life = doubted(somewhere())

    ruled = life.answer(yes=True, at=RESULTS + DAY, by=OPERATOR)

    (event,) = [effect.data for effect in ruled.effects if effect.kind == "event"]
    assert (life.stage, told(ruled), sent(ruled)) == (
        "ineligible_appealable",
        ["applicant: ApplicationIneligible"],
        [f"SeatReturned to {ROUND}"],
    )
    assert event == {"application": "application-1", "why": "ineligible", "returns": 1}


@pytest.mark.parametrize(("somewhere", "stage"), [(eligible, "eligible"), (waitlisted, "waitlisted")])
def test_a_human_who_does_not_confirm_it_leaves_the_application_where_it_was(
    somewhere: Callable[[], Life], stage: str
) -> None:
    life = doubted(somewhere())

    ruled = life.answer(yes=False, at=RESULTS + DAY, by=OPERATOR)

    assert (life.stage, life.subject.failed_rules, life.subject.was_checked, sent(ruled)) == (stage, (), False, [])


@pytest.mark.parametrize(("yes", "stage"), [(True, "ineligible_appealable"), (False, "offered")])
def test_an_offer_that_arrives_while_it_is_doubted_is_taken_or_returned(yes: bool, stage: str) -> None:  # noqa: FBT001
    life = doubted(waitlisted())
    life.tell(OfferMade(rank=3), RESULTS + 2 * HOUR)

    ruled = life.answer(yes=yes, at=RESULTS + DAY, by=OPERATOR)

    assert (life.stage, set(sent(ruled))) == (stage, {f"SeatReturned to {ROUND}"} if yes else set())


def test_whoever_is_doubted_while_the_waitlist_is_merged_still_goes_over() -> None:
    life = doubted(waitlisted())
    life.tell(RoundMerged(round=NEXT, calendar=moved(2)), RESULTS + 2 * HOUR)

    ruled = life.answer(yes=False, at=RESULTS + DAY, by=OPERATOR)

    assert (life.stage, life.case.round, told(ruled)) == ("eligible", NEXT, ["applicant: WaitlistMoved"])


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


# ---- reviews


def test_a_review_is_kept_by_reviewer_and_a_corrected_one_replaces_it() -> None:
    life = eligible(admission=Admission(readers=2))

    for reviewer, score, given in (("choi", 60, 1), ("jung", 70, 1), ("choi", 65, 2)):
        life.tell(ReviewGiven(reviewer=reviewer, score=score, given=given), CLOSE + DAY)

    assert life.subject.reviews == {"choi": 65, "jung": 70}


def test_a_review_that_was_overtaken_by_its_correction_does_not_count() -> None:
    life = eligible(admission=Admission(readers=2))
    life.tell(ReviewGiven(reviewer="choi", score=65, given=2), CLOSE + DAY)

    overtaken = life.tell(ReviewGiven(reviewer="choi", score=5, given=1), CLOSE + DAY)

    assert (verdict(overtaken), life.subject.reviews) == (("applied", ""), {"choi": 65})


@pytest.mark.parametrize(("second", "asked"), [(85, []), (85.5, ["operator: ThirdReaderNeeded"])])
def test_two_reviews_that_lie_far_apart_ask_for_a_third_reader_once(second: float, asked: list[str]) -> None:
    life = eligible(admission=Admission(readers=2, spread_max=25))

    given = [
        life.tell(ReviewGiven(reviewer=name, score=score, given=given), CLOSE + DAY)
        for name, score, given in (("choi", 60, 1), ("jung", second, 1), ("park", 70, 1), ("park", 71, 2))
    ]

    assert [told(each) for each in given] == [[], asked, [], []]


def test_a_reviewer_with_a_conflict_is_kept_out_and_what_they_scored_is_let_go() -> None:
    life = eligible(admission=Admission(readers=2))
    life.tell(ReviewGiven(reviewer="choi", score=60, given=1), CLOSE + DAY)

    life.tell(ConflictFound(conflicts={"choi": "same_lab"}), CLOSE + DAY)
    life.tell(ReviewGiven(reviewer="choi", score=90, given=2), CLOSE + DAY)

    assert (life.subject.conflicts, life.subject.reviews) == ({"choi": "same_lab"}, {})


# ---- appeals


def test_an_appeal_upheld_before_the_results_brings_the_application_back_to_be_ranked() -> None:
    life = ineligible()

    upheld = life.tell(AppealUpheld(appeal=APPEAL), CLOSE + 2 * DAY)

    assert (life.stage, life.subject.failed_rules, sent(upheld)) == ("eligible", (), [f"ListOutdated to {ROUND}"])
    (outdated,) = [effect for effect in upheld.effects if effect.kind == "event"]
    assert (outdated.targets, outdated.data) == ({ROUND: {}}, {"application": "application-1"})
    assert told(upheld) == ["applicant: ApplicationRestored", "operator: RankingOutdated"]


@pytest.mark.parametrize("refused", [ineligible, not_selected, skipped])
def test_an_appeal_upheld_after_the_results_claims_the_next_free_seat(refused: Callable[[], Life]) -> None:
    life = refused()

    upheld = life.tell(AppealUpheld(appeal=APPEAL), RESULTS + DAY)

    assert (life.stage, told(upheld), sent(upheld)) == (
        "reinstated",
        ["applicant: ApplicationRestored"],
        [f"SeatClaimed to {ROUND}"],
    )
    assert life.case.tasks[0].needs == ("lead", "city")


def reinstated() -> Life:
    life = not_selected()
    life.tell(AppealUpheld(appeal=APPEAL), RESULTS + DAY)
    return life


def test_a_seat_over_capacity_needs_the_lead_and_the_city() -> None:
    life = reinstated()

    one = life.answer(yes=True, at=RESULTS + DAY, by=staff("lead"))
    with_one = (life.stage, sent(one))
    two = life.answer(yes=True, at=RESULTS + DAY, by=staff("city"))

    assert with_one == ("reinstated", [])
    assert (life.stage, sent(two)) == ("seat_granted", [f"SeatAdded to {ROUND}"])


@pytest.mark.parametrize("granted", [False, True])
def test_an_offer_that_the_round_made_before_it_heard_of_the_appeal_is_not_taken(granted: bool) -> None:  # noqa: FBT001
    life = reinstated()
    for role in ("lead", "city") if granted else ():
        life.answer(yes=True, at=RESULTS + DAY, by=staff(role))
    stage = life.stage

    crossed = life.tell(OfferMade(rank=9), RESULTS + 2 * DAY)
    before = (life.stage, sent(crossed), told(crossed))
    life.tell(OfferMade(rank=0), RESULTS + 2 * DAY)

    assert (before, life.stage) == ((stage, [], []), "offered")


def test_one_no_leaves_the_claim_on_the_next_free_seat() -> None:
    life = reinstated()

    no = life.answer(yes=False, at=RESULTS + DAY, by=staff("city"))
    life.tell(OfferMade(rank=0), RESULTS + 3 * DAY)

    assert (sent(no), life.stage, life.subject.rank) == ([], "offered", 9)


@pytest.mark.parametrize("answered", [None, True, False])
def test_an_upheld_appeal_that_no_seat_came_free_for_ends_with_the_waitlist(answered: bool | None) -> None:  # noqa: FBT001
    life = reinstated()
    for role in ("lead", "city") if answered else ("lead",) if answered is False else ():
        life.answer(yes=bool(answered), at=RESULTS + DAY, by=staff(role))

    closed = life.tell(WaitlistClosed(), ENDS)

    assert (life.stage, told(closed)) == ("not_selected", ["applicant: WaitlistEnded"])


@pytest.mark.parametrize("end", [lambda: _rung(ineligible()), lambda: _rung(not_selected()), lambda: _rung(skipped())])
def test_an_appeal_upheld_after_the_end_is_shown_to_staff(end: Callable[[], Life]) -> None:
    life = end()
    stage = life.stage

    late = life.tell(AppealUpheld(appeal=APPEAL), ENDS + DAY)

    assert (life.stage, told(late)) == (stage, ["operator: AppealHeardLate"])


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

    assert before == ["offered", "offered", "waitlisted", "waitlisted", "not_selected_appealable"]
    assert promoted == ["accepted", "declined", "offered", "waitlisted", "not_selected_appealable"]
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
    assert claimed == (
        ["claiming", "accepted", "offered", "waitlisted"],
        {cases[0]: {"university": "전남대학교"}},
    )
    assert stages(office, cases) == ["accepted", "accepted", "withdrawn", "waitlisted"]


def test_a_seat_given_up_by_a_learner_before_the_end_of_promotion_goes_to_the_waitlist(office: Office) -> None:
    cases = office.recruit(3)
    for case in cases[:2]:
        office.accept(case)

    office.withdraw(cases[0])

    assert stages(office, cases) == ["vacated", "accepted", "offered"]
    assert office.stage(office.enrolment_of(cases[0])) == "withdrawn"


def test_letters_of_a_decision_are_held_and_receipts_and_results_leave(office: Office) -> None:
    (case,) = office.recruit(1)
    refused = office.hand_in(2)
    office.accept(case)

    assert {letter.notice: letter.state.value for letter in office.letters(case)} == {
        "ApplicationReceived": "released",
        "SeatOffered": "released",
        "AcceptanceReceived": "released",
        "OnboardingStarted": "released",
    }
    assert {letter.notice: letter.state.value for letter in office.letters(refused)} == {"ApplicationLate": "held"}


def test_an_upheld_appeal_is_granted_a_seat_over_capacity_and_giving_it_up_makes_it_vanish(office: Office) -> None:
    cases = office.recruit(5)
    for case in cases[:2]:
        office.accept(case)
    office.tell(cases[4], AppealUpheld(appeal=APPEAL))
    claimed = office.case(ROUND).data["claims"]
    for role in ("lead", "city"):
        office.answer(cases[4], yes=True, by=staff(role))
    granted = (stages(office, cases), office.case(ROUND).data["extra"], office.case(ROUND).data["claims"])
    office.accept(cases[4])
    taken = office.case(ROUND).data["taken"]

    office.withdraw(cases[4])

    assert list(claimed) == [cases[4]]
    assert granted == (["accepted", "accepted", "waitlisted", "waitlisted", "offered"], [cases[4]], {})
    assert taken == [cases[0], cases[1], cases[4]]
    assert stages(office, cases) == ["accepted", "accepted", "waitlisted", "waitlisted", "vacated"]
    assert (office.case(ROUND).data["taken"], office.case(ROUND).data["extra"]) == (cases[:2], [])


def test_an_upheld_appeal_gets_a_seat_that_comes_free_before_anybody_who_waits(office: Office) -> None:
    cases = office.recruit(5)
    office.tell(cases[4], AppealUpheld(appeal=APPEAL))

    office.tell(cases[0], OfferDeclined(), by=applicant(office.case(cases[0])))

    assert stages(office, cases) == ["declined", "offered", "waitlisted", "waitlisted", "offered"]
    assert (office.case(cases[4]).tasks, office.case(ROUND).data["extra"]) == ((), [])


def test_whoever_the_university_does_not_confirm_on_the_waitlist_makes_room_for_the_next(office: Office) -> None:
    cases = office.recruit(4)
    office.tell(cases[2], EnrolmentChecked(is_enrolled=False), by=OPERATOR)
    office.tell(cases[0], OfferDeclined(), by=applicant(office.case(cases[0])))
    while_doubted = stages(office, cases)

    office.answer(cases[2], yes=True, by=LEE)

    assert while_doubted == ["declined", "offered", "waitlist_check", "waitlisted"]
    assert stages(office, cases) == ["declined", "offered", "ineligible_appealable", "offered"]


def test_whoever_is_passed_over_makes_room_for_the_next(office: Office) -> None:
    cases = office.recruit(4)
    office.tell(cases[2], SkipProposed(reason="vault-1"), by=OPERATOR)
    office.tell(cases[0], OfferDeclined(), by=applicant(office.case(cases[0])))

    office.answer(cases[2], yes=True, by=LEE)

    assert stages(office, cases) == ["declined", "offered", "skipped", "offered"]
    assert list(office.case(ROUND).data["offers"]) == [cases[1], cases[3]]
