"""Finding cases, and one case: where it stands, how it came there, and what comes next."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from flask import Flask, render_template, request

from functions.console.decided_on import failed_rules
from functions.console.facts import fact_rows
from functions.console.guard import reach, rights
from functions.console.reach import reaches_university
from functions.console.room import covers, language, room, visitor
from functions.console.search_field import Sought, sought
from functions.console.texts import text
from functions.console.timeline import timeline
from functions.forms.clean import UnfitTextError, clean_text
from schemas.enrolment import Enrolment
from schemas.ids import CaseId, PersonId
from schemas.letters import Letter
from schemas.messages import Case, Entry
from schemas.people import Person
from schemas.risk import Risk
from schemas.search import OF_EVERY_UNIVERSITY, CaseFilter, Crowd, Scope
from schemas.selection import Selection
from schemas.staff import Grant
from workflows.definitions import LATEST, WORKFLOWS
from workflows.definitions.risk import preset_of, risks_of
from workflows.definitions.words import WORDS
from workflows.engine.drawing import draw
from workflows.engine.explain import explain
from workflows.runtime.advance import pinned
from workflows.runtime.errors import NotFound
from workflows.runtime.people_keys import key_of
from workflows.runtime.person_of import person_of
from workflows.runtime.place import place
from workflows.runtime.restrictions import restriction_of
from workflows.runtime.search import Found, Search
from workflows.runtime.traits import next_due, traits_of

PAGE = 50
ROUNDS_MAX = 100
VERSION_DIGITS_MAX = 6
ENTRIES_SHOWN_MAX = 50
FILTERS = ("at", "workflow", "stage", "version", "round", "cohort", "university", "due", "risk")
DUE_DAYS = ("1", "7", "30")
HIDDEN_FACTS = frozenset({"calendar", "terms", "admission", "selection", "rubric"})

OF_REVIEWERS = frozenset({"reviews", "review_numbers", "conflicts", "reviewer"})
"""Facts that say who read an application and how they marked it: for whoever may open reviews."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the list, which names nobody."""

    case: Case
    university: str
    due: datetime | None
    is_at_risk: bool


PERSONAL = frozenset({"email", "phone", "student", "name"})
"""What only whoever may unmask a person may search by."""


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/cases", "cases", cases, methods=["GET", "POST"])
    site.add_url_rule("/cases/<case_id>", "case", case_page)
    site.add_url_rule("/cases/<case_id>/reasons", "reasons", reasons, methods=["POST"])
    site.add_url_rule("/cases/<case_id>/person", "unmask", unmask, methods=["POST"])


def cases() -> str | tuple[str, int]:
    """List cases by filters, or find them by what was posted: no address, and so no log, may say who was sought."""
    if request.method == "GET":
        wanted = _wanted()
        found = room().staff.index.page(wanted, after=request.args.get("after", ""), limit=PAGE)
        # The index knows no programme of what names none: the page is short instead of showing another programme's.
        mine = [case for case in found.cases if visitor().may_see(case)]
        return _list(mine, found.after, Sought("nothing"), _standing(wanted))
    asked = sought(request.form.get("sought", ""), request.form.get("student_number", ""))
    if asked.kind in PERSONAL and not _unmasking():
        return _list((), "", Sought("nothing", fault="search_not_yours")), 403
    if asked.fault:
        return _list((), "", asked), 422
    by_search = _found(asked, request.form.get("after", ""))
    return _list(by_search.cases, by_search.after, asked)


def _wanted() -> CaseFilter:
    """Give what the filters ask for, within the visitor's grants."""
    asked = request.args
    workflow, _, stage = asked["at"].partition(".") if "at" in asked else (asked.get("workflow", ""), "", "")
    stage = stage or asked.get("stage", "")
    days, version = asked.get("due", ""), asked.get("version", "")
    mine = _workflows()
    workflow = workflow if workflow in mine else ""
    return CaseFilter(
        workflow=workflow,
        workflows=() if workflow or len(mine) == len(LATEST) else tuple(mine),
        version=int(version) if version.isascii() and version.isdigit() and len(version) < VERSION_DIGITS_MAX else 0,
        stages=(stage,)
        if any(stage in each.states for (name, _), each in WORKFLOWS.items() if name == workflow)
        else (),
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
    search = Search(staff.index, vault, reader=asks.member.id, may_see=lambda case: _may_open(case, _unmasking()))
    match asked.kind:
        case "case":
            seen = room().ports.cases.get(CaseId(asked.text))
            return Found([seen.case] if seen is not None and _may_open(seen.case) else [])
        case "email" | "phone" | "student":
            return search.by_key(asked.kind, key_of(asked.kind, asked.text, room().key))
        case "name":
            return search.by_name(asked.text, after=after)
    return Found([])


def _standing(wanted: CaseFilter) -> Mapping[str, int]:
    """Give how many cases of the workflow that is asked for stand where; nothing where none is."""
    if not wanted.workflow:
        return {}
    crowd = Crowd(workflow=wanted.workflow, round=wanted.round, cohort=wanted.cohort, within=wanted.within)
    counted = {stage: many for (_, stage), many in room().staff.index.counts(crowd).items()}
    order = [*LATEST[wanted.workflow].states, *counted]
    return {stage: counted[stage] for stage in dict.fromkeys(order) if stage in counted}


def _list(found: Sequence[Case], after: str, asked: Sought, standing: Mapping[str, int] = MappingProxyType({})) -> str:
    rounds = room().staff.index.page(
        CaseFilter(workflow=OF_EVERY_UNIVERSITY, within=_scopes()), after="", limit=ROUNDS_MAX
    )
    filters = {name: value for name in FILTERS if (value := request.args.get(name, ""))}
    return render_template(
        "cases.html",
        rows=[_row(case) for case in found],
        after=after,
        asked=asked,
        standing=standing,
        filters=filters,
        at=filters.get("at") or ".".join(filter(None, (filters.get("workflow"), filters.get("stage")))),
        workflows={name: LATEST[name] for name in _workflows()},
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
    case = _case(case_id)
    try:
        reason = clean_text(request.form.get("reason", ""))
    except UnfitTextError:
        return _page(case, None, fault="reason_hint"), 422
    if not reason:
        return _page(case, None, fault="reason_needed"), 422
    person = person_of(case, room().ports, reader=visitor().member.id, reason=reason[:500])
    return _page(case, person)


def reasons(case_id: str) -> str:
    """Show the reasons that were typed, beside what they were typed for; the access log says who read them."""
    return _page(_case(case_id), None, shows_reasons=True)


def _case(case_id: str) -> Case:
    seen = room().ports.cases.get(CaseId(case_id))
    if seen is None or not _may_open(seen.case):
        raise NotFound(f"[{case_id}]")
    return seen.case


def _may_open(case: Case, grants: Iterable[Grant] | None = None) -> bool:
    """Whether one of the visitor's grants, or of those given, covers the case and may open cases of its workflow."""
    asked = visitor().grants if grants is None else grants
    return any(grant.role in reach()[case.workflow] and covers(grant, case) for grant in asked)


def _unmasking() -> list[Grant]:
    """Give the grants by which people are found: whom another grant only shows masked is not found by a name."""
    return [grant for grant in visitor().grants if grant.role in rights()["unmask"]]


def _workflows() -> list[str]:
    """Give the workflows whose cases the visitor may open."""
    roles = {grant.role for grant in visitor().grants}
    return [name for name in LATEST if reach()[name] & roles]


def _page(case: Case, person: Person | None, fault: str = "", *, shows_reasons: bool = False) -> str:
    workflow = pinned(case.workflow, case.version, case.fingerprint)
    history = room().ports.cases.history(case.id)
    entries = [Entry.model_validate_json(blob) for blob, _ in history]
    begins = _begins(len(entries))
    shown = entries[begins : begins + ENTRIES_SHOWN_MAX]
    path = _path(entries)
    possible = list(dict.fromkeys(stage for _, stage in workflow.ways[case.stage] if stage != case.stage))
    kinds = {**dict.fromkeys(path, "been"), **dict.fromkeys(possible, "possible"), case.stage: "here"}
    mine = [grant for grant in visitor().grants if covers(grant, case)]
    sees_reviews = any(grant.role in reach()["review"] for grant in mine)
    hidden = HIDDEN_FACTS if sees_reviews else HIDDEN_FACTS | OF_REVIEWERS
    if case.workflow == OF_EVERY_UNIVERSITY and not reaches_university(mine, ""):
        # A round is of every university; who has what in it is not.
        hidden |= {name for name, value in case.data.items() if isinstance(value, (dict, list))}
    facts = {name: value for name, value in case.data.items() if name not in hidden and value not in (None, "", [], {})}
    return render_template(
        "case.html",
        case=case,
        facts=fact_rows(facts),
        lines=timeline(workflow, shown),
        reasons=_reasons(case, shown) if shows_reasons else {},
        begins=begins,
        total=len(entries),
        earlier=max(0, begins - ENTRIES_SHOWN_MAX) if begins else None,
        later=begins + ENTRIES_SHOWN_MAX if begins + ENTRIES_SHOWN_MAX < len(entries) else None,
        person=person,
        fault=fault,
        letters=_letters(case),
        risks=_risks(case),
        failed=failed_rules(case),
        place=place(case, room().ports),
        restriction=restriction_of(PersonId(case.person), room().ports) if case.person else None,
        explanation=explain(workflow, case, room().ports.clock.now(), WORDS, language()),
        path=path,
        possible=possible,
        kinds=kinds,
        drawing=draw(workflow, WORDS, language(), {stage: text(kind) for stage, kind in kinds.items()}),
    )


def _begins(total: int) -> int:
    """Give the first entry to show: the one asked for, else so that the last ones are seen."""
    asked = request.args.get("entries", "")
    latest = max(0, total - ENTRIES_SHOWN_MAX)
    return min(int(asked), max(0, total - 1)) if re.fullmatch("[0-9]{1,6}", asked) else latest


def _reasons(case: Case, entries: Sequence[Entry]) -> dict[int, str | None]:
    """Give the reasons that were typed, by entry; each is read from the vault, which notes who reads."""
    vault, me = room().ports.vault, visitor().member.id
    return {
        entry.seq: vault.get_text(reference, reader=me, reason=f"reasons in the history of {case.id}")
        for entry in entries
        if isinstance(reference := entry.message.data.get("reason"), str) and reference
    }


def _path(entries: Sequence[Entry]) -> list[str]:
    """Give the stages that the case has stood in, in order, without the one where it stands now."""
    steps = [step for entry in entries for step in entry.steps]
    entered = [step.to for number, step in enumerate(steps) if not number or step.to != step.source]
    return entered[:-1]


def _risks(case: Case) -> tuple[Risk, ...]:
    """Give why a learner is at risk, by the rules that their cohort was planned by."""
    if case.workflow != "enrolment":
        return ()
    enrolment = Enrolment.model_validate_json(case.subject)
    return risks_of(enrolment, case.stage, preset_of(enrolment.terms).rules, room().ports.clock.now())


def _letters(case: Case) -> list[Letter]:
    """Give the letters about the case: which, when and whether they have left; not what they say."""
    if not case.person:
        return []
    return [each for each in room().ports.letters.find(person_id=PersonId(case.person)) if each.case == case.id]
