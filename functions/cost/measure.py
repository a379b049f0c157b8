"""Runs the cohort of the demo on the emulators, and sums up what the functions say it took."""

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from functions.cli.demo.tell import Report, tell
from functions.cli.demo.world import DEMO_KEY, DESK, DESK_ROLES
from functions.cost.usage import Measured, read_lines
from functions.stack.local_stack import LocalStack
from functions.stack.world import StackWorld

LOGS = ("functions.log", "pushed.log")


def measure(tick: Callable[[float, str], None], until: datetime | None = None) -> Measured:
    """Carry the cohort to month 12, or a part of the way, and give what it took.

    Args:
        tick: Told the share of the time that has passed, 0 to 1, and the day reached.
        until: Where to stop.
    """
    with TemporaryDirectory() as folder:
        home = Path(folder)
        report = _run(home, tick, until)
        text = "".join((home / name).read_text() for name in LOGS)
    functions, cpu_seconds = read_lines(text.splitlines())
    return Measured(report.applicants, report.transitions, cpu_seconds, functions)


def _run(home: Path, tick: Callable[[float, str], None], until: datetime | None) -> Report:
    secret = "whsec_" + base64.b64encode(hashlib.sha256(DEMO_KEY).digest()).decode()
    sources = {DESK: {"secrets": [secret], "roles": list(DESK_ROLES)}}
    with LocalStack(home, key=DEMO_KEY, sources=sources) as stack:
        world = StackWorld(stack, DESK, secret)
        try:
            return tell(world, lambda part, instant: tick(part, f"{instant:%Y-%m-%d}"), until)
        finally:
            world.close()
