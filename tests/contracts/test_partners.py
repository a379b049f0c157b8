"""Subscriptions, deliveries and attempts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.adapters.google.counted import counted_client
from functions.adapters.google.firestore_partners import FirestoreDeliveries, FirestoreKeys, FirestoreSubscriptions
from functions.adapters.local.sqlite_partners import SqliteDeliveries, SqliteKeys, SqliteSubscriptions
from functions.observe.call import calling
from functions.stack.emulators import Emulators
from schemas.api_keys import ApiKey, KeyId, Scope
from schemas.deliveries import Attempt, Delivery, DeliveryId, DeliveryState
from schemas.ids import CaseId, MessageId
from schemas.subscriptions import Health, Subscription, SubscriptionId, SubscriptionState
from workflows.runtime.errors import Rejected
from workflows.runtime.partner_ports import Deliveries, Keys, Subscriptions

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOOK = SubscriptionId("hook")


@pytest.fixture
def subscriptions(on: Callable[..., Subscriptions]) -> Subscriptions:
    return on(SqliteSubscriptions, FirestoreSubscriptions)


@pytest.fixture
def deliveries(on: Callable[..., Deliveries]) -> Deliveries:
    return on(SqliteDeliveries, FirestoreDeliveries)


def a_subscription(name: str = "hook", **changed: Any) -> Subscription:
    given = {
        "partner": "city",
        "url": "https://city.example/",
        "types": ("kr.sadari.*",),
        "contact": "ops@city.example",
    }
    return Subscription(**{"id": name, "made_by": "kim", "made_at": NOON, **given, **changed})


def a_delivery(number: int = 1, **changed: Any) -> Delivery:
    given = {"subscription": HOOK, "partner": "city", "notice": MessageId("n"), "type": "t", "case": CaseId("c")}
    at = NOON + timedelta(minutes=number)
    return Delivery(
        **{"id": f"delivery-{number}", "at": at, "made_at": at, "next_at": at, "body": "{}", **given, **changed}
    )


def test_a_subscription_is_made_once_and_changed_by_who_saw_it_last(subscriptions: Subscriptions) -> None:
    took = [
        subscriptions.put(a_subscription(), seen=0),
        subscriptions.put(a_subscription(reason="x"), seen=0),
        subscriptions.put(a_subscription(reason="first"), seen=1),
        subscriptions.put(a_subscription(reason="second"), seen=1),
    ]

    assert took == [True, False, True, False]
    assert subscriptions.get(HOOK) == a_subscription(reason="first", version=2)
    assert subscriptions.get(SubscriptionId("other")) is None


def test_subscriptions_are_found_by_partner_and_state(subscriptions: Subscriptions) -> None:
    subscriptions.put(a_subscription("b"), seen=0)
    subscriptions.put(a_subscription("a", state=SubscriptionState.ACTIVE), seen=0)
    subscriptions.put(a_subscription("c", partner="google"), seen=0)

    found = [
        [each.id for each in subscriptions.find()],
        [each.id for each in subscriptions.find(partner="city")],
        [each.id for each in subscriptions.find(partner="city", state=SubscriptionState.ACTIVE)],
        [each.id for each in subscriptions.find(state=SubscriptionState.PENDING)],
    ]

    assert found == [["a", "b", "c"], ["a", "b"], ["a"], ["b", "c"]]


def test_a_change_is_seen_by_everybody_at_once(on: Callable[..., Subscriptions]) -> None:
    ours, theirs = (on(SqliteSubscriptions, FirestoreSubscriptions) for _ in range(2))
    seen: list[list[str]] = []
    for version in range(3):
        ours.put(a_subscription(reason=f"changed {version}"), seen=version)
        seen.append([each.reason for each in (*theirs.find(), *ours.find())])

    assert seen == [[f"changed {version}"] * 2 for version in range(3)]


@pytest.mark.emulator
def test_a_notice_costs_one_read_however_many_subscriptions_there_are(
    emulators: Emulators, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulators.firestore_address)
    client = counted_client(project)
    store = FirestoreSubscriptions(client)
    for number in range(40):
        store.put(a_subscription(f"hook-{number:02}"), seen=0)

    reads = []
    for number in range(5):
        if number == 3:
            FirestoreSubscriptions(client).put(a_subscription("hook-00", reason="changed elsewhere"), seen=1)
        with calling("deliver") as call:
            found = store.find()
        reads.append((len(found), call.counted["reads"]))

    assert reads == [(40, 41), (40, 1), (40, 1), (40, 41), (40, 1)]
    assert found[0].reason == "changed elsewhere"
    client._firestore_api.transport.close()


def test_a_receiver_does_well_until_something_else_is_known(subscriptions: Subscriptions) -> None:
    ill = Health(subscription=HOOK, failing_since=NOON, failures=3)

    before = subscriptions.health(HOOK)
    took = [subscriptions.put_health(ill, seen=0), subscriptions.put_health(ill, seen=0)]

    assert before == Health(subscription=HOOK)
    assert took == [True, False]
    assert subscriptions.health(HOOK) == ill.model_copy(update={"version": 1})


def test_a_delivery_is_made_once(deliveries: Deliveries) -> None:
    took = [deliveries.create(a_delivery()), deliveries.create(a_delivery(body="other"))]

    assert took == [True, False]
    assert deliveries.get(DeliveryId("delivery-1")) == a_delivery(version=1)
    assert deliveries.get(DeliveryId("delivery-2")) is None


def test_a_delivery_and_its_attempt_change_together_or_not_at_all(deliveries: Deliveries) -> None:
    deliveries.create(a_delivery())
    attempts = [
        Attempt(delivery=DeliveryId("delivery-1"), subscription=HOOK, number=1, at=NOON, status=status)
        for status in (500, 204)
    ]

    took = [deliveries.update(a_delivery(tries=1), seen=1, attempt=each) for each in attempts]

    assert took == [True, False]
    assert deliveries.attempts(DeliveryId("delivery-1")) == attempts[:1]
    assert not deliveries.update(a_delivery(7), seen=1)


def test_deliveries_are_read_page_by_page_in_the_order_in_which_they_were_made(deliveries: Deliveries) -> None:
    for number in (3, 1, 2, 5, 4):
        deliveries.create(a_delivery(number))
    deliveries.create(a_delivery(6, partner="google", subscription=SubscriptionId("other")))

    pages, after = [], ""
    while True:
        page, after = deliveries.page(partner="city", after=after, limit=2)
        pages.append([each.id for each in page])
        if not after:
            break

    assert pages == [["delivery-1", "delivery-2"], ["delivery-3", "delivery-4"], ["delivery-5"]]


def test_deliveries_are_found_by_subscription_state_and_time(deliveries: Deliveries) -> None:
    for number in (1, 2, 3):
        deliveries.create(a_delivery(number))
    deliveries.update(a_delivery(2, state=DeliveryState.DELIVERED, next_at=None), seen=1)

    waiting, _ = deliveries.page(subscription=HOOK, state=DeliveryState.WAITING, limit=9)
    since, until = NOON + timedelta(minutes=2), NOON + timedelta(minutes=3)
    between, _ = deliveries.page(subscription=HOOK, since=since, until=until, limit=9)

    assert [each.id for each in waiting] == ["delivery-1", "delivery-3"]
    assert [each.id for each in between] == ["delivery-2"]


def test_a_cursor_that_no_page_gave_is_refused(deliveries: Deliveries) -> None:
    with pytest.raises(Rejected):
        deliveries.page(after="nonsense", limit=9)


def test_deliveries_are_found_by_the_person_whose_fields_they_hold(deliveries: Deliveries) -> None:
    for number, person in ((1, "ann"), (2, ""), (3, "ben"), (4, "ann")):
        deliveries.create(a_delivery(number, person=person))

    found = {person: [each.id for each in deliveries.of_person(person)] for person in ("ann", "ben", "carl")}

    assert found == {"ann": ["delivery-1", "delivery-4"], "ben": ["delivery-3"], "carl": []}


def test_what_is_overdue_is_found_the_longest_first(deliveries: Deliveries) -> None:
    for number in (2, 1, 3):
        deliveries.create(a_delivery(number))
    deliveries.create(a_delivery(0, next_at=None))

    overdue = deliveries.overdue(NOON + timedelta(minutes=2), limit=9)

    assert [each.id for each in overdue] == ["delivery-1", "delivery-2"]


def test_old_attempts_are_forgotten_some_at_a_time(deliveries: Deliveries) -> None:
    deliveries.create(a_delivery())
    for number in (1, 2, 3):
        at = NOON + timedelta(days=number)
        attempt = Attempt(delivery=DeliveryId("delivery-1"), subscription=HOOK, number=number, at=at)
        deliveries.update(a_delivery(tries=number), seen=number, attempt=attempt)

    forgot = [deliveries.forget(NOON + timedelta(days=2, hours=1), limit=1) for _ in range(3)]

    assert forgot == [1, 1, 0]
    assert [each.number for each in deliveries.attempts(DeliveryId("delivery-1"))] == [3]


# ---- keys


@pytest.fixture
def keys(on: Callable[..., Keys]) -> Keys:
    return on(SqliteKeys, FirestoreKeys)


def a_key(name: str = "key", **changed: Any) -> ApiKey:
    given = {"partner": "city", "digest": "d", "scopes": (Scope.EVENTS_READ,), "made_by": "kim", "made_at": NOON}
    return ApiKey(**{"id": name, "ends_at": NOON + timedelta(days=1), **given, **changed})


def test_a_key_is_made_once_and_changed_by_who_saw_it_last(keys: Keys) -> None:
    took = [
        keys.put(a_key(), seen=0),
        keys.put(a_key(digest="other"), seen=0),
        keys.put(a_key(revoked_at=NOON), seen=1),
        keys.put(a_key(), seen=1),
        keys.put(a_key("none"), seen=1),
    ]

    assert took == [True, False, True, False, False]
    assert keys.get(KeyId("key")) == a_key(revoked_at=NOON, version=2)
    assert keys.get(KeyId("none")) is None


def test_keys_are_found_by_partner(keys: Keys) -> None:
    for name, partner in (("b", "city"), ("a", "city"), ("c", "google")):
        keys.put(a_key(name, partner=partner), seen=0)

    assert [[each.id for each in keys.find(partner=name)] for name in ("", "city", "none")] == [
        ["a", "b", "c"],
        ["a", "b"],
        [],
    ]
