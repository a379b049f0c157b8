"""The console as its visitors meet it, over one store: the demo's cohort, a little more than three weeks in."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.bootstrap import Embedded
from functions.cli.demo.story import read_cohort
from functions.cli.demo.tell import tell
from functions.cli.demo.world import DEMO_KEY, EmbeddedWorld
from functions.console.guard import COOKIE, session_id
from functions.console.room import Room, now
from functions.console.site import make_site
from functions.settings import Issuer
from schemas.staff import Grant, Member, Session

URL = "https://console.test"
ISSUER = Issuer(url=URL, issuer="https://issuer.test", client="console", secret="only the tests'")


class Browser(FlaskClient):
    """A browser that is at the console."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Ask for a page, by its path."""
        return super().open(*args, **{"base_url": URL, **options})


@pytest.fixture(scope="session")
def told_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the demo's cohort in it, in the middle of online basics; copy it before writing to it."""
    path = tmp_path_factory.mktemp("told") / "sadari.db"
    embedded = Embedded(path)
    tell(EmbeddedWorld(embedded), lambda *_: None, read_cohort()[1].calendar.programme_starts + timedelta(days=24))
    embedded.close()
    return path


@pytest.fixture
def console_store(told_store: Path, tmp_path: Path) -> Iterator[Embedded]:
    """A copy of it, for one test."""
    embedded = Embedded(shutil.copy(told_store, tmp_path / "console.db"))
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

    def sign_in(role: str, **scope: Any) -> FlaskClient:
        member_id, secret = f"{role}-{len(console_store.staff_ports.members.all())}", secrets.token_urlsafe()
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
