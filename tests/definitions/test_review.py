"""One reviewer's reading of one application: without a conflict of interest, complete, in time."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.events import Event
from schemas.events.engine import CalendarMoved
from schemas.events.review import (
    ConflictDeclared,
    NoConflictStated,
    ReviewAssigned,
    ReviewDeclined,
    ReviewReopened,
    ReviewSubmitted,
)
from schemas.ids import CaseId
from schemas.messages import Actor, Entry
from schemas.selection import Criterion
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TICK, kst, moved
from tests.support.life import Life, sent, staff, told, verdict

BEGINS = kst("2027-03-22 10:00")
DUE = BEGINS + 4 * DAY
KIM, LEE, OPERATOR = staff("reviewer", "kim"), staff("reviewer", "lee"), staff("operator", "park")
RUBRIC = (
    Criterion(id="fit", name_ko="적합성", name_en="fit", weight=3, points_max=5),
    Criterion(id="plan", name_ko="계획", name_en="plan", weight=1, points_max=10),
)
ASSIGNED = ReviewAssigned(
    application=CaseId("application-1"),
    round=CaseId("round-1"),
    cohort="2027",
    reviewer="kim",
    rubric=RUBRIC,
    due_at=DUE,
    calendar=CALENDAR,
)
POINTS = {"fit": 4.0, "plan": 5.0}
"""Weighted: 3/4 of 80 and 1/4 of 50."""


@pytest.fixture
def life() -> Life:
    """A review that was just assigned to Kim."""
    life = Life("review-1")
    life.tell(ASSIGNED, BEGINS, by=OPERATOR)
    return life


@pytest.fixture
def reading(life: Life) -> Life:
    """A review by Kim, who has no conflict of interest."""
    life.tell(NoConflictStated(), BEGINS + HOUR, by=KIM)
    return life


@pytest.fixture
def submitted(reading: Life) -> Life:
    """A review that Kim has given."""
    submit(reading)
    return reading


def submit(life: Life, points: dict[str, Any] | None = None, *, by: Actor = KIM, after: timedelta = 2 * HOUR) -> Entry:
    return life.tell(ReviewSubmitted(points=POINTS if points is None else points), BEGINS + after, by=by)


# ---- before anything is shown


def test_a_reviewer_is_asked_and_told_until_when() -> None:
    life = Life("review-1")

    asked = life.tell(ASSIGNED, BEGINS, by=OPERATOR)

    assert (life.stage, told(asked)) == ("assigned", ["reviewer: ReviewAsked"])
    assert asked.effects[0].data == {"due_at": ASSIGNED.model_dump(mode="json")["due_at"]}
    assert (life.case.cohort, life.case.round, life.case.person) == ("2027", "round-1", "")


def test_nothing_is_read_before_the_reviewer_states_to_have_no_conflict(life: Life) -> None:
    too_soon = submit(life, after=HOUR)

    life.tell(NoConflictStated(), BEGINS + 2 * HOUR, by=KIM)

    assert verdict(too_soon) == ("parked", "not_answered_here: assigned")
    assert life.stage == "submitted"


@pytest.mark.parametrize("stage", ["assigned", "reading", "submitted"])
def test_a_conflict_that_is_declared_ends_the_review_whenever_it_is_noticed(life: Life, stage: str) -> None:
    if stage != "assigned":
        life.tell(NoConflictStated(), BEGINS + HOUR, by=KIM)
    if stage == "submitted":
        submit(life)
    before = life.stage

    declared = life.tell(ConflictDeclared(why="same_lab"), BEGINS + 3 * HOUR, by=KIM)

    assert (before, life.stage, life.case.is_final) == (stage, "conflicted", True)
    assert (sent(declared), told(declared)) == (["ConflictFound to application-1"], ["operator: ReviewerNeeded"])
    assert declared.effects[0].data == {"conflicts": {"kim": "same_lab"}}
    assert (life.subject.why, life.subject.score, life.case.timers) == ("same_lab", None, {})


@pytest.mark.parametrize("stage", ["assigned", "reading"])
def test_a_reviewer_who_declines_is_replaced(life: Life, stage: str) -> None:
    if stage == "reading":
        life.tell(NoConflictStated(), BEGINS + HOUR, by=KIM)

    declined = life.tell(ReviewDeclined(), BEGINS + 2 * HOUR, by=KIM)

    assert (life.stage, life.case.is_final) == ("declined", True)
    assert (sent(declined), told(declined)) == ([], ["operator: ReviewerNeeded"])


@pytest.mark.parametrize("event", [NoConflictStated(), ConflictDeclared(why="other"), ReviewDeclined()])
@pytest.mark.parametrize("by", [LEE, OPERATOR, Actor(kind="case", id="application-1")])
def test_nobody_else_states_declares_or_declines_for_the_reviewer(life: Life, event: Event, by: Actor) -> None:
    before = life.case

    heard = life.tell(event, BEGINS + HOUR, by=by)

    assert (verdict(heard), heard.effects) == (("applied", ""), ())
    assert (life.stage, life.case.subject, life.case.timers) == ("assigned", before.subject, before.timers)


# ---- scores


def test_the_weighted_points_make_a_score_of_100_which_the_application_hears(reading: Life) -> None:
    given = submit(reading)

    assert (reading.stage, reading.subject.points, reading.subject.score) == ("submitted", POINTS, 72.5)
    assert sent(given) == ["ReviewGiven to application-1"]
    assert given.effects[0].data == {"reviewer": "kim", "score": 72.5, "given": 1}


@pytest.mark.parametrize(
    ("points", "score"),
    [
        ({"fit": 0, "plan": 0}, 0),
        ({"fit": 5, "plan": 10}, 100),
        ({"fit": 5, "plan": 0}, 75),
        ({"fit": 1, "plan": 1}, 17.5),
    ],
)
def test_the_ends_of_every_range_count(reading: Life, points: dict[str, float], score: float) -> None:
    submit(reading, points)

    assert (reading.stage, reading.subject.score) == ("submitted", score)


@pytest.mark.parametrize(
    "points",
    [
        {},
        {"fit": 4},
        {"fit": 4, "plan": 5, "looks": 1},
        {"fit": 5.1, "plan": 5},
        {"fit": 4, "plan": -0.1},
        {"fit": float("nan"), "plan": 5},
        {"fit": float("inf"), "plan": 5},
    ],
)
def test_points_that_do_not_fit_the_rubric_are_not_taken(reading: Life, points: dict[str, float]) -> None:
    submit(reading, points)

    assert (reading.stage, reading.subject.points, reading.subject.score) == ("reading", {}, None)


@pytest.mark.parametrize("by", [LEE, OPERATOR])
def test_nobody_else_scores_in_the_reviewer_s_name(reading: Life, by: Actor) -> None:
    submit(reading, by=by)

    assert (reading.stage, reading.subject.score) == ("reading", None)


def test_a_review_that_was_given_is_changed_only_after_the_office_reopened_it(submitted: Life) -> None:
    kept = submit(submitted, {"fit": 0, "plan": 0}, after=3 * HOUR)
    score_kept = submitted.subject.score

    submitted.tell(ReviewReopened(reason="a slip"), BEGINS + 4 * HOUR, by=OPERATOR)

    assert (verdict(kept), score_kept) == (("parked", "not_answered_here: submitted"), 72.5)
    assert (submitted.stage, submitted.subject.score) == ("submitted", 0)
    assert sent(submitted.entries[-1]) == ["ReviewGiven to application-1"]


def test_a_reopened_review_has_two_days_if_it_was_due_sooner(submitted: Life) -> None:
    early, late = submitted, Life("review-2")
    late.tell(ASSIGNED, BEGINS, by=OPERATOR)
    late.tell(NoConflictStated(), BEGINS + HOUR, by=KIM)
    submit(late)

    early.tell(ReviewReopened(reason="a slip"), BEGINS + DAY, by=OPERATOR)
    late.tell(ReviewReopened(reason="a slip"), DUE + DAY, by=OPERATOR)

    assert (early.stage, early.case.timers["reading.review_due"].due) == ("reading", DUE)
    assert (late.stage, late.case.timers["reading.review_due"].due) == ("reading", DUE + 3 * DAY)


# ---- time


@pytest.mark.parametrize("stage", ["assigned", "reading"])
def test_a_reviewer_is_reminded_twice_and_replaced_when_the_review_is_overdue(life: Life, stage: str) -> None:
    if stage == "reading":
        life.tell(NoConflictStated(), BEGINS + HOUR, by=KIM)

    rung = [life.ring() for _ in range(3)]

    assert [told(entry) for entry in rung] == [
        ["reviewer: ReviewDue"],
        ["reviewer: ReviewDue"],
        ["operator: ReviewerNeeded"],
    ]
    assert [entry.heard_at for entry in rung] == [DUE - 2 * DAY, DUE - 12 * HOUR, DUE + GRACE]
    assert (life.stage, life.case.is_final) == ("overdue", True)


def test_a_review_given_at_the_very_end_counts_and_one_after_it_does_not(reading: Life) -> None:
    late = Life("review-2")
    late.tell(ASSIGNED, BEGINS, by=OPERATOR)
    late.tell(NoConflictStated(), BEGINS + HOUR, by=KIM)

    reading.tell(ReviewSubmitted(points=POINTS), DUE, heard_at=DUE + 10 * MINUTE, by=KIM)
    late.tell(ReviewSubmitted(points=POINTS), DUE + TICK, heard_at=DUE + 10 * MINUTE, by=KIM)
    late.ring("reading.review_due")

    assert (reading.stage, late.stage) == ("submitted", "overdue")
    assert late.subject.score is None


def test_a_review_is_closed_as_the_results_come_out_and_can_be_reopened_no_more(submitted: Life) -> None:
    submitted.ring()

    reopened = submitted.tell(ReviewReopened(reason="a slip"), CALENDAR.results_at + HOUR, by=OPERATOR)

    assert (submitted.stage, submitted.case.is_final, submitted.subject.score) == ("closed", True, 72.5)
    assert verdict(reopened) == ("ignored", "not_answered_here: closed")


def test_moved_results_move_the_end_of_a_review(submitted: Life) -> None:
    later = CALENDAR.results_at + 7 * DAY

    submitted.tell(CalendarMoved(calendar=moved(2, results_at=later)), BEGINS + DAY, by=OPERATOR)

    assert submitted.case.timers["submitted.results_at"].due == later


def test_every_way_through_a_review_folds(submitted: Life) -> None:
    submitted.tell(ReviewReopened(reason="a slip"), BEGINS + 3 * HOUR, by=OPERATOR)
    submit(submitted, {"fit": 1, "plan": 1}, after=4 * HOUR)
    submitted.ring()

    assert submitted.stage == "closed"
    assert submitted.fold() == submitted.case
