"""Takes a message out of the quarantine: sends it again, or rules that nothing more comes of it."""

from dataclasses import dataclass
from datetime import datetime

from schemas.ids import MessageId, name_of
from schemas.messages import Message, Quarantined, Verdict
from workflows.runtime.errors import NotFound, Rejected
from workflows.runtime.ports import Ports
from workflows.runtime.traits import home_of

CLOSE = "close: "
"""How the access log begins the reason for which a row was closed."""


def replay(row_id: str, ports: Ports, *, by: str = "") -> Message:
    """Publish the quarantined message again under H(id, attempt), and mark its row.

    A message whose id the history has is published under its own id, so that only its effects are repeated.

    Args:
        row_id: The row.
        ports: The ports.
        by: The member of staff, whom the row then names; a command run beside the store has none.

    Raises:
        NotFound: There is no such row.
        Rejected: What was quarantined is no message; it can only be read.
    """
    row = ports.quarantine.get(row_id)
    if row is None:
        raise NotFound(f"No quarantine row [{row_id}]; see `sadari quarantine list`.")
    if row.message is None:
        raise Rejected(
            f"Row [{row_id}] is no message ({row.reason}); ask its sender to send it again.", code="not_a_message"
        )
    message = row.message
    if row.attempts:
        last = ports.cases.entry(message.case, MessageId(name_of(row.id, row.attempts)))
        if last is not None and last.verdict is Verdict.APPLIED:
            raise Rejected(f"Row [{row_id}] was replayed before, and applied.", code="replayed_already")
    attempts = row.attempts + 1
    if ports.cases.entry(message.case, message.id) is None or row.id != message.id:
        message = message.model_copy(update={"id": MessageId(name_of(row.id, attempts))})
    ports.publisher.publish([message], [])
    names = (*row.replayed_by, by) if by else row.replayed_by
    seen = ports.cases.get(message.case)
    home = row.home if seen is None else home_of(seen.case)
    sent = {"attempts": attempts, "state": "replayed", "replayed_by": names, "home": home}
    ports.quarantine.update(row.model_copy(update=sent))
    return message


@dataclass(frozen=True, slots=True)
class Closing:
    """When and why a row was closed."""

    at: datetime
    reason: str


def closing_of(row: Quarantined, ports: Ports) -> Closing | None:
    """Give when and why a row was closed, as the access log keeps it; None if it is not closed."""
    if row.state != "closed":
        return None
    looks = [each for each in ports.vault.accesses(subject=row.id) if each["reason"].startswith(CLOSE)]
    last = looks[-1] if looks else None
    return None if last is None else Closing(datetime.fromisoformat(last["at"]), last["reason"].removeprefix(CLOSE))


def close(row_id: str, ports: Ports, *, by: str, reason: str) -> Quarantined:
    """Rule that nothing more comes of a row, after a row in the access log, and give it.  May be repeated.

    It can still be read and sent again.

    Args:
        row_id: The row.
        ports: The ports.
        by: The member of staff.
        reason: Why; the access log keeps it.

    Raises:
        NotFound: There is no such row.
    """
    row = ports.quarantine.get(row_id)
    if row is None:
        raise NotFound(f"No quarantine row [{row_id}]; see `sadari quarantine list`.")
    if row.state == "closed":
        return row
    ports.vault.note([row.id], reader=by, reason=f"{CLOSE}{reason}")
    closed = row.model_copy(update={"state": "closed", "closed_by": by})
    ports.quarantine.update(closed)
    return closed
