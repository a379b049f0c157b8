"""Names of things: opaque, stable, safe as document ids, never personal."""

import hashlib
import hmac
import re
from typing import NewType

CaseId = NewType("CaseId", str)
MessageId = NewType("MessageId", str)
PersonId = NewType("PersonId", str)
FactId = NewType("FactId", str)
TaskId = NewType("TaskId", str)

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648, in small letters
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SAFE_ID = re.compile(r"(?!__.*__\Z)[A-Za-z0-9_-]{1,64}")
_SEPARATOR = "\x1f"  # cannot occur in a part, so no two lists of parts join to one text


def name_of(*parts: str | int) -> str:
    """Give H(parts): 32 characters of base32 SHA-256, the same for the same parts everywhere."""
    return _base32(hashlib.sha256(_SEPARATOR.join(map(str, parts)).encode()).digest())


def secret_name_of(key: bytes, *parts: str | int) -> str:
    """Give H(parts) under a key, for parts that are personal (a phone number is easily guessed from a plain hash)."""
    return _base32(hmac.digest(key, _SEPARATOR.join(map(str, parts)).encode(), "sha256"))


def is_safe_id(text: str) -> bool:
    """Tell whether a text from outside can name a case or a message everywhere, as a document id too."""
    return _SAFE_ID.fullmatch(text) is not None


def _base32(digest: bytes) -> str:
    """Write the first 160 bits, ten at a time: four times as fast as the standard library's base32."""
    bits = int.from_bytes(digest[:20])
    return "".join([_PAIRS[(bits >> shift) & 1023] for shift in range(150, -1, -10)])
