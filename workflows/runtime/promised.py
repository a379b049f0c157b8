"""What partners are promised: a JSON Schema of each type, and the catalogue of all of them with an example each."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic import BaseModel

from schemas.catalogue import CATALOGUE, ConsentWithdrawn, Published, SubscriptionTested
from schemas.ids import CaseId, MessageId
from schemas.messages import Notice
from workflows.runtime.cloud_event import event_of

DRAFT = "https://json-schema.org/draft/2020-12/schema"
EXAMPLE_API = "https://sadari.example/api"
WHEN = datetime(2027, 4, 16, 9, 0, tzinfo=UTC)
WORKFLOW_OF: Mapping[str, str] = {
    **dict.fromkeys(("RoundOpened", "ResultsPublished", "RoundFilled"), "round"),
    "LearnerEnrolled": "application",
    **dict.fromkeys(("PhaseCompleted", "LearnerCompleted", "LearnerLeft"), "enrolment"),
    "OutcomeKnown": "outcome",
    **dict.fromkeys(("ProcessingSuspended", "DataCorrected", "DataErased"), "data_request"),
    ConsentWithdrawn.__name__: "privacy",
    SubscriptionTested.__name__: "subscriptions",
}
"""What the subject of an event begins with."""

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "RoundOpened": {"cohort": "2027-1"},
    "ResultsPublished": {"cohort": "2027-1", "offered": 30},
    "RoundFilled": {"cohort": "2027-1"},
    "LearnerEnrolled": {"cohort": "2027-1"},
    "PhaseCompleted": {"cohort": "2027-1", "phase_completed": "online"},
    "LearnerCompleted": {"cohort": "2027-1"},
    "LearnerLeft": {"cohort": "2027-1"},
    "OutcomeKnown": {"cohort": "2027-1", "status": "hired"},
    "ProcessingSuspended": {},
    "DataCorrected": {},
    "DataErased": {},
    ConsentWithdrawn.__name__: {"fields": ["name", "email"], "withdrawn_at": "2027-04-16T09:00:00Z"},
    SubscriptionTested.__name__: {"subscription": "jdv2mfc7mkuqbbf4z6zvyvqwpdnmcxhi"},
}


def schema_of(published: Published) -> dict[str, Any]:
    """Give the JSON Schema of an event of a type; what it does not name may come as well."""
    data = _data_of(published.data)
    required = ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"]
    text = {"type": "string"}
    return {
        "$schema": DRAFT,
        "$id": f"{published.type}.json",
        "title": published.type,
        "description": (published.data.__doc__ or "").strip().splitlines()[0],
        "type": "object",
        "required": required,
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {**text, "description": "The notice; the same in every delivery and repeat."},
            "source": text,
            "type": {"const": published.type},
            "subject": {**text, "description": "The workflow and the opaque id of the case."},
            "time": {**text, "format": "date-time", "description": "When it happened."},
            "datacontenttype": {"const": "application/json"},
            "dataschema": text,
            "programid": text,
            "cohortid": text,
            "sequence": {**text, "description": "Of two events about one case, the later has the higher."},
            "piiclass": {"const": "consented", "description": "Only there where `person` is."},
            "data": data,
        },
    }


def _data_of(model: type[BaseModel]) -> dict[str, Any]:
    made = model.model_json_schema()
    fields = {name: _plain(field) for name, field in made.get("properties", {}).items()}
    fields["case"] = {"type": "string", "description": "The opaque id of the case."}
    person = {
        "type": "object",
        "description": "Only for subscriptions that may be sent these fields, where the learner's consent stands.",
        "properties": {name: {"type": "string"} for name in ("name", "email", "phone")},
    }
    fields["person"] = person
    found: dict[str, Any] = {"type": "object", "required": sorted({"case", *made.get("required", [])})}
    found["properties"] = dict(sorted(fields.items()))
    if "$defs" in made:
        found["$defs"] = {name: _plain(each) for name, each in made["$defs"].items()}
    return found


def _plain(field: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in field.items() if name not in {"title", "description"}}


@cache
def schemas() -> Mapping[str, str]:
    """Give the text of each schema by the name of its file."""
    return {
        f"{each.type}.json": json.dumps(schema_of(each), indent=2, ensure_ascii=False).replace(
            "#/$defs", "#/properties/data/$defs"
        )
        + "\n"
        for each in CATALOGUE
    }


def example_of(published: Published) -> str:
    """Give an event of a type as it is sent."""
    name = published.data.__name__
    notice = Notice(
        id=MessageId("r5yb2c6kqzr7mhp3d4aw2cikn6m7qv3e"),
        type=name,
        role="partners",
        case=CaseId("c3n5w2ikqzr7mhp3d4aw2cikn6m7qv3e"),
        workflow=WORKFLOW_OF[name],
        cohort="2027-1",
        programme="gwangju-ai",
        seq=12,
        data=dict(EXAMPLES[name]),
        at=WHEN,
    )
    return event_of(notice, EXAMPLE_API)


def catalogue_page() -> str:
    """Give the page of all types, with an example each."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# What partners can be told"
    yield ""
    yield "Generated from `schemas/catalogue.py` by `make golden`."
    yield ""
    yield "Each event is a CloudEvent 1.0 in structured mode. It says what changed and about which case, by opaque ids."
    yield "Nothing personal is in it, unless the subscription may be sent it and the learner's consent stands at that"
    yield "moment: then `data.person` holds those fields. Fields may be added at any time; a change that a receiver"
    yield "could stumble over gets a new major version, and a type of its own."
    yield ""
    yield "| type | says |"
    yield "|---|---|"
    for each in CATALOGUE:
        yield f"| [`{each.type}`](#{each.type.replace('.', '')}) | {_says(each)} |"
    for each in CATALOGUE:
        yield ""
        yield f"## {each.type}"
        yield ""
        yield f"{_says(each)} Schema: [`{each.type}.json`](../schemas/published/{each.type}.json)."
        yield ""
        yield "```json"
        yield json.dumps(json.loads(example_of(each)), indent=2, ensure_ascii=False)
        yield "```"
    yield ""


def _says(published: Published) -> str:
    return (published.data.__doc__ or "").strip().splitlines()[0]


def breaking(before: Mapping[str, Any], now: Mapping[str, Any], at: str = "") -> list[str]:
    """Name every change of a schema that a receiver could stumble over.

    A field that is gone or no longer certain, another type, and a value that was not among the possible ones before.
    """
    found = [
        f"{at or '.'}: another type"
        for name in ("type", "const", "$ref", "format")
        if before.get(name) != now.get(name)
    ]
    gone = set(before.get("required", [])) - set(now.get("required", []))
    found += [f"{at}.{name}: no longer certain" for name in sorted(gone)]
    if "enum" in before:
        found += [f"{at}: [{value}] is new" for value in now.get("enum", ["anything"]) if value not in before["enum"]]
    for part in ("properties", "$defs"):
        for name, field in before.get(part, {}).items():
            other = now.get(part, {}).get(name)
            found += [f"{at}.{name}: gone"] if other is None else breaking(field, other, f"{at}.{name}")
    return found
