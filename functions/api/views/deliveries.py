"""Deliveries to the key's partner."""

from flask import Flask
from werkzeug.wrappers import Response

from functions.api.models import (
    DeliveryDetail,
    DeliveryPage,
    DeliveryQuery,
    DeliveryShown,
    Empty,
    attempt_shown,
    delivery_shown,
)
from functions.api.room import answer, asked, cursor, key, own, place, read, room
from schemas.api_keys import ApiKey, Scope
from schemas.deliveries import Delivery, DeliveryId
from schemas.ids import is_safe_id
from workflows.runtime.errors import NotFound
from workflows.runtime.recover import redeliver as send_again


def add_to(site: Flask) -> None:
    """Add the routes."""
    site.add_url_rule("/deliveries", view_func=list_all, methods=["GET"], endpoint="deliveries")
    site.add_url_rule("/deliveries/<name>", view_func=show, methods=["GET"], endpoint="delivery")
    site.add_url_rule("/deliveries/<name>/redeliver", view_func=redeliver, methods=["POST"])


def list_all() -> Response:
    """Give some of them, by when they were made."""
    holder, wanted = key(Scope.DELIVERIES_READ), asked(DeliveryQuery)
    subscription = own(wanted.subscription, holder).id if wanted.subscription else None
    found, after = room().partners.deliveries.page(
        partner=holder.partner,
        subscription=subscription,
        state=wanted.state,
        since=wanted.since,
        until=wanted.until,
        after=place(wanted.after),
        limit=wanted.limit,
    )
    return answer(
        DeliveryPage(deliveries=tuple(DeliveryShown(**delivery_shown(each)) for each in found), next=cursor(after))
    )


def show(name: str) -> Response:
    """Give one with its attempts."""
    found = _own(name, key(Scope.DELIVERIES_READ))
    attempts = tuple(attempt_shown(each) for each in room().partners.deliveries.attempts(found.id))
    return answer(DeliveryDetail(**delivery_shown(found), attempts=attempts))


def redeliver(name: str) -> Response:
    """Send one again."""
    found = _own(name, key(Scope.DELIVERIES_WRITE))
    read(Empty)
    again = send_again(found.id, room().ports, room().partners)
    return answer(DeliveryShown(**delivery_shown(again)), 202)


def _own(name: str, holder: ApiKey) -> Delivery:
    found = room().partners.deliveries.get(DeliveryId(name)) if is_safe_id(name) else None
    if found is None or found.partner != holder.partner:
        raise NotFound("No such delivery.")
    return found
