"""A cold start: from the command of the platform to the answer to the first event, beside a bare function's.

Both are served by functions-framework from a folder of their own, compiled as the build compiles, and push the same
kind of event through the same emulators.  Starts are interleaved in pairs, and their order changes from pair to pair;
what counts is processor time, because a machine that is shared has no other time that can be trusted.  It is counted
up to the answer: the server and its worker are killed then, because their orderly end costs as much as half a start.

    python -m tests.bench.cold_start [--pairs 20]
"""

import argparse
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import urllib3
from rich.console import Console
from rich.table import Table

from functions.stack.emulators import missing
from functions.stack.functions_server import free_port
from functions.stack.local_stack import LocalStack
from functions.store_files import ENVIRONMENT
from tests.support import bundle
from tests.support.first_call import NOW, pushed, submitted

OUT = Console(width=110)
BARE = Path(__file__).with_name("bare")
RATIO_MAX = 1.25
DONE = 204
PR_SET_CHILD_SUBREAPER = 36
"""Of prctl(2): a worker whose server was killed becomes our child, so that its time can be asked for."""


@dataclass(frozen=True)
class Start:
    """One cold start.

    Attributes:
        cpu: Seconds of processor time of the server and its worker, user and system, up to the answer.
        wall: Seconds from the command to the answer.
    """

    cpu: float
    wall: float


class Bench:
    """Starts one function or the other, in front of a running stack."""

    def __init__(self, stack: LocalStack, home: Path, folder: Path) -> None:
        self._token = stack.token()
        given = json.loads((home / ENVIRONMENT).read_text(encoding="utf-8"))
        # The same threads for both, as few as the bench needs; a worker's threads are made when calls come.
        self._environment = {**given, "THREADS": "8", "BARE_AUDIENCE": stack.settings.ring_url.removesuffix("/ring")}
        self._python = bundle.python(folder / "python")
        self._folders = {"ours": bundle.unpack(folder / "ours"), "bare": folder / "bare"}
        shutil.copytree(BARE, self._folders["bare"])
        for each in self._folders.values():
            build = {"SOURCE_DATE_EPOCH": "315532800"}
            subprocess.run([self._python, "-m", "compileall", "-f", "-q", "."], cwd=each, env=build, check=True)
        self._number = 0

    def start(self, kind: str) -> Start:
        """Start one cold, send it an event of a new case, and end it."""
        self._number += 1
        body = pushed(submitted(self._number).model_dump_json())
        port = free_port()
        command = [self._python, "-P", "-m", "functions_framework"]
        begun = time.perf_counter()
        process = subprocess.Popen(
            [*command, *bundle.options(self._folders[kind], "advance", port)],
            env=self._environment,
            cwd="/",
            start_new_session=True,
        )
        status = self._call(port, body)
        wall = time.perf_counter() - begun
        cpu = _killed(process.pid)
        process.returncode = -signal.SIGKILL
        if status != DONE:
            raise RuntimeError(f"{kind} answered [{status}]")
        return Start(cpu, wall)

    def _call(self, port: int, body: str) -> int:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        gives_up_at = time.monotonic() + 60
        with urllib3.PoolManager(retries=False) as http:
            while True:
                try:
                    url = f"http://127.0.0.1:{port}/"
                    return http.request("POST", url, body=body, headers=headers, timeout=60).status
                except urllib3.exceptions.NewConnectionError:
                    if time.monotonic() > gives_up_at:
                        raise
                    time.sleep(0.002)


def _killed(group: int) -> float:
    """Kill a process group, and give the seconds of processor time that it used."""
    os.killpg(group, signal.SIGKILL)
    seconds = 0.0
    while True:
        try:
            _, _, used = os.wait4(-group, 0)
        except ChildProcessError:
            return seconds
        seconds += used.ru_utime + used.ru_stime


def measure(pairs: int) -> dict[str, list[Start]]:
    """Give the starts of both, pair by pair."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    seen: dict[str, list[Start]] = {"bare": [], "ours": []}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "stack"
        with LocalStack(home, key=b"k" * 32, sources={}) as stack:
            stack.clock.turn(NOW)
            bench = Bench(stack, home, Path(name))
            for kind in seen:
                bench.start(kind)  # fills the caches of the disk
            for number in range(pairs):
                for kind in ("bare", "ours") if number % 2 else ("ours", "bare"):
                    seen[kind].append(bench.start(kind))
    return seen


def main() -> int:
    """Measure, print the table, and say whether the goal is met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=20)
    pairs = parser.parse_args().pairs
    if lacks := missing():
        OUT.print(f"not measured: {' '.join(lacks)}")
        return 0
    seen = measure(pairs)
    table = Table("cold start and first event", "processor, median s", "least s", "wall, median s")
    for kind, starts in seen.items():
        cpu = [each.cpu for each in starts]
        wall = median(each.wall for each in starts)
        table.add_row(kind, f"{median(cpu):.3f}", f"{min(cpu):.3f}", f"{wall:.3f}")
    OUT.print(table)
    ratio = median(ours.cpu / bare.cpu for ours, bare in zip(seen["ours"], seen["bare"], strict=True))
    is_met = ratio <= RATIO_MAX
    OUT.print(f"ratio of processor time, median of {pairs} pairs: {ratio:.2f}, may be {RATIO_MAX:.2f}")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
