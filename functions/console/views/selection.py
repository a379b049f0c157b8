"""The selection room of a round: its seats, its order, why everybody stands where they do, and what differs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask, render_template, request

from functions.console.forecast import leaving_at_publication
from functions.console.paging import PAGE, page_of
from functions.console.ranked_list import changed_rules, runs_of, totals_of
from functions.console.reach import grants_on, reaches_university, visitor_on
from functions.console.room import now, room, visitor
from schemas.ids import CaseId, FactId
from schemas.messages import Case, Task
from schemas.ranking import Ranked
from schemas.review import Stage as ReviewStage
from schemas.round import Round, Stage
from schemas.search import CaseFilter
from workflows.definitions.cutoffs import cutoffs_of
from workflows.definitions.places import Sentence, place_of
from workflows.definitions.quotas import QuotaFault, faults
from workflows.definitions.scores import Move, moves, ties_in
from workflows.definitions.seats import as_published, entries_of
from workflows.runtime.errors import NotFound
from workflows.runtime.rank import round_of, run_of

BEHIND = "~"
"""Sorts whoever holds a seat without a rank behind everybody who has one."""

DATES = ("applications_open", "applications_close", "results_at", "programme_starts", "promotion_ends")
BEFORE_PUBLICATION = frozenset({Stage.DECIDED, Stage.APPROVED})
HANDED_IN = (ReviewStage.SUBMITTED, ReviewStage.CLOSED)
ACCEPTED = (ReviewStage.READING, *HANDED_IN)
ACTS: Mapping[str, frozenset[str]] = {
    "assign": frozenset({Stage.SCREENING}),
    "rank": frozenset({Stage.CLOSED, Stage.SCREENING, Stage.DECIDED, Stage.APPROVED}),
    "extend": frozenset({Stage.CLOSED}),
    "supplement": frozenset({Stage.PUBLISHED}),
    "skip": frozenset({Stage.PUBLISHED, Stage.SUPPLEMENT_PROPOSED, Stage.SUPPLEMENTED}),
}
"""Where a round stands when the office may do what."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question about the round, with who has said yes and who is still needed."""

    task: Task
    is_overdue: bool
    may_look: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a reviewer has come: how many reviews they were asked for, stated no conflict on, and handed in.

    Attributes:
        overdue: How many were not handed in in time; somebody else was asked.
        refused: How many they declined, or have a conflict with.
    """

    reviewer: str
    name: str
    assigned: int
    accepted: int
    submitted: int
    overdue: int
    refused: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the order: whoever is ranked, or holds something without a rank.

    Attributes:
        key: Sorts the lines.
    """

    key: str
    application: CaseId
    ranked: Ranked | None
    university: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line with its reasons.

    Attributes:
        tied_with: The rank before, where the totals are equal.
        tied_by: What broke that tie: a component, or the hash.
        coming: What the publication of the list would bring, and the place on the waitlist; empty once it has.
    """

    line: Line
    place: Sentence
    tied_with: int | None
    tied_by: str
    coming: tuple[str, int] | None


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/rounds", "rounds", rounds)
    site.add_url_rule("/rounds/<round_id>", "round", round_page)
    site.add_url_rule("/rounds/<round_id>/order", "order", order)
    site.add_url_rule("/rounds/<round_id>/compare", "compare", compare)


def rounds() -> str:
    """List the rounds."""
    wanted = CaseFilter(workflow="round", within=visitor().scopes)
    page = room().staff.index.page(wanted, after=request.args.get("after", ""), limit=PAGE)
    rows = [(case, Round.model_validate_json(case.subject)) for case in page.cases]
    return render_template("rounds.html", rows=rows, more=page.after)


def round_page(round_id: str) -> str:
    """Show where a round stands, and what can be done."""
    return selection_room(*round_for(round_id))


def order(round_id: str) -> str:
    """Show the order, with the sentence of everybody, fifty to a page."""
    case, round_ = round_for(round_id)
    lines = _lines(round_)
    shown, more = page_of(lines, key=lambda line: line.key, after=request.args.get("after", ""))
    tied = {} if round_.ranking is None else {low.application: up for up, low in ties_in(round_.ranking.document)}
    published = _published(case, round_)
    found = [_candidate(round_, line, tied.get(line.application), published) for line in shown]
    return render_template("order.html", case=case, round=round_, candidates=found, more=more, total=len(lines))


def compare(round_id: str) -> str:
    """Show what differs between the rank run that counts and another one."""
    case, round_ = round_for(round_id)
    runs = list(runs_of(case, round_))
    named = request.args.get("run", "")
    if round_.ranking is None or named not in {run.id for run in runs}:
        raise NotFound(f"[{named}]")
    before, after = run_of(FactId(named), room().ports), round_.ranking.document
    rules = changed_rules(before, after)
    grants = grants_on("compare", programme=round_.programme, cohort=round_.cohort)
    universities = {each.application: each.groups.get("university", "") for each in (*before.entries, *after.entries)}
    mine = (move for move in moves(before, after) if reaches_university(grants, universities[move.application]))
    found = [(f"{place:09}", move) for place, move in enumerate(mine, 1)]
    shown, more = page_of(found, key=lambda pair: pair[0], after=request.args.get("after", ""))
    lines: list[Move] = [move for _, move in shown]
    return render_template("compare.html", case=case, run=named, moves=lines, total=len(found), rules=rules, more=more)


def round_for(round_id: str) -> tuple[Case, Round]:
    """Give a round that the visitor may see.

    Raises:
        NotFound: There is none, for this visitor.
    """
    case, round_ = round_of(CaseId(round_id), room().ports)
    if not visitor().may_see(case):
        raise NotFound("No such round.")
    return case, round_


def selection_room(
    case: Case,
    round_: Round,
    *,
    fault: str = "",
    detail: str = "",
    form: str = "",
    typed: Mapping[str, str] | None = None,
) -> str:
    """Give the page of a round.

    Args:
        case: The round's case.
        round_: The round.
        fault: The text that says what was wrong with a form; empty if nothing was.
        detail: What the core said of it.
        form: Which form it was.
        typed: What was typed into it.
    """
    stage, entries = case.stage, entries_of(round_)
    cutoffs = cutoffs_of(round_)
    published = _published(case, round_)
    return render_template(
        "round.html",
        case=case,
        round=round_,
        dates={name: getattr(round_.calendar, name) for name in DATES},
        quotas=cutoffs.quotas,
        quota_faults=_faults(round_),
        totals=totals_of(round_, cutoffs),
        runs=list(runs_of(case, round_)),
        readings=_readings(case, round_) if visitor_on("round_reviewers").may_see(case) else [],
        waiting=[_waiting(task) for task in case.tasks],
        leaving=None if published is None else leaving_at_publication(published),
        acts=[name for name in _acts(round_, stage) if visitor_on(f"round_{name}").may_see(case)],
        sees_order=visitor_on("order").may_see(case),
        sees_runs=visitor_on("compare").may_see(case),
        waitlist=[(place, entries[rank - 1].application) for place, rank in enumerate(round_.waiting, 1)],
        fault=fault,
        detail=detail,
        form=form,
        typed=typed or {},
    )


def _acts(round_: Round, stage: str) -> Iterator[str]:
    """Give what the office can do with the round where it stands."""
    for name, stages in ACTS.items():
        is_idle = (name == "skip" and not round_.waiting) or (name == "supplement" and round_.free <= 0)
        if stage in stages and not is_idle:
            yield name


def _lines(round_: Round) -> list[Line]:
    """Give the order as far as the visitor's grants reach: a university sees its own students."""
    grants = grants_on("order", programme=round_.programme, cohort=round_.cohort)
    places = {} if round_.ranking is None else round_.ranking.document.places
    lines = [Line(f"{one.rank:09}", one.application, one, one.groups.get("university", "")) for one in places.values()]
    for application in sorted({*round_.offers, *round_.taken, *round_.claims} - places.keys()):
        seen = room().ports.cases.get(application)
        university = "" if seen is None else str(seen.case.data.get("university", ""))
        lines.append(Line(f"{BEHIND}{application}", application, None, university))
    return [line for line in lines if reaches_university(grants, line.university)]


def _candidate(round_: Round, line: Line, above: Ranked | None, published: Round | None) -> Candidate:
    by = ""
    if above is not None and line.ranked is not None:
        ties = () if round_.ranking is None else round_.ranking.document.ties
        by = next((name for name in ties if above.scores[name] != line.ranked.scores[name]), "hash")
    coming = None if published is None else _coming(published, line)
    return Candidate(
        line, place_of(round_, line.application, published), None if above is None else above.rank, by, coming
    )


def _coming(published: Round, line: Line) -> tuple[str, int]:
    """Give what the publication brings to one application, by its text."""
    if line.application in published.offers:
        return "coming_seat", 0
    if line.ranked is not None and line.ranked.rank in published.waiting:
        return "coming_wait", published.waiting.index(line.ranked.rank) + 1
    return ("coming_left", 0) if line.application in published.left else ("coming_none", 0)


def _faults(round_: Round) -> list[QuotaFault]:
    """Give what cannot hold of the quotas; before the ranking nobody knows how many there are of a group."""
    entries = entries_of(round_)
    return faults(round_.selection.quotas, round_.capacity, entries) if entries else []


def _readings(case: Case, round_: Round) -> list[Reading]:
    """Give how far everybody has come who is a reviewer of the round, or was asked as one."""
    named = () if round_.pool is None else round_.pool.document.reviewers
    found: dict[str, Counter[str]] = {each.id: Counter() for each in named}
    for review in room().ports.cases.find(workflow="review", round_id=case.id):
        found.setdefault(str(review.data["reviewer"]), Counter())[review.stage] += 1
    members = room().staff.members.named(sorted(found))
    return [
        Reading(
            reviewer=who,
            name=members[who].name if who in members else "",
            assigned=stages.total(),
            accepted=sum(stages[stage] for stage in ACCEPTED),
            submitted=sum(stages[stage] for stage in HANDED_IN),
            overdue=stages[ReviewStage.OVERDUE],
            refused=stages[ReviewStage.DECLINED] + stages[ReviewStage.CONFLICTED],
        )
        for who, stages in sorted(found.items())
    ]


def _waiting(task: Task) -> Waiting:
    roles = {grant.role for grant in visitor_on("question").grants}
    may_look = bool(roles & {*task.needs, task.escalated_to})
    return Waiting(task, task.due_at is not None and task.due_at <= now(), may_look)


def _published(case: Case, round_: Round) -> Round | None:
    """Give the round as its publication would leave it; None where that is past, or there is no list."""
    return as_published(round_) if round_.ranking is not None and case.stage in BEFORE_PUBLICATION else None
