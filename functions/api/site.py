"""Makes the API: bearer keys, JSON in and out, problems for errors."""

from flask import Flask, Response, abort, g, request

from functions.api import problems
from functions.api.openapi import document
from functions.api.problems import Limited
from functions.api.room import BURST, PER_SECOND, ROOM, Room, room
from functions.api.views import deliveries, events, grants, schemas, subscriptions
from functions.buckets import network_of
from functions.observe.pages import note_page
from workflows.runtime.api_keys import key_of
from workflows.runtime.errors import NotAuthenticated

BODY_BYTES_MAX = 64 * 1024
VIEWS = (subscriptions, deliveries, events, schemas, grants)
OPEN = ("/openapi.json", "/schemas/", "/grants/")
"""What needs no key: the documents, and addresses that carry a token."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def make_site(with_room: Room) -> Flask:
    """Give the API.

    Args:
        with_room: What it works with.
    """
    site = Flask("functions.api")
    site.extensions[ROOM] = with_room
    site.config.update(MAX_CONTENT_LENGTH=BODY_BYTES_MAX, PROVIDE_AUTOMATIC_OPTIONS=False)
    site.add_url_rule("/openapi.json", view_func=_openapi, methods=["GET"])
    for view in VIEWS:
        view.add_to(site)
    site.before_request(note_page)
    site.before_request(_let_in)
    site.before_request(_refuse_unread)
    problems.add_to(site)
    site.after_request(_add_headers)
    return site


def _openapi() -> Response:
    return Response(document(), mimetype="application/json")


def _let_in() -> None:
    """Find whose key it is; who fails too often is not even heard.

    Raises:
        NotAuthenticated: It is nobody's.
        Limited: There were too many calls.
    """
    if request.path.startswith(OPEN):
        return
    network = network_of(request.headers.get("X-Forwarded-For", ""), request.remote_addr or "")
    if wait := room().strangers.wait(network):
        raise Limited(wait)
    given = request.headers.getlist("Authorization")
    kind, _, text = (given[0] if len(given) == 1 else "").partition(" ")
    try:
        g.key = key_of(text.strip() if kind.lower() == "bearer" else "", room().ports.clock.now(), room().partners)
    except NotAuthenticated:
        room().strangers.take(network)
        raise
    if wait := room().keys.take(g.key.id):
        raise Limited(wait)


def _refuse_unread() -> None:
    """Refuse what is too large, of no known length or no JSON, before any of it is parsed."""
    if request.method in {"GET", "HEAD"} or request.path.startswith(OPEN):
        return
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        abort(411)
    if (request.content_length or 0) > BODY_BYTES_MAX:
        abort(413)
    if request.content_length and (request.mimetype != "application/json" or request.content_encoding):
        abort(415)


def _add_headers(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if "key" in g:
        left, window = int(room().keys.left(g.key.id)), int(BURST / PER_SECOND)
        answer.headers["RateLimit-Policy"] = f'"key";q={BURST};w={window}'
        answer.headers["RateLimit"] = f'"key";r={left};t={max(1, round((BURST - left) / PER_SECOND))}'
    return answer
