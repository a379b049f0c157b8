"""Finding cases, and one case: where it stands, how it came there, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, render_template, request

from functions.console.room import language, room, visitor
from functions.console.search_field import Sought, sought
from schemas.ids import CaseId, PersonId
from schemas.messages import Case, Entry
from schemas.people import Person
from schemas.search import OF_EVERY_UNIVERSITY, CaseFilter, Scope
from schemas.selection import Selection
from workflows.definitions import LATEST
from workflows.definitions.words import WORDS
from workflows.engine.describe import diagram
from workflows.engine.explain import explain
from workflows.runtime.advance import pinned
from workflows.runtime.errors import NotFound
from workflows.runtime.people_keys import key_of
from workflows.runtime.place import place
from workflows.runtime.search import Found, Search
from workflows.runtime.traits import next_due, traits_of

PAGE = 50
ROUNDS_MAX = 100
FILTERS = ("at", "workflow", "stage", "round", "cohort", "university", "due", "risk")
DUE_DAYS = ("1", "7", "30")
HIDDEN_FACTS = frozenset({"calendar", "terms", "admission", "selection", "rubric"})


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the list, which names nobody."""

    case: Case
    university: str
    due: datetime | None
    is_at_risk: bool


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/cases", "cases", cases, methods=["GET", "POST"])
    site.add_url_rule("/cases/<case_id>", "case", case_page)
    site.add_url_rule("/cases/<case_id>/person", "unmask", unmask, methods=["POST"])


def cases() -> str | tuple[str, int]:
    """List cases by filters, or find them by what was posted: no address, and so no log, may say who was sought."""
    if request.method == "GET":
        found = room().staff.index.page(_wanted(), after=request.args.get("after", ""), limit=PAGE)
        return _list(found.cases, found.after, Sought("nothing"))
    asked = sought(request.form.get("sought", ""), request.form.get("student_number", ""))
    if asked.fault:
        return _list((), "", asked), 422
    by_search = _found(asked, request.form.get("after", ""))
    return _list(by_search.cases, by_search.after, asked)


def _wanted() -> CaseFilter:
    """Give what the filters ask for, within the visitor's grants."""
    asked = request.args
    workflow, _, stage = asked["at"].partition(".") if "at" in asked else (asked.get("workflow", ""), "", "")
    stage = stage or asked.get("stage", "")
    days = asked.get("due", "")
    return CaseFilter(
        workflow=workflow if workflow in LATEST else "",
        stage=stage if workflow in LATEST and stage in LATEST[workflow].states else "",
        round=asked.get("round", ""),
        cohort=asked.get("cohort", ""),
        university=asked.get("university", "").strip(),
        due_before=room().ports.clock.now() + timedelta(days=int(days)) if days in DUE_DAYS else None,
        is_at_risk=asked.get("risk", "") == "1",
        within=_scopes(),
    )


def _scopes() -> tuple[Scope, ...]:
    grants = visitor().grants
    return tuple(Scope(programme=grant.programme, cohort=grant.cohort, university=grant.university) for grant in grants)


def _found(asked: Sought, after: str) -> Found:
    staff, vault, asks = room().staff, room().ports.vault, visitor()
    search = Search(staff.index, vault, reader=asks.member.id, may_see=asks.may_see)
    match asked.kind:
        case "case":
            seen = room().ports.cases.get(CaseId(asked.text))
            return Found([seen.case] if seen is not None and asks.may_see(seen.case) else [])
        case "email" | "phone" | "student":
            return search.by_key(asked.kind, key_of(asked.kind, asked.text, room().key))
        case "name":
            return search.by_name(asked.text, after=after)
    return Found([])


def _list(found: Sequence[Case], after: str, asked: Sought) -> str:
    rounds = room().staff.index.page(
        CaseFilter(workflow=OF_EVERY_UNIVERSITY, within=_scopes()), after="", limit=ROUNDS_MAX
    )
    filters = {name: value for name in FILTERS if (value := request.args.get(name, ""))}
    return render_template(
        "cases.html",
        rows=[_row(case) for case in found],
        after=after,
        asked=asked,
        filters=filters,
        at=filters.get("at") or ".".join(filter(None, (filters.get("workflow"), filters.get("stage")))),
        workflows=LATEST,
        cohorts=sorted({case.cohort for case in rounds.cases}),
        universities=_universities(rounds.cases),
        due_days=DUE_DAYS,
    )


def _row(case: Case) -> Row:
    traits = traits_of(case)
    return Row(case, traits.university, next_due(case), traits.is_at_risk)


def _universities(rounds: Sequence[Case]) -> list[str]:
    """Give the universities that can be named without looking at applications: of grants, quotas and rules."""
    named = {grant.university for grant in visitor().grants}
    for case in rounds:
        selection = Selection.model_validate(case.data["selection"])
        named |= {quota.value for quota in selection.quotas if quota.field == "university"}
        for rule in selection.admission.rules:
            named |= set(map(str, rule.one_of)) if rule.field == "university" else set()
    return sorted(named - {""})


def case_page(case_id: str) -> str:
    """Show one case; what is personal stays hidden."""
    return _page(_case(case_id), None)


def unmask(case_id: str) -> str | tuple[str, int]:
    """Show whom the case is about, with a reason that goes to the access log."""
    case, reason = _case(case_id), request.form.get("reason", "").strip()
    if not reason:
        return _page(case, None, fault="reason_needed"), 422
    person = room().ports.vault.get(PersonId(case.person), reader=visitor().member.id, reason=reason[:500])
    return _page(case, person)


def _case(case_id: str) -> Case:
    seen = room().ports.cases.get(CaseId(case_id))
    if seen is None or not visitor().may_see(seen.case):
        raise NotFound(f"[{case_id}]")
    return seen.case


def _page(case: Case, person: Person | None, fault: str = "") -> str:
    workflow = pinned(case.workflow, case.version, case.fingerprint)
    entries = [Entry.model_validate_json(text) for text, _ in room().ports.cases.history(case.id)]
    facts = {
        name: value for name, value in case.data.items() if name not in HIDDEN_FACTS and value not in (None, "", [], {})
    }
    return render_template(
        "case.html",
        case=case,
        facts=facts,
        entries=entries,
        person=person,
        fault=fault,
        place=place(case, room().ports),
        explanation=explain(workflow, case, room().ports.clock.now(), WORDS, language()),
        diagram=diagram(workflow, WORDS, language()),
        been=list(dict.fromkeys(step.to for entry in entries for step in entry.steps)),
    )
