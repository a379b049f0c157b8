"""Sends what calls did as OpenTelemetry spans; made only where settings say where to: its libraries are large.

A call is one span, with one below it for each call to a service.  They go out when the call ends, before its answer:
afterwards the platform takes the processor away.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from functions.observe.call import Call, Step
from functions.observe.log import fit, tell

GOOGLE = "https://telemetry.googleapis.com/v1/traces"
SECONDS_MAX = 2.0
FILE = "file:"
SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class Spans:
    """Where spans go.  What cannot be sent is lost, and told of; no call fails by it."""

    def __init__(self, exporter: SpanExporter, project: str = "") -> None:
        self._exporter = exporter
        self._project = project

    def tell(self, call: Call, status: int) -> None:
        """Send a call that has ended."""
        try:
            result = self._exporter.export(spans_of(call, status, self._project))
        except Exception as error:  # noqa: BLE001  whatever it is, the call itself went well
            tell("trace_lost", error=type(error).__name__)
            return
        if result is not SpanExportResult.SUCCESS:
            tell("trace_lost")


def spans_to(place: str, project: str) -> Spans:
    """Give the way to a place.

    Args:
        place: `file:PATH` for lines of JSON, else the address of a collector that speaks OTLP over HTTP.
        project: Whose spans they are; Google's own collector refuses those that do not say.
    """
    if place.startswith(FILE):
        return Spans(FileExporter(Path(place.removeprefix(FILE))), project)
    if place == GOOGLE:
        from google.auth import default  # noqa: PLC0415  a collector of one's own needs no credentials of Google's
        from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415

        session = AuthorizedSession(default(scopes=["https://www.googleapis.com/auth/cloud-platform"])[0])
        return Spans(OTLPSpanExporter(place, timeout=SECONDS_MAX, session=session), project)
    return Spans(OTLPSpanExporter(place, timeout=SECONDS_MAX), project)


def spans_of(call: Call, status: int, project: str = "") -> Sequence[ReadableSpan]:
    """Give a call as spans; their attributes are those that its line may carry."""
    trace = call.trace
    context = _context(trace.trace, trace.span)
    parent = _context(trace.trace, trace.parent) if trace.parent else None
    said = {**fit({**call.said, **+call.counted}), "http.response.status_code": status}
    resource = Resource({"service.name": call.function, **({"gcp.project_id": project} if project else {})})
    whole = ReadableSpan(
        name=call.function,
        context=context,
        parent=parent,
        kind=SpanKind.SERVER,
        attributes=said,
        resource=resource,
        status=Status(StatusCode.ERROR if status >= 500 else StatusCode.OK),  # noqa: PLR2004  ours
        start_time=call.began_ns,
        end_time=time.time_ns(),
    )
    return [whole, *(_below(step, trace.trace, context, resource) for step in call.steps)]


def _below(step: Step, trace: str, parent: SpanContext, resource: Resource) -> ReadableSpan:
    return ReadableSpan(
        name=step.name,
        context=_context(trace, os.urandom(8).hex()),
        parent=parent,
        kind=SpanKind.CLIENT,
        resource=resource,
        start_time=step.began_ns,
        end_time=step.ended_ns,
    )


def _context(trace: str, span: str) -> SpanContext:
    return SpanContext(int(trace, 16), int(span, 16), is_remote=False, trace_flags=SAMPLED)


class FileExporter(SpanExporter):
    """Writes one line of JSON for each span, for a developer to read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Add them to the file."""
        lines = "".join(json.dumps(_shown(span)) + "\n" for span in spans)
        with self._path.open("a") as file:
            file.write(lines)
        return SpanExportResult.SUCCESS


def _shown(span: ReadableSpan) -> Mapping[str, object]:
    context = span.get_span_context()
    assert context is not None, "every span of ours has one"  # noqa: S101
    return {
        "name": span.name,
        "trace": f"{context.trace_id:032x}",
        "span": f"{context.span_id:016x}",
        "parent": f"{span.parent.span_id:016x}" if span.parent else "",
        "ms": ((span.end_time or 0) - (span.start_time or 0)) / 1e6,
        "attributes": dict(span.attributes or {}),
    }
