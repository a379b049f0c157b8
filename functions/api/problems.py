"""Every error as application/problem+json (RFC 9457), in Korean or English."""

import json
import math
from collections.abc import Mapping
from typing import Literal, cast

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from functions.api.models import Problem
from functions.forms.strict_json import BadJsonError
from functions.observe.call import note
from functions.observe.log import tell_failure
from workflows.definitions.refusals import refusal
from workflows.runtime.errors import (
    BadForm,
    CaseMoved,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Rejected,
    SadariError,
    Unavailable,
)

MEDIA = "application/problem+json"
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (BadForm, 422),
    (NotAuthenticated, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (Rejected, 409),
    (CaseMoved, 409),
    (Unavailable, 503),
)
BY_CODE: Mapping[str, int] = {"no_such_page": 422}


class Limited(Exception):
    """There were too many calls.

    Attributes:
        seconds: After how long there may be one more.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = math.ceil(seconds)


class VersionMoved(Exception):
    """If-Match names another version."""


def add_to(site: object) -> None:
    """Answer every error of the site as a problem."""
    register = site.register_error_handler  # type: ignore[attr-defined]
    register(Limited, lambda error: problem(429, "too_many_calls", retry_after=error.seconds))
    register(VersionMoved, lambda _error: problem(412, "version_moved"))
    register(BadJsonError, lambda error: problem(400, "bad_json", detail=str(error)))
    register(SadariError, _named)
    register(HTTPException, _http)
    register(Exception, _ours)


def problem(
    status: int, code: str, *, detail: str = "", errors: Mapping[str, str] | None = None, retry_after: int = 0
) -> Response:
    """Give a problem."""
    language = cast("Literal['ko', 'en']", request.accept_languages.best_match(("en", "ko"), "en") or "en")
    said = Problem(
        type=f"/problems/{code}",
        title=refusal(code, language) or code.replace("_", " "),
        status=status,
        detail=detail,
        errors=dict(errors or {}),
    )
    made = current_app.response_class(json.dumps(said.model_dump(), ensure_ascii=False), status=status, mimetype=MEDIA)
    made.headers["Content-Language"] = language
    if retry_after or status == 503:  # noqa: PLR2004  unavailable
        made.headers["Retry-After"] = str(retry_after or 5)
    if status == 401:  # noqa: PLR2004  RFC 6750
        made.headers["WWW-Authenticate"] = "Bearer"
    return made


def _named(error: SadariError) -> Response:
    status = BY_CODE.get(error.code) or next(status for kind, status in STATUS if isinstance(error, kind))
    note(error=type(error).__name__)
    if isinstance(error, Unavailable):
        note(reason=type(error.__cause__).__name__)
        return problem(status, error.code)
    return problem(status, error.code, detail=error.detail, errors=error.faults if isinstance(error, BadForm) else None)


def _http(error: HTTPException) -> Response:
    made = problem(error.code or 500, error.name.lower().replace(" ", "_"), detail=error.description or "")
    for name, value in error.get_headers(request.environ):
        if name == "Allow":
            made.headers[name] = value
    return made


def _ours(error: Exception) -> Response:
    """Say nothing of what is behind us; what an unknown error says may be personal."""
    tell_failure(error)
    return problem(500, "unavailable")
