"""A letter to one person, and what became of it on its way."""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from schemas.ids import CaseId, PersonId
from schemas.messages import Home, Notice
from schemas.people import Locale
from schemas.record import Record

ChannelName = Literal["mail", "alimtalk", "sms"]


class LetterState(StrEnum):
    """Where a letter stands.

    A held one waits for release; a released one leaves; one that is being sent is in the hands of one sender; a sent
    one was taken by a channel; a failed one waits for staff; a recalled one never leaves.
    """

    HELD = "held"
    RELEASED = "released"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    RECALLED = "recalled"


class Outcome(StrEnum):
    """What became of one try: the channel took it, and perhaps told later whether it arrived; or it did not take it.

    `open` is under way.  `unclear` broke off: the letter may have left.  `failed` may be tried again, `refused` not.
    """

    OPEN = "open"
    UNCLEAR = "unclear"
    FAILED = "failed"
    REFUSED = "refused"
    TAKEN = "taken"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


class Attempt(Record):
    """One try to send a letter.

    Attributes:
        round: Counts how often staff asked to send it again; tries of one round and channel are one to the receiver.
        reason: A code that says why it did not arrive; never anything personal.
        ended_at: When the channel answered, or reported.
    """

    channel: ChannelName
    round: int
    begun_at: AwareDatetime
    outcome: Outcome = Outcome.OPEN
    reason: str = ""
    ended_at: AwareDatetime | None = None


class Appointment(Record):
    """A date that a letter tells, for the reader's calendar (RFC 5545).

    Attributes:
        uid: The same in every letter about it.
        sequence: Rises by one with every change.
        minutes: How long it takes; 0 where nobody says.
        told_at: When the notice was told; of two with one sequence the later one counts.
    """

    what: Literal["interview", "programme"]
    uid: str
    sequence: int
    starts_at: AwareDatetime
    minutes: int
    is_cancelled: bool
    told_at: AwareDatetime


class Letter(Record):
    """A letter as it was written; it names the person, so it is personal.

    Attributes:
        id: H(notice, person): a repeat of the notice makes the same letter.
        notice: The type of the notice it tells.
        told: The notice itself; None in letters of older versions.
        leaves_at: Not sent before, or looked at again then; None while there is no channel, and once it is settled.
        attempts: Every try to send it, oldest first.
        round: How often staff asked to send it again.
        only: The channel that staff chose; empty: the order that is configured.
        failure: Why it was given up.
        home: Where its case belonged when it was written; None in letters of older versions.
    """

    id: str
    person: PersonId
    case: CaseId
    notice: str
    locale: Locale
    subject: str
    body: str
    state: LetterState
    written_at: AwareDatetime
    told: Notice | None = None
    appointments: tuple[Appointment, ...] = ()
    leaves_at: AwareDatetime | None = None
    attempts: tuple[Attempt, ...] = ()
    round: int = 0
    only: ChannelName | Literal[""] = ""
    failure: str = ""
    home: Home | None = None


class Report(Record):
    """What a channel tells later of a letter that it took.

    Attributes:
        reference: As it was handed over with the letter.
        reason: A code, where it did not arrive.
    """

    reference: str
    is_delivered: bool
    reason: str = ""
    at: AwareDatetime
