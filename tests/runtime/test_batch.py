"""Many cases are answered at once: what was shown is what happens, each once, and what cannot be done stays open."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.events.application import SkipProposed
from schemas.ids import CaseId, TaskId
from schemas.messages import Actor, Case, Entry
from schemas.staff import Batch
from tests.support.cohort import CALENDAR, HOUR, MINUTE, TERMS
from tests.support.faults import Crash, Plan
from tests.support.life import sent, staff, told
from tests.support.office import OPERATOR, ROUND, Office
from workflows.runtime.answer import answer, take_back
from workflows.runtime.batch import Outlook, apply, freeze, left_of, preview
from workflows.runtime.bring import bring
from workflows.runtime.errors import BadForm, NotFound, Unavailable
from workflows.runtime.intake import Origin, hand_in
from workflows.runtime.ports import Ports
from workflows.runtime.rank import rank

LEE = staff("operator", "lee")
ELIGIBILITY = "Is this applicant really not eligible?"
SKIP = "May this applicant be passed over on the waitlist?"


def anywhere(_case: Case) -> bool:
    return True


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded)
    office.plan()
    return office


def asked(office: Office, count: int) -> list[CaseId]:
    """Give so many applications about which staff are asked."""
    cases = [office.hand_in(number, is_enrolled=False) for number in range(1, count + 1)]
    office.until(CALENDAR.applications_close + HOUR)
    return cases


def draft(
    office: Office, cases: Sequence[CaseId], by: Actor = OPERATOR, question: str = ELIGIBILITY, **changed: Any
) -> Batch:
    items = tuple((office.case(case).tasks[0].id, case) for case in cases)
    given = {"question": question, "answer": True, "reason": "vault-7", "made_at": office.now, **changed}
    return Batch(by=by.id, role=by.role, items=items, **given)


def look(office: Office, batch: Batch, may_answer: Callable[[Case], bool] = anywhere) -> tuple[Outlook, ...]:
    return preview(batch, office.ports, may_answer=may_answer)


def frozen(office: Office, batch: Batch) -> Batch:
    return freeze(batch, look(office, batch), office.embedded.staff_ports.batches)


def go_on(office: Office, batch: Batch, ports: Ports | None = None, batches: Any = None) -> Batch:
    kept = batches or office.embedded.staff_ports.batches
    return apply(batch.id, ports or office.ports, kept, may_answer=anywhere)


def stored(office: Office, batch: Batch) -> Batch:
    found = office.embedded.staff_ports.batches.get(batch.id)
    assert found is not None
    return found


def answers(office: Office, case: CaseId) -> list[Entry]:
    return [entry for entry in office.entries(case) if entry.message.type == "QuestionAnswered"]


def told_by(outlook: Outlook) -> tuple[str, list[str], list[str]]:
    notices = [f"{role}: {notice}" for role, notice in outlook.notices]
    return outlook.stage, notices, [f"{event} to {case}" for case, event in outlook.events]


class Watched:
    """Batches whose calls a plan counts among the others."""

    def __init__(self, batches: Any, plan: Plan) -> None:
        self._batches, self._plan = batches, plan

    def __getattr__(self, method: str) -> Any:
        do = getattr(self._batches, method)
        return lambda *arguments, **named: self._plan.call(f"batches.{method}", do, arguments, named)


# ---- looking ahead


@pytest.mark.parametrize("yes", [True, False])
def test_what_is_shown_is_what_happens(office: Office, *, yes: bool) -> None:
    cases = asked(office, 3)
    batch = draft(office, cases, answer=yes)

    shown = look(office, batch)
    go_on(office, frozen(office, batch))
    office.settle()

    entries = [answers(office, case)[-1] for case in cases]
    assert [told_by(each) for each in shown] == [(entry.stage, told(entry), sent(entry)) for entry in entries]
    assert {each.stage for each in shown} == {"ineligible_appealable" if yes else "eligible"}
    assert shown[0].notices == ((("applicant", "ApplicationIneligible"),) if yes else ())
    assert all(each.needs_reason for each in shown)


def test_looking_ahead_changes_nothing_and_needs_no_reason_yet(office: Office) -> None:
    cases = asked(office, 2)
    before = [office.case(case) for case in cases]
    plan = Plan()

    shown = preview(draft(office, cases, reason=""), plan.watched(office.ports), may_answer=anywhere)

    assert [each.why_not for each in shown] == ["", ""]
    assert set(plan.calls) == {"cases.get"}
    assert [office.case(case) for case in cases] == before
    assert office.embedded.staff_ports.batches.of_member(OPERATOR.id) == []


def test_what_cannot_be_answered_is_shown_with_the_reason(office: Office) -> None:
    closed, fresh, far, gone = asked(office, 4)
    batch = draft(office, [closed, fresh, far])
    (task, _), *rest = batch.items
    office.answer(closed, yes=False, by=LEE)
    unknown = (TaskId("no-task"), CaseId("no-case"))
    stale = (TaskId("of other facts"), gone)

    shown = look(
        office,
        batch.model_copy(update={"items": ((task, closed), *rest, unknown, stale)}),
        may_answer=lambda case: case.id != far,
    )

    assert [each.why_not for each in shown] == ["question_closed", "", "out_of_reach", "out_of_reach", "facts_changed"]
    assert [(each.stage, each.notices, each.events) for each in shown if each.why_not] == [("", (), ())] * 4


def test_a_question_of_another_wording_or_role_is_no_item(office: Office) -> None:
    (case,) = asked(office, 1)

    (other,) = look(office, draft(office, [case], question=SKIP))
    (foreign,) = look(office, draft(office, [case], by=staff("instructor")))

    assert (other.why_not, foreign.why_not) == ("other_question", "not_your_question")


def test_a_yes_that_needs_others_leads_nowhere_yet(office: Office) -> None:
    cases = [office.hand_in(number) for number in (1, 2)]
    office.until(CALENDAR.applications_close + HOUR)
    office.score(cases)
    rank(ROUND, OPERATOR, office.ports)
    office.settle()
    batch = draft(office, [ROUND], by=LEE, question=office.case(ROUND).tasks[0].question, reason="")

    (shown,) = look(office, batch)

    assert (shown.stage, shown.still_needed) == ("decided", ("university", "city"))
    assert (shown.notices, shown.events, shown.needs_reason) == ((), (), False)


# ---- applying


def test_every_history_names_the_batch(office: Office) -> None:
    cases = asked(office, 3)
    batch = frozen(office, draft(office, cases))

    done = go_on(office, batch)
    office.settle()

    assert set(done.results.values()) == {"answered"}
    assert done == stored(office, batch)
    data = [answers(office, case)[-1].message.data for case in cases]
    assert {(each["batch"], each["reason"]) for each in data} == {(batch.id, "vault-7")}


def test_one_exception_among_thirty_is_left_open_and_named(office: Office) -> None:
    cases = asked(office, 30)
    mine = cases[16]
    batch = frozen(office, draft(office, cases))
    office.answer(mine, yes=False, by=LEE)

    done = go_on(office, batch)
    office.settle()

    assert [case for task, case in done.items if done.results[task] != "answered"] == [mine]
    assert [result for result in done.results.values() if result != "answered"] == ["question_closed"]
    assert {office.stage(case) for case in cases if case != mine} == {"ineligible_appealable"}
    assert (office.stage(mine), len(answers(office, mine))) == ("eligible", 1)


def test_what_was_shown_as_an_exception_stays_one(office: Office) -> None:
    cases = asked(office, 2)
    batch = draft(office, cases)
    shown = look(office, batch, may_answer=lambda case: case.id != cases[1])

    done = go_on(office, freeze(batch, shown, office.embedded.staff_ports.batches))
    office.settle()

    assert list(done.results.values()) == ["out_of_reach", "answered"]
    assert [office.stage(case) for case in cases] == ["ineligible_appealable", "ineligible_proposed"]


def test_nobody_decides_in_a_batch_what_they_proposed_themselves(embedded: Embedded) -> None:
    office = Office(embedded, terms=TERMS.model_copy(update={"capacity": 1, "waitlist": 3}))
    waiting = office.recruit(4)[1:]
    for case, by in zip(waiting, (LEE, OPERATOR, LEE), strict=True):
        bring(SkipProposed(reason="연락 두절"), case, by, office.ports)
    office.settle()
    batch = draft(office, waiting, question=SKIP)

    shown = look(office, batch)
    done = go_on(office, frozen(office, batch))
    office.settle()

    assert [each.why_not for each in shown] == ["", "needs_another_person", ""]
    assert [done.results[task] for task, _ in batch.items] == ["answered", "needs_another_person", "answered"]
    assert [office.stage(case) for case in waiting] == ["skipped", "skip_proposed", "skipped"]


def test_what_would_come_otherwise_than_shown_is_not_done(office: Office) -> None:
    cases = asked(office, 2)
    batch = draft(office, cases)
    shown = [replace(each, stage="eligible") if each.case == cases[0] else each for each in look(office, batch)]

    done = go_on(office, freeze(batch, shown, office.embedded.staff_ports.batches))

    assert [done.results[task] for task, _ in batch.items] == ["facts_changed", "answered"]


def test_whoever_lost_the_reach_leaves_the_rest_open(office: Office) -> None:
    cases = asked(office, 2)
    batch = frozen(office, draft(office, cases))

    done = apply(
        batch.id, office.ports, office.embedded.staff_ports.batches, may_answer=lambda case: case.id == cases[0]
    )

    assert [done.results[task] for task, _ in batch.items] == ["answered", "out_of_reach"]


def test_answers_of_a_batch_may_be_taken_back_one_by_one(office: Office) -> None:
    cases = asked(office, 2)
    batch = frozen(office, draft(office, cases, undo_minutes=10))

    go_on(office, batch)
    office.settle()
    before = [office.stage(case) for case in cases]
    take_back(batch.items[0][0], OPERATOR, office.ports)
    office.settle()
    office.until(office.now + 11 * MINUTE)

    assert before == ["ineligible_proposed", "ineligible_proposed"]
    assert [office.stage(case) for case in cases] == ["ineligible_proposed", "ineligible_appealable"]


def test_there_is_no_batch_that_was_not_frozen(office: Office) -> None:
    with pytest.raises(NotFound):
        apply("none", office.ports, office.embedded.staff_ports.batches, may_answer=anywhere)


# ---- doing it again


def test_the_same_confirmation_is_the_same_batch_and_answers_once(office: Office) -> None:
    cases = asked(office, 2)
    batch = draft(office, cases)
    shown = look(office, batch)
    batches = office.embedded.staff_ports.batches

    first, second = (freeze(batch, shown, batches) for _ in range(2))
    done = [go_on(office, first), go_on(office, second)]
    office.settle()
    again = go_on(office, first)

    assert first == second
    assert done[0] == done[1] == again
    assert [len(answers(office, case)) for case in cases] == [1, 1]


def test_another_reason_is_another_batch(office: Office) -> None:
    cases = asked(office, 1)

    assert frozen(office, draft(office, cases)).id != frozen(office, draft(office, cases, reason="vault-8")).id


@pytest.mark.parametrize("is_settled", [False, True], ids=["on its way", "applied meanwhile"])
@pytest.mark.parametrize("mode", ["before", "after"])
def test_a_batch_that_died_anywhere_goes_on_and_answers_everything_once(
    tmp_path: Path, mode: Any, *, is_settled: bool
) -> None:
    whole = Plan()
    _died(tmp_path / "whole.db", whole, is_settled=is_settled)
    assert set(whole.calls) >= {"cases.get", "cases.entry", "publisher.publish", "batches.get", "batches.put"}

    for call in range(len(whole.calls)):
        done, counts = _died(tmp_path / f"{mode} {call}.db", Plan(breaks_at=call, mode=mode), is_settled=is_settled)
        assert (list(done.results.values()), counts) == (["answered"] * 3, [1] * 3), (call, whole.calls[call])


def _died(path: Path, plan: Plan, *, is_settled: bool) -> tuple[Batch, list[int]]:
    """Let the process die where the plan says, and a new one go on; give the batch, and the answers of each case."""
    embedded = Embedded(path)
    embedded.database.execute("pragma synchronous = off")
    embedded.clock.turn(CALENDAR.applications_open.replace(day=23, month=2))
    office = Office(embedded)
    office.plan()
    cases = asked(office, 3)
    batch = frozen(office, draft(office, cases))
    try:
        go_on(office, batch, plan.watched(office.ports), Watched(embedded.staff_ports.batches, plan))
    except Crash:
        assert left_of(stored(office, batch)) or plan.mode == "after"
    if is_settled:
        office.settle()
    done = go_on(office, batch)
    office.settle()
    counts = [len([entry for entry in answers(office, case) if entry.verdict == "applied"]) for case in cases]
    assert [len(answers(office, case)) for case in cases] == counts
    embedded.close()
    return done, counts


def test_a_store_that_does_not_work_leaves_the_rest_to_be_done(office: Office) -> None:
    cases = asked(office, 3)
    batch = frozen(office, draft(office, cases))
    plan = Plan(breaks_at=14, error=Unavailable("lost"))

    with pytest.raises(Unavailable):
        go_on(office, batch, plan.watched(office.ports))

    assert 0 < left_of(stored(office, batch)) < 3
    assert left_of(go_on(office, batch)) == 0


def test_two_who_apply_the_same_batch_at_once_answer_everything_once(office: Office) -> None:
    cases = asked(office, 12)
    batch = frozen(office, draft(office, cases))
    begin, done = threading.Barrier(2), []

    def run() -> None:
        process = Embedded(office.embedded.path)
        begin.wait()
        done.append(apply(batch.id, process.ports, process.staff_ports.batches, may_answer=anywhere))
        process.worker.drain()
        process.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    office.settle()

    assert [set(each.results.values()) for each in done] == [{"answered"}] * 2
    assert [[entry.verdict.value for entry in answers(office, case)] for case in cases] == [["applied"]] * 12
    assert {office.stage(case) for case in cases} == {"ineligible_appealable"}


def test_somebody_who_answers_in_the_same_moment_is_not_overwritten(office: Office) -> None:
    (case,) = asked(office, 1)
    batch = frozen(office, draft(office, [case]))

    class Hasty:
        """Cases whose first question is answered between the look ahead and the answer."""

        def __init__(self) -> None:
            self.is_done = False

        def __getattr__(self, method: str) -> Any:
            return getattr(office.ports.cases, method)

        def task(self, task_id: TaskId) -> Any:
            if not self.is_done:
                self.is_done = True
                answer(task_id, LEE, office.ports, yes=False, reason="vault-8")
                office.settle()
            return office.ports.cases.task(task_id)

    hasty: Any = Hasty()

    done = go_on(office, batch, replace(office.ports, cases=hasty))

    assert list(done.results.values()) == ["question_closed"]
    assert (office.stage(case), len(answers(office, case))) == ("eligible", 1)


def test_nobody_outside_names_a_batch(office: Office) -> None:
    (case,) = asked(office, 1)
    data = {"task": office.case(case).tasks[0].id, "answer": True, "reason": "r", "batch": "batch-1"}
    origin = Origin("desk", "submission-1", office.now)

    with pytest.raises(BadForm) as raised:
        hand_in("QuestionAnswered", case, data, OPERATOR, origin, roles=frozenset({"operator"}), ports=office.ports)

    assert raised.value.faults == {"data.batch": "this is not the event's to say"}


def test_an_answer_of_its_own_is_written_as_ever(office: Office) -> None:
    (case,) = asked(office, 1)

    office.answer(case, yes=True)

    assert "batch" not in answers(office, case)[-1].message.data
