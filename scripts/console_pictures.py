"""Takes the pictures of docs/console.md anew, from local stacks on two days of the demo's story.

.venv/bin/python scripts/console_pictures.py [FOLDER]     needs chromium and fonts-noto-cjk
"""

import base64
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console

from functions.cli.demo.tell import tell
from functions.cli.demo.world import DEMO_KEY, EmbeddedWorld
from functions.embedded import Embedded
from functions.stack.embedded_stack import EmbeddedStack
from workflows.engine.moments import SEOUL

COHORT, ROUND = "gwangju-2027", "gwangju-2027-1"
SIZE = {"width": 1280, "height": 860}
BYTES_MAX = 200_000
OPERATOR = "operator1@sadari.example"
RULINGS = datetime(2027, 3, 22, 9, tzinfo=SEOUL)
"""Three questions of eligibility wait."""
ONLINE = datetime(2027, 5, 27, 9, tzinfo=SEOUL)
"""The cohort learns, and some are at risk."""

Go = Callable[[Page, str], object]


def first(page: Page, path: str, pattern: str) -> None:
    """Open the first link of a page that reads so."""
    page.goto(path)
    page.locator("main a").filter(has_text=re.compile(pattern)).first.click()


PICTURES: dict[datetime, dict[str, Go]] = {
    RULINGS: {
        "inbox.ko": lambda page, site: page.goto(f"{site}/inbox"),
        "question.ko": lambda page, site: first(page, f"{site}/inbox", "자격"),
    },
    ONLINE: {
        "round.en": lambda page, site: page.goto(f"{site}/rounds/{ROUND}"),
        "order.en": lambda page, site: page.goto(f"{site}/rounds/{ROUND}/order"),
        "case.en": lambda page, site: first(page, f"{site}/cases?at=enrolment", "^[a-z2-7]{8,}$"),
        "cohort.ko": lambda page, site: page.goto(f"{site}/cohorts/{COHORT}"),
    },
}


def main() -> None:
    """Take them all."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/console")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for until, pictures in PICTURES.items():
            with tempfile.TemporaryDirectory() as home:
                _take(browser, Path(home), until, pictures, folder)
        browser.close()


def _take(browser: Browser, home: Path, until: datetime, pictures: dict[str, Go], folder: Path) -> None:
    embedded = Embedded(home / "sadari.db")
    tell(EmbeddedWorld(embedded), lambda *_: None, until)
    embedded.close()
    secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
    stack = EmbeddedStack(home, key=DEMO_KEY, sources={"desk": {"secrets": [secret], "roles": ["operator"]}})
    stack.start()
    try:
        for name, go in pictures.items():
            _shoot(browser, stack.addresses()["console"], go, folder / f"{name}.png")
    finally:
        stack.stop()


def _shoot(browser: Browser, site: str, go: Go, path: Path) -> None:
    page = browser.new_context(viewport=SIZE, locale="ko-KR").new_page()
    page.goto(site)
    page.click(f'button[value="{OPERATOR}"]')
    page.wait_for_url("**/console/**")
    # The console remembers a member's language.
    other = page.locator(f'header button[lang="{path.name.split(".")[1]}"]')
    if other.count():
        other.click()
    go(page, site.rstrip("/"))
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)
    size = path.stat().st_size
    Console().print(f"{path.name}: {size:,} bytes, {page.title()}")
    if size > BYTES_MAX:
        sys.exit(f"{path.name} is larger than {BYTES_MAX:,} bytes.")
    page.context.close()


if __name__ == "__main__":
    main()
