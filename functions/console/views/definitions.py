"""The workflows, as staff read them: each as sentences and as a diagram, its versions, and which cases run on which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Flask, render_template, request

from functions.console.guard import reach
from functions.console.reach import visitor_on
from functions.console.room import language, room
from schemas.search import Crowd, Scope
from workflows.definitions import LATEST, RELEASED_ON, WORKFLOWS
from workflows.definitions.words import WORDS
from workflows.engine.definition import Workflow
from workflows.engine.describe import page
from workflows.engine.drawing import draw
from workflows.runtime.errors import NotFound


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a workflow that is kept.

    Attributes:
        by_stage: How many cases run on it that the visitor may open, in the order of the stages; None if they may open
            no case of this workflow.
    """

    version: int
    fingerprint: str
    released_on: date | None
    is_latest: bool
    by_stage: Mapping[str, int] | None

    @property
    def count(self) -> int:
        """How many they are altogether."""
        return sum((self.by_stage or {}).values())


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/definitions", "definitions", definitions)
    site.add_url_rule("/definitions/<name>", "definition", definition)


def definitions() -> str:
    """List the workflows."""
    return render_template("definitions.html", workflows=LATEST)


def definition(name: str) -> str:
    """Show one workflow: the version that is asked for, else the latest."""
    asked = request.args.get("version", "")
    latest = LATEST.get(name)
    workflow = next((each for each in _kept(name) if str(each.version) == asked), None) if asked else latest
    if workflow is None or latest is None:
        raise NotFound(f"[{name}]")
    counted = _counted(name)
    return render_template(
        "definition.html",
        workflow=workflow,
        drawing=draw(workflow, WORDS, language()),
        versions=[_version(each, counted) for each in _kept(name)],
        sees_cases=counted is not None,
        lines=page(workflow, WORDS, language()).splitlines(),
    )


def _kept(name: str) -> list[Workflow]:
    """Give the versions of a workflow that are kept, the latest first."""
    kept = [workflow for (other, _), workflow in WORKFLOWS.items() if other == name]
    return sorted(kept, key=lambda workflow: workflow.version, reverse=True)


def _version(workflow: Workflow, counted: Mapping[tuple[str, int, str], int] | None) -> Version:
    name, version = workflow.name, workflow.version
    by_stage = None
    if counted is not None:
        by_stage = {stage: many for stage in workflow.states if (many := counted.get((name, version, stage), 0))}
    return Version(
        version=version,
        fingerprint=workflow.fingerprint,
        released_on=RELEASED_ON.get((name, version)),
        is_latest=workflow is LATEST[name],
        by_stage=by_stage,
    )


def _counted(name: str) -> Mapping[tuple[str, int, str], int] | None:
    """Count the cases of a workflow that the visitor may open; None if they may open none."""
    grants = [grant for grant in visitor_on("cases").grants if grant.role in reach()[name]]
    if not grants:
        return None
    within = (Scope(programme=grant.programme, cohort=grant.cohort, university=grant.university) for grant in grants)
    return room().staff.index.versions(Crowd(workflow=name, within=tuple(dict.fromkeys(within))))
