"""Partners from the command line: subscribed, told, looked at, sent to again, ended; secrets are shown once."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.bootstrap import Cloud
from functions.cli import run
from functions.settings import Settings
from functions.stack.arrived import arrived
from functions.stack.mail_sink import MailSink
from functions.store_files import write_environment
from schemas.api_keys import Scope
from schemas.ids import CaseId, MessageId
from schemas.messages import Notice
from schemas.roles import PARTNERS
from tests.support.cohort import CALENDAR, DAY
from tests.support.partner import Partner, partner, says
from workflows.runtime.api_keys import key_of
from workflows.runtime.attempt import attempt
from workflows.runtime.partner_ports import due_of
from workflows.runtime.signature import is_secret

AGREES = "HTTP/1.1 204 No Content\r\nWebHook-Allowed-Origin: *\r\nConnection: close\r\n\r\n"
REFUSES = "HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n"

Sadari = Callable[..., Any]


@pytest.fixture
def receiver() -> Iterator[Partner]:
    with partner(says(AGREES)) as running:
        yield running


def environment(tmp_path: Path, receiver: Partner) -> dict[str, str]:
    told = {"origin": "sadari.example", "url": "https://sadari.example/api"}
    return {
        "SADARI_STORE": str(tmp_path / "sadari.db"),
        "SADARI_KEY": base64.b64encode(b"k" * 32).decode(),
        "SADARI_CALLER": "c",
        "SADARI_AUDIENCE": "a",
        "SADARI_CERTS_URL": "http://127.0.0.1:1/",
        "SADARI_SOURCES": "{}",
        "SADARI_PARTNERS": json.dumps({**told, "admitted": [f"127.0.0.1:{receiver.port}"]}),
    }


@pytest.fixture
def cloud(tmp_path: Path, receiver: Partner) -> Iterator[Cloud]:
    write_environment(tmp_path, environment(tmp_path, receiver))
    made = Cloud(Settings.from_env(environment(tmp_path, receiver)))
    made._embedded.clock.turn(CALENDAR.results_at)
    yield made
    made._embedded.close()


@pytest.fixture
def sadari(cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Sadari:
    """Run a command on this stack; give what it printed as JSON, or its one line of error."""

    def call(*arguments: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert run([*arguments, "--stack", str(tmp_path), "--json"]) == code
        said = capsys.readouterr()
        return json.loads(said.out) if code == 0 else said.err

    assert cloud.settings.partners is not None
    return call


KIM = ("--as", "kim", "--contact", "ops@city.example")


def add(sadari: Sadari, receiver: Partner, *more: str) -> Any:
    url = f"http://127.0.0.1:{receiver.port}/"
    return sadari("subscriptions", "add", "city", url, *KIM, *more)


def tell(cloud: Cloud, number: int = 1) -> None:
    notice = Notice(
        id=MessageId(f"n{number}"),
        type="RoundFilled",
        role=PARTNERS.name,
        case=CaseId("round-1"),
        workflow="round",
        data={"cohort": "2027"},
        at=cloud.ports.clock.now(),
    )
    cloud.ports.publisher.publish([], [notice])
    cloud._embedded.worker.drain()


def attempt_all(cloud: Cloud) -> None:
    for each in cloud.partner_ports.deliveries.page(limit=99)[0]:
        for due in due_of(each):
            cloud._embedded.clock.turn(max(due.at, cloud.ports.clock.now()))
            attempt(due, cloud.ports, cloud.partner_ports)


def test_a_secret_is_shown_when_it_is_made_and_never_again(sadari: Sadari, receiver: Partner) -> None:
    made = add(sadari, receiver)
    rotated = sadari("subscriptions", "rotate", made["id"])
    shown = [sadari("subscriptions", "show", made["id"][:8]), *sadari("subscriptions", "list")]

    assert is_secret(made["secret"])
    assert is_secret(rotated["secret"])
    assert made["secret"] != rotated["secret"]
    for each in shown:
        assert each["secrets"] == 2
        assert "whsec_" not in json.dumps(each)
    assert (made["state"], made["why"]) == ("active", "")


def test_a_subscription_is_paused_resumed_and_ended(sadari: Sadari, receiver: Partner) -> None:
    name = add(sadari, receiver)["id"]

    states = [
        sadari("subscriptions", verb, name)[field]
        for verb, field in (("pause", "state"), ("resume", "state"), ("ask", "state"), ("end", "reason"))
    ]

    assert states == ["paused", "active", "active", "ended"]
    assert "has ended" in sadari("subscriptions", "ask", name, code=1)


def test_a_subscription_is_changed_as_a_whole_or_not_at_all(sadari: Sadari, receiver: Partner) -> None:
    found = add(sadari, receiver, "--field", "name", "--consent", "third_party", "--purpose", "internships")

    changed = sadari(
        "subscriptions", "change", found["id"], "--cohort", "2027", "--field", "", "--url", found["url"] + "x"
    )
    refused = sadari("subscriptions", "change", found["id"], "--cohort", "2028", "--url", "https://10.0.0.1/", code=1)
    shown = sadari("subscriptions", "show", found["id"])

    assert (changed["cohort"], changed["fields"], changed["url"], changed["why"]) == (
        "2027",
        [],
        found["url"] + "x",
        "",
    )
    assert "[url]" in refused
    assert (shown["cohort"], shown["version"]) == ("2027", 2)


def test_a_receiver_that_does_not_agree_is_asked_by_its_people(sadari: Sadari, receiver: Partner) -> None:
    receiver._talk = says(REFUSES)

    made = add(sadari, receiver)

    assert (made["state"], made["why"]) == ("pending", "no consent in the answer [500]")
    assert made["grant_url"].startswith(f"https://sadari.example/api/grants/{made['id']}/")


def test_an_office_is_registered_for_a_letter_a_day_and_asked_by_mail(
    sadari: Sadari, receiver: Partner, tmp_path: Path
) -> None:
    office = ("subscriptions", "add", "city", "mailto:office@city.example", *KIM)
    desk = ("subscriptions", "add", "city", "mailto:desk@city.example", *KIM)

    refused = sadari(*office, code=1)
    with MailSink(tmp_path / "mail") as sink:
        write_environment(tmp_path, {**environment(tmp_path, receiver), "SADARI_MAIL": json.dumps(sink.settings())})
        asked = sadari(*office, "--hour", "9")
        vouched = sadari(*desk, "--vouched", "--even-without-news")
        shown = sadari("subscriptions", "show", asked["id"])
    (letter,) = arrived(tmp_path)

    assert "SADARI_MAIL" in refused
    assert (asked["state"], asked["why"], asked["hour"]) == ("pending", "confirmation_sent", 9)
    assert (vouched["state"], vouched["is_sent_empty"]) == ("active", True)
    assert "secret" not in asked
    assert (shown["way"], shown["secrets"]) == ("digest", 0)
    assert letter.to == "city <office@city.example>"
    assert asked["grant_url"] in letter.text


def test_a_test_event_is_delivered_and_every_attempt_is_shown(sadari: Sadari, cloud: Cloud, receiver: Partner) -> None:
    name = add(sadari, receiver)["id"]

    delivery = sadari("subscriptions", "test", name)["delivery"]
    attempt_all(cloud)
    shown = sadari("deliveries", "show", delivery)

    assert (shown["state"], shown["tries"], shown["is_personal"]) == ("delivered", 1, False)
    assert [each["status"] for each in shown["attempts"]] == [204]
    assert "body" not in shown


def test_what_failed_is_sent_again_and_what_is_missing_is_made(sadari: Sadari, cloud: Cloud, receiver: Partner) -> None:
    tell(cloud, 1)
    since = (cloud.ports.clock.now() - DAY).isoformat()
    cloud._embedded.clock.turn(CALENDAR.results_at + DAY)
    name = add(sadari, receiver)["id"]

    replayed = sadari("deliveries", "replay", name, "--since", since)
    attempt_all(cloud)
    (delivered,) = sadari("deliveries", "list", "--subscription", name, "--state", "delivered")["deliveries"]
    again = sadari("deliveries", "redeliver", delivered["id"])
    recovered = sadari("deliveries", "recover", name, "--since", since)

    assert (replayed, again["state"], recovered) == ({"count": 1}, "waiting", {"count": 0})


def test_deliveries_are_listed_page_by_page(sadari: Sadari, cloud: Cloud, receiver: Partner) -> None:
    add(sadari, receiver)
    for number in range(3):
        tell(cloud, number)

    first = sadari("deliveries", "list", "--limit", "2")
    second = sadari("deliveries", "list", "--limit", "2", "--after", first["next"])

    assert [len(page["deliveries"]) for page in (first, second)] == [2, 1]
    assert second["next"] == ""


def test_a_key_is_shown_once_proves_its_partner_and_is_revoked(sadari: Sadari, cloud: Cloud) -> None:
    made = sadari("keys", "new", "city", "--as", "kim", "--scope", "events:read", "--days", "30")
    proven = key_of(made["key"], cloud.ports.clock.now(), cloud.partner_ports)
    listed = sadari("keys", "list")
    revoked = sadari("keys", "revoke", made["id"])

    assert (proven.partner, proven.scopes) == ("city", (Scope.EVENTS_READ,))
    assert made["key"].split("_")[2] not in json.dumps(listed)
    assert revoked["revoked_at"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("subscriptions", "add", "city", "http://10.0.0.1/", "--as", "kim", "--contact", "a@b.cd"), "https://"),
        (("subscriptions", "show", "none"), "no subscription [none]"),
        (("deliveries", "show", "none"), "no delivery [none]"),
        (("keys", "revoke", "none"), "No key [none]"),
        (("keys", "new", "city", "--as", "kim", "--days", "9999"), "[lasts] has to be from 1 to 731 days"),
    ],
)
def test_what_cannot_be_done_is_one_line(sadari: Sadari, arguments: tuple[str, ...], said: str) -> None:
    assert said in sadari(*arguments, code=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("subscriptions", "add", "Big City", "https://x.example/", "--as", "kim", "--contact", "x"),
            "[contact] has to be a mail",
        ),
        (("keys", "new", "city", "--as", "kim", "--scope", "all"), "--scope is one of subscriptions:read"),
        (("deliveries", "list", "--state", "lost"), "no state [lost]"),
    ],
)
def test_bad_use_says_what_to_write(sadari: Sadari, arguments: tuple[str, ...], said: str) -> None:
    assert said in sadari(*arguments, code=2)


def test_nothing_is_no_beginning_of_the_only_subscription(sadari: Sadari, receiver: Partner) -> None:
    name = add(sadari, receiver)["id"]

    assert "no subscription []" in sadari("subscriptions", "end", "", code=1)
    assert sadari("subscriptions", "show", name[:5])["state"] == "active"


def test_without_a_stack_it_says_how_to_start_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["subscriptions", "list", "--stack", str(tmp_path)]) == 2

    assert "is `sadari up` running in this folder?" in capsys.readouterr().err


READER = ("--reader", "serviceAccount:reader@city.iam.gserviceaccount.com", "--project", "sadari-prod")


def test_a_partner_gets_its_own_filtered_subscription_with_dead_letters(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ("--type", "kr.sadari.learning.*", "--cohort", "2027", "--json")

    assert run(["subscriptions", "pubsub", "city", *READER, *wanted]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["filter"] == 'hasPrefix(attributes.type, "kr.sadari.learning.") AND attributes.cohort = "2027"'
    (made,) = [each for each in told["commands"] if "--topic=partner-events" in each]
    assert f"--message-filter='{told['filter']}'" in made
    assert "--dead-letter-topic=partner-city-dead" in made


@pytest.mark.parametrize(
    "unfit",
    [
        ("--cohort", "x'; rm -rf ~"),
        ("--cohort", '" OR attributes.cohort != "'),
        ("--type", "com.other.*"),
        ("--reader", "user:a@b.cd$(id)"),
        ("--reader", "user:a|id@b.cd"),
        ("--reader", "user:a@b.cd&id"),
        ("--reader", "allUsers"),
        ("--reader", "allAuthenticatedUsers"),
        ("--reader", "user:somebody@gmail.com"),
        ("--reader", "domain:b.cd"),
    ],
)
def test_what_would_end_a_command_early_or_let_everybody_read_is_refused(
    unfit: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["subscriptions", "pubsub", "city", *READER, *unfit]) == 2

    assert f"cannot be used: {unfit[0]}" in capsys.readouterr().err
