"""Lines are JSON as Cloud Logging reads it, and carry what is on the list alone."""

import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from functions.observe import log
from functions.observe.call import calling, note
from functions.observe.events import EVENTS, FIELDS
from functions.observe.log import Line, tell, tell_failure
from tests.support.canary import FORM, SONGS, heard

DOCUMENT = Path(__file__).parents[2] / "docs/operate/observability.md"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """Give what was logged so far, as it would be written."""
    caplog.set_level(logging.DEBUG)
    return lambda: [json.loads(Line().format(record)) for record in caplog.records]


def fail(error: Exception) -> None:
    raise error


def test_a_line_is_what_cloud_logging_reads(lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_project", "gwangju")
    with calling("advance", TRACE) as call:
        note(case="application-1", verdict="applied")
        tell("called", status=204, ms=1.5, **call.said)

    assert lines() == [
        {
            "severity": "INFO",
            "message": "called advance 204 applied",
            "event": "called",
            "function": "advance",
            "status": 204,
            "ms": 1.5,
            "case": "application-1",
            "verdict": "applied",
            "logging.googleapis.com/trace": "projects/gwangju/traces/0af7651916cd43dd8448eb211c80319c",
            "logging.googleapis.com/spanId": call.trace.span,
            "logging.googleapis.com/trace_sampled": True,
        }
    ]


@pytest.mark.parametrize(("reader", "subject"), [("own link", "person-1"), ("lee", "texts of nobody")])
def test_the_copy_of_the_access_log_says_who_looked_at_what(lines: Any, reader: str, subject: str) -> None:
    tell("accessed", reader=reader, subject=subject)

    (line,) = lines()
    assert (line["reader"], line["subject"]) == (reader, subject)


def test_a_field_that_is_not_on_the_list_is_left_out(lines: Any) -> None:
    tell("called", name="Kim", phone="+821073918264", status=200)

    assert lines() == [{"severity": "INFO", "message": "called 200", "event": "called", "status": 200}]


@pytest.mark.parametrize("value", [*FORM.values(), *SONGS[:2], {"case": "a"}, ["a"], b"a", "a b", "a@b.example", ""])
def test_a_value_that_people_write_is_no_word(lines: Any, value: Any) -> None:
    is_digits = isinstance(value, str) and re.fullmatch(r"\d+", value)  # such a value could be an id
    tell("called", case=value)

    assert ("case" in lines()[0]) == bool(is_digits)


def test_a_text_is_no_number(lines: Any) -> None:
    tell("swept", rung="010-7391-8264")

    assert "rung" not in lines()[0]


def test_an_event_that_is_not_on_the_list_is_not_named(lines: Any) -> None:
    tell(FORM["name"], status=200)

    assert lines() == [{"severity": "WARNING", "message": "unsaid 200", "event": "unsaid", "status": 200}]


def test_an_error_is_told_by_its_kind_and_its_place(lines: Any) -> None:
    try:
        fail(ValueError(f"{FORM['name']} {FORM['phone']}"))
    except ValueError as error:
        tell_failure(error, reference="0badcafe")

    (line,) = lines()
    assert line["message"].startswith("reference 0badcafe\nTraceback (most recent call last):\n")
    assert line["message"].endswith("ValueError")
    assert (line["error"], line["reference"], line["severity"]) == ("ValueError", "0badcafe", "ERROR")
    assert heard(json.dumps(line, ensure_ascii=False)) == []


def test_what_a_library_says_is_told_by_its_place(lines: Any) -> None:
    library = logging.getLogger("urllib3.connectionpool")
    try:
        fail(LookupError(FORM["email"]))
    except LookupError:
        library.exception("GET /status/%s for %s", FORM["phone"], FORM["name"])
    library.warning(f"retrying {FORM['email']}")

    first, second = lines()
    assert (first["event"], first["logger"], first["error"]) == ("unsaid", "urllib3.connectionpool", "LookupError")
    assert second["message"] == f"unsaid urllib3.connectionpool {second['place']}"
    assert heard(json.dumps([first, second], ensure_ascii=False)) == []


BESIDE_THE_LINES = """
import gc, threading, warnings
from pydantic import BaseModel
from functions.observe import log
from tests.support.canary import FORM

class Seats(BaseModel):
    number: int

class Held:
    def __del__(self):
        raise ValueError(FORM["name"])

def fail():
    raise ValueError(FORM["phone"])

log.begin("")
warnings.warn(FORM["name"])
Seats.model_construct(number=FORM["email"]).model_dump_json()
Held()
gc.collect()
thread = threading.Thread(target=fail)
thread.start()
thread.join()
fail()
"""


def test_what_python_itself_would_print_is_told_by_its_place() -> None:
    done = subprocess.run([sys.executable, "-c", BESIDE_THE_LINES], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert heard(done.stdout) == []
    lines = map(json.loads, done.stdout.splitlines())
    told = [(line["event"], line.get("logger", line.get("error"))) for line in lines]
    assert told == [*[("unsaid", "py.warnings")] * 2, *[("failed", "ValueError")] * 3]


def test_every_event_is_told_of_in_the_document_and_nothing_else_is() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", DOCUMENT.read_text(), re.MULTILINE)

    assert rows == list(EVENTS)


def test_every_field_that_the_document_names_may_be_said() -> None:
    table = DOCUMENT.read_text().partition("## The events")[2].partition("A metric")[0]
    named = {
        name
        for row in table.splitlines()
        if row.startswith("| `")
        for name in re.findall(r"`([a-z_]+)`", row.split("|")[3])
    }

    assert named - FIELDS.keys() - {"message"} == set()


def test_every_event_that_the_code_tells_is_on_the_list() -> None:
    told = set()
    for path in Path(sys.modules["functions.observe"].__path__[0]).parent.rglob("*.py"):
        if "functions.observe.log import" in path.read_text():
            told |= set(re.findall(r'\btell\(\s*"([a-z_]+)"', path.read_text()))

    assert told - EVENTS.keys() == set()
    assert {"called", "swept", "quarantined", "form_waits"} <= told
