"""Nobody gets in who may not: every page for every role, forged posts, the headers, and how sessions end."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from functions.cli.demo.world import DEMO_KEY
from functions.console.guard import COOKIE, HEADERS, IDLE_MAX, OPEN_PAGES, rights, session_id
from functions.console.room import Room, covers, now
from functions.console.site import make_site
from functions.embedded import Embedded
from schemas.messages import Case
from schemas.roles import ROLES
from schemas.staff import SESSION_AGE_MAX, Grant, Member, Session
from tests.console.browsing import send, token_on
from tests.console.conftest import ISSUER, URL, Browser

STAFF = sorted(name for name, role in ROLES.items() if role.is_staff)
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}

on = pytest.mark.parametrize


@dataclass(frozen=True)
class Front:
    """The console on an empty store."""

    site: Flask
    store: Embedded

    def rules(self) -> list[Rule]:
        return [rule for rule in self.site.url_map.iter_rules() if rule.endpoint not in OPEN_PAGES]

    def browser(self) -> FlaskClient:
        return Browser(self.site, self.site.response_class)

    def member(self, *roles: str) -> Member:
        member_id = f"member-{len(self.store.staff_ports.members.all())}"
        grants = tuple(Grant(role=role) for role in roles)
        member = Member(id=member_id, email=f"{member_id}@sadari.example", name="김직원", locale="en", grants=grants)
        self.store.staff_ports.members.put(member)
        return member

    def signed_in(
        self, member: Member, *, began: timedelta = timedelta(), seen: timedelta = timedelta()
    ) -> FlaskClient:
        secret, browser = secrets.token_urlsafe(), self.browser()
        session = Session(id=session_id(secret), member=member.id, begun_at=now() - began, seen_at=now() - seen)
        self.store.staff_ports.sessions.put(session)
        browser.set_cookie(COOKIE, secret, domain="console.test", secure=True)
        return browser

    def session(self, browser: FlaskClient) -> Session | None:
        cookie = browser.get_cookie(COOKIE, domain="console.test")
        assert cookie is not None
        return self.store.staff_ports.sessions.get(session_id(cookie.value))


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    store = Embedded(tmp_path_factory.mktemp("front") / "sadari.db")
    room = Room(ports=store.ports, staff=store.staff_ports, issuer=ISSUER, key=DEMO_KEY)
    yield Front(make_site(room), store)
    store.close()


def path_of(rule: Rule) -> str:
    path = rule.rule
    for name in rule.arguments:
        path = path.replace(f"<{name}>", "nothing")
    return path


def ask(browser: FlaskClient, rule: Rule) -> int:
    """Give what becomes of a right request for this page."""
    if "POST" in (rule.methods or ()):
        return send(browser, path_of(rule)).status_code
    return browser.get(path_of(rule)).status_code


# ---- rights


@on("role", STAFF)
@on("page", sorted(rights()))
def test_a_role_sees_a_page_if_its_cell_says_so(front: Front, page: str, role: str) -> None:
    (rule,) = [rule for rule in front.rules() if rule.endpoint == page]

    status = ask(front.signed_in(front.member(role)), rule)

    assert (status == 403) == (role not in rights()[page])
    assert status < 500


def test_every_route_has_a_row_and_every_row_a_route(front: Front) -> None:
    assert {rule.endpoint for rule in front.rules()} == set(rights())


def test_every_role_of_staff_has_a_column() -> None:
    assert {role for allowed in rights().values() for role in allowed} == set(STAFF)


def test_a_route_without_a_row_is_seen_by_nobody(front: Front) -> None:
    site = make_site(Room(ports=front.store.ports, staff=front.store.staff_ports, issuer=ISSUER, key=DEMO_KEY))
    site.add_url_rule("/bare", "bare", lambda: "seen")
    bare = Front(site, front.store)

    assert bare.signed_in(bare.member(*STAFF)).get("/bare").status_code == 403


@on("page", sorted(rights()))
def test_whoever_is_not_signed_in_is_sent_to_the_login(front: Front, page: str) -> None:
    (rule,) = [rule for rule in front.rules() if rule.endpoint == page]
    method = "POST" if "POST" in (rule.methods or ()) else "GET"

    answer = front.browser().open(path_of(rule), method=method, headers=SAME_ORIGIN)

    if method == "GET":
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/login")
    else:
        assert (answer.status_code, 'href="/login"' in answer.text) == (401, True)


def test_a_form_that_comes_after_the_end_of_its_session_is_given_back(front: Front) -> None:
    form = {"token": "old", "reason": "checked <by phone>", "answer": "yes"}

    answer = front.browser().post("/questions/nothing/answer", data=form, headers=SAME_ORIGIN)

    assert answer.status_code == 401
    assert "checked &lt;by phone&gt;" in answer.text
    assert ">old" not in answer.text


def test_what_is_not_there_is_hidden_from_strangers_and_not_found_by_members(front: Front) -> None:
    browsers = front.browser(), front.signed_in(front.member("operator"))

    assert [browser.get("/nothing").status_code for browser in browsers] == [303, 404]


def test_a_grant_of_a_university_covers_its_people_and_every_round_of_its_programme() -> None:
    def a_case(workflow: str, subject: str) -> Case:
        about = {"id": "case-1", "workflow": workflow, "version": 1, "fingerprint": "", "stage": "", "visit": 1}
        return Case.model_validate({**about, "arrived_at": now(), "cohort": "2027", "subject": subject})

    grant = Grant(role="university", programme="ai", university="here")
    cases = [
        a_case("round", '{"programme": "ai"}'),
        a_case("round", '{"programme": "other"}'),
        a_case("application", '{"programme": "ai", "university": "here"}'),
        a_case("application", '{"programme": "ai", "university": "there"}'),
        a_case("enrolment", '{"programme": "ai"}'),
    ]

    assert [covers(grant, case) for case in cases] == [True, False, True, False, False]


# ---- forged posts


@on(
    ("headers", "status"),
    [
        (SAME_ORIGIN, 303),
        ({"Origin": URL}, 303),
        ({"Referer": f"{URL}/inbox"}, 303),
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": URL}, 403),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Referer": "//[::1"}, 403),
        ({"Origin": "http://console.test"}, 403),
        ({"Referer": "https://console.test.evil.test/"}, 403),
    ],
)
def test_a_post_comes_from_the_console_itself_or_not_at_all(front: Front, headers: dict[str, str], status: int) -> None:
    browser = front.signed_in(front.member("operator"))
    token = token_on(browser)

    assert browser.post("/language", data={"token": token}, headers=headers).status_code == status


def test_a_post_carries_the_token_of_its_own_session(front: Front) -> None:
    member = front.member("operator")
    browser, other = front.signed_in(member), front.signed_in(member)
    right = token_on(browser)
    tokens = {"right": right, "none": "", "wrong": right[:-1], "of another session": token_on(other)}

    answers = {
        name: browser.post("/language", data={"token": token}, headers=SAME_ORIGIN).status_code
        for name, token in tokens.items()
    }

    assert answers == {"right": 303, "none": 403, "wrong": 403, "of another session": 403}


@on(
    ("path", "back"),
    [("/definitions", "/definitions"), ("/nothing", ""), ("/bulk/freeze", ""), ("/rounds/r/rank", "")],
)
def test_a_change_of_language_leads_back_to_a_page_that_can_be_asked_for(front: Front, path: str, back: str) -> None:
    browser = front.signed_in(front.member("operator"))
    answer = browser.get(path) if back else browser.post(path, headers=SAME_ORIGIN)

    assert re.findall(r'name="back" value="([^"]*)"', answer.text) == [back]


@on("back", ["//[", "//evil.test/x", "/\\evil.test", "https://evil.test"])
def test_a_change_of_language_leads_to_no_other_site(front: Front, back: str) -> None:
    answer = send(front.signed_in(front.member("operator")), "/language", back=back)

    assert (answer.status_code, answer.location[:1], answer.location[1:2] in {"/", "\\"}) == (303, "/", False)


# ---- headers


@on(
    ("path", "status"),
    [("/definitions", 200), ("/nothing", 404), ("/inbox", 403), ("/", 303), ("/static/console.css", 200)],
)
def test_every_answer_carries_the_headers(front: Front, path: str, status: int) -> None:
    answer = front.signed_in(front.member("admin")).get(path)

    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)
    assert (answer.headers["Cache-Control"] == "no-store") == (path != "/static/console.css")
    answer.close()


def test_no_page_may_run_a_script_or_style_of_its_own() -> None:
    policy = HEADERS["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


# ---- sessions


MINUTE = timedelta(minutes=1)


@on(
    ("began", "seen", "status"),
    [
        (timedelta(), timedelta(), 200),
        (SESSION_AGE_MAX - MINUTE, IDLE_MAX - MINUTE, 200),
        (timedelta(hours=1), IDLE_MAX + MINUTE, 303),
        (SESSION_AGE_MAX + MINUTE, timedelta(), 303),
    ],
)
def test_a_session_ends_when_it_is_idle_or_old(front: Front, began: timedelta, seen: timedelta, status: int) -> None:
    browser = front.signed_in(front.member("operator"), began=began, seen=seen)

    answer = browser.get("/inbox")

    assert answer.status_code == status
    assert (front.session(browser) is None) == (status == 303)


def test_a_request_keeps_the_session_alive_and_not_every_one_is_a_write(front: Front) -> None:
    member = front.member("operator")
    stale, fresh = front.signed_in(member, seen=timedelta(minutes=20)), front.signed_in(member, seen=MINUTE / 2)
    before = front.session(stale), front.session(fresh)

    for browser in (stale, fresh):
        browser.get("/inbox")

    after = front.session(stale), front.session(fresh)
    assert [old == new for old, new in zip(before, after, strict=True)] == [False, True]


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(front: Front) -> None:
    member = front.member("operator")
    browser = front.signed_in(member)
    before = browser.get("/inbox").status_code

    front.store.staff_ports.members.put(member.model_copy(update={"grants": (Grant(role="auditor"),)}))

    assert [before, browser.get("/inbox").status_code] == [200, 403]


def test_a_member_who_is_disabled_is_out_at_the_next_request(front: Front) -> None:
    member = front.member("operator")
    browser = front.signed_in(member)
    before = browser.get("/inbox").status_code

    front.store.staff_ports.members.put(member.model_copy(update={"is_disabled": True}))

    assert [before, browser.get("/inbox").status_code] == [200, 303]


def test_signing_out_ends_the_session_everywhere(front: Front) -> None:
    browser = front.signed_in(front.member("operator"))
    cookie = browser.get_cookie(COOKIE, domain="console.test")
    assert cookie is not None
    copied = front.browser()
    copied.set_cookie(COOKIE, cookie.value, domain="console.test", secure=True)

    answer = send(browser, "/sign-out")

    # Not the login: an issuer that still knows the browser would let it in again at once.
    assert (answer.status_code, answer.location, browser.get("/signed-out").status_code) == (303, "/signed-out", 200)
    assert [each.get("/inbox").status_code for each in (browser, copied)] == [303, 303]


def test_a_secret_that_nobody_was_given_opens_nothing(front: Front) -> None:
    browser = front.browser()
    browser.set_cookie(COOKIE, "guessed", domain="console.test", secure=True)

    assert browser.get("/inbox").status_code == 303
