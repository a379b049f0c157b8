"""What the API works with, and what every answer of it does."""

import base64
import re
import time
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import current_app, g, jsonify, request
from pydantic import BaseModel, ValidationError
from werkzeug.wrappers import Response

from functions.buckets import Buckets
from functions.forms.strict_json import read_json
from schemas.api_keys import ApiKey, Scope
from schemas.ids import is_safe_id
from schemas.record import Record
from schemas.subscriptions import Subscription, SubscriptionId
from workflows.runtime.api_keys import check_scope
from workflows.runtime.errors import BadForm, NotFound
from workflows.runtime.intake import faults_of
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.ports import Ports

ROOM = "sadari.room"
BURST, PER_SECOND = 120, 10.0
"""How many calls a key may make at once, and how fast they come back."""

PLACE = re.compile(r"(?!__.*__\Z)[A-Za-z0-9~:.+_-]{1,128}")
"""What the stores name places by; Firestore refuses other names of documents."""

Model = TypeVar("Model", bound=BaseModel)


def _of_a_key() -> Buckets:
    return Buckets(time.monotonic, burst=BURST, per_second=PER_SECOND)


def _of_a_stranger() -> Buckets:
    return Buckets(time.monotonic, burst=30, per_second=0.5)


def _of_letters() -> Buckets:
    return Buckets(time.monotonic, burst=5, per_second=1 / 600)


@dataclass(frozen=True, slots=True)
class Room:
    """What the API works with.

    Attributes:
        ports: The ports.
        partners: The ports to partners.
        keys: How much a key may do.
        strangers: How often a network may fail to prove a key, or open the address of a grant.
        letters: How many letters a partner may have sent to mailboxes that have not confirmed anything.
    """

    ports: Ports
    partners: PartnerPorts
    keys: Buckets = field(default_factory=_of_a_key)
    strangers: Buckets = field(default_factory=_of_a_stranger)
    letters: Buckets = field(default_factory=_of_letters)


def room() -> Room:
    """Give what this site works with."""
    found: Room = current_app.extensions[ROOM]
    return found


def key(scope: Scope) -> ApiKey:
    """Give the key of this request, if it lets do this.

    Raises:
        NotAllowed: It does not.
    """
    found: ApiKey = g.key
    check_scope(found, scope)
    return found


def own(subscription_id: str, holder: ApiKey) -> Subscription:
    """Give a subscription of the key's partner; another's is as if there were none.

    Raises:
        NotFound: There is none.
    """
    is_fit = is_safe_id(subscription_id)
    found = room().partners.subscriptions.get(SubscriptionId(subscription_id)) if is_fit else None
    if found is None or found.partner != holder.partner:
        raise NotFound("No such subscription.")
    return found


def read(model: type[Model]) -> Model:
    """Give the body of this request.

    Raises:
        BadJsonError: It is no JSON object.
        BadForm: With every fault.
    """
    body = request.get_data()
    read_json(body or b"{}")
    try:
        return model.model_validate_json(body or b"{}", strict=True)
    except ValidationError as error:
        raise BadForm(faults_of(error)) from error


def asked(model: type[Model]) -> Model:
    """Give what the query of this request asks for.

    Raises:
        BadForm: With every fault; a name that is given twice is one.
    """
    given = {name: values[0] if len(values) == 1 else values for name, values in request.args.lists()}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise BadForm(faults_of(error)) from error


def place(cursor: str) -> str:
    """Give the place in a list that a cursor names.

    Raises:
        BadForm: No page gave this cursor.
    """
    try:
        found = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        raise BadForm({"after": "is no cursor that a page gave"}) from None
    if found and not PLACE.fullmatch(found):
        raise BadForm({"after": "is no cursor that a page gave"})
    return found


def cursor(place: str) -> str:
    """Give the cursor that names a place in a list; nothing has to be escaped in an address."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def answer(content: Record, status: int = 200, **headers: str) -> Response:
    """Give a JSON answer."""
    made = jsonify(content.model_dump(mode="json"))
    made.status_code = status
    for name, value in headers.items():
        made.headers[name.replace("_", "-")] = value
    return made


def nothing() -> Response:
    """Give an answer that says no more than that it is done."""
    made: Any = current_app.response_class(status=204)
    made.headers.pop("Content-Type", None)
    return made  # type: ignore[no-any-return]
