"""What every test stands on: an empty environment, and one file of the embedded backend whose clock stands still."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright

from functions.embedded import Embedded
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """One for all: a process has room for one Playwright."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Embedded]:
    """The embedded backend, a week before applications open."""
    backend = Embedded(tmp_path / "sadari.db")
    backend.clock.turn(CALENDAR.applications_open.replace(day=23, month=2))
    yield backend
    backend.close()


# ---- what needs more than Python

CHROMIUM = shutil.which("chromium") or ""
NODE, NPM = shutil.which("node") or "", shutil.which("npm") or ""
_NOT_RUN = pytest.StashKey[dict[str, int]]()


def _lacks() -> dict[str, str]:
    """Give, by marker, what is missing for it, and how to get it."""
    no_browser = "" if CHROMIUM else "chromium is missing: apt-get install chromium fonts-noto-cjk"
    no_node = "" if NODE and NPM else "node and npm are missing: apt-get install nodejs npm"
    found = {"emulator": " ".join(missing()), "browser": no_browser, "node": no_node}
    return {marker: text for marker, text in found.items() if text}


LONG = {"test_local_stack.py", "test_storm.py", "test_accessibility.py"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs something that is missing; with CI=true it runs all the same, and fails."""
    lacks = {} if os.environ.get("CI") == "true" else _lacks()
    out = [item for item in items if any(item.get_closest_marker(marker) for marker in lacks)]
    if out:
        config.stash[_NOT_RUN] = {
            marker: sum(item.get_closest_marker(marker) is not None for item in out) for marker in lacks
        }
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]
    # Files of minutes first, so that the processes that share the tests end at about the same time.
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that shares the tests out what this one has left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["not_run"] = session.config.stash.get(_NOT_RUN, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear it: every process has left out the same."""
    node.config.stash[_NOT_RUN] = getattr(node, "workeroutput", {}).get("not_run", {})


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say last what was not run, and how to get it."""
    is_first = not hasattr(config, "workerinput")
    for marker, count in config.stash.get(_NOT_RUN, {}).items():
        if count and is_first:
            print(f"\nNOT RUN: {count} tests marked `{marker}`. {_lacks()[marker]}")  # noqa: T201
