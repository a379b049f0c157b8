"""The functions under functions-framework, in a process of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3

START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 8.0
ONLY_POST = 405
CHECKOUT = Path(__file__).parents[2]
MAINS = ("main.py", "functions/main.py")
"""Where a bundle has it, and where a checkout has it."""


class FunctionsError(RuntimeError):
    """The functions do not come up; says what they logged."""


class FunctionsServer:
    """Every function at `{url}/{name}`.  Logs go to `{home}/{name}.log`."""

    def __init__(
        self,
        home: Path,
        environment: Mapping[str, str],
        port: int | None = None,
        *,
        name: str = "functions",
        niceness: int = 0,
        rooms: Path = CHECKOUT,
    ) -> None:
        """Start nothing yet.

        Args:
            home: A folder for the log.
            environment: What the functions run with, beside this process's own without its SADARI_ names.
            port: Where to serve; a free one if left out.
            name: Of the log.
            niceness: How far they stand back behind others on this machine.
            rooms: The folder that the rooms lie in: the checkout, or an unpacked bundle.
        """
        self._log = home / f"{name}.log"
        self._environment = dict(environment)
        self._niceness = niceness
        self._rooms = rooms
        self._port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address that all functions are below."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start them, and wait until they answer.

        Raises:
            FunctionsError: They do not answer in time.
        """
        self.begin()
        self.wait()

    def begin(self) -> None:
        """Start them, and wait for nothing."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SADARI_")}
        main = next(path for path in (self._rooms / name for name in MAINS) if path.exists())
        server = Path(__file__).with_name("serve.py")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(server), str(main), str(self._port), str(self._niceness)],
                env={**kept, "PYTHONPATH": str(self._rooms), **self._environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until they answer.

        Raises:
            FunctionsError: They do not answer in time.
        """
        gives_up_at = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            if time.monotonic() > gives_up_at or self._process is None or self._process.poll() is not None:
                tail = self._log.read_text(errors="replace")[-2000:]
                self.stop()
                raise FunctionsError(f"the functions do not answer:\n{tail}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            answer = urllib3.request("GET", f"{self.url}/sweep", retries=False, timeout=5)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == ONLY_POST

    def stop(self) -> None:
        """End them and whatever they started.  May be repeated."""
        process, self._process = self._process, None
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                process.wait(STOP_SECONDS_MAX)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.stop()


def free_port() -> int:
    """Give a port of this machine that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
