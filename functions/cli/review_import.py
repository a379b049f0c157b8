"""`sadari review import`: takes in reviews that were scored in a table."""

from typing import Annotated

import typer

from functions.cli.acting import AsOption, DryRunOption, office, staff
from functions.cli.backends import Backend
from functions.cli.imports import FileArgument, UnchangedError, lines_of, show_rows, take_rows
from functions.cli.reviews import check_points, why_not_scored
from functions.cli.screen import BadUseError
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from functions.forms.reviews_csv import GivenPoints, read_reviews
from schemas.events.review import ReviewSubmitted
from schemas.messages import Actor, Message
from schemas.review import Review, Stage
from workflows.runtime.bring import bring
from workflows.runtime.errors import BadForm


def import_reviews(
    file: FileArgument,
    who: AsOption,
    role: Annotated[
        str, typer.Option("--role", help="reviewer: your own reviews; operator: what reviewers handed in.")
    ] = "reviewer",
    store: StoreOption = DEFAULT_STORE,
    *,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Submit a table of reviews: columns review, reviewer, and one for each criterion.

    The history names the reviewer of each row, also where the office typed it in.
    """
    actor = staff(who, role)
    if role not in {"reviewer", "operator"}:
        raise BadUseError(f"[{role}] hands in no reviews: act as reviewer or operator (--role)")
    lines = lines_of(file, read_reviews)
    with office(store) as backend:
        rows = take_rows(backend, lines, lambda given: _submit(given, actor, backend), is_rehearsal=dry_run)
    show_rows(rows, is_rehearsal=dry_run, as_json=as_json, more={"by": actor.id})


def _submit(given: GivenPoints, actor: Actor, backend: Backend) -> Message:
    seen = backend.ports.cases.get(given.review)
    if seen is None or seen.case.workflow != "review":
        raise BadForm({"review": "is no review; see `sadari review list`"})
    review, points = Review.model_validate_json(seen.case.subject), dict(given.points)
    if given.reviewer != review.reviewer:
        raise BadForm({"reviewer": "is not who this review is assigned to"})
    if actor.role == "reviewer" and actor.id != review.reviewer:
        raise BadForm({"reviewer": "is not you; the office hands in for others, with --role operator"})
    if seen.case.stage == Stage.SUBMITTED and points == review.points:
        raise UnchangedError(given.review)
    if why := why_not_scored(seen.case):
        raise BadForm({"review": why})
    check_points(review, points)
    return bring(ReviewSubmitted(points=points), given.review, staff(given.reviewer, "reviewer"), backend.ports)
