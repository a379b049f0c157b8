"""`intake` lets in what is signed and whole, answers everything else with a status that says why, and repeats nothing."""

import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from functions.forms import signature
from functions.forms.signature import sign
from tests.corpus.rounds import SPRING, dump, published
from tests.corpus.rows import CELLS, FORM, as_bytes, csv_of, echoed, event_of, form_of, made, rows
from tests.functions.site import CSV, SECRETS, Site

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
    from datetime import UTC, datetime, timedelta

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
