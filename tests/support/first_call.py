"""The first call that each function gets, on a running local stack: a right one, as its caller makes it."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from functions.forms.signature import sign
from functions.stack.local_stack import LocalStack
from schemas.deliveries import DeliveryId
from schemas.ids import CaseId, MessageId
from schemas.messages import Actor, Message, Timer
from schemas.subscriptions import SubscriptionId
from tests.support.cohort import CALENDAR, DAY, HOUR, TERMS, moved
from tests.support.post import a_notice
from workflows.runtime.attempt import due_to_json
from workflows.runtime.partner_ports import Due
from workflows.runtime.ports import Alarm
from workflows.runtime.ring import alarm_to_json

NOW = CALENDAR.applications_open + HOUR
CALENDAR_OF_LATER = moved(1, applications_close=NOW + 40 * DAY)
"""So far ahead that no alarm is set for it: `sweep` rings it."""


@dataclass(frozen=True)
class FirstCall:
    """A call as it goes over the wire, and the status of its answer."""

    path: str = "/"
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 204

    def to_json(self) -> dict[str, Any]:
        """Give what has to be said to make the call."""
        return {"path": self.path, "method": self.method, "headers": self.headers, "body": self.body}


def submitted(number: int) -> Message:
    """Give an event that takes one read, one commit of two writes and one notice, and sets no alarm."""
    data = {
        "person": f"person-{number}",
        "round": "round-1",
        "cohort": "2027",
        "programme": "academy",
        "calendar": CALENDAR_OF_LATER.model_dump(mode="json"),
        "terms": TERMS.model_dump(mode="json"),
        "university": "jnu",
        "is_enrolled": True,
        "can_attend": True,
        "answers": "digest",
    }
    applicant = Actor(kind="person", id=f"person-{number}", role="applicant")
    case, message = CaseId(f"application-{number}"), MessageId(f"submitted-{number}")
    return Message(id=message, case=case, type="ApplicationSubmitted", data=data, at=NOW, actor=applicant)


def pushed(model_json: str) -> str:
    """Give the body of a push."""
    data = base64.b64encode(model_json.encode()).decode()
    return json.dumps({"message": {"data": data, "messageId": "1"}, "subscription": "projects/p/subscriptions/s"})


def first_calls(stack: LocalStack, source: str, secret: str) -> dict[str, FirstCall]:
    """Give a right call for every function."""
    ours = {"Authorization": f"Bearer {stack.token()}", "Content-Type": "application/json"}
    dealer = stack.settings.dealer
    assert dealer is not None, "the stack sends"
    event = {"type": "OfferDeclined", "case": "application-1", "data": {}, "submitted_at": NOW.isoformat()}
    event["actor"] = {"kind": "person", "id": "person-1", "role": "applicant"}
    report = {"reference": "nobody", "is_delivered": True, "reason": "", "at": NOW.isoformat()}
    timer = Timer(due=NOW, rings_at=NOW, visit=0, armed=1)
    alarm = alarm_to_json(Alarm(CaseId("application-1"), "submitted.form_closes", timer)).decode()
    due = due_to_json(Due(DeliveryId("none"), SubscriptionId("none"), 1, NOW)).decode()
    notice = a_notice("OfferExpiring", answer_by=NOW.isoformat()).model_dump_json()
    form = {"message": {"attributes": {"formId": "f", "eventType": "RESPONSES", "watchId": "w"}, "publishTime": "x"}}
    return {
        "intake": FirstCall(f"/{source}/events", headers=_signed(event, secret), body=json.dumps(event), status=202),
        "advance": FirstCall(headers=ours, body=pushed(submitted(1).model_dump_json())),
        "ring": FirstCall(headers=ours, body=alarm),
        "sweep": FirstCall(headers=ours, body="{}", status=200),
        "bury": FirstCall(headers=ours, body=pushed(submitted(2).model_dump_json())),
        "deliver": FirstCall(headers=ours, body=pushed(notice)),
        "attempt": FirstCall(headers=ours, body=due),
        "collect": FirstCall(headers=ours, body=json.dumps(form)),
        "reports": FirstCall(headers=_signed(report, dealer.secret), body=json.dumps(report)),
        "console": FirstCall("/", method="GET", status=303),
        "portal": FirstCall("/apply/round-1", method="GET", status=404),
        "api": FirstCall("/openapi.json", method="GET", status=200),
    }


def _signed(content: dict[str, Any], secret: str) -> dict[str, str]:
    return {"Content-Type": "application/json", **sign("first", json.dumps(content).encode(), secret)}
