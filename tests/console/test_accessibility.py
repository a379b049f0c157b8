"""Every page of the console, by axe and by its width, as each kind of staff meets it."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from functions.console.texts import TEXTS
from functions.stack.embedded_stack import EmbeddedStack
from functions.stack.issuer import STAFF
from tests.console.browsing import ENDED, GATE, PUBLISHED, READING
from tests.console.conftest import RULINGS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PAGES_MAX = 40
GRAVE = frozenset({"serious", "critical"})
NARROW = {"width": 320, "height": 800}
"""What is left of 1280 pixels at a zoom of 400 %."""

WIDEST = """[...document.querySelectorAll("main *")].filter(
    each => each.getBoundingClientRect().right > innerWidth).map(each => each.outerHTML.slice(0, 90))[0]"""

SEATS = [member.email.partition("@")[0] for member in STAFF if member.id not in {"operator-2", "admin-2"}]
"""One member of every role."""


def kind_of(path: str) -> str:
    """Name a page by its path without ids, so that one of a kind is enough."""
    return re.sub(r"/[^/]*[0-9][^/]{3,}|/[a-z2-7]{32}", "/*", path)


def pages(page: Page, start: str) -> Iterator[str]:
    """Go to one page of each kind that a link leads to."""
    seen: set[str] = set()
    todo = [start]
    while todo and len(seen) < PAGES_MAX:
        address = todo.pop(0)
        kind = kind_of(urlsplit(address).path)
        if kind in seen:
            continue
        seen.add(kind)
        answer = page.goto(address)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        assert answer.status == 200, address
        yield kind
        links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        todo += [link for link in links if link.startswith(start) and "export" not in link and ".csv" not in link]


@pytest.mark.parametrize(
    ("seat", "stack_day", "in_other_language"),
    [
        *((seat, RULINGS, False) for seat in SEATS),
        ("reviewer1", READING, True),
        ("operator1", PUBLISHED, True),
        ("instructor", GATE, True),
        ("career", ENDED, True),
    ],
)
def test_no_page_has_a_serious_fault_and_none_is_wider_than_a_narrow_screen(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, seat: str, *, in_other_language: bool
) -> None:
    (email,) = (member.email for member in STAFF if member.email.startswith(f"{seat}@"))
    page = sign_in(email)
    if in_other_language:
        spoken = page.get_attribute("html", "lang") or ""
        page.get_by_role("button", name=TEXTS["other_language"][spoken == "en"]).click()
        page.wait_for_selector(f"html:not([lang={spoken}])")
    faults: list[str] = []

    for kind in pages(page, stack.addresses()["console"]):
        found = Axe().run(page).response["violations"]
        faults += [f"{kind}: {each['id']} {each['nodes'][0]['html'][:90]}" for each in found if each["impact"] in GRAVE]
        page.set_viewport_size(NARROW)
        width = page.evaluate("document.documentElement.scrollWidth")
        faults += [f"{kind}: {width} px wide: {page.evaluate(WIDEST)}"] * (width > NARROW["width"])
        faults += [f"{kind}: lang"] * (page.get_attribute("html", "lang") not in {"ko", "en"})
        page.set_viewport_size({"width": 1280, "height": 900})

    assert faults == []
