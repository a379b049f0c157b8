"""Outcomes as career staff record them: what each learner does now, and how far that is proved."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Flask, render_template, request

from functions.console.paging import PAGE
from functions.console.recording import (
    OUTCOMES,
    REFUSED,
    REPORTABLE,
    TAKEN,
    Done,
    cases_on,
    cohorts_on,
    count_on,
    known_cohort,
    record,
    refused,
    scopes_on,
    typed_cases,
)
from functions.console.room import room
from functions.forms.clean import UnfitTextError, clean_line
from functions.forms.records_csv import became
from schemas.ids import CaseId
from schemas.messages import Case
from schemas.outcome import Outcome, Stage
from schemas.search import CaseFilter
from schemas.status import Evidence, Status
from workflows.runtime.errors import BadForm
from workflows.runtime.records import Became

FIELD = "status-"
ASKED = (Stage.MONTH3, Stage.MONTH6, Stage.MONTH12)
"""Where the programme asks, and the answer settles the month."""
PARTS = (("0", frozenset(ASKED)), ("1", REPORTABLE - frozenset(ASKED)))
"""The list in its order: whom the programme asks, and the others."""


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
    cohorts, _ = cohorts_on(OUTCOMES)
    cohort = cohort or _first_with_outcomes()
    after = request.values.get("after", "")
    shown, more = _shown(cohort, after)
    counted = count_on(OUTCOMES, "outcome", cohort)
    rows = [told.pop(case.id) if case.id in told else _row(case) for case in shown]
    rows = [*told.values(), *rows]  # what has closed meanwhile is no longer listed, and its report is not lost
    return render_template(
        "record_outcomes.html",
        cohort=cohort,
        cohorts=sorted(cohorts),
        rows=rows,
        count=sum(counted.get(stage, 0) for stage in REPORTABLE),
        asked=sum(counted.get(stage, 0) for stage in ASKED),
        after=after,
        more=more,
        statuses=list(Status),
        evidence=list(Evidence),
        is_sent=is_sent,
        taken=sum(row.done is not None and row.done.result == TAKEN for row in rows),
        refused=sum(row.done is not None and row.done.result == REFUSED for row in rows),
        act=secrets.token_urlsafe(9),
    )


def _first_with_outcomes() -> str:
    """Give a cohort that somebody may be asked of; empty if there is none."""
    wanted = CaseFilter(workflow="outcome", stages=tuple(sorted(REPORTABLE)), within=scopes_on(OUTCOMES))
    found = room().staff.index.page(wanted, after="", limit=1).cases
    return found[0].cohort if found else ""


def _shown(cohort: str, after: str) -> tuple[Sequence[Case], str]:
    """Give the cases of a page, those whom the programme asks now before the others, and the next cursor."""
    part, _, behind = after.rpartition(" ")
    shown: list[Case] = []
    for name, stages in PARTS:
        if not cohort or (part and name < part):
            continue
        start = behind if name == part else ""
        found = cases_on(OUTCOMES, "outcome", cohort, stages, after=start, limit=PAGE - len(shown))
        shown += found.cases
        if found.after:
            return shown, f"{name} {found.after}"
        if len(shown) == PAGE:
            return shown, "" if name == PARTS[-1][0] else f"{PARTS[-1][0]} "
    return shown, ""
