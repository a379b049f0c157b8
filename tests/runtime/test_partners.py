import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from functions.embedded import Embedded
from schemas.deliveries import Delivery, DeliveryState
from schemas.ids import CaseId, MessageId, PersonId
from schemas.messages import Notice
from schemas.people import Person
from schemas.subscriptions import Subscription, SubscriptionState
from tests.support.subscribers import TAKEN, Subscribers
from workflows.runtime.attempt import DISABLED_AFTER, attempt
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, Rejected
from workflows.runtime.fan_out import fan_out
from workflows.runtime.partner_ports import Answer, Due
from workflows.runtime.recover import recover, redeliver, replay_missing
from workflows.runtime.schedule import SCHEDULE, next_attempt, patience
from workflows.runtime.subscribe import Wish, ask_again, grant, pause, resume, rotate, send_test, subscribe

NOON = datetime(2027, 6, 1, 3, 0, tzinfo=UTC)
URL = "https://city.example/notices"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER = "whsec_YWJjZGVmMDEyMzQ1Njc4OTAxMjM0NTY3ODlhYmNkZWY="


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Subscribers]:
    embedded = Embedded(tmp_path / "sadari.db")
    embedded.clock.turn(NOON)
    yield Subscribers(embedded)
    embedded.close()


def a_wish(**changed: Any) -> Wish:
    given = {"partner": "city", "url": URL, "types": ("kr.sadari.learning.*",), "contact": "ops@city.example"}
    return Wish(**{**given, **changed})


def made(city: Subscribers, **changed: Any) -> Subscription:
    secret = changed.pop("secret", SECRET)
    found, _ = subscribe(
        a_wish(**changed), secret=secret, grant="token", by="kim", ports=city.embedded.ports, partners=city.ports
    )
    return found


def a_notice(number: int = 1, **changed: Any) -> Notice:
    given: dict[str, Any] = {
        "id": MessageId(f"notice-{number}"),
        "type": "PhaseCompleted",
        "role": "partners",
        "case": CaseId("enrolment-1"),
        "workflow": "enrolment",
        "person": "person-1",
        "cohort": "2027",
        "programme": "ai-academy",
        "seq": 7,
        "data": {"cohort": "2027", "phase_completed": "online"},
        "at": NOON,
    }
    return Notice(**{**given, **changed})


def told(city: Subscribers, notice: Notice) -> list[Delivery]:
    ids = fan_out(notice, city.embedded.ports, city.ports)
    return [found for each in ids if (found := city.ports.deliveries.get(each)) is not None]


def delivery(city: Subscribers, of: Delivery) -> Delivery:
    found = city.ports.deliveries.get(of.id)
    assert found is not None
    return found


# ---- subscribing


def test_a_receiver_that_names_us_is_sent_to(city: Subscribers) -> None:
    found = made(city)

    [(method, url, headers, _)] = city.receivers.calls
    assert (method, url) == ("OPTIONS", URL)
    assert headers["WebHook-Request-Origin"] == "sadari.example"
    assert headers["WebHook-Request-Callback"] == f"https://sadari.example/api/grants/{found.id}/token"
    assert found.state is SubscriptionState.ACTIVE


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=200),
        Answer(status=200, headers={"webhook-allowed-origin": "other.example"}),
        Answer(status=404, headers={"webhook-allowed-origin": "*"}),
        Answer(status=302, headers={"webhook-allowed-origin": "*"}),
        Answer(fault="too_slow"),
    ],
)
def test_a_receiver_that_does_not_agree_gets_nothing_until_people_grant_it(city: Subscribers, answer: Answer) -> None:
    city.receivers.answers[f"OPTIONS {URL}"] = [answer]
    found = made(city)
    before = told(city, a_notice())

    granted = grant(found.id, "token", city.embedded.ports, city.ports)

    assert found.state is SubscriptionState.PENDING
    assert before == []
    assert granted.state is SubscriptionState.ACTIVE
    assert len(told(city, a_notice(2))) == 1


def test_nobody_grants_with_another_token(city: Subscribers) -> None:
    city.receivers.answers[f"OPTIONS {URL}"] = [Answer(status=200)]
    found = made(city)

    for token in ("", "Token", found.grant):
        with pytest.raises(NotFound):
            grant(found.id, token, city.embedded.ports, city.ports)
    assert city.subscription(found.id).state is SubscriptionState.PENDING


@pytest.mark.parametrize("fault", ["refused_url", "refused_address", "name_not_found"])
def test_an_address_that_may_not_be_called_is_refused_and_not_kept(city: Subscribers, fault: str) -> None:
    city.receivers.answers[f"OPTIONS {URL}"] = [Answer(fault=fault)]

    with pytest.raises(BadForm):
        made(city)

    assert city.ports.subscriptions.find() == []


def test_every_fault_of_a_wish_is_named_at_once(city: Subscribers) -> None:
    wish = a_wish(url="http://city.example/", types=("kr.sadari.nothing.*",), fields=("resident_number",))

    with pytest.raises(BadForm) as refusal:
        subscribe(wish, secret=SECRET, grant="t", by="kim", ports=city.embedded.ports, partners=city.ports)

    assert set(refusal.value.faults) == {"url", "types", "fields"}
    assert city.receivers.calls == []


@pytest.mark.parametrize("changed", [{}, {"consent": "privacy", "purpose": "x"}, {"consent": "third_party"}])
def test_personal_fields_need_a_consent_that_lets_them_go_and_a_purpose(
    city: Subscribers, changed: dict[str, str]
) -> None:
    with pytest.raises(NotAllowed):
        made(city, fields=("name",), **changed)


def test_one_address_is_subscribed_once(city: Subscribers) -> None:
    made(city)

    with pytest.raises(Rejected):
        made(city, url="HTTPS://City.Example:443/notices")


def test_the_secret_is_not_readable_in_the_store(city: Subscribers) -> None:
    found = made(city)

    assert SECRET not in found.model_dump_json()
    assert city.ports.sealer.unseal(found.secrets[0].sealed) == SECRET


# ---- telling


def test_what_is_sent_is_a_cloud_event_that_the_secret_signs(city: Subscribers) -> None:
    made(city)

    [found] = told(city, a_notice())
    states = city.until(NOON)

    [(url, headers, body)] = city.receivers.posts
    assert (url, states, delivery(city, found).state) == (URL, [DeliveryState.DELIVERED], DeliveryState.DELIVERED)
    assert headers["webhook-id"] == found.id
    assert headers["Content-Type"].startswith("application/cloudevents+json")
    # The library asks the system for the time; what was signed then is signed anew now.
    signed = Webhook(SECRET).sign(
        found.id, datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC), body.decode()
    )
    assert headers["webhook-signature"] == signed
    event = json.loads(body)
    assert event == {
        "specversion": "1.0",
        "id": "notice-1",
        "source": "/programmes/ai-academy",
        "type": "kr.sadari.learning.phase.passed.v1",
        "subject": "enrolment/enrolment-1",
        "time": "2027-06-01T03:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "https://sadari.example/api/schemas/kr.sadari.learning.phase.passed.v1.json",
        "programid": "ai-academy",
        "cohortid": "2027",
        "sequence": "00000007",
        "data": {"case": "enrolment-1", "cohort": "2027", "phase_completed": "online"},
    }


@pytest.mark.parametrize(
    ("wish", "notice"),
    [
        ({"types": ("kr.sadari.admission.*",)}, {}),
        ({"types": ("kr.sadari.career.*", "kr.sadari.learning.enrolment.activated.v1")}, {}),
        ({"cohort": "2026"}, {}),
        ({"programme": "forum"}, {}),
        ({}, {"role": "operator"}),
        ({}, {"type": "QuestionOverdue"}),
    ],
)
def test_nobody_is_told_what_they_did_not_ask_for(
    city: Subscribers, wish: dict[str, Any], notice: dict[str, Any]
) -> None:
    made(city, **wish)

    assert told(city, a_notice(**notice)) == []


def test_a_notice_that_comes_twice_is_delivered_once(city: Subscribers) -> None:
    made(city)

    first, second = told(city, a_notice()), told(city, a_notice())
    city.until(NOON + timedelta(days=4))
    third = told(city, a_notice())
    city.until(NOON + timedelta(days=8))

    assert [each.id for each in first] == [each.id for each in second] == [each.id for each in third]
    assert len(city.receivers.posts) == 1


def test_a_failure_is_tried_again_by_the_schedule_with_the_same_bytes_until_it_is_exhausted(city: Subscribers) -> None:
    city.receivers.answers[URL] = [Answer(status=500, head=b"<b>oh \xff no</b>")]
    made(city)

    [found] = told(city, a_notice())
    city.until(NOON + timedelta(days=4))

    attempts = city.ports.deliveries.attempts(found.id)
    waits = [later.at - earlier.at for earlier, later in pairwise(attempts)]
    assert delivery(city, found).state is DeliveryState.EXHAUSTED
    assert len(attempts) == len(SCHEDULE) == 10
    assert all(
        0.8 * planned <= wait <= 1.2 * planned + timedelta(minutes=1)
        for wait, planned in zip(waits, SCHEDULE[1:], strict=True)
    )
    assert {body for _, _, body in city.receivers.posts} == {found.body.encode()}
    assert {headers["webhook-id"] for _, headers, _ in city.receivers.posts} == {found.id}
    assert (attempts[0].status, attempts[0].head) == (500, "<b>oh � no</b>")


def test_an_answer_that_echoes_our_secret_is_kept_without_it(city: Subscribers) -> None:
    city.receivers.answers[URL] = [Answer(status=400, head=f"I know {SECRET}\0".encode())]
    made(city)

    [found] = told(city, a_notice())
    city.until(NOON)

    assert city.ports.deliveries.attempts(found.id)[0].head == "I know …?"


def test_whoever_is_gone_is_disabled_at_once_and_their_people_are_told(city: Subscribers) -> None:
    city.receivers.answers[URL] = [Answer(status=410)]
    found = made(city)

    told(city, a_notice())
    city.until(NOON)
    later = told(city, a_notice(2))

    assert (city.subscription(found.id).state, city.subscription(found.id).reason) == (
        SubscriptionState.DISABLED,
        "gone",
    )
    assert city.warned.told == [("ops@city.example", "disabled", NOON)]
    assert later == []


def test_five_days_of_nothing_but_failures_disable_after_a_warning(city: Subscribers) -> None:
    city.receivers.answers[URL] = [Answer(fault="no_connection")]
    found = made(city)

    for day in range(7):
        told(city, a_notice(day, at=NOON + timedelta(days=day)))
        city.until(NOON + timedelta(days=day, hours=23))

    assert [kind for _, kind, _ in city.warned.told] == ["failing", "disabled"]
    assert city.warned.told[0][2] == NOON
    assert city.subscription(found.id).reason == "failed_for_days"
    assert timedelta(days=5) == DISABLED_AFTER


def test_one_success_clears_what_was_held_against_a_receiver(city: Subscribers) -> None:
    failed = Answer(status=503)
    city.receivers.answers[URL] = [*[failed] * 4, Answer(status=200)]
    found = made(city)

    told(city, a_notice())
    city.until(NOON + timedelta(days=1))

    health = city.ports.subscriptions.health(found.id)
    assert (health.failures, health.failing_since) == (0, None)


@pytest.mark.parametrize(
    ("status", "text", "wait"),
    [
        (429, "120", timedelta(seconds=120)),
        (503, "999999999", timedelta(hours=24)),
        (429, "0", timedelta(seconds=1)),
        (429, "Tue, 01 Jun 2027 03:10:00 GMT", timedelta(minutes=10)),
        (429, "Tue, 01 Jun 2027 02:10:00 GMT", timedelta(seconds=1)),
        (429, "Fri, 01 Jun 2099 02:10:00 GMT", timedelta(hours=24)),
        (429, "soon", timedelta(0)),
        (429, "", timedelta(0)),
        (500, "120", timedelta(0)),
    ],
)
def test_a_receiver_is_left_alone_for_as_long_as_it_asks_within_a_second_and_a_day(
    status: int, text: str, wait: timedelta
) -> None:
    answer = Answer(status=status, headers={"retry-after": text})

    assert patience(answer, NOON) == wait
    planned = next_attempt("d", 1, NOON, answer)
    assert planned is not None
    assert planned - NOON >= max(wait, 0.8 * SCHEDULE[1])


def test_a_receiver_that_asked_for_patience_gets_nothing_else_meanwhile(city: Subscribers) -> None:
    city.receivers.answers[URL] = [Answer(status=429, headers={"retry-after": "3600"}), Answer(status=200)]
    made(city)

    told(city, a_notice(1))
    city.until(NOON)
    told(city, a_notice(2))
    city.until(NOON + timedelta(minutes=59))
    before = len(city.receivers.posts)
    city.until(NOON + timedelta(minutes=90))

    assert before == 1
    assert len(city.receivers.posts) == 3


def test_after_five_failures_in_a_row_a_receiver_rests(city: Subscribers) -> None:
    city.receivers.answers[URL] = [Answer(status=500)]
    made(city)

    for number in range(9):
        told(city, a_notice(number))
    city.until(NOON + timedelta(seconds=1))

    assert len(city.receivers.posts) == 5


def test_a_task_that_comes_twice_makes_one_attempt(city: Subscribers) -> None:
    made(city)
    [found] = told(city, a_notice())
    due = Due(found.id, found.subscription, 1, NOON)

    states = [attempt(due, city.embedded.ports, city.ports) for _ in range(2)]

    assert states == [DeliveryState.DELIVERED, None]
    assert len(city.receivers.posts) == 1


def test_a_paused_subscription_keeps_what_comes_and_sends_it_when_resumed(city: Subscribers) -> None:
    found = made(city)
    told(city, a_notice(1))
    pause(found.id, "holiday", city.ports)
    told(city, a_notice(2))
    city.until(NOON + timedelta(days=9))
    before = len(city.receivers.posts)

    resume(found.id, city.embedded.ports, city.ports)
    city.until(NOON + timedelta(days=9))

    assert before == 0
    assert len(city.receivers.posts) == 2


def test_a_new_secret_signs_beside_the_former_for_a_day_and_no_third_one_does(city: Subscribers) -> None:
    found = made(city)
    rotate(found.id, OTHER, city.embedded.ports, city.ports)
    told(city, a_notice(1))
    city.until(NOON + timedelta(hours=25))
    told(city, a_notice(2))
    city.until(NOON + timedelta(hours=25))
    rotate(found.id, SECRET, city.embedded.ports, city.ports)
    rotate(found.id, OTHER, city.embedded.ports, city.ports)

    signatures = [headers["webhook-signature"].split(" ") for _, headers, _ in city.receivers.posts]
    assert [len(each) for each in signatures] == [2, 1]
    assert len(city.subscription(found.id).secrets) == 2


def test_a_test_event_says_that_it_is_one(city: Subscribers) -> None:
    found = made(city)

    first = send_test(found.id, "1", city.embedded.ports, city.ports)
    again = send_test(found.id, "1", city.embedded.ports, city.ports)
    city.until(NOON)

    assert first == again
    [(_, _, body)] = city.receivers.posts
    assert json.loads(body)["type"] == "kr.sadari.ops.subscription.tested.v1"


def test_a_disabled_receiver_that_agrees_again_starts_afresh(city: Subscribers) -> None:
    city.receivers.answers[URL] = [Answer(status=410)]
    found = made(city)
    told(city, a_notice())
    city.until(NOON)

    again, why = ask_again(found.id, "new", city.embedded.ports, city.ports)

    assert (again.state, why) == (SubscriptionState.ACTIVE, "")
    assert city.ports.subscriptions.health(found.id).failures == 0


# ---- consent


def a_person(**consents: bool) -> Person:
    return Person(
        id=PersonId("person-1"),
        name="김카나리",
        email="canary@example.org",
        contact="+821077770042",
        locale="ko",
        consents=consents,
        updated_at=NOON,
        erase_on=NOON.date() + timedelta(days=400),
    )


def with_fields(city: Subscribers) -> Subscription:
    return made(city, fields=("name", "email"), consent="third_party", purpose="accounts for the training")


def test_fields_go_only_with_a_consent_and_lie_in_the_vault_until_then(city: Subscribers) -> None:
    city.embedded.ports.vault.put(a_person(third_party=True))
    with_fields(city)

    [found] = told(city, a_notice())
    city.until(NOON)

    assert found.body == ""
    assert "김카나리" not in found.model_dump_json()
    [(_, _, body)] = city.receivers.posts
    assert json.loads(body)["data"]["person"] == {"name": "김카나리", "email": "canary@example.org"}
    assert any(row["reader"] == "deliver" for row in city.embedded.ports.vault.accesses())


@pytest.mark.parametrize("consents", [{}, {"third_party": False}, {"privacy": True}])
def test_without_the_consent_the_event_is_thin(city: Subscribers, consents: dict[str, bool]) -> None:
    city.embedded.ports.vault.put(a_person(**consents))
    with_fields(city)

    told(city, a_notice())
    city.until(NOON)

    [(_, _, body)] = city.receivers.posts
    assert "person" not in json.loads(body)["data"]


def test_a_consent_withdrawn_between_two_attempts_cancels_and_tells_to_delete(city: Subscribers) -> None:
    city.receivers.answers[URL] = [Answer(status=500), Answer(status=200)]
    city.embedded.ports.vault.put(a_person(third_party=True))
    with_fields(city)
    [found] = told(city, a_notice())
    city.until(NOON)

    city.embedded.ports.vault.put(a_person(third_party=False))
    city.until(NOON + timedelta(hours=1))

    bodies = [json.loads(body) for _, _, body in city.receivers.posts]
    assert delivery(city, found).reason == "consent_withdrawn"
    (first, thin, withdrawn) = sorted(bodies, key=lambda each: (each["type"], "person" not in each["data"]))
    assert [each["type"] for each in (first, thin, withdrawn)] == [
        "kr.sadari.learning.phase.passed.v1",
        "kr.sadari.learning.phase.passed.v1",
        "kr.sadari.privacy.consent.withdrawn.v1",
    ]
    assert (first["id"], first["data"]["phase_completed"]) == (thin["id"], thin["data"]["phase_completed"])
    assert withdrawn["data"]["fields"] == ["name", "email"]
    assert "김카나리" not in json.dumps([thin, withdrawn], ensure_ascii=False)
    assert len({headers["webhook-id"] for _, headers, _ in city.receivers.posts}) == 3


def test_a_person_erased_between_two_attempts_is_sent_nowhere(city: Subscribers) -> None:
    city.receivers.answers[URL] = [Answer(status=500), Answer(status=200)]
    city.embedded.ports.vault.put(a_person(third_party=True))
    with_fields(city)
    told(city, a_notice())
    city.until(NOON)

    city.embedded.ports.vault.erase(PersonId("person-1"))
    city.until(NOON + timedelta(hours=1))

    assert all("김카나리".encode() not in body for _, _, body in city.receivers.posts[1:])


# ---- again


def test_a_delivery_sent_again_has_the_same_id_and_bytes_and_begins_its_schedule_anew(city: Subscribers) -> None:
    made(city)
    [found] = told(city, a_notice())
    city.until(NOON)
    city.receivers.answers[URL] = [Answer(status=500), Answer(status=200)]

    redeliver(found.id, city.embedded.ports, city.ports)
    city.until(NOON + timedelta(minutes=1))

    (_, first, body), (_, second, other), (_, third, _) = city.receivers.posts
    assert first["webhook-id"] == second["webhook-id"] == third["webhook-id"]
    assert body == other
    assert [each.number for each in city.ports.deliveries.attempts(found.id)] == [1, 2, 3]


def test_what_failed_in_a_time_is_sent_again_and_nothing_else(city: Subscribers) -> None:
    city.receivers.answers[URL] = [Answer(status=500)]
    found = made(city)
    for number in range(2):
        told(city, a_notice(number))
        city.until(NOON + timedelta(days=4 * number + 3, hours=23))
    city.receivers.answers[URL] = [TAKEN]
    ask_again(found.id, "again", city.embedded.ports, city.ports)

    until = NOON + timedelta(days=3)
    count, again = (recover(found.id, NOON, until, city.embedded.ports, city.ports) for _ in range(2))
    city.until(NOON + timedelta(days=12))

    states = [each.state for each in city.ports.deliveries.page(subscription=found.id, limit=9)[0]]
    assert (count, again) == (1, 0)
    assert states == [DeliveryState.DELIVERED, DeliveryState.EXHAUSTED]


def test_what_was_told_before_there_was_a_subscription_can_be_had_too(city: Subscribers) -> None:
    for number in range(3):
        city.embedded.ports.notice_log.append(a_notice(number), heard_at=NOON + timedelta(hours=number))
    city.embedded.ports.notice_log.append(a_notice(9, role="operator"), heard_at=NOON)
    found = made(city)
    told(city, a_notice(1))

    until = NOON + timedelta(hours=2)
    counts = [replay_missing(found.id, NOON, until, city.embedded.ports, city.ports) for _ in range(2)]

    city.until(NOON)
    assert counts == [1, 0]
    assert len(city.receivers.posts) == 2


def test_what_consent_forbids_is_not_sent_again(city: Subscribers) -> None:
    city.receivers.answers[URL] = [Answer(status=500), Answer(status=200)]
    city.embedded.ports.vault.put(a_person(third_party=True))
    with_fields(city)
    [found] = told(city, a_notice())
    city.until(NOON)
    city.embedded.ports.vault.put(a_person(third_party=False))
    city.until(NOON + timedelta(hours=1))

    with pytest.raises(Rejected):
        redeliver(found.id, city.embedded.ports, city.ports)
