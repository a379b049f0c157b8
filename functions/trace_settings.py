"""Reads where spans go."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.forms.strict_json import read_json


@dataclass(frozen=True, slots=True)
class Traces:
    """Where spans go, and how many.

    Attributes:
        to: The address of a collector that speaks OTLP over HTTP, or `file:PATH`.
        share: Of the traces that begin here, 0 to 1; what a caller of ours samples is sampled.
    """

    to: str
    share: float


def read_traces(env: Mapping[str, str], faults: list[str]) -> Traces | None:
    """Read SADARI_TRACES; None if spans go nowhere."""
    text = env.get("SADARI_TRACES", "")
    if not text:
        return None
    try:
        given = read_json(text.encode())
    except ValueError:
        given = {}
    to, share = str(given.get("to", "")), given.get("share")
    is_place = to.startswith(("https://", "http://", "file:"))
    is_share = isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share <= 1
    if set(given) != {"to", "share"} or not is_place or not is_share or share is None:
        faults.append("SADARI_TRACES is not of the form {to: https://... or file:..., share: 0 to 1}")
        return None
    if env.get("K_SERVICE") and not to.startswith("https://"):
        faults.append("SADARI_TRACES names a place that is not https, but this is production")
    return Traces(to, float(share))
