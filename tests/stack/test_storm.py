"""Seats under attack: everybody at once, in any order and twice, on the embedded backend and on the emulators."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from functions.stack.local_stack import LocalStack
from schemas.ids import CaseId
from tests.support.network import Pushes, Threads, a_stack
from tests.support.published import QUOTAS, ROUND, publish_round
from tests.support.rush import MESSAGES, OPEN_OFFERS, Rush, rush
from tests.support.storm import Harbour, Storm
from workflows.runtime.ports import Ports


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Harbour:
    return Harbour(tmp_path_factory.mktemp("harbour")).prepare()


@pytest.mark.parametrize("seed", range(1, 11))
def test_a_storm_breaks_no_rule_of_the_seats(harbour: Harbour, seed: int) -> None:
    found, _ = harbour.storm(seed)

    assert found.wrong == []
    assert found.offers > 30


def test_of_300_acceptances_at_once_exactly_the_open_offers_are_taken(harbour: Harbour, tmp_path: Path) -> None:
    store = tmp_path / "rush.db"
    shutil.copy(harbour.folder / "quotas.db", store)
    network = Threads(store, Random(1), tells=True, apart=True)
    try:
        exactly(rush(network, ROUND))
        assert network.faults == []
    finally:
        network.close()


# ---- on the emulators


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalStack, Ports]]:
    with a_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.mark.emulator
@pytest.mark.timeout(600)
def test_a_storm_on_the_emulators_breaks_no_rule_of_the_seats(stack: tuple[LocalStack, Ports]) -> None:
    round_id, network = CaseId("round-emulators"), Pushes(*stack, Random(1))
    publish_round(network, round_id, QUOTAS)

    found = Storm(network, round_id, seed=1).blow()

    network.close()
    assert found.wrong == []
    assert found.offers > 30


@pytest.mark.emulator
@pytest.mark.timeout(600)
def test_of_300_acceptances_pushed_at_once_exactly_the_open_offers_are_taken(stack: tuple[LocalStack, Ports]) -> None:
    round_id, network = CaseId("round-rush"), Pushes(*stack, Random(2))
    publish_round(network, round_id)

    exactly(rush(network, round_id))

    network.close()
    assert network.faults == []


def exactly(found: Rush) -> None:
    assert found.accepted == OPEN_OFFERS
    assert found.taken == (30, 30)
    assert (found.unheard, found.strangers, found.unwritten) == (0, 0, 0)
    assert found.confirmed == OPEN_OFFERS
    assert found.verdicts.total() == MESSAGES
