"""Staff see partners' subscriptions and deliveries, and act; nothing that was sent is shown, nor any secret."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser as Chromium

from functions.cli.demo.world import DEMO_KEY
from functions.console.room import Room
from functions.console.site import make_site
from functions.embedded import Embedded
from schemas.ids import CaseId, MessageId
from schemas.messages import Notice
from schemas.subscriptions import SubscriptionId, SubscriptionState
from tests.console.browsing import send
from tests.console.conftest import ISSUER, Browser
from tests.support.cohort import CALENDAR
from tests.support.post import Hand, with_post
from tests.support.subscribers import Subscribers
from workflows.runtime.fan_out import fan_out
from workflows.runtime.partner_ports import Answer
from workflows.runtime.subscribe import Wish, subscribe

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
SignIn = Callable[..., FlaskClient]


@pytest.fixture
def console_store(tmp_path: Path) -> Iterator[Embedded]:
    """An empty store: no page here is about a case."""
    store = Embedded(tmp_path / "sadari.db")
    store.clock.turn(CALENDAR.results_at)
    yield store
    store.close()


@pytest.fixture
def partners(console_store: Embedded) -> Subscribers:
    return Subscribers(console_store)


@pytest.fixture
def site(console_store: Embedded, partners: Subscribers) -> Flask:
    made = make_site(Room(console_store.ports, console_store.staff_ports, ISSUER, DEMO_KEY, partners=partners.ports))
    made.test_client_class = Browser
    return made


@pytest.fixture
def name(partners: Subscribers) -> SubscriptionId:
    """A subscription whose receiver took one notice, and refuses the next."""
    url = "https://city.example/notices"
    wish = Wish(partner="city", url=url, types=("kr.sadari.*",), contact="ops@city.example")
    ports = partners.embedded.ports
    made, _ = subscribe(wish, secret=SECRET, grant="t", by="kim", ports=ports, partners=partners.ports)
    partners.receivers.answers[url] = [Answer(status=204), Answer(status=500, head=b"canary")]
    for number in range(2):
        notice = Notice(
            id=MessageId(f"n{number}"),
            type="RoundFilled",
            role="partners",
            case=CaseId("round-1"),
            workflow="round",
            data={"cohort": "2027"},
            at=ports.clock.now(),
        )
        fan_out(notice, ports, partners.ports)
        partners.until(ports.clock.now())
    return made.id


def test_the_list_names_every_subscription_and_who_is_in_trouble(name: SubscriptionId, client_as: SignIn) -> None:
    page = client_as("operator").get("/partners").text

    assert f"/partners/{name}" in page
    assert "https://city.example/notices" in page


def test_one_shows_its_deliveries_and_neither_secrets_nor_bodies(name: SubscriptionId, client_as: SignIn) -> None:
    page = client_as("operator").get(f"/partners/{name}").text
    waiting = client_as("operator").get(f"/partners/{name}?state=waiting").text

    assert (page.count("kr.sadari.admission.round.filled.v1"), waiting.count(".filled.v1")) == (2, 1)
    assert "500" in waiting
    assert all(word not in page for word in (SECRET, "canary", '"specversion"'))


def test_staff_pause_resume_and_send_again(name: SubscriptionId, client_as: SignIn, partners: Subscribers) -> None:
    operator = client_as("operator", as_id="kim")
    (delivered, _), _ = partners.ports.deliveries.page(subscription=name, limit=9)

    statuses = [send(operator, f"/partners/{name}/pause").status_code]
    paused = partners.subscription(name)
    statuses += [send(operator, f"/partners/{name}/{verb}").status_code for verb in ("pause", "resume")]
    again = send(operator, f"/partners/{name}/redeliver", delivery=delivered.id)

    assert (statuses, again.status_code) == ([303, 409, 303], 303)
    assert (paused.state, paused.reason) == (SubscriptionState.PAUSED, "staff: kim")
    found = partners.ports.deliveries.get(delivered.id)
    assert found is not None
    assert found.next_at is not None


DIGEST = {
    "partner": "city",
    "mailbox": "office@city.example",
    "hour": "9",
    "type": "kr.sadari.learning.phase.passed.v1",
}


@pytest.fixture
def hand(console_store: Embedded) -> Hand:
    """Mail; made before the site."""
    hand = Hand()
    console_store.ports = with_post(console_store.ports, mail=hand)
    return hand


def test_staff_register_an_office_for_a_letter_a_day(hand: Hand, client_as: SignIn, partners: Subscribers) -> None:
    operator = client_as("operator", as_id="kim")

    asked = send(operator, "/partners", **DIGEST)
    vouched = send(operator, "/partners", **{**DIGEST, "mailbox": "desk@city.example", "is_vouched": "on"})

    found = {each.url: each for each in partners.ports.subscriptions.find()}
    assert (asked.status_code, vouched.status_code) == (303, 303)
    assert found["mailto:office@city.example"].state is SubscriptionState.PENDING
    assert found["mailto:desk@city.example"].state is SubscriptionState.ACTIVE
    assert (found["mailto:desk@city.example"].hour, found["mailto:desk@city.example"].made_by) == (9, "kim")
    assert [each.person.email for each in hand.parcels] == ["office@city.example"]
    shown = operator.get(f"/partners/{found['mailto:desk@city.example'].id}")
    assert (shown.status_code, "A letter daily at 9:00, to" in shown.text) == (200, True)


@pytest.mark.parametrize(
    ("changed", "status", "named"),
    [
        ({"partner": "광주시"}, 422, "small letters and digits"),
        ({"mailbox": "office"}, 422, "This mailbox cannot be used"),
        ({"mailbox": "a@b.example\r\nBcc: c@d.example"}, 422, "This mailbox cannot be used"),
        ({"hour": "25"}, 422, "a number from 0 to 23"),
        ({"hour": "9" * 5000}, 422, "a number from 0 to 23"),
        ({"type": "kr.other.v1"}, 422, "Choose one type"),
    ],
)
def test_a_digest_that_cannot_be_is_told_beside_its_field_and_nothing_typed_is_lost(
    hand: Hand, client_as: SignIn, partners: Subscribers, changed: dict[str, str], status: int, named: str
) -> None:
    answer = send(client_as("operator"), "/partners", **{**DIGEST, **changed})

    assert (answer.status_code, named in answer.text) == (status, True)
    assert 'value="office@city.example"' in answer.text or "mailbox" in changed
    assert (hand.parcels, list(partners.ports.subscriptions.find())) == ([], [])


def test_without_mail_no_office_is_promised_a_letter(client_as: SignIn, partners: Subscribers) -> None:
    answer = send(client_as("operator"), "/partners", **DIGEST)

    assert (answer.status_code, "No mail server is set up" in answer.text) == (409, True)
    assert list(partners.ports.subscriptions.find()) == []


def test_another_subscriptions_delivery_is_not_found(name: SubscriptionId, client_as: SignIn) -> None:
    assert send(client_as("operator"), f"/partners/{name}/redeliver", delivery="a/b").status_code == 404


def test_whoever_has_one_cohort_or_may_only_look_changes_nothing(name: SubscriptionId, client_as: SignIn) -> None:
    assert client_as("operator", cohort="2027").get("/partners").status_code == 403
    auditor = client_as("auditor").get(f"/partners/{name}").text

    assert 'action="/partners' not in auditor


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1200])
def test_the_pages_are_for_everybody_at_any_width(
    name: SubscriptionId, client_as: SignIn, browser: Chromium, width: int
) -> None:
    operator = client_as("operator")
    css = (Path(make_site.__code__.co_filename).parent / "static" / "console.css").read_text(encoding="utf-8")
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()

    for path in ("/partners", f"/partners/{name}"):
        page.set_content(operator.get(path).text)
        page.add_style_tag(content=css)
        found = Axe().run(page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
