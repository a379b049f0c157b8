"""Drives a world through virtual time: turns the clock only when nothing is on its way any more.

What falls on one instant goes in (at, message id) order.  A message that would make its case write to another case
(to the round above all) is sent alone, and waited for with all that follows from it; the others go together.  So two
backends, however they deliver, come to the same histories.
"""

import heapq
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from functions.cli.demo.world import Address, World
from schemas.events import NEVER
from schemas.messages import Entry
from workflows.engine.history import messages_of, timers_of
from workflows.runtime.advance import look_ahead
from workflows.runtime.carry_out import ALARM_AHEAD_MAX
from workflows.runtime.ports import Alarm
from workflows.runtime.ring import ring_message

PATIENCE_SECONDS = 60.0


@dataclass(order=True, slots=True)
class Deed:
    """Something that somebody does at an instant: posts to intake, or runs a staff command.

    Attributes:
        name: Orders what falls on one instant, and makes it repeatable.
        do: Does it, and says where the messages went.
        is_alone: Whether it may write to several cases, and so is waited for before anything else.
    """

    at: datetime
    name: str
    do: Callable[[], list[Address]] = field(compare=False)
    is_alone: bool = field(default=True, compare=False)


class Ring(Enum):
    """What an alarm will bring about: nothing any more, a change within its case, or events to other cases."""

    STALE = "stale"
    WITHIN = "within"
    BEYOND = "beyond"


class Driver:
    """Runs deeds and alarms in the order of their time, and tells a story's `react` what happened."""

    def __init__(
        self, world: World, react: Callable[[Entry], Iterable[Deed]], tick: Callable[[datetime], None]
    ) -> None:
        self._world = world
        self._react = react
        self._tick = tick
        self._deeds: list[Deed] = []
        self._near: list[tuple[datetime, str, Alarm]] = []
        self._far: list[datetime] = []
        self._now = NEVER
        self._notices: Counter[str] = Counter()
        self.timers_fired = 0

    def plan(self, deeds: Iterable[Deed]) -> None:
        """Put deeds on the agenda."""
        for deed in deeds:
            heapq.heappush(self._deeds, deed)

    def run(self, until: datetime) -> None:
        """Go on until the agenda is empty and no timer is due before `until`."""
        while (instant := self._next_instant()) is not None and instant <= until:
            self._now = instant
            self._world.turn(instant)
            self._tick(instant)
            with self._world.instant():
                self._do_deeds()
                self._ring_near()
                self._sweep_far()

    def wait_for_notices(self) -> int:
        """Wait until `deliver` has taken up every notice that was told, and give how many there are."""
        gives_up_at = time.monotonic() + PATIENCE_SECONDS
        while (delivered := self._world.ports.notice_log.count()) != self._notices:
            self._world.settle()
            if time.monotonic() > gives_up_at:
                raise TimeoutError(f"notices told [{self._notices}], delivered [{delivered}]")
        return sum(delivered.values())

    def _next_instant(self) -> datetime | None:
        heads = [self._deeds[0].at] if self._deeds else []
        heads += [self._near[0][0]] if self._near else []
        heads += self._far[:1]
        return max(min(heads), self._now) if heads and self._now != NEVER else min(heads, default=None)

    def _do_deeds(self) -> None:
        together: list[Address] = []
        while self._deeds and self._deeds[0].at <= self._now:
            deed = heapq.heappop(self._deeds)
            if deed.is_alone:
                self._follow(together)
                together = []
                self._follow(deed.do())
            else:
                together += deed.do()
        self._follow(together)

    def _ring_near(self) -> None:
        due = []
        while self._near and self._near[0][0] <= self._now:
            due.append(heapq.heappop(self._near)[2])
        kinds = [(alarm, self._look_ahead(alarm)) for alarm in due]
        self._world.ring([alarm for alarm, kind in kinds if kind is Ring.STALE])
        self._ring([alarm for alarm, kind in kinds if kind is Ring.WITHIN])
        for alarm, kind in kinds:
            if kind is Ring.BEYOND:
                self._ring([alarm])

    def _ring(self, alarms: list[Alarm]) -> None:
        self._world.ring(alarms)
        self._follow([(alarm.case, ring_message(alarm.case, alarm.key, alarm.timer).id) for alarm in alarms])

    def _sweep_far(self) -> None:
        if self._far and self._far[0] <= self._now:
            while self._far and self._far[0] <= self._now:
                heapq.heappop(self._far)
            self._follow(self._world.sweep())

    def _look_ahead(self, alarm: Alarm) -> "Ring":
        """Ask the pure core beforehand what the alarm will bring about."""
        seen = self._world.ports.cases.get(alarm.case)
        if seen is None or seen.case.timers.get(alarm.key) != alarm.timer:
            return Ring.STALE
        message = ring_message(alarm.case, alarm.key, alarm.timer)
        decision = look_ahead(seen, message, self._now, self._world.ports.facts)
        return Ring.BEYOND if any(effect.kind == "event" for effect in decision.effects) else Ring.WITHIN

    def _follow(self, addresses: list[Address]) -> None:
        """Wait until every message, and every message that follows from it, has its entry."""
        pending = dict.fromkeys(addresses)
        gives_up_at = time.monotonic() + PATIENCE_SECONDS
        while pending:
            self._world.settle()
            for address in list(pending):
                entry = self._world.ports.cases.entry(*address)
                if entry is not None:
                    del pending[address]
                    pending.update(dict.fromkeys(self._take_note(entry)))
                    gives_up_at = time.monotonic() + PATIENCE_SECONDS
            if pending and time.monotonic() > gives_up_at:
                case, message = next(iter(pending))
                raise TimeoutError(f"message [{message}] to case [{case}] has no entry after {PATIENCE_SECONDS} s")

    def _take_note(self, entry: Entry) -> Iterator[Address]:
        self._notices.update(effect.type for effect in entry.effects if effect.kind == "notice")
        self.timers_fired += entry.message.type == "TimerRang" and entry.verdict == "applied"
        for key, timer in timers_of(entry):
            alarm = Alarm(entry.message.case, key, timer)
            if timer.rings_at <= self._now + ALARM_AHEAD_MAX:
                name = ring_message(alarm.case, key, timer).id
                heapq.heappush(self._near, (timer.rings_at, name, alarm))
            else:
                heapq.heappush(self._far, timer.rings_at)
        self.plan(self._react(entry))
        yield from ((message.case, message.id) for message in messages_of(entry, entry.message.case))
