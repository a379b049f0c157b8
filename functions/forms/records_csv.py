"""Reads what staff record of learners from CSV files: attendance, progress, outcomes.

Each learner is named by a case alone; a file with names or contacts has columns that may not be sent.
"""

import unicodedata
from collections.abc import Mapping

from functions.forms.clean import UnfitTextError
from functions.forms.csv_table import Columns, Line, choice_of, number_of, read_lines, without_repeats
from schemas.ids import CaseId, is_safe_id
from schemas.status import Evidence, Status
from workflows.runtime.errors import BadForm
from workflows.runtime.records import Attended, Became, HandedIn, Noted, RecordKind

NO_ID = "is no id: letters, digits, - and _ only"
NO_SHARE = "is no share from 0 to 1, such as 0.875, and no percentage, such as 87.5%"
NEEDS_REFERENCE = "is needed where the evidence is verified"

NAME = {"name": "name", "이름": "name"}
"""What tells the one who fills in a table whom a row is about; nothing is read from it."""

COLUMNS: Mapping[RecordKind, Columns] = {
    "attendance": Columns(
        {"enrolment": "enrolment", "교육 이수": "enrolment", "share": "share", "출석률": "share", **NAME},
        optional=frozenset({"name"}),
    ),
    "progress": Columns(
        {"enrolment": "enrolment", "교육 이수": "enrolment", "assessment": "assessment", "과제": "assessment", **NAME},
        optional=frozenset({"name"}),
    ),
    "outcome": Columns(
        {
            "outcome": "outcome",
            "수료 후 성과": "outcome",
            "status": "status",
            "상태": "status",
            "evidence": "evidence",
            "증빙": "evidence",
            "reference": "reference",
            "증빙 번호": "reference",
        },
        optional=frozenset({"evidence", "reference"}),
    ),
}
STATUSES: Mapping[str, Status] = {
    **{status.value: status for status in Status},
    "취업": Status.HIRED,
    "창업": Status.FOUNDED,
    "학업": Status.STUDYING,
    "구직": Status.SEEKING,
}
EVIDENCE: Mapping[str, Evidence] = {
    **{evidence.value: evidence for evidence in Evidence},
    "본인 진술": Evidence.SELF_REPORTED,
    "확인 중": Evidence.PENDING,
    "확인됨": Evidence.VERIFIED,
}


def read_records(body: bytes, kind: RecordKind) -> list[Line[Noted]]:
    """Give the records in the file.

    Raises:
        BadCsvError: The file as a whole cannot be taken.
    """
    match kind:
        case "attendance":
            lines = read_lines(body, COLUMNS[kind], _attended)
            return without_repeats(lines, "enrolment", lambda noted: noted.case)
        case "progress":
            lines = read_lines(body, COLUMNS[kind], _handed_in)
            return without_repeats(lines, "assessment", lambda noted: noted)
        case "outcome":
            lines = read_lines(body, COLUMNS[kind], _became)
            return without_repeats(lines, "outcome", lambda noted: noted.case)


def share_of(text: str) -> float:
    """Give a share as it is written: from 0 to 1, or in percent with its sign.

    Raises:
        UnfitTextError: It is none.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        share = number_of(plain.removesuffix("%").rstrip()) / (100 if plain.endswith("%") else 1)
    except UnfitTextError as error:
        raise UnfitTextError(NO_SHARE) from error
    if not 0 <= share <= 1:
        raise UnfitTextError(NO_SHARE)
    return round(share, 6)


def became(case: str, *, status: str, evidence: str, reference: str) -> Became:
    """Give an outcome as it was written.

    Raises:
        BadForm: With every fault beside its field.
    """
    faults: dict[str, str] = {}
    case_id = _id(case, "outcome", faults)
    given = Status.SEEKING
    proof = Evidence.PENDING if reference else Evidence.SELF_REPORTED
    try:
        given = choice_of(STATUSES, status)
    except UnfitTextError as error:
        faults["status"] = str(error)
    try:
        proof = choice_of(EVIDENCE, evidence) if evidence else proof
    except UnfitTextError as error:
        faults["evidence"] = str(error)
    if reference and not is_safe_id(reference):
        faults["reference"] = NO_ID
    if proof is Evidence.VERIFIED and not reference:
        faults["reference"] = NEEDS_REFERENCE
    if faults:
        raise BadForm(faults)
    return Became(case_id, given, proof, reference)


def _attended(cells: Mapping[str, str]) -> Noted:
    faults: dict[str, str] = {}
    case_id, share = _id(cells["enrolment"], "enrolment", faults), 0.0
    try:
        share = share_of(cells["share"])
    except UnfitTextError as error:
        faults["share"] = str(error)
    if faults:
        raise BadForm(faults)
    return Attended(case_id, share)


def _handed_in(cells: Mapping[str, str]) -> Noted:
    faults: dict[str, str] = {}
    case_id = _id(cells["enrolment"], "enrolment", faults)
    _id(cells["assessment"], "assessment", faults)
    if faults:
        raise BadForm(faults)
    return HandedIn(case_id, cells["assessment"])


def _became(cells: Mapping[str, str]) -> Noted:
    return became(
        cells["outcome"],
        status=cells["status"],
        evidence=cells.get("evidence", ""),
        reference=cells.get("reference", ""),
    )


def _id(text: str, column: str, faults: dict[str, str]) -> CaseId:
    if not is_safe_id(text):
        faults[column] = NO_ID
    return CaseId(text)
