"""Reads JSON that says one thing only."""

import json
import math
from typing import Any

BYTES_MAX = 64 * 1024
DEPTH_MAX = 20
DIGITS_MAX = 100


class BadJsonError(ValueError):
    """The body is no JSON that can be taken; says why."""


def read_json(body: bytes, *, bytes_max: int = BYTES_MAX) -> dict[str, Any]:
    """Give the object in the body.

    Raises:
        BadJsonError: It is larger than `bytes_max`, no UTF-8, no object, nested deeper than 20, names a key twice, or
            holds a number that is no number.
    """
    if len(body) > bytes_max:
        raise BadJsonError(f"the body is over {bytes_max} bytes")
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(
            text,
            object_pairs_hook=_no_repeats,
            parse_constant=_no_constant,
            parse_int=_short_int,
            parse_float=_finite_float,
        )
    except UnicodeDecodeError as error:
        raise BadJsonError("the body is not UTF-8") from error
    except RecursionError as error:
        raise BadJsonError(f"the body is nested deeper than {DEPTH_MAX}") from error
    except json.JSONDecodeError as error:
        raise BadJsonError(f"the body is no JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    if not isinstance(value, dict):
        raise BadJsonError("the body is no JSON object")
    if _depth(value) > DEPTH_MAX:
        raise BadJsonError(f"the body is nested deeper than {DEPTH_MAX}")
    return value


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJsonError("the body names a key twice")
    return found


def _no_constant(name: str) -> Any:
    raise BadJsonError(f"the body holds {name}, which is no JSON")


def _short_int(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise BadJsonError("the body holds a number of too many digits")
    return int(digits)


def _finite_float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise BadJsonError("the body holds a number that is too large")
    return number


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        if deepest > DEPTH_MAX:
            break
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
            if isinstance(inner, dict | list)
        ]
    return deepest
