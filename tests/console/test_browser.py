"""Staff at the console, in a real browser, against the functions as they are served, with a real issuer."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from functions.console.guard import COOKIE
from functions.console.texts import TEXTS
from functions.embedded import Embedded
from functions.stack.embedded_stack import EmbeddedStack

pytestmark = pytest.mark.browser

CONFLICT, FORBIDDEN = 409, 403


def stage_of(stack: EmbeddedStack, tmp_path: Path, case: str) -> str:
    """Where a case stands, once everything is delivered."""
    stack.work()
    embedded = Embedded(tmp_path / "sadari.db")
    try:
        return next(found.stage for found in embedded.ports.cases.find() if found.id == case)
    finally:
        embedded.close()


def test_of_two_who_answer_at_once_the_second_is_shown_what_changed_and_loses_nothing(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, tmp_path: Path
) -> None:
    first, second = sign_in("operator1@sadari.example"), sign_in("operator2@sadari.example")
    for page in (first, second):
        page.click("tbody th a >> nth=0")
    assert first.url == second.url
    case = first.input_value("input[name=case]")

    first.fill("textarea[name=reason]", "재학증명서를 확인함")
    first.click("button[value=yes]")
    stack.work()
    second.fill("textarea[name=reason]", "휴학 중임을 확인함")
    with second.expect_response("**/answer") as answered:
        second.click("button[value=no]")

    assert answered.value.status == CONFLICT
    assert "그사이 바뀌었습니다" in second.inner_text("h1")
    assert second.input_value("textarea") == "휴학 중임을 확인함"
    assert "김운영" in second.inner_text("ol")
    assert stage_of(stack, tmp_path, case) == "ineligible_appealable"


def test_a_question_is_answered_with_the_keyboard_alone(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, tmp_path: Path
) -> None:
    page = sign_in("operator1@sadari.example")
    waiting = page.locator("tbody tr").count()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    _tab_to(page, "tbody th a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions/*")
    case = page.input_value("input[name=case]")

    _tab_to(page, "textarea[name=reason]")
    page.keyboard.type("참여 가능 여부를 다시 확인함")
    _tab_to(page, "button[value=no]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox*")

    assert "답을 받았습니다" in page.inner_text("[role=status]")
    assert stage_of(stack, tmp_path, case) == "eligible"
    page.reload()
    assert page.locator("tbody tr").count() == waiting - 1


def test_an_answer_without_the_reason_that_is_needed_is_given_back(
    sign_in: Callable[[str], Page], stack: EmbeddedStack
) -> None:
    del stack
    page = sign_in("operator1@sadari.example")
    page.click("tbody th a >> nth=0")
    page.evaluate("document.querySelector('textarea').required = false")

    page.click("button[value=yes]")

    assert "사유를 꼭 적어 주십시오" in page.inner_text("[role=alert]")
    page.wait_for_function("document.activeElement.name === 'reason'")


def test_a_role_that_is_taken_away_counts_no_more_at_the_next_request(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, tmp_path: Path
) -> None:
    del stack
    page = sign_in("operator1@sadari.example")
    embedded = Embedded(tmp_path / "sadari.db")
    members = embedded.staff_ports.members
    member = members.get("operator-1")
    assert member is not None

    members.put(member.model_copy(update={"grants": ()}))
    embedded.close()
    with page.expect_response("**/questions/*") as answered:
        page.click("tbody th a >> nth=0")

    assert answered.value.status == FORBIDDEN
    assert "권한이 없습니다" in page.inner_text("h1")


def test_signing_out_shows_that_it_is_done_and_leads_back_in(sign_in: Callable[[str], Page]) -> None:
    page = sign_in("operator1@sadari.example")

    page.click("form[action$='/sign-out'] button")

    page.wait_for_url("**/signed-out")
    assert page.inner_text("h1") == "로그아웃했습니다"
    page.click("main a")
    page.wait_for_selector('button[value="operator1@sadari.example"]')


def test_an_answer_after_the_end_of_the_session_is_given_back(sign_in: Callable[[str], Page]) -> None:
    page = sign_in("operator1@sadari.example")
    page.click("tbody th a >> nth=0")
    page.fill("textarea[name=reason]", "재학증명서를 확인함")
    page.context.clear_cookies(name=COOKIE)

    page.click("button[value=yes]")

    page.wait_for_selector("h1:has-text('로그인이 끝났습니다')")
    assert "재학증명서를 확인함" in page.input_value("textarea")


def test_another_site_cannot_answer_for_whoever_is_signed_in(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, tmp_path: Path
) -> None:
    page = sign_in("operator1@sadari.example")
    page.click("tbody th a >> nth=0")
    case, action = page.input_value("input[name=case]"), page.url + "/answer"
    fields = {"answer": "yes", "role": "operator", "reason": "x"}
    inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
    form = f'<form method="post" action="{action}">{inputs}<button>go</button></form>'

    with _site(form) as address:
        page.goto(address)
        with page.expect_response("**/answer") as answered:
            page.click("button")

    assert answered.value.status == FORBIDDEN
    assert stage_of(stack, tmp_path, case) == "ineligible_proposed"


def test_whoever_is_no_member_is_told_so(
    sign_in: Callable[[str], Page], browser: Browser, stack: EmbeddedStack
) -> None:
    del sign_in
    page = browser.new_context().new_page()
    page.goto(stack.addresses()["console"])
    page.fill("input[name=sub]", "nobody@sadari.example")

    page.click("button[type=submit] >> nth=0")

    assert "/console/login/return" in page.url
    assert page.locator("nav").count() == 0


def _tab_to(page: Page, selector: str, most: int = 40) -> None:
    """Press Tab until the first element that matches has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement === document.querySelector(selector)", selector):
            return
    raise AssertionError(f"[{selector}] is not reached with the keyboard")


class _site:  # noqa: N801  reads as a function
    """Another site, on another port."""

    def __init__(self, body: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://localhost:{self._server.server_port}/"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_korean_is_drawn_with_a_font_that_has_its_letters_and_the_language_is_changed_by_a_button(
    sign_in: Callable[[str], Page], stack: EmbeddedStack
) -> None:
    del stack
    page = sign_in("operator1@sadari.example")
    heading = page.locator("h1")
    korean = heading.inner_text(), heading.screenshot(), page.get_attribute("html", "lang")

    page.get_by_role("button", name=TEXTS["other_language"][0]).click()
    page.wait_for_selector("html[lang=en]")
    english = heading.inner_text(), heading.screenshot(), page.get_attribute("html", "lang")

    assert (TEXTS["inbox"][0] in korean[0], korean[2]) == (True, "ko")
    assert (TEXTS["inbox"][1] in english[0], english[2]) == (True, "en")
    assert korean[1] != english[1]
    drawn = [_drawn(page, letter) for letter in ("가", "힣", "뷁")]
    assert len(set(drawn)) == len(drawn)  # without a Korean font every letter is the same box


def _drawn(page: Page, letter: str) -> bytes:
    page.evaluate("letter => { document.querySelector('h1').textContent = letter }", letter)
    return page.locator("h1").screenshot()
