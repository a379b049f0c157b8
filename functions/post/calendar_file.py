"""Writes the dates of a letter as a calendar file (RFC 5545), in the time zone Asia/Seoul."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneStandard

from schemas.letters import Appointment
from schemas.people import Locale

SEOUL = ZoneInfo("Asia/Seoul")
_SUMMARIES: Mapping[Locale, Mapping[str, str]] = {
    "ko": {"interview": "면접", "programme": "과정 시작"},
    "en": {"interview": "Interview", "programme": "The programme begins"},
}


def calendar_file(appointments: Sequence[Appointment], locale: Locale, organizer: str) -> tuple[str, bytes]:
    """Give the method (PUBLISH or CANCEL) and the file; all of one letter's dates are told, or all cancelled.

    Args:
        appointments: The dates, at least one.
        locale: The language of their titles.
        organizer: The address that they come from.
    """
    method = "CANCEL" if appointments[0].is_cancelled else "PUBLISH"
    calendar = Calendar()
    calendar.add("prodid", "-//Sadari//Letters//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_seoul())
    for appointment in appointments:
        calendar.add_component(_event(appointment, locale, organizer))
    return method, calendar.to_ical()


def _event(appointment: Appointment, locale: Locale, organizer: str) -> Event:
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.told_at.astimezone(UTC))
    starts_at = appointment.starts_at.astimezone(SEOUL)
    event.add("dtstart", starts_at)
    if appointment.minutes:
        event.add("dtend", starts_at + timedelta(minutes=appointment.minutes))
    event.add("summary", _SUMMARIES[locale][appointment.what])
    event.add("organizer", f"mailto:{organizer}")
    event.add("status", "CANCELLED" if appointment.is_cancelled else "CONFIRMED")
    return event


def _seoul() -> Timezone:
    """Korea has had no daylight saving time since 1988; no letter tells a date before that."""
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1988, 10, 9, 2))  # noqa: DTZ001  the local time of the last change
    standard.add("tzoffsetfrom", timedelta(hours=9))
    standard.add("tzoffsetto", timedelta(hours=9))
    standard.add("tzname", "KST")
    zone = Timezone()
    zone.add("tzid", "Asia/Seoul")
    zone.add_component(standard)
    return zone
