"""The records a workflow is made of.  Written with `notation`, proved by `check`, read by everything else."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from schemas.events import Event
from schemas.facts import fact_fields
from schemas.notices import NoticeBody
from schemas.record import Record
from schemas.roles import Role
from workflows.engine.moments import Moment

QUESTION = "question"
"""The last part of the key of the timer that escalates a question."""

UNDO = "undo"
"""The last part of the key of the timer by which a held answer takes effect."""


class Notify(NamedTuple):
    """Tell a role a notice; its fields are the subject's fields of the same names."""

    role: Role
    notice: type[NoticeBody]


class Send(NamedTuple):
    """Send an event to other cases.

    Attributes:
        to: From the subject: one case id, whose event is filled from the subject's fields of the same names, or a
            mapping of case ids to events.
    """

    event: type[Event]
    to: Callable[[Any], Any]


Order = Notify | Send


class On(NamedTuple):
    """When an event arrives."""

    event: type[Event]
    to: str | None
    when: Callable[[Any, Any], bool] | None
    keep: Callable[[Any, Any], Any] | None
    do: tuple[Order, ...]


class Ring(NamedTuple):
    """When a moment has come."""

    moment: Moment
    to: str | None
    when: Callable[[Any, Any], bool] | None
    keep: Callable[[Any, Any], Any] | None
    do: tuple[Order, ...]


class Ask(NamedTuple):
    """Ask people a question.

    Attributes:
        roles: Whose yes it needs, in order if `in_order`.  One no decides.
        about: From the subject: the facts that are decided on, as text; all of them but the calendar if left out.
        not_by: From the subject: the actors who may not answer (four eyes).
        needs_reason: Whether an answer without a reason is refused.
        due: After which the question goes to `escalate_to` as well.
    """

    roles: tuple[Role, ...]
    question: str
    yes: str | None
    no: str | None
    in_order: bool
    about: Callable[[Any], str] | None
    not_by: Callable[[Any], Sequence[str]] | None
    due: Moment | None
    escalate_to: Role | None
    needs_reason: bool
    keep: Callable[[Any, Any], Any] | None


class State(NamedTuple):
    """What is true while a case stands in one stage, in reading order."""

    entry: tuple[Order, ...] = ()
    asks: tuple[Ask, ...] = ()
    ons: tuple[On, ...] = ()
    rings: tuple[Ring, ...] = ()
    is_final: bool = False


class Alarm(NamedTuple):
    """The clauses of one stage that share one moment: the first whose guard holds is followed.

    Attributes:
        ends_stage: Whether it can end the stage, and so must leave time for answers that are on their way.
    """

    key: str
    moment: Moment
    rings: tuple[Ring, ...]
    ends_stage: bool


@dataclass(frozen=True)
class Workflow:
    """A definition with a version: small, flat, complete."""

    name: str
    version: int
    subject: type[Record]
    opens: tuple[On, ...]
    states: Mapping[str, State]
    throughout: tuple[On, ...] = ()

    @cached_property
    def fact_fields(self) -> tuple[str, ...]:
        """The subject's fields that refer to fact documents."""
        return fact_fields(self.subject)

    @cached_property
    def answers(self) -> Mapping[str, Mapping[str, tuple[tuple[str, On], ...]]]:
        """By stage and event name: the clauses that answer it, the stage's own before those that hold throughout."""
        return {stage: self._answers_of(stage, state) for stage, state in self.states.items()}

    def _answers_of(self, stage: str, state: State) -> Mapping[str, tuple[tuple[str, On], ...]]:
        found: dict[str, list[tuple[str, On]]] = {}
        for name, on in numbered(state.ons):
            found.setdefault(on.event.__name__, []).append((f"{stage}.on.{name}", on))
        own = set(found)
        for name, on in numbered(self.throughout):
            if not state.is_final and on.event.__name__ not in own:
                found.setdefault(on.event.__name__, []).append((f"throughout.on.{name}", on))
        return {event: tuple(clauses) for event, clauses in found.items()}

    @cached_property
    def alarms(self) -> Mapping[str, tuple[Alarm, ...]]:
        """By stage: its moments, each with the clauses that share it."""
        return {stage: tuple(_alarms(stage, state)) for stage, state in self.states.items()}

    @cached_property
    def ways(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """By stage: the clauses that lead out of it, each with the stage it leads to."""
        return {stage: tuple(self._ways_of(stage, state)) for stage, state in self.states.items()}

    def _ways_of(self, stage: str, state: State) -> Iterator[tuple[str, str]]:
        for index, ask in enumerate(state.asks):
            for answer, target in (("yes", ask.yes), ("no", ask.no)):
                if target is not None:
                    yield f"{stage}.ask{index}.{answer}", target
        for clauses in self.answers[stage].values():
            for clause, on in clauses:
                if on.to is not None:
                    yield clause, on.to
        for alarm in self.alarms[stage]:
            for index, ring in enumerate(alarm.rings):
                if ring.to is not None:
                    yield f"{alarm.key}.{index}", ring.to

    @cached_property
    def reaches(self) -> Mapping[str, frozenset[str]]:
        """By stage: the stages that a case standing there may still come to, itself only by a loop."""
        found: dict[str, frozenset[str]] = {}
        for start in self.states:
            seen: set[str] = set()
            todo = [start]
            while todo:
                for _, target in self.ways.get(todo.pop(), ()):
                    if target not in seen:
                        seen.add(target)
                        todo.append(target)
            found[start] = frozenset(seen)
        return found

    @cached_property
    def later(self) -> Mapping[str, frozenset[str]]:
        """By stage: the events that a stage still to come answers, so that they are kept if they come early."""
        return {
            stage: frozenset(event for far in reached if far in self.states for event in self.answers[far])
            for stage, reached in self.reaches.items()
        }

    @cached_property
    def events(self) -> frozenset[str]:
        """The names of all events that some stage answers."""
        named = {on.event.__name__ for state in self.states.values() for on in state.ons}
        return frozenset(named | {on.event.__name__ for on in (*self.opens, *self.throughout)})

    @cached_property
    def fingerprint(self) -> str:
        """The hash of the workflow's shape; a case pins it with the version."""
        shape = [self.name, self.version, self.subject.__name__, [_shape(on) for on in self.opens]]
        shape += [[stage, state.is_final, *map(_shape, _clauses(state))] for stage, state in self.states.items()]
        shape += [_shape(on) for on in self.throughout]
        return hashlib.sha256(json.dumps(shape, separators=(",", ":")).encode()).hexdigest()[:16]


def has(subject: type[Record], name: str) -> bool:
    """Whether such subjects have a field or a property of this name."""
    return name in subject.model_fields or hasattr(subject, name)


def numbered(ons: Sequence[On]) -> Iterator[tuple[str, On]]:
    """Give each clause its stable name: the event's, and a number where the event has several clauses."""
    seen: dict[str, int] = {}
    for on in ons:
        count = seen[on.event.__name__] = seen.get(on.event.__name__, -1) + 1
        yield (on.event.__name__ if count == 0 else f"{on.event.__name__}.{count}"), on


def _alarms(stage: str, state: State) -> Iterator[Alarm]:
    grouped: dict[Moment, list[Ring]] = {}
    for ring in state.rings:
        grouped.setdefault(ring.moment, []).append(ring)
    for moment, rings in grouped.items():
        ends_stage = any(ring.to is not None for ring in rings)
        yield Alarm(f"{stage}.{moment.name}", moment, tuple(rings), ends_stage)


def _clauses(state: State) -> Iterator[Any]:
    yield state.entry
    yield from (*state.asks, *state.ons, *state.rings)


def _shape(part: Any) -> Any:
    """Write a clause as plain names, for the fingerprint."""
    if part is None or isinstance(part, str | int | bool):
        return part
    if isinstance(part, Role):
        return part.name
    if isinstance(part, timedelta | datetime):
        return str(part)
    if isinstance(part, tuple | list):
        named = [type(part).__name__] if hasattr(part, "_fields") else []
        return [*named, *map(_shape, part)]
    if isinstance(part, type) or callable(part):
        return part.__name__
    return [type(part).__name__, *(_shape(getattr(part, name)) for name in part.__slots__)]
