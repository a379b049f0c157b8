"""A file brings in what its rows say, each once, and may be tried first."""

import pytest

from functions.embedded import Embedded
from functions.forms.doors import Door
from schemas.ids import PersonId
from tests.corpus.rounds import SPRING, dump, published
from tests.corpus.rows import csv_of
from tests.support.cohort import HOUR
from tests.support.doors import CSV, JSON, SOURCES, apply, bring, door, person_of, send
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, Rejected

# ---- files


def test_a_file_brings_in_its_good_rows_and_reports_each(store: Embedded) -> None:
    body = csv_of({"rows": [{}, {"phone": "112", "name": ""}, {"phone": "010-8765-4321", "name": "이바다"}]})

    report = bring(store, body)

    first, second = published(store)
    assert report == {
        "rows": [
            {"row": 2, "receipt": first.id, "case": first.case},
            {
                "row": 3,
                "faults": {
                    "phone": "is no mobile number; write it as 010-1234-5678",
                    "name": "is missing",
                },
            },
            {"row": 4, "receipt": second.id, "case": second.case},
        ],
        "accepted": 2,
        "refused": 1,
    }
    store.worker.drain()
    assert [person_of(store, message.case).name for message in (first, second)] == ["김하늘", "이바다"]


def test_the_same_file_again_changes_nothing_whatever_came_in_between(store: Embedded) -> None:
    body = csv_of({"rows": [{}, {"phone": "010-8765-4321"}]})
    first = bring(store, body, "import-1")
    store.worker.drain()
    apply(store, "an edit", motivation="새로 씁니다.")
    store.worker.drain()
    before = dump(store)

    assert bring(store, body, "import-2") == first
    assert dump(store) == before


def test_the_same_file_with_one_row_corrected_brings_one_change(store: Embedded) -> None:
    bring(store, csv_of({"rows": [{}, {"phone": "112"}]}))
    store.worker.drain()

    report = bring(store, csv_of({"rows": [{}, {"phone": "010-8765-4321"}]}), "s2")

    assert [message.id for message in published(store)] == [report["rows"][1]["receipt"]]


def test_rows_count_from_when_they_were_submitted_but_never_from_the_future(store: Embedded) -> None:
    sent_at = store.clock.now() - 3 * HOUR
    bring(store, csv_of({"rows": [{"submitted_at": sent_at.isoformat()}, {"submitted_at": "2099-01-01T00:00:00Z"}]}))

    assert [message.at for message in published(store)] == [sent_at, store.clock.now()]


def test_the_id_of_a_row_cannot_be_made_from_the_row_without_the_key(store: Embedded) -> None:
    other = Door(
        name="desk", submission="s", roles=SOURCES["desk"], key=b"another key of thirty-two bytes.", ports=store.ports
    )

    bring(store, csv_of({}))
    other.take_in(f"applications/{SPRING}", CSV, csv_of({}))

    first, second = published(store)
    assert first.id != second.id


@pytest.mark.parametrize(
    ("round_id", "error"), [("no-such-round", NotFound), ("not-a-round", NotFound), ("next-year", Rejected)]
)
@pytest.mark.parametrize("row", [{}, {"phone": "112"}])
def test_a_file_for_no_open_round_is_refused_whole(
    store: Embedded, round_id: str, error: type[Rejected], row: dict[str, str]
) -> None:
    before = dump(store)

    with pytest.raises(error):
        door(store).take_in(f"applications/{round_id}", CSV, csv_of({"rows": [row]}))

    assert dump(store) == before


def test_a_source_that_may_not_speak_for_applicants_brings_no_file(store: Embedded) -> None:
    with pytest.raises(NotAllowed):
        door(store, source="lms").take_in(f"applications/{SPRING}", CSV, csv_of({}))


def test_a_row_of_somebody_erased_holds_up_nobody(store: Embedded) -> None:
    case = bring(store, csv_of({}))["rows"][0]["case"]
    store.worker.drain()
    seen = store.ports.cases.get(case)
    assert seen is not None
    store.ports.vault.erase(PersonId(seen.case.person))

    report = bring(store, csv_of({"rows": [{"motivation": "다시"}, {"phone": "010-8765-4321"}]}), "s2")

    assert (report["accepted"], report["refused"]) == (1, 1)
    assert "was erased" in report["rows"][0]["faults"]["row"]


# ---- a file, tried first


def test_a_file_that_is_tried_gives_the_same_report_and_takes_in_nothing(store: Embedded) -> None:
    body = csv_of({"rows": [{}, {"phone": "112"}, {"phone": "010-8765-4321"}]})
    before = dump(store)

    tried = door(store).take_in(f"applications/{SPRING}/check", CSV, body)

    assert dump(store) == before
    assert tried == {"dry_run": True, **bring(store, body)}
    assert (tried["accepted"], tried["refused"]) == (2, 1)


def test_only_a_file_can_be_tried(store: Embedded) -> None:
    with pytest.raises(NotFound):
        door(store).take_in(f"applications/{SPRING}/check", JSON, b"{}")


def test_a_number_that_may_not_be_collected_is_refused_as_a_number_too(store: Embedded) -> None:
    before = dump(store)

    with pytest.raises(BadForm) as refused:
        send(store, data={"share": 9001011234567})

    assert "resident registration" in refused.value.faults["data.share"]
    assert dump(store) == before
