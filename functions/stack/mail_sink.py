"""A real mail server for the local stack and the tests: takes every mail, keeps it as a file, and passes nothing on."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from functions.stack.functions_server import free_port

SENDER = "letters@sadari.example"
DATA_BYTES_MAX = 10 * 1024 * 1024


class _Keeper:
    """Writes each mail to a file of its own, numbered as they come."""

    def __init__(self, folder: Path, refused: set[str]) -> None:
        self._folder = folder
        self._refused = refused
        self._turn = threading.Lock()

    async def handle_RCPT(  # noqa: N802  aiosmtpd looks for this name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if address in self._refused:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        with self._turn:
            number = sum(1 for _ in self._folder.glob("*.eml")) + 1
            aside = self._folder / "arriving"
            aside.write_bytes(envelope.content)
            aside.replace(self._folder / f"{number:06}.eml")
        return "250 OK"


class MailSink:
    """The server, at `host` and `port`.

    Attributes:
        refused: Addresses that it refuses for good.
    """

    host = "127.0.0.1"

    def __init__(self, folder: Path, **options: Any) -> None:
        """Start nothing yet.

        Args:
            folder: Where mail is kept, `{number}.eml`.
            options: Of aiosmtpd's `SMTP`, such as a TLS context.
        """
        self._folder = folder
        self.refused: set[str] = set()
        self.port = free_port()
        keeper = _Keeper(folder, self.refused)
        limits: dict[str, Any] = {"data_size_limit": DATA_BYTES_MAX}
        self._controller = Controller(keeper, hostname=self.host, port=self.port, **limits, **options)

    def settings(self, **changed: Any) -> dict[str, Any]:
        """Give SADARI_MAIL for this server."""
        given = {"host": self.host, "port": self.port, "security": "none", "user": "", "password": ""}
        return {**given, "from": SENDER, "name": "사다리", **changed}

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._controller.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._controller.stop()
