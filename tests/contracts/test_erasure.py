"""Erasing a person on every backend: no document that is kept sings any more."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from google.cloud import firestore

from functions.adapters.google.firestore_case_index import FirestoreCaseIndex
from functions.adapters.google.firestore_drafts import FirestoreDrafts
from functions.adapters.google.firestore_records import FirestoreQuarantine
from functions.adapters.google.firestore_register import FirestoreRegister
from functions.adapters.google.wiring import stages
from functions.adapters.local.sqlite_case_index import SqliteCaseIndex
from functions.adapters.local.sqlite_drafts import SqliteDrafts
from functions.adapters.local.sqlite_records import SqliteQuarantine
from functions.adapters.local.sqlite_register import SqliteRegister
from functions.embedded import Embedded
from schemas.draft import Draft
from schemas.ids import CaseId, PersonId
from schemas.letters import Letter
from schemas.people import Person
from schemas.register import Destruction
from tests.contracts.conftest import NOON
from tests.support import canary
from tests.support.canary import heard
from workflows.runtime.bury import bury_unreadable
from workflows.runtime.destroy import destroy_due
from workflows.runtime.erase import erase_person, reapply
from workflows.runtime.ports import Ports, Vault
from workflows.runtime.post_ports import Letters

CANARY = Person(
    id=PersonId("person-1"),
    name=canary.FORM["name"],
    email=canary.FORM["email"],
    contact=canary.FORM["phone"],
    locale="ko",
    answers={name: canary.FORM[name] for name in ("department", "student_number", "motivation")},
    consents={"privacy": True},
    updated_at=NOON,
    erase_on=date(2026, 3, 1),
)
Scan = Callable[[], list[str]]


@pytest.fixture
def ports(on: Callable[..., Any], vault: Vault, letters: Letters, clock: Any, embedded: Embedded) -> Ports:
    index = on(SqliteCaseIndex, lambda client: FirestoreCaseIndex(client, stages()))
    return replace(
        embedded.ports,
        vault=vault,
        letters=letters,
        register=on(SqliteRegister, FirestoreRegister),
        drafts=on(SqliteDrafts, FirestoreDrafts),
        quarantine=on(SqliteQuarantine, FirestoreQuarantine),
        index=index,
        clock=clock,
    )


@pytest.fixture
def scan(backend: str, request: pytest.FixtureRequest) -> Scan:
    """Give what can be heard in all that the backend keeps."""
    if backend == "google":
        client: firestore.Client = request.getfixturevalue("firestore_client")
        return lambda: heard(repr(sorted(_documents(client))))
    database = request.getfixturevalue("database")
    names = "select name from sqlite_master where type = 'table'"
    return lambda: heard(repr([database.all(f"select * from {name}") for (name,) in database.all(names)]))


def _documents(parent: Any) -> Iterator[tuple[str, str]]:
    for collection in parent.collections():
        for document in collection.list_documents():
            yield document.path, repr(document.get().to_dict())
            yield from _documents(document)


def sing(ports: Ports, letter: Callable[..., Letter]) -> None:
    """Keep a song in everything that holds something personal."""
    ports.vault.put(CANARY.model_copy(update={"name": "꾀꼬리"}), form="first")
    ports.vault.put(CANARY, form="second")
    ports.vault.put_text(canary.APPEAL, person_id=CANARY.id)
    ports.vault.put_text(canary.REASON)
    ports.letters.create(letter(1).model_copy(update={"body": f"{CANARY.name} 님"}))
    bury_unreadable(canary.BODY.encode(), "no_message", ports, source="events", key=b"key")
    typed = {"phone": "010-7391-8264"}
    ports.drafts.put(
        Draft(
            id="draft-1",
            form="application",
            version=1,
            asked_for=CaseId("round-1"),
            typed=typed,
            locale="ko",
            saved_at=NOON,
            erase_on=date(2026, 5, 1),
        )
    )


def test_an_erased_person_sings_nowhere_and_does_not_come_back(
    ports: Ports, letter: Callable[..., Letter], scan: Scan
) -> None:
    sing(ports, letter)
    before = scan()

    erase_person(CANARY.id, ports, request="request-1")
    erase_person(CANARY.id, ports, request="request-1")

    assert len(before) > 5
    assert scan() == []
    assert not ports.vault.put(CANARY, form="late")
    assert scan() == []


def test_the_ledger_silences_what_a_backup_brought_back(
    ports: Ports, letter: Callable[..., Letter], scan: Scan
) -> None:
    sing(ports, letter)
    erase_person(CANARY.id, ports, request="request-1")
    (row,) = ports.register.find(Destruction)
    ports.register.drop(row.id)
    ports.vault.erase(CANARY.id, for_good=False)
    sing(ports, letter)
    ports.register.add(row)

    counts = [reapply(ports), reapply(ports)]

    assert counts == [1, 0]
    assert scan() == []


def test_who_is_due_sings_no_more_but_may_come_again(ports: Ports, scan: Scan) -> None:
    ports.vault.put(CANARY, form="first")

    destroyed = [destroy_due(ports).people for _ in range(2)]

    assert destroyed == [1, 0]
    assert scan() == []
    assert ports.vault.put(CANARY)
