"""Verifies the signatures of form providers: base64 of an HMAC-SHA256 over the raw body."""

import base64
import hmac

from functions.forms.signature import BadSignatureError


def verify_body(given: str, body: bytes, secrets: tuple[str, ...], *, prefix: str = "") -> None:
    """Let pass what one of the secrets signed; every secret is tried, in constant time.

    There is no timestamp in such a signature: an old delivery can be sent again, and is a repeat by its id.

    Raises:
        BadSignatureError: None of them did, or there is none.
    """
    expected = [prefix + base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode() for secret in secrets]
    if not any([hmac.compare_digest(given.encode(), each.encode()) for each in expected]):  # noqa: C419  no short cut
        raise BadSignatureError
