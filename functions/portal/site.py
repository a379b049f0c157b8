"""Makes the portal: pages for applicants and learners, reached by an address or a signed link, without accounts."""

import secrets
from datetime import date, datetime

from flask import Flask, Response, abort, request
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from functions.observe.log import tell_failure
from functions.observe.pages import note_page
from functions.portal.room import ROOM, Room, language, page
from functions.portal.texts import TEXTS, text
from functions.portal.views import appeal, apply, consent, learning, offer, own, status
from functions.portal.words import day, instant
from workflows.runtime.errors import Unavailable

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
BODY_BYTES_MAX = 64 * 1024
FORM = "application/x-www-form-urlencoded"
VIEWS = (apply, status, offer, learning, appeal, own, consent)


def make_site(room: Room) -> Flask:
    """Give the portal.

    Args:
        room: What it works with.
    """
    site = Flask("functions.portal")
    site.extensions[ROOM] = room
    site.config["MAX_CONTENT_LENGTH"] = site.config["MAX_FORM_MEMORY_SIZE"] = BODY_BYTES_MAX
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    site.add_url_rule("/", "home", _home)
    for view in VIEWS:
        view.add_to(site)
    site.before_request(note_page)
    site.before_request(_refuse_unread)
    site.context_processor(_common)
    site.template_filter("instant")(_instant)
    site.template_filter("day")(_day)
    site.register_error_handler(HTTPException, _error)
    site.register_error_handler(Unavailable, lambda _error: _error_page(503))
    site.register_error_handler(Exception, _ours)
    site.after_request(_add_headers)
    return site


def _home() -> AnyResponse:
    """Say where to go; which rounds there are is not said, as some are not announced yet."""
    return page("home.html")


def _common() -> dict[str, object]:
    return {"lang": language(), "t": lambda name, *values: text(language(), name, *values)}


# Jinja works a filter of constants out once, when it reads the template, unless the filter asks for the context.
@pass_context
def _instant(_context: Context, value: datetime | str) -> str:
    return instant(value, language())


@pass_context
def _day(_context: Context, value: date) -> str:
    return day(value, language())


def _refuse_unread() -> None:
    """Refuse what is too large, of no known length, or no form of ours, before any of it is parsed."""
    if request.method in {"GET", "HEAD"}:
        return
    if request.content_length is None:
        abort(411)
    if request.content_length > BODY_BYTES_MAX:
        abort(413)
    if request.mimetype != FORM or request.content_encoding:
        abort(415)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)


def _error(error: HTTPException) -> AnyResponse:
    return error.get_response() if error.response is not None else _error_page(error.code or 500)


def _ours(error: Exception) -> AnyResponse:
    """Log where it happened under a reference that the page shows; what an unknown error says may be personal."""
    reference = secrets.token_hex(4)
    tell_failure(error, reference=reference)
    return page("error.html", 500, code=500, reference=reference)


def _error_page(status: int) -> AnyResponse:
    known = status if f"error_{status}" in TEXTS else 404 if status < 500 else 503  # noqa: PLR2004  theirs or ours
    answer = page("error.html", status, code=known)
    if status == 503:  # noqa: PLR2004  unavailable
        answer.headers["Retry-After"] = "5"
    return answer


def _add_headers(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer
