"""Applicants and learners in a real browser, with the keyboard, axe and narrow screens, and the functions as served."""

import base64
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from functions.embedded import Embedded
from functions.links import Links
from functions.portal.form_token import HUMAN_SECONDS_MIN
from functions.stack.embedded_stack import EmbeddedStack
from schemas.events.application import ScoreRecorded
from schemas.ids import CaseId
from tests.support.cohort import CALENDAR, DAY, HOUR
from tests.support.office import KEY, OPERATOR, ROUND, Office
from workflows.runtime.rank import rank

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PHONE, DESK, NARROW = {"width": 360, "height": 740}, {"width": 1280, "height": 900}, {"width": 320, "height": 800}
GRAVE = frozenset({"serious", "critical"})
PICTURES = os.environ.get("SADARI_PICTURES", "")
"""A folder for the pictures of the documentation; empty: none are taken."""


class Town:
    """The functions over one store, and the office.  A served clock stands still: time passes in between."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.url = ""
        self.office: Office
        self.embedded: Embedded
        self.stack: EmbeddedStack
        self.begin()

    def begin(self) -> None:
        """Serve, from this instant on."""
        secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
        sources = {"desk": {"secrets": [secret], "roles": ["operator"]}}
        self.stack = EmbeddedStack(self.home, key=KEY, sources=sources)
        self.stack.start()
        self.url = self.stack.addresses()["portal"].removesuffix("/apply/{round}")
        self.links = Links(self.url, KEY)
        self.embedded = Embedded(self.home / "sadari.db", links=self.links)
        self.office = Office(self.embedded)

    def end(self) -> None:
        """Serve no more."""
        self.embedded.close()
        self.stack.stop()

    def until(self, moment: datetime) -> None:
        """Let time pass, and serve again."""
        self.office.until(moment)
        self.end()
        self.begin()

    def mailed(self, case: CaseId, notice: str, place: str) -> str:
        """The link, as the last letter of its kind carries it, where the portal is now."""
        letter = [each for each in self.office.letters(case) if each.notice == notice][-1]
        (path,) = re.findall(rf"/portal(/{place}/\S+)", letter.body)
        return f"{self.url}{path}"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    embedded = Embedded(tmp_path / "sadari.db")
    Office(embedded).plan()
    embedded.close()
    made = Town(tmp_path)
    yield made
    made.end()


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=request.param, locale="ko-KR", java_script_enabled=True)
    yield context.new_page()
    context.close()


def look(page: Page, name: str) -> list[str]:
    """Name what is grave on a page, and whether it is wider than a narrow screen; take its picture where asked to."""
    page.wait_for_load_state("networkidle")  # a page that is about to be replaced has no document for a moment
    found = Axe().run(page).response["violations"]
    faults = [f"{name}: {each['id']} {each['nodes'][0]['html'][:90]}" for each in found if each["impact"] in GRAVE]
    size = page.viewport_size or DESK
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.{size['width']}.png", full_page=True)
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(size)
    return faults + [f"{name}: {width} px wide"] * (width > NARROW["width"])


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the first element that matches has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement === document.querySelector(selector)", selector):
            return
    raise AssertionError(f"[{selector}] is not reached with the keyboard")


def press(page: Page, selector: str) -> None:
    """Go to a button or link with the keyboard, and press it."""
    tab_to(page, selector)
    page.keyboard.press("Enter")


def wait_as_people_do(page: Page) -> None:
    """Nobody fills in a form in no time."""
    page.wait_for_timeout(1_000 * HUMAN_SECONDS_MIN + 100)


def fill_by_keyboard(page: Page, **changed: str) -> None:
    typed = {
        "name": "김하늘",
        "email": "haneul@example.org",
        "phone": "010-2468-1357",
        "university": "전남대학교",
        "department": "수학과",
        "student_number": "20211234",
        **changed,
    }
    for name, value in typed.items():
        tab_to(page, f"#f-{name}")
        page.keyboard.type(value)
    for name in ("is_enrolled", "can_attend"):
        tab_to(page, f"#f-{name}")
        page.keyboard.press("Space")
    tab_to(page, "#f-motivation")
    page.keyboard.type("배운 것으로 지역의 문제를 풀고 싶습니다.")
    for name in ("consent_privacy", "consent_third_party"):
        tab_to(page, f"#f-{name}")
        page.keyboard.press("Space")


def test_somebody_applies_with_the_keyboard_alone(town: Town, page: Page) -> None:
    page.goto(f"{town.url}/apply/{ROUND}")
    faults = look(page, "apply")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    wait_as_people_do(page)
    fill_by_keyboard(page, phone="112", email="haneul")
    press(page, 'button[value="send"]')

    page.wait_for_function("document.activeElement.id === 'summary'")
    faults += look(page, "faults")
    assert page.input_value("#f-name") == "김하늘"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'f-email'")
    page.keyboard.press("Control+A")
    page.keyboard.type("haneul@example.org")
    tab_to(page, "#f-phone")
    page.keyboard.press("Control+A")
    page.keyboard.type("010-2468-1357")
    press(page, 'button[value="send"]')
    page.wait_for_url("**/receipts/**")
    faults += look(page, "receipt")
    town.stack.work()
    press(page, "a.button")
    expect(page.locator("h1")).to_contain_text("접수됨")
    faults += look(page, "status")

    assert faults == []


def test_an_offer_is_answered_from_its_letter_with_the_keyboard_alone_and_leads_to_the_own_pages(
    town: Town, page: Page
) -> None:
    case = town.office.hand_in(1)
    town.office.until(CALENDAR.applications_close + DAY)
    town.office.tell(case, ScoreRecorded(score=90), by=OPERATOR)
    rank(ROUND, OPERATOR, town.office.ports)
    town.office.settle()
    town.office.approve()
    town.until(CALENDAR.results_at + HOUR)

    page.goto(town.mailed(case, "SeatOffered", "offers"))
    faults = look(page, "offer")
    for name in ("consent_pledge", "consent_accounts", "consent_photos"):
        tab_to(page, f"#f-{name}")
        page.keyboard.press("Space")
    press(page, 'button[value="accept"]')
    page.wait_for_url("**/status/**")
    town.stack.work()
    page.reload()
    expect(page.locator("h1")).to_contain_text("수락함")
    faults += look(page, "accepted")
    page.click("text=내 교육 페이지")
    expect(page.locator("h1")).to_contain_text("교육 준비")
    faults += look(page, "learning")
    page.click("text=내 개인정보 보기")
    expect(page.locator("h1")).to_contain_text("내 개인정보")
    faults += look(page, "own")
    with page.expect_download() as loaded:
        page.click("text=내 정보 내려받기")

    assert loaded.value.suggested_filename == "my-data.zip"
    assert faults == []
    assert town.office.stage(case) == "accepted"


def test_a_draft_is_saved_and_gone_on_with_and_the_other_pages_are_in_order(town: Town, page: Page) -> None:
    faults: list[str] = []
    page.goto(f"{town.url}/apply/{ROUND}?lang=en")
    page.fill("#f-motivation", "아직 쓰는 중")
    page.click('button[value="save"]')
    faults += look(page, "saved")
    page.click("a.button")
    assert page.input_value("#f-motivation") == "아직 쓰는 중"
    assert page.get_attribute("html", "lang") == "en"
    case = town.office.hand_in(7)
    for purpose in ("withdraw", "waitlist", "appeal"):
        page.goto(town.links.to(purpose, case))  # type: ignore[arg-type]
        faults += look(page, purpose)
    page.goto(f"{town.url}/nothing")
    faults += look(page, "error")
    town.until(CALENDAR.applications_close + DAY)
    page.goto(f"{town.url}/apply/{ROUND}")
    assert "접수가 끝났습니다" in page.inner_text("h1")
    faults += look(page, "closed")

    assert faults == []


def test_the_required_consent_is_withdrawn_and_given_again_with_the_keyboard_alone(town: Town, page: Page) -> None:
    case = town.office.hand_in(3)
    page.goto(town.links.to("status", case))
    page.click("text=내 개인정보 보기")
    press(page, '[name="consent"][value="privacy"] ~ p button')
    expect(page.locator("h1")).to_contain_text("필수 동의를 철회하시겠습니까?")
    faults = look(page, "stop")
    press(page, "main form button")
    expect(page.locator(".done")).to_be_visible()
    town.stack.work()
    page.goto(town.links.to("status", case))
    faults += look(page, "stopped")
    press(page, 'form:has([name="to"]) button')
    expect(page.locator("h1")).to_contain_text("다시 동의하기")
    faults += look(page, "resume")
    press(page, "main form button")
    page.wait_for_function("document.activeElement.id === 'summary'")
    tab_to(page, "#f-consent_privacy")
    page.keyboard.press("Space")
    press(page, "main form button")
    expect(page.locator(".done")).to_contain_text("메일을 다시 보내 드립니다")
    faults += look(page, "resumed")

    assert faults == []


def test_everything_works_without_javascript(town: Town, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{town.url}/apply/{ROUND}")
    wait_as_people_do(page)
    for name, value in {"name": "Kim", "email": "kim@example.org", "phone": "010-2468-1357"}.items():
        page.fill(f"#f-{name}", value)
    for name in ("university", "department", "student_number"):
        page.fill(f"#f-{name}", "x1")
    for name in ("is_enrolled", "can_attend", "consent_privacy"):
        page.check(f"#f-{name}")

    page.click('button[value="send"]')

    assert re.search("/receipts/", page.url)
    assert "We have received it" in page.inner_text("h1")
    context.close()
