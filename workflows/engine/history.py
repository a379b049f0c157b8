"""The record of a case: how entries are written, chained, and folded back into the case."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Case, Effect, Entry, Heard, Message, Notice, Timer
from schemas.record import Record
from workflows.engine.decide import CannotOpenError, Decision, Standing, decide, ring_message_id
from workflows.engine.definition import Workflow

ENTRY_BYTES_MAX = 256 * 1024


class EntryTooLargeError(Exception):
    """An entry would be larger than 256 KiB."""


class HistoryBrokenError(Exception):
    """A history is not what was once written."""


class Sealed(NamedTuple):
    """An entry as it is stored: its canonical text and the hash over the hash before it and the text."""

    case: Case
    subject: Record
    entry: Entry
    text: str
    hash: str


def seal(decision: Decision, message: Message, heard_at: datetime) -> Sealed:
    """Write a decision down as the next entry, and give the case that knows its hash.

    Raises:
        EntryTooLargeError: The entry is over 256 KiB.
    """
    entry = _entry_of(decision, message, heard_at)
    text = _text_of(entry)
    sealed_hash = hash_of(entry.prev_hash, text)
    after = decision.after
    return Sealed(after.written(sealed_hash), after.subject, entry, text, sealed_hash)


def _entry_of(decision: Decision, message: Message, heard_at: datetime) -> Entry:
    after = decision.after
    return Entry(
        seq=after.seq,
        definition="" if after.hash else definition_of(after.workflow),
        message=message,
        heard_at=heard_at,
        verdict=decision.verdict,
        reason=decision.reason,
        stage=after.stage,
        steps=decision.steps,
        effects=decision.effects,
        prev_hash=after.hash,
    )


def _text_of(entry: Entry) -> str:
    text = entry.model_dump_json(exclude_defaults=True)
    if len(text) * 4 > ENTRY_BYTES_MAX and len(text.encode()) > ENTRY_BYTES_MAX:
        raise EntryTooLargeError(f"the entry for [{entry.message.id}] is over {ENTRY_BYTES_MAX} bytes")
    return text


def definition_of(workflow: Workflow) -> str:
    """Give what a case is pinned to: workflow, version and fingerprint."""
    return f"{workflow.name}/{workflow.version}/{workflow.fingerprint}"


def hash_of(prev_hash: str, text: str) -> str:
    """Give H(previous hash, entry text) in hexadecimal SHA-256."""
    return hashlib.sha256(f"{prev_hash}\n{text}".encode()).hexdigest()


def fold(
    workflow_of: Callable[[Heard], Workflow],
    texts: Iterable[tuple[str, str]],
    facts: Mapping[str, Any],
) -> Case | None:
    """Decide a whole history again, and give the case it leads to.

    Args:
        workflow_of: Gives the definition, from the entry that opened the case.
        texts: The entries in order, each with its stored hash.
        facts: The content of every fact document referred to.

    Raises:
        HistoryBrokenError: The chain does not hold, or an entry is not what is decided today from the same message.
    """
    standing: Standing | None = None
    last_hash = ""
    workflow: Workflow | None = None
    for seq, (text, stored_hash) in enumerate(texts, 1):
        if hash_of(last_hash, text) != stored_hash:
            raise HistoryBrokenError(f"entry [{seq}]: the hash does not follow from the entry and the one before")
        heard = Heard.model_validate_json(text)
        workflow = workflow or workflow_of(heard)
        try:
            decision = decide(workflow, standing, heard.message, heard.heard_at, facts)
        except CannotOpenError as error:
            raise HistoryBrokenError(f"entry [{seq}]: {error}") from error
        if _text_of(_entry_of(decision, heard.message, heard.heard_at)) != text:
            raise HistoryBrokenError(f"entry [{seq}]: the same message is decided otherwise today")
        last_hash = stored_hash
        standing = decision.after._replace(hash=last_hash)
    return None if standing is None else standing.written(last_hash)


def messages_of(entry: Entry, case: CaseId) -> Iterator[Message]:
    """Give the events that an entry sends, under their stable ids."""
    for effect in entry.effects:
        if effect.kind == "event":
            for target, own in effect.targets.items():
                yield Message(
                    id=MessageId(_effect_id(entry, case, effect, target)),
                    case=CaseId(target),
                    type=effect.type,
                    data={**effect.data, **own},
                    at=entry.message.at,
                    actor=Actor(kind="case", id=case),
                )


def notices_of(entry: Entry, case: Case) -> Iterator[Notice]:
    """Give the notices that an entry tells, under their stable ids."""
    for effect in entry.effects:
        if effect.kind == "notice":
            for role in effect.targets:
                yield Notice(
                    id=MessageId(_effect_id(entry, case.id, effect, role)),
                    type=effect.type,
                    role=role,
                    case=case.id,
                    workflow=case.workflow,
                    person=case.person,
                    cohort=case.cohort,
                    programme=case.data.get("programme", ""),
                    seq=entry.seq,
                    data=effect.data,
                    at=entry.message.at,
                )


def timers_of(entry: Entry) -> Iterator[tuple[str, Timer]]:
    """Give the timers that an entry starts, by key."""
    for effect in entry.effects:
        if effect.kind == "timer":
            yield effect.type, Timer.model_validate(effect.data)


def _effect_id(entry: Entry, case: str, effect: Effect, target: str) -> str:
    return name_of(case, entry.message.id, effect.step, effect.clause, target)


__all__ = [
    "EntryTooLargeError",
    "HistoryBrokenError",
    "Sealed",
    "fold",
    "messages_of",
    "notices_of",
    "ring_message_id",
    "seal",
]
