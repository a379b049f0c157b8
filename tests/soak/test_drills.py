"""The restore drill with a whole round, on the emulators."""

from pathlib import Path

import pytest

from tests.drills.conftest import as_operator
from tests.support.drill import Site, lose_and_restore
from tests.support.network import a_stack
from tests.support.published import APPLICATIONS, TERMS

pytestmark = [pytest.mark.soak, pytest.mark.emulator, pytest.mark.timeout(0)]


def test_a_whole_round_is_lost_and_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_stack(tmp_path / "stack") as (stack, ports):
        site = Site(stack, ports)
        sadari = as_operator(site, monkeypatch, capsys)

        outcome = lose_and_restore(site, sadari, tmp_path, applicants=APPLICATIONS, terms=TERMS)

        outcome.check(ports)
        with capsys.disabled():
            print(  # noqa: T201  the line is what the run is for
                f"\nrestore: {len(outcome.after.stages)} cases, {len(outcome.after.heard):,} entries, "
                f"{outcome.replayed:,} played again, {outcome.seconds:.0f} s from the loss to the proof"
            )
