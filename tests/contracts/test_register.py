"""What stays known of people's rights."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from functions.adapters.google.firestore_register import FirestoreRegister
from functions.adapters.local.sqlite_register import SqliteRegister
from schemas.ids import PersonId
from schemas.people import Person
from schemas.register import Destruction, KeptApart, Restriction, erased_name
from workflows.runtime.ports import Register, Vault

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def register(on: Callable[..., Register]) -> Register:
    return on(SqliteRegister, FirestoreRegister)


def held(number: int, about: str = "person-1") -> Restriction:
    return Restriction(id=f"hold-{number}", about=about, at=NOON + timedelta(minutes=number), is_held=True)


def test_rows_read_back_by_kind_oldest_first(register: Register) -> None:
    apart = KeptApart(id="apart", about="x", at=NOON, items={"name": "김"}, ground="statute", until=date(2030, 1, 1))
    rows = [held(2), held(1), held(3, "person-2")]

    added = [register.add(row) for row in (*rows, apart)]

    assert added == [True] * 4
    assert list(register.find(Restriction)) == [rows[1], rows[0], rows[2]]
    assert list(register.find(Restriction, about="person-2")) == [rows[2]]
    assert list(register.find(KeptApart)) == [apart]


def test_a_row_that_is_there_stays_as_it_is(register: Register) -> None:
    register.add(held(1))

    again = register.add(held(1).model_copy(update={"is_held": False}))

    assert not again
    assert [row.is_held for row in register.find(Restriction)] == [True]


def test_a_dropped_row_is_gone_and_can_be_dropped_again(register: Register) -> None:
    register.add(held(1))

    register.drop("hold-1")
    register.drop("hold-1")

    assert list(register.find(Restriction)) == []


def test_whoever_is_in_the_ledger_is_not_taken_in_even_if_the_vault_knows_nothing_of_it(
    register: Register, vault: Vault, person: Person
) -> None:
    """As after a restore from a backup that is older than the person."""
    name = erased_name(person.id)
    register.add(Destruction(id=name, about=name, at=NOON, what="person", because="request"))

    assert not vault.put(person)
    assert vault.put(person.model_copy(update={"id": PersonId("person-2")}))
