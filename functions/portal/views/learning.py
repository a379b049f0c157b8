"""A learner's own page: the phase, the next date, how it goes, and what is asked."""

from flask import Flask, request
from werkzeug.wrappers import Response

from functions.portal.room import actor_of, case_of, go_to, page, room, slow_down
from schemas.enrolment import Enrolment
from schemas.events.enrolment import OnboardingFinished
from schemas.ids import PersonId
from workflows.runtime.bring import bring
from workflows.runtime.errors import Rejected
from workflows.runtime.published import published
from workflows.runtime.restrictions import restriction_of

DATES = ("programme_starts", "online_ends", "offline_ends", "programme_ends")


def add_to(site: Flask) -> None:
    """Add the page."""
    site.add_url_rule("/learning/<token>", "learning", learning, methods=["GET", "POST"])


def learning(token: str) -> Response:
    """Show the page, or hear that the onboarding is done."""
    case = case_of("learning", token, "enrolment")
    address = room().links.to("learning", case.id)
    if request.method == "POST":
        slow_down("learning")
        try:
            bring(OnboardingFinished(), case.id, actor_of(case, "learner"), room().ports)
        except Rejected:
            return go_to(address)
        return go_to(f"{address}?said=ready")
    enrolment, now = Enrolment.model_validate_json(case.subject), room().ports.clock.now()
    dates = [(name, getattr(enrolment.calendar, name)) for name in DATES]
    return page(
        "learning.html",
        token=token,
        restriction=restriction_of(PersonId(case.person), room().ports),
        word=published(case, room().ports),
        said=request.args.get("said", "") == "ready",
        asks_onboarding=case.stage == "onboarding",
        next_date=next(((name, at) for name, at in dates if at > now), None),
        attendance=None if enrolment.attendance_at is None else round(enrolment.attendance * 100),
        attendance_min=round(enrolment.terms.attendance_min * 100),
        submissions=enrolment.submissions,
        dates=dates,
    )
