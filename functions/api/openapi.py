"""The API, described for programmes: OpenAPI 3.1, made of the models that the views read and answer with."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions.api import models as m
from functions.api.problems import MEDIA
from schemas.api_keys import Scope

REF = "#/components/schemas/{model}"
JSON, HTML = "application/json", "text/html"
TEXT = {"type": "string"}

S_READ, S_WRITE = Scope.SUBSCRIPTIONS_READ, Scope.SUBSCRIPTIONS_WRITE
D_READ, D_WRITE = Scope.DELIVERIES_READ, Scope.DELIVERIES_WRITE


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for.

    Attributes:
        scope: What the key needs; None: no key.
        answer: The model of the answer; None: it is a page, or nothing.
        faults: What else may be answered, beside what every call may be.
    """

    method: str
    path: str
    summary: str
    scope: Scope | None
    status: int
    answer: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    faults: tuple[int, ...] = ()
    has_etag: bool = False
    media: str = JSON
    more: Mapping[str, Any] = field(default_factory=dict)


ONE = "/subscriptions/{subscription}"
CHANGED = (404, 409)
OPERATIONS = (
    Operation("get", "/subscriptions", "List your subscriptions.", S_READ, 200, m.SubscriptionPage, query=m.ListQuery),
    Operation(
        *("post", "/subscriptions", "Register a subscription and ask its receiver for consent.", S_WRITE, 201),
        answer=m.SubscriptionMade,
        body=m.NewSubscription,
        faults=(409,),
        has_etag=True,
    ),
    Operation("get", ONE, "Give a subscription.", S_READ, 200, m.SubscriptionShown, faults=(404,), has_etag=True),
    Operation(
        *("patch", ONE, "Change what a subscription asks for, and where.", S_WRITE, 200, m.SubscriptionAsked),
        body=m.Changes,
        faults=(*CHANGED, 412),
        has_etag=True,
    ),
    Operation("delete", ONE, "End a subscription for good.", S_WRITE, 204, faults=(*CHANGED, 412)),
    Operation(
        *("post", f"{ONE}/pause", "Send nothing for now; what comes meanwhile waits.", S_WRITE, 200),
        answer=m.SubscriptionShown,
        body=m.Pausing,
        faults=CHANGED,
        has_etag=True,
    ),
    Operation(
        *("post", f"{ONE}/resume", "Send again, what waited first.", S_WRITE, 200, m.SubscriptionShown),
        body=m.Empty,
        faults=CHANGED,
        has_etag=True,
    ),
    Operation(
        *("post", f"{ONE}/rotate", "Sign with a new secret; the former one signs as well for a day.", S_WRITE, 200),
        answer=m.SubscriptionMade,
        body=m.Empty,
        faults=CHANGED,
        has_etag=True,
    ),
    Operation(
        *("post", f"{ONE}/test", "Send a test event.", S_WRITE, 202, m.DeliveryId), body=m.Testing, faults=CHANGED
    ),
    Operation(
        *("post", f"{ONE}/ask", "Ask the receiver for consent once more.", S_WRITE, 200, m.SubscriptionAsked),
        body=m.Empty,
        faults=CHANGED,
        has_etag=True,
    ),
    Operation(
        *("post", f"{ONE}/recover", "Send again what failed and was made in a time.", D_WRITE, 202, m.Count),
        body=m.Span,
        faults=CHANGED,
    ),
    Operation(
        *("post", f"{ONE}/replay", "Make the deliveries that are missing in a time.", D_WRITE, 202, m.Count),
        body=m.Span,
        faults=CHANGED,
    ),
    Operation(
        *("get", "/deliveries", "List deliveries, by when they were made.", D_READ, 200, m.DeliveryPage),
        query=m.DeliveryQuery,
        faults=(404,),
    ),
    Operation(
        *("get", "/deliveries/{delivery}", "Give a delivery with its attempts.", D_READ, 200, m.DeliveryDetail),
        faults=(404,),
    ),
    Operation(
        *("post", "/deliveries/{delivery}/redeliver", "Send a delivery again: the same id and bytes.", D_WRITE, 202),
        answer=m.DeliveryShown,
        body=m.Empty,
        faults=CHANGED,
    ),
    Operation(
        *("get", "/events", "Fetch what happened; repeat with `next`, for ever.", Scope.EVENTS_READ, 200, m.EventPage),
        query=m.ListQuery,
    ),
    Operation(
        *("get", "/schemas/{file}", "Give the JSON Schema of a type, as `dataschema` names it.", None, 200),
        media="application/schema+json",
        faults=(404,),
    ),
    Operation(
        *("get", "/grants/{subscription}/{token}", "Show what is asked of people of a partner.", None, 200),
        media=HTML,
        faults=(404,),
    ),
    Operation(
        *("post", "/grants/{subscription}/{token}", "Take the consent of people of a partner.", None, 200),
        media=HTML,
        faults=CHANGED,
    ),
)
FAULTS = {
    400: "The body is no JSON object.",
    401: "No valid key.",
    403: "The key does not let you do this.",
    404: "There is no such thing, or it is not yours.",
    409: "It cannot be done as things stand.",
    411: "The length of the body is not given.",
    412: "If-Match names another version.",
    413: "The body is over 64 KiB.",
    415: "The body is no JSON, or is compressed.",
    422: "Fields are not as they should be; `errors` names each.",
    429: "Too many calls; `Retry-After` says how long to wait.",
    503: "Not at the moment; try again.",
}


@cache
def document() -> str:
    """Give the text of the document."""
    return json.dumps(_document(), indent=2, ensure_ascii=False) + "\n"


def _document() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sadari for partners",
            "version": "1",
            "description": "Subscriptions, deliveries and events. Start with docs/partners.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "`sadari_…`, once shown."}},
            "schemas": _schemas(),
        },
    }


def _schemas() -> dict[str, Any]:
    bodies = {each.body for each in OPERATIONS if each.body}
    answers = {each.answer for each in OPERATIONS if each.answer} | {m.Problem}
    wanted: list[Any] = [(each, "validation") for each in sorted(bodies, key=lambda each: each.__name__)]
    wanted += [(each, "serialization") for each in sorted(answers, key=lambda each: each.__name__)]
    _, made = models_json_schema(wanted, ref_template=REF)
    return dict(sorted(made["$defs"].items()))


def _operation(each: Operation) -> dict[str, Any]:
    named = {200: "Done.", 201: "Made.", 202: "On its way.", 204: "Done."}[each.status]
    success: dict[str, Any] = {"description": named}
    if each.answer is not None:
        success["content"] = {JSON: {"schema": {"$ref": REF.format(model=each.answer.__name__)}}}
    elif each.status != 204:  # noqa: PLR2004  no content
        success["content"] = {each.media: {"schema": TEXT if each.media == HTML else {"type": "object"}}}
    if each.has_etag:
        success["headers"] = {"ETag": {"schema": TEXT, "description": "The version, for If-Match."}}
    made: dict[str, Any] = {
        "operationId": _name_of(each),
        "summary": each.summary,
        "parameters": [*_in_path(each), *_in_query(each), *_conditional(each)],
        "responses": {str(each.status): success, **{str(status): _fault(status) for status in _faults(each)}},
    }
    if each.scope is None:
        made["security"] = []
    else:
        made["description"] = f"Needs the scope `{each.scope}`."
    if each.body is not None:
        needed = any(one.is_required() for one in each.body.model_fields.values())
        made["requestBody"] = {
            "required": needed,
            "content": {JSON: {"schema": {"$ref": REF.format(model=each.body.__name__)}}},
        }
    return made


def _name_of(each: Operation) -> str:
    parts = [part.strip("{}") for part in each.path.split("/") if part]
    return "_".join((each.method, *parts))


def _faults(each: Operation) -> list[int]:
    found = {429, 503, *each.faults}
    if each.scope is not None:
        found |= {401, 403}
    if each.query is not None or each.body is not None:
        found.add(422)
    if each.method in {"post", "patch", "delete"} and each.scope is not None:
        found |= {400, 411, 413, 415}
    return sorted(found)


def _fault(status: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": FAULTS[status],
        "content": {MEDIA: {"schema": {"$ref": REF.format(model=m.Problem.__name__)}}},
    }
    if status in {429, 503}:
        made["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds to wait."}}
    return made


def _in_path(each: Operation) -> Iterator[dict[str, Any]]:
    for part in each.path.split("/"):
        if part.startswith("{"):
            yield {"name": part.strip("{}"), "in": "path", "required": True, "schema": {**TEXT, "minLength": 1}}


def _in_query(each: Operation) -> Iterator[dict[str, Any]]:
    if each.query is None:
        return
    made = each.query.model_json_schema(ref_template=REF)
    defs = made.get("$defs", {})
    for name, schema in made["properties"].items():
        description = schema.pop("description", "")
        plain = _plain(schema, defs)
        told = {"description": description} if description else {}
        yield {"name": name, "in": "query", "required": False, "schema": plain, **told}


def _plain(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Any:
    """Give the schema of a query: nothing is null there, and nothing refers to elsewhere."""
    found = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    if "$ref" in found:
        found = defs[found["$ref"].rpartition("/")[2]]
    return {name: value for name, value in found.items() if name != "default" or value is not None}


def _conditional(each: Operation) -> Iterator[dict[str, Any]]:
    if 412 in each.faults:  # noqa: PLR2004  the condition failed
        yield {"name": "If-Match", "in": "header", "required": False, "schema": TEXT, "description": "The ETag."}
