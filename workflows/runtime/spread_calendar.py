"""Sends a round's moved dates to every open case that still goes by older ones."""

from collections.abc import Iterator

from schemas.events.engine import CalendarMoved
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Case, Message
from schemas.round import Round
from workflows.definitions import LATEST
from workflows.runtime.ports import Ports
from workflows.runtime.rank import round_of


def spread_calendar(round_id: CaseId, actor: Actor, ports: Ports) -> list[Message]:
    """Publish the round's calendar to its open cases; sent again, only laggards get it.

    Raises:
        NotFound: There is no such round.
    """
    _, round_ = round_of(round_id, ports)
    version = round_.calendar.version
    body = CalendarMoved(calendar=round_.calendar).model_dump(mode="json")
    now = ports.clock.now()
    messages = [
        Message(
            id=MessageId(name_of("calendar", case.id, version)),
            case=case.id,
            type=CalendarMoved.__name__,
            data=body,
            at=now,
            actor=actor,
        )
        for case in _open_cases(round_, ports)
        if case.id != round_id and case.data["calendar"]["version"] < version
    ]
    if messages:
        ports.publisher.publish(messages, [])
    return messages


def _open_cases(round_: Round, ports: Ports) -> Iterator[Case]:
    """The round's cases, and what follows from them: enrolments and outcomes name no round, but the cohort."""
    for name, workflow in LATEST.items():
        has_round = "round" in workflow.subject.model_fields
        for case in ports.cases.find(workflow=name, round_id=round_.round if has_round else None):
            if not case.is_final and case.cohort == round_.cohort:
                yield case
