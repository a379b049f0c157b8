"""What one cohort decides for itself: its calendar and its terms.  Configuration, never code."""

from datetime import date, datetime
from operator import not_

from pydantic import AwareDatetime, Field

from schemas.record import Record
from schemas.selection import Selection


class Calendar(Record):
    """The dates of a cohort, as instants.

    Every case holds a copy with its version; `CalendarMoved` brings it a higher one.  The holidays are
    data too, not a library's opinion, so that a history gives the same decisions for ever.
    """

    version: int = Field(ge=1)
    applications_open: AwareDatetime
    applications_close: AwareDatetime
    results_at: AwareDatetime
    programme_starts: AwareDatetime
    promotion_ends: AwareDatetime
    online_ends: AwareDatetime
    offline_ends: AwareDatetime
    programme_ends: AwareDatetime
    month3: AwareDatetime
    month6: AwareDatetime
    month12: AwareDatetime
    holidays: tuple[date, ...] = ()


class Dated(Record):
    """A subject that lives by a cohort's dates: it holds a copy of the calendar."""

    calendar: Calendar

    @property
    def applications_close(self) -> datetime:
        """When the form closes."""
        return self.calendar.applications_close

    @property
    def results_at(self) -> datetime:
        """When the results come out."""
        return self.calendar.results_at

    @property
    def promotion_ends(self) -> datetime:
        """When freed seats are no longer handed on."""
        return self.calendar.promotion_ends

    @property
    def programme_starts(self) -> datetime:
        """The first day."""
        return self.calendar.programme_starts


class Terms(Record):
    """The sizes and windows of a cohort.

    Attributes:
        capacity: Seats.
        waitlist: How many more are ranked on the ordered waitlist.
        offer_hours: How long an offer stays open (domain default 48, allowed 2 to 168).
        claim_days: How long an answer that was given in time, but heard late, can still claim a seat.
        attendance_min: The share below which a learner counts as at risk.
        pitch_required: Whether completion needs a pitch.
        risk: The rules by which learners count as at risk, as `preset@version`; each case holds the ones of its plan.
    """

    capacity: int = Field(ge=0, le=10_000)
    waitlist: int = Field(ge=0, le=10_000)
    offer_hours: int = Field(ge=2, le=168)
    claim_days: int = Field(default=7, ge=1, le=28)
    attendance_min: float = Field(default=0.8, ge=0, le=1)
    pitch_required: bool = True
    risk: str = Field(default="", pattern=r"^([a-z0-9-]{1,60}@[1-9][0-9]{0,3})?$", exclude_if=not_)


class Cohort(Record):
    """One cohort of one programme, as its configuration file says."""

    cohort: str
    programme: str
    name_ko: str
    name_en: str
    calendar: Calendar
    terms: Terms
    selection: Selection = Selection()


def is_in_order(calendar: Calendar) -> bool:
    """Tell whether the dates follow one another as the programme does."""
    dates: list[datetime] = [
        getattr(calendar, name) for name in Calendar.model_fields if name not in {"version", "holidays"}
    ]
    return dates == sorted(dates)
