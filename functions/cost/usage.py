"""What functions did, summed up from the lines they wrote."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from functions.observe.events import COUNTERS

SUMMED = (*COUNTERS, "cpu_ms")


@dataclass(slots=True)
class Usage:
    """What some calls did together.

    Attributes:
        calls: How many there were.
        log_lines: Lines that were written, about them and beside them.
        log_bytes: How long these were.
        counted: The counters, and the processor time in ms, by name.
    """

    calls: int = 0
    log_lines: int = 0
    log_bytes: int = 0
    counted: dict[str, float] = field(default_factory=dict)

    def add(self, other: "Usage") -> None:
        """Add what others did."""
        self.calls += other.calls
        self.log_lines += other.log_lines
        self.log_bytes += other.log_bytes
        for name, many in other.counted.items():
            self.counted[name] = self.counted.get(name, 0) + many

    def __getitem__(self, name: str) -> float:
        """Give a counter; 0 if nothing was counted."""
        return self.counted.get(name, 0)


@dataclass(frozen=True, slots=True)
class Measured:
    """A cohort that was run, with what it took.

    Attributes:
        learners: People who applied.
        transitions: Entries written.
        cpu_seconds: Processor time of the processes that served, whole.
        functions: What each function did.
    """

    learners: int
    transitions: int
    cpu_seconds: float
    functions: Mapping[str, Usage]

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> "Measured":
        """Read what was recorded."""
        functions = {name: Usage(**usage) for name, usage in read["functions"].items()}
        return cls(read["learners"], read["transitions"], read["cpu_seconds"], functions)

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values, to be recorded."""
        return asdict(self)

    def total(self) -> Usage:
        """Give what all functions did."""
        total = Usage()
        for usage in self.functions.values():
            total.add(usage)
        return total


def read_lines(lines: Iterable[str]) -> tuple[dict[str, Usage], float]:
    """Sum up the lines of functions by function, and give the processor time that their servers told of at the end."""
    found: dict[str, Usage] = {}
    cpu_seconds = 0.0
    for line in lines:
        told = _told(line)
        served = told.get("cpu_seconds")
        if isinstance(served, float):
            cpu_seconds += served
            continue
        usage = found.setdefault(str(told.get("function", "")), Usage())
        usage.add(Usage(log_lines=1, log_bytes=len(line.encode())))
        if told.get("event") == "called":
            usage.add(Usage(calls=1, counted=dict(_counted(told))))
    return found, cpu_seconds


def _told(line: str) -> dict[str, object]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _counted(told: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    for name in SUMMED:
        many = told.get(name)
        if isinstance(many, int | float):
            yield name, many
