"""The members of staff."""

from collections.abc import Callable

import pytest

from functions.adapters.google.firestore_staff import FirestoreMembers
from functions.adapters.local.sqlite_staff import SqliteMembers
from schemas.staff import Grant, Member
from workflows.runtime.staff_ports import Members

KIM = Member(id="kim", email="Kim@Example.org", name="김운영", grants=(Grant(role="operator"),))
LEE = Member(id="lee", email="lee@example.org", name="이운영")


@pytest.fixture
def members(on: Callable[..., Members]) -> Members:
    return on(SqliteMembers, FirestoreMembers)


def test_several_are_read_by_name_and_whoever_is_not_there_is_left_out(members: Members) -> None:
    for member in (LEE, KIM):
        members.put(member)

    assert members.named(["lee", "nobody", "kim", "lee", "no/name", ""]) == {"kim": KIM, "lee": LEE}
    assert members.named([]) == {}


def test_nobody_takes_the_place_of_somebody_by_being_added(members: Members) -> None:
    added = members.add(KIM)

    again = [
        members.add(KIM.model_copy(update={"name": "other", "email": "other@example.org"})),
        members.add(LEE.model_copy(update={"email": "KIM@example.org"})),
    ]

    assert (added, again, members.all()) == (True, [False, False], [KIM])
    assert members.by_email("kim@example.org") == KIM


def test_of_two_who_change_a_member_the_second_changes_nothing(members: Members) -> None:
    members.put(KIM)
    disabled, english = (KIM.model_copy(update=update) for update in ({"is_disabled": True}, {"locale": "en"}))

    took = [members.replace(disabled, seen=KIM), members.replace(english, seen=KIM)]

    assert (took, members.get("kim"), members.by_email("kim@example.org")) == ([True, False], disabled, disabled)
    assert not members.replace(LEE, seen=LEE)
    assert members.get("lee") is None
