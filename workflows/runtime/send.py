"""Sends letters: each is claimed before it is handed over, and marked after, so that no two senders hand it over.

A letter leaves at least once.  Whoever dies between handing over and marking leaves a claim that runs out; then the
letter is handed over again under the same reference, by which mail programs and dealers drop the repeat.  What was
marked is never sent again, whatever is replayed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from schemas.ids import PersonId, name_of
from schemas.letters import Attempt, ChannelName, Letter, LetterState, Outcome, Report
from schemas.messages import Entry, Notice
from schemas.notices import NOTICES
from schemas.people import Person
from schemas.post import PostRules, Quiet
from workflows.runtime.errors import CaseMoved, NotFound, Unavailable, Undeliverable
from workflows.runtime.ports import Ports
from workflows.runtime.post_ports import Parcel
from workflows.runtime.quiet_hours import leaves_at
from workflows.runtime.restrictions import restriction_of

LEASE = timedelta(minutes=5)
"""How long a claim holds: longer than any channel takes to answer."""

RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480))
"""Between tries through one channel."""

TRIES_BEFORE_ANOTHER = 4
"""A reminder two hours before a deadline still has to come in time by another way."""

ABOUT_DATA = "data_request"
"""The workflow whose letters go to people as well whose data may not be used any more."""

NO_CONSENT, SUSPENDED = "no_consent", "suspended"
STOPS = frozenset({NO_CONSENT, SUSPENDED})
"""Why a released letter waits: for its reader's consent, or until the privacy officer lifts what they asked for."""

SPENT = frozenset({Outcome.REFUSED, Outcome.UNDELIVERED})
IN_VAIN = frozenset({Outcome.FAILED, Outcome.UNCLEAR})
WAITING = frozenset({LetterState.RELEASED, LetterState.SENDING})


def letter_id_of(notice: Notice) -> str:
    """Give the id of the letter that tells a notice: the effect's key, for one person."""
    return name_of(notice.id, notice.person)


def send(letter_id: str, ports: Ports) -> None:
    """Send a letter if it is due, by the next channel if one refuses it.  May be repeated."""
    letter = ports.letters.get(letter_id) if ports.post.channels else None
    while letter is not None and _is_due(letter, ports.clock.now()):
        letter = _try(letter, ports)


def send_due(ports: Ports, *, limit: int = 100) -> int:
    """Send what is due, the longest due first, and give how many letters were looked at."""
    if not ports.post.channels:
        return 0
    letters = ports.letters.due(ports.clock.now(), limit=limit)
    for letter in letters:
        send(letter.id, ports)
    return len(letters)


def send_again(letter_id: str, ports: Ports, *, only: ChannelName | None = None) -> None:
    """Let a letter leave once more that failed, or that was released while there was no channel.

    Args:
        letter_id: Which one.
        ports: The ports.
        only: The one channel to use; None: those that are configured, in their order.

    Raises:
        NotFound: There is no such letter that waits for staff.
    """
    letter = ports.letters.get(letter_id)
    if letter is None or not is_stranded(letter) or not ports.post.channels or only not in {None, *ports.post.channels}:
        raise NotFound(f"No letter [{letter_id}] that waits to be sent again.", code="letter_not_waiting")
    again = {"state": LetterState.RELEASED, "leaves_at": ports.clock.now(), "failure": ""}
    changed = letter.model_copy(update={**again, "round": letter.round + bool(letter.attempts), "only": only or ""})
    if not ports.letters.swap(letter, changed):
        raise NotFound(f"No letter [{letter_id}] that waits to be sent again.", code="letter_not_waiting")
    tell_again([changed], ports)


def tell_again(letters: Iterable[Letter], ports: Ports) -> None:
    """Publish the notices of letters again, so that `deliver` sends them at once; `sweep` does it if this is lost."""
    notices = [letter.told for letter in letters if letter.told is not None]
    if notices and ports.post.channels:
        ports.publisher.publish([], notices)


def send_stopped(person_id: PersonId, ports: Ports) -> None:
    """Let the letters leave that waited because the person's data could not be used.  May be repeated."""
    leaves = ports.clock.now() if ports.post.channels else None
    freed: list[Letter] = []
    for letter in ports.letters.find(person_id=person_id):
        if letter.state is LetterState.RELEASED and letter.failure in STOPS:
            changed = letter.model_copy(update={"leaves_at": leaves, "failure": ""})
            freed += [changed] if ports.letters.swap(letter, changed) else []
    tell_again(freed, ports)


def is_stranded(letter: Letter) -> bool:
    """Tell whether a letter leaves no more by itself: it failed, or was released while there was no channel."""
    return letter.state is LetterState.FAILED or (letter.state is LetterState.RELEASED and letter.leaves_at is None)


def take_report(report: Report, ports: Ports) -> str | None:
    """Note whether a letter arrived, and give its id if it has to leave by another channel.  May be repeated.

    A report about a letter that is gone, or that was reported on before, changes nothing.

    Raises:
        CaseMoved: Somebody else changed the letter; report again.
    """
    letter_id, channel, number = _parts(report.reference)
    letter = ports.letters.get(letter_id)
    place = None if letter is None else _place(letter, channel, number)
    if letter is None or place is None:
        return None
    reported = _reported(letter, place, report, ports.clock.now())
    if not ports.letters.swap(letter, reported):
        raise CaseMoved
    return letter_id if reported.state is LetterState.RELEASED else None


def channels_for(letter: Letter, person: Person, rules: PostRules) -> tuple[ChannelName, ...]:
    """Give the channels to try for a letter, in order; the one that the person's answer `channel` names is first."""
    if letter.only:
        return (letter.only,)
    kind = NOTICES[letter.notice].kind
    for rule in rules.rules:
        fits = (
            letter.notice in (rule.notices or (letter.notice,))
            and kind in (rule.kinds or (kind,))
            and letter.locale in (rule.locales or (letter.locale,))
        )
        if fits:
            return tuple(sorted(rule.channels, key=lambda name: name != person.answers.get("channel")))
    return ()


# ---- one try


@dataclass(frozen=True, slots=True)
class _Way:
    """Which channel is next, and whether another one comes after it."""

    channel: ChannelName
    is_last: bool


def _is_due(letter: Letter, now: datetime) -> bool:
    return letter.state in WAITING and (letter.leaves_at is None or letter.leaves_at <= now)


def _try(found: Letter, ports: Ports) -> Letter | None:
    """Try once, and give the letter if another channel is to be tried at once."""
    now = ports.clock.now()
    letter = found.model_copy(update={"attempts": tuple(_closed(each, now) for each in found.attempts)})
    leaves = leaves_at(letter, now, _quiet(letter, ports))
    if leaves > now:
        ports.letters.swap(found, letter.model_copy(update={"state": LetterState.RELEASED, "leaves_at": leaves}))
        return None
    if _is_overtaken(letter, now, ports):
        over = {"state": LetterState.RECALLED, "leaves_at": None, "failure": "overtaken"}
        ports.letters.swap(found, letter.model_copy(update=over))
        return None
    if stop := _stop(letter, ports):
        waits = {"state": LetterState.RELEASED, "leaves_at": None, "failure": stop}
        ports.letters.swap(found, letter.model_copy(update=waits))
        return None
    person = _person_of(letter, ports)
    way = None if person is None else _way(letter, person, ports)
    if person is None or way is None:
        reason = "no_person" if person is None else _failure(letter)
        ports.letters.swap(found, _given_up(letter, reason))
        return None
    attempt = Attempt(channel=way.channel, round=letter.round, begun_at=now)
    attempts = (*letter.attempts, attempt)
    claim = {"state": LetterState.SENDING, "leaves_at": now + LEASE, "attempts": attempts, "failure": ""}
    claimed = letter.model_copy(update=claim)
    if not ports.letters.swap(found, claimed):
        return None
    tried = _hand_over(claimed, person, way, ports)
    return tried if ports.letters.swap(claimed, tried) else None


def _is_overtaken(letter: Letter, now: datetime, ports: Ports) -> bool:
    """Tell whether a reminder that had to wait speaks of a stage that its case has left since: it would mislead."""
    told = letter.told
    has_waited = now - letter.written_at > LEASE
    if told is None or not has_waited or told.workflow == ABOUT_DATA or NOTICES[letter.notice].kind != "reminder":
        return False
    entries = [Entry.model_validate_json(text) for text, _ in ports.cases.history(letter.case)]
    stages = {entry.seq: entry.stage for entry in entries}
    return bool(entries) and stages.get(told.seq, entries[-1].stage) != entries[-1].stage


def _stop(letter: Letter, ports: Ports) -> str:
    """Give why the person's data may not be used now; empty: they may, or the letter is about that very request."""
    if letter.told is not None and letter.told.workflow == ABOUT_DATA:
        return ""
    restriction = restriction_of(letter.person, ports)
    return NO_CONSENT if restriction.is_without_consent else SUSPENDED if restriction.is_suspended else ""


def _person_of(letter: Letter, ports: Ports) -> Person | None:
    return ports.vault.get(letter.person, reader="deliver", reason=f"send letter {letter.notice}")


def _hand_over(letter: Letter, person: Person, way: _Way, ports: Ports) -> Letter:
    """Hand a claimed letter over, and give it as it stands then."""
    now = ports.clock.now()
    parcel = Parcel(letter=letter, person=person, reference=_reference(letter, way.channel), at=now)
    try:
        ports.post.channels[way.channel].send(parcel)
    except Undeliverable as error:
        return _ended(letter, Outcome.REFUSED, now, error.detail, leaves=now)
    except Unavailable as error:
        return _failed(letter, way, now, error.detail)
    except Exception as error:  # noqa: BLE001  a fault of ours in one letter holds up no other, and staff see it
        return _failed(letter, way, now, f"fault_{type(error).__name__}")
    sent = {"state": LetterState.SENT, "leaves_at": None}
    return _ended(letter, Outcome.TAKEN, now, "", leaves=now).model_copy(update=sent)


def _failed(letter: Letter, way: _Way, now: datetime, reason: str) -> Letter:
    tries = len(_tries(letter, way.channel))
    is_spent = tries >= _tries_max(is_last=way.is_last)
    return _ended(letter, Outcome.FAILED, now, reason, leaves=now if is_spent else now + RESTS[tries - 1])


def _ended(letter: Letter, outcome: Outcome, now: datetime, reason: str, *, leaves: datetime) -> Letter:
    *before, last = letter.attempts
    ended = last.model_copy(update={"outcome": outcome, "reason": reason, "ended_at": now})
    update = {"state": LetterState.RELEASED, "leaves_at": leaves, "attempts": (*before, ended)}
    return letter.model_copy(update=update)


def _closed(attempt: Attempt, now: datetime) -> Attempt:
    """Give an attempt whose claim has run out as what it is: nobody knows whether the letter left."""
    if attempt.outcome is not Outcome.OPEN:
        return attempt
    return attempt.model_copy(update={"outcome": Outcome.UNCLEAR, "ended_at": now})


def _given_up(letter: Letter, reason: str) -> Letter:
    return letter.model_copy(update={"state": LetterState.FAILED, "leaves_at": None, "failure": reason})


def _failure(letter: Letter) -> str:
    """Say why no channel is left."""
    tried = [each for each in letter.attempts if each.round == letter.round]
    if not tried:
        return "no_channel"
    return f"{tried[-1].channel}: {tried[-1].reason or tried[-1].outcome}"


def _way(letter: Letter, person: Person, ports: Ports) -> _Way | None:
    """Give the next channel: the first in order that has neither refused the letter nor failed too often."""
    names = [name for name in channels_for(letter, person, ports.post.rules) if name in ports.post.channels]
    open_ = [name for name in names if not _is_refused(letter, name)]
    for place, name in enumerate(open_, start=1):
        is_last = place == len(open_)
        if len(_tries(letter, name)) < _tries_max(is_last=is_last):
            return _Way(name, is_last)
    return None


def _tries_max(*, is_last: bool) -> int:
    return len(RESTS) + 1 if is_last else TRIES_BEFORE_ANOTHER


def _tries(letter: Letter, channel: str) -> list[Attempt]:
    """Give the tries through a channel since staff last asked, this one included."""
    return [each for each in letter.attempts if (each.channel, each.round) == (channel, letter.round)]


def _is_refused(letter: Letter, channel: str) -> bool:
    return any(each.outcome in SPENT for each in _tries(letter, channel))


def _quiet(letter: Letter, ports: Ports) -> Quiet:
    """Give the quiet hours of the letter's programme; its case is read only where programmes differ."""
    rules = ports.post.rules
    seen = ports.cases.get(letter.case) if rules.programmes else None
    programme = "" if seen is None else str(seen.case.data.get("programme", ""))
    return rules.programmes.get(programme, rules.quiet)


# ---- reports


def _reference(letter: Letter, channel: str) -> str:
    return f"{letter.id}.{channel}.{letter.round}"


def _parts(reference: str) -> tuple[str, str, str]:
    letter_id, _, rest = reference.partition(".")
    channel, _, number = rest.partition(".")
    return letter_id, channel, number


def _place(letter: Letter, channel: str, number: str) -> int | None:
    """Give where the last try is that a report is about; None if there is none, or its end is known already."""
    places = [
        place for place, each in enumerate(letter.attempts) if (each.channel, str(each.round)) == (channel, number)
    ]
    is_known = not places or letter.attempts[places[-1]].outcome in {Outcome.DELIVERED, Outcome.UNDELIVERED}
    return None if is_known else places[-1]


def _reported(letter: Letter, place: int, report: Report, now: datetime) -> Letter:
    outcome = Outcome.DELIVERED if report.is_delivered else Outcome.UNDELIVERED
    told = {"outcome": outcome, "reason": report.reason, "ended_at": report.at}
    attempts = list(letter.attempts)
    attempts[place] = attempts[place].model_copy(update=told)
    update: dict[str, Any] = {"attempts": tuple(attempts)}
    if place == len(attempts) - 1 and letter.state is not LetterState.RECALLED:
        is_there = {"state": LetterState.SENT, "leaves_at": None, "failure": ""}
        update |= is_there if report.is_delivered else {"state": LetterState.RELEASED, "leaves_at": now}
    return letter.model_copy(update=update)
