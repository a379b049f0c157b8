"""Forms that people have begun to fill in: kept, gone on with, and destroyed in time."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from functions.adapters.google.firestore_drafts import FirestoreDrafts
from functions.adapters.local.sqlite_drafts import SqliteDrafts
from schemas.draft import Draft
from schemas.ids import CaseId
from tests.contracts.conftest import NOON
from workflows.runtime.form_ports import Drafts

DRAFT = Draft(
    id="draft-1",
    form="application",
    version=1,
    asked_for=CaseId("round-1"),
    typed={"name": "김카나리", "motivation": "아직 쓰는 중 🎓"},
    locale="ko",
    saved_at=NOON,
    erase_on=date(2026, 5, 1),
)


@pytest.fixture
def drafts(on: Callable[..., Any]) -> Drafts:
    made: Drafts = on(SqliteDrafts, FirestoreDrafts)
    return made


def test_a_draft_reads_back_as_it_was_saved_last(drafts: Drafts) -> None:
    later = DRAFT.model_copy(update={"typed": {"name": "김바뀜"}})
    drafts.put(DRAFT)
    drafts.put(later)

    assert drafts.get(DRAFT.id) == later
    assert drafts.get("another") is None


def test_a_draft_that_was_removed_is_gone_and_may_be_removed_again(drafts: Drafts) -> None:
    drafts.put(DRAFT)

    drafts.remove(DRAFT.id)
    drafts.remove(DRAFT.id)

    assert drafts.get(DRAFT.id) is None


def test_the_drafts_whose_day_has_come_are_destroyed_and_no_others(drafts: Drafts) -> None:
    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 2)]
    for number, day in enumerate(days):
        drafts.put(DRAFT.model_copy(update={"id": f"draft-{number}", "erase_on": day}))

    count = drafts.purge(date(2026, 5, 1))

    assert count == 2
    assert [drafts.get(f"draft-{number}") is not None for number in range(3)] == [False, False, True]


def test_all_drafts_are_found(drafts: Drafts) -> None:
    other = DRAFT.model_copy(update={"id": "draft-2"})
    drafts.put(other)
    drafts.put(DRAFT)

    assert list(drafts.find()) == [DRAFT, other]
