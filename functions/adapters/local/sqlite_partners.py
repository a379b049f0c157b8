"""Subscriptions, deliveries, attempts and their alarms in one SQLite file."""

from collections.abc import Sequence
from datetime import datetime

from functions.adapters.local.database import Database
from functions.adapters.local.instants import instant
from schemas.api_keys import ApiKey, KeyId
from schemas.deliveries import Attempt, Delivery, DeliveryId, DeliveryState
from schemas.subscriptions import Health, Subscription, SubscriptionId, SubscriptionState
from workflows.runtime.errors import Rejected
from workflows.runtime.partner_ports import Due


class SqliteSubscriptions:
    """A `Subscriptions` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, subscription_id: SubscriptionId) -> Subscription | None:
        """Give a subscription."""
        row = self._database.one("select blob from subscriptions where id = ?", (subscription_id,))
        return None if row is None else Subscription.model_validate_json(row[0])

    def put(self, subscription: Subscription, *, seen: int) -> bool:
        """Keep it if its version is still the one seen; False if somebody was faster."""
        kept = subscription.model_copy(update={"version": seen + 1})
        row = (kept.partner, kept.state, kept.version, kept.model_dump_json(), kept.id)
        if seen:
            query = (
                "update subscriptions set partner = ?, state = ?, version = ?, blob = ? where id = ? and version = ?"
            )
            return self._database.execute(query, (*row, seen)).rowcount == 1
        query = "insert or ignore into subscriptions (partner, state, version, blob, id) values (?, ?, ?, ?, ?)"
        return self._database.execute(query, row).rowcount == 1

    def find(self, *, partner: str = "", state: SubscriptionState | None = None) -> Sequence[Subscription]:
        """Give those that match, by id."""
        query = "select blob from subscriptions where ? in ('', partner) and ? in ('', state) order by id"
        rows = self._database.all(query, (partner, state or ""))
        return [Subscription.model_validate_json(blob) for (blob,) in rows]

    def health(self, subscription_id: SubscriptionId) -> Health:
        """Give how its receiver does."""
        row = self._database.one("select blob from health where subscription = ?", (subscription_id,))
        return Health(subscription=subscription_id) if row is None else Health.model_validate_json(row[0])

    def put_health(self, health: Health, *, seen: int) -> bool:
        """Keep it if its version is still the one seen; False if somebody was faster."""
        kept = health.model_copy(update={"version": seen + 1})
        row = (kept.version, kept.model_dump_json(), kept.subscription)
        if seen:
            query = "update health set version = ?, blob = ? where subscription = ? and version = ?"
            return self._database.execute(query, (*row, seen)).rowcount == 1
        query = "insert or ignore into health (version, blob, subscription) values (?, ?, ?)"
        return self._database.execute(query, row).rowcount == 1


class SqliteDeliveries:
    """A `Deliveries` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, delivery: Delivery) -> bool:
        """Keep a delivery; False if it is kept already."""
        kept = delivery.model_copy(update={"version": 1})
        query = (
            "insert or ignore into deliveries (id, subscription, partner, state, made_at, next_at, version, blob) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        return self._database.execute(query, _row(kept)).rowcount == 1

    def get(self, delivery_id: DeliveryId) -> Delivery | None:
        """Give a delivery."""
        row = self._database.one("select blob from deliveries where id = ?", (delivery_id,))
        return None if row is None else Delivery.model_validate_json(row[0])

    def update(self, delivery: Delivery, *, seen: int, attempt: Attempt | None = None) -> bool:
        """Replace a delivery, and note an attempt with it: both if its version is still the one seen, or neither."""
        kept = delivery.model_copy(update={"version": seen + 1})
        query = (
            "update deliveries set id = ?, subscription = ?, partner = ?, state = ?, made_at = ?, next_at = ?, "
            "version = ?, blob = ? where id = ? and version = ?"
        )
        with self._database.batch():
            is_ours = self._database.execute(query, (*_row(kept), kept.id, seen)).rowcount == 1
            if is_ours and attempt is not None:
                row = (attempt.delivery, attempt.number, instant(attempt.at), attempt.model_dump_json())
                insert = "insert or replace into attempts (delivery, number, at, blob) values (?, ?, ?, ?)"
                self._database.execute(insert, row)
        return is_ours

    def attempts(self, delivery_id: DeliveryId) -> Sequence[Attempt]:
        """Give the attempts of a delivery that are still kept, in order."""
        rows = self._database.all("select blob from attempts where delivery = ? order by number", (delivery_id,))
        return [Attempt.model_validate_json(blob) for (blob,) in rows]

    def page(
        self,
        *,
        partner: str = "",
        subscription: SubscriptionId | None = None,
        state: DeliveryState | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str = "",
        limit: int,
    ) -> tuple[Sequence[Delivery], str]:
        """Give some of the deliveries that match, by when they were made, and the cursor of the next page."""
        made_at, delivery_id = read_cursor(after)
        asked: list[tuple[str, tuple[str, ...]]] = [("(made_at, id) > (?, ?)", (made_at, delivery_id))]
        asked += [("partner = ?", (partner,))] if partner else []
        asked += [("subscription = ?", (subscription,))] if subscription else []
        asked += [("state = ?", (state,))] if state else []
        asked += [("made_at >= ?", (instant(since),))] if since else []
        asked += [("made_at < ?", (instant(until),))] if until else []
        where = " and ".join(condition for condition, _ in asked)
        query = f"select blob from deliveries where {where} order by made_at, id limit ?"  # noqa: S608  no value in it
        rows = self._database.all(query, (*(value for _, values in asked for value in values), limit))
        found = [Delivery.model_validate_json(blob) for (blob,) in rows]
        return found, cursor_of(found[-1]) if len(found) == limit else ""

    def of_person(self, person: str) -> Sequence[Delivery]:
        """Give the deliveries that were made with personal fields of this person."""
        place = "json_extract(blob, '$.person')"
        query = f"select blob from deliveries where {place} = ? and {place} <> '' order by made_at, id"  # noqa: S608
        return [Delivery.model_validate_json(blob) for (blob,) in self._database.all(query, (person,))]

    def overdue(self, now: datetime, *, limit: int) -> Sequence[Delivery]:
        """Give deliveries whose next attempt should have been made by now, the longest overdue first."""
        query = "select blob from deliveries where next_at <= ? order by next_at, id limit ?"
        return [Delivery.model_validate_json(blob) for (blob,) in self._database.all(query, (instant(now), limit))]

    def forget(self, before: datetime, *, limit: int) -> int:
        """Destroy some of the attempts older than this; give how many."""
        query = (
            "delete from attempts where (delivery, number) in "
            "(select delivery, number from attempts where at < ? order by at limit ?)"
        )
        return self._database.execute(query, (instant(before), limit)).rowcount


class SqliteKeys:
    """A `Keys` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key_id: KeyId) -> ApiKey | None:
        """Give a key."""
        row = self._database.one("select blob from api_keys where id = ?", (key_id,))
        return None if row is None else ApiKey.model_validate_json(row[0])

    def put(self, key: ApiKey, *, seen: int) -> bool:
        """Keep it if its version is still the one seen; False if somebody was faster."""
        kept = key.model_copy(update={"version": seen + 1})
        row = (kept.partner, kept.version, kept.model_dump_json(), kept.id)
        if seen:
            query = "update api_keys set partner = ?, version = ?, blob = ? where id = ? and version = ?"
            return self._database.execute(query, (*row, seen)).rowcount == 1
        query = "insert or ignore into api_keys (partner, version, blob, id) values (?, ?, ?, ?)"
        return self._database.execute(query, row).rowcount == 1

    def find(self, *, partner: str = "") -> Sequence[ApiKey]:
        """Give those that match, by id."""
        rows = self._database.all("select blob from api_keys where ? in ('', partner) order by id", (partner,))
        return [ApiKey.model_validate_json(blob) for (blob,) in rows]


class SqliteAttemptAlarms:
    """An `AttemptAlarms` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, dues: Sequence[Due]) -> None:
        """Set each alarm; one that is set already is left alone."""
        rows = [(due.name, instant(due.at), due.number, due.delivery, due.subscription) for due in dues]
        query = "insert or ignore into attempt_alarms (name, at, number, delivery, subscription) values (?, ?, ?, ?, ?)"
        self._database.execute_many(query, rows)

    def due(self, subscription_id: SubscriptionId, now: datetime, limit: int) -> Sequence[tuple[str, Due]]:
        """Give the alarms of one subscription that should go off, each with its name, in order of their time."""
        query = (
            "select name, delivery, number, at from attempt_alarms where subscription = ? and has_rung = 0 and at <= ? "
            "order by at limit ?"
        )
        rows = self._database.all(query, (subscription_id, instant(now), limit))
        return [
            (name, Due(DeliveryId(delivery), subscription_id, number, datetime.fromisoformat(at)))
            for name, delivery, number, at in rows
        ]

    def next_at(self) -> datetime | None:
        """Give when the next alarm of any subscription goes off."""
        (at,) = self._database.one("select min(at) from attempt_alarms where has_rung = 0")
        return None if at is None else datetime.fromisoformat(at)

    def silence(self, names: Sequence[str]) -> None:
        """Note that alarms have gone off and were heard."""
        self._database.execute_many(
            "update attempt_alarms set has_rung = 1 where name = ?", [(name,) for name in names]
        )

    def forget(self, before: datetime, *, limit: int) -> int:
        """Destroy some of the alarms that were due before this and have gone off; give how many."""
        query = (
            "delete from attempt_alarms where name in "
            "(select name from attempt_alarms where has_rung = 1 and at < ? order by at limit ?)"
        )
        return self._database.execute(query, (instant(before), limit)).rowcount


def cursor_of(delivery: Delivery) -> str:
    """Give the cursor of the page after this delivery."""
    return f"{instant(delivery.made_at)}~{delivery.id}"


def read_cursor(text: str) -> tuple[str, str]:
    """Give where a page begins.

    Raises:
        Rejected: It is no cursor.
    """
    made_at, sign, delivery_id = text.partition("~")
    if text and (not sign or not delivery_id):
        raise Rejected("This is no cursor that a page gave.", code="no_such_page")
    return made_at, delivery_id


def _row(delivery: Delivery) -> tuple[object, ...]:
    next_at = None if delivery.next_at is None else instant(delivery.next_at)
    identity = (delivery.id, delivery.subscription, delivery.partner, delivery.state)
    return (*identity, instant(delivery.made_at), next_at, delivery.version, delivery.model_dump_json())
