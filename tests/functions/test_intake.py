"""`intake` lets in what is signed and whole, answers all else with a status that says why, and repeats nothing."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from functions.forms.signature import sign
from schemas.ids import CaseId, PersonId
from tests.corpus.rounds import SPRING, dump, published
from tests.corpus.rows import CELLS, FORM, as_bytes, csv_of, echoed, event_of, form_of, made, rows
from tests.functions.site import CSV, SECRETS, Site
from tests.support.cohort import CALENDAR, DAY
from workflows.runtime.errors import Unavailable

PATH = f"/desk/applications/{SPRING}"


def faults_in(answer: TestResponse) -> list[str]:
    return sorted((answer.json or {}).get("faults", {}))


def check(site: Site, row: dict[str, Any], path: str, sent: Any) -> None:
    """Send the row; refused, it must leave no trace, neither here nor in the answer."""
    site.store.database.execute("delete from queue")
    before = dump(site.store)

    answer = site.hand_in(path, sent, row["id"], source=row.get("source", "desk"))

    assert answer.status_code == row["status"], answer.text
    if row["status"] == 202:
        assert [message.id for message in published(site.store)] == [answer.json["receipt"]]  # type: ignore[index]
        return
    assert faults_in(answer) == row.get("faults", [])
    assert echoed(answer.text, sent) == []
    assert dump(site.store) == before


# ---- the corpus


@pytest.mark.parametrize("row", rows("applications"))
def test_an_application_gets_the_answer_that_the_corpus_says(shared_site: Site, row: dict[str, Any]) -> None:
    check(shared_site, row, f"applications/{made(row.get('round', SPRING))}", form_of(row))

    if "kept" in row:
        (message,) = published(shared_site.store)
        person = shared_site.store.ports.vault.get(message.data["person"], reader="test", reason="test")
        assert person is not None
        kept = person.model_dump()
        assert {name: kept[name] for name in row["kept"]} == row["kept"]


@pytest.mark.parametrize("row", rows("events"))
def test_an_event_gets_the_answer_that_the_corpus_says(shared_site: Site, row: dict[str, Any]) -> None:
    check(shared_site, row, "events", event_of(row))


@pytest.mark.parametrize("row", rows("json_bodies"))
@pytest.mark.parametrize("door", ["events", f"applications/{SPRING}"])
def test_a_body_that_is_no_json_object_gets_400(shared_site: Site, row: dict[str, Any], door: str) -> None:
    body = as_bytes(row["body"])
    status = 422 if "gives" in row else 413 if len(body) > 65536 else 400
    before = dump(shared_site.store)

    answer = shared_site.hand_in(door, body)

    assert answer.status_code == status
    assert dump(shared_site.store) == before


@pytest.mark.parametrize("row", rows("csv_files"))
def test_a_file_gets_the_answer_that_the_corpus_says(shared_site: Site, row: dict[str, Any]) -> None:
    shared_site.store.database.execute("delete from queue")
    before = dump(shared_site.store)

    answer = shared_site.hand_in(f"applications/{SPRING}", csv_of(row), row["id"], mimetype=CSV)

    assert answer.status_code == row.get("status", 202)
    assert echoed(answer.text, list(CELLS.values())) == []
    if answer.status_code == 422:
        assert faults_in(answer) == ["file"]
        assert dump(shared_site.store) == before
        return
    messages = published(shared_site.store)
    report: Any = answer.json
    assert [each["receipt"] for each in report["rows"] if "receipt" in each] == [message.id for message in messages]
    if "kept" in row:
        person = shared_site.store.ports.vault.get(messages[0].data["person"], reader="test", reason="test")
        assert person is not None
        kept = {**person.model_dump(), **person.answers, "university": messages[0].data["university"]}
        assert {name: kept[name] for name in row["kept"]} == row["kept"]


@pytest.mark.parametrize("row", rows("signatures"))
def test_what_is_not_rightly_signed_gets_401(shared_site: Site, row: dict[str, Any]) -> None:
    body = json.dumps(FORM).encode()
    at = datetime.now(UTC) + timedelta(seconds=row.get("seconds", 0))
    signed = row["body_signed"].encode() if "body_signed" in row else body
    headers: dict[str, Any] = sign(made(row.get("id_signed", "s1")), signed, row.get("secret", SECRETS["desk"]), at)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1", row.get("version", "v1"))
    headers |= {
        name: str(int(datetime.now(UTC).timestamp())) if value == "$now" else value
        for name, value in made(row.get("headers", {})).items()
    }
    before = dump(shared_site.store)

    answer = shared_site.client("intake").post(
        PATH,
        data=body,
        content_type="application/json",
        headers={name: value for name, value in headers.items() if value is not None},
    )

    assert (answer.status_code, answer.json) == (401, {"error": "No valid signature of a known source."})
    assert dump(shared_site.store) == before


@pytest.mark.parametrize("row", rows("requests"))
def test_a_request_gets_the_answer_that_the_corpus_says(shared_site: Site, row: dict[str, Any]) -> None:
    body = json.dumps(FORM).encode()
    headers = {**sign(row["id"], row.get("signed", body.decode()).encode(), SECRETS["desk"]), **row.get("headers", {})}
    kind = row.get("type", "application/json")
    environ = EnvironBuilder(
        method=row.get("method", "POST"), data=body, content_type=kind, headers=headers
    ).get_environ()
    environ["PATH_INFO"] = row.get("path", PATH)  # as it is: no client tidies it up
    if row.get("length", 0) is None:
        del environ["CONTENT_LENGTH"]
    elif "length" in row:
        environ["CONTENT_LENGTH"] = str(row["length"])
    shared_site.store.database.execute("delete from queue")
    before = dump(shared_site.store)

    content, status, answered = run_wsgi_app(shared_site.apps["intake"], environ, buffered=True)

    text = b"".join(content).decode()
    assert status.split()[0] == str(row["status"]), text
    assert "Access-Control-Allow-Origin" not in answered
    assert answered.get("Allow") == ("POST" if row["status"] == 405 else None)
    if row["status"] == 202:
        assert [message.id for message in published(shared_site.store)] == [json.loads(text)["receipt"]]
    else:
        assert dump(shared_site.store) == before


# ---- what is let in


def test_an_application_gets_a_receipt_that_says_where_its_history_will_be(site: Site) -> None:
    answer = site.apply(FORM)

    (message,) = published(site.store)
    assert (answer.status_code, answer.json) == (202, {"receipt": message.id, "case": message.case})
    assert answer.content_type == "application/json; charset=utf-8"


def test_the_same_id_again_gets_the_same_receipt_and_has_one_effect(site: Site) -> None:
    receipts = [site.apply(FORM).json, site.apply(FORM).json]
    site.pump()
    receipts.append(site.apply(FORM).json)
    site.pump()

    assert receipts == [receipts[0]] * 3
    assert len(site.store.ports.cases.history(CaseId((receipts[0] or {})["case"]))) == 1
    assert len(list(site.store.ports.letters.find())) == 1


def test_twenty_at_once_with_one_id_get_one_receipt_and_have_one_effect(site: Site) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: site.apply(FORM), range(20)))
    site.pump()

    assert [answer.status_code for answer in answers] == [202] * 20
    assert len({answer.text for answer in answers}) == 1
    assert len(site.store.ports.cases.history(CaseId((answers[0].json or {})["case"]))) == 1


def test_another_form_under_the_same_id_gets_409_and_is_not_kept(site: Site) -> None:
    site.apply(FORM)
    site.pump()
    before = dump(site.store)

    answer = site.apply({**FORM, "name": "이바다"})

    assert (answer.status_code, set(answer.json or {})) == (409, {"error"})
    assert dump(site.store) == before


def test_a_file_gets_a_report_of_every_row(site: Site) -> None:
    body = csv_of({"rows": [{}, {"phone": "112", "consent_privacy": "동의하지 않습니다"}, {"phone": "010-8765-4321"}]})

    answer = site.hand_in(f"applications/{SPRING}", body, mimetype=CSV)

    first, second = published(site.store)
    assert answer.status_code == 202
    assert answer.json == {
        "rows": [
            {"row": 2, "receipt": first.id, "case": first.case},
            {
                "row": 3,
                "faults": {
                    "phone": "is no mobile number; write it as 010-1234-5678",
                    "consent_privacy": "the application cannot be handled without it",
                },
            },
            {"row": 4, "receipt": second.id, "case": second.case},
        ],
        "accepted": 2,
        "refused": 1,
    }


def test_a_file_in_cp949_can_be_signed_and_is_read(site: Site) -> None:
    body = csv_of({"encoding": "cp949"})

    site.hand_in(f"applications/{SPRING}", body, mimetype=CSV)

    (message,) = published(site.store)
    person = site.store.ports.vault.get(PersonId(message.actor.id), reader="test", reason="test")
    assert person is not None
    assert person.name == "김하늘"


def test_a_row_submitted_in_time_is_in_time_though_the_file_comes_after_the_close(site: Site) -> None:
    body = csv_of({"rows": [{"submitted_at": (CALENDAR.applications_close - DAY).isoformat()}]})
    site.store.clock.turn(CALENDAR.applications_close + DAY)
    site.call("sweep")
    site.pump()

    answer: Any = site.hand_in(f"applications/{SPRING}", body, mimetype=CSV).json

    site.pump()
    seen = site.store.ports.cases.get(CaseId(answer["rows"][0]["case"]))
    assert seen is not None
    assert seen.case.stage != "late"


def test_a_time_in_the_future_is_now(site: Site) -> None:
    site.hand_in("events", {**event_of({}), "submitted_at": "2099-01-01T00:00:00Z"})

    assert [message.at for message in published(site.store)] == [site.store.clock.now()]


# ---- what stands in the way


def test_while_the_topics_cannot_be_reached_nobody_hears_that_it_was_received(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("[Pub/Sub] DeadlineExceeded")

    with monkeypatch.context() as patch:
        patch.setattr(type(site.store.queue), "publish", fail)
        answer = site.apply(FORM)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json == {"error": "This does not work at the moment; try again."}
    assert published(site.store) == []
    retried = site.apply(FORM)
    assert retried.status_code == 202
    assert [message.id for message in published(site.store)] == [(retried.json or {})["receipt"]]


def test_an_error_of_our_own_is_500_and_says_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("김하늘")

    monkeypatch.setattr(type(site.store.queue), "publish", fail)

    answer = site.apply(FORM)

    assert (answer.status_code, answer.json) == (500, {"error": "this is our fault; it is looked at"})


def test_a_body_that_breaks_off_is_refused(site: Site) -> None:
    body = json.dumps(FORM).encode()
    builder = EnvironBuilder(path=PATH, method="POST", data=body, content_type="application/json")
    environ = {**builder.get_environ(), "CONTENT_LENGTH": str(len(body) + 1)}

    _, status, _ = run_wsgi_app(site.apps["intake"], environ)

    assert status.split()[0] == "400"


def test_every_row_of_the_corpus_was_answered_within_a_second(site: Site) -> None:
    worst = {"motivation": "가\u0301" * 2000}
    begun = time.monotonic()

    site.apply({**FORM, **worst})
    site.hand_in(f"applications/{SPRING}", b"[" * 65536)
    site.hand_in(f"applications/{SPRING}", b'{"a":' * 13000)
    site.hand_in("events", {**event_of({}), "data": {str(number): "x" * 40 for number in range(1000)}})

    assert time.monotonic() - begun < 1
