"""What the forms at providers need that no store may hold: secrets, by the connection's id."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.forms.strict_json import read_json

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
PATH = re.compile(r"[A-Za-z0-9_-]{32,128}")
TOPIC = re.compile(r"projects/[a-z0-9-]{1,30}/topics/[A-Za-z0-9._~%+-]{3,255}")
SECRET_MIN = 16
KNOWN = frozenset({"secrets", "path", "api_key", "topic", "region"})
REGIONS = frozenset({"", "eu"})


@dataclass(frozen=True, slots=True)
class FormSecrets:
    """The secrets of one connection.

    Attributes:
        secrets: Sign what the provider sends; two while one is being replaced.
        path: The end of the address that Jotform sends to, which nobody can guess.
        api_key: Reads the submissions at Jotform.
        topic: Where Google tells of responses, as its full name.
        region: Where Jotform keeps the account: `eu`, or nothing.
    """

    secrets: tuple[str, ...] = field(default=(), repr=False)
    path: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    topic: str = ""
    region: str = ""


NO_SECRETS = FormSecrets()
"""Stands for a connection that there is not: no signature is its, and no path."""


def read_form_secrets(text: str, faults: list[str]) -> Mapping[str, FormSecrets]:
    """Read SADARI_FORMS, without ever repeating a secret."""
    if not text:
        return {}
    try:
        named = read_json(text.encode())
    except ValueError:
        faults.append("SADARI_FORMS is no JSON object that names each connection once")
        return {}
    return {name: _secrets_of(name, given, faults) for name, given in named.items()}


def read_urls(text: str, faults: list[str]) -> Mapping[str, str]:
    """Read SADARI_FORMS_URLS: where a stand-in for a provider's API listens."""
    if not text:
        return {}
    try:
        urls = read_json(text.encode())
    except ValueError:
        urls = {"": None}
    if not all(isinstance(url, str) for url in urls.values()):
        faults.append("SADARI_FORMS_URLS is no JSON object of addresses by provider")
        return {}
    return urls


def _secrets_of(name: str, given: Any, faults: list[str]) -> FormSecrets:
    where = f"SADARI_FORMS [{name[:64]}]"
    if not NAME.fullmatch(name):
        faults.append(f"{where} is no name for a connection")
    if not isinstance(given, dict) or not set(given) <= KNOWN:
        faults.append(f"{where} is not an object of {', '.join(sorted(KNOWN))}")
        return NO_SECRETS
    secrets = given.get("secrets", [])
    if not isinstance(secrets, list) or not all(isinstance(each, str) and len(each) >= SECRET_MIN for each in secrets):
        faults.append(f"{where} has secrets that are no texts of at least {SECRET_MIN} characters")
        return NO_SECRETS
    texts = {key: given.get(key, "") for key in KNOWN - {"secrets"}}
    if not all(isinstance(value, str) for value in texts.values()):
        faults.append(f"{where} has what is no text")
        return NO_SECRETS
    if texts["path"] and not PATH.fullmatch(texts["path"]):
        faults.append(f"{where} has a path that is not 32 to 128 letters and digits")
    if texts["topic"] and not TOPIC.fullmatch(texts["topic"]):
        faults.append(f"{where} has a topic that is not projects/.../topics/...")
    if texts["region"] not in REGIONS:
        faults.append(f"{where} has a region that is not eu")
    return FormSecrets(secrets=tuple(secrets), **texts)
