"""The clauses in which a workflow is written.  Read each as a sentence.

Seven clauses: `entry, on, after, at, ask` inside a `state`; `final`; `throughout`.  Two effects: `notify`, `send`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

from schemas.events import Event
from schemas.events.engine import QuestionAnswered, TimerRang
from schemas.ids import CaseId
from schemas.notices import NoticeBody
from schemas.record import Record
from schemas.roles import Role
from workflows.engine.check import DefinitionError, check
from workflows.engine.definition import Ask, Notify, On, Order, Ring, Send, State, Workflow
from workflows.engine.moments import Moment

C = TypeVar("C", bound=Record)
E = TypeVar("E", bound=Event)
S = TypeVar("S", bound=StrEnum)
C_contra = TypeVar("C_contra", bound=Record, contravariant=True)


class Clause(NamedTuple, Generic[C_contra]):
    """A clause about one kind of subject; the type ties its functions to that subject."""

    part: On | Ring | Ask | tuple[Order, ...]


class Effect(NamedTuple, Generic[C_contra]):
    """An effect about one kind of subject."""

    order: Order


class StateOf(NamedTuple, Generic[C_contra]):
    """A stage of one kind of subject."""

    state: State


def notify(role: Role, notice: type[NoticeBody]) -> Effect[Any]:
    """Tell a role a notice, filled from the subject's fields of the same names."""
    return Effect(Notify(role, notice))


def send(event: type[E], *, to: Callable[[C], CaseId | Mapping[CaseId, E] | None]) -> Effect[C]:
    """Send an event to another case, or to several.

    Args:
        event: What is sent.
        to: One case (the event is filled from the subject's fields of the same names; None sends nothing), or
            several, each with its event.
    """
    return Effect(Send(event, to))


def entry(*effects: Effect[C]) -> Clause[C]:
    """On arrival in the stage, order these effects."""
    return Clause(_orders(effects))


def on(
    event: type[E],
    *,
    to: StrEnum | None = None,
    when: Callable[[C, E], bool] | None = None,
    keep: Callable[[C, E], C] | None = None,
    do: Sequence[Effect[C]] = (),
) -> Clause[C]:
    """When the event arrives: keep facts, order effects, go to a stage.

    Args:
        event: The event answered.
        to: The stage it leads to; without it the case stays.
        when: A guard.  Guards on one event must exclude each other; the last clause has none.
        keep: Gives the subject with the facts of the event kept.
        do: Effects, ordered with the kept facts.
    """
    return Clause(On(event, _value(to), when, keep, _orders(do)))


def after(
    length: Callable[[C], timedelta] | None = None,
    *,
    days: int = 0,
    hours: int = 0,
    business_days: int = 0,
    to: StrEnum | None = None,
    when: Callable[[C, TimerRang], bool] | None = None,
    keep: Callable[[C, TimerRang], C] | None = None,
    do: Sequence[Effect[C]] = (),
) -> Clause[C]:
    """When so much time has passed since arrival in the stage.

    Args:
        length: A configured length, read from the subject.
        days: Days to add.
        hours: Hours to add.
        business_days: Working days to add.
        to: The stage it leads to.
        when: A guard; clauses of one stage that share a moment are tried in order.
        keep: Gives the subject with a fact kept.
        do: Effects.
    """
    moment = Moment(None, timedelta(days=days, hours=hours), length, business_days)
    return Clause(Ring(moment, _value(to), when, keep, _orders(do)))


def at(
    anchor: Callable[[C], datetime | None],
    *,
    days: int = 0,
    hours: int = 0,
    to: StrEnum | None = None,
    when: Callable[[C, TimerRang], bool] | None = None,
    keep: Callable[[C, TimerRang], C] | None = None,
    do: Sequence[Effect[C]] = (),
) -> Clause[C]:
    """When a date of the subject has come, with an offset.

    The timer follows the date if it moves.  Without a date (None) there is no timer.

    Args:
        anchor: The date, read from the subject.
        days: Days to add; negative is before.
        hours: Hours to add; negative is before.
        to: The stage it leads to.
        when: A guard; clauses of one stage that share a moment are tried in order.
        keep: Gives the subject with a fact kept.
        do: Effects.
    """
    moment = Moment(anchor, timedelta(days=days, hours=hours))
    return Clause(Ring(moment, _value(to), when, keep, _orders(do)))


def ask(
    role: Role | tuple[Role, ...],
    question: str,
    *,
    yes: StrEnum | None,
    no: StrEnum | None,
    quorum: int = 1,
    in_order: bool = False,
    about: Callable[[C], str] | None = None,
    not_by: Callable[[C], Sequence[str]] | None = None,
    needs_reason: bool = False,
    due_days: int = 0,
    due_business_days: int = 0,
    escalate_to: Role | None = None,
    keep: Callable[[C, QuestionAnswered], C] | None = None,
) -> Clause[C]:
    """Ask people a question.

    Any change of the facts decided on closes the question and asks again, so nobody approves what has changed.

    Args:
        role: Who is asked; several roles must all say yes.
        question: In English; its Korean stands in the word list.
        yes: The stage a yes leads to.
        no: The stage a no leads to; one no decides.
        quorum: How many people of the role must say yes.
        in_order: Whether several roles answer one after another.
        about: The facts that are decided on, as text; all but the calendar if left out.
        not_by: The actors who may not answer.
        needs_reason: Whether an answer without a reason is refused.
        due_days: Days until the question is escalated.
        due_business_days: Working days until the question is escalated.
        escalate_to: Who may answer as well from then on, and is told.
        keep: Gives the subject with a fact of the final answer kept.
    """
    roles = role if isinstance(role, tuple) else (role,) * quorum
    has_due = bool(due_days or due_business_days)
    due = Moment(None, timedelta(days=due_days), None, due_business_days) if has_due else None
    return Clause(
        Ask(roles, question, _value(yes), _value(no), in_order, about, not_by, due, escalate_to, needs_reason, keep)
    )


def state(*clauses: Clause[C]) -> StateOf[C]:
    """A stage in which a case waits."""
    return _state(clauses, is_final=False)


def final(*parts: Clause[C] | Effect[C]) -> StateOf[C]:
    """A stage in which a case ends.  It may still answer events, but is never left."""
    arrival = entry(*(part for part in parts if isinstance(part, Effect)))
    return _state((arrival, *(part for part in parts if isinstance(part, Clause))), is_final=True)


def workflow(
    name: str,
    *,
    version: int,
    subject: type[C],
    opens: Sequence[Clause[C]],
    states: Mapping[S, StateOf[C]],
    throughout: Sequence[Clause[C]] = (),
) -> Workflow:
    """Give the checked definition.

    Args:
        name: The stored name.
        version: Raised whenever the shape changes; the old file stays until no case is on it.
        subject: The facts of a case; has a field named as the workflow, which holds the case's id.
        opens: How a case begins: the same clauses as inside a state, each with a stage.
        states: Every stage.
        throughout: What holds in every stage that is not final, unless the stage answers the event itself.

    Raises:
        DefinitionError: Lists every fault at once.
    """
    made = Workflow(
        name=name,
        version=version,
        subject=subject,
        opens=_ons(opens),
        states={stage.value: made_of.state for stage, made_of in states.items()},
        throughout=_ons(throughout),
    )
    faults = check(made)
    if faults:
        raise DefinitionError(made, faults)
    return made


def _state(clauses: Sequence[Clause[C]], *, is_final: bool) -> StateOf[C]:
    parts = [clause.part for clause in clauses]
    return StateOf(
        State(
            entry=tuple(order for part in parts if not isinstance(part, On | Ring | Ask) for order in part),
            asks=tuple(part for part in parts if isinstance(part, Ask)),
            ons=tuple(part for part in parts if isinstance(part, On)),
            rings=tuple(part for part in parts if isinstance(part, Ring)),
            is_final=is_final,
        )
    )


def _ons(clauses: Sequence[Clause[C]]) -> tuple[On, ...]:
    parts = [clause.part for clause in clauses]
    if not all(isinstance(part, On) for part in parts):
        raise TypeError("only on(...) stands outside a state")
    return tuple(part for part in parts if isinstance(part, On))


def _orders(effects: Sequence[Effect[Any]]) -> tuple[Order, ...]:
    return tuple(effect.order for effect in effects)


def _value(stage: StrEnum | None) -> str | None:
    return None if stage is None else stage.value
