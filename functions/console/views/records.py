"""Attendance as instructors record it: the learners of a cohort, each with the share so far, and who is at risk."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Flask, render_template, request

from functions.console.paging import page_of
from functions.console.reach import may_see_on
from functions.console.recording import (
    ATTENDANCE,
    OUTCOMES,
    REFUSED,
    TAKEN,
    Done,
    Fault,
    cases_on,
    cohorts_on,
    known_cohort,
    record,
    typed_cases,
    unfit,
)
from functions.console.room import room, visitor
from functions.forms.clean import UnfitTextError, clean_text
from functions.forms.records_csv import NO_SHARE, share_of
from schemas.enrolment import Enrolment
from schemas.ids import CaseId, PersonId
from schemas.messages import Case
from schemas.risk import OURS, PRESETS, TAUGHT, Risk, RiskPreset
from workflows.definitions.risk import risks_of
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
        name: Empty unless the visitor asked for names, with a reason.
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
    found = {page: cohorts_on(page) for page in (ATTENDANCE, OUTCOMES)}
    programmes = {**found[ATTENDANCE], **found[OUTCOMES]}
    return render_template("records.html", programmes=sorted(programmes.items()), found=found)


def attendance(cohort: str) -> str | tuple[str, int]:
    """Show the learners who are being taught, or take what was typed: each row by itself, and nothing typed is lost."""
    known_cohort(cohort, ATTENDANCE)
    if request.method == "GET":
        return _page(cohort, _shown_rows(cohort))
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
    return _page(cohort, rows, is_sent=True), 422 if is_refused else 200


def names(cohort: str) -> str | tuple[str, int]:
    """Show the same learners with their names, with a reason that goes to the access log."""
    known_cohort(cohort, "record_names")
    if not _why():
        return _page(cohort, _shown_rows(cohort), fault="reason_needed"), 422
    return _page(cohort, _shown_rows(cohort))


def preset() -> RiskPreset:
    """Give the rules by which the page says who is at risk."""
    return PRESETS.get(request.values.get("rules", ""), OURS)


# ---- the rows


def _shown_rows(cohort: str) -> list[Row]:
    shown, _ = page_of(_learners(cohort), key=lambda case: case.id, after=request.values.get("after", ""))
    return [_row(case) for case in shown]


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
    risks = risks_of(enrolment, case.stage, preset().rules, room().ports.clock.now())
    return Row(case, enrolment, risks, "" if known == UNRECORDED else known, (known,))


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
    enrolment, now = row.enrolment, room().ports.clock.now()
    if done.result == TAKEN:
        enrolment = enrolment.model_copy(update={"attendance": share, "attendance_at": now})
    risks = risks_of(enrolment, row.case.stage, preset().rules, now)
    was = (*row.was, _percent(share))[-KNOWN_MAX:]
    return replace(row, done=done, typed=_percent(share), was=was, enrolment=enrolment, risks=risks)


def _page(cohort: str, rows: list[Row], *, fault: str = "", is_sent: bool = False) -> str:
    why = "" if fault else _why()
    if why:
        rows = [replace(row, name=_name(row.case, why)) for row in rows if may_see_on("record_names", row.case)]
        rows.sort(key=lambda row: (row.name, row.case.id))
    after, learners = request.values.get("after", ""), _learners(cohort)
    _, more = page_of(learners, key=lambda case: case.id, after=after)
    return render_template(
        "record_attendance.html",
        cohort=cohort,
        rows=rows,
        count=len(learners),
        after=after,
        more=more,
        preset=preset(),
        presets=PRESETS.values(),
        why=why,
        fault=fault,
        is_sent=is_sent,
        taken=sum(row.done is not None and row.done.result == TAKEN for row in rows),
        refused=sum(row.done is not None and row.done.result == REFUSED for row in rows),
        act=secrets.token_urlsafe(9),
    )


def _learners(cohort: str) -> list[Case]:
    return cases_on(ATTENDANCE, "enrolment", cohort, TAUGHT)


def _name(case: Case, why: str) -> str:
    person = room().ports.vault.get(PersonId(case.person), reader=visitor().member.id, reason=why)
    return "" if person is None else person.name


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
