"""What people and machines do in the middle of each other's work loses no delivery, and blames nobody wrongly."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.deliveries import DeliveryState
from schemas.subscriptions import SubscriptionState
from tests.runtime.test_partners import NOON, OTHER, URL, a_notice, delivery, made, told
from tests.support.subscribers import TAKEN, Subscribers
from workflows.runtime.attempt import DISABLED_AFTER, attempt
from workflows.runtime.fan_out import fan_out
from workflows.runtime.partner_ports import Answer, PartnerPorts, due_of
from workflows.runtime.recover import recover, redeliver
from workflows.runtime.subscribe import ask_again, disable, pause, resume, rotate
from workflows.runtime.tend import tend_deliveries

REFUSED = Answer(status=500)
HOUR = timedelta(hours=1)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Subscribers]:
    embedded = Embedded(tmp_path / "sadari.db")
    embedded.clock.turn(NOON)
    yield Subscribers(embedded)
    embedded.close()


class Interrupted:
    """A port that lets somebody else do something after one of its calls, once."""

    def __init__(self, inner: Any, name: str, what: Callable[[], object]) -> None:
        self._inner, self._name, self._what = inner, name, what

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name != self._name:
            return found

        def call(*given: Any, **named: Any) -> Any:
            answer, what = found(*given, **named), self._what
            self._what = bool
            what()
            return answer

        return call


def interrupted(city: Subscribers, port: str, name: str, what: Callable[[], object]) -> PartnerPorts:
    return replace(city.ports, **{port: Interrupted(getattr(city.ports, port), name, what)})


# ---- a pause that ends while somebody writes down that it lasts


def test_a_delivery_made_while_a_pause_ends_does_not_wait_for_ever(city: Subscribers) -> None:
    found = made(city)
    pause(found.id, "partner", city.ports)
    at_once = interrupted(city, "subscriptions", "find", lambda: resume(found.id, city.embedded.ports, city.ports))

    [name] = fan_out_with(city, at_once)
    city.until(NOON)

    kept = city.ports.deliveries.get(name)
    assert kept is not None
    assert kept.state is DeliveryState.DELIVERED


def fan_out_with(city: Subscribers, ports: PartnerPorts) -> list[Any]:
    return fan_out(a_notice(), city.embedded.ports, ports)


def test_an_attempt_put_off_while_a_pause_ends_is_made(city: Subscribers) -> None:
    found = made(city)
    [waiting] = told(city, a_notice())
    pause(found.id, "partner", city.ports)
    at_once = interrupted(city, "subscriptions", "get", lambda: resume(found.id, city.embedded.ports, city.ports))

    attempt(due_of(waiting)[0], city.embedded.ports, at_once)
    city.until(NOON + HOUR)

    assert delivery(city, waiting).state is DeliveryState.DELIVERED


def test_a_pause_during_an_attempt_lets_it_end_and_makes_no_other(city: Subscribers) -> None:
    found = made(city)
    city.receivers.answers[URL] = [REFUSED, TAKEN]
    [waiting] = told(city, a_notice())
    paused = interrupted(city, "caller", "call", lambda: pause(found.id, "partner", city.ports))

    attempt(due_of(waiting)[0], city.embedded.ports, paused)
    city.until(NOON + HOUR)

    assert (delivery(city, waiting).tries, delivery(city, waiting).next_at) == (1, None)
    resume(found.id, city.embedded.ports, city.ports)
    city.until(NOON + HOUR)
    assert delivery(city, waiting).state is DeliveryState.DELIVERED


def test_what_waited_when_a_paused_subscription_was_disabled_is_sent_when_it_agrees_again(city: Subscribers) -> None:
    found = made(city)
    pause(found.id, "partner", city.ports)
    [waiting] = told(city, a_notice())
    disable(city.subscription(found.id), "gone", since=NOON, partners=city.ports)

    ask_again(found.id, "again", city.embedded.ports, city.ports)
    city.until(NOON)

    assert delivery(city, waiting).state is DeliveryState.DELIVERED


def test_asking_a_receiver_again_does_not_end_a_pause(city: Subscribers) -> None:
    found = made(city)
    pause(found.id, "staff", city.ports)

    again, why = ask_again(found.id, "again", city.embedded.ports, city.ports)

    assert (again.state, again.reason, why) == (SubscriptionState.PAUSED, "staff", "")


# ---- a secret that is replaced meanwhile


def test_a_secret_replaced_during_an_attempt_signs_the_next_one_beside_the_former(city: Subscribers) -> None:
    found = made(city)
    city.receivers.answers[URL] = [REFUSED, TAKEN]
    [waiting] = told(city, a_notice())
    rotated = interrupted(city, "caller", "call", lambda: rotate(found.id, OTHER, city.embedded.ports, city.ports))

    attempt(due_of(waiting)[0], city.embedded.ports, rotated)
    city.until(NOON + HOUR)

    signatures = [headers["webhook-signature"].count("v1,") for _, headers, _ in city.receivers.posts]
    assert signatures == [1, 2]
    assert len(city.subscription(found.id).secrets) == 2


# ---- many attempts at once


def test_a_slow_failure_does_not_disable_a_receiver_that_took_something_meanwhile(city: Subscribers) -> None:
    found = made(city)
    city.receivers.answers[URL] = [REFUSED]
    told(city, a_notice())
    city.until(NOON + HOUR)
    city.embedded.clock.turn(NOON + DISABLED_AFTER + HOUR)
    [slow, quick] = told(city, a_notice(2)) + told(city, a_notice(3))
    city.receivers.answers[URL] = [REFUSED, TAKEN]
    raced = interrupted(city, "caller", "call", lambda: attempt(due_of(quick)[0], city.embedded.ports, city.ports))

    attempt(due_of(slow)[0], city.embedded.ports, raced)

    assert delivery(city, quick).state is DeliveryState.DELIVERED
    assert city.subscription(found.id).state is SubscriptionState.ACTIVE
    assert city.ports.subscriptions.health(found.id).failures == 1


def test_failures_at_the_same_time_are_all_counted(city: Subscribers) -> None:
    found = made(city)
    city.receivers.answers[URL] = [REFUSED]
    [one, other] = told(city, a_notice(1)) + told(city, a_notice(2))
    raced = interrupted(city, "caller", "call", lambda: attempt(due_of(other)[0], city.embedded.ports, city.ports))

    attempt(due_of(one)[0], city.embedded.ports, raced)

    assert city.ports.subscriptions.health(found.id).failures == 2


def test_two_workers_make_one_attempt_each_and_note_one(city: Subscribers) -> None:
    made(city)
    [waiting] = told(city, a_notice())
    [due] = due_of(waiting)
    raced = interrupted(city, "caller", "call", lambda: attempt(due, city.embedded.ports, city.ports))

    attempt(due, city.embedded.ports, raced)

    assert len({headers["webhook-id"] for _, headers, _ in city.receivers.posts}) == 1
    assert len({body for _, _, body in city.receivers.posts}) == 1
    assert (delivery(city, waiting).tries, len(city.ports.deliveries.attempts(waiting.id))) == (1, 1)


class Killed(BaseException):
    """What nobody catches: the process ends here."""


def killed() -> None:
    raise Killed


@pytest.mark.parametrize(("port", "name"), [("deliveries", "create"), ("alarms", "start")])
def test_a_worker_killed_while_it_makes_a_delivery_loses_none(city: Subscribers, port: str, name: str) -> None:
    made(city)
    with pytest.raises(Killed):
        fan_out_with(city, interrupted(city, port, name, killed))

    [kept] = told(city, a_notice())  # the notice comes again
    city.until(NOON)

    assert delivery(city, kept).state is DeliveryState.DELIVERED
    assert len(city.receivers.posts) == 1


@pytest.mark.parametrize(("port", "name", "times"), [("caller", "call", 2), ("deliveries", "update", 1)])
def test_a_worker_killed_during_an_attempt_loses_none(city: Subscribers, port: str, name: str, times: int) -> None:
    made(city)
    [waiting] = told(city, a_notice())
    with pytest.raises(Killed):
        attempt(due_of(waiting)[0], city.embedded.ports, interrupted(city, port, name, killed))

    city.until(NOON)  # its alarm was not silenced

    assert delivery(city, waiting).state is DeliveryState.DELIVERED
    assert len({(headers["webhook-id"], body) for _, headers, body in city.receivers.posts}) == 1
    assert len(city.receivers.posts) == times


def test_a_worker_killed_before_it_sets_the_next_alarm_is_made_up_for_by_sweep(city: Subscribers) -> None:
    made(city)
    city.receivers.answers[URL] = [REFUSED, TAKEN]
    [waiting] = told(city, a_notice())
    [due] = due_of(waiting)
    with pytest.raises(Killed):
        attempt(due, city.embedded.ports, interrupted(city, "deliveries", "update", killed))
    city.alarms.silence([due.name])

    city.embedded.clock.turn(NOON + HOUR)
    tended = tend_deliveries(city.embedded.ports, city.ports)
    city.until(NOON + HOUR)

    assert tended.woken == 1
    assert delivery(city, waiting).state is DeliveryState.DELIVERED


# ---- what waits for a later attempt can be had now


def failed_once(city: Subscribers) -> Any:
    city.receivers.answers[URL] = [REFUSED, REFUSED, REFUSED, TAKEN]
    [waiting] = told(city, a_notice())
    city.until(NOON + timedelta(minutes=10))
    assert delivery(city, waiting).tries == 3
    return waiting


def test_a_delivery_that_waits_for_its_next_attempt_is_sent_at_once(city: Subscribers) -> None:
    made(city)
    waiting = failed_once(city)

    redeliver(waiting.id, city.embedded.ports, city.ports)
    city.until(NOON + timedelta(minutes=10))

    assert delivery(city, waiting).state is DeliveryState.DELIVERED


def test_what_failed_and_waits_is_recovered_too_and_once(city: Subscribers) -> None:
    found = made(city)
    waiting = failed_once(city)
    now = city.embedded.clock.now()

    counts = [recover(found.id, NOON, now, city.embedded.ports, city.ports) for _ in range(2)]
    city.until(now)

    assert counts == [1, 0]
    assert delivery(city, waiting).state is DeliveryState.DELIVERED


def test_who_asks_to_recover_is_not_left_alone_any_longer(city: Subscribers) -> None:
    found = made(city)
    city.receivers.answers[URL] = [Answer(status=503, headers={"retry-after": "86400"}), TAKEN]
    [waiting] = told(city, a_notice())
    city.until(NOON)

    recover(found.id, NOON, NOON + HOUR, city.embedded.ports, city.ports)
    city.until(NOON)

    assert delivery(city, waiting).state is DeliveryState.DELIVERED


def test_a_rate_of_nothing_is_the_slowest_there_is(city: Subscribers) -> None:
    answer: Mapping[str, str] = {"webhook-allowed-origin": "*", "webhook-allowed-rate": "0"}
    city.receivers.answers[f"OPTIONS {URL}"] = [Answer(status=200, headers=answer)]

    assert made(city).rate_per_minute == 1
