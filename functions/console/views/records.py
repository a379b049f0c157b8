"""Attendance as instructors record it: the learners of a cohort, each with the share so far, and who is at risk."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Flask, render_template, request

from functions.console.paging import PAGE
from functions.console.reach import visitor_on
from functions.console.recording import (
    ATTENDANCE,
    OUTCOMES,
    REFUSED,
    TAKEN,
    Done,
    Fault,
    cases_on,
    cohorts_on,
    count_on,
    plan_of,
    record,
    typed_cases,
    unfit,
)
from functions.console.room import room
from functions.console.roster import names_of, roster_names
from functions.forms.clean import UnfitTextError, clean_text
from functions.forms.records_csv import NO_SHARE, share_of
from schemas.cohort import Terms
from schemas.enrolment import Enrolment
from schemas.ids import CaseId
from schemas.messages import Case
from schemas.risk import PRESETS, TAUGHT, Risk, RiskPreset
from workflows.definitions.risk import preset_of, risks_of
from workflows.runtime.records import Attended

UNRECORDED = "-"
FIELD = "share-"
REASON_MAX = 500
KNOWN_MAX = 3
TYPED_MAX = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One learner.

    Attributes:
        typed: What stands in the field, in percent.
        was: What the page knows to have been recorded, the latest last; another share came from somebody else.
        name: Empty unless the visitor may see the roster, or asked for names with a reason.
    """

    case: Case
    enrolment: Enrolment
    risks: tuple[Risk, ...]
    typed: str
    was: tuple[str, ...]
    name: str = ""
    done: Done | None = None


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/records", "records", records)
    site.add_url_rule("/records/<cohort>/attendance", ATTENDANCE, attendance, methods=["GET", "POST"])
    site.add_url_rule("/records/<cohort>/attendance/names", "record_names", names, methods=["POST"])


def records() -> str:
    """List the cohorts that the visitor may record for, each with what can be recorded."""
    after = request.args.get("after", "")
    pages = {page: cohorts_on(page, after) for page in (ATTENDANCE, OUTCOMES)}
    found = {page: cohorts for page, (cohorts, _) in pages.items()}
    programmes = {**found[ATTENDANCE], **found[OUTCOMES]}
    more = max(more for _, more in pages.values())
    return render_template("records.html", programmes=sorted(programmes.items()), found=found, more=more)


def attendance(cohort: str) -> str | tuple[str, int]:
    """Show the learners who are being taught, or take what was typed: each row by itself, and nothing typed is lost."""
    terms = plan_of(cohort, ATTENDANCE)
    if request.method == "GET":
        return _shown(cohort, terms)
    rows = _typed_rows(cohort)
    changed: dict[CaseId, Attended] = {}
    done: dict[CaseId, Done] = {}
    for row in rows:
        match _read(row):
            case Attended() as noted:
                changed[row.case.id] = noted
            case Done() as fault:
                done[row.case.id] = fault
    done |= record(changed, cohort, ATTENDANCE, act=request.form.get("act", "")[:64])
    rows = [_after(row, done.get(row.case.id), changed) for row in rows]
    is_refused = any(each.result == REFUSED for each in done.values())
    return _page(cohort, terms, rows, is_sent=True), 422 if is_refused else 200


def names(cohort: str) -> str | tuple[str, int]:
    """Show the same learners with their names, with a reason that goes to the access log."""
    terms = plan_of(cohort, "record_names")
    if not _why():
        return _shown(cohort, terms, fault="reason_needed"), 422
    return _shown(cohort, terms)


def chosen() -> RiskPreset | None:
    """Give the rules that the visitor looks by; None for those that the cohort was planned by."""
    return PRESETS.get(request.values.get("rules", ""))


# ---- the rows


def _shown(cohort: str, terms: Terms, *, fault: str = "") -> str:
    found = cases_on(ATTENDANCE, "enrolment", cohort, TAUGHT, after=request.values.get("after", ""), limit=PAGE)
    return _page(cohort, terms, [_row(case) for case in found.cases], fault=fault, more=found.after)


def _typed_rows(cohort: str) -> list[Row]:
    """Give the rows of the form; one whose learner was taught when the page was shown, and is no more, is kept."""
    rows = []
    for case in typed_cases(FIELD, "enrolment", cohort, ATTENDANCE):
        was = tuple(request.form.get(f"was-{case.id}", "").split()[-KNOWN_MAX:]) or (UNRECORDED,)
        typed = request.form[f"{FIELD}{case.id}"].strip()[:TYPED_MAX]
        rows.append(replace(_row(case), typed=typed, was=was))
    return rows


def _row(case: Case) -> Row:
    enrolment = _enrolment(case)
    known = _known(enrolment)
    return Row(case, enrolment, _risks(case, enrolment), "" if known == UNRECORDED else known, (known,))


def _read(row: Row) -> Attended | Done | None:
    """Give what a row asks to record; a fault, or None where its field was left alone."""
    latest = "" if row.was[-1] == UNRECORDED else row.was[-1]
    if row.typed == latest:
        return None
    try:
        share = _share(row.typed)
    except UnfitTextError as error:
        return unfit("share", error)
    if _percent(share) == latest:
        return None
    known = _known(row.enrolment)
    if known not in {*row.was, _percent(share)}:
        return Done(REFUSED, (Fault("share", "records_meanwhile", (known,)),))
    return Attended(row.case.id, share)


def _after(row: Row, done: Done | None, changed: Mapping[CaseId, Attended]) -> Row:
    """Give the row as it is shown once it was read."""
    known = _known(row.enrolment)
    if done is None:
        return _row(row.case)
    if done.result == REFUSED:
        return replace(row, done=done, was=(*row.was, known)[-KNOWN_MAX:])
    share = changed[row.case.id].share
    enrolment = row.enrolment
    if done.result == TAKEN:
        update = {"attendance": share, "attendance_at": room().ports.clock.now()}
        enrolment = enrolment.model_copy(update=update)
    risks = _risks(row.case, enrolment)
    was = (*row.was, _percent(share))[-KNOWN_MAX:]
    return replace(row, done=done, typed=_percent(share), was=was, enrolment=enrolment, risks=risks)


def _risks(case: Case, enrolment: Enrolment) -> tuple[Risk, ...]:
    """Give why a learner is at risk, by the rules that were chosen, or that their cohort was planned by."""
    rules = (chosen() or preset_of(enrolment.terms)).rules
    return risks_of(enrolment, case.stage, rules, room().ports.clock.now())


def _page(cohort: str, terms: Terms, rows: list[Row], *, fault: str = "", more: str = "", is_sent: bool = False) -> str:
    why = "" if fault else _why()
    known = _names(rows, cohort, why)
    if known:
        rows = [replace(row, name=known.get(row.case.id, "")) for row in rows]
        rows.sort(key=lambda row: (row.name, row.case.id))
    counted = count_on(ATTENDANCE, "enrolment", cohort)
    return render_template(
        "record_attendance.html",
        cohort=cohort,
        rows=rows,
        count=sum(counted.get(stage, 0) for stage in TAUGHT),
        after=request.values.get("after", ""),
        more=more or request.form.get("next", ""),
        preset=chosen() or preset_of(terms),
        planned=preset_of(terms),
        presets=PRESETS.values(),
        why=why,
        may_ask=bool(rows) and not known,
        fault=fault,
        is_sent=is_sent,
        taken=sum(row.done is not None and row.done.result == TAKEN for row in rows),
        refused=sum(row.done is not None and row.done.result == REFUSED for row in rows),
        act=secrets.token_urlsafe(9),
    )


def _names(rows: list[Row], cohort: str, why: str) -> Mapping[CaseId, str]:
    """Give the names that the visitor may see: by their right to the roster, else by the reason they gave."""
    cases = [row.case for row in rows]
    if not why:
        return roster_names(cases, cohort)
    asks = visitor_on("record_names")
    return names_of([case for case in cases if asks.may_see(case)], reason=why)


def _why() -> str:
    """Give why the visitor wants to see names; empty if that cannot be taken, or they may not."""
    try:
        return clean_text(request.form.get("why", ""))[:REASON_MAX]
    except UnfitTextError:
        return ""


def _enrolment(case: Case) -> Enrolment:
    return Enrolment.model_validate_json(case.subject)


def _known(enrolment: Enrolment) -> str:
    """Give what is recorded, in percent."""
    is_recorded = enrolment.attendance_at is not None or enrolment.attendance != 1
    return _percent(enrolment.attendance) if is_recorded else UNRECORDED


def _percent(share: float) -> str:
    return f"{100 * share:.4f}".rstrip("0").rstrip(".")


def _share(typed: str) -> float:
    """Give a share that was typed in percent; 0.9 alone could mean two things, so it means none.

    Raises:
        UnfitTextError: It is none.
    """
    share = share_of(typed if typed.endswith("%") else f"{typed}%")
    if not typed.endswith("%") and 0 < 100 * share <= 1:
        raise UnfitTextError(NO_SHARE)
    return share
