"""One trace goes through every function that a form sets in motion, and changes nothing of what is decided."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from functions.observe.call import calling
from functions.stack.relay import LocalKey
from tests.corpus.rows import FORM
from tests.functions import site as sites
from tests.functions.site import Site
from tests.functions.test_personal_data import FORM_OF_CANARY, heard

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


class Collector(ThreadingHTTPServer):
    """A collector of OpenTelemetry: takes OTLP over HTTP."""

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.spans: list[tuple[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/traces"


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        for resource in sent.resource_spans:
            (service,) = [
                each.value.string_value for each in resource.resource.attributes if each.key == "service.name"
            ]
            self.server.spans += [(service, span) for scope in resource.scope_spans for span in scope.spans]
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def collecting(status: int = 200) -> Iterator[Collector]:
    with Collector(status) as collector:
        threading.Thread(target=collector.serve_forever, args=(0.05,), daemon=True).start()
        yield collector
        collector.shutdown()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


def traced(to: str, share: float = 1) -> Mapping[str, str]:
    return {"SADARI_TRACES": json.dumps({"to": to, "share": share})}


@pytest.fixture
def served(apps: Mapping[str, Flask], key: LocalKey, certs_url: str, begun: Path, tmp_path: Path) -> Any:
    """Serve a copy of the store with an open round, with more settings."""

    def serve(more: Mapping[str, str]) -> Any:
        store = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
        store.write_bytes(begun.read_bytes())
        return sites.opened(apps, key, certs_url, store, more)

    return serve


def test_one_trace_leads_from_the_form_over_the_case_to_the_letter(served: Any, collector: Collector) -> None:
    with served(traced(collector.url)) as site:
        assert site.apply(FORM).status_code == 202
        site.pump()

    by_id = {span.span_id: (service, span) for service, span in collector.spans}
    assert len({span.trace_id for _, span in collector.spans}) == 1
    assert [service for service, _ in collector.spans] == ["intake", "advance", "deliver"]
    (intake, advance, deliver) = (span for _, span in collector.spans)
    assert not intake.parent_span_id
    assert [by_id[each.parent_span_id][0] for each in (advance, deliver)] == ["intake", "advance"]
    assert {each.key for each in advance.attributes} >= {"case", "id", "type", "verdict"}


def test_spans_repeat_nothing_that_people_say(served: Any, collector: Collector) -> None:
    with served(traced(collector.url)) as site:
        site.apply(FORM_OF_CANARY)
        site.pump()

    assert len(collector.spans) == 3
    assert heard(str(collector.spans)) == []


def test_traces_change_no_history(served: Any, collector: Collector) -> None:
    def histories(site: Site) -> list[Any]:
        rows = site.store.database.all("select case_id, message_id, blob from history order by case_id, seq")
        return [(case, message, {**json.loads(blob), "heard_at": "", "prev_hash": ""}) for case, message, blob in rows]

    found = []
    for more in ({}, traced(collector.url)):
        with served(more) as site:
            site.apply(FORM)
            site.pump()
            found.append(histories(site))

    assert found[0] == found[1]
    assert len(found[0]) > 1
    assert collector.spans


def test_a_stranger_does_not_say_what_is_sampled(served: Any, collector: Collector) -> None:
    with served(traced(collector.url, share=0)) as site:
        headers = {"traceparent": CALLER.removesuffix("00") + "01"}
        site.client("intake").post("/desk/events", data=b"{}", content_type="application/json", headers=headers)
        site.client("advance").post("/", data=b"{}", content_type="application/json", headers=headers)

    assert [service for service, _ in collector.spans] == ["advance"]


def test_spans_that_cannot_be_sent_are_lost_and_told_of(served: Any, caplog: pytest.LogCaptureFixture) -> None:
    with collecting(status=400) as refusing, served(traced(refusing.url)) as site:
        assert site.apply(FORM).status_code == 202

    assert "trace_lost" in {getattr(record, "said", {}).get("event") for record in caplog.records}


def test_the_embedded_worker_hands_the_trace_on(site: Site) -> None:
    site.store.database.execute("delete from queue")
    with calling("intake", CALLER):
        site.apply(FORM)
    before = site.store.database.all("select trace from queue")

    site.store.worker.deliver_batch()

    after = site.store.database.all("select topic, trace from queue")
    assert [trace[3:35] for (trace,) in before] == [before[0][0][3:35]]
    assert {(topic, trace[3:35]) for topic, trace in after} == {("notices", before[0][0][3:35])}
