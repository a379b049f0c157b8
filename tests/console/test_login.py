"""Login, with a real issuer in a process of its own: who gets in, and who does not."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.cli.demo.world import DEMO_KEY
from functions.console.guard import COOKIE
from functions.console.login import STATE_COOKIE
from functions.console.room import Room
from functions.console.site import make_site
from functions.embedded import Embedded
from functions.observe.call import calling
from functions.settings import Issuer
from functions.stack.issuer import LocalIssuer, seat_staff
from tests.console.conftest import URL, Browser

OPERATOR = "operator1@sadari.example"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalIssuer]:
    with LocalIssuer(tmp_path_factory.mktemp("issuer")) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Embedded]:
    embedded = Embedded(tmp_path / "sadari.db")
    seat_staff(embedded.staff_ports.members)
    yield embedded
    embedded.close()


@pytest.fixture
def site(store: Embedded, issuer: LocalIssuer) -> Flask:
    who = Issuer(**json.loads(issuer.console(URL)))
    return make_site(Room(ports=store.ports, staff=store.staff_ports, issuer=who, key=DEMO_KEY))


@pytest.fixture
def browser(site: Flask) -> FlaskClient:
    return another_browser(site)


def another_browser(site: Flask) -> FlaskClient:
    return Browser(site, site.response_class)


def agree(browser: FlaskClient, subject: str, then: str = "") -> str:
    """Go to the issuer, log in there, and give where it sends the browser."""
    asked = browser.get("/login", query_string={"then": then})
    answer = requests.post(asked.location, data={"sub": subject}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    return answer.headers["Location"]


def log_in(browser: FlaskClient, subject: str, then: str = "") -> TestResponse:
    parts = urlsplit(agree(browser, subject, then))
    return browser.get(f"{parts.path}?{parts.query}")


def account(issuer: LocalIssuer, subject: str, **claims: object) -> None:
    """Make an account at the issuer."""
    assert requests.put(f"{issuer.url}/users/{subject}", json=claims, timeout=10).status_code == 204


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/definitions").status_code == 200


def test_a_member_comes_in_and_is_led_where_they_wanted(browser: FlaskClient, store: Embedded) -> None:
    answer = log_in(browser, OPERATOR, "/rounds")

    member = store.staff_ports.members.by_email(OPERATOR)
    assert (answer.status_code, answer.location) == (303, f"{URL}/rounds")
    assert is_in(browser)
    assert member is not None
    assert member.subject.endswith(f" {OPERATOR}")


def test_the_issuer_is_asked_with_a_state_a_nonce_and_a_challenge(browser: FlaskClient) -> None:
    asked = parse_qs(urlsplit(browser.get("/login").location).query)

    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{URL}/login/return"]


def test_the_cookie_of_the_session_is_for_this_site_alone(browser: FlaskClient) -> None:
    answer = log_in(browser, OPERATOR)

    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith(f"{COOKIE}=")]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize("then", ["https://evil.test/", "//evil.test/", "/\\evil.test", "inbox"])
def test_a_login_leads_to_no_other_site(browser: FlaskClient, then: str) -> None:
    assert log_in(browser, OPERATOR, then).location == "/"


def test_an_account_that_is_no_members_stays_out(browser: FlaskClient, issuer: LocalIssuer) -> None:
    account(issuer, "stranger", email="stranger@sadari.example", email_verified=True)

    answer = log_in(browser, "stranger")

    assert answer.status_code == 403
    assert "stranger@sadari.example" in answer.text
    assert not is_in(browser)


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": "true"}, {}])
def test_an_address_that_the_issuer_has_not_verified_opens_nothing(
    browser: FlaskClient, issuer: LocalIssuer, claims: dict[str, object]
) -> None:
    account(issuer, "unverified", email="lead@sadari.example", **claims)

    assert log_in(browser, "unverified").status_code == 403
    assert not is_in(browser)


def test_another_account_with_the_address_of_a_member_opens_nothing(
    browser: FlaskClient, issuer: LocalIssuer, site: Flask
) -> None:
    log_in(browser, OPERATOR)
    account(issuer, "another", email=OPERATOR, email_verified=True)
    second = another_browser(site)

    answer = log_in(second, "another")

    assert answer.status_code == 403
    assert not is_in(second)
    assert is_in(browser)


def test_a_disabled_member_stays_out(browser: FlaskClient, store: Embedded) -> None:
    member = store.staff_ports.members.by_email(OPERATOR)
    assert member is not None
    store.staff_ports.members.put(member.model_copy(update={"is_disabled": True}))

    assert log_in(browser, OPERATOR).status_code == 403


def test_an_answer_to_another_login_is_refused(browser: FlaskClient, site: Flask) -> None:
    victim = another_browser(site)
    victim.get("/login")

    parts = urlsplit(agree(browser, OPERATOR))
    answer = victim.get(f"{parts.path}?{parts.query}")

    assert answer.status_code == 403
    assert not is_in(victim)


def test_a_state_that_nobody_gave_is_refused_whatever_it_is_written_in(browser: FlaskClient) -> None:
    browser.get("/login")

    assert browser.get("/login/return", query_string={"state": "상태", "code": "x"}).status_code == 403


def test_a_code_from_another_login_is_refused_even_under_the_right_state(browser: FlaskClient, site: Flask) -> None:
    victim = another_browser(site)
    state = parse_qs(urlsplit(victim.get("/login").location).query)["state"][0]
    code = parse_qs(urlsplit(agree(browser, OPERATOR)).query)["code"][0]

    answer = victim.get("/login/return", query_string={"state": state, "code": code})

    assert answer.status_code == 403
    assert not is_in(victim)


def test_without_a_login_that_was_begun_it_begins_anew(browser: FlaskClient) -> None:
    answer = browser.get("/login/return?state=x&code=y")

    assert (answer.status_code, answer.location) == (303, "/login")


def test_whoever_declines_at_the_issuer_or_brings_a_dead_code_stays_out(browser: FlaskClient) -> None:
    state = parse_qs(urlsplit(browser.get("/login").location).query)["state"][0]

    answers = [
        browser.get("/login/return", query_string={"state": state, **rest}).status_code
        for rest in ({"error": "access_denied"}, {"code": "dead"})
    ]

    assert answers == [403, 403]


def test_while_the_issuer_does_not_answer_nobody_comes_in(store: Embedded) -> None:
    who = Issuer(url=URL, issuer="http://127.0.0.1:1", client="console", secret="only the tests'")
    down = make_site(Room(ports=store.ports, staff=store.staff_ports, issuer=who, key=DEMO_KEY))

    with calling("console") as call:
        answer = another_browser(down).get("/login")

    assert answer.status_code == 503
    assert call.said == {"page": "login", "error": "Unavailable", "reason": "ConnectionError"}


def test_a_login_is_used_once(browser: FlaskClient) -> None:
    log_in(browser, OPERATOR)

    assert browser.get_cookie(STATE_COOKIE, domain="console.test") is None
