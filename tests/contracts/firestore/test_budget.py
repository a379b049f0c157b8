"""What a transition costs: calls, and documents read and written."""

from collections.abc import Callable
from typing import Any

import pytest
from google.cloud import firestore

from functions.adapters.google.firestore_case_store import FirestoreCaseStore
from functions.adapters.google.firestore_records import FirestoreFactStore
from schemas.ids import CaseId
from schemas.ranking import Ranking

pytestmark = pytest.mark.emulator
A = CaseId("application-a")


def test_a_transition_is_two_calls_one_read_and_two_writes(
    counting: Any, firestore_client: firestore.Client, story: Any
) -> None:
    store = FirestoreCaseStore(firestore_client)
    opened = story.application(A)
    edited = story.told(opened.case, story.form("2"), "edit")

    opening = counting.during(lambda: store.commit(opened, seen=store.get(A)))
    editing = counting.during(lambda: store.commit(edited, seen=store.get(A)))

    assert opening == [("BatchGetDocuments", 1), ("Commit", 2)]
    assert editing == [("BatchGetDocuments", 1), ("Commit", 2)]


def test_each_question_opened_changed_or_closed_is_one_write_more(
    counting: Any, firestore_client: firestore.Client, story: Any
) -> None:
    store = FirestoreCaseStore(firestore_client)
    opened, questioned = story.questioned(A)
    store.commit(opened, seen=None)
    entries = [questioned, escalated := story.rung(questioned.case), story.answered(escalated.case, yes=True)]

    calls = [counting.during(lambda entry=entry: store.commit(entry, seen=store.get(A))) for entry in entries]

    assert calls == [[("BatchGetDocuments", 1), ("Commit", 3)]] * 3


def test_a_fact_document_is_read_once(
    counting: Any, firestore_client: firestore.Client, ranking: Callable[..., Ranking]
) -> None:
    store = FirestoreFactStore(firestore_client)
    fact_id = store.put(ranking(3))

    first = counting.during(lambda: store.get([fact_id]))
    second = counting.during(lambda: store.get([fact_id]))

    assert (first, second) == ([("BatchGetDocuments", 1)], [])
