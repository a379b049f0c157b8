"""`reports`: a dealer tells what became of a message that it took, up to three days later.

    POST {"reference", "is_delivered", "reason", "at"}

Signed over its raw bytes (Standard Webhooks) with the dealer's secret.  The same report again changes nothing.
"""

from flask import Request, Response
from pydantic import ValidationError

from functions import bootstrap
from functions.entrypoints.wire import read_body, replies, reply
from functions.forms.signature import verify
from functions.forms.strict_json import read_json
from schemas.letters import Report
from workflows.runtime.errors import BadForm
from workflows.runtime.send import send, take_report

LIMITS = {"application/json": 16 * 1024}
REASON = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
REASON_CHARACTERS_MAX = 64


@replies
def handle(request: Request) -> Response:
    """Note the report, and let a letter that did not arrive leave by another channel."""
    body = read_body(request, LIMITS)
    cloud = bootstrap.cloud()
    dealer = cloud.settings.dealer
    verify(dict(request.headers.items()), body, () if dealer is None else (dealer.secret,))
    letter_id = take_report(_read(body), cloud.ports)
    if letter_id is not None and not cloud.settings.store_path:
        send(letter_id, cloud.ports)
    return reply(204)


def _read(body: bytes) -> Report:
    """Give the report; a reason that is no code could name somebody, and is left out."""
    read_json(body)
    try:
        report = Report.model_validate_json(body, strict=True)
    except ValidationError as error:
        fields = {".".join(map(str, fault["loc"])) or "body": fault["type"] for fault in error.errors()}
        raise BadForm(fields) from error
    is_code = REASON.issuperset(report.reason) and len(report.reason) <= REASON_CHARACTERS_MAX
    return report if is_code and not report.reason.isdigit() else report.model_copy(update={"reason": "other"})
