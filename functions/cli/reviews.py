"""`sadari review`: who reads what, and what reviewers answer."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from functions.cli.acting import (
    AsOption,
    carry,
    case_of,
    kst,
    office,
    reason_of,
    show_told,
    staff,
)
from functions.cli.rounds import RoundArgument
from functions.cli.screen import BadUseError, NotDoneError, many, out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, LangOption, StoreOption, language
from functions.forms.clean import UnfitTextError
from functions.forms.csv_table import number_of
from schemas.events import Event
from schemas.events.review import ConflictDeclared, NoConflictStated, ReviewDeclined, ReviewReopened, ReviewSubmitted
from schemas.messages import Case
from schemas.review import Review, Stage
from workflows.definitions.review import missing_points
from workflows.definitions.words import WORDS
from workflows.runtime.assign import Assignment
from workflows.runtime.assign import assign as assign_reviews
from workflows.runtime.bring import bring
from workflows.runtime.errors import BadForm, NotAllowed
from workflows.runtime.read_blind import BlindView, read_blind

app = typer.Typer(no_args_is_help=True, help="Who reads what, and what reviewers answer.")
ReviewArgument = Annotated[str, typer.Argument(metavar="REVIEW", help="The review's id, or the beginning of it.")]
WHYS = ("supervisor", "family", "same_lab", "business", "other")


@app.command()
def assign(
    round_id: RoundArgument, who: AsOption, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False
) -> None:
    """Ask reviewers to read wherever a reader is missing.  Again after a conflict or a refusal, it adds what lacks."""
    actor = staff(who, "operator")
    with office(store) as backend:
        case = case_of(backend, round_id, "round")
        made = assign_reviews(case.id, actor, backend.ports)
        told = carry(backend, lambda: made.messages)
    if not as_json:
        _print_assignment(made)
    named = {
        "given": [{"application": application, "reviewer": reviewer} for application, reviewer in made.given],
        "conflicts": [
            {"application": application, "reviewer": reviewer, "why": why}
            for application, reviewer, why in made.conflicts
        ],
        "missing": made.missing,
    }
    show_told(told if as_json else [each for each in told if not each.is_taken], as_json=as_json, more=named)
    if made.missing:
        raise NotDoneError(f"{len(made.missing)} applications lack a reader: name more with `sadari round reviewers`")


@app.command("list")
def list_reviews(
    round_id: RoundArgument,
    reviewer: Annotated[str | None, typer.Option(help="Only those of this reviewer.")] = None,
    store: StoreOption = DEFAULT_STORE,
    lang: LangOption = "en",
    *,
    as_json: JsonOption = False,
) -> None:
    """List the reviews of a round, without scores."""
    speech = WORDS.speech(language(lang))
    with office(store) as backend:
        case = case_of(backend, round_id, "round")
        found = [
            (each.stage, Review.model_validate_json(each.subject))
            for each in backend.ports.cases.find(workflow="review", round_id=case.id)
        ]
    shown = [(stage, review) for stage, review in found if reviewer in {None, review.reviewer}]
    if as_json:
        names = {"review", "application", "reviewer", "due_at", "why"}
        print_json([{"stage": stage, **review.model_dump(mode="json", include=names)} for stage, review in shown])
        return
    rows = [
        (each.review, each.application, each.reviewer, speech.stage("review", stage), kst(each.due_at), each.why)
        for stage, each in sorted(shown, key=lambda pair: (pair[1].reviewer, pair[1].due_at, pair[1].review))
    ]
    print_table(many(len(rows), "review"), ("id", "application", "reviewer", "stage", "due", "conflict"), rows)


@app.command()
def show(
    review_id: ReviewArgument, who: AsOption, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False
) -> None:
    """Show a reviewer what may be read of an application, and nothing that says whose it is."""
    staff(who, "reviewer")
    with office(store) as backend:
        view = read_blind(case_of(backend, review_id, "review").id, who, backend.ports)
    if as_json:
        print_json(_view_json(view))
        return
    out.print(f"{view.review.review}: {view.stage}, due {kst(view.review.due_at)}", markup=False)
    for name, text in view.answers.items():
        out.print(f"\n{name}\n{text}", markup=False, soft_wrap=True)
    rows = [
        (each.id, each.name_ko, each.name_en, each.weight, each.points_max, view.review.points.get(each.id))
        for each in view.review.rubric
    ]
    print_table("\nRubric", ("criterion", "ko", "en", "weight", "points at most", "given"), rows)
    if view.peers:
        out.print(f"\nother reviewers: {', '.join(f'{score:g}' for score in view.peers)}", markup=False)


@app.command()
def accept(
    review_id: ReviewArgument, who: AsOption, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False
) -> None:
    """State that you have no conflict of interest; then the application can be read."""
    _bring_own(review_id, NoConflictStated(), who, store, as_json=as_json)


@app.command()
def conflict(
    review_id: ReviewArgument,
    who: AsOption,
    why: Annotated[str, typer.Option("--why", help=f"One of {', '.join(WHYS)}.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Declare a conflict of interest: what you scored counts no more, and somebody else reads."""
    if why not in WHYS:
        raise BadUseError(f"no kind of conflict [{why}]: choose one of {', '.join(WHYS)}")
    _bring_own(review_id, ConflictDeclared.model_validate({"why": why}), who, store, as_json=as_json)


@app.command()
def decline(
    review_id: ReviewArgument, who: AsOption, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False
) -> None:
    """Say that you cannot read it; somebody else does."""
    _bring_own(review_id, ReviewDeclined(), who, store, as_json=as_json)


@app.command()
def score(
    review_id: ReviewArgument,
    who: AsOption,
    points: Annotated[list[str], typer.Option("--points", help="criterion=3; once for each criterion.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Submit the points for every criterion of the rubric."""
    _bring_own(review_id, ReviewSubmitted(points=_points(points)), who, store, as_json=as_json)


@app.command()
def reopen(
    review_id: ReviewArgument,
    who: AsOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; it goes to the vault.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let a reviewer correct a submitted review; the old points stay in its history."""
    actor, text = staff(who, "operator"), reason_of(reason)
    if not text:
        raise BadUseError("a reason is needed (--reason)")
    with office(store) as backend:
        case = case_of(backend, review_id, "review")
        told = carry(backend, lambda: [bring(ReviewReopened(reason=text), case.id, actor, backend.ports)])
    show_told(told, as_json=as_json)


def check_points(review: Review, points: dict[str, float]) -> None:
    """Refuse points that the review would not take.

    Raises:
        BadForm: With every criterion that has none within its range, and what is no criterion.
    """
    ranges = {criterion.id: f"needs points from 0 to {criterion.points_max:g}" for criterion in review.rubric}
    faults = {name: ranges.get(name, "is no criterion of the rubric") for name in missing_points(review, points)}
    if faults:
        raise BadForm(faults)


def why_not_scored(case: Case) -> str:
    """Say why a review takes no points where it stands, and what to do; empty if it takes them.

    The core would keep points that come before the statement, and count them unread once it is made.
    """
    match case.stage:
        case Stage.READING:
            return ""
        case Stage.ASSIGNED:
            return "is not open yet: its reviewer states first that there is no conflict (`sadari review accept`)"
        case Stage.SUBMITTED:
            return "is submitted already: `sadari review reopen` lets its reviewer correct it"
    return f"is {case.stage} and takes no points any more; see `sadari review list`"


def _bring_own(review_id: str, event: Event, who: str, store: Path, *, as_json: bool) -> None:
    """Bring what only the reviewer of this review may."""
    actor = staff(who, "reviewer")
    with office(store) as backend:
        case = case_of(backend, review_id, "review")
        review = Review.model_validate_json(case.subject)
        if review.reviewer != who:
            raise NotAllowed(f"Review [{case.id}] is somebody else's.")
        if isinstance(event, ReviewSubmitted):
            if why := why_not_scored(case):
                raise NotDoneError(f"review [{case.id}] {why}")
            check_points(review, event.points)
        told = carry(backend, lambda: [bring(event, case.id, actor, backend.ports)])
    show_told(told, as_json=as_json)


def _points(given: list[str]) -> dict[str, float]:
    points: dict[str, float] = {}
    for each in given:
        name, is_given, number = each.partition("=")
        try:
            points[name.strip()] = number_of(number.strip())
        except UnfitTextError as error:
            raise BadUseError(f"[{each}] is not as in criterion=3 (--points)") from error
        if not is_given or not name.strip():
            raise BadUseError(f"[{each}] is not as in criterion=3 (--points)")
    if len(points) < len(given):
        raise BadUseError("a criterion is named twice (--points)")
    return points


def _print_assignment(made: Assignment) -> None:
    given = Counter(reviewer for _, reviewer in made.given)
    print_table(f"{len(made.given)} reviews assigned", ("reviewer", "new"), sorted(given.items()))
    if made.conflicts:
        print_table("\nConflicts of interest, blocked", ("application", "reviewer", "why"), made.conflicts)


def _view_json(view: BlindView) -> dict[str, Any]:
    named = {"review": view.review.review, "stage": view.stage, "due_at": view.review.due_at.isoformat()}
    rubric = [criterion.model_dump(mode="json") for criterion in view.review.rubric]
    return {**named, "answers": view.answers, "rubric": rubric, "points": view.review.points, "peers": view.peers}
