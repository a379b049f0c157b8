"""The process dies at every single call to the outside, before it or after it, and the story ends the same.

A small round of four applications goes from planning to the first accepted seats: offers, a decline, an expiry, a
promotion, a withdrawal.  For every call that `advance` and `ring` make, one run dies there and one dies right after,
with the answer lost.  What was not acknowledged comes again.  No entry may be lost, doubled or different, no effect may
be missing, and every id that goes out must be one that the undisturbed run sends as well.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.events import Event
from schemas.events.application import (
    ApplicationSubmitted,
    ApplicationWithdrew,
    OfferAccepted,
    OfferDeclined,
    ScoreRecorded,
)
from schemas.events.round import RoundPlanned
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.messages import Actor, Message, Notice
from tests.support.cohort import CALENDAR, DAY, HOUR, MINUTE, TERMS
from workflows.runtime.advance import advance
from workflows.runtime.answer import answer
from workflows.runtime.ports import Alarm, Ports
from workflows.runtime.rank import rank
from workflows.runtime.ring import ring
from workflows.runtime.sweep import sweep

ROUND = CaseId("round-1")
CALLS = {"get", "commit", "entry", "publish", "start"}


class DiedError(BaseException):
    """The process is gone: nothing catches this."""


@dataclass
class Plan:
    """At which call to die, and whether the call still happens."""

    dies_at: int = 0
    is_after: bool = False
    calls: int = 0
    names: list[str] = field(default_factory=list)

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*values: Any, **named: Any) -> Any:
            self.calls += 1
            self.names.append(name)
            dies = self.calls == self.dies_at
            if dies and not self.is_after:
                raise DiedError
            result = call(*values, **named)
            if dies:
                raise DiedError
            return result

        return counted


class Fragile:
    """A port whose calls the plan counts."""

    def __init__(self, port: Any, plan: Plan) -> None:
        self._port = port
        self._plan = plan

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)
        return self._plan.around(f"{type(self._port).__name__}.{name}", call) if name in CALLS else call


class Recorder:
    """A publisher that also remembers every id that went out, with its content."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self.sent: dict[str, str] = {}

    def publish(self, messages: Iterable[Message], notices: Iterable[Notice]) -> None:
        messages, notices = list(messages), list(notices)
        for each in (*messages, *notices):
            text = each.model_dump_json()
            assert self.sent.setdefault(each.id, text) == text, f"two contents under the id [{each.id}]"
        self._port.publish(messages, notices)


class Run:
    """One telling of the story on a store of its own."""

    def __init__(self, plan: Plan) -> None:
        self.embedded = Embedded(":memory:")
        self.recorder = Recorder(self.embedded.queue)
        self.ports = replace(self.embedded.ports, publisher=self.recorder)
        self.fragile: Ports = replace(
            self.ports,
            cases=Fragile(self.ports.cases, plan),
            publisher=Fragile(self.recorder, plan),
            timers=Fragile(self.ports.timers, plan),
        )

    def at(self, instant: datetime) -> None:
        """Turn the clock, ring what is due, deliver everything; whatever dies is tried again."""
        self.embedded.clock.turn(instant)
        while self._ring() or self._deliver() or self._sweep():
            pass

    def _ring(self) -> bool:
        due = self.embedded.timers.due(self.embedded.clock.now(), 100)
        for name, alarm in due:
            if not self._survives(lambda alarm=alarm: ring(alarm, self.fragile)):
                break  # the same one first again, so that the order of events is the undisturbed one
            self.embedded.timers.silence(name)
        return bool(due)

    def _deliver(self) -> bool:
        deliveries = self.embedded.queue.take(self.embedded.clock.now(), 1)
        for delivery in deliveries:
            is_event = delivery.topic == "events"
            if not is_event or self._survives(
                lambda text=delivery.blob: advance(Message.model_validate_json(text), self.fragile)
            ):
                self.embedded.queue.acknowledge([delivery])
        return bool(deliveries)

    def _sweep(self) -> bool:
        return bool(sweep(self.ports))

    def _survives(self, work: Callable[[], object]) -> bool:
        try:
            work()
        except DiedError:
            return False
        return True

    def tell(self, case: CaseId, event: Event, at: datetime, part: str = "") -> None:
        """Somebody outside sends an event."""
        name = type(event).__name__
        message = Message(
            id=MessageId(name_of("test", case, name, part)),
            case=case,
            type=name,
            data=event.model_dump(mode="json"),
            at=at,
            actor=Actor(kind="person", id="somebody"),
        )
        self.ports.publisher.publish([message], [])
        self.at(at)

    def outcome(self) -> tuple[Any, ...]:
        """What is left: every history, everything that was sent, every alarm."""
        histories = {case.id: self.ports.cases.history(case.id) for case in self.ports.cases.find()}
        alarms = self.embedded.database.all("select name from alarms order by name")
        return histories, self.recorder.sent, alarms


def applied(run: Run, number: int) -> CaseId:
    case = CaseId(f"application-{number}")
    event = ApplicationSubmitted(
        person=PersonId(f"person-{number}"),
        round=ROUND,
        cohort="c",
        programme="p",
        calendar=CALENDAR,
        terms=TERMS,
        university="CNU",
        is_enrolled=True,
        can_attend=True,
        answers="digest",
    )
    run.tell(case, event, CALENDAR.applications_open + number * HOUR)
    return case


def tell_story(plan: Plan) -> Run:
    run = Run(plan)
    planned = RoundPlanned(cohort="c", programme="p", calendar=CALENDAR, terms=TERMS)
    run.tell(ROUND, planned, CALENDAR.applications_open - DAY)
    run.at(CALENDAR.applications_open + 15 * MINUTE)
    cases = [applied(run, number) for number in range(1, 5)]
    run.at(CALENDAR.applications_close + 15 * MINUTE)
    for number, case in enumerate(cases):
        run.tell(case, ScoreRecorded(score=90 - number), CALENDAR.applications_close + DAY + number * MINUTE)
    run.embedded.clock.turn(CALENDAR.applications_close + 2 * DAY)
    rank(ROUND, Actor(kind="staff", id="o", role="operator"), run.ports)
    run.at(CALENDAR.applications_close + 2 * DAY)
    for hours, role in enumerate(("operator", "university", "city")):
        run.embedded.clock.turn(CALENDAR.applications_close + 2 * DAY + (hours + 1) * HOUR)
        (task,) = run.ports.cases.tasks()
        answer(task.id, Actor(kind="staff", id=role, role=role), run.ports, yes=True)
        run.at(run.embedded.clock.now())
    run.at(CALENDAR.results_at + 15 * MINUTE)
    run.tell(cases[0], OfferDeclined(), CALENDAR.results_at + HOUR)
    run.tell(cases[2], OfferAccepted(), CALENDAR.results_at + 2 * HOUR)
    run.at(CALENDAR.results_at + 2 * DAY + 15 * MINUTE)  # the second offer expires, the fourth application is promoted
    run.tell(cases[3], OfferAccepted(), CALENDAR.results_at + 3 * DAY)
    run.tell(cases[2], ApplicationWithdrew(), CALENDAR.results_at + 4 * DAY)
    return run


@pytest.fixture(scope="module")
def undisturbed() -> Iterator[tuple[Plan, tuple[Any, ...]]]:
    plan = Plan()
    run = tell_story(plan)
    yield plan, run.outcome()
    run.embedded.close()


def test_the_undisturbed_story_passes_every_call_that_may_fail(undisturbed: tuple[Plan, tuple[Any, ...]]) -> None:
    plan, (histories, sent, alarms) = undisturbed

    assert {name.split(".")[1] for name in plan.names} == {"get", "commit", "publish", "start"}
    assert plan.calls > 150
    assert len(histories) == 7  # the round, four applications, two enrolments
    assert len(sent) > 60
    assert alarms


@pytest.mark.parametrize("is_after", [False, True], ids=["before the call", "after it, the answer lost"])
@pytest.mark.timeout(300)
def test_the_story_ends_the_same_wherever_the_process_dies(
    undisturbed: tuple[Plan, tuple[Any, ...]], *, is_after: bool
) -> None:
    plan, expected = undisturbed

    differing = []
    for call in range(1, plan.calls + 1):
        run = tell_story(Plan(dies_at=call, is_after=is_after))
        if run.outcome() != expected:
            differing.append((call, plan.names[call - 1]))
        run.embedded.close()

    assert differing == []


def test_an_alarm_that_goes_off_twice_brings_nothing_new() -> None:
    run = tell_story(Plan())
    before = run.outcome()
    alarms = [Alarm(case.id, key, timer) for case in run.ports.cases.find() for key, timer in list(case.timers.items())]

    for alarm in alarms:
        with pytest.raises(Exception, match="too early"):
            ring(alarm, run.ports)

    assert run.outcome() == before
    run.embedded.close()
