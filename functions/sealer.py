"""Keeps partners' secrets from whoever reads the store: AES-256-GCM under a key derived from the settings' own."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from functions.settings import SettingsError
from workflows.runtime.errors import Rejected

NONCE_BYTES = 12


class KeySealer:
    """A `Sealer` under one key.  Without a key, as commands may run, it refuses."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @property
    def _cipher(self) -> AESGCM:
        if not self._key:
            raise SettingsError("SADARI_KEY is missing, and a signing secret is kept under it")
        kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"sadari partners' secrets")
        return AESGCM(kdf.derive(self._key))

    def seal(self, secret: str) -> str:
        """Give the secret, encrypted; each time as another text."""
        nonce = os.urandom(NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), None)).decode()

    def unseal(self, sealed: str) -> str:
        """Give the secret."""
        try:
            content = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError) as error:
            raise Rejected("This secret was sealed under another key, or changed.", code="secret_unreadable") from error
