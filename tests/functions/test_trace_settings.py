"""Where spans go is read strictly, and nothing of OpenTelemetry is imported where they go nowhere."""

import json
import subprocess
import sys

import pytest

from functions.trace_settings import Traces, read_traces


def read(text: str, **env: str) -> tuple[Traces | None, list[str]]:
    faults: list[str] = []
    return read_traces({"SADARI_TRACES": text, **env}, faults), faults


def test_where_nothing_is_said_spans_go_nowhere() -> None:
    assert read("") == (None, [])


def test_a_place_and_a_share_are_read() -> None:
    text = json.dumps({"to": "https://telemetry.googleapis.com/v1/traces", "share": 0.01})

    assert read(text) == (Traces("https://telemetry.googleapis.com/v1/traces", 0.01), [])


@pytest.mark.parametrize(
    "given",
    [
        *("[]", "no JSON", "{}", '{"to": "https://a.example"}', '{"to": "ftp://a.example", "share": 1}'),
        *('{"to": "https://a.example", "share": true}', '{"to": "https://a.example", "share": 2}'),
        *('{"to": "https://a.example", "share": "1"}', '{"to": "https://a.example", "share": 1, "more": 1}'),
    ],
)
def test_anything_else_is_refused_with_the_form_that_is_wanted(given: str) -> None:
    traces, faults = read(given)

    assert traces is None
    assert faults == ["SADARI_TRACES is not of the form {to: https://... or file:..., share: 0 to 1}"]


@pytest.mark.parametrize("place", ["http://127.0.0.1:4318/v1/traces", "file:/tmp/spans"])
def test_in_production_spans_go_over_https_alone(place: str) -> None:
    _, faults = read(json.dumps({"to": place, "share": 1}), K_SERVICE="advance")

    assert faults == ["SADARI_TRACES names a place that is not https, but this is production"]


def test_without_it_no_function_imports_what_sends_spans() -> None:
    code = (
        "import sys, functions.main, functions.adapters.google.wiring, functions.entrypoints.portal\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry.sdk') or 'otlp' in name])"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
