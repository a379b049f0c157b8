"""`sweep`: rings what no alarm rang, destroys what may not be kept, sends letters, keeps up with forms and partners."""

from dataclasses import asdict

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import called_by_us, replies, reply
from workflows.engine.moments import SEOUL
from workflows.runtime.destroy import destroy_due
from workflows.runtime.send import send_due
from workflows.runtime.sweep import sweep
from workflows.runtime.tend import tend_deliveries


@replies
@called_by_us
def handle(_request: Request) -> Response:
    """Publish every overdue timer, destroy what is due, send letters, read forms that are due, and say which."""
    cloud = bootstrap.cloud()
    rung = [{"case": message.case, "message": message.id} for message in sweep(cloud.ports)]
    destroyed = destroy_due(cloud.ports)
    if not cloud.settings.store_path:
        send_due(cloud.ports)
    cloud.ports.drafts.purge(cloud.ports.clock.now().astimezone(SEOUL).date())
    forms = [asdict(read) for read in cloud.collector.tend()]
    tended = asdict(tend_deliveries(cloud.ports, cloud.partner_ports)) if cloud.settings.partners else None
    return reply(200, rung=rung, destroyed=asdict(destroyed), forms=forms or None, deliveries=tended)
