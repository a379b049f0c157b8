"""JSON is taken only if it says one thing."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.forms.strict_json import BadJsonError, read_json
from tests.corpus.rows import as_bytes, rows

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("row", rows("json_bodies"))
def test_a_body_is_read_or_refused_as_the_corpus_says(row: dict[str, Any]) -> None:
    body = as_bytes(row["body"])

    if "gives" in row:
        assert read_json(body) == row["gives"]
        return

    with pytest.raises(BadJsonError, match=row["says"]):
        read_json(body)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_what_was_written_is_read_again(value: dict[str, Any]) -> None:
    for is_ascii in (True, False):
        assert read_json(json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")) == value


@given(st.binary(max_size=80))
def test_no_bytes_at_all_raise_anything_else(body: bytes) -> None:
    with suppress(BadJsonError):
        read_json(body)
