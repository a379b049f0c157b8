"""Answers to many questions at once, as they were confirmed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.adapters.google.firestore_staff import FirestoreBatches
from functions.adapters.local.sqlite_staff import SqliteBatches
from schemas.ids import CaseId, TaskId
from schemas.staff import Batch
from workflows.runtime.staff_ports import Batches

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def batches(on: Callable[..., Batches]) -> Batches:
    return on(SqliteBatches, FirestoreBatches)


def a_batch(number: int = 1, **changed: Any) -> Batch:
    items = ((TaskId("task-b"), CaseId("case-b")), (TaskId("task-a"), CaseId("case-a")))
    given = {"by": "kim", "role": "operator", "question": "자격이 없습니까?", "answer": True, "items": items}
    return Batch(**{"id": f"batch-{number}", "made_at": NOON + timedelta(minutes=number), **given, **changed})


def test_a_batch_reads_back_as_put_and_its_items_in_their_order(batches: Batches) -> None:
    batch = a_batch(reason="vault-7", foreseen={"task-b": "x"}, results={"task-b": "needs_another_person"})

    assert batches.put(batch, seen=0)

    assert batches.get("batch-1") == batch.model_copy(update={"version": 1})
    assert batches.get("batch-2") is None


def test_a_change_names_the_version_that_it_saw(batches: Batches) -> None:
    batches.put(a_batch(), seen=0)
    first, second = (a_batch(results={"task-a": result}) for result in ("answered", "question_closed"))

    took = [batches.put(first, seen=1), batches.put(second, seen=1), batches.put(second, seen=2)]

    found = batches.get("batch-1")
    assert took == [True, False, True]
    assert found is not None
    assert (found.results, found.version) == ({"task-a": "question_closed"}, 3)


def test_a_batch_is_made_once(batches: Batches) -> None:
    batches.put(a_batch(reason="vault-7"), seen=0)

    assert not batches.put(a_batch(reason="vault-8"), seen=0)
    found = batches.get("batch-1")
    assert found is not None
    assert found.reason == "vault-7"


def test_a_batch_that_is_not_there_is_not_changed(batches: Batches) -> None:
    assert not batches.put(a_batch(), seen=1)
    assert batches.get("batch-1") is None


def test_a_members_batches_come_newest_first(batches: Batches) -> None:
    for number in (2, 3, 1):
        batches.put(a_batch(number), seen=0)
    batches.put(a_batch(4, by="lee"), seen=0)

    assert [batch.id for batch in batches.of_member("kim")] == ["batch-3", "batch-2", "batch-1"]
    assert [batch.id for batch in batches.of_member("lee")] == ["batch-4"]
    assert batches.of_member("park") == []
