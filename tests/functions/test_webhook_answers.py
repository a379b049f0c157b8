"""What a receiver answers decides what becomes of a delivery, and is kept no longer or wider than it may be."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.adapters.webhook.pinned_caller import PinnedCaller
from functions.embedded import Embedded
from schemas.deliveries import Delivery, DeliveryState
from schemas.subscriptions import SubscriptionState
from tests.corpus.rows import made, rows
from tests.runtime.test_partners import NOON, SECRET, a_notice, a_person, told
from tests.runtime.test_partners import made as subscribed
from tests.support.partner import Talk, partner, says
from tests.support.subscribers import Subscribers


class Town:
    """A partner with a receiver on this machine."""

    def __init__(self, embedded: Embedded, stack: ExitStack) -> None:
        self.subscribers = Subscribers(embedded)
        self._stack = stack

    def sent(self, talk: Talk, **wish: Any) -> Delivery:
        """A delivery after its first attempt."""
        found = subscribed(self.subscribers, **wish)
        there = self._stack.enter_context(partner(talk))
        caller = PinnedCaller(ours=frozenset(), admitted=frozenset({("127.0.0.1", there.port)}))
        self.subscribers.ports = replace(self.subscribers.ports, caller=caller)
        url = f"http://127.0.0.1:{there.port}/notices"
        self.subscribers.ports.subscriptions.put(found.model_copy(update={"url": url}), seen=found.version)
        [made] = told(self.subscribers, a_notice())
        self.subscribers.until(NOON)
        after = self.subscribers.ports.deliveries.get(made.id)
        assert after is not None
        return after


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    embedded = Embedded(tmp_path / "sadari.db")
    embedded.clock.turn(NOON)
    with ExitStack() as stack:
        yield Town(embedded, stack)
    embedded.close()


@pytest.mark.parametrize("row", rows("webhook_answers"))
def test_an_answer_decides_what_becomes_of_a_delivery(row: dict[str, Any], town: Town) -> None:
    after = town.sent(says(made(row["answer"])))

    assert after.state == row.get("state", "waiting")
    assert after.tries == 1
    soonest, latest = row.get("seconds", (1, 10))
    if after.state is DeliveryState.WAITING:
        assert after.next_at is not None
        assert timedelta(seconds=soonest) <= after.next_at - NOON <= timedelta(seconds=latest)
    state = town.subscribers.subscription(after.subscription).state
    assert state is (SubscriptionState.DISABLED if row.get("disables") else SubscriptionState.ACTIVE)


def test_an_answer_that_repeats_personal_fields_is_not_kept(town: Town) -> None:
    town.subscribers.embedded.ports.vault.put(a_person(third_party=True))
    wish = {"fields": ("name",), "consent": "third_party", "purpose": "accounts"}

    after = town.sent(lambda there, request: there.sendall(b"HTTP/1.1 500 Oops\r\n\r\n" + request), **wish)

    [attempt] = town.subscribers.ports.deliveries.attempts(after.id)
    assert (after.person != "", attempt.status, attempt.head) == (True, 500, "")


@pytest.mark.parametrize("echo", [SECRET, SECRET.removeprefix("whsec_"), f"key={SECRET}&"])
def test_an_answer_that_repeats_our_secret_is_kept_without_it(echo: str, town: Town) -> None:
    after = town.sent(says(f"HTTP/1.1 500 Oops\r\n\r\nknown: {echo}, \x00\x1b[31m"))

    [attempt] = town.subscribers.ports.deliveries.attempts(after.id)
    assert SECRET.removeprefix("whsec_") not in attempt.head
    assert attempt.head.startswith("known: ")
    assert attempt.head.isprintable()
