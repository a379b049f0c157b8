"""Finding open questions: whose turn it is, where, since when and until when."""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from functions.adapters.google.firestore_case_index import FirestoreCaseIndex
from functions.adapters.google.wiring import stages
from functions.adapters.local.database import Database
from functions.adapters.local.older_files import NEW_TASK_COLUMNS
from functions.adapters.local.sqlite_case_index import SqliteCaseIndex
from functions.adapters.local.sqlite_case_store import SqliteCaseStore
from schemas.events.round import RankingFrozen
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId
from schemas.messages import Case
from schemas.ranking import Ranking
from schemas.search import QuestionFilter, Reach
from tests.support.life import Life, staff
from workflows.engine.history import Sealed
from workflows.runtime.errors import Rejected
from workflows.runtime.ports import CaseIndex, CaseStore

DAY = timedelta(days=1)
OPERATORS = Reach(role="operator")
EVERYBODY = (OPERATORS, Reach(role="lead"), Reach(role="city"))


class Store(NamedTuple):
    """The index, and what fills it."""

    cases: CaseStore
    index: CaseIndex


@pytest.fixture
def store(backend: str, cases: CaseStore, request: pytest.FixtureRequest) -> Store:
    if backend == "local":
        return Store(cases, SqliteCaseIndex(request.getfixturevalue("database")))
    return Store(cases, FirestoreCaseIndex(request.getfixturevalue("firestore_client"), stages()))


def commit(cases: CaseStore, *entries: Sealed) -> Case:
    for sealed in entries:
        cases.commit(sealed, seen=cases.get(sealed.case.id))
    return entries[-1].case


def asked(store: Store, story: Any, number: int, **form: Any) -> Case:
    """Keep an application that somebody has to rule on, some hours after the first."""
    closes = story.calendar.applications_close + timedelta(hours=number)
    calendar = story.calendar.model_copy(update={"applications_close": closes})
    event = story.form(is_enrolled=False).model_copy(update={"calendar": calendar, **form})
    opened = story.told(CaseId(f"application-{number}"), event, f"submit {number}")
    return commit(store.cases, opened, story.rung(opened.case))


def found(index: CaseIndex, limit: int = 50, **wanted: Any) -> list[str]:
    given = QuestionFilter(**{"within": (OPERATORS,), **wanted})
    cases, after = [], ""
    while True:
        page = index.questions(given, after=after, limit=limit)
        cases += [each.task.case for each in page.asked]
        assert len(page.asked) == limit or not page.after
        after = page.after
        if not after:
            assert index.count_questions(given) == len(cases)
            return cases


def test_they_come_in_pages_the_longest_open_first_and_each_once(store: Store, story: Any) -> None:
    for number in (3, 0, 4, 1, 2):
        asked(store, story, number)

    assert [found(store.index, limit=limit) for limit in (1, 2, 5, 9)] == [[f"application-{n}" for n in range(5)]] * 4


def test_they_are_found_with_what_they_are_looked_for_by(store: Store, story: Any) -> None:
    case = asked(store, story, 0, cohort="2026-가을", university="전남대학교")

    (one,) = store.index.questions(QuestionFilter(within=(OPERATORS,)), after="", limit=5).asked

    assert (one.task, one.turn) == (case.tasks[0], ("operator",))
    assert (one.programme, one.cohort, one.university) == ("ai-academy", "2026-가을", "전남대학교")


def test_nobody_finds_what_is_not_their_turn_or_out_of_their_reach(store: Store, story: Any) -> None:
    asked(store, story, 0, cohort="2026-가을", university="광주대학교")
    asked(store, story, 1, programme="web-academy", university="광주대학교")
    asked(store, story, 2, university="전남대학교")

    def within(*reaches: dict[str, str]) -> list[str]:
        wanted = tuple(Reach(**{"role": "operator", **each}) for each in reaches)
        return [case[-1] for case in found(store.index, within=wanted)]

    assert within() == []
    assert within({"role": "lead"}) == []
    assert within({"cohort": "2026-가을"}) == ["0"]
    assert within({"programme": "ai-academy"}) == ["0", "2"]
    assert within({"university": "광주대학교"}) == ["0", "1"]
    assert within({"university": "광주대학교", "programme": "web-academy"}) == ["1"]
    assert within({"cohort": "2026-가을"}, {"university": "전남대학교"}, {"role": "lead"}) == ["0", "2"]
    assert within({}, {"cohort": "2026-가을"}) == ["0", "1", "2"]


def test_they_are_found_by_workflow_and_cohort(store: Store, story: Any) -> None:
    asked(store, story, 0)
    asked(store, story, 1, cohort="2026-가을")

    assert found(store.index, workflow="application") == ["application-0", "application-1"]
    assert found(store.index, workflow="round") == []
    assert found(store.index, cohort="2026-가을", workflow="application") == ["application-1"]


def test_they_are_found_by_age_and_by_what_is_due_the_soonest_due_first(store: Store, story: Any) -> None:
    cases = [asked(store, story, number) for number in range(3)]
    opened = [case.tasks[0].opened_at for case in cases]
    due = [case.tasks[0].due_at for case in cases]
    moment = timedelta(microseconds=1)

    def by(field: str, before: datetime | None) -> list[str]:
        return [case[-1] for case in found(store.index, limit=1, by=field, before=before)]

    assert [by("opened_at", each) for each in opened] == [[], ["0"], ["0", "1"]]
    assert due[2] is not None
    assert [by("due_at", each) for each in (due[0], due[2] + moment)] == [[], ["0", "1", "2"]]


def test_a_question_is_gone_with_the_answer_and_reached_by_whoever_it_escalates_to(store: Store, story: Any) -> None:
    answered, overdue = asked(store, story, 0), asked(store, story, 1)

    commit(store.cases, story.answered(answered, yes=False))
    commit(store.cases, story.rung(overdue, "ineligible_proposed.0.question"))

    assert found(store.index) == ["application-1"]
    (one,) = store.index.questions(QuestionFilter(within=(Reach(role="lead"),)), after="", limit=5).asked
    assert (one.turn, one.task.escalated_to) == (("lead", "operator"), "lead")
    assert found(store.index, within=EVERYBODY) == ["application-1"]


def test_of_several_who_answer_in_order_only_the_next_one_finds_it(
    store: Store, story: Any, ranking: Callable[..., Ranking]
) -> None:
    life = ranked(story, ranking(2))
    commit(store.cases, *life.written)

    def whose_turn() -> list[str]:
        return [role for role in ("operator", "university", "city") if found(store.index, within=(Reach(role=role),))]

    first = whose_turn()
    life.answer(yes=True, at=story.calendar.applications_close + DAY, by=staff("operator", "lee"))
    commit(store.cases, life.written[-1])

    assert (first, whose_turn()) == (["operator"], ["university"])


def ranked(story: Any, ranking: Ranking) -> Life:
    """Give a round whose list waits for approval."""
    life = Life("round-1", facts={fact_id_of(ranking): ranking.model_dump(mode="json")})
    planned = story.round().entry.message
    life.hear(planned)
    life.ring()
    life.ring()
    frozen = RankingFrozen(ranking=Fact(fact_id_of(ranking)))
    life.tell(frozen, story.calendar.applications_close + DAY, by=staff("operator", "ranker"))
    return life


def test_a_file_of_an_older_version_is_found_in_like_a_new_one(tmp_path: Path, story: Any) -> None:
    file = tmp_path / "older.db"
    database = Database(file)
    case = asked(Store(SqliteCaseStore(database), SqliteCaseIndex(database)), story, 0, cohort="2026-가을")
    database.close()
    with sqlite3.connect(file) as older:
        older.execute("drop index tasks_list")
        for name in NEW_TASK_COLUMNS:
            older.execute(f"alter table tasks drop column {name}")
    older.close()

    opened = Database(file)
    index = SqliteCaseIndex(opened)

    wanted = QuestionFilter(within=(Reach(role="operator", cohort="2026-가을", programme="ai-academy"),))
    (one,) = index.questions(wanted, after="", limit=5).asked
    assert (one.task, one.turn, one.university) == (case.tasks[0], ("operator",), case.data["university"])
    due = QuestionFilter(within=(OPERATORS,), by="due_at", before=case.tasks[0].due_at)
    assert (index.count_questions(due), index.count_questions(wanted)) == (0, 1)
    opened.close()


@pytest.mark.parametrize("cursor", ["nonsense", "2026-03-02T12:00:00~application", "2026-03-02T12:00:00+00:00~a/b"])
def test_a_cursor_that_no_page_gave_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(Rejected):
        store.index.questions(QuestionFilter(within=(OPERATORS,)), after=cursor, limit=5)
