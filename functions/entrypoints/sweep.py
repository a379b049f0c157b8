"""`sweep`: rings what no alarm rang, and destroys the drafts whose day has come."""

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import called_by_us, replies, reply
from workflows.engine.moments import SEOUL
from workflows.runtime.sweep import sweep


@replies
@called_by_us
def handle(_request: Request) -> Response:
    """Publish every overdue timer, and say which."""
    cloud = bootstrap.cloud()
    rung = sweep(cloud.ports)
    cloud.portal_ports.drafts.purge(cloud.ports.clock.now().astimezone(SEOUL).date())
    return reply(200, rung=[{"case": message.case, "message": message.id} for message in rung])
