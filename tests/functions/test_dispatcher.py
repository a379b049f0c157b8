from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from functions.dispatcher import Dispatcher
from functions.embedded import Embedded
from tests.runtime.test_partners import NOON, a_notice, delivery, made, told
from tests.support.subscribers import Receivers, Subscribers
from workflows.runtime.partner_ports import Answer


class Broken(Receivers):
    """Receivers whose answers we fail to read."""

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Call, and break."""
        super().call(method, url, headers, body)
        raise RuntimeError


def test_an_attempt_that_went_wrong_here_is_not_made_again_at_once(tmp_path: Path) -> None:
    embedded = Embedded(tmp_path / "sadari.db")
    embedded.clock.turn(NOON)
    city = Subscribers(embedded)
    made(city)
    [waiting] = told(city, a_notice())
    broken = Broken()
    dispatcher = Dispatcher(city.alarms, embedded.ports, replace(city.ports, caller=broken))

    begun = dispatcher.dispatch()
    dispatcher.close()
    again = [dispatcher.dispatch() for _ in range(20)]

    assert (begun, sum(again), len(broken.posts)) == (1, 0, 1)
    assert delivery(city, waiting).next_at == NOON
    embedded.close()
