"""`ring`: an alarm becomes a message."""

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import called_by_us, replies, reply
from functions.observe.call import note
from schemas.ids import is_safe_id
from workflows.runtime.bury import bury_unreadable
from workflows.runtime.ports import Alarm
from workflows.runtime.ring import alarm_from_json, ring


@replies
@called_by_us
def handle(request: Request) -> Response:
    """Publish that the timer rang; too early is answered with 503, so that Cloud Tasks tries again."""
    cloud = bootstrap.cloud()
    body = request.get_data()
    try:
        alarm = _read_alarm(body)
    except ValueError:
        bury_unreadable(body, "no_alarm", cloud.ports, source="ring", key=cloud.settings.key)
        return reply(204)
    rung = ring(alarm, cloud.ports)
    note(case=alarm.case, id=rung.id if rung else None, verdict="rung" if rung else "stale")
    return reply(204)


def _read_alarm(body: bytes) -> Alarm:
    alarm = alarm_from_json(body)
    if not is_safe_id(alarm.case):
        raise ValueError("the case's id is unfit")
    return alarm
