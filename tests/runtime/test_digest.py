"""An office that receives no calls gets one letter a day: of what there was, confirmed first, never a name in it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.deliveries import Delivery, DeliveryState
from schemas.ids import CaseId
from schemas.subscriptions import Subscription, SubscriptionState, Way
from tests.runtime.test_partners import SECRET, a_notice, a_person, a_wish
from tests.support.post import Hand, with_post
from tests.support.subscribers import Subscribers
from workflows.runtime.attempt import attempt
from workflows.runtime.digest import LISTED_MAX, make_digests
from workflows.runtime.errors import BadForm, NotFound, Rejected, Unavailable, Undeliverable
from workflows.runtime.fan_out import fan_out
from workflows.runtime.partner_ports import due_of
from workflows.runtime.post_ports import Parcel
from workflows.runtime.recover import recover, redeliver, replay_missing
from workflows.runtime.subscribe import ask_again, grant, pause, resume, rotate, send_test, subscribe
from workflows.runtime.tend import tend_deliveries

OFFICE = "mailto:office@city.example"
NOON = datetime(2027, 6, 1, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
EIGHT = datetime(2027, 6, 1, 23, 0, tzinfo=UTC)
"""Eight in the morning of the day after, in Korea."""


class Crash(BaseException):
    """The process dies."""


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


def made(city: Subscribers, *, is_vouched: bool = True, **changed: Any) -> Subscription:
    wish = a_wish(**{"url": OFFICE, **changed})
    ports = city.embedded.ports
    found, _ = subscribe(
        wish, secret=SECRET, grant="token", by="kim", ports=ports, partners=city.ports, is_vouched=is_vouched
    )
    return found


def heard(city: Subscribers, number: int, **changed: Any) -> None:
    """Tell a notice, as `deliver` does."""
    notice = a_notice(number, **changed)
    fan_out(notice, city.embedded.ports, city.ports)
    city.embedded.ports.notice_log.append(notice, heard_at=city.embedded.clock.now())


def swept(city: Subscribers, at: datetime) -> int:
    """Let `sweep` run at an instant, and whatever is due then."""
    city.until(at)
    count = tend_deliveries(city.embedded.ports, city.ports).digests
    city.until(at)
    return count


def logged(city: Subscribers) -> list[Delivery]:
    return list(city.ports.deliveries.page(limit=99)[0])


# ---- registering


def test_an_office_is_sent_nothing_until_somebody_there_opened_the_letter_and_pressed(
    city: Subscribers, hand: Hand
) -> None:
    found = made(city, is_vouched=False)
    heard(city, 1)
    before = swept(city, EIGHT + timedelta(minutes=2))

    (asked,) = hand.parcels
    granted = grant(found.id, "token", city.embedded.ports, city.ports)
    after = swept(city, EIGHT + timedelta(minutes=3))

    assert (found.state, found.way, found.secrets) == (SubscriptionState.PENDING, Way.DIGEST, ())
    assert asked.person.email == "office@city.example"
    assert f"https://sadari.example/api/grants/{found.id}/token" in asked.letter.body
    assert (granted.state, before, after) == (SubscriptionState.ACTIVE, 0, 1)
    assert "notice-1" in hand.parcels[-1].letter.body


def test_a_letter_that_was_lost_is_sent_again_with_another_token(city: Subscribers, hand: Hand) -> None:
    found = made(city, is_vouched=False)

    _, why = ask_again(found.id, "other", city.embedded.ports, city.ports)

    assert (why, len(hand.parcels), len({each.letter.id for each in hand.parcels})) == ("confirmation_sent", 2, 2)
    with pytest.raises(NotFound):
        grant(found.id, "token", city.embedded.ports, city.ports)
    assert grant(found.id, "other", city.embedded.ports, city.ports).state is SubscriptionState.ACTIVE


def test_staff_who_know_the_office_need_not_ask_it(city: Subscribers, hand: Hand) -> None:
    assert made(city).state is SubscriptionState.ACTIVE
    assert hand.parcels == []


@pytest.mark.parametrize(
    "url",
    [
        "mailto:office",
        "mailto:@city.example",
        "mailto:a@b@city.example",
        "mailto:office@city.example?bcc=all@city.example",
        "mailto:office@city.example\r\nBcc: all@city.example",
        "mailto:office,other@city.example",
        'mailto:"x"@city.example',
        "mailto:office@localhost",
        "mailto:office@[127.0.0.1]",
        "mailto:office@127.0.0.1",
        "mailto:%6fffice@city.example",
        f"mailto:{'x' * 250}@city.example",
    ],
)
def test_what_is_no_plain_mailbox_of_the_public_is_refused(city: Subscribers, hand: Hand, url: str) -> None:
    with pytest.raises(BadForm) as refusal:
        made(city, url=url)

    assert set(refusal.value.faults) == {"url"}
    assert (hand.parcels, list(city.ports.subscriptions.find())) == ([], [])


def test_a_mailbox_has_one_form(city: Subscribers) -> None:
    made(city)

    assert made(city, url="mailto:Office@City.Example.").url == "mailto:Office@city.example"
    with pytest.raises(Rejected):
        made(city, url="mailto:office@CITY.example")


def test_a_digest_carries_nothing_personal(city: Subscribers) -> None:
    with pytest.raises(BadForm) as refusal:
        made(city, fields=("name",), consent="third_party", purpose="x")

    assert set(refusal.value.faults) == {"fields"}


def test_a_mailbox_that_the_server_refuses_is_not_kept(city: Subscribers, hand: Hand) -> None:
    hand.errors = [Undeliverable("smtp_550")]

    with pytest.raises(BadForm):
        made(city, is_vouched=False)
    assert list(city.ports.subscriptions.find()) == []


def test_without_mail_nobody_is_promised_a_digest(city: Subscribers) -> None:
    city.embedded.ports = with_post(city.embedded.ports)

    with pytest.raises(Rejected):
        made(city)


# ---- the letter of the day


def test_one_letter_tells_how_much_there_was_and_what_in_opaque_words(city: Subscribers, hand: Hand) -> None:
    city.embedded.ports.vault.put(a_person(third_party=True))
    found = made(city)
    for number, kind in ((1, "PhaseCompleted"), (2, "PhaseCompleted"), (3, "LearnerLeft")):
        heard(city, number, type=kind, case=CaseId(f"enrolment-{number}"))
    heard(city, 4, type="RoundFilled")
    heard(city, 5, role="operator")

    counts = [swept(city, EIGHT + timedelta(minutes=minutes)) for minutes in (0, 2, 3, 60)]

    (parcel,) = hand.parcels
    text = parcel.letter.body
    assert counts == [0, 1, 0, 0]
    assert parcel.letter.subject == "하루 소식 2027-06-02 / Digest of 2027-06-02"
    assert "     2  kr.sadari.learning.phase.passed.v1  과정 단계 통과 알림" in text
    assert "     1  kr.sadari.learning.enrolment.ended.v1" in text
    assert "2027-06-01 12:00  kr.sadari.learning.phase.passed.v1  enrolment-1  notice-1" in text
    assert "notice-4" not in text
    assert "notice-5" not in text
    assert all(word not in text for word in ("김", "@", "person-1"))
    (delivered,) = logged(city)
    assert (delivered.subscription, delivered.state, delivered.type) == (found.id, DeliveryState.DELIVERED, "digest")
    assert [each.status for each in city.ports.deliveries.attempts(delivered.id)] == [250]


def test_every_notice_is_in_one_letter_and_none_in_two(city: Subscribers, hand: Hand) -> None:
    made(city)
    for hours in range(72):
        city.until(NOON + timedelta(hours=hours))
        heard(city, hours)
        tend_deliveries(city.embedded.ports, city.ports)
    swept(city, NOON + timedelta(hours=96))

    told = [line.split()[-1] for each in hand.parcels for line in each.letter.body.splitlines() if "notice-" in line]
    assert len(hand.parcels) == 4
    assert told == [f"notice-{hours}" for hours in range(72)]


@pytest.mark.parametrize(("is_sent_empty", "letters"), [(False, 0), (True, 3)])
def test_a_day_without_news_is_silent_unless_wanted_and_the_log_says_why(
    city: Subscribers, hand: Hand, *, is_sent_empty: bool, letters: int
) -> None:
    made(city, is_sent_empty=is_sent_empty)
    for day in range(3):
        swept(city, EIGHT + day * DAY + timedelta(minutes=2))

    assert len(hand.parcels) == letters
    assert [each.reason for each in logged(city)] == ["" if is_sent_empty else "no_news"] * 3
    if not is_sent_empty:
        with pytest.raises(Rejected):
            redeliver(logged(city)[0].id, city.embedded.ports, city.ports)


def test_the_hour_is_in_korea(city: Subscribers) -> None:
    made(city, hour=18)
    heard(city, 1)

    counts = [swept(city, datetime(2027, 6, 1, 8, 59, tzinfo=UTC)), swept(city, datetime(2027, 6, 1, 9, 2, tzinfo=UTC))]

    assert counts == [0, 1]


def test_what_came_in_a_pause_or_while_nothing_swept_is_in_the_next_letter(city: Subscribers, hand: Hand) -> None:
    found = made(city)
    heard(city, 1)
    swept(city, EIGHT + timedelta(minutes=2))
    pause(found.id, "holiday", city.ports)
    heard(city, 2)
    swept(city, EIGHT + 5 * DAY)
    resume(found.id, city.embedded.ports, city.ports)
    swept(city, EIGHT + 6 * DAY + timedelta(minutes=2))

    assert len(hand.parcels) == 2
    assert "notice-2" in hand.parcels[1].letter.body
    assert "notice-1 " not in hand.parcels[1].letter.body


def test_a_long_list_ends_and_says_how_much_more_there_is(city: Subscribers, hand: Hand) -> None:
    made(city)
    for number in range(LISTED_MAX + 7):
        heard(city, number)

    swept(city, EIGHT + timedelta(minutes=2))

    text = hand.parcels[0].letter.body
    assert text.count("enrolment-1") == LISTED_MAX
    assert "and 7 more" in text
    assert f"   {LISTED_MAX + 7}  kr.sadari" in text


# ---- once a day, whatever happens


def test_two_sweeps_at_once_make_one_letter(city: Subscribers, hand: Hand) -> None:
    made(city)
    heard(city, 1)
    city.until(EIGHT + timedelta(minutes=2))

    counts = [make_digests(city.embedded.ports, city.ports) for _ in range(3)]
    city.until(EIGHT + DAY)

    assert counts == [1, 0, 0]
    assert len(hand.parcels) == 1


def test_two_senders_at_once_hand_over_one_letter(city: Subscribers) -> None:
    made(city)
    heard(city, 1)
    city.until(EIGHT + timedelta(minutes=2))
    make_digests(city.embedded.ports, city.ports)
    (due,) = due_of(logged(city)[0])
    handed: list[Parcel] = []

    class Slow(Hand):
        def send(self, parcel: Parcel) -> None:
            handed.append(parcel)
            assert attempt(due, city.embedded.ports, city.ports) is None

    city.embedded.ports = with_post(city.embedded.ports, mail=Slow())

    assert attempt(due, city.embedded.ports, city.ports) is DeliveryState.DELIVERED
    assert len(handed) == 1


def test_whoever_dies_over_a_letter_hands_over_the_same_again(city: Subscribers, hand: Hand) -> None:
    made(city)
    heard(city, 1)
    hand.errors = [Crash()]
    city.until(EIGHT + timedelta(minutes=2))
    make_digests(city.embedded.ports, city.ports)
    (due,) = due_of(logged(city)[0])

    with pytest.raises(Crash):
        attempt(due, city.embedded.ports, city.ports)
    heard(city, 2)
    swept(city, EIGHT + timedelta(minutes=30))

    first, second = hand.parcels
    assert (first.letter.id, first.letter.body) == (second.letter.id, second.letter.body)
    assert [each.state for each in logged(city)] == [DeliveryState.DELIVERED]


def test_a_mail_server_that_is_down_is_tried_again(city: Subscribers, hand: Hand) -> None:
    made(city)
    heard(city, 1)
    hand.errors = [Unavailable("smtp_421"), Unavailable("smtp_TimeoutError")]

    swept(city, EIGHT + timedelta(minutes=2))
    city.until(EIGHT + timedelta(hours=1))

    (delivered,) = logged(city)
    found = [each.fault or each.status for each in city.ports.deliveries.attempts(delivered.id)]
    assert found == ["smtp_421", "smtp_TimeoutError", 250]
    assert len({each.letter.id for each in hand.parcels}) == 1


def test_a_mailbox_that_is_gone_is_written_to_once_a_day_and_given_up_after_five(city: Subscribers, hand: Hand) -> None:
    found = made(city)
    hand.errors = [Undeliverable("smtp_550")] * 9
    for day in range(9):
        heard(city, day)
        swept(city, EIGHT + day * DAY + timedelta(minutes=2))

    assert len(hand.parcels) == 6
    assert [kind for _, kind, _ in city.warned.told] == ["failing", "disabled"]
    assert city.subscription(found.id).reason == "failed_for_days"
    assert {each.state for each in logged(city)} == {DeliveryState.EXHAUSTED}


def test_a_letter_that_failed_is_sent_again_as_another_letter(city: Subscribers, hand: Hand) -> None:
    found = made(city)
    heard(city, 1)
    hand.errors = [Undeliverable("smtp_550")]
    swept(city, EIGHT + timedelta(minutes=2))

    assert recover(found.id, NOON, NOON + DAY, city.embedded.ports, city.ports) == 1
    city.until(EIGHT + timedelta(hours=1))

    first, second = hand.parcels
    assert first.letter.body == second.letter.body
    assert first.letter.id != second.letter.id


def test_a_test_letter_says_that_it_is_one(city: Subscribers, hand: Hand) -> None:
    found = made(city)

    names = {send_test(found.id, "1", city.embedded.ports, city.ports) for _ in range(2)}
    city.until(NOON)

    assert len(names) == len(hand.parcels) == 1
    assert "test" in hand.parcels[0].letter.body
    assert "Test" in hand.parcels[0].letter.subject


def test_what_a_digest_has_not_is_refused_by_name(city: Subscribers) -> None:
    found = made(city)

    for act in (
        lambda: rotate(found.id, SECRET, city.embedded.ports, city.ports),
        lambda: replay_missing(found.id, NOON, EIGHT, city.embedded.ports, city.ports),
    ):
        with pytest.raises(Rejected) as refusal:
            act()
        assert refusal.value.code == "not_for_digests"
