"""A notice as partners read it: CloudEvents 1.0, structured mode, thin unless consent lets fields go."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python

from schemas.catalogue import CATALOGUE, TYPE_OF
from schemas.messages import Notice
from schemas.people import Person

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
BODY_BYTES_MAX = 20_000
"""Larger ones are refused by receivers that follow the advice of Standard Webhooks."""

CONSENTED = "consented"
"""The class of an event with personal fields."""

FIELDS: Mapping[str, str] = {
    "name": "name",
    "email": "email",
    "phone": "contact",
}
"""Personal fields that a subscription may ask for, and where the vault holds them."""


def schema_at(api_url: str, kind: str) -> str:
    """Give where the schema of a type can be read; CloudEvents asks for a whole URI, and libraries check that."""
    return f"{api_url}/schemas/{kind}.json"


def event_of(notice: Notice, api_url: str, *, person: Person | None = None, fields: tuple[str, ...] = ()) -> str:
    """Give the body that tells a notice: the same bytes for the same notice and person.

    Args:
        notice: What is told.
        api_url: Where the API is reached from outside; it gives the schemas.
        person: Whose fields go with it, where consent lets them.
        fields: Which of them.
    """
    data = {"case": notice.case, **notice.data}
    if person is not None:
        data["person"] = _fields_of(person, fields)
    kind = next(each for each in CATALOGUE if each.type == TYPE_OF[notice.type])
    return _write(
        id=notice.id,
        source=f"/programmes/{notice.programme}" if notice.programme else "/sadari",
        type=kind.type,
        subject=f"{notice.workflow}/{notice.case}",
        time=notice.at,
        data=data,
        more={
            "dataschema": schema_at(api_url, kind.type),
            "programid": notice.programme,
            "cohortid": notice.cohort,
            "sequence": f"{notice.seq:08d}" if notice.seq else "",
            "piiclass": "" if person is None else CONSENTED,
        },
    )


def refitted(body: str, *, person: Person | None, fields: tuple[str, ...]) -> str:
    """Give the event of a body with these fields of the person instead of those that are in it; None: with none."""
    event = json.loads(body)
    event.pop("piiclass", None)
    event["data"].pop("person", None)
    if person is not None:
        event["piiclass"] = CONSENTED
        event["data"]["person"] = _fields_of(person, fields)
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _fields_of(person: Person, fields: tuple[str, ...]) -> dict[str, str]:
    return {field: getattr(person, FIELDS[field]) for field in fields}


def _write(*, id: str, source: str, type: str, subject: str, time: datetime, data: Any, more: Mapping[str, str]) -> str:  # noqa: A002  the names of CloudEvents
    event = {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": type,
        "subject": subject,
        "time": to_jsonable_python(time),
        "datacontenttype": "application/json",
        **{name: value for name, value in more.items() if value},
        "data": to_jsonable_python(data),
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
