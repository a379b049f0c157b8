"""When a timer is due: a length from arrival, or an offset from a date of the cohort.  In Asia/Seoul."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple

SEOUL = timezone(timedelta(hours=9), "KST")
"""Korea has had no daylight saving time since 1988; the calendar of a cohort never reaches back that far."""

SATURDAY = 5


class Moment(NamedTuple):
    """An instant in the life of a case.

    Attributes:
        anchor: From the subject: the instant to count from (None: no timer); without it, the arrival in the stage.
        offset: What is added.
        length: From the subject: a configured length to add.
        business_days: Working days to add, in Korea, by the holidays of the cohort's calendar.
    """

    anchor: Callable[[Any], datetime | None] | None = None
    offset: timedelta = timedelta(0)
    length: Callable[[Any], timedelta] | None = None
    business_days: int = 0

    @property
    def name(self) -> str:
        """The stable name, such as `after_3d`, `answer_by-2h` or `after_2bd`."""
        parts = [self.anchor.__name__ if self.anchor else "after"]
        if self.length:
            parts.append(f"_{self.length.__name__}")
        if self.offset:
            parts.append(_offset_name(self.offset, signed=self.anchor is not None))
        if self.business_days:
            parts.append(f"_{self.business_days}bd")
        return "".join(parts)

    def due(self, subject: Any, arrived_at: datetime) -> datetime | None:
        """Give the instant, or None where the anchor has no date."""
        start = arrived_at if self.anchor is None else self.anchor(subject)
        if start is None:
            return None
        if self.length is not None:
            start += self.length(subject)
        if self.business_days:
            start = after_business_days(start, self.business_days, subject.calendar.holidays)
        return start + self.offset


def after_business_days(start: datetime, days: int, holidays: Collection[date]) -> datetime:
    """Give the same time of day, so many working days later; a day off at the start counts for nothing."""
    moment = start.astimezone(SEOUL)
    while days > 0:
        moment += timedelta(days=1)
        if moment.weekday() < SATURDAY and moment.date() not in holidays:
            days -= 1
    return moment.astimezone(start.tzinfo)


def _offset_name(offset: timedelta, *, signed: bool) -> str:
    seconds = int(offset.total_seconds())
    sign = "_" if not signed else "-" if seconds < 0 else "+"
    seconds = abs(seconds)
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{sign}{seconds // size}{unit}"
    return f"{sign}{seconds}s"
