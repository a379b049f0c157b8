"""Reads the environment; nothing else does."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

PREFIX = "SADARI_"
LOCAL_ONLY = ("SADARI_TASKS_ADDRESS", "SADARI_CLOCK", "FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST")


class SettingsError(Exception):
    """The environment is not fit to start in; names every fault."""


@dataclass(frozen=True, slots=True)
class Source:
    """Somebody who may send signed JSON or CSV.

    Attributes:
        secrets: Valid signing secrets (`whsec_...`); two while one is being replaced.
        roles: The roles that the source may speak for.
    """

    secrets: tuple[str, ...] = field(repr=False)
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the functions need to know from outside.

    Attributes:
        key: Names persons without showing their contacts.
        caller: The service account that Pub/Sub and Cloud Tasks call with.
        audience: What their tokens must be made out to.
        queue: The Cloud Tasks queue of timers, as its full name.
        pubsub_address: Of the Pub/Sub emulator; never in production.
        tasks_address: Of the local stack's Cloud Tasks; never in production.
        clock_path: The local stack's clock; never in production.
    """

    project: str
    key: bytes = field(repr=False)
    caller: str
    audience: str
    certs_url: str
    queue: str
    ring_url: str
    sources: Mapping[str, Source]
    pubsub_address: str = ""
    tasks_address: str = ""
    clock_path: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read and check everything at once.

        Raises:
            SettingsError: Names every variable that is missing, unknown, unreadable or out of place.
        """
        needed = ("KEY", "CALLER", "AUDIENCE", "CERTS_URL", "QUEUE", "RING_URL", "SOURCES")
        faults = [f"{PREFIX}{name} is missing" for name in needed if not env.get(PREFIX + name)]
        if not env.get("GOOGLE_CLOUD_PROJECT"):
            faults.append("GOOGLE_CLOUD_PROJECT is missing")
        known = {*(PREFIX + name for name in needed), *LOCAL_ONLY}
        faults += [f"{name} is unknown" for name in sorted(env) if name.startswith(PREFIX) and name not in known]
        if env.get("K_SERVICE"):
            emulators = {name for name in env if name.endswith("_EMULATOR_HOST") and env[name]}
            local = sorted(emulators | {name for name in LOCAL_ONLY if env.get(name)})
            faults += [f"{name} is set, but this is production" for name in local]
        key = _key(env.get(f"{PREFIX}KEY", ""), faults)
        sources = _sources(env.get(f"{PREFIX}SOURCES", "{}"), faults)
        if faults:
            raise SettingsError("; ".join(faults))
        return cls(
            project=env["GOOGLE_CLOUD_PROJECT"],
            key=key,
            caller=env[f"{PREFIX}CALLER"],
            audience=env[f"{PREFIX}AUDIENCE"],
            certs_url=env[f"{PREFIX}CERTS_URL"],
            queue=env[f"{PREFIX}QUEUE"],
            ring_url=env[f"{PREFIX}RING_URL"],
            sources=sources,
            pubsub_address=env.get("PUBSUB_EMULATOR_HOST", ""),
            tasks_address=env.get("SADARI_TASKS_ADDRESS", ""),
            clock_path=env.get("SADARI_CLOCK", ""),
        )


def _key(text: str, faults: list[str]) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if text and len(key) < 32:  # noqa: PLR2004  as long as the hash it keys
        faults.append(f"{PREFIX}KEY is not base64 of at least 32 bytes")
    return key


def _sources(text: str, faults: list[str]) -> dict[str, Source]:
    try:
        return {
            name: Source(tuple(each["secrets"]), frozenset(each["roles"])) for name, each in json.loads(text).items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        faults.append(f"{PREFIX}SOURCES is not JSON of the form {{name: {{secrets: [...], roles: [...]}}}}")
        return {}
