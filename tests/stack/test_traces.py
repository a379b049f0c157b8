"""One trace goes over HTTP, Pub/Sub and Cloud Tasks to the partner's door, and every line names it."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
import urllib3

from functions.forms.signature import sign
from functions.stack.local_stack import LocalStack
from functions.stack.sample_subscriber import SampleSubscriber, register
from functions.stack.traces import SPANS

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
SOURCES = {"desk": {"secrets": [SECRET], "roles": ["operator"]}}
PLANNED = Path(__file__).parents[2] / "docs/examples/round-planned.json"
SECONDS_MAX = 60.0
WAY = ["intake", "advance", "ring", "advance", "deliver", "attempt"]
"""A round is planned whose opening is past: its timer rings at once, it opens, and the partner is told."""


def spans_in(home: Path) -> list[dict[str, Any]]:
    path = home / SPANS
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def way_to(span: dict[str, Any], spans: list[dict[str, Any]]) -> list[str]:
    """Give the functions that led to a span, from the first on."""
    above = next((each for each in spans if each["span"] == span["parent"]), None)
    return [*(way_to(above, spans) if above else []), span["name"]]


@pytest.mark.emulator
@pytest.mark.timeout(300)
def test_one_trace_leads_from_the_form_over_the_timer_to_the_partner(tmp_path: Path) -> None:
    sample = SampleSubscriber(lambda _line: None)
    sample.start()
    with LocalStack(tmp_path, key=b"k" * 32, sources=SOURCES, admitted=(sample.address,), traces=True) as stack:
        register(sample, *stack.partners())
        body = PLANNED.read_bytes()
        headers = {"Content-Type": "application/json", **sign("planned", body, SECRET)}
        answer = urllib3.request("POST", f"{stack.functions_url}/intake/desk/events", body=body, headers=headers)
        gives_up_at = time.monotonic() + SECONDS_MAX
        while "attempt" not in {each["name"] for each in spans_in(tmp_path)} and time.monotonic() < gives_up_at:
            time.sleep(0.1)
    sample.stop()

    spans = spans_in(tmp_path)
    last = next(each for each in spans if each["name"] == "attempt")
    lines = [json.loads(line) for name in ("functions.log", "pushed.log") for line in _lines(tmp_path / name)]
    of_trace = [line for line in lines if str(line.get("logging.googleapis.com/trace", "")).endswith(last["trace"])]
    assert answer.status == 202
    assert way_to(last, spans) == WAY
    assert {line["function"] for line in of_trace if line["event"] == "called"} == set(WAY)
    assert {"Commit", "BatchGetDocuments", "Publish", "CreateTask"} <= {each["name"] for each in spans}


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()
