"""`intake`: signed JSON and CSV become messages, personal data going to the vault first.

    POST /{source}/events               one event about a case, as JSON
    POST /{source}/applications/{round} one application as JSON, or many as CSV

Every body is signed over its raw bytes (Standard Webhooks) with a secret of the source.
"""

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import read_body, replies, reply
from functions.forms.application_csv import BYTES_MAX as CSV_BYTES_MAX
from functions.forms.doors import CSV, JSON, Door
from functions.forms.signature import verify
from functions.forms.strict_json import BYTES_MAX as JSON_BYTES_MAX
from functions.settings import NOBODY

LIMITS = {JSON: JSON_BYTES_MAX, CSV: CSV_BYTES_MAX}


@replies
def handle(request: Request) -> Response:
    """Refuse what is too large before reading it, verify the signature, then open the door that the path names."""
    body = read_body(request, LIMITS)
    name, _, path = request.path.removeprefix("/").partition("/")
    cloud = bootstrap.cloud()
    source = cloud.settings.sources.get(name, NOBODY)
    submission = verify(dict(request.headers.items()), body, source.secrets)
    door = Door(name=name, submission=submission, roles=source.roles, key=cloud.settings.key, ports=cloud.ports)
    return reply(202, **door.take_in(path, request.mimetype, body))
