"""Reads the corpus: one JSON object a line, each with an id, a claim, an input, and what must become of it.

Inputs that no line can hold are described: `{"$repeat": ["ab", 3]}`, `{"$hex": "ff fe"}`, `{"$join": ["a", ...]}`.
The ids that begin with F, P, W, R and I follow the rows of reliability.md C6.1, C6.2, C6.4, C6.5 and C6.6, with a
letter for further inputs of the same class; other ids are our own.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from schemas.events import EVENTS
from tests.support.cohort import CALENDAR, TERMS

FOLDER = Path(__file__).parent

FORM: Mapping[str, Any] = {
    "name": "김하늘",
    "email": "haneul@example.org",
    "phone": "010-2468-1357",
    "university": "전남대학교",
    "department": "수학과",
    "student_number": "20211234",
    "is_enrolled": True,
    "can_attend": True,
    "motivation": "배우고 싶습니다.",
    "consent_privacy": True,
}
CELLS: Mapping[str, str] = {
    "submitted_at": "2027/03/05 3:26:29 오후 GMT+9",
    "email": "haneul@example.org",
    "name": "김하늘",
    "phone": "010-2468-1357",
    "university": "전남대학교",
    "department": "수학과",
    "student_number": "20211234",
    "is_enrolled": "재학",
    "can_attend": "예, 가능합니다",
    "motivation": "배우고 싶습니다.",
    "consent_privacy": "동의합니다",
    "consent_third_party": "동의하지 않습니다",
    "locale": "한국어",
}
EVENT: Mapping[str, Any] = {
    "type": "AttendanceRecorded",
    "case": "c1",
    "data": {"share": 0.9},
    "actor": {"kind": "staff", "id": "i1", "role": "instructor"},
}
PLANNED: Mapping[str, Any] = {
    "cohort": "c",
    "programme": "p",
    "calendar": CALENDAR.model_dump(mode="json"),
    "terms": TERMS.model_dump(mode="json"),
}
OUR_NAMES = re.compile(r"[A-Za-z_]{1,40}[0-9]{0,2}")
"""What a field can be called; such a name may be said back, anything else may not."""


def read(name: str) -> list[dict[str, Any]]:
    """Give the rows of a file."""
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def rows(name: str) -> Sequence[Any]:
    """Give the rows of a file as parameters of a test."""
    return [pytest.param(row, id=row["id"]) for row in read(name)]


def made(value: Any) -> Any:
    """Give the input that is described."""
    if isinstance(value, dict):
        if "$repeat" in value:
            text, count = value["$repeat"]
            return made(text) * count
        if "$hex" in value:
            return bytes.fromhex(value["$hex"])
        if "$join" in value:
            return "".join(made(part) for part in value["$join"])
        return {name: made(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [made(inner) for inner in value]
    return value


def as_bytes(value: Any) -> bytes:
    """Give a described body as bytes."""
    body = made(value)
    return body if isinstance(body, bytes) else body.encode()


def form_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the good form, changed as the row says."""
    kept = {name: value for name, value in FORM.items() if name not in row.get("drop", ())}
    return {**kept, **made(row.get("set", {}))}


def event_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the good event, changed as the row says; `$planned` is the data of a round, `$opened` of an enrolment."""
    event = {**EVENT, **made(row.get("event", {}))}
    match event["data"]:
        case {"$planned": dates}:
            event["data"] = {**PLANNED, "calendar": {**PLANNED["calendar"], **dates}}
        case {"$opened": ids}:
            event["data"] = {**PLANNED, "person": "p1", "application": None, **ids}
    return {name: value for name, value in event.items() if name not in row.get("drop", ())}


def csv_of(row: Mapping[str, Any]) -> bytes:
    """Give the file that the row describes, by its text or by the cells that differ from a good file."""
    if "raw" in row:
        text = row["raw"]
        if not isinstance(text, str):
            return as_bytes(text)
        for word, cells in (("<header>", CELLS.keys()), ("<row>", CELLS.values())):
            text = text.replace(word, _line(cells))
    else:
        header = row.get("header", list(CELLS))
        lines = [{**CELLS, **made(changes)}.values() for changes in row.get("rows", [{}])]
        text = "\r\n".join([_line(header), *map(_line, lines)]) + "\r\n"
    return bytes(text.encode(row.get("encoding", "utf-8")))


def _line(cells: Any) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def echoed(answer: str, sent: Any) -> list[str]:
    """Give what the answer repeats of what was sent: values but for our own words, and names that no field has."""
    return [text for text in _said(sent) if len(text) > 5 and text not in EVENTS and text in answer]


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if not OUR_NAMES.fullmatch(name):
                yield name
            yield from _said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _said(inner)
    elif isinstance(value, str):
        yield value
        yield json.dumps(value)[1:-1]
