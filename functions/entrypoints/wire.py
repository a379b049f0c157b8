"""What all entry points share: who calls, what a body carries, and which error is which status."""

import base64
import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from flask import Request, Response
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from functions import bootstrap
from functions.forms.strict_json import BadJsonError
from functions.observe.call import follow, note
from functions.observe.log import tell_failure
from functions.observe.trace import HEADER
from functions.settings import SettingsError
from schemas.ids import is_safe_id
from workflows.runtime.errors import (
    BadForm,
    CaseMoved,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Rejected,
    Unavailable,
)

Handler = Callable[[Request], Response]
Model = TypeVar("Model", bound=BaseModel)

STATUS: tuple[tuple[type[Exception], int], ...] = (
    (BadJsonError, 400),
    (BadForm, 422),
    (NotAuthenticated, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (Rejected, 409),
    (CaseMoved, 409),
    (Unavailable, 503),
)
HEADERS: Mapping[int, Mapping[str, str]] = {
    405: {"Allow": "POST"},
    429: {"Retry-After": "30"},
    503: {"Retry-After": "5"},
}


class UnreadableError(Exception):
    """What was pushed is no message."""

    def __init__(self, reason: str, body: bytes) -> None:
        super().__init__(reason)
        self.reason = reason
        self.body = body


class RefusedError(Exception):
    """The body is not even looked at."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def replies(handler: Handler) -> Handler:
    """Turn the errors of a handler into statuses; anything unknown becomes 500, with an alert."""

    @wraps(handler)
    def guarded(request: Request) -> Response:
        if request.method != "POST":
            return reply(405, error="only POST")
        try:
            return handler(request)
        except RefusedError as error:
            return reply(error.status, error=str(error))
        except HTTPException as error:
            return reply(error.code or 500, error=error.name)
        except Exception as error:  # noqa: BLE001  no error may reach the framework, which would log what it says
            return _answer(error)

    return guarded


def called_by_us(handler: Handler) -> Handler:
    """Let only our own Pub/Sub and Cloud Tasks in: a valid token, made out to us, of the one service account."""

    @wraps(handler)
    def guarded(request: Request) -> Response:
        try:
            bootstrap.cloud().verifier.verify(request.headers.getlist("Authorization"))
        except (NotAuthenticated, NotAllowed) as error:
            raise type(error) from error  # whoever made up a token does not learn what is wrong with it
        return handler(request)

    return guarded


def read_body(request: Request, limits: Mapping[str, int]) -> bytes:
    """Give the body, if it is of a type that has a limit and within it.

    Raises:
        RefusedError: It is not; it was not read.
    """
    limit = limits.get(request.mimetype)
    if limit is None or request.content_encoding:
        raise RefusedError(415, f"send {' or '.join(limits)}, not compressed")
    if request.content_length is None:
        raise RefusedError(411, "send a Content-Length")
    if request.content_length > limit:
        raise RefusedError(413, f"the body is over {limit} bytes")
    return request.get_data()


def read_pushed(request: Request, model: type[Model], *ids: str) -> Model:
    """Give what a push carries, read strictly: no word is taken for a number, no number for a date.

    Args:
        request: The push.
        model: What it should be.
        ids: The fields that will name documents.

    Raises:
        UnreadableError: The body is no push envelope, holds no such thing, or an id is unfit.
    """
    body = request.get_data()
    try:
        message = json.loads(body)["message"]
        data = base64.b64decode(message["data"], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableError("no_envelope", body) from error
    attributes = message.get("attributes")
    if isinstance(attributes, dict):
        follow(attributes.get(HEADER))
    try:
        found = model.model_validate_json(data, strict=True)
    except ValidationError as error:
        raise UnreadableError(f"no_{model.__name__.lower()}", body) from error
    if not all(is_safe_id(getattr(found, name)) for name in ids):
        raise UnreadableError("unfit_id", body)
    return found


def reply(status: int, **content: Any) -> Response:
    """Give a JSON answer; 204 has none."""
    if status == 204:  # noqa: PLR2004  no content
        return Response(status=204)
    said = {name: value for name, value in content.items() if value is not None}
    text = json.dumps(said, ensure_ascii=False).encode()
    # The framework reads the rest of a body, however large, before it gives an answer; but not before a streamed one.
    answer = text if status < 400 else iter([text])  # noqa: PLR2004  refused
    headers = {"Content-Length": str(len(text)), **HEADERS.get(status, {})}
    return Response(answer, status=status, headers=headers, content_type="application/json; charset=utf-8")


def _answer(error: Exception) -> Response:
    """Say as much as the sender may know: all that is wrong with what was sent, nothing of what is behind us."""
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    note(error=type(error).__name__)
    if isinstance(error, Rejected | BadJsonError):
        return reply(status, error=str(error), faults=error.faults if isinstance(error, BadForm) else None)
    if isinstance(error, CaseMoved | Unavailable):
        note(reason=type(error.__cause__).__name__)
        return reply(status, error=str(type(error)()))
    # What an unknown error says may be personal; the settings' own names variables only.
    tell_failure(error, fault=str(error) if isinstance(error, SettingsError) else None)
    return reply(500, error="this is our fault; it is looked at")
