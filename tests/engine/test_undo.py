"""An answer that may be taken back: it takes effect when that time is over, and nothing leaves before."""

from datetime import timedelta

import pytest

from schemas.events.appeal import AppealWithdrawn
from schemas.events.engine import AnswerTakenBack, QuestionAnswered
from schemas.messages import Actor, Entry
from tests.definitions.test_appeal import APPEAL, APPLICANT, FILED
from tests.support.cohort import HOUR, MINUTE
from tests.support.life import Life
from workflows.engine.history import notices_of

KIM = Actor(kind="staff", id="kim", role="operator")
LEE = Actor(kind="staff", id="lee", role="operator")
KEY = "filed.0.undo"


@pytest.fixture
def life() -> Life:
    """An appeal whose admissibility is in question."""
    life = Life("appeal-1")
    life.tell(APPEAL, FILED, by=APPLICANT)
    return life


def say(life: Life, *, yes: bool, by: Actor, after: timedelta = HOUR, minutes: int = 10) -> Entry:
    (task,) = life.case.tasks
    answered = QuestionAnswered(task=task.id, answer=yes, reason="in the vault", undo_minutes=minutes)
    return life.tell(answered, FILED + after, by=by)


def test_an_answer_takes_effect_when_its_time_is_over_and_nothing_leaves_before(life: Life) -> None:
    held = say(life, yes=False, by=KIM)
    before = (life.stage, life.case.timers[KEY].due)

    rung = life.ring(KEY)

    assert (held.verdict, [effect.kind for effect in held.effects]) == ("applied", ["timer"])
    assert before == ("filed", FILED + HOUR + 10 * MINUTE)
    assert (rung.verdict, life.stage) == ("applied", "inadmissible")
    assert [notice.type for notice in notices_of(rung, life.case)] == ["AppealInadmissible"]
    assert life.case.tasks == ()


def test_whoever_gave_it_takes_it_back_and_the_question_is_open_as_before(life: Life) -> None:
    (asked,) = life.case.tasks
    say(life, yes=False, by=KIM)

    back = life.tell(AnswerTakenBack(task=asked.id), FILED + HOUR + MINUTE, by=KIM)

    assert (back.verdict, life.stage, life.case.tasks) == ("applied", "filed", (asked,))
    assert KEY not in life.case.timers
    assert say(life, yes=True, by=LEE, after=2 * HOUR, minutes=0).verdict == "applied"
    assert life.stage == "under_review"


def test_nobody_else_takes_it_back_and_nobody_answers_meanwhile(life: Life) -> None:
    (asked,) = life.case.tasks
    say(life, yes=False, by=KIM)

    taken = life.tell(AnswerTakenBack(task=asked.id), FILED + HOUR + MINUTE, by=LEE)
    other = say(life, yes=True, by=LEE, after=HOUR + MINUTE)

    assert (taken.verdict, taken.reason) == ("rejected", "not_your_answer")
    assert (other.verdict, other.reason.partition(":")[0]) == ("rejected", "answered_already")
    life.ring(KEY)
    assert life.stage == "inadmissible"


def test_an_answer_that_has_taken_effect_is_not_taken_back(life: Life) -> None:
    (asked,) = life.case.tasks
    say(life, yes=False, by=KIM)
    life.ring(KEY)

    late = life.tell(AnswerTakenBack(task=asked.id), FILED + HOUR + MINUTE, by=KIM)

    assert (late.verdict, life.stage) == ("ignored", "inadmissible")


def test_four_eyes_hold_for_the_answer_that_took_effect(life: Life) -> None:
    say(life, yes=True, by=KIM)
    life.ring(KEY)

    (task,) = life.case.tasks

    assert (life.stage, "kim" in task.not_by) == ("under_review", True)


def test_a_case_that_goes_on_by_itself_forgets_the_held_answer(life: Life) -> None:
    say(life, yes=False, by=KIM)
    timer = life.case.timers[KEY]

    life.tell(AppealWithdrawn(), FILED + HOUR + MINUTE, by=APPLICANT)

    assert (life.stage, KEY in life.case.timers, timer.visit) == ("withdrawn", False, 1)


def test_the_history_folds_with_held_answers_in_it(life: Life) -> None:
    say(life, yes=True, by=KIM)
    life.ring(KEY)

    assert life.fold() == life.case
