"""Answers given for somebody else: both count as one person, and the history names both."""

import json
from datetime import timedelta

import pytest

from schemas.events.engine import AnswerTakenBack, QuestionAnswered
from schemas.messages import Actor, Entry
from tests.definitions.test_appeal import APPEAL, APPLICANT, FILED
from tests.support.cohort import HOUR
from tests.support.errand import GOES_ON, START, begun, question
from tests.support.life import Life

KIM = Actor(kind="staff", id="kim", role="operator")
LEE = Actor(kind="staff", id="lee", role="operator")
LEE_FOR_KIM = Actor(kind="staff", id="lee", role="operator", on_behalf_of="kim")
PARK = Actor(kind="staff", id="park", role="operator")
PARK_FOR_KIM = Actor(kind="staff", id="park", role="operator", on_behalf_of="kim")


def test_the_history_says_who_acted_and_for_whom_and_else_is_written_as_ever() -> None:
    for_kim, own = (begun(question(), GOES_ON) for _ in range(2))

    for_kim.answer(yes=True, at=START + HOUR, by=LEE_FOR_KIM)
    own.answer(yes=True, at=START + HOUR, by=LEE)

    said = [json.loads(life.texts[-1][0])["message"]["actor"] for life in (for_kim, own)]
    assert said == [
        {"kind": "staff", "id": "lee", "role": "operator", "on_behalf_of": "kim"},
        {"kind": "staff", "id": "lee", "role": "operator"},
    ]
    assert "on_behalf_of" not in own.case.model_dump_json()
    assert for_kim.fold() == for_kim.case


def test_whoever_proposed_does_not_approve_through_somebody_else() -> None:
    life = begun(question(not_by=lambda _errand: ("kim",)), GOES_ON)

    refused = life.answer(yes=True, at=START + HOUR, by=LEE_FOR_KIM)
    taken = life.answer(yes=True, at=START + HOUR, by=LEE)

    assert (refused.verdict, refused.reason) == ("rejected", "needs_another_person")
    assert taken.verdict == "applied"


def test_whoever_proposed_does_not_approve_for_somebody_else() -> None:
    life = begun(question(not_by=lambda _errand: ("lee",)), GOES_ON)

    assert life.answer(yes=True, at=START + HOUR, by=LEE_FOR_KIM).reason == "needs_another_person"


@pytest.mark.parametrize(
    ("first", "second"),
    [(LEE, LEE_FOR_KIM), (LEE_FOR_KIM, LEE), (LEE_FOR_KIM, KIM), (KIM, LEE_FOR_KIM), (LEE_FOR_KIM, PARK_FOR_KIM)],
)
def test_two_answers_that_one_person_stands_behind_count_once(first: Actor, second: Actor) -> None:
    life = begun(question(quorum=2), GOES_ON)
    life.answer(yes=True, at=START + HOUR, by=first)

    again = life.answer(yes=True, at=START + 2 * HOUR, by=second)

    assert (again.verdict, again.reason, life.stage) == ("rejected", "needs_another_person", "first")
    assert life.answer(yes=True, at=START + 3 * HOUR, by=PARK).verdict == "applied"
    assert life.stage == "done"


def test_the_question_keeps_who_said_yes_and_for_whom() -> None:
    life = begun(question(quorum=2), GOES_ON)

    life.answer(yes=True, at=START + HOUR, by=LEE_FOR_KIM)

    (task,) = life.case.tasks
    assert (task.approved_by, task.approved_for, task.barred) == (("lee",), {"lee": "kim"}, ("lee", "kim"))


# ---- an appeal: whoever answered one question answers no other


@pytest.fixture
def appeal() -> Life:
    life = Life("appeal-1")
    life.tell(APPEAL, FILED, by=APPLICANT)
    return life


def say(life: Life, by: Actor, *, minutes: int = 0) -> Entry:
    (task,) = life.case.tasks
    answered = QuestionAnswered(task=task.id, answer=True, reason="in the vault", undo_minutes=minutes)
    return life.tell(answered, FILED + HOUR, by=by)


@pytest.mark.parametrize("minutes", [0, 10])
def test_both_have_answered_the_question_before(appeal: Life, minutes: int) -> None:
    decided_by = appeal.subject.decided_by

    say(appeal, LEE_FOR_KIM, minutes=minutes)
    if minutes:
        appeal.ring("filed.0.undo")

    assert appeal.stage == "under_review"
    assert appeal.subject.decided_by == (*decided_by, "kim", "lee")
    lead = Actor(kind="staff", id="kim", role="lead")
    assert say(appeal, lead).reason == "needs_another_person"


@pytest.mark.parametrize(
    ("by", "verdict"), [(LEE, "applied"), (LEE_FOR_KIM, "applied"), (KIM, "applied"), (PARK, "rejected")]
)
def test_an_answer_is_taken_back_by_either_of_them_and_by_nobody_else(appeal: Life, by: Actor, verdict: str) -> None:
    (task,) = appeal.case.tasks
    say(appeal, LEE_FOR_KIM, minutes=10)

    back = appeal.tell(AnswerTakenBack(task=task.id), FILED + HOUR + timedelta(minutes=1), by=by)

    assert back.verdict == verdict
