"""A verified body brings in exactly what its source may say, once, and leaves nothing personal outside the vault."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.embedded import Embedded
from functions.entrypoints.wire import STATUS
from functions.forms.strict_json import BadJsonError
from schemas.ids import CaseId, PersonId
from tests.corpus.rounds import SPRING, dump, published
from tests.corpus.rows import CELLS, EVENT, FORM, csv_of, echoed, event_of, form_of, made, rows
from tests.support.cohort import CALENDAR, DAY
from tests.support.doors import CSV, JSON, apply, bring, door, person_of, send
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, Rejected, SameIdOtherContent
from workflows.runtime.intake import Receipt


@pytest.fixture(scope="module")
def shared(begun: Path) -> Iterator[Embedded]:
    """One store for the whole corpus: what is refused leaves no trace, what is taken in is no obstacle to the next."""
    opened = Embedded(shutil.copy(begun, begun.with_name("shared.db")))
    yield opened
    opened.close()


def check(store: Embedded, row: dict[str, Any], path: str, sent: dict[str, Any]) -> None:
    store.database.execute("delete from queue")
    before = dump(store)
    body = json.dumps(sent).encode()

    if row["status"] == 202:
        receipt = door(store, row["id"]).take_in(path, JSON, body)

        assert [message.id for message in published(store)] == [receipt["receipt"]]
        return

    with pytest.raises(Rejected) as refused:
        door(store, row["id"], row.get("source", "desk")).take_in(path, JSON, body)

    error = refused.value
    assert next(status for kind, status in STATUS if isinstance(error, kind)) == row["status"]
    faults = error.faults if isinstance(error, BadForm) else {}
    assert sorted(faults) == row.get("faults", [])
    assert echoed(str(error), sent) == []
    assert dump(store) == before


# ---- the corpus


@pytest.mark.parametrize("row", rows("applications"))
def test_an_application_is_taken_in_or_refused_as_the_corpus_says(shared: Embedded, row: dict[str, Any]) -> None:
    check(shared, row, f"applications/{unquote(made(row.get('round', SPRING)))}", form_of(row))


@pytest.mark.parametrize("row", rows("events"))
def test_an_event_is_taken_in_or_refused_as_the_corpus_says(shared: Embedded, row: dict[str, Any]) -> None:
    check(shared, row, "events", event_of(row))


@pytest.mark.parametrize("row", rows("csv_files"))
def test_a_file_is_taken_in_or_refused_as_the_corpus_says(shared: Embedded, row: dict[str, Any]) -> None:
    shared.database.execute("delete from queue")
    before = dump(shared)

    if row.get("status") == 422:
        with pytest.raises(BadForm, match=row["says"]):
            bring(shared, csv_of(row), row["id"])
        assert dump(shared) == before
        return

    report = bring(shared, csv_of(row), row["id"])

    refused = {str(each["row"]): sorted(each["faults"]) for each in report["rows"] if "faults" in each}
    assert (report["accepted"], report["refused"]) == (row["accepted"], len(refused))
    assert refused == row.get("refused", {})
    assert len(published(shared)) == row["accepted"]
    assert echoed(json.dumps(report, ensure_ascii=False), list(CELLS.values())) == []


@pytest.mark.parametrize(
    ("path", "mimetype"),
    [
        *(("", JSON), ("/", JSON), ("people", JSON), ("event", JSON), ("Events", JSON), ("events/", JSON)),
        *(("events/spring", JSON), ("events", CSV), ("events", "text/plain"), ("applications", JSON)),
        *(("applications/spring/1", JSON), ("applications/spring", "application/xml"), ("../events", JSON)),
    ],
)
def test_there_is_no_other_door(store: Embedded, path: str, mimetype: str) -> None:
    before = dump(store)

    with pytest.raises(NotFound, match=r"No such door") as refused:
        door(store).take_in(path, mimetype, b"{}")

    assert not path.strip("/") or path not in str(refused.value)
    assert dump(store) == before


@pytest.mark.parametrize("path", ["events", f"applications/{SPRING}"])
@given(body=st.binary(max_size=60))
def test_no_bytes_at_all_raise_anything_but_a_refusal(shared: Embedded, path: str, body: bytes) -> None:
    with pytest.raises((BadJsonError, BadForm)):
        door(shared).take_in(path, JSON, body)


FIELD = st.sampled_from([*FORM, "type", "case", "data", "actor", "submitted_at"]) | st.text(max_size=8)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(changes=st.dictionaries(FIELD, VALUE, min_size=1, max_size=4))
def test_no_fields_at_all_raise_anything_but_a_refusal_that_can_be_written(
    shared: Embedded, changes: dict[str, Any]
) -> None:
    for take, fields in ((_apply_to_spring(shared), FORM), (door(shared).take_event, EVENT)):
        try:
            take({**fields, **changes})
        except BadForm as error:
            answer = json.dumps(error.faults, ensure_ascii=False)
            answer.encode()
            assert echoed(answer, changes) == []
        except NotAllowed:
            pass


def _apply_to_spring(store: Embedded) -> Callable[[dict[str, Any]], Receipt]:
    return lambda fields: door(store).take_application(fields, SPRING)


# ---- applications


def test_an_application_lays_the_person_into_the_vault_and_sends_only_ids_and_facts(store: Embedded) -> None:
    receipt = apply(store)

    (message,) = published(store)
    assert (message.id, message.case) == (receipt["receipt"], receipt["case"])
    assert message.type == "ApplicationSubmitted"
    assert message.at == store.clock.now()
    assert echoed(message.model_dump_json(), [FORM[name] for name in ("name", "email", "phone", "motivation")]) == []
    store.worker.drain()
    person = person_of(store, receipt["case"])
    assert (person.name, person.email, person.contact) == ("김하늘", "haneul@example.org", "+821024681357")
    assert person.answers == {"department": "수학과", "student_number": "20211234", "motivation": "배우고 싶습니다."}
    assert person.consents == {"privacy": True, "third_party": False}
    assert person.erase_on == (CALENDAR.results_at + 90 * DAY).date()


def test_the_same_submission_again_gives_the_same_receipt_and_changes_nothing(store: Embedded) -> None:
    first = apply(store)
    store.worker.drain()
    before = dump(store)

    assert apply(store) == first
    assert dump(store) == before


def test_a_submission_repeated_before_it_was_heard_is_applied_once(store: Embedded) -> None:
    receipts = [apply(store) for _ in range(3)]
    store.worker.drain()

    assert receipts == [receipts[0]] * 3
    assert len(store.ports.cases.history(CaseId(receipts[0]["case"]))) == 1


def test_a_repeat_after_the_calendar_moved_is_still_a_repeat(store: Embedded) -> None:
    first = apply(store)
    calendar = {**CALENDAR.model_dump(mode="json"), "version": 2}
    operator = {"kind": "staff", "id": "o1", "role": "operator"}
    send(store, "moved", type="CalendarMoved", case=SPRING, data={"calendar": calendar}, actor=operator)
    store.worker.drain()
    before = dump(store)

    assert apply(store) == first
    assert dump(store) == before


@pytest.mark.parametrize(
    "change", [{"email": "other@example.org"}, {"consent_third_party": True}, {"can_attend": False}]
)
def test_another_form_under_the_same_id_is_refused_and_the_vault_keeps_the_first(
    store: Embedded, change: dict[str, Any]
) -> None:
    apply(store)
    store.worker.drain()
    before = dump(store)

    with pytest.raises(SameIdOtherContent):
        apply(store, **change)

    assert dump(store) == before


def test_one_person_has_one_application_however_often_and_however_they_write_themselves(store: Embedded) -> None:
    receipts = [apply(store, f"s{n}", phone=phone) for n, phone in enumerate(["010-2468-1357", "+82 10 2468 1357"])]
    receipts += [apply(store, "s3", name="\u1100\u1175\u11b7 하늘", email="HANEUL@example.org")]

    assert len({receipt["case"] for receipt in receipts}) == 1
    assert len({receipt["receipt"] for receipt in receipts}) == 3


def test_a_change_of_any_personal_answer_shows_in_the_digest(store: Embedded) -> None:
    changes: list[dict[str, Any]] = [
        {},
        *({"name": "이하늘"}, {"email": "other@example.org"}, {"department": "통계학과"}, {"student_number": "1"}),
        *({"motivation": ""}, {"locale": "en"}, {"consent_third_party": True}),
    ]
    for number, change in enumerate(changes):
        apply(store, f"s{number}", **change)

    assert len({message.data["answers"] for message in published(store)}) == len(changes)


def test_somebody_who_was_erased_is_not_brought_back(store: Embedded) -> None:
    receipt = apply(store)
    store.worker.drain()
    seen = store.ports.cases.get(CaseId(receipt["case"]))
    assert seen is not None
    store.ports.vault.erase(PersonId(seen.case.person))
    before = dump(store)

    with pytest.raises(Rejected, match="was erased"):
        apply(store, "s2")

    assert dump(store) == before


# ---- what quotas look at


def test_track_and_region_are_taken_with_the_form_and_may_be_left_out(store: Embedded) -> None:
    apply(store, "with", track="  인공지능 ", region="광주")
    apply(store, "without", phone="010-8765-4321")

    assert [(message.data["track"], message.data["region"]) for message in published(store)] == [
        ("인공지능", "광주"),
        ("", ""),
    ]


@pytest.mark.parametrize("field", ["track", "region"])
def test_a_public_field_that_names_a_person_is_refused(store: Embedded, field: str) -> None:
    with pytest.raises(BadForm) as refused_:
        apply(store, **{field: "010-2468-1357"})

    assert list(refused_.value.faults) == [field]


def test_a_file_may_have_columns_for_track_and_region(store: Embedded) -> None:
    text = csv_of({}).decode("utf-8-sig").splitlines()
    header, row = text[0], text[1]

    report = bring(store, "\n".join((f"{header},지원 분야,거주 지역", f"{row},인공지능,")).encode())

    (message,) = published(store)
    assert (report["accepted"], message.data["track"], message.data["region"]) == (1, "인공지능", "")


def test_nobody_outside_says_for_whom_somebody_acts(shared: Embedded) -> None:
    actor = {"kind": "staff", "id": "lee", "role": "operator", "on_behalf_of": "kim"}

    with pytest.raises(BadForm) as refused_:
        send(shared, "for-another", actor=actor)

    assert refused_.value.faults == {"actor.on_behalf_of": "this is not the sender's to say"}


# ---- what the vault keeps of several forms


def department_of(store: Embedded, case: str) -> str:
    return str(person_of(store, case).answers["department"])


def test_an_older_form_that_comes_after_a_newer_one_replaces_nothing(store: Embedded) -> None:
    newer = apply(store, department="통계학과")
    store.worker.drain()
    earlier = (store.clock.now() - timedelta(hours=1)).isoformat()

    report = bring(store, csv_of({"rows": [{"submitted_at": earlier}]}))
    store.worker.drain()

    assert report["rows"][0]["case"] == newer["case"]
    assert department_of(store, newer["case"]) == "통계학과"
    assert len(store.ports.cases.history(CaseId(newer["case"]))) == 2


def test_an_edit_after_the_close_replaces_nothing(store: Embedded) -> None:
    receipt = apply(store)
    store.worker.drain()
    store.clock.turn(CALENDAR.applications_close + DAY)
    store.worker.ring_all()
    store.worker.drain()

    apply(store, "s2", department="통계학과")
    store.worker.drain()

    assert department_of(store, receipt["case"]) == "수학과"
    assert "EditTooLate" in [letter.notice for letter in store.ports.letters.find()]


def test_an_edit_before_the_close_replaces_what_was_answered(store: Embedded) -> None:
    receipt = apply(store)
    store.worker.drain()

    apply(store, "s2", department="통계학과")
    store.worker.drain()

    assert department_of(store, receipt["case"]) == "통계학과"
