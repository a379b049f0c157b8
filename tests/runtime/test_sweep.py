"""Rings what no alarm clock rang: what is too far ahead for it, and what it lost."""

import pytest

from functions.embedded import Embedded
from schemas.events.round import RoundPlanned
from schemas.ids import CaseId
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TERMS
from tests.support.faults import Plan
from tests.support.office import ROUND, Office
from workflows.runtime.errors import Unavailable
from workflows.runtime.sweep import PAGE, sweep


@pytest.fixture
def office(embedded: Embedded) -> Office:
    return Office(embedded)


def planned(office: Office, name: str, days_later: int = 0) -> CaseId:
    """Plan a round that opens later."""
    opens = CALENDAR.applications_open + days_later * DAY
    calendar = CALENDAR.model_copy(update={"applications_open": opens})
    event = RoundPlanned(cohort="2027", programme="ai", calendar=calendar, terms=TERMS)
    office.tell(CaseId(name), event)
    return CaseId(name)


def test_a_timer_too_far_ahead_for_an_alarm_is_rung_when_it_is_due(office: Office) -> None:
    office.embedded.clock.turn(CALENDAR.applications_open - 60 * DAY)
    planned(office, ROUND)
    office.embedded.clock.turn(CALENDAR.applications_open + GRACE)
    alarms = office.worker.ring_all()

    rung = sweep(office.ports)
    office.settle()

    assert alarms == 0
    assert [(message.case, message.at) for message in rung] == [(ROUND, CALENDAR.applications_open)]
    assert office.stage(ROUND) == "open"


def test_a_lost_alarm_is_rung_under_the_same_name(office: Office) -> None:
    planned(office, ROUND)
    office.embedded.clock.turn(CALENDAR.applications_open + GRACE)
    ((name, _),) = office.worker.due()
    office.embedded.timers.silence(name)

    rung = sweep(office.ports)
    office.settle()

    assert [message.id for message in rung] == [name]
    assert office.stage(ROUND) == "open"


def test_an_alarm_and_a_sweep_that_ring_at_once_ring_once(office: Office) -> None:
    planned(office, ROUND)
    office.embedded.clock.turn(CALENDAR.applications_open + GRACE)

    office.worker.ring_all()
    sweep(office.ports)
    office.settle()

    assert [entry.message.type for entry in office.entries(ROUND)] == ["RoundPlanned", "TimerRang"]


def test_what_is_not_due_yet_is_left_alone(office: Office) -> None:
    planned(office, ROUND)
    office.embedded.clock.turn(CALENDAR.applications_open + GRACE - MINUTE)

    assert sweep(office.ports) == []


def test_a_sweep_before_the_last_one_was_heard_repeats_itself(office: Office) -> None:
    planned(office, ROUND)
    office.embedded.clock.turn(CALENDAR.applications_open + GRACE)

    first, second = sweep(office.ports), sweep(office.ports)
    office.settle()
    third = sweep(office.ports)

    assert (first, third) == (second, [])
    assert len(office.entries(ROUND)) == 2


def test_the_longest_overdue_is_rung_first(office: Office) -> None:
    names = {"round-c": 0, "round-a": 1, "round-b": 2}
    for name, days in names.items():
        planned(office, name, days)
    office.embedded.clock.turn(CALENDAR.applications_open + 3 * DAY)

    rung = sweep(office.ports)

    assert [message.case for message in rung] == list(names)


def test_every_timer_of_a_case_that_is_due_is_rung(office: Office) -> None:
    (case,) = office.recruit(1)
    office.embedded.clock.turn(CALENDAR.results_at + 3 * DAY)

    rung = [message.data["key"] for message in sweep(office.ports) if message.case == case]

    assert rung == [
        "offered.half_of_offer",
        "offered.most_of_offer",
        "offered.hours_before_answer",
        "offered.answer_by",
    ]


def crowd(office: Office, count: int) -> list[CaseId]:
    """Plan so many rounds that open at once."""
    event = RoundPlanned(cohort="2027", programme="ai", calendar=CALENDAR, terms=TERMS)
    cases = [CaseId(f"round-{number:04}") for number in range(count)]
    office.ports.publisher.publish([office.message(case, event) for case in cases], [])
    office.settle()
    return cases


def test_cases_that_stay_overdue_hold_up_nobody(office: Office) -> None:
    # More stuck cases than two pages hold: their messages are published, and never heard.
    stuck = crowd(office, 2 * PAGE + 1)
    last = planned(office, "round-last", days_later=1)
    office.embedded.clock.turn(CALENDAR.applications_open + 2 * DAY)

    rung = sweep(office.ports)
    again = sweep(office.ports)

    assert sorted(message.case for message in rung) == [*stuck, last]
    assert again == rung


def test_a_sweep_publishes_a_page_at_once(office: Office) -> None:
    crowd(office, PAGE + 1)
    office.embedded.clock.turn(CALENDAR.applications_open + HOUR)
    plan = Plan()

    sweep(plan.watched(office.ports))

    assert plan.calls == [*["cases.overdue", "publisher.publish"] * 2, "cases.overdue"]


def test_a_sweep_that_breaks_off_is_made_good_by_the_next_one(office: Office) -> None:
    cases = crowd(office, PAGE + 1)
    office.embedded.clock.turn(CALENDAR.applications_open + HOUR)
    plan = Plan(breaks_at=3, error=Unavailable("no topic"))
    with pytest.raises(Unavailable):
        sweep(plan.watched(office.ports))

    sweep(office.ports)
    office.settle()

    assert len(plan.published) == PAGE
    assert {office.stage(case) for case in cases} == {"open"}
    assert {len(office.entries(case)) for case in cases} == {2}
