"""Many questions answered at once in a real browser, with one exception among them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from functions.console.texts import TEXTS
from functions.embedded import Embedded
from functions.stack.embedded_stack import EmbeddedStack
from schemas.messages import Entry
from tests.console.browsing import GATE
from tests.support.life import staff
from workflows.runtime.answer import answer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1280, "height": 900}


def fits(page: Page) -> list[str]:
    """Name what is grave on a page, and whether it is wider than a narrow screen."""
    found = Axe().run(page).response["violations"]
    faults = [each["id"] for each in found if each["impact"] in {"serious", "critical"}]
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(WIDE)
    return faults + [f"{width} px wide"] * (width > NARROW["width"])


def test_open_rulings_are_approved_together_and_the_exception_is_left_and_named(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, tmp_path: Path
) -> None:
    page = sign_in("operator1@sadari.example")
    boxes = page.locator("tbody input[type=checkbox]")
    count = boxes.count()
    for place in range(count):
        boxes.nth(place).check()
    items = [boxes.nth(place).get_attribute("value") or "" for place in range(count)]
    assert (count, fits(page)) == (3, [])

    page.click("form.panel button[value=yes]")
    assert "3건에 함께 답하시겠습니까?" in page.inner_text("h1")
    assert "자격 미달 안내: 3통" in page.inner_text("main")
    assert fits(page) == []

    # Somebody else rules on one of them before this page is confirmed: nothing is done, and nothing typed is lost.
    task, _, case = items[1].partition("/")
    embedded = Embedded(tmp_path / "sadari.db")
    answer(task, staff("operator", "lee"), embedded.ports, yes=False, reason="vault-8")  # type: ignore[arg-type]
    stack.work()
    page.fill("textarea[name=reason]", "모집 공고의 자격 기준에 미달함을 확인함")
    page.click("form[action$=freeze] button")
    assert "그사이 달라진 것이 있어" in page.inner_text("[role=alert]")
    assert page.input_value("textarea") == "모집 공고의 자격 기준에 미달함을 확인함"
    assert "1건은 그대로 둠: 질문이 이미 닫혔거나" in page.inner_text("main")

    page.click("form[action$=freeze] button")
    page.wait_for_url("**/bulk/*")
    batch = page.inner_text("h1 code")
    stack.work()
    page.reload()
    assert "3건 중 2건 반영, 0건 반영 중, 1건 그대로 둠, 0건 남음" in page.inner_text("[role=status]")
    assert page.locator("section[aria-labelledby=left] tbody tr").count() == 1
    assert case in page.inner_text("section[aria-labelledby=left]")
    assert fits(page) == []

    named = {}
    for item in items:
        histories = embedded.ports.cases.history(item.partition("/")[2])  # type: ignore[arg-type]
        entries = [Entry.model_validate_json(text) for text, _ in histories]
        named[item] = [
            entry.message.data.get("batch", "") for entry in entries if entry.message.type == "QuestionAnswered"
        ]
    embedded.close()
    assert [named[item] for item in items] == [[batch], [""], [batch]]
    page.goto(stack.addresses()["console"] + "bulk")
    assert batch[:8] in page.inner_text("tbody")
    assert "끝남" in page.inner_text("tbody")
    assert fits(page) == []


@pytest.mark.parametrize("stack_day", [GATE])
def test_thirty_gates_are_passed_together_but_for_one_exception(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, tmp_path: Path
) -> None:
    page = sign_in("instructor@sadari.example")
    boxes = page.locator("tbody input[type=checkbox]")
    items = [boxes.nth(place).get_attribute("value") or "" for place in range(boxes.count())]
    task, _, exception = items[7].partition("/")
    assert len(items) == 30

    page.locator("form.panel input[name=all]").check()
    page.click("form.panel button[value=yes]")
    assert TEXTS["bulk_question"][1].format(30) in page.inner_text("h1")
    embedded = Embedded(tmp_path / "sadari.db")
    answer(task, staff("instructor", "lee"), embedded.ports, yes=False, reason="")  # type: ignore[arg-type]
    stack.work()
    page.click("form[action$=freeze] button")  # shown anew, with the exception named
    assert page.get_by_role("alert").count() == 1
    page.click("form[action$=freeze] button")
    page.wait_for_url("**/bulk/*")
    batch = page.inner_text("h1 code")
    stack.work()
    page.reload()

    assert TEXTS["bulk_progress"][1].format(30, 29, 0, 1, 0) in page.inner_text("[role=status]")
    stages = {case.id: case.stage for case in embedded.ports.cases.find(workflow="enrolment")}
    assert stages.pop(exception) == "not_completed"  # type: ignore[call-overload]
    decided = {item.partition("/")[2] for item in items} - {exception}
    assert {stages[each] for each in decided} == {"offline"}  # type: ignore[index]
    for case in decided:
        entries = [Entry.model_validate_json(text) for text, _ in embedded.ports.cases.history(case)]  # type: ignore[arg-type]
        assert [entry.message.data["batch"] for entry in entries if "batch" in entry.message.data][-1:] == [batch]
    embedded.close()


def test_a_batch_is_answered_without_a_pointer_and_without_scripts(browser: Chromium, stack: EmbeddedStack) -> None:
    page = browser.new_context(locale="ko-KR", java_script_enabled=False).new_page()
    page.goto(stack.addresses()["console"])
    page.click('button[value="operator1@sadari.example"]')
    waiting = page.locator("tbody th a").count()

    page.focus("form.panel input[name=all]")
    page.keyboard.press("Space")
    page.focus("form.panel button[value=no]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bulk")
    page.focus("textarea[name=reason]")
    page.keyboard.type("참여 가능 여부를 다시 확인함")
    page.keyboard.press("Tab")
    assert page.locator("button:focus").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/bulk/*")
    stack.work()
    page.reload()

    assert f"{waiting}건 중 {waiting}건 반영" in page.inner_text("[role=status]")
    page.context.close()
