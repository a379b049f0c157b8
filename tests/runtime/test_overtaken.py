"""The process dies at any call, and what comes again has been overtaken by everything else.

The story may end otherwise than the undisturbed one, so it is held against what must always be true.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.events.application import ApplicationWithdrew, OfferAccepted, OfferDeclined, ScoreRecorded
from schemas.events.engine import CalendarMoved, QuestionAnswered
from schemas.events.round import RankingFrozen, RoundPlanned
from schemas.facts import Fact
from schemas.ids import CaseId
from schemas.messages import Message
from schemas.ranking import Ranked, Ranking
from tests.support.cohort import CALENDAR, DAY, HOUR, TERMS, moved
from tests.support.faults import Crash, Mode, Plan, once, reborn
from tests.support.life import staff
from tests.support.office import OPERATOR, ROUND, Office
from tests.support.oracle import violations
from tests.support.submitted import a_submission
from workflows.runtime.advance import advance
from workflows.runtime.errors import Unavailable
from workflows.runtime.sweep import sweep

A, B, C, D = (CaseId(f"application-{letter}") for letter in "abcd")
ONE_SEAT = TERMS.model_copy(update={"capacity": 1})

Step = tuple[datetime, Callable[[Office], Iterator[Message]]]


def plans(office: Office) -> Iterator[Message]:
    """A round is planned."""
    yield office.message(ROUND, RoundPlanned(cohort="2027", programme="ai", calendar=CALENDAR, terms=ONE_SEAT))


def applies(office: Office) -> Iterator[Message]:
    """Four apply, one twice; a score comes early, and one who must not take part is among them."""
    for case in (A, B, C):
        yield office.message(case, a_submission(case, terms=ONE_SEAT))
    yield office.message(D, a_submission(D, terms=ONE_SEAT, is_enrolled=False))
    yield office.message(A, a_submission(A, terms=ONE_SEAT, answers="edited"), name="edit")
    yield office.message(A, ScoreRecorded(score=90), name="early score")


def scores(office: Office) -> Iterator[Message]:
    """The others are scored, the ineligible one is ruled on, and the ranking is frozen."""
    yield office.message(B, ScoreRecorded(score=80))
    yield office.message(C, ScoreRecorded(score=70))
    (task,) = office.case(D).tasks
    yield office.message(D, QuestionAnswered(task=task.id, answer=True, reason="vault-7"), by=OPERATOR)
    entries = [Ranked(application=case, rank=rank, score=100 - 10 * rank) for rank, case in enumerate((A, B, C), 1)]
    fact_id = office.ports.facts.put(Ranking(round=ROUND, rule="score", entries=tuple(entries)))
    yield office.message(ROUND, RankingFrozen(ranking=Fact(fact_id)))


def approves(role: str) -> Callable[[Office], Iterator[Message]]:
    """Somebody approves the ranking."""

    def do(office: Office) -> Iterator[Message]:
        (task,) = office.case(ROUND).tasks
        yield office.message(ROUND, QuestionAnswered(task=task.id, answer=True), by=staff(role), name=role)

    return do


def answers(office: Office) -> Iterator[Message]:
    """The first declines, and the last leaves the waitlist."""
    yield office.message(A, OfferDeclined())
    yield office.message(C, ApplicationWithdrew())
    yield office.message(ROUND, CalendarMoved(calendar=moved(2, month12=CALENDAR.month12 + DAY)))


def accepts(office: Office) -> Iterator[Message]:
    """The second takes the seat."""
    yield office.message(B, OfferAccepted())


STEPS: tuple[Step, ...] = (
    (CALENDAR.applications_open - DAY, plans),
    (CALENDAR.applications_open + DAY, applies),
    (CALENDAR.applications_close + HOUR, scores),
    (CALENDAR.applications_close + 2 * HOUR, approves("operator")),
    (CALENDAR.applications_close + 3 * HOUR, approves("university")),
    (CALENDAR.applications_close + 4 * HOUR, approves("city")),
    (CALENDAR.results_at + HOUR, answers),
    (CALENDAR.results_at + 2 * HOUR, accepts),
    (CALENDAR.promotion_ends + DAY, lambda _: iter(())),
)

EXPECTED = {A: "declined", B: "enrolled", C: "withdrawn", D: "ineligible", ROUND: "filled"}


class Machine:
    """The functions on one store, with topics that keep what was published until it is acknowledged."""

    def __init__(self, plan: Plan) -> None:
        self.embedded = Embedded(":memory:")
        self.office = Office(self.embedded)
        self.plan = plan
        self.ports = plan.watched(self.embedded.ports)
        self.waiting: list[Message] = []
        self.taken = 0

    def run(self) -> None:
        """Go through the steps; before each, every timer that is due by then rings."""
        for at, do in STEPS:
            self.embedded.clock.turn(at)
            self.ring()
            self.waiting += list(do(self.office))
            self.settle()

    def ring(self) -> None:
        while True:
            try:
                rung = sweep(self.ports)
            except Crash:
                self.die()
                continue
            except Unavailable:
                continue
            self.settle()
            if not rung:
                return

    def settle(self) -> None:
        """Deliver until nothing waits; what was not acknowledged comes again, after the others have overtaken it."""
        self.collect()
        while self.waiting:
            message = self.waiting.pop(0)
            try:
                advance(message, replace(self.ports, tries=once))
            except Crash:
                self.waiting.append(message)
                self.die()
            except Unavailable:
                self.waiting.append(message)
            self.collect()

    def collect(self) -> None:
        published = [each for each in self.plan.published[self.taken :] if each.case in EXPECTED]
        self.taken = len(self.plan.published)
        self.waiting += published

    def die(self) -> None:
        """Lose whatever was in memory."""
        self.embedded.ports = self.office.ports = reborn(self.embedded.ports, self.embedded.database)
        self.ports = self.plan.watched(self.embedded.ports)

    def outcome(self) -> tuple[list[str], dict[CaseId, str]]:
        """What is wrong, and where everybody stands."""
        reached = {case.id: case.stage for case in self.embedded.ports.cases.find()}
        return violations(self.embedded, self.plan, elsewhere={"enrolment"}), reached


def lived(plan: Plan) -> tuple[list[str], dict[CaseId, str]]:
    machine = Machine(plan)
    machine.run()
    outcome = machine.outcome()
    machine.embedded.close()
    return outcome


def test_a_life_without_a_crash_is_in_order() -> None:
    plan = Plan()

    outcome = lived(plan)

    assert outcome == ([], EXPECTED)
    assert len(plan.calls) > 100


@pytest.mark.parametrize("mode", ["before", "after"])
def test_a_crash_at_any_call_loses_nothing_and_doubles_nothing(mode: Mode) -> None:
    calm = Plan()
    lived(calm)

    outcomes: dict[int, Any] = {number: lived(Plan(breaks_at=number, mode=mode)) for number in range(len(calm.calls))}

    assert {number: outcome for number, outcome in outcomes.items() if outcome != ([], EXPECTED)} == {}


@pytest.mark.parametrize("mode", ["before", "after"])
def test_a_dependency_that_fails_at_any_call_loses_nothing_and_doubles_nothing(mode: Mode) -> None:
    calm = Plan()
    lived(calm)
    changing = [number for number, call in enumerate(calm.calls) if call in {"publisher.publish", "timers.start"}]

    outcomes = {number: lived(Plan(breaks_at=number, mode=mode, error=Unavailable("gone"))) for number in changing[::3]}

    assert {number: outcome for number, outcome in outcomes.items() if outcome != ([], EXPECTED)} == {}
