"""The functions under test: made once, and put in front of another store for each test."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask

from functions.entrypoints import intake
from functions.stack.relay import LocalKey, Relay
from tests.corpus.rounds import begin
from tests.functions import site as sites
from tests.functions.form_site import opened_with_forms
from tests.functions.site import Site
from tests.support.vendor import Vendor


@pytest.fixture(scope="session")
def apps() -> Mapping[str, Flask]:
    return sites.apps()


@pytest.fixture(scope="session")
def key() -> LocalKey:
    """Signs the tokens, in Google's place."""
    return LocalKey()


@pytest.fixture(scope="session")
def certs_url(key: LocalKey) -> Iterator[str]:
    """Where the certificates of that key are served."""
    with Relay(key, {}) as relay:
        yield relay.certs_url


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an open round."""
    path = tmp_path_factory.mktemp("begun") / "sadari.db"
    begin(path)
    return path


@pytest.fixture
def site(apps: Mapping[str, Flask], key: LocalKey, certs_url: str, begun: Path, tmp_path: Path) -> Iterator[Site]:
    """The functions in front of a store of this test."""
    with sites.opened(apps, key, certs_url, Path(shutil.copy(begun, tmp_path))) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_site(
    apps: Mapping[str, Flask], key: LocalKey, certs_url: str, begun: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The functions in front of one store for all tests of a file that leave no trace, or none that matters."""
    with sites.opened(apps, key, certs_url, Path(shutil.copy(begun, tmp_path_factory.mktemp("shared")))) as opened:
        yield opened


@pytest.fixture
def forms(
    apps: Mapping[str, Flask], key: LocalKey, certs_url: str, begun: Path, tmp_path: Path
) -> Iterator[tuple[Site, Vendor]]:
    """The functions in front of a store of this test with connections, and who stands in for the providers."""
    with opened_with_forms(apps, key, certs_url, begun, tmp_path) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_one_has_knocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins with full buckets."""
    for name in ("STRANGERS", "SENDERS"):
        buckets = getattr(intake, name)
        monkeypatch.setattr(buckets, "_buckets", type(buckets._buckets)())
