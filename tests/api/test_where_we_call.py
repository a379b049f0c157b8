"""Nobody makes us call the inside: when a receiver is registered and at every attempt, with nobody admitted.

Whoever is connected to, is told to us instead of being reached; what is not of the public ends at a canary.
"""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from functions.adapters.webhook.pinned_caller import PinnedCaller
from functions.embedded import Embedded
from schemas.subscriptions import SubscriptionId
from tests.adapters.test_pinned_caller import Names
from tests.api.conftest import NOON, WISH, Api
from tests.corpus.rows import made, rows
from tests.support.partner import Partner, partner, says
from tests.support.subscribers import Subscribers
from workflows.runtime.endpoint import is_public
from workflows.runtime.partner_ports import Answer, Caller, PartnerPorts
from workflows.runtime.subscribe import end, send_test


def is_kept(row: dict[str, Any]) -> bool:
    """Whether a store could hold the address of the row."""
    url = made(row.get("url", ""))
    return isinstance(url, str) and not any("\ud800" <= sign <= "\udfff" for sign in url)


OURS = frozenset({"intake.sadari.example"})
PUBLIC = ["8.8.8.8"]
REFUSED = [each for each in rows("endpoints") if "takes" not in each.values[0]]


@dataclass
class Spy:
    """Whom anybody tried to connect to.

    Attributes:
        canary: Where connections to the inside end, so that what they would have brought is seen.
        outside: The public addresses; they refuse.
    """

    canary: Partner
    outside: list[tuple[str, int]] = field(default_factory=list)
    inside: list[object] = field(default_factory=list)

    @property
    def leaked(self) -> tuple[list[object], int]:
        """What went inside."""
        return self.inside, self.canary.accepted


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spy]:
    with partner(says("HTTP/1.1 200 OK\r\n\r\n")) as canary:
        found, connect = Spy(canary), socket.socket.connect

        def told(each: socket.socket, address: Any) -> None:
            if is_public(ip_address(address[0])):
                found.outside.append(address[:2])
                raise ConnectionRefusedError
            found.inside.append(address[:2])
            connect(each, ("127.0.0.1", canary.port))

        monkeypatch.setattr(socket.socket, "connect", told)
        yield found


class Turned:
    """A `Caller` that every test turns to what it is about."""

    def __init__(self, now: Caller) -> None:
        self.now = now

    def read(self, url: str) -> str:
        """Give an address in its one form."""
        return self.now.read(url)

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Call."""
        return self.now.call(method, url, headers, body)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    embedded = Embedded(Path(tmp_path_factory.mktemp("partners")) / "sadari.db")
    embedded.clock.turn(NOON)
    subscribers = Subscribers(embedded)
    subscribers.ports = replace(subscribers.ports, caller=Turned(subscribers.receivers))
    yield Api(subscribers)
    embedded.close()


def turn(api: Api, *answers: list[str]) -> PartnerPorts:
    """Call as in production, with nobody admitted, and a resolver that says what a row says."""
    ports = api.subscribers.ports
    ports.caller.now = PinnedCaller(ours=OURS, admitted=frozenset(), resolve=Names(*answers))  # type: ignore[attr-defined]
    return ports


def registered(api: Api, **changed: Any) -> SubscriptionId:
    """A receiver that was fit when it was registered; nobody else is sent anything from now on."""
    for each in api.subscribers.ports.subscriptions.find():
        end(each.id, api.subscribers.ports)
    api.subscribers.ports.caller.now = api.subscribers.receivers  # type: ignore[attr-defined]
    answer = api.call("POST", "/subscriptions", api.key(), {**WISH, **changed})
    return SubscriptionId(answer.json["id"])  # type: ignore[index]


@pytest.mark.parametrize("row", REFUSED)
def test_nobody_is_registered_who_leads_us_inside(row: dict[str, Any], api: Api, spy: Spy) -> None:
    ports = turn(api, row.get("names", PUBLIC))
    before = ports.subscriptions.find()

    url = made(row.get("url", "https://partner.example/notices"))
    answer = api.call("POST", "/subscriptions", api.key(), {**WISH, "url": url})

    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"url" if is_kept(row) or not isinstance(url, str) else "body"}  # type: ignore[index]
    assert ports.subscriptions.find() == before
    assert (spy.leaked, spy.outside) == (([], 0), [])


@pytest.mark.parametrize("row", [each for each in REFUSED if is_kept(each.values[0])])
def test_nobody_is_sent_to_who_leads_us_inside_by_now(row: dict[str, Any], api: Api, spy: Spy) -> None:
    found = registered(api)
    ports = turn(api, row.get("names", PUBLIC))
    if "url" in row:
        changed = api.subscribers.subscription(found).model_copy(update={"url": made(row["url"])})
        assert ports.subscriptions.put(changed, seen=changed.version)

    name = send_test(found, "1", api.subscribers.embedded.ports, ports)
    api.subscribers.until(api.subscribers.embedded.clock.now())

    [attempt] = ports.deliveries.attempts(name)
    assert attempt.fault == ("refused_address" if "names" in row else "refused_url")
    assert ports.subscriptions.health(found).failures == 1
    assert (spy.leaked, spy.outside) == (([], 0), [])


@pytest.mark.parametrize("row", [each for each in rows("endpoints") if "takes" in each.values[0]])
def test_a_public_name_is_called_where_it_leads(row: dict[str, Any], api: Api, spy: Spy) -> None:
    turn(api, PUBLIC)

    answer = api.call("POST", "/subscriptions", api.key(partner=row["id"].lower()), {**WISH, "url": made(row["url"])})

    assert (answer.status_code, answer.json["url"]) == (201, made(row["takes"]))  # type: ignore[index]
    assert answer.json["why"] == "no_connection"  # type: ignore[index]
    assert spy.leaked == ([], 0)
    assert {address for address, _ in spy.outside} == {"8.8.8.8"}


def test_a_name_that_leads_elsewhere_with_every_look_is_called_where_it_was_checked(api: Api, spy: Spy) -> None:
    found = registered(api, url="https://rebind.example:8443/notices")
    ports = turn(api, PUBLIC, ["127.0.0.1"], PUBLIC, ["::1"], ["64:ff9b::7f00:1"])

    name = send_test(found, "1", api.subscribers.embedded.ports, ports)
    for _ in range(5):
        at = ports.deliveries.get(name)
        assert at is not None
        assert at.next_at is not None
        api.subscribers.until(at.next_at)

    faults = [each.fault for each in ports.deliveries.attempts(name)]
    assert faults == ["no_connection", "refused_address", "no_connection", "refused_address", "refused_address"]
    assert spy.leaked == ([], 0)
    assert spy.outside == [("8.8.8.8", 8443)] * 2
