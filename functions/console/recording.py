"""What the pages for records share: whose cases a visitor may record for, and what became of each record."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask import request

from functions.console.error_pages import said
from functions.console.reach import visitor_on
from functions.console.room import room
from functions.forms.clean import UnfitTextError
from functions.forms.records_csv import NEEDS_REFERENCE, NO_ID, NO_SHARE
from schemas.cohort import Terms
from schemas.ids import CaseId, is_safe_id
from schemas.messages import Actor, Case, Message
from schemas.outcome import Stage
from schemas.search import CaseFilter, CasePage, Crowd, Scope
from workflows.runtime.errors import BadForm, NotFound, Rejected, Unavailable
from workflows.runtime.records import IS_OVER, NOT_HERE, NOT_TAUGHT, Noted, RecordKind, plan

K = TypeVar("K")

AT_ONCE = 1_000
COHORTS_SHOWN_MAX = 50
ATTENDANCE, OUTCOMES = "record_attendance", "record_outcomes"
PAGE_OF: Mapping[RecordKind, str] = {"attendance": ATTENDANCE, "progress": ATTENDANCE, "outcome": OUTCOMES}
"""By kind of record: the page whose rights it needs."""

REPORTABLE = frozenset(
    {
        *(Stage.SUPPORTED, Stage.MONTH3, Stage.AFTER_MONTH3),
        *(Stage.MONTH6, Stage.AFTER_MONTH6, Stage.MONTH12),
    }
)
"""Where an outcome takes reports."""
TAKEN, UNCHANGED, REFUSED = "taken", "unchanged", "refused"
SAID: Mapping[str, str] = {
    NO_ID: "records_no_id",
    NO_SHARE: "records_no_share",
    NEEDS_REFERENCE: "records_needs_reference",
    NOT_HERE: "records_not_here",
    NOT_TAUGHT: "records_not_taught",
    IS_OVER: "records_is_over",
    "is empty": "records_empty",
    "is none of the answers to choose from": "records_no_choice",
}
PATTERNS = (
    (re.compile(r"stands in (\d+) rows; leave one"), "records_repeated"),
    (re.compile(r"has (\d+) cells, the header has (\d+)"), "records_cells"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one record.

    Attributes:
        column: Which column; `row` for all of it.
        text: The text that says it.
        values: What the text names.
        detail: What the core said, where there is no text for it.
    """

    column: str
    text: str
    values: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one record, or would.

    Attributes:
        result: `taken`, `unchanged` or `refused`.
        tells: The notices that the learner gets by it.
    """

    result: str
    faults: tuple[Fault, ...] = ()
    tells: tuple[str, ...] = ()


def scopes_on(page: str) -> tuple[Scope, ...]:
    """Give what part of all cases the visitor may record for on a page."""
    return visitor_on(page).scopes


def actor_on(page: str) -> Callable[[Case], Actor | None]:
    """Give who records on a page for a case: the visitor, in a role whose grant reaches it; None where none does."""
    asks = visitor_on(page)

    def actor_for(case: Case) -> Actor | None:
        roles = (grant.role for grant in asks.grants if type(asks)(asks.member, asks.session, (grant,)).may_see(case))
        role = next(roles, None)
        return None if role is None else asks.actor(role)

    return actor_for


def cohorts_on(page: str, after: str = "") -> tuple[dict[str, str], str]:
    """Give some cohorts that the visitor may record for on a page, each with its programme, and the next cursor."""
    wanted = CaseFilter(workflow="round", within=scopes_on(page))
    found = room().staff.index.page(wanted, after=after, limit=COHORTS_SHOWN_MAX)
    return {case.cohort: str(case.data["programme"]) for case in found.cases}, found.after


def plan_of(cohort: str, page: str) -> Terms:
    """Give what a cohort that the visitor may record for on a page was planned with.

    Raises:
        NotFound: There is none, for this visitor.
    """
    wanted = CaseFilter(workflow="round", cohort=cohort, within=scopes_on(page))
    found = room().staff.index.page(wanted, after="", limit=COHORTS_SHOWN_MAX).cases if cohort else ()
    if not found:
        raise NotFound(f"[{cohort}]")
    return Terms.model_validate(found[-1].data["terms"])


def may_record_for(cohort: str, page: str) -> bool:
    """Whether the visitor may record for a cohort on a page."""
    try:
        plan_of(cohort, page)
    except NotFound:
        return False
    return True


def known_cohort(cohort: str, page: str) -> str:
    """Give a cohort that the visitor may record for on a page.

    Raises:
        NotFound: There is none, for this visitor.
    """
    plan_of(cohort, page)
    return cohort


def cases_on(page: str, workflow: str, cohort: str, stages: Collection[str], *, after: str, limit: int) -> CasePage:
    """Give some of the cases of a cohort at these stages that the visitor may record for, by id."""
    wanted = CaseFilter(workflow=workflow, cohort=cohort, stages=tuple(sorted(stages)), within=scopes_on(page))
    return room().staff.index.page(wanted, after=after, limit=limit)


def all_cases_on(page: str, workflow: str, cohort: str, stages: Collection[str]) -> Iterator[Case]:
    """Give all of them, for a file."""
    after = ""
    while True:
        found = cases_on(page, workflow, cohort, stages, after=after, limit=AT_ONCE)
        yield from found.cases
        after = found.after
        if not after:
            return


def count_on(page: str, workflow: str, cohort: str) -> Mapping[str, int]:
    """Give how many cases of a cohort the visitor may record for, by stage."""
    crowd = Crowd(workflow=workflow, cohort=cohort, within=scopes_on(page))
    return {stage: many for (_, stage), many in room().staff.index.counts(crowd).items()}


def typed_cases(field: str, workflow: str, cohort: str, page: str) -> Iterator[Case]:
    """Give the cases that the form has a field for, and that the visitor may record for, wherever they stand by now."""
    actor_for = actor_on(page)
    for name in request.form:
        case_id = name.removeprefix(field)
        seen = room().ports.cases.get(CaseId(case_id)) if name.startswith(field) and is_safe_id(case_id) else None
        if seen is not None and (seen.case.workflow, seen.case.cohort) == (workflow, cohort) and actor_for(seen.case):
            yield seen.case


def record(
    noted: Mapping[K, Noted], cohort: str, page: str, *, act: str = "", is_rehearsal: bool = False
) -> dict[K, Done]:
    """Publish every record that can be, and give what became of each.

    Args:
        noted: The records, by what the caller knows them by.
        cohort: The cohort they are for.
        page: The page whose rights count.
        act: Names this act, so that sending the form again is a repeat; left out, each standing of a case is another.
        is_rehearsal: Whether nothing is published.
    """
    done: dict[K, Done] = {}
    messages: dict[K, Message] = {}
    for key, each in noted.items():
        try:
            planned = plan(each, cohort, actor_on(page), room().ports, act=act)
        except BadForm as error:
            done[key] = refused(error.faults)
        except (Rejected, Unavailable) as error:
            done[key] = Done(REFUSED, (Fault("row", "records_refused_as", values=(said(error.code),)),))
        else:
            done[key] = Done(UNCHANGED) if planned is None else Done(TAKEN, tells=planned.tells)
            if planned is not None:
                messages[key] = planned.message
    if messages and not is_rehearsal:
        try:
            room().ports.publisher.publish(messages.values(), [])
        except Unavailable:
            done |= dict.fromkeys(messages, Done(REFUSED, (Fault("row", "records_not_sent"),)))
    return done


def refused(faults: Mapping[str, str]) -> Done:
    """Give a record that cannot be taken, with the faults that a reader or the core named."""
    return Done(REFUSED, tuple(_fault(column, sentence) for column, sentence in faults.items()))


def unfit(column: str, error: UnfitTextError) -> Done:
    """Give a record of which one column cannot be read."""
    return refused({column: str(error)})


def _fault(column: str, sentence: str) -> Fault:
    if sentence in SAID:
        return Fault(column, SAID[sentence])
    for pattern, text in PATTERNS:
        if found := pattern.fullmatch(sentence):
            return Fault(column, text, found.groups())
    return Fault(column, "records_refused", detail=sentence)
