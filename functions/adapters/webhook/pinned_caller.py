"""Calls partners: at public addresses only, at the one that was checked, and never longer than the deadline."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlowError
from contextlib import contextmanager, suppress
from http.client import CONTINUE, OK, SWITCHING_PROTOCOLS, HTTPException, HTTPResponse
from ipaddress import ip_address

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from workflows.runtime.endpoint import Address, Endpoint, is_public, read_endpoint
from workflows.runtime.errors import BadForm
from workflows.runtime.partner_ports import Answer

CONNECT_SECONDS_MAX = 3.0
RESOLVE_SECONDS_MAX = 3.0
CALL_SECONDS_MAX = 15.0
"""From the look-up to the last byte, however slowly bytes drip (Standard Webhooks names 15 to 30 seconds)."""

ANSWER_BYTES_MAX = 16 * 1024
RESOLVING_MAX = 64
"""So many look-ups at once: whose name servers hang holds a thread for as long as the system tries, not for 3 s."""

INTERIM_MAX = 20
"""So many answers of the class 1xx may come before the final one (RFC 9110, section 15.2)."""

KEPT_HEADERS = ("retry-after", "webhook-allowed-origin", "webhook-allowed-rate")

# Its warnings repeat the address, which may carry a token.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)

Resolve = Callable[[str, int], Sequence[Address]]


def resolve(host: str, port: int) -> Sequence[Address]:
    """Give the addresses of a name.

    Raises:
        OSError: It has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(ip_address(str(place[0]).partition("%")[0]) for *_, place in found))


class PinnedCaller:
    """A `Caller` over HTTPS.

    Each call resolves the name anew, refuses it if any of its addresses is not public, connects to a checked address
    and to no other, and verifies the certificate against the name.  Redirects are not followed, nothing is decoded,
    no proxy, cookie or credential is known.
    """

    def __init__(
        self,
        *,
        ours: frozenset[str],
        admitted: frozenset[tuple[str, int]],
        resolve: Resolve = resolve,
        ca_certs: str = certifi.where(),
        seconds_max: float = CALL_SECONDS_MAX,
    ) -> None:
        """Call nobody yet.

        Args:
            ours: Names under which we are reached ourselves.
            admitted: Address and port of receivers on this machine, for development.
            resolve: Gives the addresses of a name.
            ca_certs: The file of the authorities that certificates are verified by.
            seconds_max: The deadline of a call.
        """
        self._ours = ours
        self._admitted = admitted
        self._resolve = resolve
        self._ca_certs = ca_certs
        self._seconds_max = seconds_max
        self._resolving = ThreadPoolExecutor(max_workers=RESOLVING_MAX, thread_name_prefix="resolve")

    def read(self, url: str) -> str:
        """Give an address in its one form."""
        return read_endpoint(url, ours=self._ours, admitted=self._admitted).url

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Call, and give what became of it; never raises for what the other side does.

        Args:
            method: `POST` or `OPTIONS`.
            url: As it was registered; it is read and checked again.
            headers: What to send beside Host, Content-Length and Connection.
            body: The raw bytes.
        """
        begun = time.monotonic()
        try:
            endpoint = read_endpoint(url, ours=self._ours, admitted=self._admitted)
            address = self._address_of(endpoint)
        except BadForm:
            return Answer(fault="refused_url", ms=_ms_since(begun))
        except _RefusedAddressError:
            return Answer(fault="refused_address", ms=_ms_since(begun))
        except (OSError, UnicodeError, TooSlowError):
            return Answer(fault="name_not_found", ms=_ms_since(begun))
        left = self._seconds_max - (time.monotonic() - begun)
        connection = self._connection(endpoint, address)
        try:
            with connection.leashed(left):
                return _exchange(connection, method, endpoint, headers, body, begun)
        except ssl.SSLError as error:
            return Answer(fault="certificate", ms=_ms_since(begun), detail=str(error.reason or ""))
        except (OSError, HTTPError, HTTPException, ValueError) as error:
            fault = "too_slow" if connection.was_cut else _fault_of(error)
            return Answer(fault=fault, ms=_ms_since(begun), detail=type(error).__name__)
        finally:
            connection.close()

    def _address_of(self, endpoint: Endpoint) -> Address:
        """Give an address that may be called; one bad address of a name refuses the name."""
        if endpoint.is_admitted:
            return ip_address(endpoint.host)
        asked = self._resolving.submit(self._resolve, endpoint.host, endpoint.port)
        addresses = asked.result(RESOLVE_SECONDS_MAX)
        if not addresses or not all(map(is_public, addresses)):
            raise _RefusedAddressError
        return addresses[0]

    def _connection(self, endpoint: Endpoint, address: Address) -> "_Connection | _SecureConnection":
        if endpoint.is_admitted:
            return _Connection(str(address), endpoint.port, timeout=CONNECT_SECONDS_MAX)
        return _SecureConnection(
            str(address),
            endpoint.port,
            timeout=CONNECT_SECONDS_MAX,
            server_hostname=endpoint.host,
            assert_hostname=endpoint.host,
            cert_reqs=ssl.CERT_REQUIRED,
            ssl_minimum_version=ssl.TLSVersion.TLSv1_2,
            ca_certs=self._ca_certs,
        )


class _RefusedAddressError(Exception):
    """The name leads to an address that is nobody's on the internet."""


class _Leash:
    """Cuts a connection at its deadline, whatever it is doing: the time-outs of sockets begin anew with every byte."""

    was_cut = False
    _end: socket.socket | None = None

    def hold(self, end: socket.socket) -> None:
        """Take a second handle of the connection, which stays valid while TLS takes the first one over."""
        self._end = end.dup()

    @contextmanager
    def leashed(self, seconds: float) -> Iterator[None]:
        """Cut the connection when the time is up."""
        timer = threading.Timer(max(seconds, 0.0), self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            if self._end is not None:
                self._end.close()

    def _cut(self) -> None:
        self.was_cut = True
        if self._end is not None:
            with suppress(OSError):
                self._end.shutdown(socket.SHUT_RDWR)


class _Final(HTTPResponse):
    """The final answer: whatever is said meanwhile is passed over, as `http.client` does with 100 alone."""

    _interim = 0

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        if not CONTINUE <= status < OK or status == SWITCHING_PROTOCOLS:
            return version, status, reason
        self._interim += 1
        if self._interim > INTERIM_MAX:
            raise HTTPException("nothing but interim answers")
        return version, CONTINUE, reason


class _Connection(_Leash, HTTPConnection):
    response_class = _Final

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        self.hold(made)
        return made


class _SecureConnection(_Leash, HTTPSConnection):
    response_class = _Final

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        self.hold(made)
        return made


def _exchange(
    connection: _Connection | _SecureConnection,
    method: str,
    endpoint: Endpoint,
    headers: Mapping[str, str],
    body: bytes,
    begun: float,
) -> Answer:
    usual = endpoint.port == (80 if endpoint.is_admitted else 443)
    host = endpoint.host if usual else f"{endpoint.host}:{endpoint.port}"
    sent = {**headers, "Host": host, "Connection": "close", "Content-Length": str(len(body))}
    connection.connect()
    if connection.sock is not None:
        connection.sock.settimeout(CALL_SECONDS_MAX)
    connection.request(method, endpoint.target, body, sent, preload_content=False, decode_content=False)
    response = connection.getresponse()
    if connection.was_cut:  # in the middle of the headers, which looks like their end
        return Answer(fault="too_slow", ms=_ms_since(begun))
    kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    head = b""
    # The status decides; who drips or breaks off afterwards has answered all the same.
    with suppress(OSError, HTTPError, HTTPException, ValueError):
        head = response.read(ANSWER_BYTES_MAX, decode_content=False) or b""
    return Answer(status=response.status, headers=kept, head=head, ms=_ms_since(begun))


def _fault_of(error: Exception) -> str:
    text = type(error).__name__
    if "Certificate" in text or isinstance(error.__cause__, ssl.SSLError):
        return "certificate"
    return "no_connection" if "Conn" in text or isinstance(error, TimeoutError) else "broke_off"


def _ms_since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)
