"""Grants that members hand to others for some days."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from functions.adapters.google.firestore_staff import FirestoreDelegations
from functions.adapters.local.sqlite_staff import SqliteDelegations
from schemas.staff import Delegation, Grant
from workflows.runtime.staff_ports import Delegations

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LAST = date(2026, 3, 9)


@pytest.fixture
def delegations(on: Callable[..., Delegations]) -> Delegations:
    return on(SqliteDelegations, FirestoreDelegations)


def a_delegation(number: int = 1, **changed: Any) -> Delegation:
    given = {"by": "kim", "to": "lee", "grant": Grant(role="operator", cohort="2026-봄"), "reason": "vault-1"}
    when = {"from_on": date(2026, 3, 2), "until_on": LAST, "made_at": NOON}
    return Delegation(**{"id": f"delegation-{number}", **given, **when, **changed})


def test_a_delegation_reads_back_as_put_and_is_replaced(delegations: Delegations) -> None:
    revoked = a_delegation(revoked_at=NOON, revoked_by="kim")

    delegations.put(a_delegation())
    first = delegations.get("delegation-1")
    delegations.put(revoked)

    assert (first, delegations.get("delegation-1")) == (a_delegation(), revoked)
    assert [delegations.get(name) for name in ("delegation-2", "no/name")] == [None, None]


def test_they_are_found_by_whoever_gave_and_whoever_received_them(delegations: Delegations) -> None:
    two, one, other = a_delegation(2), a_delegation(1), a_delegation(3, by="lee", to="park")
    for each in (two, one, other):
        delegations.put(each)

    assert (delegations.given("kim"), delegations.received("lee")) == ([one, two], [one, two])
    assert (delegations.given("lee"), delegations.received("park")) == ([other], [other])
    assert (delegations.given("park"), delegations.received("kim")) == ([], [])
    assert delegations.all() == [one, two, other]


def test_those_that_have_ended_are_left_out_from_the_day_after_their_last(delegations: Delegations) -> None:
    delegations.put(a_delegation())

    found = [len(delegations.received("lee", since=day)) for day in (LAST, date(2026, 3, 10))]

    assert found == [1, 0]
