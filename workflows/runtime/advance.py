"""Applies one message to one case: one read, one commit, then the effects."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas.events import EVENTS
from schemas.facts import fact_fields
from schemas.ids import FactId
from schemas.messages import Case, Entry, Message
from workflows.definitions import OPENED_BY, WORKFLOWS
from workflows.engine.decide import CannotOpenError, Decision, decide
from workflows.engine.definition import Workflow
from workflows.engine.history import Sealed, seal
from workflows.runtime.carry_out import carry_out
from workflows.runtime.errors import Busy, CaseMoved, SameIdOtherContent, Unavailable, UnknownCase, UnknownFact
from workflows.runtime.ports import FactStore, Ports, Seen


def advance(message: Message, ports: Ports) -> Entry:
    """Apply the message, carry out its effects, and give the entry that says what became of it.

    May be repeated at will: a message that has an entry changes nothing again, and its recorded effects are carried
    out once more under the same keys.

    Raises:
        UnknownCase: There is no such case, and the message opens none.
        Busy: Others kept committing first until the time was up.
        SameIdOtherContent: Another message has used the id.
        EntryTooLargeError: The entry would be over 256 KiB.
    """
    heard_at = ports.clock.now()
    for _ in ports.tries():
        seen = ports.cases.get(message.case)
        sealed = seal(look_ahead(seen, message, heard_at, ports.facts), message, heard_at)
        try:
            ports.cases.commit(sealed, seen=seen)
        except (CaseMoved, Unavailable):
            entry = ports.cases.entry(message.case, message.id)
            if entry is not None:
                return _again(message, entry, ports)
        else:
            carry_out(sealed.entry, sealed.case, ports)
            return sealed.entry
    raise Busy(f"[{message.case}]")


def look_ahead(seen: Seen | None, message: Message, heard_at: datetime, facts: FactStore) -> Decision:
    """Give what would become of the message, changing nothing.

    Raises:
        UnknownCase: There is no such case, and the message opens none.
    """
    case = None if seen is None else seen.case
    subject = None if seen is None else seen.subject
    workflow = workflow_of(case, message)
    # A subject that is at hand holds its documents already.
    needed = load_facts(workflow, None if subject is not None else case, message, facts)
    try:
        return decide(workflow, case, message, heard_at, needed, subject)
    except CannotOpenError as error:
        raise UnknownCase(str(error)) from error


def workflow_of(case: Case | None, message: Message) -> Workflow:
    """Give the definition that a case is pinned to, or the latest one that the message opens a case of.

    Raises:
        UnknownCase: There is no case, and the message opens none.
        LookupError: This deployment lacks the version the case is pinned to.
    """
    if case is None:
        if message.type not in OPENED_BY:
            raise UnknownCase(f"[{message.case}], and [{message.type}] opens none")
        return OPENED_BY[message.type]
    return pinned(case.workflow, case.version, case.fingerprint)


def pinned(name: str, version: int, fingerprint: str) -> Workflow:
    """Give exactly this definition.

    Raises:
        LookupError: This deployment does not have it.
    """
    workflow = WORKFLOWS.get((name, version))
    if workflow is None or workflow.fingerprint != fingerprint:
        raise LookupError(f"workflow [{name}] version [{version}] [{fingerprint}] is not in this deployment")
    return workflow


def load_facts(workflow: Workflow, case: Case | None, message: Message, facts: FactStore) -> Mapping[str, Any]:
    """Read the fact documents that the case or the message refers to; none for most."""
    event = EVENTS.get(message.type)
    in_event = () if event is None else fact_fields(event)
    if not in_event and not workflow.fact_fields:
        return {}
    named = [] if case is None else [case.data.get(name) for name in workflow.fact_fields]
    named += [message.data.get(name) for name in in_event]
    wanted = [FactId(each) for each in named if isinstance(each, str)]
    found = facts.get(wanted) if wanted else {}
    for fact_id in wanted:
        if fact_id not in found:
            raise UnknownFact(f"[{fact_id}]")
    return found


def _again(message: Message, entry: Entry, ports: Ports) -> Entry:
    """A repeat: carry out the recorded effects once more."""
    if (entry.message.type, entry.message.data) != (message.type, message.data):
        raise SameIdOtherContent(f"[{message.id}] in [{message.case}]")
    seen = ports.cases.get(message.case)
    if seen is not None:
        carry_out(entry, seen.case, ports)
    return entry


__all__ = ["Sealed", "advance", "load_facts", "look_ahead", "pinned", "workflow_of"]
