"""Reads SADARI_MAIL and SADARI_DEALER, without ever repeating a secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.forms.strict_json import read_json
from workflows.runtime.signature import is_secret

MAIL_NAMES = frozenset({"host", "port", "security", "user", "password", "from"})
MAIL_FORM = (
    "{host: ..., port: 1 to 65535, security: starttls, tls or none, user: ..., password: ..., from: an address} and, "
    "if wanted, name and reply_to"
)
DEALER_NAMES = frozenset({"url", "key", "profile", "phone", "secret"})
DEALER_FORM = "{url: ..., key: ..., profile: ..., phone: +82..., secret: whsec_...}"
SECURITIES = frozenset({"starttls", "tls", "none"})
PORT_MAX = 65535


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server that takes our letters.

    Attributes:
        security: `starttls` or `tls`; `none` only on this machine.
        user: Empty: nobody logs in.
        sender: The address that letters come from; it names the domain of their ids.
        name: Who readers see as the sender.
        reply_to: Where answers go; empty: to the sender.
    """

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: str
    name: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Dealer:
    """The dealer that takes our Alimtalk and short messages.

    Attributes:
        url: Its API, without a slash at the end.
        key: Who we are to it.
        profile: Our sender profile at Kakao.
        phone: The registered number that short messages come from.
        secret: Signs its delivery reports (`whsec_...`).
    """

    url: str
    key: str = field(repr=False)
    profile: str
    phone: str
    secret: str = field(repr=False)


def read_mail(env: Mapping[str, str], faults: list[str]) -> MailServer | None:
    """Give the mail server; None if there is none, or with a fault."""
    given = _object(env, "SADARI_MAIL")
    if given is None:
        return None
    name, reply_to = given.pop("name", ""), given.pop("reply_to", "")
    port = given.get("port")
    is_port = type(port) is int and 0 < port <= PORT_MAX
    texts = [value for each, value in given.items() if each != "port"]
    is_well = (
        set(given) == MAIL_NAMES
        and is_port
        and all(isinstance(each, str) for each in (*texts, name, reply_to))
        and bool(given["host"])
        and given["security"] in SECURITIES
        and _is_address(given["from"])
        and (not reply_to or _is_address(reply_to))
        and name.isprintable()
    )
    if not is_well:
        faults.append(f"SADARI_MAIL is not of the form {MAIL_FORM}")
        return None
    if env.get("K_SERVICE") and given["security"] == "none":
        faults.append("SADARI_MAIL has no security: letters would travel in the open")
    sender = given.pop("from")
    return MailServer(**given, sender=sender, name=name, reply_to=reply_to)


def read_dealer(env: Mapping[str, str], faults: list[str]) -> Dealer | None:
    """Give the dealer; None if there is none, or with a fault."""
    given = _object(env, "SADARI_DEALER")
    if given is None:
        return None
    is_well = set(given) == DEALER_NAMES and all(isinstance(each, str) and each for each in given.values())
    if not is_well or not is_secret(given["secret"]) or not given["phone"].startswith("+"):
        faults.append(f"SADARI_DEALER is not of the form {DEALER_FORM}")
        return None
    if env.get("K_SERVICE") and not given["url"].startswith("https://"):
        faults.append("SADARI_DEALER has a url that is not https")
    return Dealer(**{**given, "url": given["url"].rstrip("/")})


def _object(env: Mapping[str, str], name: str) -> dict[str, Any] | None:
    """Give what a variable holds; empty if it is no JSON object, None if it is not set."""
    text = env.get(name, "")
    if not text:
        return None
    try:
        return dict(read_json(text.encode()))
    except ValueError:
        return {}


def _is_address(text: str) -> bool:
    from email.headerregistry import Address  # noqa: PLC0415  few functions send letters

    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError):
        return False
    return bool(address.username and address.domain) and text.isascii()
