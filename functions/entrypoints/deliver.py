"""`deliver`: a push from `notices` becomes a record, and a letter."""

from flask import Request, Response
from pydantic import ValidationError

from functions import bootstrap
from functions.entrypoints.wire import UnreadableError, called_by_us, read_push, replies, reply
from schemas.messages import Notice
from workflows.runtime.bury import bury_unreadable
from workflows.runtime.deliver import deliver


@replies
@called_by_us
def handle(request: Request) -> Response:
    """Deliver the notice; what is none goes to the quarantine."""
    ports = bootstrap.cloud().ports
    try:
        deliver(_read_notice(request), ports)
    except UnreadableError as error:
        bury_unreadable(error.body, error.reason, ports, source="deliver", key=bootstrap.cloud().settings.key)
    return reply(204)


def _read_notice(request: Request) -> Notice:
    push = read_push(request)
    try:
        return Notice.model_validate_json(push.data)
    except ValidationError as error:
        raise UnreadableError("no_notice", request.get_data()) from error
