"""What all entry points share: who calls, what a push carries, and which error is which status."""

import base64
import binascii
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Request, Response

from functions import bootstrap
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

log = logging.getLogger("sadari")

STATUS: tuple[tuple[type[Exception], int], ...] = (
    (BadForm, 422),
    (NotAuthenticated, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (Rejected, 409),
    (CaseMoved, 409),
    (Unavailable, 503),
)


class UnreadableError(Exception):
    """What was pushed is no message."""

    def __init__(self, reason: str, body: bytes) -> None:
        super().__init__(reason)
        self.reason = reason
        self.body = body


@dataclass(frozen=True, slots=True)
class Push:
    """What a push subscription delivered: the data of one message, with its attributes."""

    data: bytes
    attributes: dict[str, str]


def replies(handler: Handler) -> Handler:
    """Turn the errors of a handler into statuses; anything unknown stays an error, and becomes 500 with an alert."""

    @wraps(handler)
    def guarded(request: Request) -> Response:
        if request.method != "POST":
            return reply(405, error="only POST")
        try:
            return handler(request)
        except tuple(kind for kind, _ in STATUS) as error:
            status = next(status for kind, status in STATUS if isinstance(error, kind))
            faults = error.faults if isinstance(error, BadForm) else None
            return reply(status, error=str(error), faults=faults)

    return guarded


def called_by_us(handler: Handler) -> Handler:
    """Let only our own Pub/Sub and Cloud Tasks in: a valid token, made out to us, of the one service account."""

    @wraps(handler)
    def guarded(request: Request) -> Response:
        bootstrap.cloud().verifier.verify(request.headers.getlist("Authorization"))
        return handler(request)

    return guarded


def read_push(request: Request) -> Push:
    """Give what a push carries.

    Raises:
        UnreadableError: The body is no push envelope.
    """
    body = request.get_data()
    try:
        message = json.loads(body)["message"]
        data = base64.b64decode(message["data"], validate=True)
        return Push(data, dict(message.get("attributes") or {}))
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise UnreadableError("no_envelope", body) from error


def reply(status: int, **content: Any) -> Response:
    """Give a JSON answer; 204 has none."""
    if status == 204:  # noqa: PLR2004  no content
        return Response(status=204)
    text = json.dumps({name: value for name, value in content.items() if value is not None}, ensure_ascii=False)
    return Response(text, status=status, content_type="application/json; charset=utf-8")
