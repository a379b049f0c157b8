"""A cohort at a glance: the funnel, the seats, who needs attention, which gates are due, what became of everybody."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, render_template, request

from functions.console import figures
from functions.console.figures import COLUMNS, CohortFigures, Learner, Row
from functions.console.reach import grants_on, visitor_on
from functions.console.room import room
from functions.console.roster import roster_names
from functions.forms.safe_csv import write_csv
from schemas.ids import CaseId
from schemas.messages import Case
from schemas.risk import RiskPreset
from schemas.round import Round
from schemas.search import EVERYWHERE, CaseFilter, Crowd, Scope
from schemas.staff import Grant
from workflows.definitions import LATEST
from workflows.definitions.risk import preset_of
from workflows.runtime.errors import NotFound

FIGURES = {"funnel": figures.funnel, "seats": figures.seats, "phases": figures.phases, "stages": figures.stages}
LEARNERS = ("attendance", "at_risk", "gates")
OUTCOMES = ("outcomes", "evidence")
ROUNDS_SHOWN_MAX = 50
LEARNERS_SHOWN_MAX = 200
AT_ONCE = 1_000
LIVE = tuple(str(stage) for stage, state in LATEST["enrolment"].states.items() if not state.is_final)


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort, with its rounds, as the visitor may see it."""

    name: str
    rounds: Sequence[tuple[Case, Round]]

    def grants(self, page: str) -> tuple[Grant, ...]:
        """Give the visitor's grants for a page, or a part of one, that reach the cohort."""
        return grants_on(page, programme=self.rounds[0][1].programme, cohort=self.name)

    def within(self, page: str) -> tuple[Scope, ...]:
        """Give what part of the cohort they reach: some universities, or all."""
        universities = {grant.university for grant in self.grants(page)}
        return (EVERYWHERE,) if "" in universities else tuple(Scope(university=name) for name in sorted(universities))

    @property
    def preset(self) -> RiskPreset:
        """The rules of risk that its latest plan names."""
        return preset_of(self.rounds[-1][1].terms)


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/cohorts", "cohorts", cohorts)
    site.add_url_rule("/cohorts/<cohort>", "cohort", cohort_page)
    site.add_url_rule("/cohorts/<cohort>/roster", "roster", roster)
    site.add_url_rule("/cohorts/<cohort>/figures/<table>.csv", "figures_csv", figures_csv)
    site.add_url_rule("/cohorts/<cohort>/learners/<table>.csv", "learners_csv", learners_csv)
    site.add_url_rule("/cohorts/<cohort>/<table>.csv", "outcomes_csv", outcomes_csv)


def cohorts() -> str:
    """List the cohorts, each with its rounds."""
    wanted = CaseFilter(workflow="round", within=_scopes("cohort"))
    page = room().staff.index.page(wanted, after=request.args.get("after", ""), limit=ROUNDS_SHOWN_MAX)
    found: dict[str, list[tuple[Case, Round]]] = {}
    for case in page.cases:
        found.setdefault(case.cohort, []).append((case, Round.model_validate_json(case.subject)))
    return render_template("cohorts.html", cohorts=sorted(found.items()), more=page.after)


def cohort_page(cohort: str) -> str:
    """Show a cohort, each part to those who may see it."""
    found = _cohort(cohort, "cohort")
    counted = _figures(found)
    shown: dict[str, Any] = {name: make(counted) for name, make in FIGURES.items()}
    sees_outcomes, sees_learners = (bool(found.grants(page)) for page in ("outcomes_csv", "learners_csv"))
    if sees_outcomes:
        shown |= _outcome_tables(found, counted)
    learners: Sequence[Learner] = ()
    more = ""
    if sees_learners:
        learners, more = _learners(found, request.args.get("after", ""), LEARNERS_SHOWN_MAX)
        shown |= _learner_tables(learners)
    return render_template(
        "cohort.html",
        cohort=found,
        tables=shown,
        risky=[each for each in learners if each.risks],
        names=_names(learners, shown, cohort),
        live=sum(counted.counts.get(("enrolment", stage), 0) for stage in LIVE),
        learners=learners,
        coming=figures.coming_gates(counted),
        sees_learners=sees_learners,
        sees_outcomes=sees_outcomes,
        sees_roster=bool(found.grants("roster")),
        more=more,
    )


def roster(cohort: str) -> str:
    """Show the learners with their names, attendance and progress to whoever teaches them."""
    found = _cohort(cohort, "roster")
    learners, more = _learners(found, request.args.get("after", ""), ROUNDS_SHOWN_MAX, page="roster")
    names = roster_names([each.case for each in learners], cohort)
    ordered = sorted(learners, key=lambda each: (names.get(each.case.id, ""), each.case.id))
    return render_template("roster.html", cohort=found, learners=ordered, names=names, more=more)


def figures_csv(cohort: str, table: str) -> Response:
    """Give one table of figures as a file."""
    found = _cohort(cohort, "figures_csv")
    if table not in FIGURES:
        raise NotFound(f"[{table}]")
    return _file(cohort, table, FIGURES[table](_figures(found)))


def learners_csv(cohort: str, table: str) -> Response:
    """Give one table of learners as a file, all of them: by their case, never by name."""
    found = _cohort(cohort, "learners_csv")
    if table not in LEARNERS:
        raise NotFound(f"[{table}]")
    return _file(cohort, table, _learner_tables(list(_all_learners(found)))[table])


def outcomes_csv(cohort: str, table: str) -> Response:
    """Give what became of the cohort as a file, or how far that is proved."""
    found = _cohort(cohort, "outcomes_csv")
    if table not in OUTCOMES:
        raise NotFound(f"[{table}]")
    return _file(cohort, table, _outcome_tables(found, _figures(found))[table])


def _scopes(page: str) -> tuple[Scope, ...]:
    """Give what the visitor's grants for a page reach, whatever the university: rounds are of all."""
    grants = visitor_on(page).grants
    return tuple(dict.fromkeys(Scope(programme=grant.programme, cohort=grant.cohort) for grant in grants))


def _cohort(cohort: str, page: str) -> Cohort:
    """Give a cohort that the visitor may see on this page.

    Raises:
        NotFound: There is none, for this visitor.
    """
    wanted = CaseFilter(workflow="round", cohort=cohort)
    cases = room().staff.index.page(wanted, after="", limit=ROUNDS_SHOWN_MAX).cases if cohort else ()
    found = Cohort(cohort, [(case, Round.model_validate_json(case.subject)) for case in cases])
    if not found.rounds or not found.grants(page):
        raise NotFound(f"[{cohort}]")
    return found


def _figures(cohort: Cohort) -> CohortFigures:
    index, crowd = room().staff.index, Crowd(cohort=cohort.name)
    return CohortFigures(cohort.rounds, index.counts(crowd), index.reached(crowd), room().ports.clock.now())


def _learners(cohort: Cohort, after: str, limit: int, *, page: str = "learners_csv") -> tuple[Sequence[Learner], str]:
    """Give some of the learners whom the visitor's grants reach, as long as they are learners, by id."""
    wanted = CaseFilter(workflow="enrolment", cohort=cohort.name, stages=LIVE, within=cohort.within(page))
    found = room().staff.index.page(wanted, after=after, limit=limit)
    now = room().ports.clock.now()
    return [figures.learner_of(case, now) for case in found.cases], found.after


def _all_learners(cohort: Cohort) -> Iterator[Learner]:
    after = ""
    while True:
        learners, after = _learners(cohort, after, AT_ONCE)
        yield from learners
        if not after:
            return


def _learner_tables(learners: Sequence[Learner]) -> Mapping[str, Sequence[Row]]:
    return {
        "attendance": figures.attendance(learners),
        "at_risk": figures.at_risk(learners),
        "gates": figures.gates(learners, room().ports.clock.now()),
    }


def _names(learners: Sequence[Learner], tables: Mapping[str, Sequence[Row]], cohort: str) -> Mapping[CaseId, str]:
    """Give the names of those who need attention, for whoever may see them; the others are not looked up."""
    shown = {str(row["learner"]) for name in ("at_risk", "gates") for row in tables.get(name, ())}
    return roster_names([each.case for each in learners if each.case.id in shown], cohort)


def _outcome_tables(cohort: Cohort, counted: CohortFigures) -> Mapping[str, Sequence[Row]]:
    cases: list[Case] = []
    wanted, after = CaseFilter(workflow="outcome", cohort=cohort.name), ""
    while True:
        page = room().staff.index.page(wanted, after=after, limit=AT_ONCE)
        cases += page.cases
        after = page.after
        if not after:
            break
    enrolled = counted.reached.get("accepted", 0)
    return {"outcomes": figures.outcomes(cases, enrolled), "evidence": figures.evidence(cases)}


def _file(cohort: str, table: str, rows: Sequence[Row]) -> Response:
    name = re.sub(r"[^A-Za-z0-9_-]", "_", f"{cohort}-{table}")
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(write_csv(COLUMNS[table], rows), mimetype="text/csv", headers=headers)
