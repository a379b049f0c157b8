"""Reads applications from a CSV file, as Google Forms exports them in Korean, or with our own column names."""

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from functions.forms.clean import UnfitTextError, clean_mobile, clean_name, clean_text
from schemas.forms import ApplicationForm
from workflows.engine.moments import SEOUL
from workflows.runtime.intake import faults_of

BYTES_MAX = 5 * 1024 * 1024
ROWS_MAX = 50_000
CELL_MAX = 10_000

COLUMNS: Mapping[str, str] = {
    "타임스탬프": "submitted_at",
    "이메일 주소": "email",
    "이름": "name",
    "휴대전화 번호": "phone",
    "대학교": "university",
    "학과": "department",
    "학번": "student_number",
    "재학 상태": "is_enrolled",
    "9주 오프라인 과정 전일 참여 가능 여부": "can_attend",
    "지원 동기": "motivation",
    "개인정보 수집·이용 동의": "consent_privacy",
    "제3자 제공 동의 (선택)": "consent_third_party",
    "안내 메시지 언어": "locale",
}
OPTIONAL = frozenset({"motivation", "consent_third_party", "locale"})
YES = ("예", "재학", "휴학", "동의합니다", "yes", "true")
TIMESTAMP = re.compile(
    r"(\d{4})[/.-]\s?(\d{1,2})[/.-]\s?(\d{1,2})\.?\s+"
    r"(?:(오전|오후)\s+)?(\d{1,2}):(\d{2}):(\d{2})(?:\s+(오전|오후))?(?:\s+GMT\+9)?"
)
NOON = 12


class BadCsvError(ValueError):
    """The file as a whole cannot be taken; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a form, or every fault of it beside its column.

    Attributes:
        number: The record's number, the header being 1.
        submission: Names the row by its content, so that the same file sent twice is a repeat.
    """

    number: int
    submission: str
    at: datetime | None
    form: ApplicationForm | None
    faults: Mapping[str, str] = field(default_factory=dict)


def read_applications(body: bytes) -> Iterator[Row]:
    """Give the rows of the file in their order.

    Raises:
        BadCsvError: The file is no CSV, too large, or its header lacks a column.
    """
    if len(body) > BYTES_MAX:
        raise BadCsvError(f"the file is over {BYTES_MAX // 1024 // 1024} MiB; split it")
    text = _decode(body)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [_column(cell) for cell in next(reader, [])]
        missing = sorted(set(COLUMNS.values()) - OPTIONAL - set(header))
        if missing:
            raise BadCsvError(f"the header lacks the columns {missing}")
        for number, cells in enumerate(reader, 2):
            if number > ROWS_MAX:
                raise BadCsvError(f"the file has more than {ROWS_MAX} rows; split it")
            if any(cell.strip() for cell in cells):
                yield _row(number, header, cells)
    except csv.Error as error:
        raise BadCsvError(f"line {reader.line_num}: {error}; save it again as CSV") from error


def read_timestamp(text: str) -> datetime:
    """Give the instant that Google Forms writes in Korean, such as `2027/03/05 3:26:29 오후 GMT+9`, or ISO with offset.

    Raises:
        ValueError: It is neither.
    """
    found = TIMESTAMP.fullmatch(text.strip())
    if found is None:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            raise ValueError("has no time zone")
        return moment
    year, month, day, before, hour, minute, second, behind = found.groups()
    half = before or behind
    hours = int(hour) if half is None else int(hour) % NOON + (NOON if half == "오후" else 0)
    return datetime(int(year), int(month), int(day), hours, int(minute), int(second), tzinfo=SEOUL)


def _decode(body: bytes) -> str:
    if body[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        raise BadCsvError("this is a spreadsheet, not CSV; save it as CSV (UTF-8)")
    if b"\x00" in body:
        raise BadCsvError("the file holds NUL bytes; save it as CSV (UTF-8)")
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadCsvError("the file is neither UTF-8 nor CP949; save it as CSV (UTF-8)")


def _column(cell: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", cell).replace("﻿", "").split())
    return COLUMNS.get(name, name)


def _row(number: int, header: list[str], cells: list[str]) -> Row:
    digest = hashlib.sha256("\x1f".join(cells).encode("utf-8", "surrogatepass")).hexdigest()
    faults: dict[str, str] = {}
    if len(cells) != len(header):
        faults["row"] = f"has {len(cells)} cells, the header has {len(header)}"
        return Row(number, digest, None, None, faults)
    values: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=True):
        try:
            values[name] = _read_cell(name, cell)
        except ValueError as error:
            faults[name] = str(error)
    at = values.pop("submitted_at", None)
    form: ApplicationForm | None = None
    if not faults:
        try:
            form = ApplicationForm.model_validate(values)
        except ValidationError as error:
            faults = faults_of(error)
    return Row(number, digest, at, form, faults)


def _read_cell(name: str, cell: str) -> Any:
    if len(cell) > CELL_MAX:
        raise UnfitTextError(f"is longer than {CELL_MAX} characters")
    readers = {"submitted_at": read_timestamp, "phone": clean_mobile, "name": clean_name}
    if name in readers:
        return readers[name](cell)
    text = clean_text(cell)
    if name in {"is_enrolled", "can_attend", "consent_privacy", "consent_third_party"}:
        return text.lower().startswith(YES)
    if name == "email":
        return text.lower()
    if name == "locale":
        return "en" if text.lower().startswith("en") else "ko"
    return text
