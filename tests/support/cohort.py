"""One small cohort: two seats, two places on the waitlist, and a year and a half of dates."""

from datetime import date, datetime, timedelta

from schemas.cohort import Calendar, Terms
from workflows.engine.moments import SEOUL

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
GRACE = timedelta(minutes=15)


def kst(text: str) -> datetime:
    """Read a local time in Gwangju."""
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


CALENDAR = Calendar(
    version=1,
    applications_open=kst("2027-03-02 09:00"),
    applications_close=kst("2027-03-19 18:00"),
    results_at=kst("2027-04-02 10:00"),
    programme_starts=kst("2027-05-04 09:00"),
    promotion_ends=kst("2027-05-09 18:00"),
    online_ends=kst("2027-06-11 18:00"),
    offline_ends=kst("2027-08-13 18:00"),
    programme_ends=kst("2027-08-20 18:00"),
    month3=kst("2027-11-20 09:00"),
    month6=kst("2028-02-20 09:00"),
    month12=kst("2028-08-20 09:00"),
    holidays=(date(2027, 3, 1), date(2027, 5, 5), date(2027, 5, 13), date(2027, 8, 16)),
)
TERMS = Terms(capacity=2, waitlist=2, offer_hours=48)


def moved(version: int, **dates: datetime) -> Calendar:
    """The calendar with other dates, as a later version."""
    return CALENDAR.model_copy(update={"version": version, **dates})
