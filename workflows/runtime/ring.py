"""Turns a timer into a message."""

from datetime import timedelta

from pydantic import TypeAdapter

from schemas.events.engine import TimerRang
from schemas.ids import CaseId, MessageId
from schemas.messages import SYSTEM, Message, Timer
from workflows.engine.decide import ring_message_id
from workflows.runtime.errors import TooEarly
from workflows.runtime.ports import Alarm, Ports

SKEW_MAX = timedelta(seconds=1)

_ALARM = TypeAdapter(Alarm)


def ring(alarm: Alarm, ports: Ports) -> Message | None:
    """Publish that a timer has rung, if its case still holds it.

    A timer that a case has let go of never comes back under the same visit and due date, so one read spares the
    message, and the entry that would say no more than that it came too late.

    Returns:
        None if the case holds the timer no more.

    Raises:
        TooEarly: The alarm went off more than a second before its time.
    """
    if alarm.timer.rings_at - ports.clock.now() > SKEW_MAX:
        raise TooEarly(f"[{alarm.key}] of [{alarm.case}] rings at [{alarm.timer.rings_at.isoformat()}]")
    seen = ports.cases.get(alarm.case)
    if seen is None or seen.case.timers.get(alarm.key) != alarm.timer:
        return None
    message = ring_message(alarm.case, alarm.key, alarm.timer)
    ports.publisher.publish([message], [])
    return message


def ring_message(case: CaseId, key: str, timer: Timer) -> Message:
    """Give the message of a timer; the same one whoever rings it."""
    data = TimerRang(key=key, visit=timer.visit, due=timer.due, armed=timer.armed).model_dump(mode="json")
    message_id = MessageId(ring_message_id(case, key, timer))
    return Message(id=message_id, case=case, type=TimerRang.__name__, data=data, at=timer.due, actor=SYSTEM)


def alarm_to_json(alarm: Alarm) -> bytes:
    """Write an alarm down for an alarm clock that calls back."""
    return _ALARM.dump_json(alarm)


def alarm_from_json(body: bytes) -> Alarm:
    """Read an alarm that rings.

    Raises:
        ValueError: The body is no alarm.
    """
    return _ALARM.validate_json(body)
