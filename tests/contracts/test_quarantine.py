"""Messages that wait for a human."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.messages import Quarantined
from workflows.runtime.ports import Quarantine

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def row(number: int, **fields: Any) -> Quarantined:
    heard_at = NOON + timedelta(minutes=number)
    return Quarantined(
        **{"id": f"row-{number}", "reason": "읽을 수 없음", "source": "events", "heard_at": heard_at, **fields}
    )


def test_a_row_reads_back_as_put(quarantine: Quarantine, story: Any) -> None:
    with_message = row(1, message=story.application().entry.message)

    quarantine.put(with_message)
    quarantine.put(row(2, digest="abc"))

    assert quarantine.get("row-1") == with_message
    assert quarantine.get("row-2") == row(2, digest="abc")
    assert quarantine.get("row-3") is None


def test_a_row_that_is_there_stays_as_it_is(quarantine: Quarantine) -> None:
    quarantine.put(row(1))
    quarantine.put(row(1, reason="other"))

    assert list(quarantine.find()) == [row(1)]


def test_a_row_is_replaced_by_its_next_version(quarantine: Quarantine) -> None:
    replayed = row(1, attempts=1, state="replayed")
    quarantine.put(row(1))

    quarantine.update(replayed)

    assert quarantine.get("row-1") == replayed
    assert list(quarantine.find()) == [replayed]


def test_updating_a_row_that_is_not_there_makes_none(quarantine: Quarantine) -> None:
    quarantine.update(row(1))

    assert list(quarantine.find()) == []


def test_rows_are_given_oldest_first(quarantine: Quarantine) -> None:
    for number in (3, 1, 2):
        quarantine.put(row(number))

    assert [each.id for each in quarantine.find()] == ["row-1", "row-2", "row-3"]
