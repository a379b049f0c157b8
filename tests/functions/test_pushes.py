"""What Pub/Sub pushes is applied, delivered or buried once; what cannot be is quarantined, its body in the vault."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.entrypoints import deliver
from functions.post.check import TextsError
from schemas.events.application import InterestDeferred
from schemas.events.enrolment import AttendanceRecorded
from schemas.ids import CaseId, MessageId, secret_name_of
from schemas.letters import LetterState
from schemas.messages import Message, Notice, Quarantined
from schemas.roles import APPLICANT
from tests.corpus.rounds import KEY, SPRING, dump, published
from tests.corpus.rows import FORM, as_bytes, made, rows
from tests.functions.site import PUSHED, Site, envelope_of
from workflows.runtime.errors import Unavailable

MESSAGE = {
    "id": "m1",
    "case": "not-a-round",
    "type": "LearnerWithdrew",
    "data": {},
    "at": "2027-03-03T00:00:00Z",
    "actor": {"kind": "staff", "id": "o1", "role": "operator"},
}
NOTICE = {
    "id": "n1",
    "type": "ApplicationReceived",
    "role": APPLICANT.name,
    "case": "c1",
    "workflow": "application",
    "person": "p1",
    "data": {},
    "at": "2027-03-03T00:00:00Z",
}
UNREAD = {"advance": "no_message", "bury": "no_message", "deliver": "no_notice"}
SOURCE = {"advance": "advance", "bury": "events", "deliver": "deliver"}


def body_of(name: str, row: dict[str, Any]) -> bytes:
    if "body" in row:
        return as_bytes(row["body"])
    if "data" in row:
        return envelope_of(as_bytes(row["data"]))
    good = NOTICE if name == "deliver" else MESSAGE
    return envelope_of(json.dumps({**good, **made(row["set"])}).encode())


def quarantined(site: Site) -> list[Quarantined]:
    return list(site.store.ports.quarantine.find())


def changed(before: Any, site: Site) -> set[str]:
    """The tables that differ now."""
    return {table for table, rows_now in dump(site.store).items() if rows_now != before[table]}


def message(**changes: Any) -> dict[str, Any]:
    return {**MESSAGE, **changes}


# ---- what cannot be read


@pytest.mark.parametrize("name", PUSHED)
@pytest.mark.parametrize("row", rows("envelopes"))
def test_what_cannot_be_read_is_quarantined_and_its_body_lies_in_the_vault(
    shared_site: Site, name: str, row: dict[str, Any]
) -> None:
    shared_site.store.database.execute("delete from quarantine")
    shared_site.store.database.execute("delete from texts")
    before, body = dump(shared_site.store), body_of(name, row)

    answer = shared_site.call(name, body)

    assert (answer.status_code, answer.data) == (204, b"")
    assert changed(before, shared_site) == {"quarantine", "texts"}
    (found,) = quarantined(shared_site)
    reason = UNREAD[name] if row["reason"] == "unread" else row["reason"]
    ((reference, text),) = shared_site.store.database.all("select id, blob from texts")
    digest = secret_name_of(KEY, body.hex())
    assert (found.reason, found.source) == (f"{reason} (vault {reference})", SOURCE[name])
    assert (found.id, found.digest, found.message) == (digest, digest, None)
    assert text.encode() == body[:65536].decode("utf-8", "backslashreplace").encode()


@pytest.mark.parametrize("name", PUSHED)
def test_the_same_nonsense_again_is_the_same_row(site: Site, name: str) -> None:
    site.call(name, b"nonsense")
    before = dump(site.store)

    assert site.call(name, b"nonsense").status_code == 204
    assert dump(site.store) == before


def test_a_notice_is_no_message_and_a_message_no_notice(site: Site) -> None:
    assert site.push("advance", NOTICE).status_code == 204
    assert site.push("deliver", MESSAGE).status_code == 204

    assert sorted(row.reason.split()[0] for row in quarantined(site)) == ["no_message", "no_notice"]


def test_a_notice_to_a_person_of_an_unfit_id_is_quarantined(site: Site) -> None:
    assert site.push("deliver", {**NOTICE, "person": "../x"}).status_code == 204

    assert [row.reason.split()[0] for row in quarantined(site)] == ["unfit_id"]


@pytest.mark.parametrize(
    "more",
    [
        *({"messageId": "1", "message_id": "2"}, {"orderingKey": "k"}, {"attributes": {"id": "other", "case": "x"}}),
        *({"attributes": None}, {"attributes": "none"}, {"publishTime": "never"}),
    ],
)
def test_what_else_an_envelope_says_does_not_matter(site: Site, more: dict[str, Any]) -> None:
    assert site.push("advance", MESSAGE, **more).status_code == 204

    assert site.store.ports.cases.entry(CaseId("not-a-round"), MessageId("m1")) is not None
    assert quarantined(site) == []


def test_an_envelope_may_lack_all_but_the_data(site: Site) -> None:
    bare = json.loads(envelope_of(json.dumps(MESSAGE).encode()))
    body = json.dumps({"message": {"data": bare["message"]["data"]}}).encode()

    assert site.call("advance", body).status_code == 204
    assert site.store.ports.cases.entry(CaseId("not-a-round"), MessageId("m1")) is not None


# ---- advance


def test_a_message_is_applied_once_however_often_it_comes(site: Site) -> None:
    first = site.push("advance", MESSAGE)
    effects = len(published(site.store))
    before = dump(site.store)

    again = site.push("advance", MESSAGE)

    assert (first.status_code, again.status_code) == (204, 204)
    seen = site.store.ports.cases.get(CaseId("not-a-round"))
    assert seen is not None
    assert seen.case.stage == "withdrawn"
    assert len(site.store.ports.cases.history(CaseId("not-a-round"))) == 2
    assert changed(before, site) <= {"queue", "sqlite_sequence"}  # effects go out again, under the same ids
    assert {each.id for each in published(site.store)} == {each.id for each in published(site.store)[:effects]}


def test_a_message_that_comes_several_times_at_once_is_applied_once(site: Site) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: site.push("advance", MESSAGE).status_code, range(8)))

    assert statuses == [204] * 8
    assert len(site.store.ports.cases.history(CaseId("not-a-round"))) == 2


def test_while_the_store_cannot_be_reached_a_message_is_asked_to_come_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("[Firestore] ServiceUnavailable")

    with monkeypatch.context() as patch:
        patch.setattr(type(site.store.ports.cases), "get", fail)
        answers = [site.push(name, MESSAGE) for name in ("advance", "bury")]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert site.push("advance", MESSAGE).status_code == 204
    assert len(site.store.ports.cases.history(CaseId("not-a-round"))) == 2


def test_a_message_to_a_case_that_is_not_there_yet_comes_again_later(site: Site) -> None:
    before = dump(site.store)

    answer = site.push("advance", message(case="nobody"))

    assert (answer.status_code, answer.json) == (503, {"error": "There is no such case yet."})
    assert answer.headers["Retry-After"] == "5"
    assert dump(site.store) == before


def test_another_content_under_the_same_id_is_quarantined_and_the_first_stays(site: Site) -> None:
    site.push("advance", MESSAGE)
    before = dump(site.store)
    other = message(type="AttendanceRecorded", data=AttendanceRecorded(share=0.5).model_dump(mode="json"))

    answer = site.push("advance", other)

    assert answer.status_code == 204
    assert changed(before, site) == {"quarantine"}
    (row,) = quarantined(site)
    assert (row.id, row.reason.split(":")[0], row.source) == ("m1-other", "same_id_other_content", "advance")
    assert row.message == Message.model_validate(other)


def test_an_event_that_nobody_knows_is_recorded_as_rejected(site: Site) -> None:
    assert site.push("advance", message(type="LearnerAbducted")).status_code == 204

    entry = site.store.ports.cases.entry(CaseId("not-a-round"), MessageId("m1"))
    assert entry is not None
    assert (entry.verdict.value, entry.reason) == ("rejected", "unknown_event: LearnerAbducted")


def test_an_error_of_our_own_is_told_to_nobody_but_the_log(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said = "김하늘 +821024681357"

    def fail(*_: object, **_named: object) -> None:
        raise RuntimeError(said)

    monkeypatch.setattr(type(site.store.ports.cases), "commit", fail)

    answer = site.push("advance", MESSAGE)

    assert (answer.status_code, answer.json) == (500, {"error": "this is our fault; it is looked at"})
    assert "Traceback (most recent call last):" in caplog.text
    assert caplog.messages[0].endswith("RuntimeError")
    assert "in fail" in caplog.text
    assert "김하늘" not in caplog.text
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


# ---- bury


def test_what_was_given_up_on_is_quarantined_with_the_reason_why_it_cannot_be_applied(site: Site) -> None:
    assert site.push("bury", message(case="nobody")).status_code == 204

    (row,) = quarantined(site)
    assert (row.id, row.source, row.message) == ("m1", "events", Message.model_validate(message(case="nobody")))
    assert row.reason.startswith("UnknownCase: There is no such case yet.")


def test_what_could_be_applied_after_all_says_so(site: Site) -> None:
    assert site.push("bury", MESSAGE).status_code == 204

    assert [row.reason for row in quarantined(site)] == ["gave_up: it could not be committed in time"]


def test_what_the_history_has_already_is_finished_and_not_quarantined(site: Site) -> None:
    site.push("advance", MESSAGE)
    told = len(site.store.database.all("select 1 from queue"))

    assert site.push("bury", MESSAGE).status_code == 204
    assert quarantined(site) == []
    assert len(site.store.database.all("select 1 from queue")) == 2 * told


def test_a_notice_that_was_given_up_on_is_told_again(site: Site) -> None:
    assert site.push("bury", NOTICE).status_code == 204

    rows = site.store.database.all("select topic, blob from queue")
    told = [(topic, Notice.model_validate_json(blob)) for topic, blob in rows]
    assert told == [("notices", Notice.model_validate(NOTICE))]
    assert quarantined(site) == []


def test_a_reason_does_not_repeat_what_could_not_be_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **_named: object) -> None:
        Message.model_validate({**MESSAGE, "at": "김하늘"})

    monkeypatch.setattr("functions.entrypoints.bury.look_ahead", fail)

    assert site.push("bury", MESSAGE).status_code == 204
    assert [row.reason for row in quarantined(site)] == ["ValidationError: at"]


# ---- deliver


def test_a_notice_becomes_a_record_and_a_letter_once(site: Site) -> None:
    case = (site.apply(FORM).json or {})["case"]
    site.pump()
    before = dump(site.store)
    (blob,) = site.store.database.one("select blob from notices where type = 'ApplicationReceived'")

    answer = site.push("deliver", blob.encode())

    assert answer.status_code == 204
    assert dump(site.store) == before
    notice = Notice.model_validate_json(blob)
    assert notice.case == case
    (letter,) = site.store.ports.letters.find()
    assert (letter.case, letter.notice, letter.state) == (case, "ApplicationReceived", LetterState.RELEASED)
    assert "김하늘" in letter.body


def test_a_notice_that_this_deployment_does_not_know_comes_again_later(site: Site) -> None:
    person = (site.apply(FORM).json or {}) and published(site.store)[0].data["person"]
    before = dump(site.store)

    answer = site.push("deliver", {**NOTICE, "type": "SomethingNew", "person": person})

    assert answer.status_code == 500
    assert changed(before, site) == {"accesses"}


# ---- all together


def test_an_application_goes_from_the_form_to_the_history_and_the_letter(site: Site) -> None:
    receipt: Any = site.apply(FORM).json
    site.pump()

    entry = site.store.ports.cases.entry(CaseId(receipt["case"]), MessageId(receipt["receipt"]))
    assert entry is not None
    assert entry.verdict.value == "applied"
    seen = site.store.ports.cases.get(CaseId(receipt["case"]))
    assert seen is not None
    assert (seen.case.workflow, seen.case.round) == ("application", SPRING)
    early = {"type": InterestDeferred.__name__, "case": receipt["case"], "data": {"consent": "interest@1"}}
    actor = {"kind": "person", "id": seen.case.person, "role": "applicant"}
    answered: Any = site.hand_in("events", {**early, "actor": actor}, "s2").json
    site.pump()
    entry = site.store.ports.cases.entry(CaseId(receipt["case"]), MessageId(answered["receipt"]))
    assert entry is not None
    assert entry.verdict.value == "parked"
    assert quarantined(site) == []


def test_a_fault_in_the_texts_stops_letters_before_the_first_and_loses_none(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty() -> None:
        raise TextsError("seat_offered.ko.txt: [answer_by] of SeatOffered is never told")

    notice = {"id": "n1", "type": "DeclineReceived", "role": "applicant", "case": "c1", "workflow": "application"}
    pushed = {**notice, "person": "p1", "at": "2027-04-02T01:00:00Z"}
    with monkeypatch.context() as broken:
        broken.setattr(deliver, "_checked", faulty)
        refused = site.push("deliver", pushed)

    again = site.push("deliver", pushed)

    assert (refused.status_code, again.status_code) == (500, 204)
    assert "TextsError" in caplog.text
