"""Reads the environment; nothing else does.  What reads a variable that is not set is not even imported."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions.forms.strict_json import read_json
from schemas.roles import ROLES
from workflows.runtime.signature import is_secret

if TYPE_CHECKING:
    from functions.form_settings import FormSecrets
    from functions.partner_settings import PartnerSettings
    from functions.post.settings import Dealer, MailServer
    from functions.trace_settings import Traces

PREFIX = "SADARI_"
NEEDED = ("KEY", "CALLER", "AUDIENCE", "CERTS_URL", "SOURCES")
NEEDED_ON_GOOGLE = ("QUEUE", "RING_URL")
OPTIONAL = ("CONSOLE", "DATABASE", "DEALER", "FORMS", "IAM", "LINKS", "MAIL", "PARTNERS", "PORTAL_URL", "TRACES")
CONSOLE_NAMES = frozenset({"url", "issuer", "client", "secret"})
UNDO_MINUTES_MAX = 60
ONLY_ON_GOOGLE = ("SADARI_QUEUE", "SADARI_RING_URL", "SADARI_TASKS_ADDRESS", "SADARI_CLOCK")
LOCAL_ONLY = (
    "SADARI_SERVED",
    "SADARI_STORE",
    "SADARI_TASKS_ADDRESS",
    "SADARI_CLOCK",
    "SADARI_FORMS_URLS",
    "FIRESTORE_EMULATOR_HOST",
    "PUBSUB_EMULATOR_HOST",
)
SECURE = ("SADARI_CERTS_URL", "SADARI_RING_URL", "SADARI_PORTAL_URL")
KEY_BYTES_MIN = 32
FORMS_DOOR = "forms"
"""Where providers of forms send to; no source may be called so."""

SOURCE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def target(env: Mapping[str, str]) -> str:
    """Name the function that this process serves; empty where nobody has said."""
    return env.get("FUNCTION_TARGET", "")


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


NOBODY = Source((), frozenset())
"""Stands for a source that there is not: no signature is its."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who confirms the accounts of staff.

    Attributes:
        url: Where the console is reached from outside, without a slash at the end.
        issuer: The issuer's own address, from which everything else is discovered.
        client: What the issuer calls the console.
        secret: What the console proves that with.
        undo_minutes: How long staff may take back an answer that decides; 0 where the clock may stand still.
    """

    url: str
    issuer: str
    client: str
    secret: str = field(repr=False)
    undo_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the functions need to know from outside.

    Attributes:
        key: Names persons without showing their contacts.
        caller: The service account that Pub/Sub and Cloud Tasks call with.
        audience: What their tokens must be made out to: where this function is called, without a path.
        is_behind_iam: Whether Cloud Run itself lets only the caller in, and takes the signature off its tokens.
        issuer: Who confirms the accounts of staff, and where the console is; None: there is no console.
        forms: The secrets of connections to forms at providers.
        forms_urls: Of stand-ins for the providers' APIs; never in production.
        mail: The server that takes our letters; None: none are sent by mail.
        dealer: Who takes our Alimtalk and short messages; None: none are sent.
        partners: How partners are told; None: they are not.
        traces: Where spans go; None: nowhere.
        portal_url: Where people reach the portal, for links in letters; empty: letters carry none.
        link_keys: Sign these links, the newest first, and can be replaced; none: the key does, which never changes.
        project: The Google Cloud project; empty on the embedded backend.
        database: Its Firestore database, such as one that was restored; empty: the default one.
        queue: The Cloud Tasks queue of timers, as its full name; empty on the embedded backend.
        ring_url: Where Cloud Tasks calls `ring`; empty on the embedded backend.
        store_path: The SQLite file of the embedded backend, which then takes the place of Google; never in production.
        pubsub_address: Of the Pub/Sub emulator; never in production.
        tasks_address: Of the local stack's Cloud Tasks; never in production.
        clock_path: The local stack's clock; never in production.
    """

    key: bytes = field(repr=False)
    caller: str
    audience: str
    certs_url: str
    sources: Mapping[str, Source]
    issuer: Issuer | None = None
    forms: Mapping[str, FormSecrets] = field(default_factory=dict)
    forms_urls: Mapping[str, str] = field(default_factory=dict)
    mail: MailServer | None = None
    dealer: Dealer | None = None
    partners: PartnerSettings | None = None
    traces: Traces | None = None
    portal_url: str = ""
    link_keys: tuple[bytes, ...] = field(default=(), repr=False)
    is_behind_iam: bool = False
    project: str = ""
    database: str = ""
    queue: str = ""
    ring_url: str = ""
    store_path: str = ""
    pubsub_address: str = ""
    tasks_address: str = ""
    clock_path: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read and check everything at once.

        Raises:
            SettingsError: Names every variable that is missing, unknown, unreadable or out of place.
        """
        return cls._read(env, [*_missing(env), *_unknown(env), *_out_of_place(env)])

    @classmethod
    def for_commands(cls, env: Mapping[str, str]) -> Settings:
        """Read whatever is given: the project alone is enough to read, to publish and to destroy.

        Raises:
            SettingsError: Names every variable that is unreadable or out of place, or the project that is missing.
        """
        has_store = env.get("GOOGLE_CLOUD_PROJECT") or env.get("SADARI_STORE")
        return cls._read(env, [*_out_of_place(env), *([] if has_store else ["GOOGLE_CLOUD_PROJECT is missing"])])

    @classmethod
    def _read(cls, env: Mapping[str, str], faults: list[str]) -> Settings:
        key = _key("KEY", env.get("SADARI_KEY", ""), faults)
        link_keys = [_key("LINKS", each.strip(), faults) for each in env.get("SADARI_LINKS", "").split(",")]
        sources = _sources(env.get("SADARI_SOURCES", ""), faults)
        issuer = _issuer(env, faults)
        optional = _optional(env, faults, issuer)
        if faults:
            raise SettingsError("; ".join(faults))
        return cls(
            **optional,
            issuer=issuer,
            portal_url=env.get("SADARI_PORTAL_URL", "").rstrip("/"),
            link_keys=tuple(filter(None, link_keys)),
            key=key,
            caller=env.get("SADARI_CALLER", ""),
            audience=env.get("SADARI_AUDIENCE", ""),
            certs_url=env.get("SADARI_CERTS_URL", ""),
            sources=sources,
            is_behind_iam=bool(env.get("SADARI_IAM")),
            project=project_of(env),
            database=env.get("SADARI_DATABASE", ""),
            queue=env.get("SADARI_QUEUE", ""),
            ring_url=env.get("SADARI_RING_URL", ""),
            store_path=env.get("SADARI_STORE", ""),
            pubsub_address=env.get("PUBSUB_EMULATOR_HOST", ""),
            tasks_address=env.get("SADARI_TASKS_ADDRESS", ""),
            clock_path=env.get("SADARI_CLOCK", ""),
        )


def is_served(env: Mapping[str, str]) -> bool:
    """Tell whether this process serves calls, on the platform or in a local stack, and its output is a log."""
    return bool(env.get("K_SERVICE") or env.get("SADARI_SERVED"))


def project_of(env: Mapping[str, str]) -> str:
    """Give the project, even where the rest of the environment is not fit to start in."""
    return env.get("GOOGLE_CLOUD_PROJECT", "")


def _own_addresses(env: Mapping[str, str], issuer: Issuer | None) -> frozenset[str]:
    named = (env.get("SADARI_PORTAL_URL", ""), env.get("SADARI_RING_URL", ""), issuer.url if issuer else "")
    return frozenset(named) - {""}


def _missing(env: Mapping[str, str]) -> Iterator[str]:
    needed = [PREFIX + name for name in NEEDED]
    if not env.get("SADARI_STORE"):
        needed += ["GOOGLE_CLOUD_PROJECT", *(PREFIX + name for name in NEEDED_ON_GOOGLE)]
    return (f"{name} is missing" for name in needed if not env.get(name))


def _unknown(env: Mapping[str, str]) -> Iterator[str]:
    known = {*LOCAL_ONLY, *(PREFIX + name for name in (*NEEDED, *NEEDED_ON_GOOGLE, *OPTIONAL))}
    return (f"{name} is unknown" for name in sorted(env) if name.startswith(PREFIX) and name not in known)


def _out_of_place(env: Mapping[str, str]) -> Iterator[str]:
    if env.get("SADARI_IAM") and not env.get("K_SERVICE"):
        yield "SADARI_IAM is set, but only Cloud Run checks who calls"
    if env.get("SADARI_IAM", "checked") != "checked":
        yield "SADARI_IAM is not [checked], and left out where everybody may call"
    if env.get("SADARI_STORE"):
        yield from (f"{name} is set, but SADARI_STORE takes its place" for name in ONLY_ON_GOOGLE if env.get(name))
    if env.get("K_SERVICE"):
        local = {name for name in env if name.endswith("_EMULATOR_HOST")} | set(LOCAL_ONLY)
        yield from (f"{name} is set, but this is production" for name in sorted(local) if env.get(name))
        yield from (f"{name} is not https, but this is production" for name in SECURE if _is_open(env.get(name, "")))


def _is_open(url: str) -> bool:
    return bool(url) and not url.startswith("https://")


def _optional(env: Mapping[str, str], faults: list[str], issuer: Issuer | None) -> dict[str, Any]:
    """Read what few functions are told, by the name of the setting."""
    read: dict[str, Any] = {}
    if text := env.get("SADARI_FORMS"):
        from functions.form_settings import read_form_secrets

        read["forms"] = read_form_secrets(text, faults)
    if text := env.get("SADARI_FORMS_URLS"):
        from functions.form_settings import read_urls

        read["forms_urls"] = read_urls(text, faults)
    if env.get("SADARI_MAIL"):
        from functions.post.settings import read_mail

        read["mail"] = read_mail(env, faults)
    if env.get("SADARI_DEALER"):
        from functions.post.settings import read_dealer

        read["dealer"] = read_dealer(env, faults)
    if env.get("SADARI_PARTNERS"):
        from functions.partner_settings import read_partners

        read["partners"] = read_partners(env, faults, addresses=_own_addresses(env, issuer))
    if env.get("SADARI_TRACES"):
        from functions.trace_settings import read_traces

        read["traces"] = read_traces(env, faults)
    return read


def _issuer(env: Mapping[str, str], faults: list[str]) -> Issuer | None:
    """Read how staff log in, without ever repeating the secret."""
    text = env.get("SADARI_CONSOLE", "")
    if not text:
        return None
    try:
        given = read_json(text.encode())
    except ValueError:
        given = {}
    undo_minutes = given.pop("undo_minutes", 0)
    is_undo = type(undo_minutes) is int and 0 <= undo_minutes <= UNDO_MINUTES_MAX
    if set(given) != CONSOLE_NAMES or not is_undo or not all(isinstance(each, str) and each for each in given.values()):
        form = "{url: ..., issuer: ..., client: ..., secret: ...} and, if wanted, undo_minutes of 0 to 60"
        faults.append(f"SADARI_CONSOLE is not of the form {form}")
        return None
    if env.get("K_SERVICE"):
        faults += [
            f"SADARI_CONSOLE has a {name} that is not https" for name in ("url", "issuer") if _is_open(given[name])
        ]
    return Issuer(given["url"].rstrip("/"), given["issuer"], given["client"], given["secret"], undo_minutes)


def _key(name: str, text: str, faults: list[str]) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if text and len(key) < KEY_BYTES_MIN:
        faults.append(f"SADARI_{name} is not base64 of at least {KEY_BYTES_MIN} bytes")
    return key


def _sources(text: str, faults: list[str]) -> dict[str, Source]:
    if not text:
        return {}
    try:
        named = read_json(text.encode())
    except ValueError:
        faults.append("SADARI_SOURCES is no JSON object that names each source once")
        return {}
    return {name: _source(name, given, faults) for name, given in named.items()}


def _source(name: str, given: Any, faults: list[str]) -> Source:
    """Read one source, without ever repeating a secret."""
    where = f"SADARI_SOURCES [{name[:64]}]"
    if not SOURCE_NAME.fullmatch(name) or name == FORMS_DOOR:
        faults.append(f"{where} is no name for a source")
    if not isinstance(given, dict) or set(given) != {"secrets", "roles"}:
        faults.append(f"{where} is not of the form {{secrets: [...], roles: [...]}}")
        return NOBODY
    are_secrets = _is_list(given["secrets"]) and all(map(is_secret, given["secrets"]))
    are_roles = _is_list(given["roles"]) and ROLES.keys() >= set(given["roles"])
    if not are_secrets:
        faults.append(f"{where} has secrets that are not whsec_ and base64 of 24 to 64 bytes")
    if not are_roles:
        faults.append(f"{where} has roles that are not among {sorted(ROLES)}")
    return Source(tuple(given["secrets"]), frozenset(given["roles"])) if are_secrets and are_roles else NOBODY


def _is_list(value: Any) -> bool:
    """Whether it is a list of texts, and not empty: a text alone would be taken for a list of letters."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)
