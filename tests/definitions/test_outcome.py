"""What became of a learner at months 3, 6 and 12."""

from datetime import datetime

import pytest

from schemas.events.engine import CalendarMoved
from schemas.events.outcome import OutcomeOpened, OutcomeReported
from schemas.ids import CaseId, PersonId
from schemas.status import Status
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TICK, moved
from tests.support.life import Life, told, verdict

OPENED = OutcomeOpened(
    person=PersonId("person-1"), enrolment=CaseId("enrolment-1"), cohort="2027", programme="ai", calendar=CALENDAR
)
MONTH3, MONTH6, MONTH12 = CALENDAR.month3, CALENDAR.month6, CALENDAR.month12


@pytest.fixture
def life() -> Life:
    """A learner who has just completed."""
    life = Life("outcome-1")
    life.tell(OPENED, CALENDAR.programme_ends)
    return life


def reports(life: Life, status: Status, at: datetime) -> list[str]:
    return told(life.tell(OutcomeReported(status=status), at))


def silent(life: Life, *, until: str) -> None:
    """Let timers ring, and nobody answer, until a stage is come to."""
    while life.stage != until:
        life.ring()


def test_a_learner_is_supported_until_month_3(life: Life) -> None:
    supported = life.stage

    asked = life.ring()

    assert (supported, life.stage, life.case.arrived_at) == ("supported", "month3", MONTH3)
    assert told(asked) == ["learner: OutcomeAsked"]


def test_a_report_before_month_3_is_kept_and_thanked_for(life: Life) -> None:
    thanked = reports(life, Status.SEEKING, CALENDAR.programme_ends + DAY)

    assert thanked == ["learner: OutcomeReceived"]
    assert (life.stage, life.subject.status, life.subject.reports) == ("supported", Status.SEEKING, 1)
    assert life.subject.at_month3 is None


@pytest.mark.parametrize(("name", "month"), [("month3", MONTH3), ("month6", MONTH6)])
def test_a_report_within_a_month_settles_the_survey(life: Life, name: str, month: datetime) -> None:
    silent(life, until=name)

    thanked = reports(life, Status.SEEKING, month + 29 * DAY)

    assert thanked == ["learner: OutcomeReceived"]
    assert (life.stage, getattr(life.subject, f"at_{name}")) == (f"after_{name}", Status.SEEKING)
    assert life.subject.reports == 1


def test_a_silent_learner_is_reminded_twice_then_called_then_counted_as_silent(life: Life) -> None:
    life.ring()

    rung = [(life.ring(), life.case) for _ in range(4)]

    assert [told(entry) for entry, _ in rung] == [
        ["learner: OutcomeAsked"],
        ["learner: OutcomeAsked"],
        ["career_staff: OutcomeSilent"],
        [],
    ]
    assert [entry.heard_at for entry, _ in rung] == [
        MONTH3 + 7 * DAY,
        MONTH3 + 14 * DAY,
        MONTH3 + 21 * DAY,
        MONTH3 + 30 * DAY + GRACE,
    ]
    assert (life.stage, life.subject.status, life.subject.at_month3) == ("after_month3", None, None)


def test_whoever_answers_is_not_reminded_any_more(life: Life) -> None:
    life.ring()
    life.ring()

    reports(life, Status.HIRED, MONTH3 + 8 * DAY)

    assert list(life.case.timers) == ["after_month3.month6"]


def test_an_earlier_status_says_nothing_about_a_silent_month(life: Life) -> None:
    reports(life, Status.HIRED, CALENDAR.programme_ends + DAY)

    silent(life, until="after_month3")

    assert (life.subject.status, life.subject.at_month3) == (None, None)


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        (Status.HIRED, "hired"),
        (Status.FOUNDED, "founded"),
        (Status.STUDYING, "studying"),
        (Status.SEEKING, "none"),
    ],
)
def test_month_12_settles_what_became_of_the_learner_and_partners_hear_it(
    life: Life, status: Status, stage: str
) -> None:
    silent(life, until="month12")

    known = life.tell(OutcomeReported(status=status), MONTH12 + DAY)

    assert (life.stage, life.case.is_final, life.case.timers) == (stage, True, {})
    assert told(known) == ["learner: OutcomeReceived", "partners: OutcomeKnown"]
    assert known.effects[1].data == {"cohort": "2027", "status": status.value}


def test_silence_at_month_12_is_told_to_nobody(life: Life) -> None:
    silent(life, until="month12")

    silent(life, until="silent")

    assert (life.case.is_final, told(life.entries[-1])) == (True, [])


def test_a_report_at_the_very_end_of_the_survey_counts_and_one_after_it_is_kept_for_the_next(life: Life) -> None:
    late = Life("outcome-2")
    late.tell(OPENED, CALENDAR.programme_ends)
    for each in (life, late):
        each.ring()
    ends_at = MONTH3 + 30 * DAY

    life.tell(OutcomeReported(status=Status.HIRED), ends_at, heard_at=ends_at + 10 * MINUTE)
    parked = late.tell(OutcomeReported(status=Status.HIRED), ends_at + TICK, heard_at=ends_at + 10 * MINUTE)
    late.ring("month3.after_30d")

    assert (life.stage, life.subject.at_month3) == ("after_month3", Status.HIRED)
    assert verdict(parked) == ("parked", "deadline_passed: month3.after_30d")
    assert (late.stage, late.subject.at_month3, late.subject.status) == ("after_month3", None, Status.HIRED)


def test_reports_between_the_surveys_are_kept(life: Life) -> None:
    silent(life, until="after_month3")

    reports(life, Status.FOUNDED, MONTH3 + 60 * DAY)

    assert (life.stage, life.subject.status) == ("after_month3", Status.FOUNDED)


def test_a_moved_date_moves_the_survey(life: Life) -> None:
    later = MONTH3 + 7 * DAY

    life.tell(CalendarMoved(calendar=moved(2, month3=later)), CALENDAR.programme_ends + HOUR)

    assert life.case.timers["supported.month3"].due == later


def test_a_report_after_the_end_changes_nothing(life: Life) -> None:
    silent(life, until="silent")

    late = life.tell(OutcomeReported(status=Status.HIRED), MONTH12 + 90 * DAY)

    assert verdict(late) == ("ignored", "not_answered_here: silent")


def test_every_way_through_the_year_folds(life: Life) -> None:
    silent(life, until="silent")

    assert life.fold() == life.case
