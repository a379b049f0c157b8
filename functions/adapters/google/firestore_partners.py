"""Subscriptions, deliveries and attempts in Firestore.

    subscriptions/{subscription}        partner, state, version, blob
    revisions/subscriptions             count: of all changes to subscriptions
    receivers/{subscription}            version, blob
    deliveries/{delivery}               subscription, partner, person, state, made_at, next_at, version, blob
    attempts/{delivery}-{number}        delivery, number, at, blob
    api_keys/{key}                      partner, version, blob

Indexes: `blob` has none (field override).  Composite: deliveries (subscription, made_at), (partner, made_at), each
also with state before made_at; attempts (delivery, number).  Deliveries by `person`, and subscriptions and keys by
`partner`, are equalities with the name of the document behind them: the automatic single-field indexes serve these.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import Client, FieldFilter, Increment, Query

from functions.adapters.google.calls import CALL_SECONDS_MAX, asking
from functions.adapters.google.documents import MOVED, Documents, Snapshot
from schemas.api_keys import ApiKey, KeyId
from schemas.deliveries import Attempt, Delivery, DeliveryId, DeliveryState
from schemas.subscriptions import Health, Subscription, SubscriptionId, SubscriptionState
from workflows.runtime.errors import Rejected

SUBSCRIPTIONS, RECEIVERS, DELIVERIES, ATTEMPTS = "subscriptions", "receivers", "deliveries", "attempts"
KEYS, REVISIONS = "api_keys", "revisions"

LOST = (AlreadyExists, FailedPrecondition, NotFound)
"""What a change of a subscription is answered that compared in vain; `Aborted` may come of the revision they share."""


class FirestoreSubscriptions:
    """A `Subscriptions` in Firestore.

    Every notice asks for all of them, and they seldom change: they are kept in memory under the revision that was read
    before them, and one document says whether that still stands.  So a notice costs one read, however many there are,
    and nobody ever sees an older state than a read of all would have given.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._documents = Documents(client)
        self._known: tuple[int, Sequence[Subscription]] | None = None

    def get(self, subscription_id: SubscriptionId) -> Subscription | None:
        """Give a subscription."""
        snapshot = self._documents.read(SUBSCRIPTIONS, subscription_id)
        return None if snapshot is None else Subscription.model_validate_json(snapshot.get("blob"))

    def put(self, subscription: Subscription, *, seen: int) -> bool:
        """Keep it if its version is still the one seen; False if somebody was faster."""
        kept = subscription.model_copy(update={"version": seen + 1})
        document = {
            "partner": kept.partner,
            "state": kept.state.value,
            "version": kept.version,
            "blob": kept.model_dump_json(),
        }
        batch = self._client.batch()
        if seen:
            before = self._documents.read(SUBSCRIPTIONS, kept.id, fields=("version",))
            if before is None or before.get("version") != seen:
                return False
            option = self._client.write_option(last_update_time=before.update_time)
            batch.update(before.reference, document, option=option)
        else:
            batch.create(self._documents.at(SUBSCRIPTIONS, kept.id), document)
        batch.set(self._documents.at(REVISIONS, SUBSCRIPTIONS), {"count": Increment(1)}, merge=True)
        with asking("Firestore"):
            try:
                batch.commit(retry=None, timeout=CALL_SECONDS_MAX)
            except LOST:
                return False
        return True

    def find(self, *, partner: str = "", state: SubscriptionState | None = None) -> Sequence[Subscription]:
        """Give those that match, by id."""
        return [each for each in self._all() if partner in {"", each.partner} and state in {None, each.state}]

    def _all(self) -> Sequence[Subscription]:
        """Give all of them, by id, at the cost of one read unless one has changed."""
        snapshot = self._documents.read(REVISIONS, SUBSCRIPTIONS)
        revision = 0 if snapshot is None else int(snapshot.get("count"))
        known = self._known
        if known is None or known[0] != revision:
            query = self._documents.collection(SUBSCRIPTIONS).order_by("__name__")
            found = [Subscription.model_validate_json(each.get("blob")) for each in self._documents.all(query)]
            self._known = known = (revision, found)
        return known[1]

    def health(self, subscription_id: SubscriptionId) -> Health:
        """Give how its receiver does."""
        snapshot = self._documents.read(RECEIVERS, subscription_id)
        if snapshot is None:
            return Health(subscription=subscription_id)
        return Health.model_validate_json(snapshot.get("blob"))

    def put_health(self, health: Health, *, seen: int) -> bool:
        """Keep it if its version is still the one seen; False if somebody was faster."""
        kept = health.model_copy(update={"version": seen + 1})
        document = {"version": kept.version, "blob": kept.model_dump_json()}
        if not seen:
            return self._documents.create(document, RECEIVERS, kept.subscription)
        before = self._documents.read(RECEIVERS, kept.subscription, fields=("version",))
        return before is not None and before.get("version") == seen and self._documents.update(document, before)


class FirestoreKeys:
    """A `Keys` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def get(self, key_id: KeyId) -> ApiKey | None:
        """Give a key."""
        snapshot = self._documents.read(KEYS, key_id)
        return None if snapshot is None else ApiKey.model_validate_json(snapshot.get("blob"))

    def put(self, key: ApiKey, *, seen: int) -> bool:
        """Keep it if its version is still the one seen; False if somebody was faster."""
        kept = key.model_copy(update={"version": seen + 1})
        document = {"partner": kept.partner, "version": kept.version, "blob": kept.model_dump_json()}
        if not seen:
            return self._documents.create(document, KEYS, kept.id)
        before = self._documents.read(KEYS, kept.id, fields=("version",))
        return before is not None and before.get("version") == seen and self._documents.update(document, before)

    def find(self, *, partner: str = "") -> Sequence[ApiKey]:
        """Give those that match, by id."""
        query: Any = self._documents.collection(KEYS)
        if partner:
            query = query.where(filter=FieldFilter("partner", "==", partner))
        return [
            ApiKey.model_validate_json(each.get("blob")) for each in self._documents.all(query.order_by("__name__"))
        ]


class FirestoreDeliveries:
    """A `Deliveries` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._documents = Documents(client)

    def create(self, delivery: Delivery) -> bool:
        """Keep a delivery; False if it is kept already."""
        return self._documents.create(_document(delivery.model_copy(update={"version": 1})), DELIVERIES, delivery.id)

    def get(self, delivery_id: DeliveryId) -> Delivery | None:
        """Give a delivery."""
        snapshot = self._documents.read(DELIVERIES, delivery_id)
        return None if snapshot is None else _delivery_in(snapshot)

    def update(self, delivery: Delivery, *, seen: int, attempt: Attempt | None = None) -> bool:
        """Replace a delivery, and note an attempt with it: one commit."""
        before = self._documents.read(DELIVERIES, delivery.id, fields=("version",))
        if before is None or before.get("version") != seen:
            return False
        batch = self._client.batch()
        option = self._client.write_option(last_update_time=before.update_time)
        batch.update(before.reference, _document(delivery.model_copy(update={"version": seen + 1})), option=option)
        if attempt is not None:
            row = {
                "delivery": attempt.delivery,
                "number": attempt.number,
                "at": attempt.at,
                "blob": attempt.model_dump_json(),
            }
            batch.set(self._documents.at(ATTEMPTS, f"{attempt.delivery}-{attempt.number}"), row)
        with asking("Firestore"):
            try:
                batch.commit(retry=None, timeout=CALL_SECONDS_MAX)
            except MOVED:
                return False
        return True

    def attempts(self, delivery_id: DeliveryId) -> Sequence[Attempt]:
        """Give the attempts of a delivery that are still kept, in order."""
        query = self._documents.collection(ATTEMPTS).where(filter=FieldFilter("delivery", "==", delivery_id))
        return [Attempt.model_validate_json(each.get("blob")) for each in self._documents.all(query.order_by("number"))]

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
        query: Any = self._documents.collection(DELIVERIES)
        equal = {"partner": partner, "subscription": subscription or "", "state": "" if state is None else state.value}
        for name, value in equal.items():
            if value:
                query = query.where(filter=FieldFilter(name, "==", value))
        if since is not None:
            query = query.where(filter=FieldFilter("made_at", ">=", since))
        if until is not None:
            query = query.where(filter=FieldFilter("made_at", "<", until))
        query = query.order_by("made_at").order_by("__name__")
        if after:
            query = self._after(query, after)
        found = [_delivery_in(each) for each in self._documents.page(query.limit(limit))]
        return found, found[-1].id if len(found) == limit else ""

    def _after(self, query: Query, cursor: str) -> Query:
        last = self._documents.read(DELIVERIES, cursor, fields=("made_at",))
        if last is None:
            raise Rejected("This is no cursor that a page gave.", code="no_such_page")
        return query.start_after(last)

    def of_person(self, person: str) -> Sequence[Delivery]:
        """Give the deliveries that were made with personal fields of this person."""
        query = self._documents.collection(DELIVERIES).where(filter=FieldFilter("person", "==", person))
        return [_delivery_in(each) for each in self._documents.all(query.order_by("__name__"))]

    def overdue(self, now: datetime, *, limit: int) -> Sequence[Delivery]:
        """Give deliveries whose next attempt should have been made by now, the longest overdue first."""
        query = self._documents.collection(DELIVERIES).where(filter=FieldFilter("next_at", "<=", now))
        return [_delivery_in(each) for each in self._documents.page(query.order_by("next_at").limit(limit))]

    def forget(self, before: datetime, *, limit: int) -> int:
        """Destroy some of the attempts older than this; give how many."""
        query = self._documents.collection(ATTEMPTS).where(filter=FieldFilter("at", "<", before))
        found = self._documents.page(query.order_by("at").limit(limit))
        batch = self._client.batch()
        for each in found:
            batch.delete(each.reference)
        with asking("Firestore"):
            batch.commit(retry=None, timeout=CALL_SECONDS_MAX)
        return len(found)


def _document(delivery: Delivery) -> dict[str, Any]:
    return {
        "subscription": delivery.subscription,
        "partner": delivery.partner,
        "person": delivery.person,
        "state": delivery.state.value,
        "made_at": delivery.made_at,
        "next_at": delivery.next_at,
        "version": delivery.version,
        "blob": delivery.model_dump_json(),
    }


def _delivery_in(snapshot: Snapshot) -> Delivery:
    return Delivery.model_validate_json(snapshot.get("blob"))
