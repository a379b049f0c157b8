"""Naming the reviewers of a round: ticked among the staff, or all of them from a CSV file."""

from collections.abc import Mapping, Sequence

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from functions.console.error_pages import told
from functions.console.room import language, reaches, room, visitor
from functions.console.views.selection import round_for
from functions.forms.clean import UnfitTextError, clean_text
from functions.forms.csv_table import BadCsvError
from functions.forms.fault_texts import file_text, row_text
from functions.forms.reviewers_csv import read_reviewer, read_reviewers
from schemas.messages import Case
from schemas.reviewers import Reviewer
from schemas.roles import REVIEWER
from schemas.round import Round, Stage
from schemas.staff import Member
from workflows.runtime.errors import BadForm, Rejected
from workflows.runtime.name_reviewers import name_reviewers, unknown_relations

STAGES = frozenset({Stage.CLOSED, Stage.SCREENING})
"""Where a round takes reviewers."""

NO_REVIEWER = "is no member of staff who may review in this round; give them the role on the page of members"
FIELDS = ("university", "department", "email_domain", "related", "load_max")
Faults = Sequence[tuple[str, str, str]]
"""What is wrong: with whom or in which row, in which column, and how."""


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/rounds/<round_id>/reviewers", "round_reviewers", reviewers_page)
    site.add_url_rule("/rounds/<round_id>/reviewers", "round_name_reviewers", name, methods=["POST"])


def reviewers_page(round_id: str) -> str:
    """Show who may read, who does, and let others be named."""
    return _page(*round_for(round_id))


def name(round_id: str) -> Response | tuple[str, int]:
    """Name the reviewers, all that the form or the file holds or nobody; nothing typed is lost.

    A file that is only checked names nobody: it fills in the form, or says what is wrong with it.
    """
    case, round_ = round_for(round_id)
    if case.stage not in STAGES:
        return _page(case, round_, fault="round_refused"), 409
    if request.form.get("seen", _pool(round_)) != _pool(round_):
        return _page(case, round_, fault="reviewers_moved", detail=_named(round_)), 409
    read, faults = _from_file() if "file" in request.files else _from_form()
    faults = [*faults, *_unfit(read, case, round_)] or ([] if read else [("", "", _said("names nobody"))])
    if faults:
        return _page(case, round_, faults=faults), 422
    if request.form.get("do") == "check":
        return _page(case, round_, checked=read), 200
    return _named_by(read, case, round_)


def _named_by(read: Sequence[Reviewer], case: Case, round_: Round) -> Response | tuple[str, int]:
    try:
        name_reviewers(case.id, read, visitor().actor("operator"), room().ports)
    except BadForm as error:
        return _page(case, round_, faults=[(who, "", _said(why)) for who, why in error.faults.items()]), 422
    except Rejected as error:
        return _page(case, round_, fault="round_refused", detail=told(error)), 409
    return redirect(url_for("round", round_id=case.id, done="reviewers_named", count=len(read)), 303)


def _unfit(read: Sequence[Reviewer], case: Case, round_: Round) -> Faults:
    """Give who of them may not review here, and who is related to nobody of this round."""
    may_read = {member.id for member in room().staff.members.all() if _may_read(member, round_)}
    unknown = unknown_relations(read, case.id, room().ports)
    lost = [(who, "", _said(f"names no application or person of this round: {ids}")) for who, ids in unknown.items()]
    return [(each.id, "", _said(NO_REVIEWER)) for each in read if each.id not in may_read] + lost


def _may_read(member: Member, round_: Round) -> bool:
    return not member.is_disabled and any(
        grant.role == REVIEWER.name and reaches(grant, "round", round_.programme, round_.cohort, "")
        for grant in member.grants
    )


def _from_file() -> tuple[list[Reviewer], Faults]:
    try:
        lines = read_reviewers(request.files["file"].read())
    except BadCsvError as error:
        return [], [("", "", file_text(str(error), language()))]
    faults = [
        (_row_name(line.number), "" if column == "row" else column, _said(why))
        for line in lines
        for column, why in line.faults.items()
    ]
    return [line.value for line in lines if line.value is not None], faults


def _from_form() -> tuple[list[Reviewer], Faults]:
    read, faults = [], []
    for who in request.form.getlist("reviewer"):
        try:
            cells = {field: clean_text(request.form.get(f"{field}.{who}", "")).strip() for field in FIELDS}
            read.append(read_reviewer({"id": who, **cells}))
        except UnfitTextError as error:
            faults.append((who, "", _said(str(error))))
        except BadForm as error:
            faults += [(who, column, _said(why)) for column, why in error.faults.items()]
    return read, faults


def _pool(round_: Round) -> str:
    """Name those who are named, so that a form that shows others replaces nobody unseen."""
    return "" if round_.pool is None else round_.pool.id


def _named(round_: Round) -> str:
    return "" if round_.pool is None else ", ".join(each.id for each in round_.pool.document.reviewers)


def _row_name(number: int) -> str:
    return f"row {number}" if language() == "en" else f"{number} 행"


def _said(fault: str) -> str:
    return row_text(fault, language())


def _page(
    case: Case,
    round_: Round,
    *,
    fault: str = "",
    detail: str = "",
    faults: Faults = (),
    checked: Sequence[Reviewer] = (),
) -> str:
    named = checked or (() if round_.pool is None else round_.pool.document.reviewers)
    pool = {each.id: each for each in named}
    members = {member.id: member for member in room().staff.members.all()}
    listed = list(dict.fromkeys((*(each.id for each in members.values() if _may_read(each, round_)), *pool)))
    domains = {each: members[each].email.rpartition("@")[2] for each in listed if each in members}
    is_typed = bool(faults or fault) and "file" not in request.files
    return render_template(
        "reviewers.html",
        case=case,
        pool=_pool(round_),
        listed=listed,
        names={each: members[each].name for each in listed if each in members},
        chosen=set(request.form.getlist("reviewer")) if is_typed else set(pool),
        typed={each: dict(request.form) if is_typed else _kept(each, pool, domains) for each in listed},
        fields=FIELDS,
        is_open=case.stage in STAGES,
        fault=fault,
        detail=detail,
        faults=faults,
        checked=checked,
    )


def _kept(who: str, pool: Mapping[str, Reviewer], domains: Mapping[str, str]) -> dict[str, str]:
    """Give what is known of somebody, as the form names it."""
    found = pool.get(who, Reviewer(id=who, email_domain=domains.get(who, "")) if who in domains else None)
    if found is None:
        return {}
    cells = {**found.model_dump(), "related": " ".join(found.related), "load_max": found.load_max or ""}
    return {f"{field}.{who}": str(cells[field]) for field in FIELDS}
