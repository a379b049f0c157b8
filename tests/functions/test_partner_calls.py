"""A notice that is pushed to `deliver` reaches a partner by `attempt`, signed, once; `sweep` mends what was lost."""

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from flask import Flask
from standardwebhooks.webhooks import Webhook

from functions.stack.relay import LocalKey
from schemas.deliveries import DeliveryState
from schemas.ids import MessageId
from schemas.messages import Notice
from schemas.subscriptions import Subscription, SubscriptionState
from tests.corpus.rounds import SPRING, dump
from tests.functions import site as sites
from tests.functions.site import Site
from tests.support.partner import Partner, partner, says
from workflows.runtime.attempt import due_to_json
from workflows.runtime.partner_ports import Due, due_of
from workflows.runtime.subscribe import Wish, subscribe

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
TAKES = "HTTP/1.1 204 No Content\r\nWebHook-Allowed-Origin: *\r\nConnection: close\r\n\r\n"


@pytest.fixture
def receiver() -> Iterator[Partner]:
    with partner(says(TAKES)) as running:
        yield running


@pytest.fixture
def site(
    apps: Mapping[str, Flask], key: LocalKey, certs_url: str, begun: Path, tmp_path: Path, receiver: Partner
) -> Iterator[Site]:
    told = {"origin": "sadari.example", "url": "https://sadari.example/api"}
    more = {"SADARI_PARTNERS": json.dumps({**told, "admitted": [f"127.0.0.1:{receiver.port}"]})}
    with sites.opened(apps, key, certs_url, Path(shutil.copy(begun, tmp_path)), more) as opened:
        yield opened


def subscribed(site: Site, receiver: Partner) -> Subscription:
    wish = Wish(
        partner="city",
        url=f"http://127.0.0.1:{receiver.port}/",
        types=("kr.sadari.*",),
        contact="ops@city.example",
    )
    made, _ = subscribe(
        wish, secret=SECRET, grant="t", by="kim", ports=site.cloud.ports, partners=site.cloud.partner_ports
    )
    assert made.state is SubscriptionState.ACTIVE
    receiver.requests.clear()
    return made


def a_notice(site: Site) -> Notice:
    return Notice(
        id=MessageId("opened"),
        type="RoundOpened",
        role="partners",
        case=SPRING,
        workflow="round",
        data={"cohort": "2027"},
        at=site.store.clock.now(),
    )


def due(site: Site) -> Due:
    (found,) = (due for each in site.cloud.partner_ports.deliveries.page(limit=9)[0] for due in due_of(each))
    return found


def test_a_notice_reaches_its_partner_signed_and_once(site: Site, receiver: Partner) -> None:
    subscribed(site, receiver)
    notice = json.loads(a_notice(site).model_dump_json())

    pushed = [site.push("deliver", notice).status_code for _ in range(2)]
    alarm = due(site)
    called = [site.call("attempt", due_to_json(alarm)).status_code for _ in range(2)]

    assert (pushed, called) == ([204, 204], [204, 204])
    (request,) = receiver.requests
    head, _, body = request.partition(b"\r\n\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.decode().split("\r\n"))}
    assert Webhook(SECRET).verify(body, headers)["type"] == "kr.sadari.admission.round.opened.v1"
    ((kept,), _) = site.cloud.partner_ports.deliveries.page(limit=9)
    assert kept.state is DeliveryState.DELIVERED


def test_an_attempt_before_its_time_is_asked_to_come_again(site: Site, receiver: Partner) -> None:
    subscribed(site, receiver)
    site.push("deliver", json.loads(a_notice(site).model_dump_json()))
    alarm = due(site)
    site.store.clock.turn(alarm.at.astimezone(UTC) - timedelta(seconds=2))

    assert site.call("attempt", due_to_json(alarm)).status_code == 503
    assert receiver.requests == []


def test_what_is_no_attempt_is_quarantined(site: Site) -> None:
    assert site.call("attempt", b"nonsense").status_code == 204

    assert [row.reason.split()[0] for row in site.store.ports.quarantine.find()] == ["no_attempt"]


def test_an_attempt_of_nothing_that_waits_is_let_go(site: Site) -> None:
    alarm = b'{"delivery":"d","subscription":"s","number":1,"at":"2027-03-01T00:00:00Z"}'
    before = dump(site.store)

    assert site.call("attempt", alarm).status_code == 204
    assert dump(site.store) == before


def test_a_sweep_sets_a_lost_alarm_again(site: Site, receiver: Partner) -> None:
    subscribed(site, receiver)
    site.push("deliver", json.loads(a_notice(site).model_dump_json()))
    lost = due(site)
    site.store.clock.turn(lost.at + timedelta(minutes=11))

    answer = site.call("sweep")

    assert answer.json["deliveries"] == {"digests": 0, "woken": 1, "forgotten": 0, "silenced": 0, "warned": 0}
    again = due(site)
    assert again.name != lost.name
    assert site.call("attempt", due_to_json(again)).status_code == 204
    assert len(receiver.requests) == 1


def test_who_has_no_partners_sweeps_without_them(shared_site: Site) -> None:
    assert "deliveries" not in (shared_site.call("sweep").json or {})
