import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import pytest

import functions.adapters.webhook.pinned_caller as caller_module
from functions.adapters.webhook.pinned_caller import ANSWER_BYTES_MAX, PinnedCaller
from tests.corpus.rows import made, rows
from tests.support.partner import LOOPBACK, Authority, Partner, Talk, partner, says
from workflows.runtime.endpoint import Address, Endpoint

URL = "https://partner.example/notices?of=all"
OK = says("HTTP/1.1 204 No Content\r\n\r\n")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


class PublicHere(PinnedCaller):
    """Takes 127.0.0.1 for public, and a partner's port for 443: a test has no other address to be called at."""

    port = 0

    def _address_of(self, endpoint: Endpoint) -> Address:
        asked = self._resolving.submit(self._resolve, endpoint.host, endpoint.port)
        return asked.result(3)[0]

    def _connection(self, endpoint: Endpoint, address: Address):  # type: ignore[no-untyped-def]  # noqa: ANN202
        made = super()._connection(endpoint, address)
        made.port = self.port
        return made


def at(there: Partner, authority: Authority, seconds_max: float = 15.0) -> PublicHere:
    made = PublicHere(
        ours=frozenset(),
        admitted=frozenset(),
        resolve=lambda _host, _port: [LOOPBACK],
        ca_certs=str(authority.path),
        seconds_max=seconds_max,
    )
    made.port = there.port
    return made


def test_the_checked_address_is_called_under_the_name_that_its_certificate_shows(authority: Authority) -> None:
    with partner(OK, authority.context("partner.example")) as there:
        answer = at(there, authority).call("POST", URL, {"webhook-id": "1"}, "알림".encode())

    assert (answer.status, answer.fault) == (204, "")
    head, _, body = there.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /notices?of=all HTTP/1.1\r\n")
    assert b"\r\nHost: partner.example\r\n" in head
    assert b"\r\nwebhook-id: 1\r\n" in head
    assert not {b"cookie", b"authorization", b"accept-encoding: gzip"} & set(head.lower().split(b"\r\n"))
    assert body == "알림".encode()


@pytest.mark.parametrize(
    ("host", "flags"),
    [("other.example", {}), ("partner.example", {"is_expired": True}), ("partner.example", {"is_ours": False})],
)
def test_a_certificate_of_another_name_or_time_or_authority_is_refused(
    authority: Authority, host: str, flags: dict[str, bool]
) -> None:
    with partner(OK, authority.context(host, **flags)) as there:
        answer = at(there, authority).call("POST", URL, {}, b"{}")

    assert (answer.status, answer.fault) == (0, "certificate")
    assert there.requests in ([], [b""])


def test_a_redirect_is_an_answer_and_is_not_followed(authority: Authority) -> None:
    with partner(OK) as inside:
        moved = says(f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inside.port}/\r\nSet-Cookie: a=1\r\n\r\n")
        with partner(moved, authority.context("partner.example")) as there:
            answer = at(there, authority).call("POST", URL, {}, b"{}")

    assert answer.status == 302
    assert inside.accepted == 0


def drip(connection: socket.socket, _request: bytes) -> None:
    with suppress(OSError):
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)


def hang(connection: socket.socket, _request: bytes) -> None:
    with suppress(OSError):
        connection.recv(1)


def drip_the_body(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    drip(connection, _request)


@pytest.mark.parametrize(
    ("talk", "status", "fault"), [(drip, 0, "too_slow"), (hang, 0, "too_slow"), (drip_the_body, 200, "")]
)
def test_whoever_drips_or_hangs_is_cut_off_at_the_deadline(
    authority: Authority, talk: Talk, status: int, fault: str
) -> None:
    with partner(talk, authority.context("partner.example")) as there:
        answer = at(there, authority, seconds_max=1.0).call("POST", URL, {}, b"{}")

    assert (answer.status, answer.fault) == (status, fault)
    assert 900 <= answer.ms < 5_000


def test_a_handshake_that_never_ends_is_cut_off_too(authority: Authority) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    there = type("There", (), {"port": silent.getsockname()[1]})

    answer = at(there, authority, seconds_max=1.0).call("POST", URL, {}, b"{}")  # type: ignore[arg-type]

    silent.close()
    assert answer.status == 0
    assert answer.ms < 5_000


def test_only_the_head_of_an_answer_is_read_and_nothing_is_unpacked(authority: Authority) -> None:
    talk = says("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nRetry-After: 7\r\nX-Other: 1\r\n\r\n" + "x" * 1_000_000)
    with partner(talk, authority.context("partner.example")) as there:
        answer = at(there, authority).call("POST", URL, {}, b"{}")

    assert answer.head == b"x" * ANSWER_BYTES_MAX
    assert dict(answer.headers) == {"retry-after": "7"}


@pytest.mark.parametrize("row", rows("webhook_answers"))
def test_an_answer_is_read_as_the_corpus_says_and_raises_nothing(authority: Authority, row: dict[str, Any]) -> None:
    with partner(says(made(row["answer"])), authority.context("partner.example")) as there:
        answer = at(there, authority).call("POST", URL, {}, b"{}")

    assert (answer.status, answer.fault) == (row["status"], row.get("fault", ""))
    assert len(answer.head) <= ANSWER_BYTES_MAX
    assert answer.ms < 10_000
    assert len(there.requests) == 1


def test_a_cookie_is_not_brought_back(authority: Authority) -> None:
    with partner(says("HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\n\r\n"), authority.context("partner.example")) as there:
        caller = at(there, authority)
        for _ in range(2):
            caller.call("POST", URL, {}, b"{}")

    assert not [each for each in there.requests if b"cookie" in each.lower()]


def reset(connection: socket.socket, _request: bytes) -> None:
    raw = socket.socket(fileno=socket.dup(connection.fileno()))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.detach()
    raw.close()


def test_a_connection_that_is_reset_after_the_request_is_a_failure(authority: Authority) -> None:
    with partner(reset, authority.context("partner.example")) as there:
        answer = at(there, authority, seconds_max=2.0).call("POST", URL, {}, b"{}")

    assert (answer.status, len(there.requests)) == (0, 1)


def test_names_whose_servers_hang_hold_up_no_other_name(monkeypatch: pytest.MonkeyPatch, spy: list[object]) -> None:
    monkeypatch.setattr(caller_module, "RESOLVE_SECONDS_MAX", 0.5)
    done = threading.Event()

    def resolve(host: str, _port: int) -> Sequence[Address]:
        if host.startswith("hangs"):
            done.wait(30)
        return [ip_address("8.8.8.8")]

    caller = PinnedCaller(ours=frozenset(), admitted=frozenset(), resolve=resolve)
    hanging = [
        threading.Thread(target=caller.call, args=("POST", f"https://hangs{number}.example/", {}))
        for number in range(16)
    ]
    for each in hanging:
        each.start()

    answer = caller.call("POST", URL, {}, b"{}")

    done.set()
    for each in hanging:
        each.join()
    assert answer.fault == "no_connection"
    assert ("8.8.8.8", 443) in spy


# ---- who may be called at all


class Names:
    """A resolver that says what a test wrote down, each answer once; the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = [[ip_address(each) for each in answer] for answer in answers]
        self.asked = 0

    def __call__(self, _host: str, _port: int) -> Sequence[Address]:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        return answer


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Whom anybody tried to connect to; nobody gets through."""
    tried: list[object] = []

    def connect(_connection: object, address: object) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return tried


INSIDE = [
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::1",
    "fec0::1",
]


@pytest.mark.parametrize("answer", [*([each] for each in INSIDE), *(["8.8.8.8", each] for each in INSIDE), []])
def test_a_name_with_one_address_inside_is_never_called(spy: list[object], answer: list[str]) -> None:
    caller = PinnedCaller(ours=frozenset(), admitted=frozenset(), resolve=Names(answer))

    found = caller.call("POST", URL, {}, b"{}")

    assert (found.fault, spy) == ("refused_address", [])


def test_a_name_that_changes_between_look_and_call_is_called_where_it_was_looked_up(spy: list[object]) -> None:
    names = Names(["8.8.8.8"], ["127.0.0.1"])
    caller = PinnedCaller(ours=frozenset(), admitted=frozenset(), resolve=names)

    first, second = (caller.call("POST", URL, {}, b"{}") for _ in range(2))

    assert spy == [("8.8.8.8", 443)]
    assert (first.fault, second.fault, names.asked) == ("no_connection", "refused_address", 2)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "http://partner.example/", "https://0x7f.1/", "https://localhost/", ""]
)
def test_what_is_no_partners_address_is_not_even_looked_up(spy: list[object], url: str) -> None:
    names = Names(["8.8.8.8"])

    found = PinnedCaller(ours=frozenset(), admitted=frozenset(), resolve=names).call("POST", url, {}, b"{}")

    assert (found.fault, spy, names.asked) == ("refused_url", [], 0)


def test_a_name_that_does_not_resolve_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller_module, "RESOLVE_SECONDS_MAX", 0.1)
    done = threading.Event()

    def slow(_host: str, _port: int) -> Sequence[Address]:
        done.wait(5)
        return []

    found = PinnedCaller(ours=frozenset(), admitted=frozenset(), resolve=slow).call("POST", URL, {}, b"{}")

    done.set()
    assert found.fault == "name_not_found"


def test_a_receiver_on_this_machine_that_the_settings_name_is_called_without_tls() -> None:
    with partner(OK) as there:
        caller = PinnedCaller(ours=frozenset(), admitted=frozenset({("127.0.0.1", there.port)}))

        answer = caller.call("OPTIONS", f"http://127.0.0.1:{there.port}/hook", {})

    assert answer.status == 204
    assert there.requests[0].startswith(b"OPTIONS /hook HTTP/1.1\r\n")


def test_the_names_of_the_real_world_are_asked_of_the_system() -> None:
    assert ip_address("127.0.0.1") in caller_module.resolve("localhost", 443)
