"""The counters of a call, and the budget of a transition: two calls, one read, two writes."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.cloud import firestore

from functions.adapters.google.counted import counted_client
from functions.adapters.google.firestore_case_index import FirestoreCaseIndex
from functions.adapters.google.firestore_case_store import FirestoreCaseStore
from functions.adapters.google.firestore_vault import FirestoreLetters
from functions.observe.call import calling
from functions.stack.emulators import Emulators
from schemas.ids import CaseId
from schemas.letters import LetterState
from schemas.search import Crowd, LetterFilter

pytestmark = pytest.mark.emulator
A, B = CaseId("application-a"), CaseId("application-b")
PLAIN = {"rpcs": 2, "reads": 1, "writes": 2}


@pytest.fixture
def counted(emulators: Emulators, project: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[firestore.Client]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulators.firestore_address)
    client = counted_client(project)
    yield client
    client._firestore_api.transport.close()


@pytest.fixture
def store(counted: firestore.Client) -> FirestoreCaseStore:
    return FirestoreCaseStore(counted)


def during(act: Callable[[], Any]) -> dict[str, int]:
    """Give what a call counts that does this alone."""
    with calling("test") as call:
        act()
    return dict(+Counter(call.counted))


def test_a_plain_transition_is_two_calls_one_read_and_two_writes(store: FirestoreCaseStore, story: Any) -> None:
    opened = story.application(A)
    edited = story.told(opened.case, story.form("2"), "edit")

    assert during(lambda: store.commit(opened, seen=store.get(A))) == PLAIN
    assert during(lambda: store.commit(edited, seen=store.get(A))) == PLAIN


def test_a_question_is_a_write_when_it_is_opened_and_a_delete_when_it_is_closed(
    store: FirestoreCaseStore, story: Any
) -> None:
    opened, questioned = story.questioned(A)
    store.commit(opened, seen=None)
    answered = story.answered(questioned.case, yes=True)

    assert during(lambda: store.commit(questioned, seen=store.get(A))) == {**PLAIN, "writes": 3}
    assert during(lambda: store.commit(answered, seen=store.get(A))) == {**PLAIN, "deletes": 1}


def test_a_query_counts_what_it_finds_and_one_read_where_it_finds_nothing(
    store: FirestoreCaseStore, story: Any
) -> None:
    for case in (A, B):
        store.commit(story.application(case), seen=None)

    assert during(lambda: list(store.find(workflow="application"))) == {"rpcs": 1, "reads": 2}
    assert during(lambda: list(store.find(workflow="round"))) == {"rpcs": 1, "reads": 1}


def test_outside_of_a_call_nothing_is_counted(store: FirestoreCaseStore, story: Any) -> None:
    with calling("test") as call:
        pass
    store.commit(story.application(A), seen=store.get(A))

    assert call.counted == {}


def test_what_is_asked_at_once_in_other_threads_counts_for_the_call_as_well(counted: firestore.Client) -> None:
    stages = tuple(f"stage-{number}" for number in range(40))
    index = FirestoreCaseIndex(counted, {"application": {1: stages}})
    letters = FirestoreLetters(counted)
    wanted = LetterFilter(state=LetterState.HELD)

    assert during(lambda: index.counts(Crowd()))["rpcs"] == len(stages)
    assert during(lambda: letters.kinds(wanted, ["a", "b", "c"]))["rpcs"] == 3
