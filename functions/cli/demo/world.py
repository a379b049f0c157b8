"""What a story needs of the system it runs on; the embedded backend and the local stack both offer it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from functions.embedded import Embedded
from functions.forms.doors import Door
from schemas.ids import CaseId, MessageId
from workflows.engine.decide import ring_message_id
from workflows.runtime.ports import Alarm, Ports
from workflows.runtime.sweep import sweep

DEMO_KEY = b"only the demo's key; a real one comes from the Secret Manager"
DESK = "desk"
DESK_ROLES = (
    "applicant",
    "learner",
    "operator",
    "reviewer",
    "instructor",
    "career_staff",
    "university",
    "city",
    "lead",
)

Address = tuple[CaseId, MessageId]
"""Where the history will say what became of a message."""


class World(Protocol):
    """A running Sadari with a clock that can be turned."""

    name: str
    ports: Ports

    def turn(self, to: datetime) -> None:
        """Turn the clock."""

    def post(self, path: str, mimetype: str, body: bytes, submission: str) -> dict[str, Any]:
        """Send a body to `intake` as the desk, and give its answer."""

    def ring(self, alarms: Sequence[Alarm]) -> None:
        """Let alarms go off."""

    def sweep(self) -> list[Address]:
        """Ring what no alarm rings, and say where the messages go."""

    def settle(self) -> None:
        """Let whatever waits be delivered, for a moment at least."""

    def instant(self) -> AbstractContextManager[object]:
        """Give the context of what happens at one instant of the clock."""


class EmbeddedWorld:
    """Sadari in one SQLite file."""

    name = "embedded"

    def __init__(self, embedded: Embedded) -> None:
        self._embedded = embedded
        self.ports = embedded.ports

    def turn(self, to: datetime) -> None:
        """Turn the clock."""
        self._embedded.clock.turn(to, is_kept=False)

    def post(self, path: str, mimetype: str, body: bytes, submission: str) -> dict[str, Any]:
        """Open the desk's door from inside: the same code as behind `intake`, without HTTP and signature."""
        roles = frozenset(DESK_ROLES)
        door = Door(name=DESK, submission=submission, roles=roles, key=DEMO_KEY, ports=self.ports)
        with self._embedded.database.batch():
            return door.take_in(path, mimetype, body)

    def ring(self, alarms: Sequence[Alarm]) -> None:
        """Let alarms go off."""
        with self._embedded.database.batch():
            for alarm in alarms:
                self._embedded.worker.ring(ring_message_id(alarm.case, alarm.key, alarm.timer), alarm)

    def sweep(self) -> list[Address]:
        """Ring what no alarm rings."""
        return [(message.case, message.id) for message in sweep(self.ports)]

    def settle(self) -> None:
        """Deliver everything, and keep the clock as well."""
        with self._embedded.database.batch():
            self._embedded.clock.turn(self._embedded.clock.now())
            self._embedded.worker.drain()

    def instant(self) -> AbstractContextManager[object]:
        """Give one durable batch: what happens at one instant is written to the disk once."""
        return self._embedded.database.batch()
