"""Every entry point that the platform can call, and nothing else.

The framework names the function that it serves before it runs this file.  What that one needs is imported here, and its
settings are read, so that a fault stops the deployment and not the first call; what the others need is not imported.
"""

import gc
import importlib
import os

import functions_framework
from flask import Request, Response

# What a cold start makes stays: to look through it for garbage, again and again, would be a fifth of it.
gc.disable()
# Nobody plugs anything into our models; to look for it, Pydantic would read the metadata of every package.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"

from functions import bootstrap, settings  # noqa: E402
from functions.entrypoints.observed import observed as _observed  # noqa: E402


def _answer(name: str, request: Request) -> Response:
    try:
        response: Response = importlib.import_module(f"functions.entrypoints.{name}").handle(request)
        return response
    finally:
        if not gc.isenabled():
            gc.freeze()
            gc.enable()


@functions_framework.http
@_observed
def intake(request: Request) -> Response:
    """Take in signed JSON and CSV, and what providers of forms send."""
    return _answer("intake", request)


@functions_framework.http
@_observed
def advance(request: Request) -> Response:
    """Apply one event to one case."""
    return _answer("advance", request)


@functions_framework.http
@_observed
def ring(request: Request) -> Response:
    """Turn an alarm into an event."""
    return _answer("ring", request)


@functions_framework.http
@_observed
def sweep(request: Request) -> Response:
    """Ring overdue timers, and keep up with forms at providers."""
    return _answer("sweep", request)


@functions_framework.http
@_observed
def bury(request: Request) -> Response:
    """Take care of dead letters."""
    return _answer("bury", request)


@functions_framework.http
@_observed
def deliver(request: Request) -> Response:
    """Record a notice and write its letter."""
    return _answer("deliver", request)


@functions_framework.http
@_observed
def attempt(request: Request) -> Response:
    """Call a partner once."""
    return _answer("attempt", request)


@functions_framework.http
@_observed
def collect(request: Request) -> Response:
    """Fetch what was submitted to a form of Google's."""
    return _answer("collect", request)


@functions_framework.http
@_observed
def reports(request: Request) -> Response:
    """Hear what became of messages."""
    return _answer("reports", request)


@functions_framework.http
@_observed
def console(request: Request) -> Response:
    """Show staff their pages."""
    return _answer("console", request)


@functions_framework.http
@_observed
def api(request: Request) -> Response:
    """Answer partners and their tools."""
    return _answer("api", request)


@functions_framework.http
@_observed
def portal(request: Request) -> Response:
    """Show applicants and learners their pages."""
    return _answer("portal", request)


_target = settings.target(os.environ)
if _target in globals():
    importlib.import_module(f"functions.entrypoints.{_target}")
    if settings.is_served(os.environ):
        bootstrap.check()
