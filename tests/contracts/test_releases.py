"""Releases of many held letters, as they were confirmed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.adapters.google.firestore_staff import FirestoreReleases
from functions.adapters.local.sqlite_staff import SqliteReleases
from schemas.ids import FactId
from schemas.staff import Release
from workflows.runtime.staff_ports import Releases

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def releases(on: Callable[..., Releases]) -> Releases:
    return on(SqliteReleases, FirestoreReleases)


def a_release(number: int = 1, **changed: Any) -> Release:
    given = {"by": "kim", "notice": "ApplicationLate", "letters": FactId("fact"), "many": 300}
    return Release(**{"id": f"release-{number}", "made_at": NOON + timedelta(minutes=number), **given, **changed})


def test_a_release_reads_back_as_put_and_is_made_once(releases: Releases) -> None:
    took = [releases.put(a_release(), seen=0), releases.put(a_release(many=7), seen=0)]

    assert took == [True, False]
    assert releases.get("release-1") == a_release(version=1)
    assert releases.get("release-2") is None


def test_progress_names_the_version_that_it_saw(releases: Releases) -> None:
    releases.put(a_release(), seen=0)

    took = [releases.put(a_release(done=done), seen=seen) for done, seen in ((250, 1), (9, 1), (300, 2))]

    assert took == [True, False, True]
    assert releases.get("release-1") == a_release(done=300, version=3)
    assert not releases.put(a_release(2), seen=1)
    assert releases.get("release-2") is None


def test_a_members_releases_come_newest_first(releases: Releases) -> None:
    for number in (2, 3, 1):
        releases.put(a_release(number), seen=0)
    releases.put(a_release(4, by="lee"), seen=0)

    assert [each.id for each in releases.of_member("kim")] == ["release-3", "release-2", "release-1"]
    assert [each.id for each in releases.of_member("lee")] == ["release-4"]
    assert releases.of_member("park") == []
