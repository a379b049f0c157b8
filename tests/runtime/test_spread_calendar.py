"""A round's moved dates reach every open case that goes by older ones, and nobody else."""

import pytest

from functions.embedded import Embedded
from schemas.events.engine import CalendarMoved
from schemas.ids import CaseId
from tests.support.cohort import CALENDAR, DAY, moved
from tests.support.office import OPERATOR, ROUND, Office
from workflows.runtime.errors import NotFound
from workflows.runtime.spread_calendar import spread_calendar

LATER = moved(2, month12=CALENDAR.month12 + 30 * DAY)


@pytest.fixture
def office(embedded: Embedded) -> Office:
    return Office(embedded)


def spread(office: Office) -> list[CaseId]:
    messages = spread_calendar(ROUND, OPERATOR, office.ports)
    office.settle()
    return [message.case for message in messages]


def version(office: Office, case: CaseId) -> int:
    return int(office.case(case).data["calendar"]["version"])


def test_every_open_case_of_the_round_gets_the_rounds_dates(office: Office) -> None:
    office.plan()
    cases = [office.hand_in(number) for number in (1, 2)]
    office.tell(ROUND, CalendarMoved(calendar=LATER), by=OPERATOR)

    sent = spread(office)

    assert sorted(sent) == sorted(cases)
    assert [version(office, case) for case in (*cases, ROUND)] == [2, 2, 2]


def test_a_message_says_who_sent_it_and_what(office: Office) -> None:
    office.plan()
    case = office.hand_in(1)
    office.tell(ROUND, CalendarMoved(calendar=LATER), by=OPERATOR)

    (message,) = spread_calendar(ROUND, OPERATOR, office.ports)

    assert (message.case, message.type, message.actor, message.at) == (case, "CalendarMoved", OPERATOR, office.now)
    assert CalendarMoved.model_validate(message.data).calendar == LATER


def test_sent_again_only_those_who_lag_behind_get_it(office: Office) -> None:
    office.plan()
    office.hand_in(1)
    office.tell(ROUND, CalendarMoved(calendar=LATER), by=OPERATOR)
    spread(office)
    late = office.hand_in(2)

    again = spread(office)

    # Whoever applies later has the later dates from the start.
    assert (again, version(office, late)) == ([], 2)


def test_without_a_move_nothing_is_sent(office: Office) -> None:
    office.plan()
    office.hand_in(1)

    assert spread(office) == []


def test_whoever_has_newer_dates_keeps_them(office: Office) -> None:
    office.plan()
    case = office.hand_in(1)
    office.tell(case, CalendarMoved(calendar=moved(3)), by=OPERATOR)
    office.tell(ROUND, CalendarMoved(calendar=LATER), by=OPERATOR)

    assert (spread(office), version(office, case)) == ([], 3)


def test_whoever_is_done_is_left_alone(office: Office) -> None:
    office.plan()
    gone, here = office.hand_in(1), office.hand_in(2)
    office.withdraw(gone)
    office.tell(ROUND, CalendarMoved(calendar=LATER), by=OPERATOR)

    assert spread(office) == [here]


def test_the_enrolments_that_came_of_the_round_get_it_too(office: Office) -> None:
    cases = office.recruit(3)
    for case in cases[:2]:
        office.accept(case)
    enrolments = [office.enrolment_of(case) for case in cases[:2]]
    office.withdraw(cases[1])
    office.tell(ROUND, CalendarMoved(calendar=LATER), by=OPERATOR)

    sent = spread(office)
    again = spread(office)

    # The second has left, and the third was offered the seat.
    assert sorted(sent) == sorted([cases[0], cases[2], enrolments[0]])
    assert ([version(office, each) for each in enrolments], again) == ([2, 1], [])


def test_no_round_is_refused(office: Office) -> None:
    with pytest.raises(NotFound):
        spread_calendar(CaseId("nowhere"), OPERATOR, office.ports)
