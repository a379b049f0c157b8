"""Reads SADARI_PARTNERS: who we are to partners, and where their attempts are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from functions.forms.strict_json import read_json

NEEDED = frozenset({"origin", "url"})
NEEDED_ON_GOOGLE = frozenset({"queue", "attempt_url"})
FORM = "{origin: a host name, url: where `api` is reached}"
FORM_ON_GOOGLE = "{origin: a host name, url: where `api` is reached, queue: ..., attempt_url: ...}"
PORT_MAX = 65535


@dataclass(frozen=True, slots=True)
class PartnerSettings:
    """What telling partners needs to know from outside.

    Attributes:
        origin: The name under which receivers are asked for consent.
        url: Where the API is reached from outside, without a slash at the end.
        queue: The Cloud Tasks queue of attempts; empty on the embedded backend.
        topic: The Pub/Sub topic that partners have subscriptions of their own on; empty: there is none.
        attempt_url: Where Cloud Tasks calls `attempt`; empty on the embedded backend.
        admitted: Address and port of receivers on this machine; never in production.
        ours: The names under which we are reached ourselves, where nothing is delivered.
    """

    origin: str
    url: str
    queue: str = ""
    attempt_url: str = ""
    topic: str = ""
    admitted: frozenset[tuple[str, int]] = frozenset()
    ours: frozenset[str] = frozenset()


def read_partners(env: Mapping[str, str], faults: list[str], *, addresses: frozenset[str]) -> PartnerSettings | None:
    """Give how partners are told; None if none are, or with a fault.

    Args:
        env: The environment.
        faults: Gets what is wrong.
        addresses: Further addresses of our own.
    """
    text = env.get("SADARI_PARTNERS", "")
    if not text:
        return None
    try:
        given = dict(read_json(text.encode()))
    except ValueError:
        given = {}
    admitted = read_admitted(given.pop("admitted", []))
    topic = given.pop("topic", "")
    needed = NEEDED if env.get("SADARI_STORE") else NEEDED | NEEDED_ON_GOOGLE
    is_well = (
        set(given) == needed
        and isinstance(topic, str)
        and not (topic and env.get("SADARI_STORE"))
        and all(isinstance(each, str) and each for each in given.values())
    )
    if admitted is None or not is_well:
        form = FORM if env.get("SADARI_STORE") else FORM_ON_GOOGLE
        more = 'and, if wanted, topic: projects/... (on Google), admitted: ["127.0.0.1:PORT", ...] (for development)'
        faults.append(f"SADARI_PARTNERS is not of the form {form} {more}")
        return None
    if env.get("K_SERVICE"):
        if admitted:
            faults.append("SADARI_PARTNERS admits receivers on this machine, but this is production")
        open_ones = (name for name in ("url", "attempt_url") if not given.get(name, "https://").startswith("https://"))
        faults += [f"SADARI_PARTNERS has a {name} that is not https" for name in open_ones]
    ours = {urlsplit(each).hostname or "" for each in (given["url"], given.get("attempt_url", ""), *addresses)}
    return PartnerSettings(
        **{**given, "url": given["url"].rstrip("/")},
        topic=topic,
        admitted=frozenset(admitted),
        ours=frozenset({given["origin"], *ours} - {""}),
    )


def read_admitted(given: Any) -> set[tuple[str, int]] | None:
    """Give the receivers that are named by an address of this machine and a port; None if something else is."""
    if not isinstance(given, list):
        return None
    found = set()
    for each in given:
        host, _, port = str(each).rpartition(":")
        try:
            is_here = ip_address(host).is_loopback and ip_address(host).version == 4  # noqa: PLR2004
        except ValueError:
            return None
        if not is_here or not port.isdecimal() or not 0 < int(port) <= PORT_MAX:
            return None
        found.add((host, int(port)))
    return found
