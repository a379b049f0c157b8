"""Brings an event for a member of staff: asks the core whether it would be taken, then publishes it."""

from dataclasses import dataclass

from schemas.events import Event
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Effect, Message, Verdict
from workflows.definitions.refusals import code_of
from workflows.runtime.advance import look_ahead
from workflows.runtime.errors import NotAllowed, Rejected
from workflows.runtime.free_text import without_free_text
from workflows.runtime.ports import Ports


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A message that would change its case, and has not been published.

    Attributes:
        is_repeat: Whether the history has it already, so that there is nothing to publish.
        effects: What the case would order now.
    """

    message: Message
    is_repeat: bool
    effects: tuple[Effect, ...] = ()


def bring(event: Event, case_id: CaseId, actor: Actor, ports: Ports, *, submission: str = "") -> Message:
    """Publish an event, if it would change the case now; free text in `reason` goes to the vault first.

    Args:
        event: What happened.
        case_id: The case it is about, or that it opens.
        actor: Who brings it, with the role they act in.
        ports: The ports.
        submission: Names this act, so that doing it again is a repeat; left out, each standing of the case is another.

    Raises:
        UnknownCase: There is no such case, and the event opens none.
        NotAllowed: The role may not bring such an event.
        Rejected: It would change nothing, for the reason that is named.
    """
    foreseen = foresee(event, case_id, actor, ports, submission=submission)
    if foreseen.is_repeat:
        return foreseen.message
    message = without_free_text(foreseen.message, ports)
    ports.publisher.publish([message], [])
    return message


def foresee(event: Event, case_id: CaseId, actor: Actor, ports: Ports, *, submission: str = "") -> Foreseen:
    """Give the message that `bring` would publish, with what the case would order; nothing is changed.

    Free text is in it as it was typed: publish it yourself only where the event has none.

    Raises:
        UnknownCase: There is no such case, and the event opens none.
        NotAllowed: The role may not bring such an event.
        Rejected: It would change nothing, for the reason that is named.
    """
    name = type(event).__name__
    if actor.role not in {role.name for role in event.by}:
        raise NotAllowed(f"[{actor.id}] as [{actor.role}] may not bring [{name}].", code="not_your_event")
    seen, now = ports.cases.get(case_id), ports.clock.now()
    message = Message(
        id=MessageId(name_of("bring", name, case_id, actor.id, submission or (0 if seen is None else seen.case.seq))),
        case=case_id,
        type=name,
        data=event.model_dump(mode="json"),
        at=now,
        actor=actor,
    )
    if ports.cases.entry(case_id, message.id) is not None:
        return Foreseen(message, is_repeat=True)
    decision = look_ahead(seen, message, now, ports.facts)
    if decision.verdict in {Verdict.IGNORED, Verdict.REJECTED}:
        raise Rejected(f"[{name}] would change nothing: {decision.reason}.", code=code_of(decision.reason))
    before = None if seen is None else seen.case
    changed = before is None or (decision.case.stage, decision.case.subject) != (before.stage, before.subject)
    if decision.verdict is Verdict.APPLIED and not changed and not decision.effects:
        raise Rejected(
            f"[{name}] would change nothing: the case has its facts already, or refuses it as it stands.",
            code="changes_nothing",
        )
    return Foreseen(message, is_repeat=False, effects=decision.effects)
