"""Cases that are written anew as their history leads to them."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.adapters.google.firestore_case_index import FirestoreCaseIndex
from functions.adapters.google.wiring import stages
from functions.adapters.local.sqlite_case_index import SqliteCaseIndex
from schemas.ids import CaseId
from schemas.search import Crowd
from workflows.runtime.errors import CaseMoved
from workflows.runtime.ports import CaseStore


def counted(on: Callable[..., Any]) -> dict[tuple[str, str], int]:
    return dict(on(SqliteCaseIndex, lambda client: FirestoreCaseIndex(client, stages())).counts(Crowd()))


def test_a_case_is_written_anew_whatever_is_there(cases: CaseStore, on: Callable[..., Any], story: Any) -> None:
    opened, asked = story.questioned()
    for sealed, seen in ((opened, None), (asked, opened)):
        cases.commit(sealed, seen=seen and cases.get(seen.case.id))
    wrong = asked.case.model_copy(update={"stage": "offered", "tasks": ()})
    cases.mend(wrong, revision=cases.revision(asked.case.id))
    lost = cases.task(asked.case.tasks[0].id)

    cases.mend(asked.case, revision=cases.revision(asked.case.id))

    seen = cases.get(asked.case.id)
    assert lost is None
    assert seen is not None
    assert seen.case == asked.case
    assert list(cases.tasks()) == list(asked.case.tasks)
    assert len(cases.history(asked.case.id)) == 2
    assert counted(on) == {("application", asked.case.stage): 1}


def test_a_mended_case_moves_on(cases: CaseStore, story: Any) -> None:
    opened, asked = story.questioned()
    cases.commit(opened, seen=None)
    cases.mend(opened.case, revision=cases.revision(opened.case.id))

    cases.commit(asked, seen=cases.get(opened.case.id))

    seen = cases.get(asked.case.id)
    assert seen is not None
    assert seen.case == asked.case


def test_a_case_that_moved_meanwhile_is_not_mended(cases: CaseStore, story: Any) -> None:
    opened, asked = story.questioned()
    cases.commit(opened, seen=None)
    revision = cases.revision(opened.case.id)
    cases.commit(asked, seen=cases.get(opened.case.id))

    with pytest.raises(CaseMoved):
        cases.mend(opened.case, revision=revision)
    with pytest.raises(CaseMoved):
        cases.mend(opened.case, revision=None)

    seen = cases.get(asked.case.id)
    assert seen is not None
    assert seen.case == asked.case


def test_a_history_takes_the_place_of_another(cases: CaseStore, story: Any) -> None:
    opened, asked = story.questioned()
    cases.commit(opened, seen=None)
    kept = list(cases.history(opened.case.id))
    cases.commit(asked, seen=cases.get(opened.case.id))

    cases.mend(opened.case, revision=cases.revision(opened.case.id), entries=kept)

    assert list(cases.history(opened.case.id)) == kept
    assert cases.entry(asked.case.id, asked.entry.message.id) is None
    assert list(cases.tasks()) == []


def test_a_case_that_is_gone_is_written_with_its_history(cases: CaseStore, story: Any) -> None:
    opened = story.application("lost")

    cases.mend(opened.case, revision=None, entries=[(opened.text, opened.hash)])

    seen = cases.get(opened.case.id)
    assert seen is not None
    assert seen.case == opened.case
    assert cases.entry(opened.case.id, opened.entry.message.id) == opened.entry
    assert list(cases.ids()) == ["lost"]


def test_ids_name_all_cases_by_id(cases: CaseStore, story: Any) -> None:
    for name in ("b", "a", "c"):
        cases.commit(story.application(name), seen=None)

    assert list(cases.ids()) == ["a", "b", "c"]
    assert cases.revision(CaseId("d")) is None
