"""The Apps Script of a form sends every response once, signed so that intake takes it, and again where that failed.

It runs in the Node that Playwright brings, with Google's services stood in for.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright._impl._driver import compute_driver_executable

from functions.forms import providers
from functions.stack.relay import LocalKey
from tests.corpus.rounds import published
from tests.functions.form_site import FORM_ID, WHSEC, notify, opened_with_forms, post
from tests.functions.site import Site
from tests.support.vendor import sample

FOLDER = Path(providers.__file__).parent / "apps_script"
HOST = Path(__file__).parents[1] / "forms" / "apps_script_host.js"
URL = "https://sadari.example/intake/forms/spring-google"
PROPERTIES = {"SADARI_URL": URL, "SADARI_SECRET": WHSEC}


def run(pages: list[Any], statuses: tuple[int, ...] = (), **given: Any) -> dict[str, Any]:
    """Run the script, and give what it sent and what it keeps."""
    node, _ = compute_driver_executable()
    told = {"code": (FOLDER / "Code.gs").read_text(encoding="utf-8"), "formId": FORM_ID, "pages": pages}
    told |= {"statuses": statuses, "properties": PROPERTIES, **given}
    done = subprocess.run([node, HOST], input=json.dumps(told), capture_output=True, text=True, check=True, timeout=60)
    return dict(json.loads(done.stdout))


def response(name: str, at: str) -> dict[str, Any]:
    return {**sample("google_responses")["responses"][0], "responseId": name, "lastSubmittedTime": at}


@pytest.fixture
def site(apps: Mapping[str, Flask], key: LocalKey, certs_url: str, begun: Path, tmp_path: Path) -> Iterator[Site]:
    with opened_with_forms(apps, key, certs_url, begun, tmp_path) as (opened, _):
        yield opened


def test_what_the_script_signs_is_taken_in_and_is_the_submission_that_the_watch_finds(site: Site) -> None:
    told = run([sample("google_responses")])

    (sent,) = told["sent"]
    assert sent["url"] == URL
    answer = post(site, "spring-google", sent["payload"].encode(), sent["headers"])
    notify(site)
    assert answer.status_code == 202
    assert {message.id for message in published(site.store)} == {(answer.json or {})["receipt"]}


def test_all_pages_are_sent_the_oldest_first() -> None:
    pages = [
        {"responses": [response("b", "2027-03-03T09:20:00Z")], "nextPageToken": "2/3"},
        {"responses": [response("a", "2027-03-03T09:10:00Z")]},
    ]

    told = run(pages)

    assert [each["headers"]["webhook-id"] for each in told["sent"]] == [
        "a/2027-03-03T09:10:00Z",
        "b/2027-03-03T09:20:00Z",
    ]
    assert told["asked"][1].endswith("pageToken=2%2F3")


def test_what_fails_is_sent_again_by_the_next_run_and_what_was_sent_is_not() -> None:
    page = {"responses": [response(name, f"2027-03-03T09:1{name}:00Z") for name in "123"]}
    first = run([page], (202, 503))

    second = run([page], properties=first["properties"])

    assert first["fault"] == "Sadari answered 503; it is sent again"
    assert [each["headers"]["webhook-id"][0] for each in second["sent"]] == ["2", "3"]
    assert "filter=timestamp%20%3E%3D%202027-03-03T09%3A11%3A00Z" in second["asked"][0]


def test_one_that_comes_within_the_same_second_is_not_taken_for_one_that_was_sent() -> None:
    first = run([{"responses": [response("b", "2027-03-03T09:11:02Z")]}])
    page = {"responses": [response("b", "2027-03-03T09:11:02Z"), response("a", "2027-03-03T09:11:02.045Z")]}

    second = run([page], properties=first["properties"])

    assert [each["headers"]["webhook-id"][0] for each in second["sent"]] == ["a"]


@pytest.mark.parametrize("status", [409, 422])
def test_what_is_refused_holds_up_nothing_behind_it(status: int) -> None:
    page = {"responses": [response(name, f"2027-03-03T09:1{name}:00Z") for name in "12"]}

    assert len(run([page], (status,))["sent"]) == 2


def test_two_runs_at_once_send_nothing_twice() -> None:
    assert run([sample("google_responses")], locked=True)["sent"] == []


def test_the_script_may_do_no_more_than_it_has_to() -> None:
    manifest = json.loads((FOLDER / "appsscript.json").read_text(encoding="utf-8"))

    assert [scope.rpartition("/")[2] for scope in manifest["oauthScopes"]] == [
        *("forms.currentonly", "forms.responses.readonly", "script.external_request", "script.scriptapp")
    ]
