"""Rings what no alarm clock rang: timers due later than Cloud Tasks can look ahead, and lost alarms."""

from schemas.messages import Case, Message
from workflows.runtime.ports import Ports
from workflows.runtime.ring import ring_message

PAGE = 300


def sweep(ports: Ports) -> list[Message]:
    """Publish every overdue timer once, in order of due date within a page, and give what was published.

    Goes past cases that stay overdue, so that a stuck one holds up nobody.
    """
    now = ports.clock.now()
    after: Case | None = None
    rung: list[Message] = []
    while cases := ports.cases.overdue(now, after=after, limit=PAGE):
        messages = [
            ring_message(case.id, key, timer)
            for case in cases
            for key, timer in case.timers.items()
            if timer.rings_at <= now
        ]
        messages.sort(key=lambda message: (message.at, message.id))
        ports.publisher.publish(messages, [])
        rung += messages
        after = cases[-1]
    return rung
