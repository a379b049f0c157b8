"""One of fifty receivers is down for 72 hours, then recovers: how long until it has all, and what the others notice.

In virtual time, through the real dispatcher, schedule and store; a call takes 0.3 s, one to nobody 3 s.

python -m tests.bench.backlog [--every 2]
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from functions.embedded import Embedded
from tests.support.virtual_partners import DOWN, VirtualPartners
from workflows.runtime.recover import recover

OUT = Console(width=110)
BEGIN = datetime(2027, 6, 1, tzinfo=UTC)
DOWN_FOR, HOUR = timedelta(hours=72), timedelta(hours=1)
RECEIVERS, SECONDS = 50, 0.3
SHARE = 10
"""The one that is down asked for everything, the others for a tenth of it."""


def measure(path: Path, every: timedelta) -> int:
    """Let it happen, and print what came of it; 1 if a goal was missed."""
    embedded, begun = Embedded(path), time.monotonic()
    embedded.clock.turn(BEGIN)
    embedded.database.execute("pragma synchronous = off")
    partners = VirtualPartners(embedded, RECEIVERS, seconds=SECONDS)
    partners.town.is_down = True
    told = partners.steadily(DOWN_FOR, every, share=SHARE)
    attempts, calls = partners.attempts, partners.town.calls
    partners.town.is_down, now = False, embedded.clock.now()
    count = recover(partners.down, BEGIN, now, embedded.ports, partners.partners)
    more = partners.steadily(HOUR, every, share=SHARE, first=told)
    took = partners.town.took[DOWN]
    backlog = sorted((took[name] - now).total_seconds() for name in partners.first(told) if name in took)
    before, during = (_p95(partners.latencies(*span)) for span in ((BEGIN, now), (now, now + HOUR)))
    changed = sum(len(each) > 1 for each in partners.town.bodies.values())
    rows = [
        ("told to the one that is down", f"{told:,} in 72 h, {more:,} in the hour after", True),
        ("calls to it; attempts in all, put off or made", f"{calls:,}; {attempts:,}", True),
        ("recovered", f"{count:,}", count == told),
        ("lost within the hour", str(told + more - len(took)), len(took) == told + more),
        ("the last of the backlog came after (at most 60 min)", f"{backlog[-1] / 60:.1f} min", backlog[-1] <= 3600),
        ("the other 49, p95 before and during it", f"{before:.2f} s, {during:.2f} s", during <= before * 1.05),
        ("with other bytes under one id", str(changed), not changed),
        ("real time", f"{time.monotonic() - begun:.0f} s", True),
    ]
    table = Table("a backlog of 72 hours, in virtual time", "measured", "")
    for name, value, is_met in rows:
        table.add_row(name, value, "" if is_met else "MISSED")
    OUT.print(table)
    embedded.close()
    return 0 if all(is_met for _, _, is_met in rows) else 1


def _p95(latencies: list[float]) -> float:
    return latencies[int(0.95 * len(latencies))]


def main() -> int:
    """Measure."""
    asked = argparse.ArgumentParser(description="A backlog.")
    asked.add_argument("--every", type=float, default=2, help="Minutes between two notices.")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder) / "sadari.db", timedelta(minutes=given.every))


if __name__ == "__main__":
    sys.exit(main())
