"""Answers that are lost, late, cut short, or never come."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import pytest
from google.cloud import firestore

from functions.adapters.google import calls, firestore_case_store
from functions.adapters.google.firestore_case_store import FirestoreCaseStore
from functions.adapters.google.firestore_records import FirestoreFactStore, FirestoreNoticeLog, FirestoreQuarantine
from functions.adapters.google.firestore_vault import FirestoreLetters, FirestoreVault
from schemas.ids import CaseId, FactId, MessageId, TaskId
from schemas.letters import Letter
from schemas.messages import Quarantined
from schemas.people import Person
from schemas.ranking import Ranking
from workflows.runtime.errors import CaseMoved, Unavailable

pytestmark = pytest.mark.emulator
A = CaseId("application-a")


def until(condition: Callable[[], Any]) -> None:
    give_up_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up_at, "the condition never came true"
        time.sleep(0.005)


def test_a_commit_whose_answer_is_lost_is_unavailable_and_its_entry_is_there(
    firestore_client: firestore.Client, proxied: firestore.Client, proxy: Any, story: Any
) -> None:
    direct, store = FirestoreCaseStore(firestore_client), FirestoreCaseStore(proxied)
    opened = story.application(A)
    seen = store.get(A)
    proxy.is_mute = True

    with ThreadPoolExecutor(1) as thread:
        committing = thread.submit(store.commit, opened, seen=seen)
        until(lambda: direct.get(A))
        proxy.break_off()
        error = committing.exception(timeout=10)
    proxy.is_mute = False

    assert isinstance(error, Unavailable)
    assert store.entry(A, opened.entry.message.id) == opened.entry
    with pytest.raises(CaseMoved):
        store.commit(opened, seen=seen)
    assert list(store.history(A)) == [(opened.text, opened.hash)]


def test_a_commit_that_is_never_answered_is_given_up_and_its_entry_is_there(
    firestore_client: firestore.Client,
    proxied: firestore.Client,
    proxy: Any,
    story: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert calls.CALL_SECONDS_MAX <= 5
    monkeypatch.setattr(firestore_case_store, "CALL_SECONDS_MAX", 1.0)
    direct, store = FirestoreCaseStore(firestore_client), FirestoreCaseStore(proxied)
    opened = story.application(A)
    seen = store.get(A)
    proxy.is_mute = True

    with pytest.raises(Unavailable, match="DeadlineExceeded"):
        store.commit(opened, seen=seen)

    assert direct.entry(A, opened.entry.message.id) == opened.entry


def test_a_query_whose_answer_breaks_off_half_way_is_unavailable(
    firestore_client: firestore.Client, proxied: firestore.Client, proxy: Any, quarantined: Callable[..., Quarantined]
) -> None:
    written, store = FirestoreQuarantine(firestore_client), FirestoreQuarantine(proxied)
    for number in range(40):
        written.put(quarantined(number, "x" * 100_000))
    assert store.get("row-0") is not None
    proxy.bytes_left = 1_000_000

    with pytest.raises(Unavailable, match="ServiceUnavailable"):
        list(store.find())


def test_a_firestore_that_does_not_answer_is_unavailable_at_once(
    *,
    dead_address: str,
    client_at: Callable[..., AbstractContextManager[firestore.Client]],
    story: Any,
    person: Person,
    letter: Callable[..., Letter],
    ranking: Callable[..., Ranking],
    clock_at_noon: Any,
) -> None:
    opened = story.application(A)
    with client_at(dead_address, "demo-dead") as client:
        cases, vault = FirestoreCaseStore(client), FirestoreVault(client, clock_at_noon)
        facts, letters = FirestoreFactStore(client), FirestoreLetters(client)
        asked: list[Callable[[], Any]] = [
            lambda: cases.get(A),
            lambda: cases.commit(opened, seen=None),
            lambda: cases.entry(A, MessageId("m")),
            lambda: cases.history(A),
            lambda: cases.overdue(clock_at_noon.now(), after=None, limit=1),
            lambda: list(cases.find()),
            lambda: list(cases.tasks()),
            lambda: cases.task(TaskId("t")),
            lambda: facts.put(ranking(1)),
            lambda: facts.get([FactId("f")]),
            lambda: vault.put(person),
            lambda: vault.get(person.id, reader="kim", reason="r"),
            lambda: vault.erase(person.id),
            lambda: vault.put_text("글"),
            lambda: letters.create(letter(1)),
            lambda: FirestoreNoticeLog(client).count(),
        ]
        started_at = time.monotonic()

        for call in asked:
            with pytest.raises(Unavailable, match="ServiceUnavailable"):
                call()

    assert time.monotonic() - started_at < 5
