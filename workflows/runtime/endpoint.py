"""Where a partner is called, and which addresses may be called at all.

Two fences stand one behind the other: what an address is written as (`read_endpoint`), when it is registered and at
every call, and what its name resolves to (`is_public`), at every call.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

import idna

from schemas.subscriptions import MAIL
from workflows.runtime.errors import BadForm

Address = IPv4Address | IPv6Address

URL_CHARACTERS_MAX = 2048
HOST_CHARACTERS_MAX = 253
PORTS = frozenset({443, 8443})
_CLOSED_TOPS = frozenset(
    {
        *("localhost", "localdomain", "local", "internal", "intranet", "corp", "home", "lan", "private", "svc"),
        *("arpa", "test", "invalid", "onion"),
    }
)
"""Names under these are not of the public (RFC 6761, RFC 6762, RFC 8375, ICANN's name collision list)."""

MAILBOX_CHARACTERS_MAX = len(MAIL) + 254
_LOCAL = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*")
"""The signs that every mail server takes, and no program reads as anything else."""

_NEVER = re.compile(r"[\x00-\x20\x7f-\xa0\\\u200b-\u200f\u2028-\u202f\u2060-\u2064\u3000\ufeff\ud800-\udfff]")
_HIDDEN_BREAK = re.compile(r"%0[ad]|%00", re.IGNORECASE)

_STANDS_AS_IT_IS = "/?:@!$&'()*+,;=%-._~[]"
"""Everything else of a path or query is sent percent-encoded (RFC 3986)."""

# Ranges that Python 3.11 takes for global, or that lead to others: smokescreen's list, each of it looked up in the
# registries of IANA (iana-ipv4-special-registry, iana-ipv6-special-registry).
_NOT_PUBLIC = tuple(
    ip_network(each)
    for each in (
        *("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"),
        *("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2002::/16", "3fff::/20", "5f00::/16"),
        *("fec0::/10", "fc00::/7", "fe80::/10", "ff00::/8"),
    )
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that a partner gave, as it is called.

    Attributes:
        host: In small letters, in ASCII (IDNA 2008), without a dot at the end.
        target: The path and the query.
        is_admitted: One of the receivers on this machine that the settings name: no name, and no TLS.
    """

    host: str
    port: int
    target: str
    is_admitted: bool = False

    @property
    def url(self) -> str:
        """The address in its one form; two that mean the same are written the same."""
        scheme, usual = ("http", 80) if self.is_admitted else ("https", 443)
        port = "" if self.port == usual else f":{self.port}"
        return f"{scheme}://{self.host}{port}{self.target}"


def read_endpoint(text: object, *, ours: frozenset[str], admitted: frozenset[tuple[str, int]]) -> Endpoint:
    """Give the endpoint that a text names.

    Args:
        text: The address as it was given.
        ours: Names under which we are reached ourselves; a call there would go in a circle.
        admitted: Address and port of receivers on this machine, for development; empty in production.

    Raises:
        BadForm: With what is wrong, beside `url`.
    """
    if not isinstance(text, str) or not text:
        raise BadForm({"url": "an address is needed, such as https://partner.example/notices"})
    if len(text) > URL_CHARACTERS_MAX:
        raise BadForm({"url": f"is longer than {URL_CHARACTERS_MAX} characters"})
    if _NEVER.search(text) or _HIDDEN_BREAK.search(text):
        raise BadForm({"url": "has spaces, control characters or backslashes"})
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadForm({"url": "is no address"}) from None
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_STANDS_AS_IT_IS)
    if (parts.hostname or "", port or 0) in admitted and parts.scheme == "http":
        return Endpoint(parts.hostname or "", port or 0, target, is_admitted=True)
    if parts.scheme != "https":
        is_here = parts.hostname in {"127.0.0.1", "localhost"}
        hint = "; a receiver on this machine has to be named by `sadari up --admit 127.0.0.1:PORT`" if is_here else ""
        raise BadForm({"url": f"has to begin with https://{hint}"})
    if "@" in parts.netloc or "#" in text:
        raise BadForm({"url": "may have no user name and no fragment"})
    if port is not None and port not in PORTS:
        raise BadForm({"url": f"has a port other than {' and '.join(map(str, sorted(PORTS)))}"})
    host = _host(parts.hostname or "", is_in_brackets="[" in parts.netloc)
    if host in ours:
        raise BadForm({"url": "is our own address"})
    return Endpoint(host, port or 443, target)


def read_mailbox(text: str) -> str:
    """Give the address of an office for its digest, `mailto:` before it, in its one form.

    Raises:
        BadForm: With what is wrong, beside `url`.
    """
    local, sign, host = text.removeprefix(MAIL).rpartition("@")
    if not sign or not _LOCAL.fullmatch(local) or len(text) > MAILBOX_CHARACTERS_MAX:
        raise BadForm({"url": "is no mail address, such as mailto:office@partner.example"})
    return f"{MAIL}{local}@{_host(host, is_in_brackets=False)}"


def _host(given: str, *, is_in_brackets: bool) -> str:
    """Give the name in its one form.

    Raises:
        BadForm: It is no name of the public.
    """
    host = given.lower()
    if is_in_brackets or _is_address(host.removesuffix(".")):
        raise BadForm({"url": "has to have a name, not a numeric address"})
    try:
        # Strict: letters that only look like digits or dots are refused, not read as what they look like.
        name = idna.encode(host).decode() if not host.isascii() else host
        name = name.removesuffix(".")  # not before: other dots than the one of ASCII end a name, too
        idna.encode(f"{name}.", std3_rules=True)
    except (idna.IDNAError, UnicodeError):
        raise BadForm({"url": "has a host that is no name"}) from None
    labels = name.split(".")
    is_numeric = labels[-1].isdecimal() or labels[-1].startswith("0x")
    if len(name) > HOST_CHARACTERS_MAX or len(labels) < 2 or is_numeric:  # noqa: PLR2004  a name has a dot
        raise BadForm({"url": "has a host that is no full name, such as partner.example"})
    if labels[-1] in _CLOSED_TOPS or name.endswith(".cluster.local"):
        raise BadForm({"url": "has a host that is not reachable from outside"})
    return name


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return ":" in host
    return True


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to somebody on the internet: not to this machine, its network or a transition.

    An IPv4 address inside IPv6 counts as what it is; NAT64, 6to4 and Teredo never do.
    """
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    found: Address = address if inner is None else inner
    flags = (found.is_multicast, found.is_reserved, found.is_private, found.is_loopback, found.is_link_local)
    if not found.is_global or found.is_unspecified or any(flags):
        return False
    return not any(
        found in network
        for network in _NOT_PUBLIC
        if isinstance(network, IPv6Network) == (found.version == 6)  # noqa: PLR2004
    )
