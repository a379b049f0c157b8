"""The topics as a durable queue in SQLite: at least once, attempts counted, dead letters kept apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.adapters.local.database import Database
from functions.adapters.local.instants import instant
from functions.observe.call import passed_on
from functions.observe.trace import HEADER
from schemas.messages import Message, Notice

EVENTS, NOTICES, DEAD = "events", "notices", "dead"
ATTEMPTS_MAX = 5
BACKOFF_MIN = timedelta(seconds=10)
BACKOFF_MAX = timedelta(seconds=600)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way to its consumer.

    Attributes:
        trace: Of the call that it follows from; empty where nobody calls.
    """

    place: int
    topic: str
    blob: str
    attempts: int
    reason: str
    trace: str = ""


class SqliteQueue:
    """A `Publisher`, and the subscriptions behind it."""

    def __init__(self, database: Database, *, tells: bool = True) -> None:
        self._database = database
        self._tells = tells

    def publish(self, messages: Iterable[Message], notices: Iterable[Notice]) -> None:
        """Hand over a batch."""
        trace = passed_on().get(HEADER, "")
        rows = [(EVENTS, message.id, message.model_dump_json(exclude_defaults=True), trace) for message in messages]
        if self._tells:
            rows += [(NOTICES, notice.id, notice.model_dump_json(exclude_defaults=True), trace) for notice in notices]
        if rows:
            self._database.execute_many("insert into queue (topic, message_id, blob, trace) values (?, ?, ?, ?)", rows)

    def take(self, now: datetime, limit: int) -> Sequence[Delivery]:
        """Give what can be delivered now, oldest first.  Call it inside a batch: it hides nothing from others."""
        query = (
            "select place, topic, blob, attempts, reason, trace from queue where available_at <= ? "
            "order by available_at, place limit ?"
        )
        return [Delivery(*row) for row in self._database.all(query, (instant(now), limit))]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Forget messages that were taken care of."""
        places = [(delivery.place,) for delivery in deliveries]
        self._database.execute_many("delete from queue where place = ?", places)

    def fail(self, delivery: Delivery, reason: str, now: datetime) -> None:
        """Put a message back, to be delivered again later; after five attempts among the dead letters.

        Dead letters come again for ever: their consumer never gives one up.
        """
        attempts = delivery.attempts + 1
        is_dead = delivery.topic == EVENTS and attempts >= ATTEMPTS_MAX
        wait = timedelta(0) if is_dead else min(BACKOFF_MIN * 2 ** min(attempts - 1, 10), BACKOFF_MAX)
        row = (DEAD if is_dead else delivery.topic, attempts, instant(now + wait), reason[:500], delivery.place)
        with self._database.batch():
            query = "update queue set topic = ?, attempts = ?, available_at = ?, reason = ? where place = ?"
            self._database.execute(query, row)

    def waiting(self) -> int:
        """Give how many messages are not acknowledged."""
        (count,) = self._database.one("select count(*) from queue")
        return int(count)
