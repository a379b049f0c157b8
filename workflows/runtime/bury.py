"""Takes up what could not be delivered: carries out recorded effects, or lays the message into the quarantine."""

from schemas.ids import name_of, secret_name_of
from schemas.messages import Message, Quarantined
from workflows.runtime.carry_out import carry_out
from workflows.runtime.ports import Ports
from workflows.runtime.traits import home_of


def bury(message: Message, reason: str, ports: Ports, *, source: str) -> Quarantined | None:
    """Finish a message that was given up on; nothing is lost.

    Returns:
        None if the history already has the message (then its recorded effects were carried out again), else its row.

    Raises:
        Unavailable: The effects could not be carried out; bury it again.
    """
    entry = ports.cases.entry(message.case, message.id)
    seen = ports.cases.get(message.case)
    if entry is not None and seen is not None and _says_the_same(entry.message, message):
        carry_out(entry, seen.case, ports)
        return None
    row_id = message.id if entry is None else f"{message.id}-other"
    kept = ports.quarantine.get(row_id)
    if kept is not None and kept.message != message:
        row_id = name_of(row_id, message.case, message.type, message.model_dump_json(include={"data"}))
    row = Quarantined(
        id=row_id,
        reason=reason,
        source=source,
        heard_at=ports.clock.now(),
        message=message,
        home=None if seen is None else home_of(seen.case),
    )
    ports.quarantine.put(row)
    return row


def bury_unreadable(body: bytes, reason: str, ports: Ports, *, source: str, key: bytes) -> Quarantined:
    """Lay a body that is no message into the quarantine; the body itself goes to the vault, it may be personal."""
    digest = secret_name_of(key, body.hex())
    reference = ports.vault.put_text(body[:65536].decode("utf-8", "backslashreplace"))
    row = Quarantined(
        id=digest, reason=f"{reason} (vault {reference})", source=source, heard_at=ports.clock.now(), digest=digest
    )
    ports.quarantine.put(row)
    return row


def _says_the_same(one: Message, other: Message) -> bool:
    return (one.type, one.data) == (other.type, other.data)
