"""The signing relay: adds to each push the OIDC token that the Pub/Sub emulator leaves out.

Push subscriptions point here.  The relay puts a token signed by the local key on the call and passes it on, so the
functions verify tokens locally with the code, and only the code, that verifies them in production.
"""

import contextlib
import datetime as dt
import hashlib
import json
import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from google.auth import crypt, jwt

_TOKEN_SECONDS = 3600
_TOKEN_RENEWAL_SECONDS = 300
_ANSWER_SECONDS_MAX = 600.0  # the longest acknowledgement deadline Pub/Sub knows
_STOP_SECONDS_MAX = 2.0
_AT_ONCE_MAX = 4
"""Calls passed on at once: the emulator pushes all that it has at a time, and people wait for the same functions."""

_HOP_BY_HOP = frozenset(
    {"connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"}
    | {"te", "trailer", "transfer-encoding", "upgrade"}
)
_NOT_FORWARDED = _HOP_BY_HOP | {"authorization", "expect", "host"}

_log = logging.getLogger(__name__)


class LocalKey:
    """A key that stands in for Google's: signs ID tokens, and shows the certificate that verifies them.

    Made anew each time and never written down.
    """

    def __init__(self) -> None:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._certificate = _self_signed(private)
        self.key_id = self._certificate.fingerprint(hashes.SHA256()).hex()[:40]
        self._signer = crypt.RSASigner(private, self.key_id)

    def sign(self, email: str, audience: str, **overrides: object) -> str:
        """Give an ID token such as Google issues to a service account, valid for one hour.

        Args:
            email: The service account the token is for.
            audience: Whom the token is meant for.
            overrides: Claims to replace or add; None leaves a claim out.
        """
        now = int(time.time())
        subject = str(int(hashlib.sha256(email.encode()).hexdigest()[:16], 16))
        claims: dict[str, object] = {
            "iss": "https://accounts.google.com",
            "aud": audience,
            "azp": subject,
            "sub": subject,
            "email": email,
            "email_verified": True,
            "iat": now,
            "exp": now + _TOKEN_SECONDS,
        }
        kept = {name: value for name, value in (claims | overrides).items() if value is not None}
        token: bytes = jwt.encode(self._signer, kept)
        return token.decode()

    def certs(self) -> dict[str, str]:
        """Give what https://www.googleapis.com/oauth2/v1/certs serves: X.509 certificates (PEM) by key id."""
        return {self.key_id: self._certificate.public_bytes(serialization.Encoding.PEM).decode()}


def _self_signed(private: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sadari local stack")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=private.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - dt.timedelta(days=1),
        not_valid_after=now + dt.timedelta(days=365),
    )
    return builder.sign(private, hashes.SHA256())


class Route(NamedTuple):
    """Where calls go, and the token they go with."""

    target: str
    audience: str
    email: str


class _Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @classmethod
    def of(cls, status: HTTPStatus, sentence: str) -> Self:
        return cls(status, [("Content-Type", "text/plain; charset=utf-8")], f"{sentence}\n".encode())


class Relay:
    """An HTTP server on a free local port that signs and passes on.

    `POST /advance?x=1` goes to the route `advance`: same method, path, query, body and headers, below the route's
    target; its status, headers and body come back as they are.  No such route: 404.  No answer from there: 502, and
    Pub/Sub delivers again; the relay itself never repeats a call.  `GET /certs` shows the key's certificates.

    Each start takes a fresh port: the emulator keeps connections to a former server on the same port alive.
    """

    def __init__(self, key: LocalKey, routes: Mapping[str, Route]) -> None:
        """Start nothing yet.

        Args:
            key: Signs the tokens.
            routes: Routes by first path segment; read at each call, so it may be filled after the start.
        """
        self._key = key
        self._routes = routes
        self._pools = urllib3.PoolManager(maxsize=32, retries=False)
        self._lock = threading.Lock()
        self._passing = threading.BoundedSemaphore(_AT_ONCE_MAX)
        self._tokens: dict[tuple[str, str], tuple[str, float]] = {}
        self._statuses: Counter[int] = Counter()
        self._server: _Server | None = None

    def start(self) -> None:
        """Serve from now on, in threads of this process."""
        if self._server is not None:
            raise RuntimeError("the relay was started already")
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="relay", daemon=True).start()

    def stop(self) -> None:
        """Close every connection, giving calls under way a moment to end; safe to repeat."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server.close_connections()
        self._server = None
        self._pools.clear()

    @property
    def url(self) -> str:
        """Give the address to point push subscriptions at, without a trailing slash."""
        if self._server is None:
            raise RuntimeError("the relay is not running")
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def certs_url(self) -> str:
        """Give the address at which the functions find the certificates."""
        return f"{self.url}/certs"

    @property
    def delivered(self) -> int:
        """Give the number of calls answered with 2xx by their targets."""
        with self._lock:
            return sum(count for status, count in self._statuses.items() if status // 100 == 2)  # noqa: PLR2004

    def answer(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> _Answer:
        """Give the answer to one call, from the target it is for."""
        first = urlsplit(path).path.partition("/")[2].partition("/")[0]
        if first == "certs":
            return _Answer(
                HTTPStatus.OK, [("Content-Type", "application/json")], json.dumps(self._key.certs()).encode()
            )
        route = self._routes.get(first)
        if route is None:
            return _Answer.of(HTTPStatus.NOT_FOUND, f"the relay has no route [{first}]")
        try:
            with self._passing:
                answer = self._pass_on(route, method, path, headers, body)
        except urllib3.exceptions.HTTPError as error:
            answer = _Answer.of(HTTPStatus.BAD_GATEWAY, f"no answer from [{route.target}]: {error}")
        with self._lock:
            self._statuses[answer.status] += 1
        return answer

    def _pass_on(self, route: Route, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> _Answer:
        sent = urllib3.HTTPHeaderDict({"Authorization": f"Bearer {self._token(route)}"})
        for name, value in headers:
            if name.lower() not in _NOT_FORWARDED:
                sent.add(name, value)
        response = self._pools.connection_from_url(route.target).urlopen(
            method,
            urlsplit(route.target).path.rstrip("/") + path,
            body=body,
            headers=sent,
            timeout=urllib3.Timeout(connect=5.0, read=_ANSWER_SECONDS_MAX),
            retries=False,
            redirect=False,
            decode_content=False,
        )
        kept = [(name, value) for name, value in response.headers.items() if name.lower() not in _HOP_BY_HOP]
        return _Answer(response.status, kept, response.data)

    def _token(self, route: Route) -> str:
        with self._lock:
            token, renew_at = self._tokens.get((route.email, route.audience), ("", 0.0))
            now = time.time()
            if now >= renew_at:
                token = self._key.sign(route.email, route.audience)
                renew_at = now + _TOKEN_SECONDS - _TOKEN_RENEWAL_SECONDS
                self._tokens[route.email, route.audience] = token, renew_at
            return token

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    """Serves calls in threads, and knows its open connections so that it can close them."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self._open: set[Any] = set()
        self._changed = threading.Condition()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def close_connections(self) -> None:
        """End idle connections at once, and wait a moment for the answers under way."""
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
            self._changed.wait_for(lambda: not self._open, timeout=_STOP_SECONDS_MAX)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 (the library's signature)
        _log.info("the connection [%s] broke off", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 with the caller, who may keep the connection for further calls."""

    server: _Server
    protocol_version = "HTTP/1.1"
    # One packet an answer: written in two, Nagle's algorithm and delayed acknowledgement would cost 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _respond(self) -> None:
        answer = self._answer()
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def _answer(self) -> _Answer:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self.close_connection = True
            return _Answer.of(HTTPStatus.LENGTH_REQUIRED, "the relay takes bodies with a Content-Length only")
        # The body is read whatever the answer: left over, it would be taken for the next call.
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionError("the caller hung up before the end of its call")
        return self.server.relay.answer(self.command, self.path, self.headers.items(), body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _respond  # noqa: N815 (the names the library calls)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is the library's)
        _log.debug(format, *args)
