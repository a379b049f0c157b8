"""`advance`: a push from `events` becomes one decision."""

from flask import Request, Response
from pydantic import ValidationError

from functions import bootstrap
from functions.entrypoints.wire import UnreadableError, called_by_us, read_push, replies, reply
from schemas.messages import Message
from workflows.runtime import bury
from workflows.runtime.advance import advance
from workflows.runtime.errors import SameIdOtherContent


@replies
@called_by_us
def handle(request: Request) -> Response:
    """Apply the message; what is no message, or misuses an id, goes to the quarantine."""
    ports = bootstrap.cloud().ports
    try:
        message = read_message(request)
        advance(message, ports)
    except UnreadableError as error:
        key = bootstrap.cloud().settings.key
        bury.bury_unreadable(error.body, error.reason, ports, source="advance", key=key)
    except SameIdOtherContent as error:
        bury.bury(message, f"same_id_other_content: {error.detail}", ports, source="advance")
    return reply(204)


def read_message(request: Request) -> Message:
    """Give the message that a push carries.

    Raises:
        UnreadableError: It carries none.
    """
    push = read_push(request)
    try:
        return Message.model_validate_json(push.data)
    except ValidationError as error:
        raise UnreadableError("no_message", request.get_data()) from error
