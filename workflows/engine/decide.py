"""The pure core: (workflow, case, message) to decision.

Nothing here reads a clock, draws a number or makes up a name: all that comes with the message.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from schemas.events import EVENTS, Event
from schemas.events.engine import AnswerTakenBack, CalendarMoved, QuestionAnswered, TimerRang
from schemas.ids import CaseId, name_of
from schemas.messages import Case, Effect, Message, Parked, Step, Task, Timer, Verdict
from schemas.notices.engine import EventGivenUp
from schemas.record import Record
from schemas.roles import OPERATOR
from workflows.engine.definition import QUESTION, UNDO, Alarm, Notify, On, Order, Ring, Workflow, has
from workflows.engine.questions import Questions

GRACE = timedelta(minutes=15)
"""How much later than due a timer that ends a stage rings; a message heard no later than that counts as then."""

PARKED_MAX = 20
PARKED_FOR = timedelta(days=7)
PARKED_FOR_CASES = timedelta(days=90)
"""What other cases send is sent once: an offer that waits for a question is not given up in a week."""

PARKED_KEY = "parked"

_TIMER_RANG = TimerRang.__name__
_CALENDAR_MOVED = CalendarMoved.__name__


class Standing(NamedTuple):
    """A case as a decision leaves it, not yet written down: all that the next decision needs.

    Attributes:
        subject: The facts of the case, read.
        hash: The hash of the last entry that was written.
    """

    id: CaseId
    workflow: Workflow
    stage: str
    visit: int
    arrived_at: datetime
    subject: Record
    timers: Mapping[str, Timer]
    tasks: tuple[Task, ...]
    parked: tuple[Parked, ...]
    seq: int
    hash: str

    def written(self, last_hash: str) -> Case:
        """Give the case to store, once its last entry has a hash."""
        workflow, subject = self.workflow, self.subject
        return Case(
            id=self.id,
            workflow=workflow.name,
            version=workflow.version,
            fingerprint=workflow.fingerprint,
            stage=self.stage,
            visit=self.visit,
            arrived_at=self.arrived_at,
            is_final=workflow.states[self.stage].is_final,
            **{name: getattr(subject, name) for name in _about(type(subject))},
            subject=subject.model_dump_json(),
            timers=dict(self.timers),
            tasks=self.tasks,
            parked=self.parked,
            seq=self.seq,
            hash=last_hash,
        )


class Decision(NamedTuple):
    """What the engine concludes from one message.

    Attributes:
        reason: A code where the verdict is not `applied`, and after a colon what it is about.
        after: The case after the decision; its hash is still that of the entry before.
    """

    verdict: Verdict
    reason: str
    steps: tuple[Step, ...]
    effects: tuple[Effect, ...]
    after: Standing

    @property
    def case(self) -> Case:
        """The case after the decision; its hash is still that of the entry before."""
        return self.after.written(self.after.hash)


class CannotOpenError(Exception):
    """There is no such case, and the message does not open one."""


def decide(
    workflow: Workflow,
    case: Case | Standing | None,
    message: Message,
    heard_at: datetime,
    facts: Mapping[str, Any] | None = None,
    subject: Record | None = None,
) -> Decision:
    """Give the decision on one message.  The same arguments always give the same decision.

    Args:
        workflow: The definition that the case is pinned to.
        case: The case as it stands; None if there is none yet.
        message: What arrived.
        heard_at: When it was first taken up.
        facts: The content of every fact document that the case or the message refers to, by id.
        subject: The facts of the case, if they are at hand as they were read or decided.

    Raises:
        CannotOpenError: There is no case, and the message does not open one.
    """
    draft = _Draft(workflow, message, heard_at, facts or {})
    if case is None:
        verdict, reason = draft.open()
    else:
        draft.load(case, subject)
        verdict, reason = draft.take(message)
    if verdict is Verdict.APPLIED:
        draft.free_parked()
    return draft.decision(case, verdict, reason)


def ring_message_id(case: CaseId, key: str, timer: Timer) -> str:
    """Give the id of the message that rings a timer, which is also the name of its alarm."""
    return name_of(case, key, timer.visit, timer.due.astimezone(UTC).isoformat(), timer.armed)


@dataclass(slots=True)
class _Draft(Questions):
    """A case being decided on.  Lives inside one call of `decide`."""

    workflow: Workflow
    message: Message
    heard_at: datetime
    facts: Mapping[str, Any]
    case_id: CaseId = field(init=False)
    stage: str = ""
    visit: int = 0
    seq: int = 0
    arrived_at: datetime = field(init=False)
    subject: Any = None
    timers: dict[str, Timer] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    parked: tuple[Parked, ...] = ()
    steps: list[Step] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.case_id = self.message.case
        self.arrived_at = self.message.at

    def load(self, case: Case | Standing, subject: Record | None) -> None:
        self.stage, self.visit, self.seq, self.arrived_at = case.stage, case.visit, case.seq, case.arrived_at
        self.timers, self.tasks, self.parked = dict(case.timers), case.tasks, case.parked
        if isinstance(case, Standing):
            self.subject = case.subject
        else:
            self.subject = subject or self.workflow.subject.model_validate_json(case.subject, context=self.facts)

    def open(self) -> tuple[Verdict, str]:
        """Begin the case, if the message opens one."""
        workflow, message = self.workflow, self.message
        clauses = [on for on in workflow.opens if on.event.__name__ == message.type]
        if not clauses:
            raise CannotOpenError(
                f"no case [{message.case}] of [{workflow.name}], and [{message.type}] does not open one"
            )
        event = self.read(message)
        if not isinstance(event, Event):
            raise CannotOpenError(f"[{message.type}] cannot open [{message.case}]: {event}")
        self.subject = workflow.subject(**{**_fields(workflow.subject, event), workflow.name: message.case})
        for index, on in enumerate(clauses):
            if on.when is None or on.when(self.subject, event):
                self.follow(f"opens.{message.type}.{index}", on, event, message)
                return Verdict.APPLIED, ""
        raise CannotOpenError(f"[{message.type}] meets no condition under which [{workflow.name}] opens")

    # ---- one message

    def take(self, message: Message) -> tuple[Verdict, str]:
        """Apply one message, or say what becomes of it."""
        event = self.read(message)
        if not isinstance(event, Event):
            return Verdict.REJECTED, event
        if isinstance(event, TimerRang):
            return self.ring(event, message)
        passed = self.passed_deadline(message.at)
        if passed and message.type != _CALENDAR_MOVED:
            return self.park_or(message, Verdict.IGNORED, f"deadline_passed: {passed}")
        if isinstance(event, (QuestionAnswered, AnswerTakenBack)):
            return self.hear_of_question(event, message)
        for clause, on in self.workflow.answers[self.stage].get(message.type, ()):
            if on.when is None or on.when(self.subject, event):
                self.follow(clause, on, event, message)
                return Verdict.APPLIED, ""
        return self.unanswered(message)

    def unanswered(self, message: Message) -> tuple[Verdict, str]:
        """Say what becomes of an event that the stage does not answer."""
        if message.type in self.workflow.events:
            return self.park_or(message, Verdict.IGNORED, f"not_answered_here: {self.stage}")
        return Verdict.REJECTED, f"nobody_answers: {message.type}"

    def read(self, message: Message) -> Event | str:
        """Give the event, or why there is none."""
        model = EVENTS.get(message.type)
        if model is None:
            return f"unknown_event: {message.type}"
        at, heard_at = message.at, self.heard_at
        # A timer that ends a stage is heard a grace after it was due, and no later for that.
        late_from = at + (2 * GRACE if model is TimerRang else GRACE)
        arrives_at = heard_at if heard_at > late_from else at
        try:
            brought = {"at": at, "arrives_at": arrives_at, "brought_by": message.actor.id}
            return model.model_validate({**message.data, **brought}, context=self.facts)
        except ValidationError as error:
            fields = sorted({".".join(map(str, each["loc"])) for each in error.errors()})
            return f"bad_fields: {', '.join(fields)}"

    def ring(self, rang: TimerRang, message: Message) -> tuple[Verdict, str]:
        timer = self.timers.get(rang.key)
        if timer is None or (timer.visit, timer.due, timer.armed) != (rang.visit, rang.due, rang.armed):
            return Verdict.IGNORED, f"timer_gone: {rang.key}"
        del self.timers[rang.key]
        if rang.key == PARKED_KEY:
            return self.give_up_parked(message)
        if rang.key.endswith(f".{UNDO}"):
            return self.take_effect(rang, message)
        if rang.key.endswith(f".{QUESTION}"):
            return self.escalate(message)
        alarm = next(alarm for alarm in self.workflow.alarms[self.stage] if alarm.key == rang.key)
        for index, ring in enumerate(alarm.rings):
            if ring.when is None or ring.when(self.subject, rang):
                self.follow(f"{alarm.key}.{index}", ring, rang, message)
                return Verdict.APPLIED, ""
        return Verdict.IGNORED, f"no_condition_holds: {rang.key}"

    # ---- early messages

    def passed_deadline(self, at: datetime) -> str:
        """Name the timer that ended the stage before the message came, though it has not rung yet."""
        for alarm in self.workflow.alarms[self.stage]:
            timer = self.timers.get(alarm.key)
            if timer is not None and alarm.ends_stage and timer.due < at:
                return alarm.key
        return ""

    def park_or(self, message: Message, verdict: Verdict, reason: str) -> tuple[Verdict, str]:
        """Keep a message that a later stage answers; else give the verdict."""
        if message.type not in self.workflow.later[self.stage]:
            return verdict, reason
        # What other cases send is bounded by themselves, and nobody would send it again.
        if len(self.parked) >= PARKED_MAX and message.actor.kind != "case":
            return Verdict.REJECTED, f"parked_full: {PARKED_MAX}"
        kept_for = PARKED_FOR_CASES if message.actor.kind == "case" else PARKED_FOR
        self.parked = (*self.parked, Parked(message=message, until=self.heard_at + kept_for))
        self.set_parked_timer()
        return Verdict.PARKED, reason

    def set_parked_timer(self) -> None:
        held = self.timers.pop(PARKED_KEY, None)
        if self.parked:
            until = min(parked.until for parked in self.parked)
            anew = Timer(due=until, rings_at=until, visit=0, armed=self.seq + 1)
            self.timers[PARKED_KEY] = held if held is not None and held.due == until else anew

    def free_parked(self) -> None:
        """Apply, as further steps, the early messages that the stage now answers."""
        freed = True
        while freed and self.parked:
            freed = False
            for parked in self.parked:
                message = parked.message
                is_answered = message.type in self.workflow.answers[self.stage]
                if is_answered and not self.passed_deadline(message.at):
                    self.parked = tuple(each for each in self.parked if each is not parked)
                    verdict, _ = self.take(message)
                    if verdict is not Verdict.APPLIED:
                        self.step(f"parked.{verdict}", message, self.stage)
                    self.set_parked_timer()
                    freed = True
                    break
        if self.parked and self.workflow.states[self.stage].is_final:
            self.drop_parked(self.parked)

    def give_up_parked(self, message: Message) -> tuple[Verdict, str]:
        # An alarm may go off a second early, and no other one with its name ever comes.
        now = max(self.heard_at, message.at)
        late = [parked for parked in self.parked if parked.until <= now]
        self.drop_parked(tuple(late))
        for parked in late:
            body = EventGivenUp(event=parked.message.type).model_dump(mode="json")
            self.tell(EventGivenUp.__name__, OPERATOR.name, f"{PARKED_KEY}.{parked.message.id}", body)
        return Verdict.APPLIED, ""

    def drop_parked(self, dropped: tuple[Parked, ...]) -> None:
        """Let go of early messages, each with a step that says so."""
        for parked in dropped:
            self.step("parked.given_up", parked.message, self.stage)
        self.parked = tuple(each for each in self.parked if each not in dropped)
        self.set_parked_timer()

    # ---- following a clause

    def follow(self, clause: str, part: On | Ring, event: Event, message: Message) -> None:
        if part.keep is not None:
            before, self.subject = self.subject, part.keep(self.subject, event)
            if part.to is None:
                self.refresh(before)
        source = self.stage
        self.order(part.do, clause)
        self.steps.append(
            Step(message=message.id, clause=clause, source=source, to=part.to or source, visit=self.visit)
        )
        if part.to is not None:
            self.enter(part.to, max(self.arrived_at, event.arrives_at))

    def step(self, clause: str, message: Message, to: str) -> None:
        self.steps.append(Step(message=message.id, clause=clause, source=self.stage, to=to, visit=self.visit))

    def enter(self, stage: str, arrived_at: datetime) -> None:
        """Arrive in a stage: order its entry, start its timers, put its questions."""
        self.stage, self.visit, self.arrived_at = stage, self.visit + 1, arrived_at
        parked = self.timers.get(PARKED_KEY)
        self.timers = {} if parked is None else {PARKED_KEY: parked}
        state = self.workflow.states[stage]
        self.order(state.entry, f"{stage}.entry")
        for alarm in self.workflow.alarms[stage]:
            self.arm(alarm, alarm.moment.due(self.subject, arrived_at))
        self.tasks = ()
        if state.asks:
            self.put_questions(state.asks)

    def arm(self, alarm: Alarm, due: datetime | None) -> None:
        self.timers.pop(alarm.key, None)
        if due is not None:
            rings_at = due + GRACE if alarm.ends_stage else due
            self.timers[alarm.key] = Timer(due=due, rings_at=rings_at, visit=self.visit, armed=self.seq + 1)

    def refresh(self, before: Record) -> None:
        """After facts changed within a stage: let dated timers follow their dates, and put changed questions anew."""
        for alarm in self.workflow.alarms[self.stage]:
            if alarm.moment.anchor is not None:
                due = alarm.moment.due(self.subject, self.arrived_at)
                if due != alarm.moment.due(before, self.arrived_at):
                    self.arm(alarm, due)
        if self.tasks:
            asks = {ask.question: ask for ask in self.workflow.states[self.stage].asks}
            self.tasks = tuple(self.put_anew(asks[task.question], task) for task in self.tasks)

    # ---- effects

    def order(self, orders: tuple[Order, ...], clause: str) -> None:
        for place, order in enumerate(orders):
            where = f"{clause}.{place}"
            if isinstance(order, Notify):
                body = order.notice(**_fields(order.notice, self.subject)).model_dump(mode="json")
                self.tell(order.notice.__name__, order.role.name, where, body)
            else:
                self.send(order.event, order.to(self.subject), where)

    def tell(self, notice: str, role: str, clause: str, body: dict[str, Any]) -> None:
        effect = Effect(kind="notice", type=notice, step=len(self.steps), clause=clause, data=body, targets={role: {}})
        self.effects.append(effect)

    def send(self, event: type[Event], recipients: Any, clause: str) -> None:
        if not recipients:
            return
        shared: dict[str, Any] = {}
        if isinstance(recipients, str):
            shared = event(**_fields(event, self.subject)).model_dump(mode="json")
            targets: dict[str, dict[str, Any]] = {recipients: {}}
        else:
            targets = {case: each.model_dump(mode="json") for case, each in recipients.items()}
        step = len(self.steps)
        effect = Effect(kind="event", type=event.__name__, step=step, clause=clause, data=shared, targets=targets)
        self.effects.append(effect)

    def timer_effects(self, before: Mapping[str, Timer]) -> Iterator[Effect]:
        for key, timer in self.timers.items():
            if before.get(key) != timer:
                data = timer.model_dump(mode="json")
                yield Effect(kind="timer", type=key, step=0, clause=key, data=data, targets={self.case_id: {}})

    # ---- the result

    def decision(self, before: Case | Standing | None, verdict: Verdict, reason: str) -> Decision:
        effects = (*self.effects, *self.timer_effects({} if before is None else before.timers))
        after = Standing(
            self.case_id,
            self.workflow,
            self.stage,
            self.visit,
            self.arrived_at,
            self.subject,
            self.timers,
            self.tasks,
            self.parked,
            self.seq + 1,
            "" if before is None else before.hash,
        )
        return Decision(verdict, reason, tuple(self.steps), effects, after)


def _fields(model: type[Record], subject: Record) -> dict[str, Any]:
    """Read the model's fields from the subject's of the same names."""
    return {name: getattr(subject, name) for name in _shared(model, type(subject))}


@cache
def _shared(model: type[Record], subject: type[Record]) -> tuple[str, ...]:
    return tuple(name for name in model.model_fields if has(subject, name))


@cache
def _about(subject: type[Record]) -> tuple[str, ...]:
    """Name what a case says of itself besides its subject."""
    return tuple(name for name in ("person", "cohort", "round") if has(subject, name))
