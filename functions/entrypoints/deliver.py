"""`deliver`: a push from `notices` becomes deliveries to partners, a record, and a letter that leaves when it may."""

from functools import cache

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import UnreadableError, called_by_us, read_pushed, replies, reply
from functions.observe.call import note
from functions.post.check import check_texts
from schemas.ids import is_safe_id
from schemas.messages import Notice
from workflows.runtime.bury import bury_unreadable
from workflows.runtime.deliver import deliver
from workflows.runtime.fan_out import fan_out
from workflows.runtime.send import letter_id_of, send

_checked = cache(check_texts)
"""Once in a process, before the first letter: a fault in a text stops all of them, and is seen at once."""


@replies
@called_by_us
def handle(request: Request) -> Response:
    """Deliver the notice; what is none goes to the quarantine."""
    _checked()
    cloud = bootstrap.cloud()
    try:
        notice = _read_notice(request)
        note(case=notice.case, id=notice.id, type=notice.type)
        if cloud.settings.partners is not None:
            fan_out(notice, cloud.ports, cloud.partner_ports)
        deliver(notice, cloud.ports)
        if notice.person and not cloud.settings.store_path:  # there the worker sends, after its transaction
            send(letter_id_of(notice), cloud.ports)
    except UnreadableError as error:
        bury_unreadable(error.body, error.reason, cloud.ports, source="deliver", key=cloud.settings.key)
    return reply(204)


def _read_notice(request: Request) -> Notice:
    notice = read_pushed(request, Notice, "id", "case")
    if notice.person and not is_safe_id(notice.person):
        raise UnreadableError("unfit_id", request.get_data())
    return notice
