"""Verifies and makes Standard Webhooks signatures over raw bytes."""

from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks import Webhook, WebhookVerificationError

ID_MAX = 255


class BadSignatureError(Exception):
    """No valid signature; says no more, so that nobody learns by trying."""


def verify(headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...]) -> str:
    """Give the sender's id of the message (`webhook-id`) if one of the secrets signed it within five minutes.

    Raises:
        BadSignatureError: It is not signed, not by this sender, too old, or the id is unfit.
    """
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    lower = {name.lower(): value for name, value in headers.items()}
    given = {name: lower.get(name, "") for name in names}
    message_id = given["webhook-id"]
    if not message_id or len(message_id) > ID_MAX or not message_id.isascii() or not message_id.isprintable():
        raise BadSignatureError
    for secret in secrets:
        try:
            Webhook(secret).verify(body, given)
        except (WebhookVerificationError, ValueError):  # a malformed header raises ValueError, bad UTF-8 its subclass
            continue
        return message_id
    raise BadSignatureError


def sign(message_id: str, body: bytes, secret: str, at: datetime | None = None) -> dict[str, str]:
    """Give the headers that sign a body.

    Args:
        message_id: The idempotency key; the same on every repeat.
        body: The raw bytes, which must be UTF-8.
        secret: `whsec_...`.
        at: When it is sent; the library mistakes other zones for UTC, so it is converted here.
    """
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, moment, body.decode()),
    }
