"""How the portal writes instants."""

from datetime import datetime

from workflows.engine.moments import SEOUL

_WEEKDAYS = {"ko": "월화수목금토일", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def instant(value: datetime | str, locale: str) -> str:
    """Write an instant as clocks in Seoul show it.  Seconds are cut: no deadline reads too late."""
    moment = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(SEOUL)
    weekday = _WEEKDAYS[locale][moment.weekday()]
    if locale == "ko":
        return f"{moment.year}년 {moment.month}월 {moment.day}일 ({weekday}) {moment:%H:%M} (한국 시간)"
    return f"{weekday} {moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} (Korea time)"
