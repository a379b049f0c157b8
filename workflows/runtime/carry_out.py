"""Carries out the recorded effects of an entry, under their stable keys.  May be repeated."""

from datetime import timedelta

from schemas.messages import Case, Entry
from workflows.engine.history import messages_of, notices_of, timers_of
from workflows.runtime.ports import Alarm, Ports

ALARM_AHEAD_MAX = timedelta(days=29)
"""Cloud Tasks refuses schedules past 30 days; `sweep` rings what is due later."""


def carry_out(entry: Entry, case: Case, ports: Ports) -> None:
    """Publish what the entry sends and tells, and set the alarms it starts.

    Raises:
        Unavailable: Some effects may be out; carry out the same entry again.
    """
    if not entry.effects:
        return
    if any(effect.kind != "timer" for effect in entry.effects):
        ports.publisher.publish(messages_of(entry, case.id), notices_of(entry, case))
    horizon = ports.clock.now() + ALARM_AHEAD_MAX
    alarms = [Alarm(case.id, key, timer) for key, timer in timers_of(entry) if timer.rings_at <= horizon]
    if alarms:
        ports.timers.start(alarms)
