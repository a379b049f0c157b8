"""A local dealer of Alimtalk and short messages: takes them by HTTP, and reports a moment later what became of them.

Numbers decide what happens, so that every way can be tried: Alimtalk to a number that ends in 0 does not arrive (its
owner has no KakaoTalk), a short message to one that ends in 00 neither, and one that ends in 99 is refused at once.
"""

import hmac
import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import urllib3

from functions.forms.signature import sign
from functions.post.short_texts import ShortTexts, is_filled_in
from functions.stack.arrived import kept
from functions.stack.functions_server import free_port

KEY, PROFILE, PHONE = "only the local stack's", "@sadari", "+82621234567"
REPORT_SECONDS = 0.5
REPORTS_TRIED_MAX = 20
KINDS = frozenset({"alimtalk", "sms", "lms"})
NO_TALK, NO_PHONE, NO_NUMBER = "0", "00", "99"


class MessageDealer:
    """The dealer, at `url`.  What it took is kept as `{folder}/{number}.json`, and taken once under one reference."""

    def __init__(self, folder: Path, *, reports_to: str, secret: str, report_seconds: float = REPORT_SECONDS) -> None:
        """Start nothing yet.

        Args:
            folder: Where messages are kept.
            reports_to: Where to report what became of them.
            secret: Signs the reports.
            report_seconds: How long after; negative: only when `report` is called.
        """
        self._folder = folder
        self._reports_to = reports_to
        self._secret = secret
        self._report_seconds = report_seconds
        self._templates = ShortTexts().approved()
        self._turn = threading.Lock()
        self._references: dict[str, str] = {}
        self._ended = threading.Event()
        self._reporters: list[threading.Thread] = []
        self._port = free_port()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}"

    def settings(self) -> dict[str, str]:
        """Give SADARI_DEALER for this dealer."""
        return {"url": self.url, "key": KEY, "profile": PROFILE, "phone": PHONE, "secret": self._secret}

    def take(self, authorization: str, body: bytes) -> tuple[int, dict[str, str]]:
        """Take a message, and give the status and the answer."""
        if not hmac.compare_digest(authorization.encode(), f"Bearer {KEY}".encode()):
            return 401, {"error": "key"}
        message = json.loads(body)
        if fault := self._fault(message):
            return 422, {"error": fault}
        with self._turn:
            known = self._references.setdefault(message["reference"], body.decode())
            if known != body.decode():
                return 422, {"error": "reference_used"}
            number = len(list(self._folder.glob("*.json"))) + 1
            if not self._is_kept(message["reference"]):
                path = self._folder / f"{number:06}.json"
                path.write_text(json.dumps(message, ensure_ascii=False, indent=2), encoding="utf-8")
                self._report_later(message)
        return 202, {"id": message["reference"]}

    def report(self, message: Mapping[str, Any]) -> int:
        """Report what became of a message, and give the status of the answer; 0 if nobody answered."""
        reason = _fate(message)
        said = {"reference": message["reference"], "is_delivered": not reason, "reason": reason}
        body = json.dumps({**said, "at": datetime.now(UTC).isoformat()}).encode()
        headers = {"Content-Type": "application/json", **sign(message["reference"], body, self._secret)}
        try:
            return urllib3.request(
                "POST", self._reports_to, body=body, headers=headers, retries=False, timeout=5
            ).status
        except urllib3.exceptions.HTTPError:
            return 0

    def _fault(self, message: Mapping[str, Any]) -> str:
        if message.get("channel") not in KINDS or not message.get("reference"):
            return "form"
        if str(message["to"]).endswith(NO_NUMBER):
            return "no_such_number"
        if message["channel"] != "alimtalk":
            return "" if message["from"] == PHONE else "sender"
        template = self._templates.get(message["template"])
        if template is None:
            return "template_unknown"
        return "" if is_filled_in(template, message["text"]) else "template_differs"

    def _is_kept(self, reference: str) -> bool:
        return any(each["reference"] == reference for each in kept(self._folder))

    def _report_later(self, message: Mapping[str, Any]) -> None:
        if self._report_seconds < 0:
            return
        reporter = threading.Thread(target=self._keep_reporting, args=(message,), daemon=True)
        reporter.start()
        self._reporters.append(reporter)

    def _keep_reporting(self, message: Mapping[str, Any]) -> None:
        """Report until somebody has heard it, as dealers do."""
        for number in range(REPORTS_TRIED_MAX):
            if self._ended.wait(self._report_seconds * (number + 1)):
                return
            if 200 <= self.report(message) < 300:  # noqa: PLR2004  heard
                return

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        for reporter in self._reporters:
            reporter.join(6)


def _fate(message: Mapping[str, Any]) -> str:
    """Give why a message does not arrive; empty if it does."""
    if message["channel"] == "alimtalk":
        return "no_kakaotalk" if str(message["to"]).endswith(NO_TALK) else ""
    return "unreachable" if str(message["to"]).endswith(NO_PHONE) else ""


def _handler(dealer: MessageDealer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, answer = dealer.take(self.headers.get("Authorization", ""), body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Log nothing: paths and bodies may be personal."""

    return Handler
