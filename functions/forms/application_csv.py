"""Reads applications from a CSV file, as Google Forms exports them in Korean, or with our own column names."""

import csv
import hashlib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from functions.forms.application_form import read_form
from functions.forms.clean import UnfitTextError, clean_text
from schemas.forms import ApplicationForm
from workflows.engine.moments import SEOUL
from workflows.runtime.errors import BadForm

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

_YES = dict.fromkeys(("예", "네", "yes", "y", "true"), True)
_NO = dict.fromkeys(("아니요", "아니오", "no", "n", "false"), False)
_CONSENT = {"동의합니다": True, "동의함": True, "동의": True, "동의하지 않습니다": False, "동의하지 않음": False}
CHOICES: Mapping[str, Mapping[str, Any]] = {
    "is_enrolled": {**_YES, **_NO, "재학": True, "휴학": True, "졸업": False, "해당 없음": False},
    "can_attend": {**_YES, **_NO},
    "consent_privacy": {**_YES, **_NO, **_CONSENT},
    "consent_third_party": {**_YES, **_NO, **_CONSENT, "": False},
    "locale": {"": "ko", "한국어": "ko", "korean": "ko", "ko": "ko", "영어": "en", "english": "en", "en": "en"},
}
"""What the answers of a choice mean; what follows a comma or a bracket only explains them."""

TIMESTAMP = re.compile(
    r"(\d{4})[/.-]\s?(\d{1,2})[/.-]\s?(\d{1,2})\.?\s+"
    r"(?:(오전|오후)\s+)?(\d{1,2}):(\d{2}):(\d{2})(?:\s+(오전|오후))?(?:\s+GMT\+9)?"
)
NOON = 12
SUBMITTED_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing was submitted earlier; what says so is a mistake in the file."""


class BadCsvError(ValueError):
    """The file as a whole cannot be taken; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a form, or every fault of it beside its column.

    Attributes:
        number: The record's number, the header being 1.
        submission: Names the row by its content, so that the same file sent twice is a repeat.  Personal.
    """

    number: int
    submission: str
    at: datetime | None
    form: ApplicationForm | None
    faults: Mapping[str, str] = field(default_factory=dict)


def read_applications(body: bytes) -> Iterator[Row]:
    """Give the rows of the file in their order.

    Raises:
        BadCsvError: The file is no CSV, too large, or its header is not as it must be.
    """
    if len(body) > BYTES_MAX:
        raise BadCsvError(f"the file is over {BYTES_MAX // 1024 // 1024} MiB; split it")
    records = _records(_decode(body))
    header = _header(next(records, []))
    for number, cells in enumerate(records, 2):
        if number > ROWS_MAX + 1:
            raise BadCsvError(f"the file has more than {ROWS_MAX} rows; split it")
        if any(cell.strip() for cell in cells):
            yield _row(number, header, cells)


def read_timestamp(text: str) -> datetime:
    """Give the instant that Google Forms writes in Korean, such as `2027/03/05 3:26:29 오후 GMT+9`, or ISO with offset.

    Raises:
        ValueError: It is neither, or before the year 2000; does not repeat it.
    """
    found = TIMESTAMP.fullmatch(text.strip())
    try:
        moment = datetime.fromisoformat(text.strip()) if found is None else _korean(*found.groups())
    except ValueError:
        raise ValueError("is no date and time, such as 2026/09/01 9:00:00 오전 or 2026-09-01T09:00:00+09:00") from None
    if moment.tzinfo is None:
        raise ValueError("has no time zone; write it as 2026-09-01T09:00:00+09:00")
    if moment.replace(tzinfo=UTC) < SUBMITTED_SINCE:
        raise ValueError("is too long ago")
    return moment


def _korean(
    year: str, month: str, day: str, before: str | None, hour: str, minute: str, second: str, behind: str | None
) -> datetime:
    hours, half = int(hour), before or behind
    if half is not None:
        if not 1 <= hours <= NOON or (before and behind):
            raise ValueError("no hour of half a day")
        hours = hours % NOON + (NOON if half == "오후" else 0)
    return datetime(int(year), int(month), int(day), hours, int(minute), int(second), tzinfo=SEOUL)


def _decode(body: bytes) -> str:
    if not body.strip():
        raise BadCsvError("the file is empty")
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


def _records(text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadCsvError(f"the record that begins in line {begins}: {error}; save it again as CSV") from error
        yield cells


def _header(cells: list[str]) -> list[str]:
    """Give our names of the columns.  What the cells say is not repeated: without a header they are somebody's data."""
    if len(cells) == 1 and any(mark in cells[0] for mark in ";\t"):
        raise BadCsvError("the columns are not separated by commas; save it as CSV")
    names = [_column(cell) for cell in cells]
    known = set(COLUMNS.values())
    faults = []
    if missing := sorted(known - OPTIONAL - set(names)):
        faults.append(f"lacks the columns {missing}")
    if repeated := sorted(name for name, count in Counter(names).items() if count > 1 and name in known):
        faults.append(f"has more than one column for {repeated}")
    if unknown := [place for place, name in enumerate(names, 1) if name not in known]:
        faults.append(f"has columns that may not be sent, by their place: {unknown}")
    if faults:
        raise BadCsvError(f"the header {', '.join(faults)}")
    return names


def _column(cell: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", cell).replace("\ufeff", "").split())
    return COLUMNS.get(name, name.lower())


def _row(number: int, header: list[str], cells: list[str]) -> Row:
    digest = hashlib.sha256("\x1f".join(cells).encode("utf-8", "surrogatepass")).hexdigest()
    if len(cells) != len(header):
        return Row(number, digest, None, None, {"row": f"has {len(cells)} cells, the header has {len(header)}"})
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, cell in zip(header, cells, strict=True):
        try:
            values[name] = _read_cell(name, cell)
        except ValueError as error:
            faults[name] = str(error)
    at = values.pop("submitted_at", None)
    try:
        return Row(number, digest, at, read_form(values, faults))
    except BadForm as error:
        return Row(number, digest, None, None, error.faults)


def _read_cell(name: str, cell: str) -> Any:
    if len(cell) > CELL_MAX:
        raise UnfitTextError(f"is longer than {CELL_MAX} characters")
    if name == "submitted_at":
        return read_timestamp(clean_text(cell))
    if name in CHOICES:
        return _choice(CHOICES[name], clean_text(cell))
    return cell


def _choice(choices: Mapping[str, Any], text: str) -> Any:
    answer = re.split(r"[,(]", text, maxsplit=1)[0].strip().casefold()
    if answer not in choices:
        raise UnfitTextError("is none of the answers to choose from" if answer else "is empty")
    return choices[answer]
