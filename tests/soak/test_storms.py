"""A thousand storms on the embedded backend and twenty on the emulators.  `make soak` runs them; nothing else does."""

import multiprocessing
import os
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

import pytest

from schemas.ids import CaseId
from tests.support.ledger import Audit
from tests.support.network import Pushes, a_stack
from tests.support.published import QUOTAS, publish_round
from tests.support.storm import Harbour, Storm

EMBEDDED_RUNS, EMULATOR_RUNS = 1_000, 20

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]


def test_a_thousand_storms_break_no_rule_of_the_seats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harbour = Harbour(tmp_path).prepare()
    seeds = range(1, EMBEDDED_RUNS + 1)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawn) as pool:
        found = list(pool.map(harbour.storm, seeds, chunksize=5))

    audits = dict(zip(seeds, (audit for audit, _ in found), strict=True))
    with capsys.disabled():
        summarise("embedded", audits.values(), f"{sum(lost for _, lost in found):,}")
    assert not broken(audits)


@pytest.mark.emulator
def test_twenty_storms_on_the_emulators_break_no_rule_of_the_seats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audits: dict[int, Audit] = {}
    with a_stack(tmp_path) as (stack, ports):
        for seed in range(1, EMULATOR_RUNS + 1):
            round_id, network = CaseId(f"round-soak-{seed}"), Pushes(stack, ports, Random(seed))
            publish_round(network, round_id, QUOTAS if seed % 2 else ())
            audits[seed] = Storm(network, round_id, seed).blow()
            network.close()

    with capsys.disabled():
        summarise("emulators", audits.values(), "unknown")
    assert not broken(audits)


def summarise(where: str, audits: Iterable[Audit], lost: str) -> None:
    """Say in one line what was run."""
    listed = list(audits)
    passed_over = sum((audit.passed_over for audit in listed), Counter[str]())
    reasons = ", ".join(f"{count:,} because {why}" for why, count in sorted(passed_over.items()))
    print(  # noqa: T201  the line is what the run is for
        f"\n{where}: {len(listed):,} runs, {sum(audit.entries for audit in listed):,} entries, "
        f"{sum(audit.offers for audit in listed):,} offers, {sum(audit.claims for audit in listed):,} claims granted, "
        f"{sum(audit.in_time for audit in listed):,} acceptances in time, {lost} races lost, "
        f"passed over: {reasons}; violations: {sum(len(audit.wrong) for audit in listed)}"
    )


def broken(audits: dict[int, Audit]) -> list[str]:
    """Name what does not hold, and under which seed."""
    return [f"seed {seed}: {wrong}" for seed, audit in audits.items() for wrong in audit.wrong]
