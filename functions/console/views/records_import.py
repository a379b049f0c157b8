"""Records from a CSV file: first a report of what each row would do, then the same for good.

The server remembers nothing between the two: a small file travels in the page, a larger one is chosen again.
"""

import base64
import binascii
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from flask import Flask, Response, render_template, request

from functions.console.guard import rights
from functions.console.recording import (
    PAGE_OF,
    REFUSED,
    REPORTABLE,
    TAKEN,
    Done,
    all_cases_on,
    known_cohort,
    may_record_for,
    record,
    refused,
)
from functions.console.room import language, visitor
from functions.console.roster import roster_names
from functions.forms.csv_table import BadCsvError, Line
from functions.forms.fault_texts import file_text
from functions.forms.records_csv import read_records
from functions.forms.safe_csv import Cell, write_csv
from schemas.enrolment import Enrolment
from schemas.ids import is_safe_id
from schemas.messages import Case
from schemas.risk import TAUGHT
from workflows.runtime.errors import NotAllowed, NotFound
from workflows.runtime.records import Noted, RecordKind

KEPT_MAX = 256 * 1024
"""Larger files do not travel in the page: a form field may hold 500 kB, and base64 takes a third more."""
ROWS_MAX = 1000
TABLES = {
    "attendance": ("enrolment", "share"),
    "progress": ("enrolment", "assessment"),
    "outcome": ("outcome", "status", "evidence", "reference"),
}


@dataclass(frozen=True, slots=True)
class RowTold:
    """What becomes of one row.

    Attributes:
        number: The record's number, the header being 1.
    """

    number: int
    case: str
    done: Done


@dataclass(frozen=True, slots=True)
class Sent:
    """The file that came with the form.

    Attributes:
        checked: The digest of the file that the visitor has seen the report of.
    """

    kind: RecordKind
    body: bytes
    checked: str

    @property
    def digest(self) -> str:
        """Name the content, so that no other file is applied than the one that was checked."""
        return hashlib.sha256(self.kind.encode() + b"\x00" + self.body).hexdigest()


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/records/<cohort>/import", "record_import", import_page, methods=["GET", "POST"])
    site.add_url_rule("/records/<cohort>/<kind>.csv", "records_csv", records_csv)


def import_page(cohort: str) -> str | tuple[str, int]:
    """Show the form; take a file and say what each row would do; or do it."""
    known_cohort(cohort, "record_import")
    if request.method == "GET":
        return _page(cohort, _kind(request.args.get("kind", "")))
    sent = Sent(_kind(request.form.get("kind", "")), _body(), request.form.get("checked", ""))
    if not may_record_for(cohort, PAGE_OF[sent.kind]):
        raise NotAllowed("You may not record this for the cohort.")
    if not sent.body:
        return _page(cohort, sent.kind, fault="records_no_file"), 422
    try:
        lines = read_records(sent.body, sent.kind)
    except BadCsvError as error:
        return _page(cohort, sent.kind, fault="records_bad_file", detail=file_text(str(error), language())), 422
    if len(lines) > ROWS_MAX:
        return _page(cohort, sent.kind, fault="records_too_many"), 422
    is_asked = request.form.get("do") == "apply"
    is_rehearsal = not (is_asked and sent.checked == sent.digest)
    rows = _take(lines, cohort, sent.kind, is_rehearsal=is_rehearsal)
    fault = "records_other_file" if is_asked and is_rehearsal else ""
    return _page(cohort, sent.kind, rows, sent, is_rehearsal=is_rehearsal, fault=fault), 409 if fault else 200


def records_csv(cohort: str, kind: str) -> Response:
    """Give a table to fill in and send back: the cases by their ids, with what is recorded by now.

    Whoever may see the roster finds the names in it, after a row in the access log for each.
    """
    page = next((page for each, page in PAGE_OF.items() if each == kind), None)
    if page is None:
        raise NotFound(f"[{kind}]")
    known_cohort(cohort, page)
    rows: list[Mapping[str, Cell]]
    columns: tuple[str, ...] = TABLES[kind]
    if kind == "outcome":
        facts = ((case.id, case.data) for case in all_cases_on(page, "outcome", cohort, REPORTABLE))
        rows = [
            {"outcome": name, **{each: data.get(each) or "" for each in ("status", "evidence", "reference")}}
            for name, data in facts
        ]
    else:
        found = list(all_cases_on(page, "enrolment", cohort, TAUGHT))
        names = roster_names(found, cohort)
        columns = (*columns, "name") if names else columns
        rows = [
            {
                "enrolment": case.id,
                columns[1]: _by_now(case, kind),
                **({"name": names.get(case.id, "")} if names else {}),
            }
            for case in found
        ]
    headers = {"Content-Disposition": f'attachment; filename="{kind}.csv"'}
    return Response(write_csv(columns, rows), mimetype="text/csv", headers=headers)


def _by_now(case: Case, kind: str) -> Cell:
    enrolment = Enrolment.model_validate_json(case.subject)
    return enrolment.attendance if kind == "attendance" and enrolment.attendance_at else ""


def _take(lines: Sequence[Line[Noted]], cohort: str, kind: RecordKind, *, is_rehearsal: bool) -> list[RowTold]:
    noted = {line.number: line.value for line in lines if line.value is not None}
    done = record(noted, cohort, PAGE_OF[kind], is_rehearsal=is_rehearsal)
    return [
        RowTold(
            line.number,
            _named(line, kind),
            done[line.number] if line.number in done else refused(line.faults),
        )
        for line in lines
    ]


def _named(line: Line[Noted], kind: RecordKind) -> str:
    """Give the case of a row; where the row has faults, what stands in its place, if it is an id at all."""
    if line.value is not None:
        return line.value.case
    written = line.cells.get("outcome" if kind == "outcome" else "enrolment", "")
    return written if is_safe_id(written) else ""


def _body() -> bytes:
    """Give the file: the one that was chosen, or else the one that travelled in the page."""
    file = request.files.get("file")
    body = file.read() if file is not None else b""
    if body:
        return body
    try:
        return base64.b64decode(request.form.get("kept", ""), validate=True)
    except binascii.Error:
        return b""


def _kinds() -> list[RecordKind]:
    roles = {grant.role for grant in visitor().grants}
    return [kind for kind in get_args(RecordKind) if rights()[PAGE_OF[kind]] & roles]


def _kind(text: str) -> RecordKind:
    """Give a kind that the visitor may record; the first one where none was named.

    Raises:
        NotAllowed: The visitor may not.
    """
    kinds = _kinds()
    if text and text not in kinds:
        raise NotAllowed("You may not record this.")
    return next((kind for kind in kinds if kind == text), kinds[0])


def _page(
    cohort: str,
    kind: RecordKind,
    rows: Sequence[RowTold] = (),
    sent: Sent | None = None,
    *,
    is_rehearsal: bool = True,
    fault: str = "",
    detail: str = "",
) -> str:
    is_kept = sent is not None and len(sent.body) <= KEPT_MAX
    return render_template(
        "record_import.html",
        cohort=cohort,
        kind=kind,
        kinds=_kinds(),
        rows=rows,
        counts=Counter(row.done.result for row in rows),
        order=(TAKEN, "unchanged", REFUSED),
        sent=sent,
        kept=base64.b64encode(sent.body).decode() if sent is not None and is_kept else "",
        is_rehearsal=is_rehearsal,
        fault=fault,
        detail=detail,
    )
