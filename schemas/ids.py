"""Names of things: opaque, stable, safe as document ids, never personal."""

import base64
import hashlib
import hmac
from typing import NewType

CaseId = NewType("CaseId", str)
MessageId = NewType("MessageId", str)
PersonId = NewType("PersonId", str)
FactId = NewType("FactId", str)
TaskId = NewType("TaskId", str)

_SEPARATOR = "\x1f"  # cannot occur in a part, so no two lists of parts join to one text


def name_of(*parts: str | int) -> str:
    """Give H(parts): 32 characters of base32 SHA-256, the same for the same parts everywhere."""
    digest = hashlib.sha256(_SEPARATOR.join(map(str, parts)).encode()).digest()
    return base64.b32encode(digest)[:32].decode().lower()


def secret_name_of(key: bytes, *parts: str | int) -> str:
    """Give H(parts) under a key, for parts that are personal (a phone number is easily guessed from a plain hash)."""
    digest = hmac.new(key, _SEPARATOR.join(map(str, parts)).encode(), hashlib.sha256).digest()
    return base64.b32encode(digest)[:32].decode().lower()
