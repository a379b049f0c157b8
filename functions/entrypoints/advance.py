"""`advance`: a push from `events` becomes one decision."""

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import UnreadableError, called_by_us, read_pushed, replies, reply
from functions.observe.call import note
from schemas.messages import Message
from workflows.runtime import bury
from workflows.runtime.advance import advance
from workflows.runtime.errors import SameIdOtherContent


@replies
@called_by_us
def handle(request: Request) -> Response:
    """Apply the message; what is no message, or misuses an id, goes to the quarantine."""
    cloud = bootstrap.cloud()
    try:
        message = read_message(request)
        note(case=message.case, id=message.id, type=message.type)
        note(verdict=advance(message, cloud.ports).verdict)
    except UnreadableError as error:
        bury.bury_unreadable(error.body, error.reason, cloud.ports, source="advance", key=cloud.settings.key)
    except SameIdOtherContent as error:
        bury.bury(message, f"same_id_other_content: {error.detail}", cloud.ports, source="advance")
    return reply(204)


def read_message(request: Request) -> Message:
    """Give the message that a push carries.

    Raises:
        UnreadableError: It carries none.
    """
    return read_pushed(request, Message, "id", "case")
