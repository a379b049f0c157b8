"""Proves a workflow before a learner meets it, and names every fault at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_type_hints

from schemas.events import Event
from schemas.events.engine import AnswerTakenBack, CalendarMoved, QuestionAnswered, TimerRang
from schemas.notices import NoticeBody, personal_fields
from schemas.notices.engine import EventGivenUp, QuestionOverdue
from workflows.engine.definition import Notify, On, Order, Ring, Send, State, Workflow, has

ENGINE_EVENTS = frozenset[type[Event]]({TimerRang, QuestionAnswered, AnswerTakenBack, CalendarMoved})
ENGINE_NOTICES: tuple[type[NoticeBody], ...] = (QuestionOverdue, EventGivenUp)


class Fault(NamedTuple):
    """One thing that is wrong.

    Attributes:
        code: The class of the fault.
        where: The workflow, and the stage or clause.
        text: What is wrong and what would mend it.
    """

    code: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text} ({self.code})"


class DefinitionError(Exception):
    """A workflow has faults."""

    def __init__(self, workflow: Workflow, faults: Sequence[Fault]) -> None:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        super().__init__(f"workflow [{workflow.name}] version [{workflow.version}] has {len(faults)} faults:\n{listed}")
        self.faults = tuple(faults)


def check(workflow: Workflow) -> list[Fault]:
    """Give every fault of one workflow, in reading order; none means that it may run."""
    faults = list(_opening(workflow))
    for stage, state in workflow.states.items():
        where = f"{workflow.name}.{stage}"
        faults += _targets(workflow, stage, where)
        faults += _waiting(workflow, stage, state, where)
        faults += _questions(state, where)
        faults += _guards(workflow, stage, where)
        faults += _moments(workflow, state, where)
        for order in _orders(state):
            faults += _order(workflow, order, where)
    faults += _reach(workflow)
    faults += _loops(workflow)
    faults += _seats(workflow)
    for on in (*workflow.opens, *workflow.throughout):
        for order in on.do:
            faults += _order(workflow, order, workflow.name)
    return faults


def check_all(
    workflows: Iterable[Workflow], events: Mapping[str, type[Event]], notices: Mapping[str, type[NoticeBody]]
) -> list[Fault]:
    """Give every fault between workflows: what is sent and not answered, answered and not sent, told to nobody."""
    all_of_them = list(workflows)
    sent, told = _sent_and_told(all_of_them)
    answered = {name for workflow in all_of_them for name in workflow.events}
    faults = [
        Fault("nobody_sends", name, "a stage waits for this event, but no case sends it and nobody outside brings it")
        for name, event in sorted(events.items())
        if name in answered and not event.by and event not in sent and event not in ENGINE_EVENTS
    ]
    faults += [
        Fault("nobody_answers", name, "this event is brought or sent, but no stage of any workflow answers it")
        for name, event in sorted(events.items())
        if name not in answered and event not in ENGINE_EVENTS
    ]
    faults += [
        Fault("nobody_receives", name, "no workflow tells this notice to anybody")
        for name, notice in sorted(notices.items())
        if notice not in told and notice not in ENGINE_NOTICES
    ]
    return faults + _shared_openings(all_of_them)


def _opening(workflow: Workflow) -> Iterator[Fault]:
    where = f"{workflow.name}.opens"
    fields = workflow.subject.model_fields
    if workflow.name not in fields:
        yield Fault(
            "subject", where, f"[{workflow.subject.__name__}] needs the field [{workflow.name}] for the case's id"
        )
    if not workflow.opens:
        yield Fault("never_opens", where, "no event opens a case")
    for on in workflow.opens:
        if on.to is None:
            yield Fault("opens_nowhere", where, f"[{on.event.__name__}] opens a case, but names no stage")
        elif on.to not in workflow.states:
            yield Fault("unknown_stage", where, f"[{on.to}] is no stage")
        needed = {name for name, field in fields.items() if field.is_required()} - {workflow.name}
        for name in sorted(needed - set(on.event.model_fields)):
            yield Fault("subject", where, f"[{on.event.__name__}] does not bring [{name}], which the subject needs")
    yield from _exclusive(where, workflow.opens, is_exhaustive=True)


def _targets(workflow: Workflow, stage: str, where: str) -> Iterator[Fault]:
    for clause, target in workflow.ways[stage]:
        if target not in workflow.states:
            yield Fault("unknown_stage", where, f"[{clause}] leads to [{target}], which is no stage")


def _waiting(workflow: Workflow, stage: str, state: State, where: str) -> Iterator[Fault]:
    ways = workflow.ways[stage]
    if state.is_final:
        if ways or state.rings or state.asks:
            yield Fault("ending_left", where, "an ending is never left: it may answer events, but not go on or wait")
        return
    if not ways:
        yield Fault("dead_end", where, "no clause leads out of this stage and it is not final")
    elif not any(workflow.states[far].is_final for far in workflow.reaches[stage] if far in workflow.states):
        yield Fault("dead_end", where, "no ending can be reached from here")
    if not state.rings and not any(ask.due for ask in state.asks):
        yield Fault("no_deadline", where, "a case may wait here for ever: add after(...), at(...) or a due question")


def _questions(state: State, where: str) -> Iterator[Fault]:
    for ask in state.asks:
        if ask.due is None or ask.escalate_to is None:
            yield Fault("no_escalation", where, f"[{ask.question}] names no due date or nobody to escalate to")
        for role in dict.fromkeys(ask.roles):
            if ask.roles.count(role) > role.people:
                count = ask.roles.count(role)
                yield Fault("quorum", where, f"[{ask.question}] needs {count} of [{role.name}], who are {role.people}")
            if not role.is_staff:
                yield Fault("quorum", where, f"[{ask.question}] is put to [{role.name}], who answer no questions")
        if ask.yes is None and ask.no is None:
            yield Fault("question", where, f"[{ask.question}] leads nowhere, whatever the answer")
    put = [ask.question for ask in state.asks]
    for question in dict.fromkeys(each for each in put if put.count(each) > 1):
        yield Fault("question", where, f"[{question}] is put twice, so an answer could mean either")


def _guards(workflow: Workflow, stage: str, where: str) -> Iterator[Fault]:
    for clauses in workflow.answers[stage].values():
        yield from _exclusive(where, [on for _, on in clauses], is_exhaustive=True)
    for alarm in workflow.alarms[stage]:
        yield from _exclusive(where, alarm.rings, is_exhaustive=alarm.ends_stage)


def _exclusive(where: str, clauses: Sequence[On | Ring], *, is_exhaustive: bool) -> Iterator[Fault]:
    """Clauses that share an event or a moment: guards differ, and exactly the last has none."""
    by_name: dict[str, list[On | Ring]] = {}
    for clause in clauses:
        name = clause.event.__name__ if isinstance(clause, On) else clause.moment.name
        by_name.setdefault(name, []).append(clause)
    for name, group in by_name.items():
        guards = [clause.when for clause in group]
        if None in guards[:-1]:
            yield Fault("guards_overlap", where, f"[{name}] has a clause without a guard before another")
        if len({guard for guard in guards if guard}) < sum(guard is not None for guard in guards):
            yield Fault("guards_overlap", where, f"[{name}] has two clauses with the same guard")
        if is_exhaustive and guards[-1] is not None:
            yield Fault(
                "guards_not_exhaustive", where, f"[{name}] is unanswered when no guard holds: end without a guard"
            )


def _moments(workflow: Workflow, state: State, where: str) -> Iterator[Fault]:
    """A timer is known by the name of its moment, and working days by the calendar's holidays."""
    moments = dict.fromkeys(ring.moment for ring in state.rings)
    names = [moment.name for moment in moments]
    for name in dict.fromkeys(each for each in names if names.count(each) > 1):
        yield Fault("same_name", where, f"[{name}] names two moments, so one timer would replace the other")
    for moment in dict.fromkeys([*(ask.due for ask in state.asks if ask.due), *moments]):
        if moment.business_days and "calendar" not in workflow.subject.model_fields:
            subject = workflow.subject.__name__
            text = f"[{moment.name}] counts working days, but [{subject}] has no [calendar] with holidays"
            yield Fault("no_calendar", where, text)


def _order(workflow: Workflow, order: Order, where: str) -> Iterator[Fault]:
    if isinstance(order, Notify):
        name = order.notice.__name__
        if not order.role.is_reachable:
            yield Fault("nobody_receives", where, f"[{name}] goes to [{order.role.name}], whom nothing reaches")
        for field in order.notice.model_fields:
            if not has(workflow.subject, field):
                yield Fault(
                    "missing_field", where, f"[{name}] tells [{field}], which [{workflow.subject.__name__}] lacks"
                )
        for field in personal_fields(order.notice):
            if order.role.is_outside:
                yield Fault("personal_field", where, f"[{name}] would tell [{order.role.name}] the personal [{field}]")
    elif not _gives_events(order):
        for field, made in order.event.model_fields.items():
            if made.is_required() and not has(workflow.subject, field):
                text = f"[{order.event.__name__}] carries [{field}], which [{workflow.subject.__name__}] lacks"
                yield Fault("missing_field", where, text)


def _gives_events(order: Send) -> bool:
    """Whether the recipients come with their events, so that nothing is filled from the subject."""
    return "Mapping" in str(get_type_hints(order.to).get("return"))


def _reach(workflow: Workflow) -> Iterator[Fault]:
    starts = {on.to for on in workflow.opens if on.to in workflow.states}
    reached = starts.union(*(workflow.reaches[start] for start in starts if start is not None))
    for stage in workflow.states:
        if stage not in reached:
            yield Fault("unreachable", f"{workflow.name}.{stage}", "no clause leads here")


def _loops(workflow: Workflow) -> Iterator[Fault]:
    """A circle of timers alone would go round for ever without anybody."""
    onward = {
        stage: {ring.to for ring in state.rings if ring.to is not None} for stage, state in workflow.states.items()
    }
    for stage in workflow.states:
        seen: set[str] = set()
        todo = list(onward[stage])
        while todo:
            far = todo.pop()
            if far not in seen:
                seen.add(far)
                todo += onward.get(far, ())
        if stage in seen:
            yield Fault("unbounded_loop", f"{workflow.name}.{stage}", "timers alone lead from here back to here")


def _seats(workflow: Workflow) -> Iterator[Fault]:
    for stage in workflow.states:
        for clauses in workflow.answers[stage].values():
            for clause, on in clauses:
                if on.to is None or on.to not in workflow.states or not on.event.offers_seat:
                    continue
                if not _ends_by_itself(workflow, on.to):
                    text = (
                        f"[{clause}] offers a seat, but [{on.to}] holds it for ever: end it with after(...) or at(...)"
                    )
                    yield Fault("offer_without_expiry", f"{workflow.name}.{on.to}", text)


def _ends_by_itself(workflow: Workflow, stage: str) -> bool:
    return workflow.states[stage].is_final or any(alarm.ends_stage for alarm in workflow.alarms[stage])


def _orders(state: State) -> Iterator[Order]:
    yield from state.entry
    for on in state.ons:
        yield from on.do
    for ring in state.rings:
        yield from ring.do


def _sent_and_told(workflows: Iterable[Workflow]) -> tuple[set[type[Event]], set[type[NoticeBody]]]:
    sent: set[type[Event]] = set()
    told: set[type[NoticeBody]] = set()
    for workflow in workflows:
        orders = [order for state in workflow.states.values() for order in _orders(state)]
        orders += [order for on in (*workflow.opens, *workflow.throughout) for order in on.do]
        sent |= {order.event for order in orders if isinstance(order, Send)}
        told |= {order.notice for order in orders if isinstance(order, Notify)}
    return sent, told


def _shared_openings(workflows: Sequence[Workflow]) -> list[Fault]:
    openers: dict[str, set[str]] = {}
    for workflow in workflows:
        for on in workflow.opens:
            openers.setdefault(on.event.__name__, set()).add(workflow.name)
    return [
        Fault("opens_two", event, f"this event opens cases of {sorted(names)}: which one is meant?")
        for event, names in sorted(openers.items())
        if len(names) > 1
    ]
