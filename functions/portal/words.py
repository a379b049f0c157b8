"""How the portal writes days and instants."""

from datetime import date, datetime

from workflows.engine.moments import SEOUL

_WEEKDAYS = {"ko": "월화수목금토일", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def instant(value: datetime | str, locale: str) -> str:
    """Write an instant as clocks in Seoul show it.  Seconds are cut: no deadline reads too late."""
    moment = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(SEOUL)
    if locale == "ko":
        return f"{day(moment, locale)} {moment:%H:%M} (한국 시간)"
    return f"{day(moment, locale)}, {moment:%H:%M} (Korea time)"


def day(value: date, locale: str) -> str:
    """Write a day."""
    weekday = _WEEKDAYS[locale][value.weekday()]
    if locale == "ko":
        return f"{value.year}년 {value.month}월 {value.day}일 ({weekday})"
    return f"{weekday} {value.day} {_MONTHS[value.month - 1]} {value.year}"
