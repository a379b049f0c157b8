"""Consent that people of a partner give, where their receiver could not: a page with a button."""

from flask import Flask, make_response, render_template, request
from werkzeug.wrappers import Response

from functions.api.problems import Limited
from functions.api.room import room
from functions.buckets import network_of
from schemas.ids import is_safe_id
from schemas.subscriptions import SubscriptionId
from workflows.runtime.errors import NotFound
from workflows.runtime.subscribe import grant, to_grant

TOKEN_CHARACTERS_MAX = 200


def add_to(site: Flask) -> None:
    """Add the routes."""
    site.add_url_rule("/grants/<name>/<token>", view_func=show_grant, methods=["GET"])
    site.add_url_rule("/grants/<name>/<token>", view_func=take_grant, methods=["POST"])


def show_grant(name: str, token: str) -> Response:
    """Show what is asked for; mail programs and previews open addresses, so that this alone grants nothing."""
    found = to_grant(_fit(name, token), token, room().partners)
    return make_response(render_template("grant.html", subscription=found, is_granted=False))


def take_grant(name: str, token: str) -> Response:
    """Take the consent."""
    found = grant(_fit(name, token), token, room().ports, room().partners)
    return make_response(render_template("grant.html", subscription=found, is_granted=True))


def _fit(name: str, token: str) -> SubscriptionId:
    if wait := room().strangers.take(network_of(request.headers.get("X-Forwarded-For", ""), request.remote_addr or "")):
        raise Limited(wait)
    if not is_safe_id(name) or len(token) > TOKEN_CHARACTERS_MAX:
        raise NotFound("No such request for consent.")
    return SubscriptionId(name)
