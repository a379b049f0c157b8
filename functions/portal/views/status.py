"""What people may know of their application, and what they may do about it."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from functions.links import Purpose
from functions.portal.room import actor_of, case_of, go_to, not_found, page, room, slow_down, subject_of
from schemas.application import Application
from schemas.events import Event
from schemas.events.application import ApplicationWithdrew
from schemas.events.forum import ForumCancelled
from schemas.forum import ForumRegistration
from schemas.ids import CaseId, PersonId
from schemas.messages import Case
from workflows.definitions.offers import its_enrolment
from workflows.runtime.bring import bring
from workflows.runtime.errors import Rejected
from workflows.runtime.published import published
from workflows.runtime.restrictions import restriction_of

HOW: Mapping[str, Event] = {"application": ApplicationWithdrew(), "forum_registration": ForumCancelled()}
"""By workflow: the event by which a person leaves."""

LEAVES = frozenset(
    {"received", "in_review", "result_due", "offered", "restored", "claim", "accepted", "waitlisted"}
) | {
    "forum_registered",
    "forum_confirmed",
    "forum_waitlisted",
}
"""Where there is something to withdraw from."""

DONE = frozenset({"accepted", "declined", "withdrawn", "sent"})


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/status/<token>", "status", status, methods=["GET"])
    site.add_url_rule("/withdrawals/<token>", "withdraw", withdraw, methods=["GET", "POST"])
    site.add_url_rule("/waitlist/<token>", "waitlist", leave_waitlist, methods=["GET", "POST"])


def status(token: str) -> Response:
    """Show where an application stands, as far as that is published."""
    case_id = subject_of("status", token)
    seen = room().ports.cases.get(case_id)
    said = request.args.get("said", "")
    if seen is None:
        return page("status_waits.html")
    if seen.case.workflow == "forum_registration":
        return page("status_forum.html", said=said if said in DONE else "", **_of_forum(seen.case, token))
    if seen.case.workflow != "application":
        not_found()
    return page("status.html", said=said if said in DONE else "", **_shown(seen.case, token))


def _shown(case: Case, token: str) -> dict[str, Any]:
    """Give all that the page of an application depends on: its published state, and what is told with that."""
    word, links = published(case, room().ports), room().links
    application = Application.model_validate_json(case.subject)
    is_appealable = word in {"ineligible", "not_selected", "skipped"}
    now, restriction = room().ports.clock.now(), restriction_of(PersonId(case.person), room().ports)
    is_before = word in {"received", "in_review", "result_due"}
    return {
        "word": word,
        "restriction": restriction,
        "is_editable": word == "received" and not restriction.is_stopped,
        "calendar": application.calendar,
        "interview": application.interview if is_before else None,
        "position": application.position if word == "waitlisted" else None,
        "answer_by": application.answer_by if word == "offered" else None,
        "appeal_by": application.appeal_by if is_appealable and now <= application.appeal_by else None,
        "reasons": {"ko": application.reasons_ko, "en": application.reasons_en} if word == "ineligible" else None,
        "token": token,
        "offer_link": links.to("offer", case.id) if word == "offered" else "",
        "appeal_link": links.to("appeal", case.id) if is_appealable else "",
        "withdraw_link": links.to("withdraw", case.id) if word in LEAVES - {"waitlisted"} else "",
        "waitlist_link": links.to("waitlist", case.id) if word == "waitlisted" else "",
        "learning_link": _learning(application) if word == "accepted" else "",
    }


def _of_forum(case: Case, token: str) -> dict[str, Any]:
    word = published(case, room().ports)
    return {
        "word": word,
        "restriction": restriction_of(PersonId(case.person), room().ports),
        "registration": ForumRegistration.model_validate_json(case.subject),
        "token": token,
        "withdraw_link": room().links.to("withdraw", case.id) if word in LEAVES else "",
    }


def _learning(application: Application) -> str:
    enrolment: CaseId = its_enrolment(application)
    return room().links.to("learning", enrolment) if room().ports.cases.get(enrolment) is not None else ""


def withdraw(token: str) -> Response:
    """Ask whether to leave the round, and leave it."""
    return _leave("withdraw", token, LEAVES)


def leave_waitlist(token: str) -> Response:
    """Ask whether to leave the waitlist, and leave it."""
    return _leave("waitlist", token, frozenset({"waitlisted"}))


def _leave(purpose: Purpose, token: str, where: frozenset[str]) -> Response:
    case = case_of(purpose, token, *HOW)
    word, back = published(case, room().ports), room().links.to("status", case.id)
    if word not in where:
        is_done = word in {"withdrawn", "forum_cancelled"}
        return page("nothing_to_do.html", 200 if is_done else 409, word=word, back=back)
    if request.method != "POST":
        return page("leave.html", purpose=purpose, word=word, back=back)
    slow_down(purpose)
    try:
        bring(HOW[case.workflow], case.id, actor_of(case, "applicant"), room().ports)
    except Rejected:
        return page("nothing_to_do.html", 409, word=word, back=back)
    return go_to(f"{back}?said=withdrawn")
