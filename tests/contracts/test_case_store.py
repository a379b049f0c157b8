"""Cases, histories and open questions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.adapters.local.database import Database
from functions.adapters.local.sqlite_case_store import SqliteCaseStore
from schemas.events.application import ApplicationWithdrew
from schemas.ids import CaseId, MessageId, TaskId
from schemas.messages import Case
from workflows.engine.history import Sealed
from workflows.runtime.errors import CaseMoved
from workflows.runtime.ports import CaseStore, Seen

A, B, C, D = (CaseId(f"application-{letter}") for letter in "abcd")


def committed(store: CaseStore, *entries: Sealed) -> Seen:
    """Commit entries of one case, each on what the one before left, and give the case."""
    for sealed in entries:
        store.commit(sealed, seen=store.get(sealed.case.id))
    seen = store.get(entries[-1].case.id)
    assert seen is not None
    return seen


def record(store: CaseStore, case_id: CaseId) -> tuple[Any, ...]:
    """All that is kept of a case."""
    seen = store.get(case_id)
    return seen and seen.case, store.history(case_id), [task for task in store.tasks() if task.case == case_id]


def wins(commit: Callable[[Sealed], None], contenders: list[Sealed]) -> list[Sealed]:
    """Let them commit at once, and give those that won."""

    def contend(sealed: Sealed) -> Sealed | None:
        try:
            commit(sealed)
        except CaseMoved:
            return None
        return sealed

    with ThreadPoolExecutor(len(contenders)) as threads:
        return [sealed for sealed in threads.map(contend, contenders) if sealed is not None]


# ---- reading back


def test_what_was_never_committed_is_not_there(cases: CaseStore) -> None:
    assert cases.get(A) is None
    assert cases.entry(A, MessageId("m")) is None
    assert cases.task(TaskId("t")) is None
    assert list(cases.history(A)) == []
    assert list(cases.find()) == []
    assert list(cases.tasks()) == []


@pytest.mark.parametrize("name", ["a/b/c", "..", "__reserved__", "", "가" * 600])
def test_a_name_that_cannot_be_a_case_is_looked_up_in_vain(cases: CaseStore, name: str) -> None:
    assert cases.get(CaseId(name)) is None
    assert cases.entry(CaseId(name), MessageId("m")) is None
    assert cases.task(TaskId(name)) is None


def test_a_case_reads_back_as_it_was_decided(cases: CaseStore, story: Any) -> None:
    opened = story.round()

    cases.commit(opened, seen=None)

    seen = cases.get(opened.case.id)
    assert seen is not None
    assert seen.case == opened.case


def test_an_entry_is_kept_to_the_letter(cases: CaseStore, story: Any) -> None:
    opened = story.application(A)

    cases.commit(opened, seen=None)

    assert "전남대학교 🎓 각" in opened.text
    assert list(cases.history(A)) == [(opened.text, opened.hash)]
    assert cases.entry(A, opened.entry.message.id) == opened.entry


def test_a_history_keeps_the_order_of_its_entries(cases: CaseStore, story: Any) -> None:
    entries = [story.application(A)]
    for number in range(12):
        entries.append(story.told(entries[-1].case, story.form(f"edit {number}"), f"edit {number}"))

    committed(cases, *entries)

    assert list(cases.history(A)) == [(sealed.text, sealed.hash) for sealed in entries]


def test_histories_do_not_mix(cases: CaseStore, story: Any) -> None:
    one, other = story.application(A), story.application(B)

    committed(cases, one)
    committed(cases, other)

    assert list(cases.history(A)) == [(one.text, one.hash)]
    assert cases.entry(A, other.entry.message.id) is None


# ---- all or nothing, once


def test_a_second_commit_from_the_same_reading_is_refused_whole(cases: CaseStore, story: Any) -> None:
    opened, questioned = story.questioned(A)
    seen = committed(cases, opened)
    withdrawn = story.told(opened.case, ApplicationWithdrew(), "withdraw")
    cases.commit(withdrawn, seen=seen)
    before = record(cases, A)

    with pytest.raises(CaseMoved):
        cases.commit(questioned, seen=seen)

    assert record(cases, A) == before
    assert cases.entry(A, questioned.entry.message.id) is None


def test_a_case_that_is_there_cannot_be_opened(cases: CaseStore, story: Any) -> None:
    committed(cases, story.application(A))
    before = record(cases, A)
    again = story.told(A, story.form("other"), "other")

    with pytest.raises(CaseMoved):
        cases.commit(again, seen=None)

    assert record(cases, A) == before


def test_a_case_that_is_not_there_cannot_move_on(cases: CaseStore, story: Any) -> None:
    other = committed(cases, story.application(B))
    opened, questioned = story.questioned(A)

    with pytest.raises(CaseMoved):
        cases.commit(questioned, seen=Seen(opened.case, other.revision))

    assert record(cases, A) == (None, [], [])


def test_the_same_message_again_is_refused_whole(cases: CaseStore, story: Any) -> None:
    opened, questioned = story.questioned(A)
    seen = committed(cases, opened, questioned)
    before = record(cases, A)
    again = story.answered(questioned.case, yes=True)
    message = again.entry.message.model_copy(update={"id": opened.entry.message.id})
    again = story.decided(questioned.case, message)

    with pytest.raises(CaseMoved):
        cases.commit(again, seen=seen)

    assert again.case.tasks == ()
    assert record(cases, A) == before


def test_a_commit_refused_inside_a_batch_leaves_nothing_in_it(database: Database, story: Any) -> None:
    cases = SqliteCaseStore(database)
    opened, questioned = story.questioned(A)
    seen = committed(cases, opened, questioned)
    before = record(cases, A)
    message = story.answered(questioned.case, yes=True).entry.message
    again = story.decided(questioned.case, message.model_copy(update={"id": opened.entry.message.id}))

    with database.batch(), pytest.raises(CaseMoved):
        cases.commit(again, seen=seen)

    assert record(cases, A) == before


def test_of_eight_racing_messages_one_moves_the_case(cases: CaseStore, story: Any) -> None:
    opened = story.application(A)
    seen = committed(cases, opened)
    contenders = [story.told(opened.case, story.form(f"edit {number}"), f"edit {number}") for number in range(8)]

    (winner,) = wins(lambda sealed: cases.commit(sealed, seen=seen), contenders)

    assert record(cases, A) == (winner.case, [(each.text, each.hash) for each in (opened, winner)], [])


def test_of_eight_racing_openings_one_opens_the_case(cases: CaseStore, story: Any) -> None:
    contenders = [story.told(A, story.form(f"form {number}"), f"form {number}") for number in range(8)]

    (winner,) = wins(lambda sealed: cases.commit(sealed, seen=None), contenders)

    assert record(cases, A) == (winner.case, [(winner.text, winner.hash)], [])


def test_of_eight_copies_of_a_message_one_is_committed(cases: CaseStore, story: Any) -> None:
    opened = story.application(A)
    committed(cases, opened)
    copies = [story.told(opened.case, story.form("edit"), "edit")] * 8

    won = wins(lambda sealed: cases.commit(sealed, seen=cases.get(A)), copies)

    assert len(won) == 1
    assert len(cases.history(A)) == 2


# ---- questions


def test_a_question_is_open_from_the_entry_that_asks_it_to_the_one_that_answers(cases: CaseStore, story: Any) -> None:
    opened, questioned = story.questioned(A)
    (task,) = questioned.case.tasks

    committed(cases, opened)
    before = list(cases.tasks())
    committed(cases, questioned)
    asked = (list(cases.tasks()), cases.task(task.id))
    committed(cases, story.answered(questioned.case, yes=True))
    after = (list(cases.tasks()), cases.task(task.id))

    assert before == []
    assert asked == ([task], task)
    assert after == ([], None)


def test_a_question_that_escalates_is_shown_to_whom_it_escalates(cases: CaseStore, story: Any) -> None:
    opened, questioned = story.questioned(A)
    committed(cases, opened, questioned)
    before = list(cases.tasks(role="lead"))
    escalated = story.rung(questioned.case)

    committed(cases, escalated)

    assert before == []
    assert list(cases.tasks(role="lead")) == list(escalated.case.tasks)
    assert list(cases.tasks(role="operator")) == list(escalated.case.tasks)
    assert list(cases.tasks(role="instructor")) == []


def test_questions_are_listed_oldest_first(cases: CaseStore, story: Any) -> None:
    for case_id in (C, A, B):
        committed(cases, *story.questioned(case_id))
    late = story.told(D, story.form(is_enrolled=False), "late", story.calendar.applications_close - timedelta(days=30))
    committed(cases, late, story.rung(late.case))

    listed = list(cases.tasks())

    assert listed == sorted(listed, key=lambda task: (task.opened_at, task.id))
    assert {task.case for task in listed} == {A, B, C, D}


# ---- finding


def next_due(case: Case) -> datetime:
    return min(timer.rings_at for timer in case.timers.values())


def paged(cases: CaseStore, now: datetime, limit: int) -> list[list[Case]]:
    pages = [cases.overdue(now, after=None, limit=limit)]
    while pages[-1]:
        pages.append(cases.overdue(now, after=pages[-1][-1], limit=limit))
    return [list(page) for page in pages[:-1]]


def test_overdue_cases_come_in_pages_that_go_past_those_that_stay(cases: CaseStore, story: Any) -> None:
    # Three are due at one instant, across the border of two pages; the last one is not due yet.
    days = {"g": 0, "f": 1, "e": 1, "d": 1, "c": 2, "b": 2, "a": 3}
    rounds = [story.round(f"round-{name}", days_later=day) for name, day in days.items()]
    for each in rounds:
        committed(cases, each)

    pages = paged(cases, next_due(rounds[5].case), limit=3)

    assert [[case.id[-1] for case in page] for page in pages] == [["g", "d", "e"], ["f", "b", "c"]]
    assert pages[0][0] == rounds[0].case


def test_overdue_goes_on_behind_a_case_that_has_moved_meanwhile(cases: CaseStore, story: Any) -> None:
    rounds = [story.round(f"round-{name}") for name in "abc"]
    for each in rounds:
        committed(cases, each)
    now = next_due(rounds[0].case)
    (first,) = cases.overdue(now, after=None, limit=1)

    committed(cases, story.rung(first))

    assert [case.id for case in cases.overdue(now, after=first, limit=9)] == ["round-b", "round-c"]
    assert [case.id for case in cases.overdue(now, after=None, limit=9)] == ["round-b", "round-c"]


def test_a_case_without_timers_is_never_overdue(cases: CaseStore, story: Any) -> None:
    opened = story.application(A)
    withdrawn = story.told(opened.case, ApplicationWithdrew(), "withdraw")
    committed(cases, opened, withdrawn)

    assert withdrawn.case.timers == {}
    assert list(cases.overdue(story.calendar.month12, after=None, limit=9)) == []


def test_cases_are_found_by_any_mix_of_workflow_stage_and_round(cases: CaseStore, story: Any) -> None:
    for sealed in (story.application(B), story.application(A), story.application(C, round_id="round-2")):
        committed(cases, sealed)
    committed(cases, story.round("round-1"))
    withdrawn = story.told(story.application(D).case, ApplicationWithdrew(), "withdraw")
    committed(cases, story.application(D), withdrawn)

    def found(**filters: str) -> list[str]:
        return [case.id for case in cases.find(**filters)]

    assert found() == [A, B, C, D, "round-1"]
    assert found(workflow="application") == [A, B, C, D]
    assert found(stage="withdrawn") == [D]
    assert found(round_id="round-1") == [A, B, D, "round-1"]
    assert found(workflow="application", stage="submitted", round_id="round-1") == [A, B]
    assert found(workflow="enrolment") == []
    assert list(cases.find(stage="withdrawn")) == [withdrawn.case]


def test_cases_are_found_by_the_beginning_of_their_id(cases: CaseStore, story: Any) -> None:
    for name in ("abc-1", "abc-2", "abd", "ab"):
        cases.commit(story.application(name), seen=None)

    assert [case.id for case in cases.find(begins="abc")] == ["abc-1", "abc-2"]
    assert [case.id for case in cases.find(begins="ab", workflow="application")] == ["ab", "abc-1", "abc-2", "abd"]
    assert list(cases.find(begins="ac")) == []
