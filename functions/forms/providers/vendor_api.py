"""Asks the API of a form provider: one address, short calls, small answers, no redirects."""

from collections.abc import Mapping
from typing import Any

import urllib3

from functions.forms.strict_json import BadJsonError, read_json
from workflows.runtime.errors import Unavailable

CONNECT_SECONDS_MAX = 3.0
READ_SECONDS_MAX = 15.0
ANSWER_BYTES_MAX = 32 * 1024 * 1024
"""A page of 5,000 responses of some KiB each (forms.responses.list)."""

OK, TOO_MANY, SERVER_FAULT = 200, 429, 500


class VendorUnavailable(Unavailable):
    """The provider of the form does not answer at the moment."""


class VendorRefusedError(Exception):
    """The provider of the form lets us do this no more; says the status only."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the provider answered {status}")
        self.status = status


class VendorApi:
    """One provider's API.  Safe to share between threads."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS_MAX, read=READ_SECONDS_MAX)
        self._pool = urllib3.PoolManager(timeout=timeout, retries=False)

    def get(self, path: str, *, fields: Mapping[str, str] | None = None, headers: Mapping[str, str]) -> dict[str, Any]:
        """Give the JSON object at a path.

        Raises:
            VendorUnavailable: There is no answer in time, too many were asked for (429), or the fault is theirs.
            VendorRefusedError: Any other status but 200.
        """
        return self._call("GET", path, headers, fields=fields)

    def post(self, path: str, body: Mapping[str, Any], *, headers: Mapping[str, str]) -> dict[str, Any]:
        """Send a JSON object, and give the one that is answered.

        Raises:
            VendorUnavailable: As above.
            VendorRefusedError: As above.
        """
        return self._call("POST", path, headers, json=body)

    def _call(self, method: str, path: str, headers: Mapping[str, str], **content: Any) -> dict[str, Any]:
        url = f"{self._base_url}{path}"
        try:
            response = self._pool.request(
                method, url, headers=dict(headers), redirect=False, preload_content=False, **content
            )
            try:
                body = response.read(ANSWER_BYTES_MAX + 1, decode_content=True)
            finally:
                response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise VendorUnavailable(type(error).__name__) from error
        if response.status == TOO_MANY or response.status >= SERVER_FAULT:
            raise VendorUnavailable(f"status {response.status}")
        if response.status != OK:
            raise VendorRefusedError(response.status)
        try:
            return read_json(body, bytes_max=ANSWER_BYTES_MAX)
        except BadJsonError as error:
            raise VendorUnavailable("the answer is no JSON object") from error
