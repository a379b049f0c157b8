"""Pages, parts, tombstones and names."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from google.cloud import firestore

from functions.adapters.google import documents, firestore_records
from functions.adapters.google.firestore_case_store import FirestoreCaseStore
from functions.adapters.google.firestore_records import FirestoreFactStore, FirestoreQuarantine
from functions.adapters.google.firestore_staff import FirestoreSessions
from functions.adapters.google.firestore_vault import FirestoreLetters, FirestoreVault
from functions.observe.log import Line
from schemas.facts import fact_id_of
from schemas.ids import CaseId, PersonId
from schemas.letters import Letter
from schemas.messages import Quarantined
from schemas.people import Person
from schemas.ranking import Ranking
from schemas.staff import SESSION_AGE_MAX, Session
from workflows.runtime.errors import Rejected, Unavailable

pytestmark = pytest.mark.emulator
A = CaseId("application-a")


def test_what_is_read_in_pages_comes_whole_and_once(
    firestore_client: firestore.Client,
    story: Any,
    letter: Callable[..., Letter],
    quarantined: Callable[..., Quarantined],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents, "PAGE", 2)
    store, letters = FirestoreCaseStore(firestore_client), FirestoreLetters(firestore_client)
    quarantine = FirestoreQuarantine(firestore_client)
    for number in range(5):
        for sealed in story.questioned(f"application-{number}"):
            store.commit(sealed, seen=store.get(sealed.case.id))
        letters.create(letter(number))
        quarantine.put(quarantined(number))
    edits = [story.application(A)]
    for number in range(4):
        edits.append(story.told(edits[-1].case, story.form(str(number)), f"edit {number}"))
    for sealed in edits:
        store.commit(sealed, seen=store.get(A))

    ids = [f"application-{number}" for number in range(5)]
    assert [case.id for case in store.find(stage="ineligible_proposed", workflow="application")] == ids
    assert sorted(task.case for task in store.tasks(role="operator")) == ids
    assert [text for text, _ in store.history(A)] == [sealed.text for sealed in edits]
    assert [each.id for each in letters.find(person_id=PersonId("person-1"))] == [f"letter-{n}" for n in range(5)]
    assert [row.id for row in quarantine.find()] == [f"row-{number}" for number in range(5)]


def test_a_large_document_that_was_half_written_is_not_there_until_it_is_put_again(
    firestore_client: firestore.Client, ranking: Callable[..., Ranking], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firestore_records, "PART_BYTES", 100)
    store, document = FirestoreFactStore(firestore_client), ranking(9)
    create = store._documents.create
    written: list[str] = []

    def break_off(fields: Any, *path: str) -> bool:
        if len(written) == 3:
            raise Unavailable("broken off")
        written.append(path[-1])
        return create(fields, *path)

    with pytest.MonkeyPatch.context() as breaking:
        breaking.setattr(store._documents, "create", break_off)
        with pytest.raises(Unavailable):
            store.put(document)
    parts_left = len(firestore_client.collection_group("parts").get())
    half = store.get([fact_id_of(document)])
    fact_id = store.put(document)

    assert (parts_left, half) == (3, {})
    assert Ranking.model_validate(store.get([fact_id])[fact_id]) == document


def test_no_field_of_a_stored_fact_is_near_the_limit(
    firestore_client: firestore.Client, ranking: Callable[..., Ranking]
) -> None:
    document = ranking(50_000)
    size = len(document.model_dump_json().encode())

    FirestoreFactStore(firestore_client).put(document)

    sizes = sorted(len(part.get("blob")) for part in firestore_client.collection_group("parts").get())
    assert sizes == sorted([250_000] * (size // 250_000) + [size % 250_000])


# ---- people


def test_who_is_erased_between_the_look_and_the_write_stays_erased(
    firestore_client: firestore.Client,
    person: Person,
    clock_at_noon: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vault, other = (FirestoreVault(firestore_client, clock_at_noon) for _ in range(2))
    vault.put(person)
    read = vault._documents.read

    def read_then_erase(*path: str, **fields: Any) -> Any:
        snapshot = read(*path, **fields)
        other.erase(person.id)
        return snapshot

    monkeypatch.setattr(vault._documents, "read", read_then_erase)

    assert not vault.put(person)
    assert firestore_client.document("people", person.id).get().to_dict() == {"erased": True}


# ---- names


@pytest.mark.parametrize("name", ["a/history/b", "..", "__reserved__", "가" * 600])
def test_a_name_that_cannot_be_a_case_cannot_be_written(
    firestore_client: firestore.Client, story: Any, name: str
) -> None:
    store = FirestoreCaseStore(firestore_client)

    with pytest.raises(Rejected, match="cannot name a document"):
        store.commit(story.application(name), seen=None)

    assert list(store.find()) == []


def test_whoever_reads_the_vault_is_told_to_the_log_that_nobody_can_change(
    firestore_client: firestore.Client, clock_at_noon: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="sadari"):
        FirestoreVault(firestore_client, clock_at_noon).note(iter(["person-1"]), reader="kim", reason="typed by people")

    (line,) = map(json.loads, map(Line().format, caplog.records))
    assert {name: line[name] for name in ("event", "reader", "subject")} == {
        "event": "accessed",
        "reader": "kim",
        "subject": "person-1",
    }
    assert "typed by people" not in str(line)


def test_a_login_says_when_it_has_ended_so_that_it_goes_by_itself(firestore_client: firestore.Client) -> None:
    begun_at = datetime(2027, 3, 1, 9, tzinfo=UTC)

    FirestoreSessions(firestore_client).put(Session(id="hash", member="kim", begun_at=begun_at, seen_at=begun_at))

    assert firestore_client.document("sessions", "hash").get().get("ends_at") == begun_at + SESSION_AGE_MAX
