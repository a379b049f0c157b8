"""Staff answer the question that they saw, and learn at once if it cannot count."""

import pytest

from functions.embedded import Embedded
from schemas.events.application import ScoreRecorded
from schemas.ids import CaseId, TaskId
from schemas.messages import Actor
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR
from tests.support.faults import Plan
from tests.support.life import staff
from tests.support.office import OPERATOR, ROUND, Office
from workflows.runtime.answer import answer
from workflows.runtime.errors import NotAllowed, NotFound, Unavailable
from workflows.runtime.rank import rank

LEE = staff("operator", "lee")


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded)
    office.plan()
    return office


@pytest.fixture
def asked(office: Office) -> CaseId:
    """An application about which staff are asked."""
    case = office.hand_in(1, is_enrolled=False)
    office.until(CALENDAR.applications_close + HOUR)
    return case


def question_of(office: Office, case: CaseId) -> TaskId:
    (task,) = office.case(case).tasks
    return task.id


def test_an_answer_is_published_for_the_case_that_asks(office: Office, asked: CaseId) -> None:
    task, plan = question_of(office, asked), Plan()

    message = answer(task, OPERATOR, plan.watched(office.ports), yes=True, reason="vault-7")
    office.settle()

    assert plan.published == [message]
    assert (message.case, message.type, message.at, message.actor) == (asked, "QuestionAnswered", office.now, OPERATOR)
    assert message.data == {"task": task, "answer": True, "reason": "vault-7"}
    assert office.stage(asked) == "ineligible_appealable"
    assert office.ports.cases.task(task) is None


def test_an_open_question_is_in_the_inbox_of_whoever_may_answer_it(office: Office, asked: CaseId) -> None:
    inboxes = {role: [task.case for task in office.ports.cases.tasks(role=role)] for role in ("operator", "lead")}
    office.until(CALENDAR.applications_close + 5 * DAY)
    later = {role: [task.case for task in office.ports.cases.tasks(role=role)] for role in ("operator", "lead")}

    assert inboxes == {"operator": [asked], "lead": []}
    assert later == {"operator": [asked], "lead": [asked]}
    assert office.notices()["QuestionOverdue"] == 1


def test_a_double_click_is_one_answer(office: Office, asked: CaseId) -> None:
    task = question_of(office, asked)

    first, second = (answer(task, OPERATOR, office.ports, yes=True, reason="vault-7") for _ in range(2))
    office.settle()

    assert first == second
    assert [entry.message.type for entry in office.entries(asked)].count("QuestionAnswered") == 1


def test_two_who_answer_at_once_are_both_heard_and_one_decides(office: Office, asked: CaseId) -> None:
    task = question_of(office, asked)

    yes = answer(task, OPERATOR, office.ports, yes=True, reason="vault-7")
    no = answer(task, LEE, office.ports, yes=False, reason="vault-8")
    office.settle()

    verdicts = {entry.message.id: (entry.verdict.value, entry.reason) for entry in office.entries(asked)}
    assert (verdicts[yes.id], verdicts[no.id]) == (("applied", ""), ("ignored", f"question_closed: {task}"))
    assert office.stage(asked) == "ineligible_appealable"


def test_an_answer_without_the_reason_that_it_needs_is_refused_and_nothing_is_published(
    office: Office, asked: CaseId
) -> None:
    task, plan = question_of(office, asked), Plan()

    with pytest.raises(NotAllowed, match="needs_a_reason"):
        answer(task, OPERATOR, plan.watched(office.ports), yes=True)

    assert (plan.published, office.stage(asked)) == ([], "ineligible_proposed")


def test_a_question_that_was_answered_is_closed(office: Office, asked: CaseId) -> None:
    task = question_of(office, asked)
    office.answer(asked, yes=False)

    with pytest.raises(NotFound, match=rf"Question \[{task}\] is closed, or its facts have changed"):
        answer(task, LEE, office.ports, yes=True)

    assert office.stage(asked) == "eligible"


def test_a_question_whose_facts_have_changed_is_refused(office: Office) -> None:
    one, two = office.hand_in(1), office.hand_in(2)
    office.until(CALENDAR.applications_close + HOUR)
    office.score([one, two])
    rank(ROUND, OPERATOR, office.ports)
    office.settle()
    shown = question_of(office, ROUND)
    office.tell(two, ScoreRecorded(score=99), name="corrected")
    rank(ROUND, OPERATOR, office.ports)
    office.settle()

    with pytest.raises(NotFound, match="its facts have changed"):
        answer(shown, LEE, office.ports, yes=True)

    assert office.stage(ROUND) == "decided"


def test_a_question_of_somebody_else_is_refused_and_nothing_is_published(office: Office, asked: CaseId) -> None:
    task, plan = question_of(office, asked), Plan()

    for actor in (staff("instructor"), staff("lead"), Actor(kind="person", id="person-1", role="operator")):
        with pytest.raises(NotAllowed, match="not_your_question"):
            answer(task, actor, plan.watched(office.ports), yes=True)

    assert plan.published == []
    assert office.stage(asked) == "ineligible_proposed"


def test_the_same_person_cannot_approve_in_two_roles(office: Office) -> None:
    (case,) = (office.hand_in(1),)
    office.until(CALENDAR.applications_close + HOUR)
    office.score([case])
    rank(ROUND, OPERATOR, office.ports)
    office.settle()
    office.answer(ROUND, yes=True, by=LEE)

    with pytest.raises(NotAllowed, match="needs_another_person"):
        answer(question_of(office, ROUND), staff("university", LEE.id), office.ports, yes=True)


def test_whoever_froze_the_ranking_cannot_approve_it_in_any_role(office: Office) -> None:
    case = office.hand_in(1)
    office.until(CALENDAR.applications_close + HOUR)
    office.score([case])
    rank(ROUND, OPERATOR, office.ports)
    office.settle()

    with pytest.raises(NotAllowed, match="needs_another_person"):
        answer(question_of(office, ROUND), OPERATOR, office.ports, yes=True)
    office.answer(ROUND, yes=True, by=LEE)
    with pytest.raises(NotAllowed, match="needs_another_person"):
        answer(question_of(office, ROUND), staff("university", OPERATOR.id), office.ports, yes=True)


def test_an_order_of_answers_is_kept(office: Office) -> None:
    case = office.hand_in(1)
    office.until(CALENDAR.applications_close + HOUR)
    office.score([case])
    rank(ROUND, OPERATOR, office.ports)
    office.settle()

    with pytest.raises(NotAllowed, match="needs operator"):
        answer(question_of(office, ROUND), staff("city"), office.ports, yes=True)


def test_a_question_that_was_never_put_is_refused(office: Office) -> None:
    with pytest.raises(NotFound, match=r"Question \[nothing\]"):
        answer(TaskId("nothing"), OPERATOR, office.ports, yes=True)


def test_an_answer_that_could_not_be_published_can_be_given_again(office: Office, asked: CaseId) -> None:
    task, plan = question_of(office, asked), Plan(breaks_at=2, mode="after", error=Unavailable("lost answer"))
    with pytest.raises(Unavailable):
        answer(task, OPERATOR, plan.watched(office.ports), yes=True, reason="vault-7")

    answer(task, OPERATOR, office.ports, yes=True, reason="vault-7")
    office.settle()

    assert [entry.message.type for entry in office.entries(asked)].count("QuestionAnswered") == 1


def test_the_escalated_question_can_be_answered_by_whom_it_escalated_to(office: Office, asked: CaseId) -> None:
    office.until(CALENDAR.applications_close + 5 * DAY + GRACE)

    office.answer(asked, yes=True, by=staff("lead"))

    assert office.stage(asked) == "ineligible_appealable"


def test_two_answers_in_a_hurry_are_two_messages_and_the_first_one_counts(office: Office, asked: CaseId) -> None:
    task = question_of(office, asked)

    first = answer(task, OPERATOR, office.ports, yes=True, reason="vault-1")
    second = answer(task, OPERATOR, office.ports, yes=False, reason="vault-2")
    office.settle()

    assert first.id != second.id
    assert office.stage(asked) == "ineligible_appealable"
    entry = office.ports.cases.entry(asked, second.id)
    assert entry is not None
    assert entry.reason.startswith("question_closed")
