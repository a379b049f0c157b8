"""An application, from the form to the results."""

from datetime import datetime

import pytest
from pydantic import ValidationError

from schemas.events.application import (
    ConflictFound,
    NotSelected,
    OfferMade,
    ReviewGiven,
    ScoreRecorded,
    WaitlistClosed,
    WaitlistPlaced,
)
from schemas.events.engine import CalendarMoved
from schemas.events.review import ConflictDeclared, ReviewSubmitted
from schemas.selection import RULES, Admission
from tests.support.applications import (
    CLOSE,
    ENDS,
    OPERATOR,
    RESULTS,
    eligible,
    ineligible,
    ineligible_proposed,
    not_selected,
    offered,
    said,
    submitted,
    waitlisted,
)
from tests.support.cohort import DAY, GRACE, HOUR, MINUTE, TICK, moved
from tests.support.life import Life, told, verdict
from tests.support.office import ROUND
from tests.support.submitted import a_submission

FORM_CLOSES = CLOSE + 10 * MINUTE


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


# ---- reviews


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
