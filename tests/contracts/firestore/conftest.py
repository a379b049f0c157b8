"""A client whose calls are counted, and a line that loses answers."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import grpc
import pytest
from google.cloud import firestore
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

from functions.stack.emulators import Emulators
from schemas.messages import Quarantined


class Counting(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Notes each call, with the documents it reads or writes."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []

    def note(self, continuation: Any, details: Any, request: Any) -> Any:
        touched = getattr(request, "documents", None) or getattr(request, "writes", None) or ()
        self.calls.append((details.method.rpartition("/")[2], len(touched)))
        return continuation(details, request)

    intercept_unary_unary = intercept_unary_stream = note

    def during(self, act: Callable[[], Any]) -> list[tuple[str, int]]:
        self.calls.clear()
        act()
        return list(self.calls)


@pytest.fixture
def counting(emulators: Emulators, firestore_client: firestore.Client) -> Iterator[Counting]:
    counting = Counting()
    with grpc.insecure_channel(emulators.firestore_address) as channel:
        transport = FirestoreGrpcTransport(channel=grpc.intercept_channel(channel, counting))
        firestore_client._firestore_api_internal = FirestoreClient(transport=transport)
        yield counting


class Proxy:
    """Stands between a client and the emulator; on command it swallows the answers, or breaks off."""

    def __init__(self, address: str) -> None:
        host, _, port = address.partition(":")
        self._behind = (host, int(port))
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self.address = f"127.0.0.1:{self._door.getsockname()[1]}"
        self.is_mute = False
        self.bytes_left: float = float("inf")
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                front = self._door.accept()[0]
                back = socket.create_connection(self._behind)
                self._open += [front, back]
                for pump in (
                    threading.Thread(target=self._pump, args=(front, back, lambda _: True)),
                    threading.Thread(target=self._pump, args=(back, front, self._may_answer)),
                ):
                    self._threads.append(pump)
                    pump.start()

    def _pump(self, source: socket.socket, to: socket.socket, may_pass: Callable[[int], bool]) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                if may_pass(len(piece)):
                    to.sendall(piece)
        with suppress(OSError):
            to.shutdown(socket.SHUT_RDWR)

    def _may_answer(self, size: int) -> bool:
        self.bytes_left -= size
        if self.bytes_left < 0:
            self.break_off()
        return not self.is_mute

    def break_off(self) -> None:
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self.break_off()
        for thread in self._threads:
            thread.join()
        for each in (self._door, *self._open):
            each.close()


@contextmanager
def _client_at(address: str, project: str) -> Iterator[firestore.Client]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", address)
        client = firestore.Client(project=project)
    yield client
    client._firestore_api.transport.close()


@pytest.fixture
def client_at() -> Callable[[str, str], AbstractContextManager[firestore.Client]]:
    """Build a client of the Firestore at an address, for a project."""
    return _client_at


@pytest.fixture
def proxy(emulators: Emulators) -> Iterator[Proxy]:
    proxy = Proxy(emulators.firestore_address)
    yield proxy
    proxy.close()


@pytest.fixture
def proxied(proxy: Proxy, project: str) -> Iterator[firestore.Client]:
    with _client_at(proxy.address, project) as client:
        yield client


@pytest.fixture
def quarantined() -> Callable[..., Quarantined]:
    def lay(number: int, reason: str = "") -> Quarantined:
        at = f"2026-03-02T12:{number:02}:00Z"
        return Quarantined.model_validate({"id": f"row-{number}", "reason": reason, "source": "events", "heard_at": at})

    return lay
