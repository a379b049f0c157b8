"""`sweep`: rings what no alarm rang, destroys drafts whose day has come, and keeps up with forms at providers."""

from dataclasses import asdict

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import called_by_us, replies, reply
from workflows.engine.moments import SEOUL
from workflows.runtime.sweep import sweep


@replies
@called_by_us
def handle(_request: Request) -> Response:
    """Publish every overdue timer, renew watches and read forms that are due, and say which."""
    cloud = bootstrap.cloud()
    rung = [{"case": message.case, "message": message.id} for message in sweep(cloud.ports)]
    cloud.portal_ports.drafts.purge(cloud.ports.clock.now().astimezone(SEOUL).date())
    return reply(200, rung=rung, forms=[asdict(read) for read in cloud.collector.tend()] or None)
