"""When a letter may leave: the night is quiet, but whoever just did something hears at once that it arrived."""

from datetime import datetime, timedelta

from schemas.letters import Letter
from schemas.post import Quiet
from workflows.engine.moments import SEOUL

ADVERTISING_MARK = "(광고)"
"""By law the subject of an advertisement begins so; none may come between 21:00 and 08:00 (Network Act, article 50)."""

OWN_ACTS = frozenset(
    {
        *("ApplicationReceived", "ApplicationEdited", "EditTooLate", "WithdrawalReceived"),
        *("AcceptanceReceived", "DeclineReceived", "DeferralReceived"),
        *("AnswerTooLate", "NoOpenOffer", "ConsentMissing"),
        *("InterviewBooked", "InterviewSlotFull", "InterviewNotChanged"),
        *("AppealReceived", "AppealTooLate", "AppealTakenBack"),
        *("ProgrammeLeft", "OutcomeReceived", "DataRequestReceived", "DataRequestTakenBackReceived"),
    }
)
"""The notices that answer what the person did a moment ago."""


def is_advertising(letter: Letter) -> bool:
    """Tell whether a letter advertises: its subject says so."""
    return letter.subject.startswith(ADVERTISING_MARK)


def leaves_at(letter: Letter, now: datetime, quiet: Quiet) -> datetime:
    """Give when a letter may leave: now, or when the quiet hours end."""
    if letter.notice in OWN_ACTS and not is_advertising(letter):
        return now
    there = now.astimezone(SEOUL)
    if not _is_quiet(there, quiet):
        return now
    ends = there.replace(hour=quiet.ends.hour, minute=quiet.ends.minute, second=0, microsecond=0)
    return (ends if ends > there else ends + timedelta(days=1)).astimezone(now.tzinfo)


def _is_quiet(there: datetime, quiet: Quiet) -> bool:
    clock = there.time()
    if quiet.begins <= quiet.ends:
        return quiet.begins <= clock < quiet.ends
    return clock >= quiet.begins or clock < quiet.ends
