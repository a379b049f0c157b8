"""The bundle as the platform gets it: staged, unpacked, and served where nothing of the checkout can be imported."""

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 10.0


def stage(bundle: Path, checkout: Path = ROOT) -> Path:
    """Stage the bundle of a checkout."""
    command = [sys.executable, "scripts/bundle.py", str(bundle)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    return bundle


def unpack(folder: Path) -> Path:
    """Stage the bundle and unpack it."""
    with zipfile.ZipFile(stage(folder.with_suffix(".zip"))) as archive:
        archive.extractall(folder)
    return folder


def python(folder: Path) -> Path:
    """Make an interpreter that has the installed packages, and does not know the checkout."""
    venv.create(folder, symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(folder), "platbase": str(folder)}))
    (site / "packages.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin" / "python"


def options(unpacked: Path, target: str, port: int) -> list[str]:
    """Give the options that the platform serves one function with."""
    source = str(unpacked / "main.py")
    return ["--source", source, "--target", target, "--host", "127.0.0.1", "--port", str(port)]


@contextmanager
def served(command: Sequence[str | Path], environment: Mapping[str, str], log: Path, port: int) -> Iterator[int]:
    """Serve until the end of the block, from when the port is open; gives the process."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, cwd="/", stdout=out, stderr=out, start_new_session=True)
    try:
        _wait_for(port, process, log)
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(STOP_SECONDS_MAX)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    gives_up_at = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < gives_up_at and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.005)
    raise TimeoutError(log.read_text(encoding="utf-8")[-2000:])
