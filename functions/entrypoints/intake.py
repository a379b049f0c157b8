"""`intake`: signed JSON and CSV become messages, personal data going to the vault first.

    POST /{source}/events               one event about a case, as JSON
    POST /{source}/applications/{round} one application as JSON, or many as CSV

Every body is signed over its raw bytes (Standard Webhooks) with a secret of the source.
"""

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import replies, reply
from functions.forms import doors, signature
from functions.forms.application_csv import BYTES_MAX as CSV_BYTES_MAX
from functions.forms.strict_json import BYTES_MAX as JSON_BYTES_MAX

LIMITS = {"application/json": JSON_BYTES_MAX, "text/csv": CSV_BYTES_MAX}


@replies
def handle(request: Request) -> Response:
    """Refuse what is too large before reading it, verify the signature, then open the door that the path names."""
    limit = LIMITS.get(request.mimetype)
    if limit is None or request.content_encoding:
        return reply(415, error="send application/json or text/csv, not compressed")
    if request.content_length is None:
        return reply(411, error="send a Content-Length")
    if request.content_length > limit:
        return reply(413, error=f"the body is over {limit} bytes")
    name, _, path = request.path.strip("/").partition("/")
    cloud = bootstrap.cloud()
    source = cloud.settings.sources.get(name)
    body = request.get_data()
    try:
        submission = signature.verify(dict(request.headers.items()), body, source.secrets if source else ())
    except signature.BadSignatureError:
        return reply(401, error="no valid signature of a known source")
    roles = source.roles if source else frozenset()
    door = doors.Door(name=name, submission=submission, roles=roles, key=cloud.settings.key, ports=cloud.ports)
    return reply(202, **door.take_in(path, request.mimetype, body))
