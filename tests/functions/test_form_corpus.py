"""What a provider rightly signed is taken in, or refused beside its field; then nothing of it is kept."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from functions.forms.signature import sign
from functions.forms.strict_json import BadJsonError, read_json
from functions.stack.relay import LocalKey
from tests.corpus.rounds import dump, published
from tests.corpus.rows import as_bytes, made, rows
from tests.functions.form_site import FORM_ID, WHSEC, digest, forward, opened_with_forms, post, tally, typeform
from tests.functions.site import Site
from tests.support.vendor import sample

SAMPLES = {
    "typeform": sample("typeform"),
    "tally": sample("tally"),
    "google_forms": sample("google_responses")["responses"][0],
}
SENDERS = {"typeform": typeform, "tally": tally, "google_forms": forward}
TEXTS = {"name", "university", "department", "student_number", "motivation"}
KNOWN = {"id", "claim", "set", "status", "faults", "kept"}
QUESTIONS = {
    (provider, question["field"]): question["question"]
    for provider, connection in sample("connections").items()
    for question in connection["questions"]
}


def is_about_texts(row: Mapping[str, Any]) -> bool:
    """Tell whether a row changes nothing but what is text at every provider."""
    texts = made(row.get("set", {}))
    return texts.keys() <= TEXTS and all(isinstance(text, str) for text in texts.values()) and set(row) <= KNOWN


@pytest.fixture(scope="module")
def site(
    apps: Mapping[str, Flask], key: LocalKey, certs_url: str, begun: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The functions in front of one store, which every test leaves as it was."""
    with opened_with_forms(apps, key, certs_url, begun, tmp_path_factory.mktemp("forms")) as (opened, _):
        yield opened


def changed(content: Any, path: list[Any], row: Mapping[str, Any]) -> Any:
    """Give a copy with one place changed, or taken away."""
    copy = deepcopy(content)
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    if "value" in row:
        inner[path[-1]] = made(row["value"])
    else:
        del inner[path[-1]]
    return copy


def leaves_no_trace(site: Site, before: Any, *, row: bool) -> None:
    """Nothing changed, but for one row in the quarantine where there has to be one; then that is taken away."""
    after = dump(site.store)
    assert {**after, "quarantine": before["quarantine"]} == before
    assert len(after["quarantine"]) - len(before["quarantine"]) == row
    site.store.database.execute("delete from quarantine")


@pytest.mark.parametrize("row", rows("provider_bodies"))
def test_a_delivery_gets_the_answer_that_the_corpus_says(
    site: Site, row: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    site.store.database.execute("delete from queue")
    before = dump(site.store)
    content = changed(SAMPLES[row["provider"]], row["path"], row)

    answer = SENDERS[row["provider"]](site, content)

    assert answer.status_code == row["status"], answer.text
    assert "900101" not in answer.text + caplog.text
    assert "김하늘" not in answer.text + caplog.text
    if row["status"] == 202:
        assert [message.id for message in published(site.store)] == [(answer.json or {})["receipt"]]
        return
    leaves_no_trace(site, before, row=row.get("quarantined", False))


@pytest.mark.parametrize("provider", ["typeform", "google_forms"])
@pytest.mark.parametrize("row", [each for each in rows("applications") if is_about_texts(each.values[0])])
def test_a_text_is_taken_or_refused_as_at_our_own_door(site: Site, provider: str, row: dict[str, Any]) -> None:
    site.store.database.execute("delete from queue")
    content = deepcopy(SAMPLES[provider])
    for field, text in made(row.get("set", {})).items():
        answer_in(content, provider, field, text)
    before = dump(site.store)

    answer = SENDERS[provider](site, content, **({"submission": row["id"]} if provider == "google_forms" else {}))

    assert answer.status_code == row["status"], answer.text
    if row["status"] == 202:
        assert len(published(site.store)) == 1
    else:
        assert sorted((answer.json or {})["faults"]) == row["faults"]
        leaves_no_trace(site, before, row=True)


def answer_in(content: Any, provider: str, field: str, text: str) -> None:
    """Answer a question otherwise."""
    question = QUESTIONS[provider, field]
    if provider == "google_forms":
        content["answers"][question]["textAnswers"]["answers"][0]["value"] = text
        return
    for answer in content["form_response"]["answers"]:
        if answer["field"]["ref"] == question:
            answer["text"] = text


@pytest.mark.parametrize("name", ["typeform", "tally", "google"])
@pytest.mark.parametrize("row", rows("json_bodies"))
def test_a_body_that_is_no_json_object_gets_400_and_one_about_nothing_is_ignored(
    site: Site, row: dict[str, Any], name: str
) -> None:
    body = as_bytes(row["body"])
    before = dump(site.store)

    answer = post(site, f"spring-{name}", body, signed(name, body))

    assert answer.status_code == (200 if is_object(body) else 400)
    assert dump(site.store) == before


def signed(name: str, body: bytes) -> dict[str, str]:
    match name:
        case "typeform":
            return {"Typeform-Signature": f"sha256={digest(body)}"}
        case "tally":
            return {"Tally-Signature": digest(body)}
    return sign("s1", body, WHSEC)


def is_object(body: bytes) -> bool:
    """Tell whether the strict reader, which has a corpus of its own, takes the body."""
    try:
        read_json(body, bytes_max=1024 * 1024)
    except BadJsonError:
        return False
    return True


def is_about_json(row: Mapping[str, Any]) -> bool:
    """Tell whether a row is about a request that no door of JSON takes, whatever is in it."""
    kind = row.get("type") or "application/json"
    return row["status"] in {405, 411, 413, 415} and not kind.startswith(("multipart/", "text/csv"))


@pytest.mark.parametrize("row", [each for each in rows("requests") if is_about_json(each.values[0])])
def test_a_request_is_refused_at_this_door_as_at_any_other(site: Site, row: dict[str, Any]) -> None:
    body = json.dumps({"type": "google_forms.response", "formId": FORM_ID, "response": {}}).encode()
    headers = {**sign(row["id"], body, WHSEC), **row.get("headers", {})}
    kind = row.get("type", "application/json")
    environ = EnvironBuilder(
        method=row.get("method", "POST"), data=body, content_type=kind, headers=headers
    ).get_environ()
    environ["PATH_INFO"] = "/forms/spring-google"
    if row.get("length", 0) is None:
        del environ["CONTENT_LENGTH"]
    elif "length" in row:
        environ["CONTENT_LENGTH"] = str(row["length"] * 16)  # this door takes 1 MiB
    before = dump(site.store)

    content, status, answered = run_wsgi_app(site.apps["intake"], environ, buffered=True)

    assert status.split()[0] == str(row["status"]), b"".join(content)
    assert "Access-Control-Allow-Origin" not in answered
    assert dump(site.store) == before


def test_parts_where_json_is_meant_get_400(site: Site) -> None:
    body = b"--x--"

    answer = post(
        site, "spring-typeform", body, signed("typeform", body), content_type="multipart/form-data; boundary=x"
    )

    assert answer.status_code == 400
