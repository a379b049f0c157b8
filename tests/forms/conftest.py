"""A store that has rounds, as it is found by every test of a door."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.embedded import Embedded
from tests.corpus.rounds import begin


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store as every test finds it."""
    path = tmp_path_factory.mktemp("begun") / "sadari.db"
    begin(path)
    return path


@pytest.fixture
def store(begun: Path, tmp_path: Path) -> Iterator[Embedded]:
    opened = Embedded(shutil.copy(begun, tmp_path))
    yield opened
    opened.close()
