"""One call of a function: what it counts, what it may say of itself, and its trace."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from functions.observe.trace import Trace, begin


@dataclass(slots=True)
class Step:
    """One call to a service within a call, for its trace."""

    name: str
    began_ns: int
    ended_ns: int = 0


@dataclass(slots=True)
class Call:
    """A call that is under way.

    Attributes:
        function: Which.
        trace: Where it stands.
        counted: What the adapters did, by the names in `COUNTERS`.
        said: What the line about it will carry.
        steps: The calls it made, if it is sampled.
    """

    function: str
    trace: Trace
    counted: Counter[str] = field(default_factory=Counter)
    said: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    began_ns: int = field(default_factory=time.time_ns)
    _began: float = field(default_factory=time.perf_counter)
    _cpu: float = field(default_factory=time.thread_time)

    def so_far(self) -> dict[str, float]:
        """Give how long it has taken, and how much of the processor the thread that answers has used."""
        cpu, took = time.thread_time() - self._cpu, time.perf_counter() - self._began
        return {"ms": round(1000 * took), "cpu_ms": round(1000 * cpu, 1)}


_counting = threading.Lock()
"""A call may ask several things at once, each in a thread of its own."""

_current: ContextVar[Call | None] = ContextVar("call", default=None)


def current() -> Call | None:
    """Give the call that this thread answers."""
    return _current.get()


@contextmanager
def calling(function: str, caller: str | None = None, *, share: float = 0.0, is_ours: bool = True) -> Iterator[Call]:
    """Begin a call, in the trace of its caller if it names one."""
    call = Call(function, begin(caller, share=share, is_ours=is_ours))
    token = _current.set(call)
    try:
        yield call
    finally:
        _current.reset(token)


def following(function: str, caller: str) -> AbstractContextManager[object]:
    """Begin a call in the trace that a message brought; nothing where it brought none."""
    return calling(function, caller) if caller else nullcontext()


def count(**many: int) -> None:
    """Count something that the call under way does, by the names in `COUNTERS`."""
    call = _current.get()
    if call is not None:
        with _counting:
            call.counted.update(many)


def note(**said: Any) -> None:
    """Say something of the call under way, on its own line."""
    call = _current.get()
    if call is not None:
        call.said.update(said)


def follow(caller: str | None) -> None:
    """Place the call under way into the trace that a message brought."""
    call = _current.get()
    if call is not None:
        call.trace = call.trace.under(caller)


def passed_on() -> dict[str, str]:
    """Give what a message or a call takes along, so that its receiver goes on with the trace; nothing outside calls."""
    call = _current.get()
    return {} if call is None else {"traceparent": str(call.trace)}


@contextmanager
def step(name: str) -> Iterator[None]:
    """Time a call to a service, if the trace is kept."""
    call = _current.get()
    if call is None or not call.trace.is_sampled:
        yield
        return
    made = Step(name, time.time_ns())
    call.steps.append(made)
    try:
        yield
    finally:
        made.ended_ns = time.time_ns()
