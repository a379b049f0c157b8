"""The HTTP API of a dealer of Alimtalk and short messages.

    POST {url}/messages    Authorization: Bearer {key}
        {"reference", "channel": "alimtalk", "to", "profile", "template", "text", "variables"}
        {"reference", "channel": "sms" or "lms", "to", "from", "title", "text"}
    202 it is taken, or was taken before under this reference · 422 it never will be, {"error": code} · else: try again

Later, within three days, the dealer reports to our function `reports` what became of it.
"""

import json
from collections.abc import Mapping

import urllib3

from functions.post.settings import Dealer
from workflows.runtime.errors import Unavailable, Undeliverable

SECONDS_MAX = 10.0
TAKEN, REFUSED = 202, 422
CODE_CHARACTERS_MAX = 64


class DealerApi:
    """One dealer."""

    def __init__(self, dealer: Dealer) -> None:
        self.dealer = dealer
        self._http = urllib3.PoolManager(retries=False, timeout=SECONDS_MAX)

    def send(self, message: Mapping[str, object]) -> None:
        """Hand a message over.

        Raises:
            Undeliverable: The dealer refuses it.
            Unavailable: It may have been taken, or not.
        """
        headers = {"Authorization": f"Bearer {self.dealer.key}", "Content-Type": "application/json"}
        body = json.dumps(message, ensure_ascii=False).encode()
        try:
            answer = self._http.request("POST", f"{self.dealer.url}/messages", body=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"dealer_{type(error).__name__}") from error
        if answer.status == REFUSED:
            raise Undeliverable(f"dealer_{_code(answer.data)}")
        if answer.status != TAKEN:
            raise Unavailable(f"dealer_{answer.status}")


def _code(body: bytes) -> str:
    """Give the dealer's code; anything but a code could repeat what was sent."""
    try:
        code = str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return "refused"
    is_code = code.replace("_", "").isalnum() and code.isascii() and len(code) <= CODE_CHARACTERS_MAX
    return code if is_code and not code.isdigit() else "refused"
