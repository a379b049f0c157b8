"""`sweep`: rings what no alarm rang, destroys what may not be kept, sends letters, keeps up with forms and partners.

It proves some histories too, each in its turn.
"""

from dataclasses import asdict

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import called_by_us, replies, reply
from functions.observe.log import tell
from schemas.messages import Message
from workflows.engine.moments import SEOUL
from workflows.runtime.destroy import destroy_due
from workflows.runtime.patrol import patrol
from workflows.runtime.ports import Ports
from workflows.runtime.send import send_due
from workflows.runtime.sweep import sweep
from workflows.runtime.tend import tend_deliveries

LATE_SECONDS_MAX = 1800
"""Of these 900 are meant, and 300 pass between two sweeps."""


@replies
@called_by_us
def handle(_request: Request) -> Response:
    """Publish every overdue timer, destroy what is due, send letters, read forms that are due, and say which."""
    cloud = bootstrap.cloud()
    overdue = sweep(cloud.ports)
    _tell(overdue, cloud.ports)
    for finding in patrol(cloud.ports):
        tell("chain_broken", case=finding.case)
    rung = [{"case": message.case, "message": message.id} for message in overdue]
    destroyed = destroy_due(cloud.ports)
    if not cloud.settings.store_path:
        send_due(cloud.ports)
    cloud.ports.drafts.purge(cloud.ports.clock.now().astimezone(SEOUL).date())
    forms = [asdict(read) for read in cloud.collector.tend()]
    tended = asdict(tend_deliveries(cloud.ports, cloud.partner_ports)) if cloud.settings.partners else None
    return reply(200, rung=rung, destroyed=asdict(destroyed), forms=forms or None, deliveries=tended)


def _tell(rung: list[Message], ports: Ports) -> None:
    now = ports.clock.now()
    seconds = [round((now - message.at).total_seconds()) for message in rung]
    late = sum(each > LATE_SECONDS_MAX for each in seconds)
    tell("swept", severity="WARNING" if late else None, rung=len(rung), late=late, late_s=max(seconds, default=0))
