"""Withdrawals reach whoever was sent fields, however they come; warnings reach people; `sweep` mends and forgets."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.adapters.local.sqlite_partners import SqliteSubscriptions
from functions.embedded import Embedded
from functions.sealer import KeySealer
from functions.warner import QuarantinedWarnings
from schemas.deliveries import DeliveryState
from schemas.ids import CaseId, PersonId
from schemas.people import Consent, Person
from schemas.subscriptions import Health, SealedSecret, SubscriptionId, SubscriptionState
from tests.runtime.test_partners import NOON, SECRET, URL, a_notice, a_person, delivery, made, told, with_fields
from tests.support.post import Hand, with_post
from tests.support.subscribers import Subscribers
from workflows.runtime.attempt import attempt
from workflows.runtime.errors import Rejected
from workflows.runtime.fan_out import deliver_to
from workflows.runtime.partner_ports import PartnerPorts, due_of
from workflows.runtime.subscribe import ask_again, end, pause, resume
from workflows.runtime.tend import tend_deliveries
from workflows.runtime.warn import send_warnings


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Subscribers]:
    embedded = Embedded(tmp_path / "sadari.db")
    embedded.clock.turn(NOON)
    yield Subscribers(embedded)
    embedded.close()


# ---- a withdrawal, however it comes


def withdrawn(city: Subscribers) -> list[dict[str, Any]]:
    bodies = [json.loads(body) for _, _, body in city.receivers.posts]
    return [each["data"] for each in bodies if each["type"] == "kr.sadari.privacy.consent.withdrawn.v1"]


def refused_at(at: datetime) -> Person:
    words = {"notice_version": "1", "text_hash": "h", "is_given": False}
    return a_person(third_party=False).model_copy(
        update={"consent_records": (Consent(item="third_party@1", at=at, **words),)}
    )


def test_whoever_was_sent_fields_is_told_to_delete_them_with_the_next_notice_about_the_person(
    city: Subscribers,
) -> None:
    with_fields(city)
    city.embedded.ports.vault.put(a_person(third_party=True))
    told(city, a_notice())
    told(city, a_notice(2, case=CaseId("enrolment-2")))
    city.until(NOON)
    city.embedded.ports.vault.put(refused_at(NOON + timedelta(hours=1)))

    letter = a_notice(3, type="ApplicationReceived", role="applicant")
    again = a_notice(4, type="ApplicationEdited", role="applicant")
    for notice in (letter, letter, again):
        told(city, notice)
    city.until(NOON + timedelta(minutes=1))

    fields = {"fields": ["name", "email"], "withdrawn_at": "2027-06-01T04:00:00Z"}
    assert sorted(withdrawn(city), key=str) == [{"case": f"enrolment-{n}", **fields} for n in (1, 2)]


def test_a_person_who_was_erased_is_withdrawn_everywhere(city: Subscribers) -> None:
    with_fields(city)
    city.embedded.ports.vault.put(a_person(third_party=True))
    told(city, a_notice())
    city.until(NOON)
    city.embedded.ports.vault.erase(PersonId("person-1"))

    told(city, a_notice(2, type="DataErased", case=CaseId("request-1"), data={}))
    city.until(NOON + timedelta(minutes=1))

    assert [each["case"] for each in withdrawn(city)] == ["enrolment-1"]


@pytest.mark.parametrize("sends", [True, False])
def test_who_was_sent_nothing_personal_or_whose_consent_stands_is_told_nothing(
    city: Subscribers, *, sends: bool
) -> None:
    with_fields(city)
    city.embedded.ports.vault.put(a_person(third_party=sends))
    told(city, a_notice())
    city.until(NOON)

    told(city, a_notice(2, type="ApplicationReceived", role="applicant"))
    city.until(NOON + timedelta(minutes=1))

    assert withdrawn(city) == []


# ---- an end, warnings, and what sweep does


def test_an_ended_subscription_is_sent_nothing_and_never_asked_again(city: Subscribers) -> None:
    found = made(city)
    ended = [end(found.id, city.ports) for _ in range(2)][-1]

    assert (ended.state, ended.secrets, told(city, a_notice())) == (SubscriptionState.DISABLED, (), [])
    for act in (
        lambda: ask_again(found.id, "t", city.embedded.ports, city.ports),
        lambda: resume(found.id, city.embedded.ports, city.ports),
    ):
        with pytest.raises(Rejected):
            act()
    city.embedded.clock.turn(NOON + timedelta(seconds=1))
    assert made(city).state is SubscriptionState.ACTIVE


def test_a_secret_that_cannot_be_read_fails_like_a_receiver_and_is_tried_again(city: Subscribers) -> None:
    found = made(city)
    other = SealedSecret(sealed=KeySealer(b"another key").seal(SECRET), made_at=NOON)
    city.ports.subscriptions.put(found.model_copy(update={"secrets": (other,)}), seen=1)
    (made_one,) = told(city, a_notice())

    city.until(NOON)

    assert city.receivers.posts == []
    assert delivery(city, made_one).reason == "secret_unreadable"
    assert delivery(city, made_one).state is DeliveryState.WAITING


def warned(city: Subscribers) -> PartnerPorts:
    ports = city.embedded.ports
    return replace(city.ports, warnings=QuarantinedWarnings(ports.quarantine, ports.clock))


def test_a_warning_waits_for_staff_where_there_is_no_mail(city: Subscribers) -> None:
    found = made(city)
    ports = warned(city)
    for _ in range(2):
        ports.warnings.warn(found, "failing", NOON)

    assert send_warnings(city.embedded.ports, ports) == 0
    (row,) = city.embedded.ports.quarantine.find()
    assert (row.source, row.state) == ("partners", "waiting")
    assert row.reason == f"receiver_failing: subscription [{found.id}] since [{NOON.isoformat()}]"


def test_people_of_a_partner_are_told_once_by_mail(city: Subscribers) -> None:
    found = made(city)
    ports = warned(city)
    hand = Hand()
    with_mail = with_post(city.embedded.ports, mail=hand)
    ports.warnings.warn(found, "disabled", NOON)

    assert [send_warnings(with_mail, ports) for _ in range(2)] == [1, 0]
    (parcel,) = hand.parcels
    assert parcel.person.email == "ops@city.example"
    assert URL in parcel.letter.body
    assert [row.state for row in city.embedded.ports.quarantine.find()] == ["replayed"]


def test_sweep_forgets_attempts_after_thirty_days(city: Subscribers) -> None:
    made(city)
    (made_one,) = told(city, a_notice())
    city.until(NOON)
    city.embedded.clock.turn(NOON + timedelta(days=30, seconds=1))

    done = tend_deliveries(city.embedded.ports, city.ports)

    assert (done.forgotten, list(city.ports.deliveries.attempts(made_one.id))) == (1, [])


def test_sweep_forgets_alarms_that_have_gone_off_and_no_others(city: Subscribers) -> None:
    made(city)
    for number in range(3):
        told(city, a_notice(number))
    city.until(NOON)
    city.embedded.clock.turn(NOON + timedelta(days=1, seconds=1))
    (late,) = told(city, a_notice(9))

    done = [tend_deliveries(city.embedded.ports, city.ports).silenced for _ in range(2)]

    assert done == [3, 0]
    city.until(NOON + timedelta(days=2))
    assert delivery(city, late).state is DeliveryState.DELIVERED


# ---- a pause that ends just then


def test_what_is_made_just_as_a_pause_ends_does_not_wait_for_ever(city: Subscribers) -> None:
    found = made(city)
    paused = pause(found.id, "holiday", city.ports)
    resume(found.id, city.embedded.ports, city.ports)

    deliver_to(paused, a_notice(), city.embedded.ports, city.ports)
    city.until(NOON)

    assert len(city.receivers.posts) == 1


def test_what_is_put_off_just_as_a_pause_ends_does_not_wait_for_ever(city: Subscribers) -> None:
    found = made(city)
    (made_one,) = told(city, a_notice())
    pause(found.id, "holiday", city.ports)
    (due,) = due_of(made_one)

    class Ends(SqliteSubscriptions):
        def health(self, subscription_id: SubscriptionId) -> Health:
            resume(found.id, city.embedded.ports, city.ports)
            return super().health(subscription_id)

    attempt(due, city.embedded.ports, replace(city.ports, subscriptions=Ends(city.embedded.database)))
    city.until(NOON + timedelta(minutes=1))

    assert len(city.receivers.posts) == 1
