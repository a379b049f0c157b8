"""`intake`: what people and programmes send becomes messages, personal data going to the vault first.

    POST /{source}/events                     one event about a case, as JSON
    POST /{source}/applications/{round}       one application as JSON, or many as CSV
    POST /{source}/applications/{round}/check the same CSV, tried only
    POST /forms/{connection}                  what a provider of forms sends

The body of a source is signed over its raw bytes (Standard Webhooks), that of a provider as the provider does it.
"""

import time

from flask import Request, Response

from functions import bootstrap
from functions.buckets import Buckets, network_of
from functions.entrypoints.wire import RefusedError, read_body, replies, reply
from functions.forms.application_csv import BYTES_MAX as CSV_BYTES_MAX
from functions.forms.doors import CSV, JSON, Door
from functions.forms.form_door import LIMITS as FORM_LIMITS
from functions.forms.form_door import Delivery, FormDoor, open_delivery
from functions.forms.providers.submission import NoSubmissionError
from functions.forms.signature import verify
from functions.forms.strict_json import BYTES_MAX as JSON_BYTES_MAX
from functions.settings import FORMS_DOOR, NOBODY
from workflows.runtime.errors import NotAuthenticated

LIMITS = {JSON: JSON_BYTES_MAX, CSV: CSV_BYTES_MAX}
STRANGERS = Buckets(time.monotonic, burst=300, per_second=5)
"""By door and network: what is not rightly signed.  Whoever signs rightly is never stopped for others behind the same
address, so that a campus may send at the deadline."""

SENDERS = Buckets(time.monotonic, burst=6_000, per_second=200)
"""By door: what is rightly signed, in this instance."""


@replies
def handle(request: Request) -> Response:
    """Refuse what is too large before reading it, verify it, then open the door that the path names."""
    name, _, path = request.path.removeprefix("/").partition("/")
    if name == FORMS_DOOR:
        return _take_form(request, *path.partition("/")[::2])
    body = read_body(request, LIMITS)
    cloud = bootstrap.cloud()
    source = cloud.settings.sources.get(name, NOBODY)
    with _Gate(request, name):
        submission = verify(dict(request.headers.items()), body, source.secrets)
    door = Door(name=name, submission=submission, roles=source.roles, key=cloud.settings.key, ports=cloud.ports)
    taken = door.take_in(path, request.mimetype, body)
    return reply(200 if taken.get("dry_run") else 202, **taken)


def _take_form(request: Request, name: str, path: str) -> Response:
    """Take in what a provider sent to the door of a connection."""
    body = read_body(request, FORM_LIMITS)
    cloud = bootstrap.cloud()
    headers = {header.lower(): value for header, value in request.headers.items()}
    delivery = Delivery(path, request.content_type or "", headers, body)
    try:
        with _Gate(request, f"{FORMS_DOOR}/{name}"):
            connection = cloud.connections.get(name)
            submission = open_delivery(connection, delivery, cloud.vendors)
    except NoSubmissionError:
        return reply(200, ignored="this is no submission")
    assert connection is not None, "no delivery is opened without one"  # noqa: S101
    receipt = FormDoor(connection, cloud.settings.key, cloud.ports).take(submission)
    return reply(202, receipt=receipt.message, case=receipt.case)


class _Gate:
    """Counts who knocks: strangers by door and network, senders by door."""

    def __init__(self, request: Request, door: str) -> None:
        self._door = door[:80]
        self._network = network_of(request.headers.get("X-Forwarded-For", ""), request.remote_addr or "")

    def __enter__(self) -> None:
        _let_in(STRANGERS.wait(self._door, self._network))

    def __exit__(self, _kind: object, error: BaseException | None, _at: object) -> None:
        if isinstance(error, NotAuthenticated):
            STRANGERS.take(self._door, self._network)
        elif error is None:
            _let_in(SENDERS.take(self._door))


def _let_in(wait: float) -> None:
    if wait:
        raise RefusedError(429, "too much at once; send it again later")
