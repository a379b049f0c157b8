"""A verified body brings in exactly what its source may say, once, and leaves nothing personal outside the vault."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.embedded import Embedded
from functions.entrypoints.wire import STATUS
from functions.forms.doors import Door
from functions.forms.strict_json import BadJsonError
from schemas.events.engine import QuestionAnswered
from schemas.ids import CaseId, MessageId, PersonId
from schemas.messages import Verdict
from schemas.roles import ROLES
from tests.corpus.rounds import KEY, SPRING, begin, dump, published
from tests.corpus.rows import CELLS, EVENT, FORM, csv_of, echoed, event_of, form_of, made, rows
from tests.support.cohort import CALENDAR, DAY, HOUR
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, Rejected, SameIdOtherContent
from workflows.runtime.intake import Receipt

JSON, CSV = "application/json", "text/csv"
SOURCES = {"desk": frozenset(ROLES), "lms": frozenset({"instructor"})}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store as every test finds it."""
    path = tmp_path_factory.mktemp("begun") / "sadari.db"
    begin(path)
    return path


@pytest.fixture(scope="module")
def shared(begun: Path) -> Iterator[Embedded]:
    """One store for the whole corpus: what is refused leaves no trace, what is taken in is no obstacle to the next."""
    opened = Embedded(shutil.copy(begun, begun.with_name("shared.db")))
    yield opened
    opened.close()


@pytest.fixture
def store(begun: Path, tmp_path: Path) -> Iterator[Embedded]:
    opened = Embedded(shutil.copy(begun, tmp_path))
    yield opened
    opened.close()


def door(store: Embedded, submission: str = "s1", source: str = "desk") -> Door:
    return Door(name=source, submission=submission, roles=SOURCES[source], key=KEY, ports=store.ports)


def apply(store: Embedded, submission: str = "s1", **changes: Any) -> dict[str, Any]:
    body = json.dumps({**FORM, **changes}).encode()
    return door(store, submission).take_in(f"applications/{SPRING}", JSON, body)


def send(store: Embedded, submission: str = "s1", **changes: Any) -> dict[str, Any]:
    return door(store, submission).take_in("events", JSON, json.dumps({**EVENT, **changes}).encode())


def bring(store: Embedded, body: bytes, submission: str = "s1") -> dict[str, Any]:
    return door(store, submission).take_in(f"applications/{SPRING}", CSV, body)


def person_of(store: Embedded, case: str) -> Any:
    seen = store.ports.cases.get(CaseId(case))
    assert seen is not None
    return store.ports.vault.get(PersonId(seen.case.person), reader="test", reason="test")


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


# ---- events


def test_an_event_is_sent_as_it_was_said(store: Embedded) -> None:
    receipt = send(store)

    (message,) = published(store)
    assert (message.id, message.case) == (receipt["receipt"], "c1")
    assert (message.type, message.data) == ("AttendanceRecorded", {"share": 0.9})
    assert message.actor.model_dump() == EVENT["actor"]


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_an_event_counts_from_when_its_source_took_it_in_but_never_from_the_future(store: Embedded, hours: int) -> None:
    now = store.clock.now()

    send(store, submitted_at=(now + timedelta(hours=hours)).isoformat())

    assert [message.at for message in published(store)] == [min(now, now + timedelta(hours=hours))]


def test_two_sources_may_use_the_same_id(store: Embedded) -> None:
    receipts = [
        door(store, "s1", source).take_in("events", JSON, json.dumps(EVENT).encode()) for source in ("desk", "lms")
    ]

    assert receipts[0] != receipts[1]


def test_an_event_that_the_history_has_is_not_sent_again(store: Embedded) -> None:
    first = send(store, case="not-a-round")
    store.worker.drain()
    before = dump(store)

    assert send(store, case="not-a-round") == first
    assert dump(store) == before
    with pytest.raises(SameIdOtherContent):
        send(store, case="not-a-round", data={"share": 0.8})
    assert dump(store) == before


def test_a_reason_that_somebody_typed_goes_to_the_vault(store: Embedded) -> None:
    case = apply(store, is_enrolled=False)["case"]
    store.worker.drain()
    store.clock.turn(datetime.now(UTC).replace(year=2027, month=3, day=20))
    store.worker.ring_all()
    store.worker.drain()
    (task,) = store.ports.cases.tasks(role="operator")
    data = {"task": task.id, "answer": False, "reason": "김하늘 학생과 통화함, 010-1234-5678"}
    answer: dict[str, Any] = {
        "type": QuestionAnswered.__name__,
        "case": case,
        "data": data,
        "actor": {"kind": "staff", "id": "o1", "role": "operator"},
    }

    receipt = send(store, "answer", **answer)
    store.worker.drain()

    entry = store.ports.cases.entry(CaseId(case), MessageId(receipt["receipt"]))
    assert entry is not None
    assert entry.verdict is Verdict.APPLIED
    assert store.ports.vault.get_text(entry.message.data["reason"], reader="t", reason="t") == data["reason"]
    assert send(store, "answer", **answer) == receipt
    with pytest.raises(SameIdOtherContent):
        send(store, "answer", **{**answer, "data": {**data, "reason": "다른 이유"}})
    seen = store.ports.cases.get(CaseId(case))
    assert seen is not None
    store.ports.vault.erase(PersonId(seen.case.person))
    assert store.ports.vault.get_text(entry.message.data["reason"], reader="t", reason="t") is None


# ---- appeals


def refused(store: Embedded) -> CaseId:
    """An application of which a human confirmed that it is not eligible."""
    case = apply(store, is_enrolled=False)["case"]
    store.worker.drain()
    store.clock.turn(datetime.now(UTC).replace(year=2027, month=3, day=20))
    store.worker.ring_all()
    store.worker.drain()
    (task,) = store.ports.cases.tasks(role="operator")
    actor = {"kind": "staff", "id": "o1", "role": "operator"}
    data = {"task": task.id, "answer": True, "reason": "확인함"}
    send(store, "ruling", type=QuestionAnswered.__name__, case=case, data=data, actor=actor)
    store.worker.drain()
    return CaseId(case)


def appeal(store: Embedded, case: str, **changes: Any) -> dict[str, Any]:
    seen = store.ports.cases.get(CaseId(case))
    body = {"person": "nobody" if seen is None else seen.case.person, "reason": "재학 중입니다.", **changes}
    source = body.pop("source", "desk")
    return door(store, source=source).take_in(f"appeals/{case}", JSON, json.dumps(body).encode())


def test_an_appeal_comes_in_and_what_was_written_lies_in_the_vault(store: Embedded) -> None:
    case = refused(store)

    receipt = appeal(store, case, reason="재학 중입니다.\r\n010-2468-1357로 연락 주세요.")

    (message,) = published(store)
    assert (message.id, message.case, message.type) == (receipt["receipt"], receipt["case"], "AppealFiled")
    assert "2468" not in message.model_dump_json()
    written = store.ports.vault.get_text(message.data["reason"], reader="test", reason="test")
    assert written == "재학 중입니다.\n010-2468-1357로 연락 주세요."


def test_an_appeal_that_is_sent_twice_is_one(store: Embedded) -> None:
    case = refused(store)
    first = appeal(store, case)
    store.worker.drain()

    assert appeal(store, case) == first
    assert published(store) == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"person": "somebody-else"}, NotAllowed),
        ({"source": "lms"}, NotAllowed),
        ({"reason": ""}, BadForm),
        ({"reason": " \n"}, BadForm),
        ({"reason": "가" * 4_001}, BadForm),
        ({"reason": "\u0000"}, BadForm),
        ({"reason": 7}, BadForm),
        ({"person": None}, BadForm),
        ({"also": "this"}, BadForm),
    ],
    ids=["another person", "another source", "nothing", "blank", "too long", "unfit", "no text", "nobody", "more"],
)
def test_an_appeal_that_cannot_be_taken_is_refused_and_leaves_nothing(
    store: Embedded, changes: dict[str, Any], error: type[Rejected]
) -> None:
    case = refused(store)
    before = dump(store)

    with pytest.raises(error):
        appeal(store, case, **changes)

    assert dump(store) == before


def test_where_nothing_was_decided_no_appeal_comes_in(store: Embedded) -> None:
    case = apply(store)["case"]
    store.worker.drain()
    before = dump(store)

    with pytest.raises(Rejected, match="is submitted: there is no decision to appeal against"):
        appeal(store, case)
    with pytest.raises(NotFound):
        appeal(store, "nowhere")

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
