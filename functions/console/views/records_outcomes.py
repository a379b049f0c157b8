"""Outcomes as career staff record them: what each learner does now, and how far that is proved."""

import secrets
from dataclasses import dataclass, replace

from flask import Flask, render_template, request

from functions.console.paging import page_of
from functions.console.recording import (
    OUTCOMES,
    REFUSED,
    REPORTABLE,
    TAKEN,
    Done,
    cases_on,
    cohorts_on,
    known_cohort,
    record,
    refused,
    typed_cases,
)
from functions.forms.clean import UnfitTextError, clean_line
from functions.forms.records_csv import became
from schemas.ids import CaseId
from schemas.messages import Case
from schemas.outcome import Outcome, Stage
from schemas.status import Evidence, Status
from workflows.runtime.errors import BadForm
from workflows.runtime.records import Became

FIELD = "status-"
ASKED = (Stage.MONTH3, Stage.MONTH6, Stage.MONTH12)
"""Where the programme asks, and the answer settles the month."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields of a row."""

    status: str = ""
    evidence: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one learner, as far as it is known."""

    case: Case
    outcome: Outcome
    typed: Typed = Typed()
    done: Done | None = None

    @property
    def is_asked(self) -> bool:
        """Whether the programme asks now."""
        return self.case.stage in ASKED


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/records/outcomes", OUTCOMES, outcomes, methods=["GET", "POST"])


def outcomes() -> str | tuple[str, int]:
    """Show what is known of the learners of a cohort, or take reports, each by itself; nothing typed is lost."""
    cohort = request.values.get("cohort", "")
    if request.method == "GET":
        return _page(known_cohort(cohort, OUTCOMES) if cohort else "")
    rows = _typed_rows(known_cohort(cohort, OUTCOMES))
    reports: dict[CaseId, Became] = {}
    done: dict[CaseId, Done] = {}
    for row in rows:
        try:
            reports[row.case.id] = became(
                row.case.id, status=row.typed.status, evidence=row.typed.evidence, reference=row.typed.reference
            )
        except BadForm as error:
            done[row.case.id] = refused(error.faults)
    done |= record(reports, cohort, OUTCOMES, act=request.form.get("act", "")[:64])
    told = {row.case.id: _after(row, done[row.case.id]) for row in rows}
    is_refused = any(each.result == REFUSED for each in done.values())
    return _page(cohort, told, is_sent=True), 422 if is_refused else 200


def _typed_rows(cohort: str) -> list[Row]:
    """Give the rows of the form in which something was chosen or typed."""
    rows = []
    for case in typed_cases(FIELD, "outcome", cohort, OUTCOMES):
        typed = Typed(*(_line(f"{name}-{case.id}") for name in ("status", "evidence", "reference")))
        if typed != Typed():
            rows.append(replace(_row(case), typed=typed))
    return rows


def _line(field: str) -> str:
    """Give what was typed, in the one way of writing where there is one."""
    typed = request.form.get(field, "")[:200]
    try:
        return clean_line(typed)
    except UnfitTextError:
        return typed


def _row(case: Case) -> Row:
    return Row(case, Outcome.model_validate_json(case.subject))


def _after(row: Row, done: Done) -> Row:
    """Give the row as it is shown once it was read; the fields are free again once their report was taken."""
    return replace(row, done=done, typed=row.typed if done.result == REFUSED else Typed())


def _page(cohort: str, told: dict[CaseId, Row] | None = None, *, is_sent: bool = False) -> str:
    told = dict(told or {})
    cohorts = sorted(cohorts_on(OUTCOMES))
    cases = {each: cases_on(OUTCOMES, "outcome", each, REPORTABLE) for each in ([cohort] if cohort else cohorts)}
    cohort = cohort or next((each for each in cohorts if cases[each]), "")
    ordered = sorted(cases.get(cohort, ()), key=_order)
    after = request.values.get("after", "")
    shown, more = page_of(ordered, key=_order, after=after)
    rows = [told.pop(case.id) if case.id in told else _row(case) for case in shown]
    rows = [*told.values(), *rows]  # what has closed meanwhile is no longer listed, and its report is not lost
    return render_template(
        "record_outcomes.html",
        cohort=cohort,
        cohorts=cohorts,
        rows=rows,
        count=len(ordered),
        asked=sum(case.stage in ASKED for case in ordered),
        after=after,
        more=more,
        statuses=list(Status),
        evidence=list(Evidence),
        is_sent=is_sent,
        taken=sum(row.done is not None and row.done.result == TAKEN for row in rows),
        refused=sum(row.done is not None and row.done.result == REFUSED for row in rows),
        act=secrets.token_urlsafe(9),
    )


def _order(case: Case) -> str:
    """Sort those whom the programme asks now before the others, and these by how long they have been asked."""
    return f"{0 if case.stage in ASKED else 1} {case.arrived_at.isoformat()} {case.id}"
