"""Verifies and makes Standard Webhooks signatures over raw bytes.

The standardwebhooks library parses what it verifies as JSON and signs text only; a CSV file in CP949 is neither, so the
scheme (HMAC-SHA256 of `id.timestamp.body`) is written out here and tested against the library.
"""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from workflows.runtime.errors import NotAuthenticated
from workflows.runtime.signature import signature_of

ID = re.compile(r"[!-~]{1,255}", re.ASCII)
TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
SKEW_SECONDS_MAX = 300


class BadSignatureError(NotAuthenticated):
    """No valid signature of a known source."""  # and no word more, so that nobody learns by trying


def verify(headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...]) -> str:
    """Give the sender's id of the message (`webhook-id`) if one of the secrets signed it within five minutes.

    Raises:
        BadSignatureError: It is not signed, not by this sender, too old, or the id is unfit.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = lower.get("webhook-id", ""), lower.get("webhook-timestamp", "")
    if not ID.fullmatch(message_id) or not TIMESTAMP.fullmatch(timestamp):
        raise BadSignatureError
    if abs(datetime.now(UTC).timestamp() - int(timestamp)) > SKEW_SECONDS_MAX:
        raise BadSignatureError
    given = [each.encode() for each in lower.get("webhook-signature", "").split(" ")]
    expected = [signature_of(message_id, timestamp, body, secret).encode() for secret in secrets]
    if not any([hmac.compare_digest(one, other) for one in given for other in expected]):  # noqa: C419  no short cut
        raise BadSignatureError
    return message_id


def sign(message_id: str, body: bytes, secret: str, at: datetime | None = None) -> dict[str, str]:
    """Give the headers that sign a body.

    Args:
        message_id: The idempotency key; the same on every repeat.
        body: The raw bytes.
        secret: `whsec_...`.
        at: When it is sent; now if left out.
    """
    timestamp = str(int((at or datetime.now(UTC)).timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature_of(message_id, timestamp, body, secret),
    }
