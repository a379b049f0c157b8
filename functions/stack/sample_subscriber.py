"""A partner of the local stack: agrees to be sent to, verifies what comes, and prints it."""

import base64
import json
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from functions.forms.signature import verify
from schemas.subscriptions import Subscription, SubscriptionState
from workflows.runtime.errors import Rejected
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.ports import Ports
from workflows.runtime.recover import replay_missing
from workflows.runtime.subscribe import Wish, end, subscribe

BODY_BYTES_MAX = 256 * 1024
PARTNER = "sample"


class SampleSubscriber:
    """A receiver on this machine.

    Attributes:
        secret: What its notices are signed with.
        address: `127.0.0.1:PORT`, as the settings admit it.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Listen to nothing yet.

        Args:
            tell: Told each notice in one line, once.
        """
        self._tell = tell
        self._seen: set[str] = set()
        self.secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self.address = f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """Where notices are sent to."""
        return f"http://{self.address}/notices"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Give the status for a call: 204 for what is signed, new or known; 401 for anything else."""
        try:
            name = verify(headers, body, (self.secret,))
        except Rejected:
            self._tell("sample subscriber: refused a call that is not signed by us")
            return 401
        if name not in self._seen:
            self._seen.add(name)
            event = json.loads(body)
            self._tell(f"sample subscriber: verified {event['type']} {event['subject']}")
        return 204

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        subscriber = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 15

            def do_OPTIONS(self) -> None:
                self.send_response(200)
                self.send_header("WebHook-Allowed-Origin", self.headers.get("WebHook-Request-Origin", ""))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self) -> None:
                body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), BODY_BYTES_MAX))
                self.send_response(subscriber.take(dict(self.headers.items()), body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Log nothing: notices are printed, once."""

        return Handler

    def start(self) -> None:
        """Listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


def register(sample: SampleSubscriber, ports: Ports, partners: PartnerPorts) -> Subscription:
    """Subscribe the sample to everything, in the place of an earlier one, and send what the store has to tell."""
    for former in partners.subscriptions.find(partner=PARTNER):
        end(former.id, partners)
    wish = Wish(partner=PARTNER, url=sample.url, types=("kr.sadari.*",), contact="ops@sample.example")
    token = secrets.token_urlsafe(24)
    made, _ = subscribe(wish, secret=sample.secret, grant=token, by="sadari-up", ports=ports, partners=partners)
    if made.state is SubscriptionState.ACTIVE:
        replay_missing(made.id, datetime.min.replace(tzinfo=UTC), ports.clock.now(), ports, partners)
    return made
