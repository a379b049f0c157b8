"""Messages that wait for a human."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.messages import Home, Quarantined
from schemas.search import QuarantineFilter, Scope
from workflows.runtime.errors import Rejected
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


# ---- in pages

HOME = Home(workflow="application", programme="ai", cohort="2026-봄", university="서울")


def numbers(quarantine: Quarantine, **asked: Any) -> str:
    found = quarantine.page(QuarantineFilter(**asked), after="", limit=9)
    assert len(found.rows) == quarantine.count(QuarantineFilter(**asked))
    return "".join(each.id[-1] for each in found.rows)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "1234"),
        ({"state": "waiting"}, "134"),
        ({"state": "replayed"}, "2"),
        ({"within": ()}, ""),
        ({"within": (Scope(cohort="2026-봄"),)}, "13"),
        ({"within": (Scope(programme="ai"),)}, "123"),
        ({"within": (Scope(programme="other"),)}, ""),
        ({"within": (Scope(university="서울"),), "state": "waiting"}, "13"),
    ],
)
def test_rows_are_listed_by_state_and_where_their_case_belongs(
    quarantine: Quarantine, asked: dict[str, Any], found: str
) -> None:
    quarantine.put(row(3, home=HOME))
    quarantine.put(row(1, home=HOME))
    quarantine.put(row(2, home=HOME.model_copy(update={"cohort": "2026-가을"})))
    quarantine.put(row(4))
    quarantine.update(row(2, home=HOME.model_copy(update={"cohort": "2026-가을"}), state="replayed"))

    assert numbers(quarantine, **asked) == found


def test_every_row_is_on_one_page_and_none_moves_when_others_are_sent_again(quarantine: Quarantine) -> None:
    for number in range(5):
        quarantine.put(row(number))
    waiting = QuarantineFilter(state="waiting")

    first = quarantine.page(waiting, after="", limit=2)
    quarantine.update(row(0, state="replayed"))
    second = quarantine.page(waiting, after=first.after, limit=2)
    third = quarantine.page(waiting, after=second.after, limit=2)

    assert [[each.id for each in page.rows] for page in (first, second, third)] == [
        ["row-0", "row-1"],
        ["row-2", "row-3"],
        ["row-4"],
    ]
    assert third.after == ""


def test_a_row_whose_case_has_come_since_is_found_where_that_belongs(quarantine: Quarantine) -> None:
    quarantine.put(row(1))

    quarantine.update(row(1, home=HOME, state="replayed"))

    assert numbers(quarantine, within=(Scope(cohort="2026-봄"),)) == "1"


def test_a_page_that_was_never_given_is_refused(quarantine: Quarantine) -> None:
    with pytest.raises(Rejected):
        quarantine.page(QuarantineFilter(), after="zzz", limit=3)
