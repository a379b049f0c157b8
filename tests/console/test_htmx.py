"""What htmx may and may not do: it spares reloads, and nothing hangs on it."""

import hashlib
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from functions.console.guard import COOKIE, POLL, SEEN_AGAIN_AFTER, TOKEN_FIELD, session_id
from functions.console.room import now
from functions.embedded import Embedded
from functions.stack.embedded_stack import EmbeddedStack
from tests.console.browsing import token_on
from tests.console.conftest import RULINGS

SignIn = Callable[..., FlaskClient]
VENDOR = Path("functions/console/static/vendor")
HTMX = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}


def test_what_others_wrote_is_what_the_table_says_with_its_licence() -> None:
    rows = re.findall(
        r"^\| (\S+\.js) \|.*\| ([0-9a-f]{64}) \| (\S+), see (\S+) \|$", (VENDOR / "README.md").read_text(), re.MULTILINE
    )

    assert {name for name, *_ in rows} == {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*.js")}
    for name, digest, _, licence in rows:
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest
        assert "Permission to use" in (VENDOR / licence).read_text()


def test_it_evaluates_nothing_asks_nobody_else_and_keeps_no_page(client_as: SignIn) -> None:
    answer = client_as("operator").get("/definitions")

    found = re.search(r'<meta name="htmx-config" content="([^"]*)">', answer.text)
    assert found is not None
    config = json.loads(unescape(found.group(1)))
    assert [config[name] for name in ("allowEval", "allowScriptTags", "includeIndicatorStyles")] == [False] * 3
    assert (config["selfRequestsOnly"], config["historyCacheSize"]) == (True, 0)
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert "<script>" not in answer.text


@pytest.mark.parametrize("console_store", [RULINGS], indirect=True)
def test_its_posts_need_the_token_and_our_own_site_as_every_other(client_as: SignIn) -> None:
    browser = client_as("operator")
    path = re.findall(r'action="(/questions/\w+/hold)"', browser.get("/inbox").text)[0]
    token = {TOKEN_FIELD: token_on(browser)}

    statuses = [
        browser.post(path, data={"what": "hold"}, headers=HTMX).status_code,
        browser.post(
            path, data={"what": "hold", **token}, headers={**HTMX, "Sec-Fetch-Site": "cross-site"}
        ).status_code,
        browser.post(path, data={"what": "hold", **token}, headers=HTMX).status_code,
    ]

    assert statuses == [403, 403, 303]


def test_whoever_is_signed_out_is_led_to_the_login_and_not_into_a_part_of_the_page(site: Flask) -> None:
    stranger = site.test_client()

    asked = stranger.get("/cases", headers={"HX-Request": "true"})
    polled = stranger.get("/inbox", headers={"HX-Request": "true", POLL: "1"})

    assert (asked.status_code, asked.headers["HX-Redirect"]) == (401, "/login")
    assert (polled.status_code, polled.text) == (204, "")


def test_a_page_that_asks_by_itself_keeps_no_session_alive(client_as: SignIn, console_store: Embedded) -> None:
    browser, sessions = client_as("operator"), console_store.staff_ports.sessions
    cookie = browser.get_cookie(COOKIE, domain="console.test")
    assert cookie is not None
    known = session_id(cookie.value)
    session = sessions.get(known)
    assert session is not None
    resting = session.model_copy(update={"seen_at": now() - SEEN_AGAIN_AFTER * 2})
    sessions.put(resting)

    polled = browser.get("/inbox", headers={POLL: "1"}).status_code
    after_the_poll = sessions.get(known)
    visited = browser.get("/inbox").status_code
    after_the_visit = sessions.get(known)

    assert (polled, visited) == (200, 200)
    assert after_the_poll == resting
    assert after_the_visit is not None
    assert after_the_visit.seen_at > resting.seen_at


# ---- in a real browser


@pytest.mark.browser
def test_filters_replace_the_list_without_a_reload_and_without_any_break_of_the_policy(
    sign_in: Callable[[str], Page], stack: EmbeddedStack
) -> None:
    page = sign_in("operator1@sadari.example")
    broken: list[str] = []
    page.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{stack.addresses()['console'].rstrip('/')}/cases")
    page.evaluate("document.body.dataset.mark = 'same page'")

    page.select_option("#at", "round")
    page.click("form[method=get] button")
    page.wait_for_url("**/cases?**at=round**")

    assert page.evaluate("document.body.dataset.mark") == "same page"
    assert page.locator("#found tbody tr").count() == 1
    kept = page.evaluate("Object.entries({...sessionStorage, ...localStorage})")
    assert [value for name, value in kept if name != "htmx-current-path-for-history" or "<" in value] == []
    assert broken == []


@pytest.mark.browser
def test_taking_a_question_changes_the_page_in_place_and_keeps_the_focus(
    sign_in: Callable[[str], Page], stack: EmbeddedStack
) -> None:
    page = sign_in("operator1@sadari.example")
    page.goto(f"{stack.addresses()['console'].rstrip('/')}/inbox")
    page.evaluate("document.body.dataset.mark = 'same page'")
    button = page.locator('button[value="hold"]').first
    name = button.get_attribute("id")

    button.focus()
    page.keyboard.press("Enter")
    page.locator('button[value="release"]').wait_for()

    assert page.evaluate("document.body.dataset.mark") == "same page"
    assert page.evaluate("document.activeElement.id") == name
    assert page.locator('button[value="release"]').count() == 1


@pytest.mark.browser
def test_what_goes_wrong_shows_its_page_in_place(sign_in: Callable[[str], Page], stack: EmbeddedStack) -> None:
    page = sign_in("operator1@sadari.example")
    page.goto(f"{stack.addresses()['console'].rstrip('/')}/inbox")
    page.evaluate("document.querySelectorAll('input[name=token]').forEach(each => each.value = 'forged')")

    page.locator('button[value="hold"]').first.click()
    page.wait_for_selector("text=이 화면을 볼 권한이 없습니다.")

    assert page.locator("h1").inner_text() == "이 화면을 볼 권한이 없습니다."
