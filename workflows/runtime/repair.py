"""Writes a case anew as its history leads to it: the history of its own, or a copy from before it was spoiled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from schemas.ids import CaseId
from schemas.messages import Case, Heard, Message, Quarantined
from workflows.runtime.errors import NotFound, Rejected
from workflows.runtime.ports import CaseStore, Ports
from workflows.runtime.traits import home_of
from workflows.runtime.verify import HistoryBrokenError, refold


@dataclass(frozen=True, slots=True)
class Repair:
    """What would be done to a case.

    Attributes:
        folded: The case as its history leads to it.
        entries: How many entries that history has.
        differs: The fields in which the case as it is kept differs; `case` where there is none that can be read.
        again: What the case had heard that this history lacks, in order; it is sent again.
        revision: What a commit compares.
        history: The whole history, where a copy takes the place of what is there.
    """

    folded: Case
    entries: int
    differs: tuple[str, ...]
    again: tuple[Message, ...]
    revision: Any
    history: Sequence[tuple[str, str]] | None = None

    @property
    def is_needed(self) -> bool:
        """Whether anything is not as the history says."""
        return bool(self.differs or self.history is not None)


def examine(case_id: CaseId, ports: Ports, copy: CaseStore | None = None) -> Repair:
    """Say what a repair would do; nothing is changed.

    Args:
        case_id: The case, which need not be there, or readable.
        ports: The ports.
        copy: An older copy of the store, whose history of the case is taken; None: the case's own history is good.

    Raises:
        NotFound: There is no history of such a case.
        Rejected: The history is broken; only a copy helps.
    """
    revision = ports.cases.revision(case_id)
    own = ports.cases.history(case_id)
    texts = own if copy is None else copy.history(case_id)
    try:
        folded = refold(texts, ports.facts)
    except (HistoryBrokenError, LookupError, ValueError) as error:
        raise Rejected(f"The history of [{case_id}] is broken: {error}.", code="history_broken") from error
    if folded is None:
        raise NotFound(f"No history of a case [{case_id}].")
    kept = set() if copy is None else {Heard.model_validate_json(text).message.id for text, _ in texts}
    again = [message for message in map(_message_in, own) if message is not None and message.id not in kept]
    return Repair(
        folded=folded,
        entries=len(texts),
        differs=_differences(folded, ports.cases),
        again=() if copy is None else tuple(again),
        revision=revision,
        history=texts if copy is not None and list(texts) != list(own) else None,
    )


def repair(found: Repair, ports: Ports, *, by: str, reason: str) -> None:
    """Do what `examine` said, after a row in the access log.  May be repeated.

    What is sent again lies in the quarantine until it has been: the history that named it is gone by then, and whoever
    is stopped half-way would not find it any more.

    Raises:
        CaseMoved: Somebody wrote to the case since; examine it again.
    """
    case = found.folded
    ports.vault.note([case.id], reader=by, reason=f"repair: {reason}")
    rows = [_row_of(message, case, ports.clock.now()) for message in found.again]
    for row in rows:
        ports.quarantine.put(row)
        ports.quarantine.update(row)  # an older one may be there, from before it was applied
    ports.cases.mend(case, revision=found.revision, entries=found.history)
    ports.publisher.publish(found.again, [])
    for row in rows:
        ports.quarantine.update(row.model_copy(update={"state": "replayed", "replayed_by": (by,)}))


def _row_of(message: Message, case: Case, now: datetime) -> Quarantined:
    row = {"id": message.id, "reason": "repair", "source": "repair", "heard_at": now, "message": message}
    return Quarantined(**row, home=home_of(case))


def _message_in(entry: tuple[str, str]) -> Message | None:
    """Give what an entry heard; None if that cannot be read any more."""
    try:
        return Heard.model_validate_json(entry[0]).message
    except ValidationError:
        return None


def _differences(folded: Case, cases: CaseStore) -> tuple[str, ...]:
    try:
        seen = cases.get(folded.id)
    except ValueError:
        return ("case",)
    if seen is None:
        return ("case",)
    names = [name for name in Case.model_fields if getattr(seen.case, name) != getattr(folded, name)]
    if "tasks" not in names and any(cases.task(task.id) != task for task in folded.tasks):
        names.append("tasks")
    return tuple(names)
