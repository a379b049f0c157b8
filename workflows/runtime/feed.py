"""Events for partners who read them from a topic: what they can be filtered by, and the filter that does it."""

from collections.abc import Mapping, Sequence

from schemas.catalogue import TYPE_OF
from schemas.messages import Notice
from workflows.runtime.cloud_event import CONTENT_TYPE

FILTER_BYTES_MAX = 256
"""Pub/Sub refuses longer filters."""


def attributes_of(notice: Notice) -> Mapping[str, str]:
    """Give what stands beside an event: the routing facts, never personal, so that a filter need not read it."""
    found = {
        "content-type": CONTENT_TYPE,
        "id": notice.id,
        "type": TYPE_OF[notice.type],
        "cohort": notice.cohort,
        "programme": notice.programme,
    }
    return {name: value for name, value in found.items() if value}


def filter_of(types: Sequence[str], *, cohort: str = "", programme: str = "") -> str:
    """Give the filter of a Pub/Sub subscription for these types, cohort and programme; empty lets everything pass.

    Raises:
        ValueError: Pub/Sub would refuse it, as it is too long.
    """
    wanted = [_of_type(each) for each in types if each != "*"] if "*" not in types else []
    either = f"({' OR '.join(wanted)})" if len(wanted) > 1 else "".join(wanted)
    named = {"cohort": cohort, "programme": programme}
    parts = [either, *(f"attributes.{name} = {_quoted(value)}" for name, value in named.items() if value)]
    text = " AND ".join(part for part in parts if part)
    if len(text.encode()) > FILTER_BYTES_MAX:
        raise ValueError(f"the filter is longer than {FILTER_BYTES_MAX} bytes; name fewer types, with a star")
    return text


def _of_type(pattern: str) -> str:
    if pattern.endswith("*"):
        return f"hasPrefix(attributes.type, {_quoted(pattern[:-1])})"
    return f"attributes.type = {_quoted(pattern)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
