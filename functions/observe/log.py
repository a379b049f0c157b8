"""Writes lines as Cloud Logging reads them: JSON, one a line, with fields from a list and no others."""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Mapping
from functools import cache
from types import TracebackType
from typing import Any

from functions.observe.call import current
from functions.observe.events import EVENTS, FIELDS, Severity
from functions.observe.trace import Trace

NAME = "sadari"
SHOWN = ("event", "function", "status", "verdict", "error", "reason", "source", "rung", "logger", "place")
FRAMES_CHARACTERS_MAX = 16_000
LOGGING = "logging.googleapis.com"
_LEVELS = {"INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR, "CRITICAL": logging.CRITICAL}
_SAID = "said"
_log = logging.getLogger(NAME)
_project = ""


def tell(event: str, *, severity: Severity | None = None, where: str = "", **fields: Any) -> None:
    """Write one line about an event; what is not on the lists is left out, and never stops anything.

    Args:
        event: One of `EVENTS`.
        severity: If it is not the event's own.
        where: What `frames_of` gave, if it is about an error.
        fields: Some of `FIELDS`.
    """
    level = _LEVELS[severity or EVENTS.get(event, "WARNING")]
    if not _log.isEnabledFor(level):
        return
    told: dict[str, Any] = {"event": event if event in EVENTS else "unsaid"}
    call = current()
    if call is not None:
        told["function"] = call.function
    told |= fit(fields)
    traced = {} if call is None else _traced(call.trace)
    _log.log(level, "%s", where or _brief(told), extra={_SAID: {**told, **traced}})


def fit(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields that may be said."""
    checked = {name: FIELDS[name](value) for name, value in fields.items() if name in FIELDS}
    return {name: value for name, value in checked.items() if value is not None}


def tell_failure(error: BaseException, *, reference: str | None = None, fault: str | None = None) -> None:
    """Write that a call ended in an error that nobody foresaw, and where.

    Args:
        error: What went wrong; what it says is not told.
        reference: What the person who met it was shown.
        fault: What may be told of it all the same.
    """
    begin = f"reference {reference}\n" if reference else ""
    where = begin + frames_of(error) + (f": {fault}" if fault else "")
    tell("failed", where=where, error=type(error).__name__, reference=reference, fault=fault)


def frames_of(error: BaseException) -> str:
    """Give where an error passed and what kind it is, without a word of what it says: that may be personal.

    Error Reporting groups by this text.
    """
    frames = "".join(traceback.format_tb(error.__traceback__))[-FRAMES_CHARACTERS_MAX:]
    return f"Traceback (most recent call last):\n{frames}{type(error).__name__}"


def _brief(told: Mapping[str, Any]) -> str:
    """Give the few words that a list of lines shows."""
    return " ".join(str(told[name]) for name in SHOWN if name in told)


def _traced(trace: Trace) -> dict[str, Any]:
    """Give the fields by which Cloud Logging shows a line with its trace."""
    named = f"projects/{_project}/traces/{trace.trace}" if _project else trace.trace
    fields: dict[str, Any] = {f"{LOGGING}/trace": named, f"{LOGGING}/spanId": trace.span}
    return {**fields, f"{LOGGING}/trace_sampled": True} if trace.is_sampled else fields


class Line(logging.Formatter):
    """One JSON object on one line.

    What libraries log is told by its place alone: their words may repeat what they were given.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        told, text = getattr(record, _SAID, None), record.getMessage
        line = {"severity": record.levelname, **(_unsaid(record) if told is None else {"message": text(), **told})}
        return json.dumps(line, separators=(",", ":"))


def _unsaid(record: logging.LogRecord) -> dict[str, Any]:
    told: dict[str, Any] = {"logger": record.name, "place": f"{record.module}:{record.lineno}"}
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        told["error"] = type(error).__name__
    said = {"event": "unsaid", **fit(told)}
    return {"message": _brief(said) if error is None else frames_of(error), **said}


@cache
def begin(project: str) -> None:
    """Write to standard output from now on, once in a process; whatever else would write lines of its own is silenced.

    Args:
        project: That traces belong to; empty where there is none.
    """
    global _project  # noqa: PLW0603  one process writes for one project
    _project = project
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Line())
    root = logging.getLogger()
    root.addHandler(handler)
    _log.setLevel(logging.INFO)
    for name in ("gunicorn.error", "gunicorn.access", "werkzeug"):  # they name whom they talk to, and what was asked
        other = logging.getLogger(name)
        other.handlers.clear()
        other.propagate = True
    logging.getLogger("gunicorn.access").disabled = True
    logging.captureWarnings(True)  # pydantic's, for one, repeat what somebody typed
    threading.excepthook = _in_thread
    sys.excepthook = _at_the_end
    sys.unraisablehook = _nowhere


def _in_thread(died: threading.ExceptHookArgs) -> None:
    if died.exc_value is not None:
        tell_failure(died.exc_value)


def _nowhere(died: "sys.UnraisableHookArgs") -> None:
    """Tell of an error that nobody can be handed, as when an object goes."""
    if died.exc_value is not None:
        tell_failure(died.exc_value)


def _at_the_end(_kind: type[BaseException], error: BaseException, _at: TracebackType | None) -> None:
    tell_failure(error)
