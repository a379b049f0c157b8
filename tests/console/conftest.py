"""The console as its visitors meet it, over one store: the demo's cohort, a little more than three weeks in.

Another day of the story: `pytest.mark.parametrize("console_store", [DAY], indirect=True)`.
"""

import base64
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from functions.cli.demo.story import read_cohort
from functions.cli.demo.tell import tell
from functions.cli.demo.world import DEMO_KEY, EmbeddedWorld
from functions.console.guard import COOKIE, session_id
from functions.console.room import Room, now
from functions.console.site import make_site
from functions.embedded import Embedded
from functions.settings import Issuer
from functions.stack.embedded_stack import EmbeddedStack
from schemas.staff import Grant, Member, Session
from workflows.engine.moments import SEOUL

URL = "https://console.test"
ONLINE = read_cohort()[1].calendar.programme_starts + timedelta(days=24)
ISSUER = Issuer(url=URL, issuer="https://issuer.test", client="console", secret="only the tests'")


class Browser(FlaskClient):
    """A browser that is at the console."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Ask for a page, by its path."""
        return super().open(*args, **{"base_url": URL, **options})


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Callable[[datetime], Path]:
    """Give a file with the demo's cohort in it as of an instant, made once; copy it before writing to it."""

    @cache
    def make(until: datetime) -> Path:
        path = tmp_path_factory.mktemp("told") / "sadari.db"
        embedded = Embedded(path)
        tell(EmbeddedWorld(embedded), lambda *_: None, until)
        embedded.close()
        return path

    return make


@pytest.fixture(scope="session")
def told_store(told: Callable[[datetime], Path]) -> Path:
    """A file with the demo's cohort in it, in the middle of online basics; copy it before writing to it."""
    return told(ONLINE)


@pytest.fixture
def console_store(
    request: pytest.FixtureRequest, told: Callable[[datetime], Path], tmp_path: Path
) -> Iterator[Embedded]:
    """A copy of it, or of the day that the test names, for one test."""
    path = told(getattr(request, "param", ONLINE))
    embedded = Embedded(shutil.copy(path, tmp_path / "console.db"))
    yield embedded
    embedded.close()


@pytest.fixture
def site(console_store: Embedded) -> Flask:
    room = Room(ports=console_store.ports, staff=console_store.staff_ports, issuer=ISSUER, key=DEMO_KEY)
    made = make_site(room)
    made.test_client_class = Browser
    return made


@pytest.fixture
def client_as(site: Flask, console_store: Embedded) -> Callable[..., FlaskClient]:
    """Sign in a member with one role, in a scope if one is given, and give their browser."""

    def sign_in(role: str, *, as_id: str = "", **scope: Any) -> FlaskClient:
        member_id, secret = as_id or f"{role}-{len(console_store.staff_ports.members.all())}", secrets.token_urlsafe()
        grants = (Grant(role=role, **scope),)
        member = Member(id=member_id, email=f"{member_id}@sadari.example", name="김직원", locale="en", grants=grants)
        console_store.staff_ports.members.put(member)
        session = Session(id=session_id(secret), member=member_id, begun_at=now(), seen_at=now())
        console_store.staff_ports.sessions.put(session)
        browser = site.test_client()
        browser.set_cookie(COOKIE, secret, domain="console.test", secure=True)
        browser.environ_base.update({"HTTP_ORIGIN": URL})
        return browser

    return sign_in


# ---- a real browser

RULINGS = datetime(2027, 3, 22, 9, tzinfo=SEOUL)
"""The form has closed; three applications wait for a word on their eligibility."""


@pytest.fixture
def stack_day() -> datetime:
    """The day of the story on which the stack begins; another one by `parametrize`."""
    return RULINGS


@pytest.fixture
def before() -> Callable[[Embedded], None]:
    """What happens before the stack begins: nothing; something by `parametrize`."""
    return lambda _: None


@pytest.fixture
def stack(
    told: Callable[[datetime], Path], stack_day: datetime, before: Callable[[Embedded], None], tmp_path: Path
) -> Iterator[EmbeddedStack]:
    embedded = Embedded(shutil.copy(told(stack_day), tmp_path / "sadari.db"))
    before(embedded)
    embedded.close()
    secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
    made = EmbeddedStack(tmp_path, key=DEMO_KEY, sources={"desk": {"secrets": [secret], "roles": ["operator"]}})
    made.start()
    yield made
    made.stop()


@pytest.fixture
def sign_in(browser: Chromium, stack: EmbeddedStack) -> Iterator[Callable[[str], Page]]:
    contexts = []

    def sign(email: str) -> Page:
        context = browser.new_context(locale="ko-KR")
        contexts.append(context)
        page = context.new_page()
        page.goto(stack.addresses()["console"])
        page.click(f'button[value="{email}"]')
        page.wait_for_url("**/console/**")
        return page

    yield sign
    for context in contexts:
        context.close()
