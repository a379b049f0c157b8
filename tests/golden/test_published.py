"""What partners are promised."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas.catalogue import CATALOGUE, TYPE_OF, Published
from schemas.notices import NOTICES, personal_fields
from schemas.roles import PARTNERS
from tests.golden.rewrite import broken_promises, golden
from workflows.definitions import WORKFLOWS
from workflows.engine.definition import Notify
from workflows.runtime.promised import breaking, example_of, schema_of, schemas


@pytest.mark.parametrize("published", CATALOGUE, ids=lambda each: each.type)
def test_the_example_of_a_type_is_as_its_schema_says(published: Published) -> None:
    schema = json.loads(schemas()[f"{published.type}.json"])
    Draft202012Validator.check_schema(schema)

    Draft202012Validator(schema).validate(json.loads(example_of(published)))


def test_no_promise_is_broken() -> None:
    assert broken_promises(golden()) == []


def test_every_notice_to_partners_has_a_type_and_nothing_personal() -> None:
    told = {
        order.notice.__name__
        for workflow in WORKFLOWS.values()
        for state in workflow.states.values()
        for order in (
            *state.entry,
            *(do for on in state.ons for do in on.do),
            *(do for ring in state.rings for do in ring.do),
        )
        if isinstance(order, Notify) and order.role is PARTNERS
    }

    assert told <= TYPE_OF.keys()
    assert [name for name in told if personal_fields(NOTICES[name])] == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"required": []}, ".a: no longer certain"),
        ({"properties": {}}, ".a: gone"),
        ({"properties": {"a": {"type": "integer"}, "b": {"enum": ["x"]}}}, ".a: another type"),
        ({"properties": {"a": {"type": "string"}, "b": {"enum": ["x", "y"]}}}, ".b: [y] is new"),
    ],
)
def test_a_change_that_a_receiver_could_stumble_over_is_named(change: dict[str, Any], named: str) -> None:
    before = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"enum": ["x"]}}}

    assert named in breaking(before, {**before, **change})


def test_what_is_added_breaks_nothing() -> None:
    before = schema_of(CATALOGUE[0])
    now = json.loads(json.dumps(before))
    now["properties"]["data"]["properties"]["new"] = {"type": "string"}
    now["required"].append("dataschema")

    assert breaking(before, now) == []
