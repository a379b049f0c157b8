"""`collect`: a push from `forms` says that a form of Google's has responses; they are fetched."""

import json

from flask import Request, Response
from pydantic import ValidationError

from functions import bootstrap
from functions.entrypoints.wire import UnreadableError, called_by_us, replies, reply
from functions.forms.providers.google_forms import RESPONSES, Pushed
from workflows.runtime.bury import bury_unreadable


@replies
@called_by_us
def handle(request: Request) -> Response:
    """Read what is new on the form that the push names; what names none goes to the quarantine."""
    cloud = bootstrap.cloud()
    try:
        pushed = _read_pushed(request)
    except UnreadableError as error:
        bury_unreadable(error.body, error.reason, cloud.ports, source="collect", key=cloud.settings.key)
        return reply(204)
    if pushed.event_type == RESPONSES:
        cloud.collector.hear(pushed.form_id, pushed.published_at)
    return reply(204)


def _read_pushed(request: Request) -> Pushed:
    body = request.get_data()
    try:
        message = json.loads(body)["message"]
        return Pushed.model_validate({**message["attributes"], "publishTime": message.get("publishTime")})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ValidationError) as error:
        raise UnreadableError("no_envelope", body) from error
