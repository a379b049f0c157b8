"""Runs the embedded backend: alarms, topics and dead letters, in durable batches."""

from collections.abc import Callable

from pydantic import ValidationError

from functions.adapters.local.database import Database
from functions.adapters.local.sqlite_queue import DEAD, EVENTS, NOTICES, Delivery, SqliteQueue
from functions.adapters.local.sqlite_timers import SqliteTimers
from functions.observe.call import following
from schemas.messages import Message, Notice
from workflows.runtime.advance import advance
from workflows.runtime.bury import bury, bury_unreadable
from workflows.runtime.deliver import deliver
from workflows.runtime.fan_out import fan_out
from workflows.runtime.intake import faults_of
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.ports import Alarm, Ports
from workflows.runtime.ring import ring
from workflows.runtime.send import send_due

BATCH = 1000


class Worker:
    """Delivers what waits, a batch in one transaction, each message in a savepoint of its own.

    A message that fails is put back with its attempts counted, and holds up nobody.
    """

    def __init__(
        self,
        database: Database,
        queue: SqliteQueue,
        timers: SqliteTimers,
        ports: Ports,
        partners: PartnerPorts | None = None,
    ) -> None:
        self._database = database
        self._queue = queue
        self._timers = timers
        self._ports = ports
        self._partners = partners
        self._consumers: dict[str, Callable[[Delivery], object]] = {
            EVENTS: lambda delivery: advance(Message.model_validate_json(delivery.blob), ports),
            NOTICES: lambda delivery: self._tell(Notice.model_validate_json(delivery.blob)),
            DEAD: lambda delivery: _bury(delivery, ports),
        }

    def drain(self) -> int:
        """Deliver until nothing is left that can be delivered now, and give how many deliveries it took."""
        total = 0
        while count := self.deliver_batch():
            total += count
        return total

    def deliver_batch(self) -> int:
        """Deliver one batch, and give how many there were."""
        try:
            with self._database.batch(is_bold=True):
                deliveries = self._queue.take(self._ports.clock.now(), BATCH)
                for delivery in deliveries:
                    self._consume(delivery)
                self._queue.acknowledge(deliveries)
        except Exception:  # noqa: BLE001  whatever it is, the batch is undone; with care, each message stands alone
            with self._database.batch():
                deliveries = self._queue.take(self._ports.clock.now(), BATCH)
                self._queue.acknowledge([delivery for delivery in deliveries if self._deliver(delivery)])
        return len(deliveries)

    def _deliver(self, delivery: Delivery) -> bool:
        try:
            with self._database.batch():
                self._consume(delivery)
        except Exception as error:  # noqa: BLE001  whatever it is, it is counted, and buried with its reason in the end
            self._queue.fail(delivery, _reason(error), self._ports.clock.now())
            return False
        return True

    def _consume(self, delivery: Delivery) -> None:
        with following(delivery.topic, delivery.trace):
            self._consumers[delivery.topic](delivery)

    def _tell(self, notice: Notice) -> None:
        if self._partners is not None:
            fan_out(notice, self._ports, self._partners)
        deliver(notice, self._ports)

    def post(self) -> int:
        """Send the letters that are due, and give how many; never inside a batch, which could be undone."""
        return send_due(self._ports)

    def due(self) -> list[tuple[str, Alarm]]:
        """Give the alarms that should go off now, in order of their time and name."""
        return list(self._timers.due(self._ports.clock.now(), BATCH))

    def ring(self, name: str, alarm: Alarm) -> Message | None:
        """Let one alarm go off, and give its message if the case still held the timer."""
        with self._database.batch():
            message = ring(alarm, self._ports)
            self._timers.silence(name)
        return message

    def ring_all(self) -> int:
        """Let every alarm go off that should by now, in one batch, and give how many there were."""
        with self._database.batch():
            due = self.due()
            for name, alarm in due:
                self.ring(name, alarm)
        return len(due)


def _bury(delivery: Delivery, ports: Ports) -> None:
    try:
        message = Message.model_validate_json(delivery.blob)
    except ValidationError:
        bury_unreadable(delivery.blob.encode(), "no_message", ports, source="events", key=b"")
    else:
        bury(message, delivery.reason, ports, source="advance")


def _reason(error: Exception) -> str:
    """Say why, without repeating what was sent: it may be personal."""
    if isinstance(error, ValidationError):
        return f"no_message: {', '.join(faults_of(error))}"
    return f"{type(error).__name__}: {error}"
