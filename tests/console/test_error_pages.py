"""What goes wrong ends on a page that says what to do next, in both languages, and tells nothing that is ours."""

import logging
import re
from collections.abc import Callable

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from functions.console.error_pages import KNOWN
from functions.console.guard import TOKEN_FIELD
from functions.console.texts import TEXTS
from functions.embedded import Embedded
from tests.console.browsing import token_on, words_of
from workflows.runtime.errors import Rejected, Unavailable

SignIn = Callable[..., FlaskClient]
SECRET = "the mother's maiden name"


def breaking(site: Flask, error: Exception | int) -> None:
    """Let the list of workflows break."""

    def fail() -> str:
        if isinstance(error, int):
            abort(error)
        raise error

    site.view_functions["definitions"] = fail


def in_korean(console_store: Embedded) -> None:
    members = console_store.staff_ports.members
    for member in members.all():
        members.put(member.model_copy(update={"locale": "ko"}))


@pytest.mark.parametrize("status", sorted(KNOWN))
def test_a_page_for_every_status_says_what_to_do_in_both_languages(
    client_as: SignIn, site: Flask, console_store: Embedded, status: int
) -> None:
    breaking(site, status)
    browser = client_as("operator")

    english = browser.get("/definitions")
    in_korean(console_store)
    korean = browser.get("/definitions")

    assert (english.status_code, korean.status_code) == (status, status)
    assert TEXTS[f"error_{status}_next"][1].split("“")[0] in words_of(english).replace("&#34;", '"')
    assert TEXTS[f"error_{status}_next"][0].split("‘")[0] in words_of(korean)


def test_a_status_without_a_page_is_told_as_one_that_has(client_as: SignIn, site: Flask) -> None:
    breaking(site, 418)

    answer = client_as("operator").get("/definitions")

    assert answer.status_code == 418
    assert "This request cannot be understood." in words_of(answer)


def test_our_own_fault_shows_a_reference_that_is_in_the_log_and_nothing_else(
    client_as: SignIn, site: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    breaking(site, ValueError(SECRET))

    with caplog.at_level(logging.ERROR, "sadari"):
        answer = client_as("operator").get("/definitions")

    found = re.search(r"<code>([0-9a-f]{8})</code>", answer.text)
    assert answer.status_code == 500
    assert found is not None
    assert f"reference {found.group(1)}\n" in caplog.text
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text + answer.text
    assert "ValueError" not in answer.text


def test_a_refusal_is_told_by_its_code_and_not_in_the_words_of_the_log(
    client_as: SignIn, site: Flask, console_store: Embedded
) -> None:
    breaking(site, Rejected("Row [4711] was replayed before.", code="replayed_already"))
    browser = client_as("operator")
    in_korean(console_store)

    answer = browser.get("/definitions")

    assert answer.status_code == 409
    assert "이미 다시 보내 반영되었습니다." in words_of(answer)
    assert "4711" not in words_of(answer)


def test_what_may_work_in_a_moment_says_so(client_as: SignIn, site: Flask) -> None:
    breaking(site, Unavailable("Firestore"))

    answer = client_as("operator").get("/definitions")

    assert answer.status_code == 503
    assert "sent twice, it counts once" in words_of(answer)


def test_a_file_that_is_too_large_is_told_how_large_it_may_be(client_as: SignIn) -> None:
    browser = client_as("operator")
    body = {TOKEN_FIELD: token_on(browser), "file": "x" * (7 * 1024 * 1024)}

    answer = browser.post("/cases", data=body, headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.status_code == 413
    assert "At most 6 MB" in words_of(answer)
