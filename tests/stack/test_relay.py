"""The relay between a caller and real HTTP targets, all on this machine."""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from google.auth import jwt

from functions.adapters.google.id_token import IdTokenVerifier, NotAuthenticated
from functions.stack.relay import LocalKey, Relay, Route

AUDIENCE = "https://advance.example"
EMAIL = "push@sadari.iam.gserviceaccount.com"
KEY = LocalKey()


class Call(NamedTuple):
    """What reached the target."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: tuple[str, int]

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Target(ThreadingHTTPServer):
    """A function's server: keeps its calls, and answers as the test says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _TargetHandler)
        self.calls: list[Call] = []
        self.status = 204
        self.headers: list[tuple[str, str]] = []
        self.body = b""
        self.before_answer: Callable[[], object] = lambda: None

    def handle_error(self, *_: object) -> None:
        """A test that hangs up on the caller does so on purpose."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _TargetHandler(BaseHTTPRequestHandler):
    server: Target
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        call = Call(self.command, self.path, self.headers.items(), body, self.client_address)
        self.server.calls.append(call)
        self.server.before_answer()
        self.send_response_only(self.server.status)
        for name, value in self.server.headers:
            self.send_header(name, value)
        if self.server.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    do_GET = do_POST = do_PUT = do_DELETE = _respond  # noqa: N815 (the names the library calls)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def relay(target: Target) -> Iterator[Relay]:
    with Relay(KEY, {"advance": Route(target.url, AUDIENCE, EMAIL)}) as running:
        yield running


@pytest.fixture
def caller() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=30) as pool:
        yield pool


def port_without_a_server() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_token_put_on_a_call_passes_the_verifier_with_the_certificates_shown(
    relay: Relay, target: Target, caller: urllib3.PoolManager
) -> None:
    verifier = IdTokenVerifier(certs_url=relay.certs_url, audience=AUDIENCE, emails=frozenset({EMAIL}))

    caller.request("POST", f"{relay.url}/advance", body=b"{}")

    assert verifier.verify(target.calls[0].header("Authorization")) == EMAIL


def test_the_token_is_for_the_audience_of_its_route_only(
    relay: Relay, target: Target, caller: urllib3.PoolManager
) -> None:
    elsewhere = IdTokenVerifier(certs_url=relay.certs_url, audience=f"{AUDIENCE}.other", emails=frozenset({EMAIL}))

    caller.request("POST", f"{relay.url}/advance", body=b"{}")

    with pytest.raises(NotAuthenticated):
        elsewhere.verify(target.calls[0].header("Authorization"))


def test_a_token_the_caller_brings_is_replaced(relay: Relay, target: Target, caller: urllib3.PoolManager) -> None:
    verifier = IdTokenVerifier(certs_url=relay.certs_url, audience=AUDIENCE, emails=frozenset({EMAIL}))

    caller.request("POST", f"{relay.url}/advance", body=b"{}", headers={"authorization": "Bearer forged"})

    assert verifier.verify(target.calls[0].header("Authorization")) == EMAIL


def test_method_path_query_headers_and_body_arrive_unchanged(
    relay: Relay, target: Target, caller: urllib3.PoolManager
) -> None:
    body = bytes(range(256)) * 4096
    headers = {"Content-Type": "application/json", "X-Goog-Something": "한".encode().decode("latin-1")}

    caller.urlopen("PUT", f"{relay.url}/advance/a%2Fb?x=1&y=%ED%95%9C", body=body, headers=headers)

    (call,) = target.calls
    assert (call.method, call.path, call.body) == ("PUT", "/advance/a%2Fb?x=1&y=%ED%95%9C", body)
    assert call.header("Content-Type") == ["application/json"]
    assert call.header("X-Goog-Something") == ["한".encode().decode("latin-1")]
    assert call.header("Host") == [target.url.removeprefix("http://")]


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"done"), (204, b""), (302, b"elsewhere"), (400, b""), (401, b"who?"), (409, b"moved"), (503, b"\x00\xff")],
)
def test_status_headers_and_body_come_back_unchanged(
    relay: Relay, target: Target, caller: urllib3.PoolManager, status: int, body: bytes
) -> None:
    target.status, target.body = status, body
    target.headers = [("Retry-After", "7"), ("Location", "/x"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]

    answer = caller.request("POST", f"{relay.url}/advance", body=b"{}", redirect=False)

    assert (answer.status, answer.data) == (status, body)
    assert (answer.headers["Retry-After"], answer.headers["Location"]) == ("7", "/x")
    assert answer.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert answer.headers.get("Content-Length") == (None if status == 204 else str(len(body)))
    assert len(target.calls) == 1


def test_a_compressed_body_comes_back_compressed(relay: Relay, target: Target, caller: urllib3.PoolManager) -> None:
    target.status, target.body, target.headers = 200, b"\x1f\x8bnot really gzip", [("Content-Encoding", "gzip")]

    answer = caller.request("POST", f"{relay.url}/advance", body=b"{}", decode_content=False)

    assert (answer.data, answer.headers["Content-Encoding"]) == (target.body, "gzip")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/advanced", "/nowhere/advance", "/?advance"])
def test_an_unknown_path_gets_404_and_reaches_nobody(
    relay: Relay, target: Target, caller: urllib3.PoolManager, path: str
) -> None:
    answer = caller.request("POST", f"{relay.url}{path}", body=b"{}")

    assert (answer.status, target.calls) == (404, [])


def test_a_target_that_is_down_gives_502(caller: urllib3.PoolManager) -> None:
    routes = {"advance": Route(f"http://127.0.0.1:{port_without_a_server()}", AUDIENCE, EMAIL)}
    with Relay(KEY, routes) as relay:
        answer = caller.request("POST", f"{relay.url}/advance", body=b"{}")

    assert answer.status == 502


def test_a_target_that_hangs_up_gives_502_and_is_not_called_again(
    relay: Relay, target: Target, caller: urllib3.PoolManager
) -> None:
    def hang_up() -> None:
        raise ConnectionError

    target.before_answer = hang_up

    answer = caller.request("POST", f"{relay.url}/advance", body=b"{}")

    assert (answer.status, len(target.calls)) == (502, 1)


def test_a_route_may_be_added_while_the_relay_runs(target: Target, caller: urllib3.PoolManager) -> None:
    routes: dict[str, Route] = {}
    with Relay(KEY, routes) as relay:
        before = caller.request("POST", f"{relay.url}/advance", body=b"{}").status
        routes["advance"] = Route(target.url, AUDIENCE, EMAIL)
        after = caller.request("POST", f"{relay.url}/advance", body=b"{}").status

    assert (before, after) == (404, 204)


def test_a_target_may_lie_below_a_path(target: Target, caller: urllib3.PoolManager) -> None:
    with Relay(KEY, {"advance": Route(f"{target.url}/functions/", AUDIENCE, EMAIL)}) as relay:
        caller.request("POST", f"{relay.url}/advance?x=1", body=b"{}")

    assert [call.path for call in target.calls] == ["/functions/advance?x=1"]


def test_connections_to_the_relay_and_to_the_target_are_kept_for_further_calls(relay: Relay, target: Target) -> None:
    connection = http.client.HTTPConnection(relay.url.removeprefix("http://"))
    with contextlib.closing(connection):
        connection.connect()
        used = connection.sock
        for path in ("/advance", "/nowhere", "/advance"):
            connection.request("POST", path, body=b"{}")
            connection.getresponse().read()
            assert connection.sock is used

    assert len({call.connection for call in target.calls}) == 1


def test_a_token_serves_many_calls(relay: Relay, target: Target, caller: urllib3.PoolManager) -> None:
    for _ in range(3):
        caller.request("POST", f"{relay.url}/advance", body=b"{}")

    assert len({call.header("Authorization")[0] for call in target.calls}) == 1


def test_a_token_is_renewed_five_minutes_before_it_ends(
    relay: Relay, target: Target, caller: urllib3.PoolManager
) -> None:
    caller.request("POST", f"{relay.url}/advance", body=b"{}")
    ((token, renew_at),) = relay._tokens.values()
    expires_at = jwt.decode(token, verify=False)["exp"]  # type: ignore[no-untyped-call]
    relay._tokens[EMAIL, AUDIENCE] = "an old token", 0.0

    caller.request("POST", f"{relay.url}/advance", body=b"{}")

    assert expires_at - 301 <= renew_at <= expires_at - 299
    assert target.calls[1].header("Authorization") != ["Bearer an old token"]


def test_the_certificates_are_shown_as_google_shows_them(relay: Relay, caller: urllib3.PoolManager) -> None:
    answer = caller.request("GET", relay.certs_url)

    ((key_id, certificate),) = answer.json().items()
    assert (key_id, relay.certs_url) == (KEY.key_id, f"{relay.url}/certs")
    assert x509.load_pem_x509_certificate(certificate.encode()).fingerprint(SHA256()).hex().startswith(key_id)


def test_a_claim_can_be_replaced_added_or_left_out() -> None:
    token = KEY.sign(EMAIL, AUDIENCE, email_verified=None, iss="accounts.google.com", hd="example")

    claims = jwt.decode(token, certs=KEY.certs(), audience=AUDIENCE)  # type: ignore[no-untyped-call]

    assert "email_verified" not in claims
    assert (claims["iss"], claims["hd"], claims["email"]) == ("accounts.google.com", "example", EMAIL)
    assert claims["exp"] - claims["iat"] == 3600


def test_calls_answered_with_2xx_count_as_delivered(relay: Relay, target: Target, caller: urllib3.PoolManager) -> None:
    for target.status in (200, 204, 409, 503):
        caller.request("POST", f"{relay.url}/advance", body=b"{}")

    assert relay.delivered == 2


def test_four_calls_at_the_same_time_are_under_way_together_and_others_wait(
    relay: Relay, target: Target, caller: urllib3.PoolManager
) -> None:
    together, open_gate = threading.Semaphore(0), threading.Event()

    def wait_at_the_gate() -> None:
        together.release()
        open_gate.wait(timeout=30)

    target.before_answer = wait_at_the_gate

    with ThreadPoolExecutor(8) as pool:
        answers = [
            pool.submit(lambda: caller.request("POST", f"{relay.url}/advance", body=b"{}").status) for _ in range(8)
        ]
        arrived = [together.acquire(timeout=30) for _ in range(4)]
        is_fifth_there = together.acquire(timeout=0.5)
        open_gate.set()

    assert arrived == [True] * 4
    assert not is_fifth_there
    assert [answer.result() for answer in answers] == [204] * 8


def raw(relay: Relay, content: bytes) -> bytes:
    """What the relay says to these bytes until it closes the connection."""
    host, _, port = relay.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("length", [b"Transfer-Encoding: chunked", b"Content-Length: -1", b"Content-Length: 1x"])
def test_a_body_of_unknown_length_gets_411_and_reaches_nobody(relay: Relay, target: Target, length: bytes) -> None:
    start = b"POST /advance HTTP/1.1\r\nHost: x\r\n"
    body_that_looks_like_a_call = start + b"Content-Length: 0\r\n\r\n"

    answer = raw(relay, start + length + b"\r\n\r\n" + body_that_looks_like_a_call)

    assert answer.startswith(b"HTTP/1.1 411 ")
    assert target.calls == []


def test_half_a_call_reaches_nobody(relay: Relay, target: Target) -> None:
    answer = raw(relay, b"POST /advance HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{}")

    assert (answer, target.calls) == (b"", [])


def wait_until_nobody_listens(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib3.request("GET", url, retries=False, timeout=5)
        except urllib3.exceptions.HTTPError:
            return
    raise TimeoutError(url)


def test_stopping_ends_idle_connections_and_can_be_repeated(target: Target) -> None:
    before = set(threading.enumerate())
    relay = Relay(KEY, {"advance": Route(target.url, AUDIENCE, EMAIL)})
    relay.start()
    connection = http.client.HTTPConnection(relay.url.removeprefix("http://"), timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", "/advance", body=b"{}")
        connection.getresponse().read()

        relay.stop()
        relay.stop()

        assert connection.sock.recv(1) == b""
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()


def test_stopping_lets_a_call_under_way_end(target: Target, caller: urllib3.PoolManager) -> None:
    has_arrived, may_answer = threading.Event(), threading.Event()

    def wait() -> None:
        has_arrived.set()
        may_answer.wait(timeout=30)

    target.before_answer = wait
    relay = Relay(KEY, {"advance": Route(target.url, AUDIENCE, EMAIL)})
    relay.start()
    url = f"{relay.url}/advance"
    with ThreadPoolExecutor(2) as pool:
        call = pool.submit(caller.request, "POST", url, body=b"{}")
        has_arrived.wait(timeout=30)
        stop = pool.submit(relay.stop)
        wait_until_nobody_listens(url)
        may_answer.set()

        assert call.result(timeout=30).status == 204
        stop.result(timeout=30)


def test_a_relay_that_is_stopped_has_no_address(target: Target) -> None:
    relay = Relay(KEY, {"advance": Route(target.url, AUDIENCE, EMAIL)})

    with pytest.raises(RuntimeError, match="not running"):
        _ = relay.url


def test_a_relay_starts_once_at_a_time(relay: Relay) -> None:
    with pytest.raises(RuntimeError, match="already"):
        relay.start()
