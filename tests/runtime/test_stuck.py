"""What does not go on by itself is named, with its owner and the next step; all else is not."""

from datetime import timedelta

import pytest

from functions.embedded import Embedded
from schemas.events.application import ScoreRecorded
from schemas.letters import Letter, LetterState
from schemas.messages import Quarantined
from schemas.subscriptions import Health, Subscription, SubscriptionId, SubscriptionState
from tests.support.cohort import DAY, HOUR
from tests.support.office import Office
from workflows.runtime.stuck import Stuck, stuck


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded)
    office.plan()
    return office


def found(office: Office) -> dict[str, Stuck]:
    embedded = office.embedded
    things = stuck(office.ports, embedded.subscriptions, embedded.deliveries, embedded.connections)
    return {thing.kind: thing for thing in things}


def a_subscription(state: SubscriptionState) -> Subscription:
    return Subscription(
        id=SubscriptionId(f"subscription-{state}"),
        partner="city",
        url="https://city.example/hook",
        types=("kr.sadari.*",),
        contact="it@city.example",
        state=state,
        made_by="kim",
        made_at="2027-01-01T00:00:00Z",  # type: ignore[arg-type]
    )


def test_nothing_is_stuck_where_all_goes_on(office: Office) -> None:
    office.hand_in(1)

    assert found(office) == {}


def test_timers_that_nobody_rang_are_stuck(office: Office) -> None:
    case = office.hand_in(1)
    due = office.next_ring()
    assert due is not None

    office.embedded.clock.turn(due + timedelta(minutes=10))
    before = found(office)
    office.embedded.clock.turn(due + HOUR)
    after = found(office)["overdue timers"]

    assert "overdue timers" not in before, "the next sweep may still come"
    assert after.since == due.isoformat()
    assert after.many == len(after.named) >= 1
    assert case or after.owner


def test_an_event_that_waits_for_over_a_day_is_stuck(office: Office) -> None:
    case = office.hand_in(1)
    office.tell(case, ScoreRecorded(score=70))
    parked = office.case(case).parked

    before = found(office)
    office.embedded.clock.turn(office.now + DAY + HOUR)
    after = found(office)

    assert len(parked) == 1
    assert "parked events" not in before
    assert after["parked events"].named == (case,)


def test_a_question_past_its_date_is_stuck_and_says_whose_turn_it_is(office: Office) -> None:
    case = office.hand_in(1, can_attend=False)
    office.until(office.calendar.applications_close + HOUR)
    (task,) = office.case(case).tasks
    assert task.due_at is not None

    before = found(office)
    office.embedded.clock.turn(task.due_at + HOUR)
    after = found(office)["overdue questions"]

    assert "overdue questions" not in before
    assert after.named == (task.id,)
    assert "operator" in after.owner


def test_the_quarantine_failed_letters_and_disabled_subscriptions_are_stuck(office: Office) -> None:
    office.ports.quarantine.put(Quarantined(id="row-1", reason="Busy", source="advance", heard_at=office.now - HOUR))
    letter = Letter(
        id="letter-1",
        person="person-1",
        case="case-1",  # type: ignore[arg-type]
        notice="SeatOffered",
        locale="ko",
        subject="합격",
        body="축하",
        state=LetterState.FAILED,
        written_at=office.now,
    )
    office.ports.letters.create(letter)
    for state in (SubscriptionState.DISABLED, SubscriptionState.ACTIVE):
        office.embedded.subscriptions.put(a_subscription(state), seen=0)
    down = Health(subscription=SubscriptionId("subscription-active"), failing_since=office.now - 2 * DAY, failures=9)
    office.embedded.subscriptions.put_health(down, seen=0)

    things = found(office)

    assert things["quarantine"].since == (office.now - HOUR).isoformat()
    assert things["failed letters"].named == ("letter-1",)
    assert things["disabled subscriptions"].named == ("subscription-disabled",)
    assert things["failing receivers"].named == ("subscription-active",)
    assert all(thing.owner and thing.next for thing in things.values())
