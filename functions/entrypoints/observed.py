"""What every function does around its answer: a line about the call, its trace, and whether it is well.

GET /health         200 while the process answers; looks at nothing
GET /health/ready   200 if the store answers one read, else 503
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Request, Response
from werkzeug.exceptions import HTTPException

from functions import bootstrap
from functions.entrypoints.wire import reply
from functions.observe.call import Call, calling, note
from functions.observe.events import Severity
from functions.observe.log import tell, tell_failure
from functions.observe.trace import HEADER
from schemas.ids import CaseId

Handler = Callable[[Request], Response]

HEALTH, READY = "/health", "/health/ready"
PUBLIC = frozenset({"intake", "portal", "console", "api", "reports"})
NOBODY = CaseId("health")
WARNED_OF = frozenset({401, 403, 409, 429})


def observed(handler: Handler) -> Handler:
    """Tell of each call of a function: what came of it, how long it took, what it did; and hand on its trace."""
    function = handler.__name__

    @wraps(handler)
    def told(request: Request) -> Response:
        share = _share()
        with calling(function, request.headers.get(HEADER), share=share or 0.0, is_ours=function not in PUBLIC) as call:
            try:
                answer = _health(request) or handler(request)
            except HTTPException as error:
                answer = reply(error.code or 500, error=error.name)
            except Exception as error:  # noqa: BLE001  no error may reach the framework, which would log what it says
                tell_failure(error)
                answer = reply(500, error="this is our fault; it is looked at")
            _tell(call, answer.status_code)
            if share is not None and call.trace.is_sampled:
                _send(call, answer.status_code)
        return answer

    return told


def _share() -> float | None:
    """Give how many of the new traces are sampled; None where spans go nowhere."""
    try:
        traces = bootstrap.cloud().settings.traces
    except Exception:  # noqa: BLE001  the handler meets it again, and tells of it
        return None
    return None if traces is None else traces.share


def _send(call: Call, status: int) -> None:
    try:
        spans = bootstrap.cloud().spans
    except Exception as error:  # noqa: BLE001  no credentials now, whatever it is: the call itself went well
        tell("trace_lost", error=type(error).__name__)
        return
    if spans is not None:
        spans.tell(call, status)


def _tell(call: Call, status: int) -> None:
    severity: Severity = "WARNING" if status in WARNED_OF or status >= 500 else "INFO"  # noqa: PLR2004  ours
    fields: dict[str, Any] = {**call.so_far(), **call.said, **+call.counted}
    tell("called", severity=severity, status=status, **fields)


def _health(request: Request) -> Response | None:
    """Answer whoever asks whether the function is well; None for all other calls."""
    if request.method != "GET" or request.path not in {HEALTH, READY}:
        return None
    note(page=request.path)
    if request.path == READY:
        try:
            bootstrap.cloud().ports.cases.get(NOBODY)
        except Exception as error:  # noqa: BLE001  whatever it is: not ready
            note(error=type(error).__name__)
            return reply(503, health="not_ready")
    return reply(200, health="ok")
