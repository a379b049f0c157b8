"""Receives notices: agrees to be sent to, verifies each one, and prints it once.

pip install standardwebhooks
SADARI_SECRET=whsec_... SADARI_ORIGIN=sadari.example python receiver.py 8080
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SECRET = os.environ["SADARI_SECRET"]  # the newest first; several, with spaces between, while you replace one
ORIGIN = os.environ["SADARI_ORIGIN"]
seen: set[str] = set()  # yours is a table with a unique key, written in the transaction that does the work


def verified(body: bytes, headers: dict[str, str]) -> bool:
    """Tell whether one of the secrets signed the raw bytes within five minutes."""
    for secret in SECRET.split():
        try:
            Webhook(secret).verify(body, headers)
        except (WebhookVerificationError, ValueError):  # the latter for what is malformed
            continue
        return True
    return False


class Receiver(BaseHTTPRequestHandler):
    timeout = 10

    def do_OPTIONS(self) -> None:
        is_ours = self.headers.get("WebHook-Request-Origin") == ORIGIN
        self.send_response(200 if is_ours else 403)
        if is_ours:
            self.send_header("WebHook-Allowed-Origin", ORIGIN)
            self.send_header("WebHook-Allowed-Rate", "600")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(min(int(length), 65536)) if length.isdecimal() else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        is_good = verified(body, headers)
        if is_good and headers["webhook-id"] not in seen:  # every notice comes at least once
            seen.add(headers["webhook-id"])
            event = json.loads(body)
            print(event["type"], event["subject"], json.dumps(event["data"], ensure_ascii=False), flush=True)
        self.send_response(204 if is_good else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Notices are printed, calls are not."""


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
