"""Questions to people, in the pure core."""

import pytest

from schemas.events.application import ScoreRecorded
from schemas.events.engine import CalendarMoved, QuestionAnswered
from schemas.events.enrolment import Pitched
from schemas.ids import CaseId, TaskId, name_of
from schemas.messages import SYSTEM, Actor, Effect, Step, Task, Timer
from schemas.roles import CITY, INSTRUCTOR, OPERATOR, UNIVERSITY
from tests.support.cohort import DAY, HOUR, kst, moved
from tests.support.deciding import KEY, KIM, LEE, PARK, accepts
from tests.support.errand import (
    ENDINGS,
    GOES_ON,
    START,
    Errand,
    Stage,
    begun,
    count_pitch,
    question,
    take_calendar,
    take_score,
)
from tests.support.life import staff, verdict
from workflows.engine.notation import on, state


def test_a_question_is_put_with_all_that_an_inbox_shows() -> None:
    life = begun(question(role=(OPERATOR, CITY), not_by=lambda errand: (errand.errand,)), GOES_ON)

    subject = Errand(errand=CaseId("errand-1"))
    facts = subject.model_dump_json(exclude={"calendar"})
    assert life.case.tasks == (
        Task(
            id=TaskId(name_of("errand-1", "Is it done?", 1, facts)),
            case=CaseId("errand-1"),
            workflow="errand",
            stage="first",
            question="Is it done?",
            needs=("operator", "city"),
            not_by=("errand-1",),
            opened_at=START,
            due_at=START + DAY,
        ),
    )
    assert life.case.timers["first.0.question"] == Timer(due=START + DAY, rings_at=START + DAY, visit=1, armed=1)


def test_one_yes_decides_where_nobody_else_is_needed() -> None:
    life = begun(question(yes=Stage.SECOND), GOES_ON, states=accepts())

    answered = life.answer(yes=True, at=START + HOUR, by=KIM)

    assert answered.steps == (
        Step(message=answered.message.id, clause="first.ask0.yes", source="first", to="second", visit=1),
    )
    assert (life.stage, life.case.tasks) == ("second", ())


def test_one_no_decides_however_many_are_needed() -> None:
    life = begun(question(quorum=2, yes=Stage.SECOND), GOES_ON, states=accepts())

    answered = life.answer(yes=False, at=START + HOUR, by=KIM)

    assert [step.clause for step in answered.steps] == ["first.ask0.no"]
    assert life.stage == "done"


def test_the_final_answer_is_kept_with_its_reason() -> None:
    def note_who(errand: Errand, answered: QuestionAnswered) -> Errand:
        return errand.model_copy(update={"cohort": answered.reason, "score": float(answered.answer)})

    life = begun(question(keep=note_who), GOES_ON)
    event = QuestionAnswered(task=life.case.tasks[0].id, answer=True, reason="vault-7")

    life.tell(event, START + HOUR, by=KIM)

    assert life.subject == Errand(errand=CaseId("errand-1"), cohort="vault-7", score=1)


def test_a_quorum_waits_for_as_many_people_as_it_needs() -> None:
    life = begun(question(quorum=2), GOES_ON)
    (task,) = life.case.tasks

    first = life.answer(yes=True, at=START + HOUR, by=KIM)
    between = life.case.tasks
    life.answer(yes=True, at=START + 2 * HOUR, by=LEE)

    assert first.steps == (
        Step(message=first.message.id, clause="first.ask0.approved", source="first", to="first", visit=1),
    )
    assert between == (task.model_copy(update={"needs": ("operator",), "approved_by": ("kim",)}),)
    assert life.stage == "done"


def test_the_same_person_counts_once() -> None:
    life = begun(question(quorum=2), GOES_ON)
    life.answer(yes=True, at=START + HOUR, by=KIM)

    again = life.answer(yes=True, at=START + 2 * HOUR, by=KIM)

    assert verdict(again) == ("rejected", "needs_another_person")
    assert life.stage == "first"


def test_the_same_person_counts_once_in_two_roles() -> None:
    life = begun(question(role=(OPERATOR, UNIVERSITY)), GOES_ON)
    life.answer(yes=True, at=START + HOUR, by=KIM)

    again = life.answer(yes=True, at=START + 2 * HOUR, by=staff("university", "kim"))

    assert verdict(again) == ("rejected", "needs_another_person")


def test_whoever_proposed_may_not_approve() -> None:
    life = begun(question(not_by=lambda _errand: ("kim",)), GOES_ON)

    refused = life.answer(yes=True, at=START + HOUR, by=KIM)
    taken = life.answer(yes=True, at=START + HOUR, by=LEE)

    assert verdict(refused) == ("rejected", "needs_another_person")
    assert verdict(taken) == ("applied", "")


def test_a_question_that_needs_a_reason_takes_no_answer_without_one() -> None:
    life = begun(question(needs_reason=True), GOES_ON)

    refused = [life.answer(yes=yes, at=START + HOUR, by=KIM, reason="") for yes in (True, False)]
    open_still = life.case.tasks
    taken = life.answer(yes=False, at=START + HOUR, by=KIM, reason="where the vault keeps it")

    assert [verdict(each) for each in refused] == [("rejected", "needs_a_reason")] * 2
    assert [each.question for each in open_still] == ["Is it done?"]
    assert verdict(taken) == ("applied", "")
    assert taken.message.data["reason"] == "where the vault keeps it"


def test_each_of_several_people_gives_a_reason_where_one_is_needed() -> None:
    life = begun(question(needs_reason=True, quorum=2), GOES_ON)
    life.answer(yes=True, at=START + HOUR, by=KIM)

    refused = life.answer(yes=True, at=START + HOUR, by=LEE, reason="")

    assert verdict(refused) == ("rejected", "needs_a_reason")
    assert (life.stage, life.case.tasks[0].approved_by) == ("first", ("kim",))


def test_whoever_may_not_answer_is_not_asked_for_a_reason() -> None:
    life = begun(question(needs_reason=True, not_by=lambda _errand: ("kim",)), GOES_ON)

    barred = life.answer(yes=True, at=START + HOUR, by=KIM, reason="")
    other = life.answer(yes=True, at=START + HOUR, by=staff("city"), reason="")

    assert verdict(barred) == ("rejected", "needs_another_person")
    assert verdict(other) == ("rejected", "not_your_question: needs operator")


def test_a_question_that_needs_no_reason_is_answered_without_one() -> None:
    life = begun(question(), GOES_ON)

    assert verdict(life.answer(yes=True, at=START + HOUR, by=KIM, reason="")) == ("applied", "")


def test_an_order_is_kept() -> None:
    life = begun(question(role=(OPERATOR, UNIVERSITY, CITY), in_order=True), GOES_ON)

    too_soon = life.answer(yes=True, at=START + HOUR, by=staff("city"))
    life.answer(yes=True, at=START + HOUR, by=KIM)
    life.answer(yes=True, at=START + HOUR, by=staff("university"))
    needs_last = life.case.tasks[0].needs
    life.answer(yes=True, at=START + HOUR, by=staff("city"))

    assert verdict(too_soon) == ("rejected", "not_your_question: needs operator")
    assert needs_last == ("city",)
    assert life.stage == "done"


def test_without_an_order_anybody_asked_may_be_first() -> None:
    life = begun(question(role=(OPERATOR, CITY)), GOES_ON)

    life.answer(yes=True, at=START + HOUR, by=staff("city"))

    assert life.case.tasks[0].needs == ("operator",)


@pytest.mark.parametrize(
    ("actor", "reason"),
    [
        (staff("instructor"), "not_your_question: needs operator"),
        (staff("lead"), "not_your_question: needs operator"),
        (Actor(kind="staff", id="kim"), "not_your_question: needs operator"),
        (Actor(kind="person", id="kim", role="operator"), "not_your_question: person"),
        (Actor(kind="case", id="other", role="operator"), "not_your_question: case"),
        (SYSTEM, "not_your_question: system"),
    ],
)
def test_nobody_else_may_answer(actor: Actor, reason: str) -> None:
    life = begun(question(), GOES_ON)

    refused = life.answer(yes=True, at=START + HOUR, by=actor)

    assert verdict(refused) == ("rejected", reason)
    assert life.stage == "first"


def test_a_question_past_its_due_date_is_told_to_whom_it_escalates_and_stays_open() -> None:
    life = begun(question(), GOES_ON)
    (task,) = life.case.tasks

    overdue = life.ring("first.0.question")

    assert life.case.tasks == (task.model_copy(update={"escalated_to": "lead"}),)
    assert overdue.effects == (
        Effect(
            kind="notice",
            type="QuestionOverdue",
            step=1,
            clause="first.0.question",
            data={"question": "Is it done?"},
            targets={"lead": {}},
        ),
    )
    assert list(life.case.timers) == [KEY]


def test_whom_a_question_escalated_to_may_answer_in_place_of_whoever_was_asked() -> None:
    by_lead, by_operator = begun(question(quorum=2), GOES_ON), begun(question(), GOES_ON)
    for life in (by_lead, by_operator):
        life.ring("first.0.question")

    by_lead.answer(yes=True, at=START + 2 * DAY, by=PARK)
    by_operator.answer(yes=True, at=START + 2 * DAY, by=KIM)

    assert (by_lead.case.tasks[0].needs, by_lead.case.tasks[0].approved_by) == (("operator",), ("park",))
    assert by_operator.stage == "done"


def test_a_question_is_answered_once() -> None:
    life = begun(question(yes=Stage.SECOND), GOES_ON, states=accepts())
    task = life.case.tasks[0].id
    life.answer(yes=True, at=START + HOUR, by=KIM)

    again = life.tell(QuestionAnswered(task=task, answer=False), START + HOUR, by=LEE)

    assert verdict(again) == ("ignored", f"question_closed: {task}")
    assert life.stage == "second"


def test_a_question_whose_facts_changed_is_put_anew_and_the_old_answer_is_refused() -> None:
    life = begun(question(quorum=2), on(ScoreRecorded, keep=take_score), GOES_ON)
    life.answer(yes=True, at=START + HOUR, by=KIM)
    (before,) = life.case.tasks

    life.tell(ScoreRecorded(score=9), START + 2 * HOUR)
    stale = life.tell(QuestionAnswered(task=before.id, answer=True), START + 3 * HOUR, by=LEE)

    (anew,) = life.case.tasks
    assert anew.id != before.id
    assert anew == before.model_copy(update={"id": anew.id, "needs": ("operator", "operator"), "approved_by": ()})
    assert verdict(stale) == ("ignored", f"question_closed: {before.id}")


def test_a_question_that_was_escalated_stays_escalated_when_its_facts_change() -> None:
    # Its timer has rung and does not ring again, so nobody else could ever be told.
    life = begun(question(), on(ScoreRecorded, keep=take_score), GOES_ON)
    life.ring("first.0.question")

    life.tell(ScoreRecorded(score=9), START + 2 * DAY)
    answered = life.answer(yes=True, at=START + 2 * DAY, by=PARK)

    assert verdict(answered) == ("applied", "")


def test_a_moved_calendar_leaves_a_question_and_its_approvals_alone() -> None:
    life = begun(question(quorum=2), on(CalendarMoved, keep=take_calendar), GOES_ON)
    life.answer(yes=True, at=START + HOUR, by=KIM)
    before = life.case.tasks

    life.tell(CalendarMoved(calendar=moved(2, results_at=kst("2027-04-09 10:00"))), START + 2 * HOUR)

    assert life.case.tasks == before


def test_facts_that_stay_the_same_leave_a_question_alone() -> None:
    life = begun(question(), on(ScoreRecorded, keep=take_score), GOES_ON)
    before = life.case.tasks

    life.tell(ScoreRecorded(score=0), START + HOUR)

    assert life.case.tasks == before


def test_a_question_of_another_visit_is_another_question() -> None:
    life = begun(
        question(no=Stage.SECOND), states={Stage.SECOND: state(on(Pitched, to=Stage.FIRST), GOES_ON), **ENDINGS}
    )
    first = life.case.tasks[0].id
    life.answer(yes=False, at=START + HOUR, by=KIM)

    life.tell(Pitched(), START + 2 * HOUR)
    stale = life.tell(QuestionAnswered(task=first, answer=True), START + 3 * HOUR, by=KIM)

    assert life.case.tasks[0].id != first
    assert verdict(stale) == ("ignored", f"question_closed: {first}")


def test_an_answer_that_leads_nowhere_closes_its_question_and_no_other() -> None:
    life = begun(question("Is it nice?", yes=None), question("Is it done?", role=INSTRUCTOR), GOES_ON)
    done = life.case.tasks[1]

    nice = life.answer(yes=True, at=START + HOUR, by=KIM, question=0)

    assert [step.clause for step in nice.steps] == ["first.ask0.yes"]
    assert life.case.tasks == (done,)
    assert sorted(life.case.timers) == ["first.1.question", KEY]


def test_a_question_is_answered_and_escalated_as_its_own_after_another_one_was_closed() -> None:
    life = begun(question("Is it nice?", yes=None), question("Is it done?", role=INSTRUCTOR), GOES_ON)
    done = life.case.tasks[1]
    life.answer(yes=True, at=START + HOUR, by=KIM, question=0)

    overdue = life.ring("first.1.question")
    refused = life.answer(yes=True, at=START + DAY, by=KIM)
    taken = life.answer(yes=True, at=START + DAY, by=staff("instructor"))

    assert [effect.data for effect in overdue.effects] == [{"question": "Is it done?"}]
    assert life.written[-3].case.tasks == (done.model_copy(update={"escalated_to": "lead"}),)
    assert verdict(refused) == ("rejected", "not_your_question: needs instructor")
    assert [step.clause for step in taken.steps] == ["first.ask1.yes"]


def test_an_answer_that_keeps_a_fact_and_leads_nowhere_closes_its_question() -> None:
    life = begun(question("Is it nice?", yes=None, keep=count_pitch), question(), GOES_ON)

    life.answer(yes=True, at=START + HOUR, by=KIM, question=0)

    assert [task.question for task in life.case.tasks] == ["Is it done?"]
    assert life.subject.pitches == 1


def test_facts_that_change_put_anew_what_is_still_open() -> None:
    life = begun(
        question("Is it nice?", yes=None),
        question("Is it done?", role=INSTRUCTOR),
        on(ScoreRecorded, keep=take_score),
        GOES_ON,
    )
    life.answer(yes=True, at=START + HOUR, by=KIM, question=0)

    life.tell(ScoreRecorded(score=9), START + 2 * HOUR)

    assert [(task.question, task.needs) for task in life.case.tasks] == [("Is it done?", ("instructor",))]
