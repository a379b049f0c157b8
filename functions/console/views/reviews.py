"""A reviewer's own reviews: no conflict stated first, then the blind answers and the rubric, then the peers' scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from functions.console.error_pages import said
from functions.console.paging import page_of
from functions.console.room import room, visitor
from functions.forms.clean import UnfitTextError
from functions.forms.csv_table import number_of
from schemas.events import Event
from schemas.events.review import ConflictDeclared, NoConflictStated, ReviewDeclined, ReviewSubmitted
from schemas.ids import CaseId
from schemas.messages import Case
from schemas.review import Review, Stage
from schemas.search import CaseFilter
from workflows.definitions.review import missing_points
from workflows.runtime.bring import bring
from workflows.runtime.errors import NotFound, Rejected
from workflows.runtime.read_blind import BlindView, read_blind

READABLE = frozenset({Stage.READING, Stage.SUBMITTED})
REVIEWS_MAX = 1_000
"""More than anybody reads for one programme."""
OPEN = (Stage.ASSIGNED, Stage.READING)
TAKEN_IN = {
    "accept": frozenset({Stage.ASSIGNED}),
    "conflict": frozenset({Stage.ASSIGNED, Stage.READING, Stage.SUBMITTED}),
    "decline": frozenset({Stage.ASSIGNED, Stage.READING}),
    "score": frozenset({Stage.READING}),
}
"""Where a review stands when it takes what; from a page that is out of date, the core would keep it for later."""
WHYS = ("supervisor", "family", "same_lab", "business", "other")


@dataclass(frozen=True, slots=True)
class Fault:
    """What was wrong with a form.

    Attributes:
        form: Which one.
        text: The text that says it.
        detail: What the core said of it.
        fields: The criteria that lack points within their range.
    """

    form: str = ""
    text: str = ""
    detail: str = ""
    fields: tuple[str, ...] = ()


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/reviews", "reviews", reviews)
    site.add_url_rule("/reviews/<review_id>", "review", review_page)
    site.add_url_rule("/reviews/<review_id>/accept", "review_accept", accept, methods=["POST"])
    site.add_url_rule("/reviews/<review_id>/conflict", "review_conflict", conflict, methods=["POST"])
    site.add_url_rule("/reviews/<review_id>/decline", "review_decline", decline, methods=["POST"])
    site.add_url_rule("/reviews/<review_id>/score", "review_score", score, methods=["POST"])


def reviews() -> str:
    """List the visitor's reviews: those to do first, by their due date."""
    mine = CaseFilter(workflow="review", reviewer=visitor().member.id)
    found = room().staff.index.page(mine, after="", limit=REVIEWS_MAX)
    cases = [case for case in found.cases if _is_mine(case)]
    ordered = sorted(((_order(case), case) for case in cases), key=lambda pair: pair[0])
    shown, more = page_of(ordered, key=lambda pair: pair[0], after=request.args.get("after", ""))
    open_count = sum(case.stage in OPEN for case in cases)
    return render_template("reviews.html", cases=[case for _, case in shown], more=more, open_count=open_count)


def review_page(review_id: str) -> tuple[str, int]:
    """Show one review as far as the visitor may read by now: after a conflict nothing, for good."""
    case = _mine(review_id)
    return _page(case, Fault(), {}), 403 if case.stage == Stage.CONFLICTED else 200


def accept(review_id: str) -> Response | tuple[str, int]:
    """State that there is no conflict of interest."""
    case = _mine(review_id)
    if request.form.get("stated") != "yes":
        return _page(case, Fault("accept", "review_state_first"), {}), 422
    return _bring(case, NoConflictStated(), "accept")


def conflict(review_id: str) -> Response | tuple[str, int]:
    """Declare a conflict of interest."""
    case, why = _mine(review_id), request.form.get("why", "")
    if why not in WHYS:
        return _page(case, Fault("conflict", "review_why_needed"), {}), 422
    return _bring(case, ConflictDeclared.model_validate({"why": why}), "conflict")


def decline(review_id: str) -> Response | tuple[str, int]:
    """Say that the visitor cannot read it."""
    return _bring(_mine(review_id), ReviewDeclined(), "decline")


def score(review_id: str) -> Response | tuple[str, int]:
    """Submit the points for every criterion."""
    case = _mine(review_id)
    review = Review.model_validate_json(case.subject)
    typed, points = _points(review, request.form)
    if lacking := missing_points(review, points):
        return _page(case, Fault("score", "review_points_needed", fields=tuple(lacking)), typed), 422
    return _bring(case, ReviewSubmitted(points=points), "score", typed)


def _points(review: Review, form: Mapping[str, str]) -> tuple[dict[str, str], dict[str, float]]:
    """Give the points as they were typed, and those that are numbers."""
    typed = {criterion.id: form.get(f"points-{criterion.id}", "") for criterion in review.rubric}
    points: dict[str, float] = {}
    for name, text in typed.items():
        try:
            points[name] = number_of(text.strip())
        except UnfitTextError:
            continue
    return typed, points


def _bring(case: Case, event: Event, form: str, typed: Mapping[str, str] | None = None) -> Response | tuple[str, int]:
    if case.stage not in TAKEN_IN[form]:
        return _page(case, Fault(form, "review_refused"), typed or {}), 409
    try:
        bring(event, case.id, visitor().actor("reviewer"), room().ports)
    except Rejected as error:
        return _page(case, Fault(form, "review_refused", said(error.code)), typed or {}), 409
    if form == "conflict":
        return redirect(url_for("reviews", sent=form), 303)
    points: dict[str, Any] = {f"points-{name}": text for name, text in (typed or {}).items()}
    return redirect(url_for("review", review_id=case.id, sent=form, **points), 303)


def _page(case: Case, fault: Fault, typed: Mapping[str, str]) -> str:
    review = Review.model_validate_json(case.subject)
    view: BlindView | None = None
    sent = request.args.get("sent", "")
    is_under_way = not fault.text and case.stage in TAKEN_IN.get(sent, frozenset())
    if case.stage in READABLE and not is_under_way:
        view = read_blind(case.id, visitor().member.id, room().ports)
    given = {name: f"{points:g}" for name, points in review.points.items()}
    return render_template(
        "review.html",
        case=case,
        review=review,
        view=view,
        whys=WHYS,
        fault=fault,
        typed=typed or given,
        sent=sent,
        submitted=_points(review, request.args)[1] if sent == "score" else {},
        is_under_way=is_under_way,
    )


def _mine(review_id: str) -> Case:
    """Give a review of the visitor's own.

    Raises:
        NotFound: There is none: also where it is somebody else's, so that nobody learns who reads what.
    """
    seen = room().ports.cases.get(CaseId(review_id))
    if seen is None or seen.case.workflow != "review" or not _is_mine(seen.case):
        raise NotFound("No such review.")
    return seen.case


def _is_mine(case: Case) -> bool:
    return bool(case.data["reviewer"] == visitor().member.id) and visitor().may_see(case)


def _order(case: Case) -> str:
    """Sort what is to be done before what is done, then by the due date."""
    return f"{0 if case.stage in OPEN else 1} {case.data['due_at']} {case.id}"
