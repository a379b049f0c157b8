"""What somebody has submitted at a provider, in the same words for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, TypeAdapter, ValidationError

Answer = bool | tuple[str, ...]
"""Yes or no where the provider knows that, otherwise what was written or chosen."""

ID_MAX = 200
_INSTANT = TypeAdapter(AwareDatetime)


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody has submitted.

    Attributes:
        form_id: What the provider calls the form.
        id: Names the submission, and this version of it: the same again is a repeat.
        at: When it was submitted, by the provider's clock.
        answers: By question; what was not answered is not there.
    """

    form_id: str
    id: str
    at: datetime
    answers: Mapping[str, Answer]


class UnreadableSubmissionError(ValueError):
    """What the provider sent is not of the form that it documents; says where, without repeating it."""


Listed = Submission | UnreadableSubmissionError
"""One of a list: what cannot be read does not hide what comes after it."""


class NoSubmissionError(Exception):
    """The delivery is about something else; there is nothing to take in."""


def text_at(value: Any, *path: str) -> str:
    """Give the text at a place of what a provider sent.

    Raises:
        UnreadableSubmissionError: There is none, or it is longer than any id or time.
    """
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, str) or not 0 < len(value) <= ID_MAX:
        raise UnreadableSubmissionError(f"there is no text at [{'.'.join(path)}]")
    return value


def instant_at(value: Any, *path: str) -> datetime:
    """Give the instant at a place, which has to say its offset.

    Raises:
        UnreadableSubmissionError: There is none.
    """
    text = text_at(value, *path)
    try:
        return _INSTANT.validate_python(text)
    except ValidationError as error:
        raise UnreadableSubmissionError(f"there is no time with an offset at [{'.'.join(path)}]") from error


def list_at(value: Any, *path: str) -> list[dict[str, Any]]:
    """Give the objects in the list at a place.

    Raises:
        UnreadableSubmissionError: There is no list of objects.
    """
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise UnreadableSubmissionError(f"there is no list of objects at [{'.'.join(path)}]")
    return value


def written(value: Any) -> tuple[str, ...]:
    """Give what was written or chosen as texts; nothing at all where the question was left empty."""
    if value is None or value == "":
        return ()
    if isinstance(value, list):
        return tuple(text for each in value for text in written(each))
    if isinstance(value, str):
        return (value,)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, int | float):
        return (f"{value:g}" if isinstance(value, float) else str(value),)
    raise UnreadableSubmissionError("an answer is neither text nor number")
