"""A storm over one round: its people do whatever they may from a seed, while the network does its worst.

The seed fixes who does what and when; which thread is first, nobody fixes.
"""

import heapq
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from schemas.events import Event
from schemas.events.application import (
    ApplicationWithdrew,
    EnrolmentChecked,
    InterestDeferred,
    OfferAccepted,
    OfferDeclined,
    OfferExtended,
    SkipProposed,
)
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.messages import Actor, Case, Message, Task
from schemas.round import Round
from tests.support.cohort import DAY, GRACE, HOUR, MINUTE
from tests.support.ledger import HOLDING, Audit, audit
from tests.support.life import staff
from tests.support.network import Network, Threads
from tests.support.published import DATES, QUOTAS, ROUND, overdue, published_store, tasks_of
from workflows.runtime.answer import answer
from workflows.runtime.appeal import file_appeal
from workflows.runtime.errors import Rejected
from workflows.runtime.ports import Alarm
from workflows.runtime.ring import ring

PLANS = {
    "accept": 46,
    "accept in time, heard late": 14,
    "accept too late": 4,
    "accept twice": 4,
    "accept, then withdraw": 6,
    "decline": 10,
    "decline, then accept": 3,
    "withdraw": 4,
    "stay silent": 9,
}
"""What somebody with an offer does, and how likely."""

JUMPS = (10 * MINUTE, HOUR, 5 * HOUR, 14 * HOUR, 27 * HOUR)
LONG_JUMPS = (HOUR, 14 * HOUR, 27 * HOUR, 30 * HOUR)
"""On the emulators, where every look takes its time."""

SAYS_YES = {
    "claim_proposed": 0.6,
    "reinstated": 0.6,
    "skip_proposed": 0.7,
    "no_show_proposed": 0.3,
    "under_review": 0.9,
}


@dataclass(order=True, frozen=True)
class Letter:
    """A message that is given at one time and arrives at another."""

    arrives_at: datetime
    message: Message = field(compare=False)


@dataclass
class Storm:
    """The people of one round, in one storm."""

    network: Network
    round_id: CaseId
    seed: int
    in_time: dict[str, Message] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = Random(f"storm {self.seed}")
        self._ports = self.network.ports
        self._mail: list[Letter] = []
        self._planned: set[tuple[CaseId, int]] = set()
        self._known: set[CaseId] = set()
        self._appeals: set[CaseId] = set()
        self._count = 0

    @property
    def now(self) -> datetime:
        """What time it is."""
        return self._ports.clock.now()

    def blow(self) -> Audit:
        """Let everything happen until the round is over and everything has arrived, and audit it."""
        ends_at = DATES.promotion_ends + DAY
        while self.now < ends_at:
            self.people()
            self.office()
            self.post()
            self.network.stir()
            self.alarms()
            self.network.stir()
            self.network.turn(self.now + self._chance.choice(JUMPS if self.network.is_still else LONG_JUMPS))
        self.calm_down()
        found = audit(self._ports, self.round_id, self.in_time)
        found.wrong[:0] = [*self.network.faults, *self.wrong]
        return found

    def calm_down(self) -> None:
        """Let everything arrive and every question be answered."""
        for _ in range(100):
            self.post()
            self.network.settle()
            for task in self._tasks():
                self._answer(task)
            self.network.settle()
            alarms = overdue(self._ports)
            self.network.each(partial(ring, ports=self._ports), alarms)
            self.network.settle()
            if not alarms and not self._mail and not self._tasks() and self._is_over():
                return
            self.network.turn(self.now + 18 * HOUR)
        self.wrong.append("the storm does not end")

    def _is_over(self) -> bool:
        applications = self._ports.cases.find(workflow="application", round_id=self.round_id)
        return all(case.is_final for case in applications)

    # ---- what people do

    def people(self) -> None:
        """Let everybody with an offer make a plan, and some of the others do something."""
        applications = list(self._ports.cases.find(workflow="application", round_id=self.round_id))
        self._look(applications)
        waiting = [case for case in applications if case.stage == "waitlisted"]
        for case in applications:
            if case.stage == "offered" and (case.id, case.visit) not in self._planned:
                self._planned.add((case.id, case.visit))
                self._plan(case)
            elif case.stage in {"not_selected_appealable", "ineligible_appealable"} and self._chance.random() < 0.12:
                with suppress(Rejected):
                    self._appeals.add(file_appeal(case.id, "unfair", _person(case), self._ports).case)
        for case in self._chance.sample(waiting, min(2, len(waiting))):
            self._while_waiting(case)

    def _plan(self, case: Case) -> None:
        plan = self._chance.choices(list(PLANS), list(PLANS.values()))[0]
        due = datetime.fromisoformat(case.data["answer_by"])
        when = self.now + self._chance.random() * max(due - self.now, timedelta(0))
        late = due + GRACE + (0.1 + 40 * self._chance.random() ** 3) * HOUR
        match plan:
            case "accept":
                self._accept(case, when, when, due)
            case "accept in time, heard late":
                self._accept(case, when, late, due)
            case "accept too late":
                self._accept(case, late, late, due)
            case "accept twice":
                self._accept(case, when, when, due)
                self._accept(case, when, when + 2 * HOUR, due)
            case "accept, then withdraw":
                self._accept(case, when, when, due)
                self._mail_from(case, ApplicationWithdrew(), when + self._chance.uniform(0, 90) * HOUR)
            case "decline":
                self._mail_from(case, OfferDeclined(), when)
            case "decline, then accept":
                self._mail_from(case, OfferDeclined(), when)
                self._mail_from(case, OfferAccepted(), when + MINUTE)
            case "withdraw":
                self._mail_from(case, ApplicationWithdrew(), when)
        if self._chance.random() < 0.05:
            event = OfferExtended(hours=self._chance.randint(1, 40), reason="vault-reason")
            self._put(case, event, when, when, staff("operator", "kim"))

    def _accept(self, case: Case, at: datetime, arrives_at: datetime, due: datetime) -> None:
        message = self._put(case, OfferAccepted(), at, arrives_at, _person(case))
        if at <= due:
            self.in_time[message.id] = message

    def _while_waiting(self, case: Case) -> None:
        match self._chance.choice(["skip", "withdraw", "defer", "accept", "check", "", "", ""]):
            case "skip":
                self._put(case, SkipProposed(reason="vault-reason"), self.now, self.now, staff("operator", "kim"))
            case "withdraw":
                self._mail_from(case, ApplicationWithdrew(), self.now)
            case "defer":
                self._mail_from(case, InterestDeferred(consent="next@1"), self.now)
            case "accept":
                self._mail_from(case, OfferAccepted(), self.now)
            case "check":
                is_enrolled = self._chance.random() < 0.5
                self._put(case, EnrolmentChecked(is_enrolled=is_enrolled), self.now, self.now, staff("university"))

    def _mail_from(self, case: Case, event: Event, at: datetime) -> None:
        self._put(case, event, at, at, _person(case))

    def _put(self, case: Case, event: Event, at: datetime, arrives_at: datetime, by: Actor) -> Message:
        self._count += 1
        message = Message(
            id=MessageId(name_of("storm", self.round_id, self.seed, self._count)),
            case=case.id,
            type=type(event).__name__,
            data=event.model_dump(mode="json"),
            at=at,
            actor=by,
        )
        heapq.heappush(self._mail, Letter(arrives_at, message))
        return message

    def post(self) -> None:
        """Publish what arrives by now."""
        arrived: list[list[Message]] = []
        while self._mail and self._mail[0].arrives_at <= self.now:
            arrived.append([heapq.heappop(self._mail).message])
        self.network.each(lambda messages: self._ports.publisher.publish(messages, []), arrived)

    # ---- what the office does

    def office(self) -> None:
        """Let staff answer some of the open questions."""
        for task in self._tasks():
            if self._chance.random() < 0.6:
                self._answer(task)

    def _tasks(self) -> list[Task]:
        if not self._known:
            cases = {case.id for case in self._ports.cases.find(workflow="application", round_id=self.round_id)}
            self._known = cases | {CaseId(name_of("enrolment", case)) for case in cases}
        return tasks_of(self._known | self._appeals, self._ports)

    def _answer(self, task: Task) -> None:
        role = task.needs[0]
        barred = set(task.barred)
        decider = staff(role, next(name for each in range(9) if (name := f"{role}-{each}") not in barred))
        mood = Random(f"{self.seed} {task.id} {decider.id}")  # who answers again says the same again
        yes = mood.random() < SAYS_YES.get(task.stage, 0.8)
        with suppress(Rejected):  # the case has moved on
            answer(task.id, decider, self._ports, yes=yes, reason="vault-reason")

    # ---- what time does

    def alarms(self) -> None:
        """Ring some of what is due, some of it twice; the rest rings late, or is swept up."""
        due = overdue(self._ports)
        rung: list[Alarm] = [alarm for alarm in due if self._chance.random() < 0.7]
        rung += [alarm for alarm in rung if self._chance.random() < 0.2]
        self._chance.shuffle(rung)
        self.network.each(partial(ring, ports=self._ports), rung)
        if self._chance.random() < 0.15:
            self.network.sweep()

    def _look(self, applications: list[Case]) -> None:
        """Whoever was told of a seat has it of the round, at every moment."""
        if self.network.is_still:
            seen = self._ports.cases.get(self.round_id)
            assert seen is not None
            held = Round.model_validate_json(seen.case.subject)
            holding = {case.id for case in applications if case.stage in HOLDING}
            if not holding <= {*held.offers, *held.taken}:
                self.wrong.append(f"at {self.now} told of a seat, without one: {holding - {*held.offers, *held.taken}}")


def _person(case: Case) -> Actor:
    return Actor(kind="person", id=PersonId(case.person), role="applicant")


@dataclass(frozen=True)
class Harbour:
    """Two stores with a published round, one of them with quotas, and how to run a storm on a copy."""

    folder: Path

    def prepare(self) -> "Harbour":
        """Make the stores."""
        for name, quotas in (("free", ()), ("quotas", QUOTAS)):
            published_store(self.folder / f"{name}.db", quotas)
        return self

    def storm(self, seed: int) -> tuple[Audit, int]:
        """Run one seed, and give the audit and how many races were lost."""
        copy = self.folder / f"storm-{seed}.db"
        shutil.copy(self.folder / ("quotas.db" if seed % 2 else "free.db"), copy)
        network = Threads(copy, Random(f"network {seed}"), apart=seed % 4 > 1)
        try:
            return Storm(network, ROUND, seed).blow(), network.lost
        finally:
            network.close()
            for path in self.folder.glob(f"{copy.name}*"):
                path.unlink()
