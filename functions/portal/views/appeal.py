"""The page by which a decision is appealed against."""

from flask import Flask, request
from werkzeug.wrappers import Response

from functions.forms.clean import UnfitTextError, clean_text
from functions.forms.fault_texts import fault_text
from functions.portal.room import actor_of, case_of, language, page, room, slow_down
from functions.portal.texts import text
from schemas.application import Application
from schemas.messages import Case
from workflows.runtime.appeal import APPEALABLE, REASON_MAX, appeal_id, file_appeal
from workflows.runtime.errors import BadForm, Rejected


def add_to(site: Flask) -> None:
    """Add the page."""
    site.add_url_rule("/appeals/<token>", "appeal", appeal, methods=["GET", "POST"])


def appeal(token: str) -> Response:
    """Show the form, or take the appeal in.  Sent twice, it is one appeal."""
    case = case_of("appeal", token, "application")
    if room().ports.cases.get(appeal_id(Application.model_validate_json(case.subject))) is not None:
        return page("appeal_received.html")
    if case.stage not in APPEALABLE:
        return page("appeal_closed.html", 409)
    if request.method != "POST":
        return page("appeal.html")
    slow_down("appeal")
    return _take_in(case)


def _take_in(case: Case) -> Response:
    typed = request.form.get("reason", "")
    try:
        file_appeal(case.id, clean_text(typed), actor_of(case, "applicant"), room().ports)
    except UnfitTextError as error:
        return page("appeal.html", 422, typed=typed, fault=fault_text(str(error), language()))
    except BadForm:
        return page("appeal.html", 422, typed=typed, fault=text(language(), "say_why", REASON_MAX))
    except Rejected:
        return page("appeal_closed.html", 409)
    return page("appeal_received.html", 202)
