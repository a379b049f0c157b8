"""A subscription changes as a whole or not at all; a new address agrees first; fields that go go at once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.deliveries import DeliveryState
from schemas.subscriptions import Subscription, SubscriptionState
from tests.runtime.test_partners import SECRET, URL, a_notice, a_person, a_wish, made, told, with_fields
from tests.support.post import Hand, with_post
from tests.support.subscribers import TAKEN, Subscribers
from workflows.runtime.change_subscription import Change, change
from workflows.runtime.errors import BadForm, CaseMoved, NotAllowed, NotFound, Rejected
from workflows.runtime.partner_ports import Answer
from workflows.runtime.recover import redeliver
from workflows.runtime.subscribe import end, grant, pause, subscribe

NOON = datetime(2027, 6, 1, 3, 0, tzinfo=UTC)
OTHER = "https://city.example/other"
FAILED = Answer(status=500)
LATER = timedelta(hours=1)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def city(tmp_path: Path, hand: Hand) -> Iterator[Subscribers]:
    embedded = Embedded(tmp_path / "sadari.db")
    embedded.ports = with_post(embedded.ports, mail=hand)
    embedded.clock.turn(NOON)
    yield Subscribers(embedded)
    embedded.close()


def changed(
    city: Subscribers, found: Subscription, *, seen: int | None = None, **wish: Any
) -> tuple[Subscription, str]:
    return change(found.id, Change(**wish), seen=seen, token="new", ports=city.embedded.ports, partners=city.ports)


def bodies(city: Subscribers) -> list[tuple[str, Any]]:
    return [(url, json.loads(body)) for url, _, body in city.receivers.posts]


# ---- another address


def test_a_new_address_that_agrees_gets_what_waits_and_what_comes(city: Subscribers) -> None:
    city.receivers.answers[URL] = [FAILED]
    found = made(city)
    told(city, a_notice(1))
    city.until(NOON)

    after, why = changed(city, found, url="HTTPS://City.Example:443/other")
    told(city, a_notice(2))
    city.until(NOON + LATER)

    assert (after.url, after.state, after.version, why) == (OTHER, SubscriptionState.ACTIVE, 2, "")
    assert [url for url, _ in bodies(city)] == [URL, OTHER, OTHER]
    assert after.secrets == found.secrets
    assert city.receivers.calls[2][:2] == ("OPTIONS", OTHER)
    assert city.ports.subscriptions.health(found.id).failures == 0


@pytest.mark.parametrize(
    "answer", [Answer(status=200), Answer(status=404), Answer(fault="too_slow"), Answer(fault="refused_address")]
)
def test_a_new_address_that_does_not_agree_changes_nothing(city: Subscribers, answer: Answer) -> None:
    found = made(city)
    city.receivers.answers[f"OPTIONS {OTHER}"] = [answer]

    with pytest.raises(BadForm) as refusal:
        changed(city, found, url=OTHER, cohort="2028")

    assert set(refusal.value.faults) == {"url"}
    assert city.subscription(found.id) == found
    assert len(told(city, a_notice())) == 1


@pytest.mark.parametrize(
    "url",
    ["http://city.example/", "https://127.0.0.1/", "https://localhost/", "https://[::ffff:10.0.0.1]/", "mailto:a"],
)
def test_an_address_that_may_not_be_called_is_refused_before_any_call(city: Subscribers, url: str) -> None:
    found = made(city)
    calls = len(city.receivers.calls)

    with pytest.raises(BadForm):
        changed(city, found, url=url)

    assert (len(city.receivers.calls), city.subscription(found.id)) == (calls, found)


def test_a_call_does_not_become_a_letter(city: Subscribers, hand: Hand) -> None:
    found = made(city)

    with pytest.raises(BadForm):
        changed(city, found, url="mailto:office@city.example")
    assert hand.parcels == []


def test_the_address_of_another_subscription_is_refused(city: Subscribers) -> None:
    found = made(city)
    made(city, url=OTHER)

    with pytest.raises(Rejected):
        changed(city, found, url=OTHER)


def test_a_paused_one_stays_paused_and_a_disabled_one_starts_afresh(city: Subscribers) -> None:
    paused, gone = made(city), made(city, url="https://city.example/gone")
    pause(paused.id, "holiday", city.ports)
    city.receivers.answers[gone.url] = [Answer(status=410)]
    told(city, a_notice())
    city.until(NOON)

    first, _ = changed(city, paused, url=OTHER)
    second, _ = changed(city, gone, url="https://city.example/back")

    assert (first.state, first.reason) == (SubscriptionState.PAUSED, "holiday")
    assert (second.state, second.reason) == (SubscriptionState.ACTIVE, "")


def test_a_new_mailbox_is_asked_and_gets_what_waits_when_it_confirmed(city: Subscribers, hand: Hand) -> None:
    ports = city.embedded.ports
    wish = a_wish(url="mailto:office@city.example")
    found, _ = subscribe(wish, secret=SECRET, grant="t", by="k", ports=ports, partners=city.ports, is_vouched=True)

    after, why = changed(city, found, url="mailto:desk@city.example", hour=7)
    granted = grant(found.id, "new", ports, city.ports)

    assert (after.state, why, after.hour) == (SubscriptionState.PENDING, "confirmation_sent", 7)
    assert [each.person.email for each in hand.parcels] == ["desk@city.example"]
    assert (granted.state, granted.url) == (SubscriptionState.ACTIVE, "mailto:desk@city.example")
    with pytest.raises(NotFound):
        grant(found.id, "t", ports, city.ports)


# ---- what is asked for


def test_types_cohort_and_contact_change_without_asking_anybody(city: Subscribers) -> None:
    found = made(city)
    calls = len(city.receivers.calls)

    after, _ = changed(city, found, types=("kr.sadari.career.*",), cohort="2028", contact="x@y.example", seen=1)

    assert (after.types, after.cohort, after.contact) == (("kr.sadari.career.*",), "2028", "x@y.example")
    assert city.subscription(found.id) == after
    assert (len(city.receivers.calls), told(city, a_notice())) == (calls, [])


def test_whoever_saw_an_older_version_or_an_ended_one_changes_nothing(city: Subscribers) -> None:
    found = made(city)
    changed(city, found, cohort="2028")

    with pytest.raises(CaseMoved):
        changed(city, found, seen=1, cohort="2029")
    end(found.id, city.ports)
    with pytest.raises(Rejected):
        changed(city, found, cohort="2029")


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"types": ("kr.sadari.nothing.*",)}, BadForm),
        ({"fields": ("resident_number",)}, BadForm),
        ({"fields": ("name",)}, NotAllowed),
        ({"fields": ("name",), "consent": "privacy", "purpose": "x"}, NotAllowed),
        ({"fields": ("name",), "consent": "third_party"}, NotAllowed),
    ],
)
def test_a_change_is_checked_as_a_new_subscription_is(
    city: Subscribers, wish: dict[str, Any], error: type[Exception]
) -> None:
    found = made(city)

    with pytest.raises(error):
        changed(city, found, **wish)
    assert city.subscription(found.id) == found


# ---- personal fields


def test_fields_that_are_not_asked_for_any_more_are_not_sent_even_if_they_wait(city: Subscribers) -> None:
    found = with_fields(city)
    city.embedded.ports.vault.put(a_person(third_party=True))
    city.receivers.answers[URL] = [FAILED, TAKEN]
    (waiting,) = told(city, a_notice())
    city.until(NOON)

    changed(city, found, fields=("name",))
    city.until(NOON + LATER)

    (_, first), (_, second) = bodies(city)
    ids = [headers["webhook-id"] for _, headers, _ in city.receivers.posts]
    assert (sorted(first["data"]["person"]), sorted(second["data"]["person"])) == (["email", "name"], ["name"])
    assert (first["id"], first["type"]) == (second["id"], second["type"])
    assert len(set(ids)) == 2
    kept = city.ports.deliveries.get(waiting.id)
    assert kept is not None
    assert (kept.state, kept.reason) == (DeliveryState.CANCELLED, "fields_changed")
    with pytest.raises(Rejected):
        redeliver(waiting.id, city.embedded.ports, city.ports)


def test_without_any_fields_the_news_itself_still_arrives_once(city: Subscribers) -> None:
    found = with_fields(city)
    city.embedded.ports.vault.put(a_person(third_party=True))
    told(city, a_notice())

    changed(city, found, fields=())
    city.until(NOON + LATER)
    told(city, a_notice())
    city.until(NOON + 2 * LATER)

    ((_, event),) = bodies(city)
    assert "person" not in event["data"]
    assert "piiclass" not in event
    assert event["data"]["phase_completed"] == "online"


def test_more_fields_leave_what_waits_as_it_is(city: Subscribers) -> None:
    found = with_fields(city)
    city.embedded.ports.vault.put(a_person(third_party=True))
    (waiting,) = told(city, a_notice(1))

    changed(city, found, fields=("name", "email", "phone"))
    told(city, a_notice(2))
    city.until(NOON)

    sizes = sorted(len(event["data"]["person"]) for _, event in bodies(city))
    assert sizes == [2, 3]
    assert waiting.id in {headers["webhook-id"] for _, headers, _ in city.receivers.posts}


def test_whoever_was_sent_fields_once_is_told_to_delete_them_though_they_ask_for_none_now(city: Subscribers) -> None:
    found = with_fields(city)
    city.embedded.ports.vault.put(a_person(third_party=True))
    told(city, a_notice(1))
    city.until(NOON)
    changed(city, found, fields=())
    city.embedded.ports.vault.put(a_person(third_party=False))

    told(city, a_notice(2, type="ApplicationEdited", role="applicant"))
    city.until(NOON + LATER)

    (_, event) = bodies(city)[-1]
    assert event["type"] == "kr.sadari.privacy.consent.withdrawn.v1"
    assert event["data"]["fields"] == ["name", "email"]
