"""Where the local stack's letters arrive: a mail server and a dealer of messages, which keep all and pass none on."""

import base64
import json
import secrets
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from functions.bootstrap import make_post
from functions.post.settings import read_dealer, read_mail
from functions.stack.arrived import MAIL, MESSAGES
from functions.stack.mail_sink import MailSink
from functions.stack.message_dealer import MessageDealer
from workflows.runtime.post_ports import Post


class PostOffice:
    """Both of them.  What arrived stays in `{home}/mail` and `{home}/messages`."""

    def __init__(self, home: Path, functions_url: str) -> None:
        """Start nothing yet.

        Args:
            home: A folder.
            functions_url: Where the functions are served; the dealer reports there.
        """
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self._sink = MailSink(home / MAIL)
        self._dealer = MessageDealer(home / MESSAGES, reports_to=f"{functions_url}/reports", secret=secret)
        self._running = ExitStack()

    def environment(self) -> dict[str, str]:
        """Give what the functions need to know of them."""
        settings = {"SADARI_MAIL": self._sink.settings(), "SADARI_DEALER": self._dealer.settings()}
        return {name: json.dumps(value) for name, value in settings.items()}

    def post(self) -> Post:
        """Give the channels to them, for this process."""
        faults: list[str] = []
        return make_post(read_mail(self.environment(), faults), read_dealer(self.environment(), faults))

    def __enter__(self) -> Self:
        self._running.enter_context(self._sink)
        self._running.enter_context(self._dealer)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._running.close()
