"""The local stack: every part real, started and ended by the test."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from functions.cli import run
from tests.support import bundle


def demo(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["demo", "--json", *arguments]) == 0
    return dict(json.loads(capsys.readouterr().out))


@pytest.mark.emulator
@pytest.mark.timeout(600)
def test_the_deployed_bundle_on_the_emulators_gives_the_same_histories_as_the_embedded_backend(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle.stage(tmp_path / "bundle.zip")
    monkeypatch.chdir(tmp_path)

    embedded = demo(capsys)
    emulator = demo(capsys, "--backend", "emulator", "--bundle", "bundle.zip")

    apart = ("backend", "seconds")
    assert {name: value for name, value in emulator.items() if name not in apart} == {
        name: value for name, value in embedded.items() if name not in apart
    }
    assert (embedded["backend"], emulator["backend"]) == ("embedded", "emulator")
    assert not (tmp_path / ".sadari" / "stack" / "bundle" / "functions" / "stack").exists()
    assert str(tmp_path) not in subprocess.run(["ps", "axo", "args"], capture_output=True, text=True, check=True).stdout
