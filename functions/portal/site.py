"""The portal as a Flask site: for now the one page by which a decision is appealed against."""

from flask import Flask, Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException

from functions.forms.clean import UnfitTextError, clean_text
from functions.links import Links
from functions.portal.texts import text
from schemas.application import Application
from schemas.ids import CaseId
from schemas.messages import Actor, Case
from workflows.runtime.appeal import APPEALABLE, REASON_MAX, appeal_id, file_appeal
from workflows.runtime.errors import BadForm, Rejected
from workflows.runtime.ports import Ports

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
BODY_BYTES_MAX = 64 * 1024
PORTS, LINKS = "sadari.ports", "sadari.links"


def make_site(ports: Ports, links: Links) -> Flask:
    """Give the portal.

    Args:
        ports: What it works with.
        links: Reads the links that letters carry.
    """
    site = Flask("functions.portal")
    site.extensions |= {PORTS: ports, LINKS: links}
    site.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    site.add_url_rule("/appeals/<token>", "appeal", appeal, methods=["GET", "POST"])
    site.context_processor(lambda: {"lang": _language(), "t": lambda name, *values: text(_language(), name, *values)})
    site.register_error_handler(HTTPException, lambda error: _page("error.html", error.code or 500))
    site.after_request(_add_headers)
    return site


def appeal(token: str) -> tuple[str, int]:
    """Show the form, or take the appeal in.  Sent twice, it is one appeal."""
    ports: Ports = current_app.extensions[PORTS]
    links: Links = current_app.extensions[LINKS]
    application = links.application_of(token)
    seen = None if application is None else ports.cases.get(application)
    if application is None or seen is None or seen.case.workflow != "application":
        return _page("error.html", 404)
    if ports.cases.get(appeal_id(_application_in(seen.case))) is not None:
        return _page("received.html", 200)
    if seen.case.stage not in APPEALABLE:
        return _page("closed.html", 409)
    if request.method == "GET":
        return _page("appeal.html", 200)
    return _take_in(application, seen.case.person, ports)


def _application_in(case: Case) -> Application:
    return Application.model_validate_json(case.subject)


def _take_in(application: CaseId, person: str, ports: Ports) -> tuple[str, int]:
    typed = request.form.get("reason", "")
    try:
        reason = clean_text(typed)
        file_appeal(application, reason, Actor(kind="person", id=person, role="applicant"), ports)
    except UnfitTextError as error:
        return _page("appeal.html", 422, typed=typed, fault=str(error))
    except BadForm:
        return _page("appeal.html", 422, typed=typed, fault=text(_language(), "say_why", REASON_MAX))
    except Rejected:
        return _page("closed.html", 409)
    return _page("received.html", 202)


def _page(template: str, status: int, **values: str) -> tuple[str, int]:
    return render_template(template, **values), status


def _language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in {"ko", "en"} else request.accept_languages.best_match(("ko", "en"), "ko") or "ko"


def _add_headers(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer
