"""`sweep`: rings what no alarm rang."""

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import called_by_us, replies, reply
from workflows.runtime.sweep import sweep


@replies
@called_by_us
def handle(_request: Request) -> Response:
    """Publish every overdue timer, and say which."""
    rung = sweep(bootstrap.cloud().ports)
    return reply(200, rung=[{"case": message.case, "message": message.id} for message in rung])
