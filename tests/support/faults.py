"""Ports that break at a chosen call: before it has done anything, or after it has done everything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from functions.adapters.local.database import Database
from functions.adapters.local.sqlite_case_store import SqliteCaseStore
from schemas.messages import Message, Notice
from workflows.runtime.ports import Alarm, Ports

Mode = Literal["before", "after"]


class Crash(BaseException):
    """The process dies: nothing catches this, and nothing in memory survives it."""


@dataclass
class Plan:
    """Counts the calls to all watched ports, and breaks at one of them.

    Attributes:
        breaks_at: The number of the call that breaks, counted from 0; none if it is negative.
        error: What it breaks with.
        calls: The calls so far, as `port.method`.
        published: Every message and notice that went out.
        started: Every alarm that was set.
    """

    breaks_at: int = -1
    mode: Mode = "before"
    error: BaseException = field(default_factory=Crash)
    calls: list[str] = field(default_factory=list)
    published: list[Message] = field(default_factory=list)
    told: list[Notice] = field(default_factory=list)
    started: list[Alarm] = field(default_factory=list)

    def watched(self, ports: Ports) -> Ports:
        """Give the ports with every call to cases, topics and alarms counted."""
        return replace(
            ports,
            cases=_Watched("cases", ports.cases, self),  # type: ignore[arg-type]
            publisher=_Watched("publisher", ports.publisher, self),  # type: ignore[arg-type]
            timers=_Watched("timers", ports.timers, self),  # type: ignore[arg-type]
        )

    def call(self, name: str, do: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Make one call, or break."""
        number = len(self.calls)
        self.calls.append(name)
        if name == "publisher.publish":
            arguments = tuple(list(each) for each in arguments)
        if number == self.breaks_at and self.mode == "before":
            raise self.error
        result = do(*arguments, **named)
        if name == "publisher.publish":
            self.published += arguments[0]
            self.told += arguments[1]
        if name == "timers.start":
            self.started += arguments[0]
        if number == self.breaks_at:
            raise self.error
        return result


class _Watched:
    def __init__(self, name: str, port: Any, plan: Plan) -> None:
        self._name, self._port, self._plan = name, port, plan

    def __getattr__(self, method: str) -> Any:
        do = getattr(self._port, method)
        return lambda *arguments, **named: self._plan.call(f"{self._name}.{method}", do, arguments, named)


def reborn(ports: Ports, database: Database) -> Ports:
    """Give the ports of a new process on the same file: whatever the old one had in memory is gone."""
    return replace(ports, cases=SqliteCaseStore(database))


def once() -> Iterator[int]:
    """A `Tries` that tries once."""
    yield 0


def thrice() -> Iterator[int]:
    """A `Tries` that tries three times, without a rest."""
    yield from range(3)


def names(calls: Sequence[str]) -> list[str]:
    """The calls that change something."""
    return [call for call in calls if call in {"cases.commit", "publisher.publish", "timers.start"}]
