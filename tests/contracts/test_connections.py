"""The connections to forms at providers, and how far each has been read."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.adapters.google.firestore_connections import FirestoreConnections
from functions.adapters.local.sqlite_connections import SqliteConnections
from schemas.connections import Connection, MappedQuestion, Reading
from schemas.ids import CaseId
from workflows.runtime.form_ports import Connections

NOON = datetime(2027, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def connections(on: Callable[..., Connections]) -> Connections:
    return on(SqliteConnections, FirestoreConnections)


def a_connection(name: str = "spring-form", **changed: Any) -> Connection:
    question = MappedQuestion(
        question="60b0b1c2", type="RADIO", field="can_attend", values={"예": True, "아니요": False}
    )
    given = {"provider": "google_forms", "form_id": "1FAIpQ", "form": "application", "questions": (question,)}
    return Connection(**{"id": name, "asked_for": CaseId("spring"), **given, **changed})


def test_a_connection_reads_back_as_put(connections: Connections) -> None:
    assert connections.put(a_connection(), seen=0)

    assert connections.get("spring-form") == a_connection(version=1)
    assert connections.get("autumn-form") is None


def test_a_change_names_the_version_that_it_saw(connections: Connections) -> None:
    connections.put(a_connection(), seen=0)

    took = [connections.put(a_connection(form_id=name), seen=seen) for name, seen in (("a", 1), ("b", 1), ("c", 2))]

    assert took == [True, False, True]
    assert connections.get("spring-form") == a_connection(form_id="c", version=3)


def test_a_connection_is_made_once_and_one_that_is_not_there_is_not_changed(connections: Connections) -> None:
    connections.put(a_connection(), seen=0)

    assert not connections.put(a_connection(form_id="other"), seen=0)
    assert not connections.put(a_connection("autumn-form"), seen=1)
    assert connections.all() == [a_connection(version=1)]


def test_all_come_by_id(connections: Connections) -> None:
    for name in ("b", "c", "a"):
        connections.put(a_connection(name), seen=0)

    assert [each.id for each in connections.all()] == ["a", "b", "c"]


def test_what_was_never_read_has_version_0(connections: Connections) -> None:
    assert connections.reading("spring-form") == Reading(connection="spring-form")


def test_how_far_it_was_read_is_kept_by_compare_and_set(connections: Connections) -> None:
    first = Reading(connection="spring-form", read_until=NOON, watch="w1", watched_until=NOON)
    second = Reading(connection="spring-form", fault="no_permission", fault_at=NOON)

    took = [
        connections.put_reading(each, seen=seen) for each, seen in ((first, 0), (second, 0), (second, 1), (first, 1))
    ]

    assert took == [True, False, True, False]
    assert connections.reading("spring-form") == second.model_copy(update={"version": 2})
