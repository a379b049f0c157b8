"""Every entry point that the platform can call, and nothing else."""

import functions_framework
from flask import Request, Response

from functions.entrypoints import advance as _advance
from functions.entrypoints import attempt as _attempt
from functions.entrypoints import bury as _bury
from functions.entrypoints import collect as _collect
from functions.entrypoints import deliver as _deliver
from functions.entrypoints import intake as _intake
from functions.entrypoints import reports as _reports
from functions.entrypoints import ring as _ring
from functions.entrypoints import sweep as _sweep
from functions.entrypoints.observed import observed as _observed


@functions_framework.http
@_observed
def intake(request: Request) -> Response:
    """Take in signed JSON and CSV, and what providers of forms send."""
    return _intake.handle(request)


@functions_framework.http
@_observed
def advance(request: Request) -> Response:
    """Apply one event to one case."""
    return _advance.handle(request)


@functions_framework.http
@_observed
def ring(request: Request) -> Response:
    """Turn an alarm into an event."""
    return _ring.handle(request)


@functions_framework.http
@_observed
def sweep(request: Request) -> Response:
    """Ring overdue timers, and keep up with forms at providers."""
    return _sweep.handle(request)


@functions_framework.http
@_observed
def bury(request: Request) -> Response:
    """Take care of dead letters."""
    return _bury.handle(request)


@functions_framework.http
@_observed
def deliver(request: Request) -> Response:
    """Record a notice and write its letter."""
    return _deliver.handle(request)


@functions_framework.http
@_observed
def attempt(request: Request) -> Response:
    """Call a partner once."""
    return _attempt.handle(request)


@functions_framework.http
@_observed
def collect(request: Request) -> Response:
    """Fetch what was submitted to a form of Google's."""
    return _collect.handle(request)


@functions_framework.http
@_observed
def reports(request: Request) -> Response:
    """Hear what became of messages."""
    return _reports.handle(request)


@functions_framework.http
@_observed
def console(request: Request) -> Response:
    """Show staff their pages."""
    from functions.entrypoints import console as _console  # noqa: PLC0415  no other function needs the site

    return _console.handle(request)


@functions_framework.http
@_observed
def api(request: Request) -> Response:
    """Answer partners and their tools."""
    from functions.entrypoints import api as _api  # noqa: PLC0415  no other function needs the site

    return _api.handle(request)


@functions_framework.http
@_observed
def portal(request: Request) -> Response:
    """Show applicants and learners their pages."""
    from functions.entrypoints import portal as _portal  # noqa: PLC0415  no other function needs the site

    return _portal.handle(request)
