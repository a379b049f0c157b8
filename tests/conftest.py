"""What every test stands on: an empty environment, and one file of the embedded backend whose clock stands still."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from functions.bootstrap import Embedded
from functions.stack.emulators import missing
from tests.support.cohort import CALENDAR

settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("soak", settings.get_profile("ci"), derandomize=False, max_examples=5_000)
settings.load_profile("ci")


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SADARI_") or name.endswith("_EMULATOR_HOST") or name == "K_SERVICE":
            monkeypatch.delenv(name)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Embedded]:
    """The embedded backend, a week before applications open."""
    backend = Embedded(tmp_path / "sadari.db")
    backend.clock.turn(CALENDAR.applications_open.replace(day=23, month=2))
    yield backend
    backend.close()


# ---- what needs the gcloud emulators

_NOT_RUN = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs the emulators where they are missing; with CI=true it runs all the same, and fails."""
    needing = [item for item in items if item.get_closest_marker("emulator")]
    if needing and missing() and os.environ.get("CI") != "true":
        config.stash[_NOT_RUN] = len(needing)
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if item not in needing]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say last what was not run, and how to get it."""
    count = config.stash.get(_NOT_RUN, 0)
    if count:
        print(f"\nNOT RUN: {count} tests that need the gcloud emulators. {' '.join(missing())}")  # noqa: T201
