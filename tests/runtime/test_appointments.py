"""Calendars follow a date: the same name, a number that rises with each change, and an end when it falls away."""

from datetime import datetime, timedelta

import pytest

from functions.embedded import Embedded
from schemas.letters import Appointment
from schemas.messages import Notice
from tests.support.cohort import CALENDAR, DAY
from tests.support.post import a_notice, a_person
from workflows.runtime.deliver import deliver

FIRST, SECOND = CALENDAR.results_at + 10 * DAY, CALENDAR.results_at + 11 * DAY
Told = list[tuple[str, int, datetime, bool]]


def booked(at: datetime, days_later: int = 0) -> Notice:
    fields = {"interview_at": at.isoformat(), "interview_minutes": 20}
    return a_notice("InterviewBooked", name=f"{at} {days_later}", days_later=days_later, **fields)


def reminded(at: datetime, days_later: int) -> Notice:
    return a_notice("InterviewDue", days_later=days_later, interview_at=at.isoformat(), interview_minutes=20)


def told(embedded: Embedded, *notices: Notice) -> list[Appointment]:
    embedded.ports.vault.put(a_person())
    for place, notice in enumerate(notices):
        embedded.clock.turn(CALENDAR.results_at + timedelta(minutes=place))
        deliver(notice, embedded.ports)
    return [each for letter in embedded.ports.letters.find() for each in letter.appointments]


def facts(appointments: list[Appointment]) -> Told:
    return [(each.uid, each.sequence, each.starts_at, each.is_cancelled) for each in appointments]


UID = "interview-application-1@sadari"


def test_a_change_has_the_same_name_and_the_next_number(embedded: Embedded) -> None:
    found = told(embedded, booked(FIRST), booked(SECOND, 1), booked(FIRST, 2))

    assert facts(found) == [(UID, 0, FIRST, False), (UID, 1, SECOND, False), (UID, 2, FIRST, False)]


def test_a_reminder_of_the_same_date_has_the_same_number(embedded: Embedded) -> None:
    assert facts(told(embedded, booked(FIRST), reminded(FIRST, 9))) == [(UID, 0, FIRST, False)] * 2


@pytest.mark.parametrize("notice", ["WithdrawalReceived", "ProgrammeLeft", "NoShowConfirmed"])
def test_whoever_leaves_has_what_was_to_come_cancelled(embedded: Embedded, notice: str) -> None:
    found = told(embedded, booked(FIRST), booked(SECOND, 1), a_notice(notice, days_later=2))

    assert facts(found)[-1] == (UID, 2, SECOND, True)


def test_what_is_over_or_cancelled_is_not_cancelled_again(embedded: Embedded) -> None:
    over = a_notice("WithdrawalReceived", days_later=30)
    again = [a_notice("WithdrawalReceived", name=str(number), days_later=number) for number in (1, 2)]

    assert facts(told(embedded, booked(FIRST), over)) == [(UID, 0, FIRST, False)]
    assert len(told(embedded, *again)) == 2


def test_a_booking_after_a_cancellation_counts_on(embedded: Embedded) -> None:
    found = told(embedded, booked(FIRST), a_notice("WithdrawalReceived", days_later=1), booked(SECOND, 2))

    assert facts(found)[-1] == (UID, 2, SECOND, False)


def test_of_two_notices_that_overtook_each_other_the_later_one_counts(embedded: Embedded) -> None:
    late, early = booked(SECOND, 2), booked(FIRST, 1)

    found = told(embedded, late, early)

    assert [each.sequence for each in found] == [0, 0]
    assert max(found, key=lambda each: (each.sequence, each.told_at)).starts_at == SECOND


def test_the_beginning_of_the_programme_is_a_date_of_its_own(embedded: Embedded) -> None:
    starts = CALENDAR.programme_starts
    found = told(
        embedded, booked(FIRST), a_notice("OnboardingStarted", days_later=1, programme_starts=starts.isoformat())
    )

    assert facts(found)[1] == ("programme-application-1@sadari", 0, starts, False)
