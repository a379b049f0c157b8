"""The cohort's dates, as every workflow reads them."""

from datetime import datetime
from typing import TypeVar

from schemas.cohort import Dated
from schemas.events.engine import CalendarMoved
from workflows.engine.notation import Clause, on

C = TypeVar("C", bound=Dated)


def applications_open(subject: Dated) -> datetime:
    """When the form opens."""
    return subject.calendar.applications_open


def applications_close(subject: Dated) -> datetime:
    """When the form closes; a submission at this very instant is in time."""
    return subject.calendar.applications_close


def results_at(subject: Dated) -> datetime:
    """When all results become visible at once."""
    return subject.calendar.results_at


def promotion_ends(subject: Dated) -> datetime:
    """When freed seats are no longer handed on."""
    return subject.calendar.promotion_ends


def programme_starts(subject: Dated) -> datetime:
    """The first day."""
    return subject.calendar.programme_starts


def online_ends(subject: Dated) -> datetime:
    """When online basics end."""
    return subject.calendar.online_ends


def offline_ends(subject: Dated) -> datetime:
    """When offline training ends."""
    return subject.calendar.offline_ends


def programme_ends(subject: Dated) -> datetime:
    """When pitching and networking are over."""
    return subject.calendar.programme_ends


def month3(subject: Dated) -> datetime:
    """Three months after the programme."""
    return subject.calendar.month3


def month6(subject: Dated) -> datetime:
    """Six months after the programme."""
    return subject.calendar.month6


def month12(subject: Dated) -> datetime:
    """Twelve months after the programme."""
    return subject.calendar.month12


def calendar_is_newer(subject: Dated, event: CalendarMoved) -> bool:
    """The moved calendar is a later version than the copy."""
    return event.calendar.version > subject.calendar.version


def follows_calendar(_subject: type[C]) -> tuple[Clause[C], ...]:
    """Give the clauses by which a case takes a moved calendar, and ignores an older one."""

    def take_calendar(case: C, event: CalendarMoved) -> C:
        return case.model_copy(update={"calendar": event.calendar})

    return (
        on(CalendarMoved, when=calendar_is_newer, keep=take_calendar),
        on(CalendarMoved),
    )
