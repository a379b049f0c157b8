"""The signature of Standard Webhooks 1.0: HMAC-SHA256 of `id.timestamp.body`, under a secret that both sides have."""

import base64
import hmac

SECRET_PREFIX = "whsec_"  # noqa: S105  marks a secret, is none
SECRET_BYTES_MIN, SECRET_BYTES_MAX = 24, 64


def signature_of(message_id: str, timestamp: str, body: bytes, secret: str) -> str:
    """Give `v1,` and the signature in base64.

    Args:
        message_id: The `webhook-id`.
        timestamp: Seconds since 1970, as they are sent.
        body: The raw bytes.
        secret: `whsec_...`.
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), content, "sha256")).decode()


def key_of(secret: str) -> bytes:
    """Give the bytes of a secret.

    Raises:
        ValueError: It is not base64.
    """
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)


def is_secret(text: str) -> bool:
    """Tell whether the text is a signing secret: `whsec_` and base64 of 24 to 64 bytes."""
    try:
        return text.startswith(SECRET_PREFIX) and SECRET_BYTES_MIN <= len(key_of(text)) <= SECRET_BYTES_MAX
    except ValueError:
        return False
