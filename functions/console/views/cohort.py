"""A cohort at a glance: the funnel, the seats, who needs attention, which gates are due, what became of everybody."""

import re
from collections.abc import Sequence

from flask import Flask, Response, render_template, request

from functions.console import figures
from functions.console.figures import COLUMNS, CohortCases, Row
from functions.console.paging import page_of
from functions.console.reach import grants_on, reaches_university
from functions.console.room import room
from functions.forms.safe_csv import write_csv
from schemas.enrolment import Enrolment
from schemas.messages import Case
from schemas.round import Round
from schemas.staff import Grant
from workflows.runtime.errors import NotFound

FIGURES = {"funnel": figures.funnel, "seats": figures.seats, "stages": figures.stages}
LEARNERS = ("attendance", "at_risk", "gates")


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/cohorts", "cohorts", cohorts)
    site.add_url_rule("/cohorts/<cohort>", "cohort", cohort_page)
    site.add_url_rule("/cohorts/<cohort>/figures/<table>.csv", "figures_csv", figures_csv)
    site.add_url_rule("/cohorts/<cohort>/learners/<table>.csv", "learners_csv", learners_csv)
    site.add_url_rule("/cohorts/<cohort>/outcomes.csv", "outcomes_csv", outcomes_csv)


def cohorts() -> str:
    """List the cohorts, each with its rounds."""
    found: dict[str, list[tuple[Case, Round]]] = {}
    for case in room().ports.cases.find(workflow="round"):
        round_ = Round.model_validate_json(case.subject)
        if grants_on("cohort", programme=round_.programme, cohort=case.cohort):
            found.setdefault(case.cohort, []).append((case, round_))
    return render_template("cohorts.html", cohorts=sorted(found.items()))


def cohort_page(cohort: str) -> str:
    """Show a cohort, each part to those who may see it."""
    found = _cohort(cohort, "cohort")
    tables: dict[str, Sequence[Row]] = {name: make(found) for name, make in FIGURES.items()}
    if sees_outcomes := bool(_grants(found, "outcomes_csv")):
        tables["outcomes"] = figures.outcomes(found)
    more = ""
    if sees_learners := bool(_grants(found, "learners_csv")):
        tables |= _learner_tables(found)
        after = request.args.get("after", "")
        shown, more = page_of(tables["attendance"], key=lambda row: str(row["learner"]), after=after)
        tables["attendance"] = shown
    return render_template(
        "cohort.html",
        cohort=cohort,
        tables=tables,
        coming=figures.coming_gates(found),
        sees_learners=sees_learners,
        sees_outcomes=sees_outcomes,
        more=more,
    )


def figures_csv(cohort: str, table: str) -> Response:
    """Give one table of figures as a file."""
    found = _cohort(cohort, "figures_csv")
    if table not in FIGURES:
        raise NotFound(f"[{table}]")
    return _file(cohort, table, FIGURES[table](found))


def learners_csv(cohort: str, table: str) -> Response:
    """Give one table of learners as a file: by their case, never by name."""
    found = _cohort(cohort, "learners_csv")
    if table not in LEARNERS:
        raise NotFound(f"[{table}]")
    return _file(cohort, table, _learner_tables(found)[table])


def outcomes_csv(cohort: str) -> Response:
    """Give what became of the cohort as a file."""
    return _file(cohort, "outcomes", figures.outcomes(_cohort(cohort, "outcomes_csv")))


def _cohort(cohort: str, page: str) -> CohortCases:
    """Give a cohort that the visitor may see on this page.

    Raises:
        NotFound: There is none, for this visitor.
    """
    found = figures.cases_of(cohort, room().ports.cases)
    if not found.rounds or not _grants(found, page):
        raise NotFound(f"[{cohort}]")
    return found


def _grants(found: CohortCases, page: str) -> tuple[Grant, ...]:
    case, round_ = found.rounds[0]
    return grants_on(page, programme=round_.programme, cohort=case.cohort)


def _learner_tables(found: CohortCases) -> dict[str, Sequence[Row]]:
    """Give the tables of learners, of those universities that the visitor's grants reach."""
    grants, now = _grants(found, "learners_csv"), room().ports.clock.now()
    learners: list[tuple[Case, Enrolment, str]] = [
        (case, enrolment, university)
        for case, enrolment, university in figures.learners_of(found)
        if reaches_university(grants, university)
    ]
    return {
        "attendance": figures.attendance(learners),
        "at_risk": figures.at_risk(learners, now),
        "gates": figures.gates(learners, now),
    }


def _file(cohort: str, table: str, rows: Sequence[Row]) -> Response:
    name = re.sub(r"[^A-Za-z0-9_-]", "_", f"{cohort}-{table}")
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(write_csv(COLUMNS[table], rows), mimetype="text/csv", headers=headers)
