"""`bury`: what could not be delivered is finished, told again, or laid into the quarantine."""

from flask import Request, Response
from pydantic import ValidationError

from functions import bootstrap
from functions.entrypoints.advance import read_message
from functions.entrypoints.wire import UnreadableError, called_by_us, read_pushed, replies, reply
from functions.observe.call import note
from schemas.messages import Message, Notice
from workflows.runtime.advance import look_ahead
from workflows.runtime.bury import bury, bury_unreadable
from workflows.runtime.intake import faults_of
from workflows.runtime.ports import Ports


@replies
@called_by_us
def handle(request: Request) -> Response:
    """Carry out recorded effects, or keep the message with the reason why it cannot be applied.

    A notice is such an effect, already ordered by a history: it is told again, until `deliver` takes it.
    """
    cloud = bootstrap.cloud()
    try:
        message = read_message(request)
        row = bury(message, _reason(message, cloud.ports), cloud.ports, source="events")
        note(case=message.case, id=message.id, type=message.type, verdict="quarantined" if row else "carried_out")
    except UnreadableError as error:
        notice = _notice_in(request)
        if notice is None:
            bury_unreadable(error.body, error.reason, cloud.ports, source="events", key=cloud.settings.key)
        else:
            cloud.ports.publisher.publish([], [notice])
            note(case=notice.case, id=notice.id, type=notice.type, verdict="told_again")
    return reply(204)


def _notice_in(request: Request) -> Notice | None:
    try:
        return read_pushed(request, Notice, "id", "case")
    except UnreadableError:
        return None


def _reason(message: Message, ports: Ports) -> str:
    """Say why it cannot be applied, by trying once more without changing anything."""
    seen = ports.cases.get(message.case)
    try:
        look_ahead(seen, message, ports.clock.now(), ports.facts)
    except ValidationError as error:  # it would repeat what it read
        return f"ValidationError: {', '.join(faults_of(error))}"[:500]
    except Exception as error:  # noqa: BLE001  whatever it is, it is the reason
        return f"{type(error).__name__}: {error}"[:500]
    return "gave_up: it could not be committed in time"
