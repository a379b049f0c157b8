"""Gives access tokens for Google Forms, of the service account that this function runs as."""

import threading
from typing import Any

import google.auth
import urllib3
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.urllib3 import Request

from workflows.runtime.errors import Unavailable

SCOPES = (
    "https://www.googleapis.com/auth/forms.body.readonly",
    "https://www.googleapis.com/auth/forms.responses.readonly",
)
"""Enough to watch a form (`forms.watches.create`) and to read its responses (`forms.responses.list`)."""


class FormsToken:
    """Gives one token after another, each until it ends.  Safe to share between threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._credentials: Any = None

    def __call__(self) -> str:
        """Give a token that is valid.

        Raises:
            Unavailable: Google gives none now.
        """
        with self._turn:
            try:
                if self._credentials is None:
                    self._credentials, _ = google.auth.default(scopes=list(SCOPES))
                if not self._credentials.valid:
                    self._credentials.refresh(Request(urllib3.PoolManager(timeout=5.0)))
            except GoogleAuthError as error:
                raise Unavailable(f"no token for Google Forms: {type(error).__name__}") from error
            return str(self._credentials.token)
