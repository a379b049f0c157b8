"""A stand-in for Cloud Tasks that the real client talks to over gRPC.

State is in memory and time is the clock you hand in, so a month passes when you say so.  Only the deadline of an
attempt, which waits for a real answer, goes by real time.  Not modelled: dispatch rates, slowing down after 429 or
503, `Retry-After`, redirects, pages of lists, changing a queue, HTTP targets of queues, OAuth tokens, App Engine
tasks, batches, and the days for which the name of a deleted queue stays blocked.
"""

import http.client
import logging
import socket
import string
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote, urlsplit

import grpc
from google.cloud import tasks_v2 as v2
from google.cloud.tasks_v2 import HttpRequest

from functions.stack.cloud_tasks_rules import Book, Fault, Held, PendingTask, RefusedError, method_of

__all__ = ["CloudTasksServer", "Fault", "PendingTask"]

_log = logging.getLogger(__name__)

_SERVICE = "google.cloud.tasks.v2.CloudTasks"
_MESSAGE_BYTES_MAX = 8_388_608
_DISPATCHES_AT_ONCE_MAX = 64
_POLL_SECONDS = 0.01
_CONNECT_SECONDS = 5.0
_ANSWER_BYTES_READ = 1_048_576


@dataclass(eq=False)
class _Flight:
    """One HTTP request on its way; it is cut off when the monotonic clock passes `cut_at`."""

    held: Held
    request: HttpRequest
    headers: dict[str, str]
    cut_at: float
    wire: socket.socket | None = None


class CloudTasksServer:
    """Cloud Tasks on 127.0.0.1, with queues, tasks and dispatch as the real client knows them.

    Use it as a context manager or pair `start` with `stop`; a stopped server is not started again.

    Args:
        now: The clock everything goes by, in aware UTC.  It may jump forward; the server looks every 10 ms.
        sign: Makes the bearer token for a service account email and an audience.  It is called on many threads.
        port: Where to listen; 0 takes a free port.
    """

    def __init__(self, *, now: Callable[[], datetime], sign: Callable[[str, str], str], port: int = 0) -> None:
        self._now, self._sign, self._port = now, sign, port
        self._lock = threading.Lock()
        self._book = Book(self._send)
        self._flights: set[_Flight] = set()
        self._is_closing = False
        self._is_closed = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="cloud-tasks-poll", daemon=True)
        self._dispatchers = ThreadPoolExecutor(_DISPATCHES_AT_ONCE_MAX, "cloud-tasks-dispatch")
        self._answerers = ThreadPoolExecutor(8, "cloud-tasks-rpc")
        options = [("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", _MESSAGE_BYTES_MAX)]
        self._grpc = grpc.server(self._answerers, [self._handlers()], options=options)

    @property
    def address(self) -> str:
        """Where the server listens, as host:port."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen and dispatch, until `stop`.

        Raises:
            RuntimeError: The port is taken.
        """
        self._port = self._grpc.add_insecure_port(self.address)
        self._grpc.start()
        self._poller.start()

    def stop(self) -> None:
        """Cut off what is under way and end every thread; stopping again is harmless."""
        self._grpc.stop(grace=None).wait()
        self._answerers.shutdown()
        with self._lock:
            self._is_closing = True
            for flight in self._flights:
                flight.cut_at = 0.0
        self._dispatchers.shutdown()
        self._is_closed.set()
        if self._poller.is_alive():
            self._poller.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wake(self) -> None:
        """Send what is due now, without waiting for the next look at the clock."""
        now = self._now()
        with self._lock:
            if not self._is_closing:
                self._book.fire_due(now, _DISPATCHES_AT_ONCE_MAX - len(self._flights))

    def pending(self) -> tuple[PendingTask, ...]:
        """Every task held, the next to fire first."""
        with self._lock:
            return self._book.pending()

    def idle(self) -> bool:
        """Whether nothing is under way and nothing is due; what a paused queue holds back is not due."""
        now = self._now()
        with self._lock:
            return not self._flights and not self._book.is_anything_due(now)

    def inject(self, fault: Fault) -> None:
        """Let this go wrong, beside what goes wrong already, until `heal`."""
        with self._lock:
            self._book.inject(fault)

    def heal(self) -> None:
        """Take every fault back; tasks not yet fired return to their schedule time."""
        with self._lock:
            self._book.inject()

    def _handlers(self) -> grpc.GenericRpcHandler:
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                self._answering(call), getattr(v2, f"{name}Request").deserialize, _serialized
            )
            for name, call in self._book.calls().items()
        }
        generic: grpc.GenericRpcHandler = grpc.method_handlers_generic_handler(_SERVICE, handlers)
        return generic

    def _answering(self, call: Callable[[Any, datetime], Any]) -> Callable[[Any, grpc.ServicerContext], Any]:
        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            now = self._now()  # before the lock: the clock may have a lock of its own and call `wake` under it
            try:
                with self._lock:
                    return call(request, now)
            except RefusedError as refusal:
                _log.debug("refused: %s", refusal)
                return context.abort(refusal.code, str(refusal))

        return answer

    def _poll(self) -> None:
        while not self._is_closed.wait(_POLL_SECONDS):
            self.wake()
            with self._lock:
                sockets = [flight.wire for flight in self._flights if flight.cut_at <= time.monotonic()]
            for overdue in filter(None, sockets):
                with suppress(OSError):
                    overdue.shutdown(socket.SHUT_RDWR)

    def _send(self, held: Held, headers: dict[str, str]) -> None:
        cut_at = time.monotonic() + held.task.dispatch_deadline.total_seconds()
        flight = _Flight(held, HttpRequest(held.task.http_request), headers, cut_at)
        self._flights.add(flight)
        # Asking for the result lets an error of our own, or of the clock, be logged rather than swallowed.
        self._dispatchers.submit(self._fly, flight).add_done_callback(lambda done: done.result())

    def _fly(self, flight: _Flight) -> None:
        status, reason = self._outcome(flight)
        _log.debug("[%s] %s", flight.held.task.name, reason)
        now = self._now()
        with self._lock:
            self._flights.discard(flight)
            self._book.landed(flight.held, status, reason, now)
        self.wake()

    def _outcome(self, flight: _Flight) -> tuple[int | None, str]:
        try:
            if "oidc_token" in flight.request:
                token = flight.request.oidc_token
                bearer = self._sign(token.service_account_email, token.audience or flight.request.url)
                flight.headers = {**flight.headers, "Authorization": f"Bearer {bearer}"}
            status = _posted(flight)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is a failed attempt, and GetTask shows why
            return None, f"no answer: {type(error).__name__}: {error}"
        return status, f"HTTP status code {status}"


def _serialized(reply: Any) -> bytes:
    return b"" if reply is None else bytes(type(reply).serialize(reply))


def _posted(flight: _Flight) -> int:
    url = urlsplit(flight.request.url)
    scheme = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = scheme(url.hostname or "", url.port, timeout=_CONNECT_SECONDS)
    target = quote(f"{url.path or '/'}?{url.query}".rstrip("?"), safe=string.punctuation)
    try:
        connection.connect()
        connection.sock.settimeout(None)
        flight.wire = connection.sock
        connection.request(method_of(flight.request), target, flight.request.body, flight.headers)
        with connection.getresponse() as response:
            response.read(_ANSWER_BYTES_READ)
            return response.status
    finally:
        connection.close()
