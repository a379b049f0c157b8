"""The dates that a letter tells, so that calendars follow when they change or fall away."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from schemas.ids import CaseId
from schemas.letters import Appointment, Letter
from schemas.messages import Notice

TELLING = {
    "InterviewBooked": ("interview", "interview_at"),
    "InterviewDue": ("interview", "interview_at"),
    "OnboardingStarted": ("programme", "programme_starts"),
    "OnboardingDue": ("programme", "programme_starts"),
}
"""By notice: what its date is, and which field tells it."""

CANCELLING = frozenset({"WithdrawalReceived", "ProgrammeLeft", "NoShowConfirmed"})
"""After these, whatever the case was still to come to falls away."""


def tells_dates(notice: Notice) -> bool:
    """Tell whether a notice tells or cancels a date."""
    return notice.type in TELLING or notice.type in CANCELLING


def appointments(notice: Notice, before: Iterable[Letter]) -> tuple[Appointment, ...]:
    """Give the dates that the letter of a notice tells.

    Args:
        notice: What is told.
        before: The letters to this person so far.
    """
    latest = _latest(notice, before)
    if notice.type in CANCELLING:
        to_come = [each for each in latest.values() if not each.is_cancelled and each.starts_at > notice.at]
        changed = {"is_cancelled": True, "told_at": notice.at}
        return tuple(each.model_copy(update={**changed, "sequence": each.sequence + 1}) for each in to_come)
    if notice.type not in TELLING:
        return ()
    told = _told(notice)
    last = latest.get(told.uid)
    if last is None:
        return (told,)
    is_same = (last.starts_at, last.minutes, last.is_cancelled) == (told.starts_at, told.minutes, False)
    return (told.model_copy(update={"sequence": last.sequence + (not is_same)}),)


def _told(notice: Notice) -> Appointment:
    what, field = TELLING[notice.type]
    data: dict[str, Any] = {
        "what": what,
        "uid": uid_of(what, notice.case),
        "sequence": 0,
        "starts_at": datetime.fromisoformat(notice.data[field]),
        "minutes": notice.data.get(f"{what}_minutes", 0),
        "is_cancelled": False,
        "told_at": notice.at,
    }
    return Appointment(**data)


def uid_of(what: str, case: CaseId) -> str:
    """Give what calendars know a date by, however often it changes."""
    return f"{what}-{case}@sadari"


def _latest(notice: Notice, before: Iterable[Letter]) -> dict[str, Appointment]:
    """Give the last word on each date of the case; notices may overtake each other, so a later one does not count."""
    told = [
        each
        for letter in before
        if letter.case == notice.case
        for each in letter.appointments
        if each.told_at <= notice.at
    ]
    return {each.uid: each for each in sorted(told, key=lambda each: (each.told_at, each.sequence))}
