"""When a timer is due: lengths from arrival, offsets from dates, working days in Korea."""

from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.ids import CaseId
from tests.support.cohort import kst, moved
from tests.support.errand import START, Errand
from workflows.engine.moments import SEOUL, Moment, after_business_days

HOLIDAYS_2027 = {
    "new year": [date(2027, 1, 1)],
    "seollal": [date(2027, 2, 6), date(2027, 2, 7), date(2027, 2, 8), date(2027, 2, 9)],
    "march first": [date(2027, 3, 1)],
    "children": [date(2027, 5, 5)],
    "buddha": [date(2027, 5, 13)],
    "liberation": [date(2027, 8, 15), date(2027, 8, 16)],
    "chuseok": [date(2027, 9, 14), date(2027, 9, 15), date(2027, 9, 16)],
    "foundation and hangul": [date(2027, 10, 3), date(2027, 10, 4), date(2027, 10, 9), date(2027, 10, 11)],
}
HOLIDAYS = tuple(day for days in HOLIDAYS_2027.values() for day in days)


def an_anchor(errand: Errand) -> datetime:
    return errand.calendar.results_at


def no_anchor(_errand: Errand) -> None:
    return None


def a_length(errand: Errand) -> timedelta:
    return timedelta(hours=errand.score)


ERRAND = Errand(errand=CaseId("errand-1"), score=48)


# ---- working days


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        pytest.param("2027-03-08 10:00", 1, "2027-03-09 10:00", id="the next day"),
        pytest.param("2027-03-12 10:00", 1, "2027-03-15 10:00", id="Friday to Monday"),
        pytest.param("2027-03-12 10:00", 2, "2027-03-16 10:00", id="over a weekend"),
        pytest.param("2027-03-13 10:00", 1, "2027-03-15 10:00", id="a Saturday counts for nothing"),
        pytest.param("2027-03-14 23:59", 1, "2027-03-15 23:59", id="nor does a Sunday"),
        pytest.param("2027-02-26 18:00", 1, "2027-03-02 18:00", id="over the first of March"),
        pytest.param("2027-02-05 09:00", 2, "2027-02-11 09:00", id="over Seollal and its substitute day"),
        pytest.param("2027-02-08 09:00", 1, "2027-02-10 09:00", id="a holiday at the start counts for nothing"),
        pytest.param("2027-05-04 09:00", 1, "2027-05-06 09:00", id="over Children's Day"),
        pytest.param("2027-08-13 18:00", 1, "2027-08-17 18:00", id="over the substitute for Liberation Day"),
        pytest.param("2027-09-13 09:00", 3, "2027-09-21 09:00", id="over Chuseok and a weekend"),
        pytest.param("2027-10-01 09:00", 5, "2027-10-12 09:00", id="over two holidays in one week"),
        pytest.param("2026-12-31 09:00", 1, "2027-01-04 09:00", id="over the new year"),
        pytest.param("2027-03-08 10:00", 10, "2027-03-22 10:00", id="two weeks"),
        pytest.param("2027-03-13 10:00", 0, "2027-03-13 10:00", id="no day at all"),
    ],
)
def test_working_days_go_over_weekends_and_holidays(start: str, days: int, expected: str) -> None:
    assert after_business_days(kst(start), days, HOLIDAYS) == kst(expected)


def test_the_day_is_the_day_in_seoul() -> None:
    # Friday 16:00 in London is Saturday 01:00 in Seoul, so the next working day is Tuesday's night there.
    start = datetime(2027, 3, 12, 16, 0, tzinfo=UTC)

    found = after_business_days(start, 2, ())

    assert found == kst("2027-03-16 01:00")


def test_the_time_zone_of_the_start_is_kept() -> None:
    found = after_business_days(datetime(2027, 3, 8, 1, 0, tzinfo=UTC), 1, ())

    assert (found, found.tzinfo) == (datetime(2027, 3, 9, 1, 0, tzinfo=UTC), UTC)


def test_seoul_is_nine_hours_ahead_summer_and_winter() -> None:
    offsets = [datetime(2027, month, 1, tzinfo=SEOUL).utcoffset() for month in range(1, 13)]

    assert offsets == [timedelta(hours=9)] * 12


# ---- dues


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param(Moment(), "2027-03-08 10:00", id="the arrival"),
        pytest.param(Moment(offset=timedelta(days=2, hours=3)), "2027-03-10 13:00", id="a length"),
        pytest.param(Moment(length=a_length), "2027-03-10 10:00", id="a length from the facts"),
        pytest.param(Moment(length=a_length, offset=timedelta(hours=-2)), "2027-03-10 08:00", id="less than a length"),
        pytest.param(Moment(business_days=5), "2027-03-15 10:00", id="working days"),
        pytest.param(Moment(business_days=1, offset=timedelta(hours=1)), "2027-03-09 11:00", id="and hours more"),
        pytest.param(Moment(an_anchor), "2027-04-02 10:00", id="a date"),
        pytest.param(Moment(an_anchor, timedelta(days=-1)), "2027-04-01 10:00", id="before a date"),
        pytest.param(Moment(an_anchor, timedelta(days=3)), "2027-04-05 10:00", id="after a date"),
        pytest.param(Moment(an_anchor, business_days=1), "2027-04-05 10:00", id="working days after a date"),
    ],
)
def test_a_moment_is_due(moment: Moment, expected: str) -> None:
    assert moment.due(ERRAND, START) == kst(expected)


def test_a_date_that_is_not_there_is_never_due() -> None:
    assert Moment(no_anchor, timedelta(days=1)).due(ERRAND, START) is None


def test_working_days_are_counted_by_the_holidays_of_the_cohort() -> None:
    closed = ERRAND.model_copy(update={"calendar": moved(2).model_copy(update={"holidays": (date(2027, 3, 9),)})})

    assert Moment(business_days=1).due(closed, START) == kst("2027-03-10 10:00")


# ---- names


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        (Moment(), "after"),
        (Moment(offset=timedelta(days=3)), "after_3d"),
        (Moment(offset=timedelta(hours=36)), "after_36h"),
        (Moment(offset=timedelta(hours=24)), "after_1d"),
        (Moment(offset=timedelta(minutes=90)), "after_90m"),
        (Moment(offset=timedelta(seconds=61)), "after_61s"),
        (Moment(business_days=2), "after_2bd"),
        (Moment(offset=timedelta(days=1), business_days=2), "after_1d_2bd"),
        (Moment(length=a_length), "after_a_length"),
        (Moment(an_anchor), "an_anchor"),
        (Moment(an_anchor, timedelta(days=-7)), "an_anchor-7d"),
        (Moment(an_anchor, timedelta(hours=2)), "an_anchor+2h"),
    ],
)
def test_a_moment_has_a_name_that_is_stored(moment: Moment, name: str) -> None:
    assert moment.name == name
