"""`make bench`: what the seats cost, in seconds and bytes, beside what they may cost."""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from functions.stack.emulators import missing
from schemas.ids import CaseId
from tests.bench.national import Figures
from tests.support.network import Pushes, Threads, a_stack
from tests.support.published import ROUND, publish_round, published_store
from tests.support.rush import OPEN_OFFERS, Rush, rush

OUT = Console(width=110)
DOCUMENT_MAX = 256 * 1024
LEAVER_BYTES = 39
"""What one more who left takes in the round's document: an id, a number, and their signs as JSON inside JSON."""


@dataclass(frozen=True)
class Row:
    """One figure, with what it may be at most."""

    name: str
    value: float
    unit: str
    most: float | None = None

    @property
    def text(self) -> str:
        """The figure, with its unit."""
        number = f"{self.value:,}" if isinstance(self.value, int) else f"{self.value:,.2f}"
        return f"{number} {self.unit}"

    @property
    def is_met(self) -> bool:
        """Whether it is below."""
        return self.most is None or self.value < self.most


def main() -> int:
    """Measure, print the table, and say which goals are missed."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [*_embedded(Path(folder)), *_emulators(Path(folder)), *_national(Path(folder))]
    table = Table("what", "measured", "may be", "")
    for row in rows:
        most = "" if row.most is None else f"< {row.most:,g} {row.unit}"
        table.add_row(row.name, row.text, most, "" if row.is_met else "MISSED")
    OUT.print(table)
    missed = [row for row in rows if not row.is_met]
    for row in missed:
        OUT.print(f"MISSED: {row.name}: {row.text}, may be {row.most:,g} {row.unit}.")
    return 1 if missed else 0


def _embedded(folder: Path) -> list[Row]:
    OUT.print("300 acceptances, embedded …")
    network = Threads(published_store(folder / "rush.db"), Random(1), tells=True)
    try:
        return _rush_rows("embedded", rush(network, ROUND), 10)
    finally:
        network.close()


def _emulators(folder: Path) -> list[Row]:
    if lacks := missing():
        OUT.print(f"NOT RUN: 300 acceptances on the emulators. {' '.join(lacks)}")
        return []
    OUT.print("300 acceptances, emulators …")
    with a_stack(folder / "stack") as (stack, ports):
        network = Pushes(stack, ports, Random(1))
        publish_round(network, CaseId("round-bench"))
        try:
            return _rush_rows("emulators", rush(network, CaseId("round-bench")), 60)
        finally:
            network.close()


def _rush_rows(where: str, found: Rush, seconds_max: float) -> list[Row]:
    unlike = (found.unheard, found.strangers, found.unwritten)
    if (found.accepted, found.confirmed, *unlike) != (OPEN_OFFERS, OPEN_OFFERS, 0, 0, 0):
        raise SystemExit(f"300 acceptances, {where}: not exactly {OPEN_OFFERS} seats were taken: {found}")
    return [
        Row(f"300 acceptances, {where}: all handed over", found.sent_seconds, "s", 5),
        Row(f"300 acceptances, {where}: everyone answered", found.answered_seconds, "s", seconds_max),
        Row(f"300 acceptances, {where}: seats taken", found.accepted, "seats"),
        Row(f"300 acceptances, {where}: letters written", found.letters, "letters"),
    ]


def _national(folder: Path) -> list[Row]:
    OUT.print("10,000 applicants, 1,150 seats, 40 quotas …")
    store = folder / "national.db"
    # A child begins with its parent's peak of memory, so this process prepares nothing itself.
    _child("prepare", store)
    tries = []
    for number in range(3):
        copy = folder / f"national-{number}.db"
        shutil.copy(store, copy)
        tries.append(Figures(**json.loads(_child("season" if number == 0 else "publish", copy))))
    found = tries[0]
    best = min(tries, key=lambda figures: figures.rank_seconds + figures.publish_seconds)
    return [
        Row("national: read, rank, freeze", best.rank_seconds, "s"),
        Row(f"national: offers, and results in {found.pages} pages", best.publish_seconds, "s"),
        Row("national: rank and allocate, the best of 3", best.rank_seconds + best.publish_seconds, "s", 3),
        Row("national: … time of the processor", best.processor_seconds, "s"),
        Row("national: peak memory, ranked and published", found.rss_mib, "MiB", 512),
        Row("national: peak memory, after the season", found.season_rss_mib, "MiB", 512),
        Row("national: largest entry", found.entry_bytes, "bytes", DOCUMENT_MAX),
        Row("national: largest part of the rank run", found.fact_part_bytes, "bytes", DOCUMENT_MAX),
        Row("national: the rank run, in parts", found.fact_bytes, "bytes"),
        Row("national: the round's document, published", found.case_bytes, "bytes", DOCUMENT_MAX),
        Row(f"national: … after {found.left:,} have left", found.season_case_bytes, "bytes", DOCUMENT_MAX),
        Row("national: … has room for so many who leave", found.left + _room(found), ""),
        Row(f"national: each of {found.season_entries:,} entries of the season", found.season_ms_per_entry, "ms"),
    ]


def _child(task: str, store: Path) -> str:
    command = [sys.executable, "-m", "tests.bench.national", task, str(store)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the national round failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _room(found: Figures) -> int:
    return (DOCUMENT_MAX - found.season_case_bytes) // LEAVER_BYTES


if __name__ == "__main__":
    sys.exit(main())
