"""Secrets and tokens, made by chance."""

import base64
import secrets

from workflows.runtime.signature import SECRET_PREFIX

SECRET_BYTES = 32


def signing_secret() -> str:
    """Give a new signing secret: `whsec_...`."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def token() -> str:
    """Give a new token for an address or a key."""
    return secrets.token_urlsafe(SECRET_BYTES)
