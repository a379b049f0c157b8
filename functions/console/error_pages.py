"""The pages for what went wrong: what happened, and what to do next, in the visitor's language."""

import re
import secrets

from flask import Flask, render_template, url_for
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from functions.console.room import language, room
from functions.observe.call import note
from functions.observe.log import tell_failure
from schemas.ids import CaseId
from workflows.definitions.refusals import refusal
from workflows.runtime.errors import CaseMoved, NotAllowed, NotFound, Rejected, SadariError, Unavailable

STATUS: dict[type[SadariError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    Rejected: 409,
    CaseMoved: 409,
    Unavailable: 503,
}
SAID_AS = {405: 404, 502: 503, 504: 503}
"""What is no other than something else to whoever reads the page."""

KNOWN = frozenset({400, 403, 404, 409, 413, 422, 500, 503})
"""The statuses that have a page; any other is told as the first of its hundred."""


def add_error_pages(site: Flask) -> None:
    """Answer everything that goes wrong with a page that says what to do."""
    site.register_error_handler(HTTPException, _http)
    site.register_error_handler(SadariError, _refused)
    site.register_error_handler(Exception, _ours)


def said(reason: str) -> str:
    """Give the sentence about a code, in the language of the page; the code itself where there is none."""
    return refusal(reason, language()) or reason


def told(error: SadariError) -> Markup:
    """Give the sentence about a refusal with links to the cases that it names, for whoever may see them."""
    ids = re.findall(r"\[([^\]\s]+)\]", error.detail)
    links = Markup(", ").join(_link(CaseId(each)) for each in ids)
    return Markup("{} [{}]").format(said(error.code), links) if ids else escape(said(error.code))


def _link(name: CaseId) -> Markup:
    if room().ports.cases.get(name) is None:
        return escape(name)
    return Markup('<a href="{}">{}</a>').format(url_for("case", case_id=name), name)


def _http(error: HTTPException) -> tuple[str, int]:
    return _page(error.code or 500)


def _refused(error: SadariError) -> tuple[str, int]:
    """Tell a refusal by its code; what it says for logs and programs stays there."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
    note(error=type(error).__name__, reason=type(error.__cause__).__name__)
    return _page(status, said=said(error.code))


def _ours(error: Exception) -> tuple[str, int]:
    """Log where it happened under a reference that the page shows; what an unknown error says may be personal."""
    reference = secrets.token_hex(4)
    tell_failure(error, reference=reference)
    return _page(500, reference=reference)


def _page(status: int, *, said: str = "", reference: str = "") -> tuple[str, int]:
    told = SAID_AS.get(status, status)
    told = told if told in KNOWN else status // 100 * 100
    return render_template("error.html", status=status, told=told, said=said, reference=reference), status
