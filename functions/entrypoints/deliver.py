"""`deliver`: a push from `notices` becomes a record, and a letter."""

from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.wire import UnreadableError, called_by_us, read_pushed, replies, reply
from schemas.messages import Notice
from workflows.runtime.bury import bury_unreadable
from workflows.runtime.deliver import deliver
from workflows.runtime.intake import is_safe_id


@replies
@called_by_us
def handle(request: Request) -> Response:
    """Deliver the notice; what is none goes to the quarantine."""
    cloud = bootstrap.cloud()
    try:
        deliver(_read_notice(request), cloud.ports)
    except UnreadableError as error:
        bury_unreadable(error.body, error.reason, cloud.ports, source="deliver", key=cloud.settings.key)
    return reply(204)


def _read_notice(request: Request) -> Notice:
    notice = read_pushed(request, Notice, "id", "case")
    if notice.person and not is_safe_id(notice.person):
        raise UnreadableError("unfit_id", request.get_data())
    return notice
