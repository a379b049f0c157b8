"""An alarm becomes a message only while its case still holds the timer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.embedded import Embedded
from schemas.events.engine import CalendarMoved, TimerRang
from schemas.ids import CaseId
from schemas.messages import SYSTEM, Message
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, moved
from tests.support.faults import Plan
from tests.support.office import ROUND, Office
from workflows.engine.decide import ring_message_id
from workflows.runtime.errors import TooEarly, Unavailable
from workflows.runtime.ports import Alarm
from workflows.runtime.ring import alarm_from_json, alarm_to_json, ring, ring_message

KEY = "submitted.form_closes"
FORM_CLOSES = CALENDAR.applications_close + 10 * MINUTE


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded)
    office.plan()
    return office


def alarm_of(office: Office, case_id: CaseId, key: str = KEY) -> Alarm:
    return Alarm(case_id, key, office.case(case_id).timers[key])


def test_an_alarm_of_a_timer_that_is_held_becomes_one_message(office: Office) -> None:
    case, plan = office.hand_in(1), Plan()
    alarm = alarm_of(office, case)
    office.embedded.clock.turn(alarm.timer.rings_at)

    message = ring(alarm, plan.watched(office.ports))

    assert message == Message(
        id=ring_message_id(case, KEY, alarm.timer),
        case=case,
        type="TimerRang",
        data=TimerRang(key=KEY, visit=1, due=FORM_CLOSES, armed=1).model_dump(mode="json"),
        at=FORM_CLOSES,
        actor=SYSTEM,
    )
    assert plan.published == [message]
    assert plan.calls == ["cases.get", "publisher.publish"]


def test_an_alarm_that_goes_off_twice_is_the_same_message(office: Office) -> None:
    case = office.hand_in(1)
    alarm = alarm_of(office, case)
    office.embedded.clock.turn(alarm.timer.rings_at)

    first, second = ring(alarm, office.ports), ring(alarm, office.ports)
    office.settle()

    assert first == second
    assert [entry.message.type for entry in office.entries(case)] == ["ApplicationSubmitted", "TimerRang"]
    assert office.stage(case) == "eligible"


def test_an_alarm_that_goes_off_again_after_it_was_heard_is_nothing(office: Office) -> None:
    case, plan = office.hand_in(1), Plan()
    alarm = alarm_of(office, case)
    office.until(alarm.timer.rings_at)

    assert ring(alarm, plan.watched(office.ports)) is None
    assert plan.calls == ["cases.get"]


def test_an_alarm_of_a_stage_that_was_left_is_nothing(office: Office) -> None:
    case, plan = office.hand_in(1), Plan()
    alarm = alarm_of(office, case)
    office.withdraw(case)
    office.embedded.clock.turn(alarm.timer.rings_at)

    assert ring(alarm, plan.watched(office.ports)) is None
    assert plan.published == []


def test_an_alarm_of_a_date_that_was_moved_is_nothing(office: Office) -> None:
    case = office.hand_in(1)
    alarm = alarm_of(office, case)
    office.tell(case, CalendarMoved(calendar=moved(2, applications_close=CALENDAR.applications_close + DAY)))
    office.embedded.clock.turn(alarm.timer.rings_at)

    assert ring(alarm, office.ports) is None
    assert office.stage(case) == "submitted"


def test_an_alarm_of_a_case_that_is_not_there_is_nothing(office: Office) -> None:
    case = office.hand_in(1)
    alarm = replace(alarm_of(office, case), case=CaseId("nowhere"))
    office.embedded.clock.turn(alarm.timer.rings_at)

    assert ring(alarm, office.ports) is None


@pytest.mark.parametrize("early", [timedelta(seconds=1, microseconds=1), MINUTE, GRACE, 30 * DAY])
def test_an_alarm_that_goes_off_before_its_time_is_asked_to_come_again(office: Office, early: timedelta) -> None:
    case = office.hand_in(1)
    alarm = alarm_of(office, case)
    office.embedded.clock.turn(alarm.timer.rings_at - early)

    with pytest.raises(TooEarly, match=rf"\[{KEY}\] of \[{case}\]"):
        ring(alarm, office.ports)

    assert issubclass(TooEarly, Unavailable)


def test_an_alarm_may_go_off_a_second_early(office: Office) -> None:
    case = office.hand_in(1)
    alarm = alarm_of(office, case)
    office.embedded.clock.turn(alarm.timer.rings_at - timedelta(seconds=1))

    assert ring(alarm, office.ports) is not None


def test_an_alarm_that_could_not_be_published_is_asked_to_come_again(office: Office) -> None:
    case, plan = office.hand_in(1), Plan(breaks_at=1, error=Unavailable("no topic"))
    alarm = alarm_of(office, case)
    office.embedded.clock.turn(alarm.timer.rings_at)

    with pytest.raises(Unavailable):
        ring(alarm, plan.watched(office.ports))
    rung = ring(alarm, office.ports)
    office.settle()

    assert rung is not None
    assert office.stage(case) == "eligible"


def test_an_alarm_survives_the_way_over_the_wire(office: Office) -> None:
    alarm = alarm_of(office, office.hand_in(1))

    assert alarm_from_json(alarm_to_json(alarm)) == alarm


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"case": "a", "key": "b", "timer": null}'])
def test_what_is_no_alarm_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="Alarm"):
        alarm_from_json(body)


def test_a_timer_and_its_sweep_ring_with_one_message(office: Office) -> None:
    alarm = alarm_of(office, ROUND, "open.applications_close")

    assert ring_message(alarm.case, alarm.key, alarm.timer).id == ring_message_id(alarm.case, alarm.key, alarm.timer)


def test_the_worker_rings_what_is_due_and_nothing_else(office: Office) -> None:
    cases = [office.hand_in(1), office.hand_in(2)]
    office.withdraw(cases[1])
    office.embedded.clock.turn(FORM_CLOSES + GRACE)

    rung = office.worker.ring_all()
    again = office.worker.ring_all()
    office.settle()

    assert (rung, again) == (3, 0)
    assert [office.stage(case) for case in (*cases, ROUND)] == ["eligible", "withdrawn", "closed"]


def test_a_timer_that_ends_a_stage_waits_for_answers_that_are_on_their_way(office: Office) -> None:
    case = office.hand_in(1)
    office.embedded.clock.turn(FORM_CLOSES + GRACE - MINUTE)
    office.worker.ring_all()
    office.settle()
    before = office.stage(case)

    office.until(CALENDAR.applications_close + HOUR)

    arrived_at = office.case(case).arrived_at
    assert (before, office.stage(case), arrived_at) == ("submitted", "eligible", FORM_CLOSES)
