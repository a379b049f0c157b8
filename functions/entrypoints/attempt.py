"""`attempt`: an alarm becomes one signed call to a partner."""

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import called_by_us, replies, reply
from functions.observe.call import note
from workflows.runtime.attempt import attempt, due_from_json
from workflows.runtime.bury import bury_unreadable


@replies
@called_by_us
def handle(request: Request) -> Response:
    """Make the attempt; too early is answered with 503, so that Cloud Tasks tries again."""
    cloud = bootstrap.cloud()
    body = request.get_data()
    try:
        due = due_from_json(body)
    except ValueError:
        bury_unreadable(body, "no_attempt", cloud.ports, source="attempt", key=cloud.settings.key)
        return reply(204)
    state = attempt(due, cloud.ports, cloud.partner_ports)
    note(delivery=due.delivery, subscription=due.subscription, verdict=state or "stale")
    return reply(204)
