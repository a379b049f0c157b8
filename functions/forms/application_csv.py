"""Reads applications from a CSV file, as Google Forms exports them in Korean, or with our own column names."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from functions.forms.application_form import read_form
from functions.forms.clean import clean_text
from functions.forms.csv_table import BYTES_MAX, BadCsvError, Columns, Record, check_length, choice_of, read_table
from schemas.forms import ApplicationForm
from workflows.engine.moments import SEOUL
from workflows.runtime.errors import BadForm

COLUMNS: Mapping[str, str] = {
    "타임스탬프": "submitted_at",
    "이메일 주소": "email",
    "이름": "name",
    "휴대전화 번호": "phone",
    "대학교": "university",
    "학과": "department",
    "학번": "student_number",
    "지원 분야": "track",
    "거주 지역": "region",
    "재학 상태": "is_enrolled",
    "9주 오프라인 과정 전일 참여 가능 여부": "can_attend",
    "지원 동기": "motivation",
    "개인정보 수집·이용 동의": "consent_privacy",
    "제3자 제공 동의 (선택)": "consent_third_party",
    "안내 메시지 언어": "locale",
}
OPTIONAL = frozenset({"track", "region", "motivation", "consent_third_party", "locale"})

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
    for record in read_table(body, Columns(COLUMNS, OPTIONAL)):
        yield _row(record)


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


def _row(record: Record) -> Row:
    digest = hashlib.sha256("\x1f".join(record.cells).encode("utf-8", "surrogatepass")).hexdigest()
    if record.fault:
        return Row(record.number, digest, None, None, {"row": record.fault})
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, cell in zip(record.header, record.cells, strict=True):
        try:
            values[name] = _read_cell(name, cell)
        except ValueError as error:
            faults[name] = str(error)
    at = values.pop("submitted_at", None)
    try:
        return Row(record.number, digest, at, read_form(values, faults))
    except BadForm as error:
        return Row(record.number, digest, None, None, error.faults)


def _read_cell(name: str, cell: str) -> Any:
    check_length(cell)
    if name == "submitted_at":
        return read_timestamp(clean_text(cell))
    if name in CHOICES:
        return choice_of(CHOICES[name], clean_text(cell))
    return cell


__all__ = ["BYTES_MAX", "SUBMITTED_SINCE", "BadCsvError", "Row", "read_applications", "read_timestamp"]
