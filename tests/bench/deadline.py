"""The last minute before the close: 100 applications a second through the signed-JSON door, on a fixed schedule.

An open loop: each submission has its instant, whatever became of those before it, and its latency counts from that
instant.  One in twenty is a repeat: half of them the same submission once more, half the same person from another tab.
The sender is a process of its own, and sends some before that are not measured, so that nothing is measured cold.

    python -m tests.bench.deadline [embedded] [emulators] [--seconds 60] [--rate 100]
"""

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from functions.embedded import Embedded
from functions.forms.signature import sign
from functions.stack.embedded_stack import EmbeddedStack
from functions.stack.emulators import missing
from functions.stack.local_stack import LocalStack
from schemas.ids import CaseId, MessageId
from workflows.runtime.ports import Ports

OUT = Console(width=110)
ROUND = "round-deadline"
SECRET = "whsec_" + "c2FkYXJpLWJlbmNoLXNpZ25pbmcta2V5LTMyYnl0ZXM="
KEY = b"bench-key-of-thirty-two-bytes-at-least"
SENDERS = 64
TAKEN_IN = 202
LATENCY_SECONDS_MAX = 1.0
DRAIN_SECONDS_MAX = 300.0
WARM_SECONDS = 4
WARM_REST_SECONDS = 10.0
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples"
FORM = json.loads((EXAMPLE / "application.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Submission:
    """One form on its way: what its sender calls it, and when it leaves."""

    id: str
    body: bytes
    after_seconds: float


@dataclass
class Seen:
    """What the senders saw."""

    latencies: list[float] = field(default_factory=list)
    receipts: dict[str, tuple[str, str]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)


def submissions(count: int, rate: float, chance: Random) -> list[Submission]:
    """Give the forms with their schedule; 300 repeats in 6,000."""
    made: list[Submission] = []
    people = 0
    for number in range(count):
        after = number / rate
        repeats = number % 20 == 19 and made
        if repeats and chance.random() < 0.5:
            before = chance.choice(made[-200:])
            made.append(Submission(before.id, before.body, after))
            continue
        if repeats:
            body = chance.choice(made[-200:]).body
        else:
            people += 1
            body = _form(people)
        made.append(Submission(f"deadline-{number}", body, after))
    return made


def _form(person: int) -> bytes:
    """Give the form of somebody."""
    whose = {"phone": f"010-{person // 10000 + 1000:04}-{person % 10000:04}", "email": f"p{person}@example.com"}
    return json.dumps(FORM | whose, ensure_ascii=False).encode()


class Senders:
    """Threads with a connection each, so that the schedule is kept while answers are awaited."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(f"{url}applications/{ROUND}")
        self._local = threading.local()
        self._turn = threading.Lock()
        self.seen = Seen()

    def run(self, planned: Sequence[Submission]) -> Seen:
        """Send each at its instant."""
        begun = time.monotonic() + 1
        with ThreadPoolExecutor(SENDERS) as pool:
            sent = []
            for each in planned:
                time.sleep(max(begun + each.after_seconds - time.monotonic(), 0))
                sent.append(pool.submit(self._send, each, begun + each.after_seconds))
            for one in sent:
                one.result()
        return self.seen

    def _send(self, each: Submission, due: float) -> None:
        status, answer = self._post(each)
        with self._turn:
            self.seen.latencies.append(time.monotonic() - due)
            if status == TAKEN_IN:
                self.seen.receipts[each.id] = (answer["case"], answer["receipt"])
            else:
                self.seen.refused[f"{status} {str(answer)[:80]}"] += 1

    def _post(self, each: Submission) -> tuple[int, Any]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection(self._url.netloc, timeout=30)
        headers = {"Content-Type": "application/json", **sign(each.id, each.body, SECRET)}
        try:
            connection.request("POST", self._url.path, each.body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            self._local.connection = None
            return 0, type(error).__name__


def measure(where: str, seconds: float, rate: float) -> bool:
    """Send, wait for the backlog, count, and print; whether every goal was met."""
    planned = submissions(int(seconds * rate), rate, Random(1))
    with tempfile.TemporaryDirectory() as folder, _stack(where, Path(folder)) as (url, ports):
        _plan_round(url, ports)
        seen = _sent(url, seconds, rate)
        ended = time.monotonic()
        unheard = _drain(seen, ports)
        drained = time.monotonic() - ended
        warmed = int(rate * WARM_SECONDS)
        applications = sum(1 for _ in ports.cases.find(workflow="application", round_id=ROUND)) - warmed
    return _tell(where, planned, seen, drained, unheard, applications)


def _sent(url: str, seconds: float, rate: float) -> Seen:
    command = [
        sys.executable,
        "-m",
        "tests.bench.deadline",
        "--send",
        url,
        "--seconds",
        str(seconds),
        "--rate",
        str(rate),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    given = json.loads(done.stdout)
    receipts = {name: (case, message) for name, (case, message) in given["receipts"].items()}
    return Seen(given["latencies"], receipts, Counter(given["refused"]))


def send(url: str, seconds: float, rate: float) -> None:
    """Send, and write what was seen to the output; what comes before it is not measured."""
    warming = [
        Submission(f"warm-{number}", _form(90_000 + number), number / (rate / 2))
        for number in range(int(rate * WARM_SECONDS))
    ]
    Senders(url).run(warming)
    time.sleep(WARM_REST_SECONDS)
    seen = Senders(url).run(submissions(int(seconds * rate), rate, Random(1)))
    json.dump({"latencies": seen.latencies, "receipts": seen.receipts, "refused": seen.refused}, sys.stdout)


def _tell(
    where: str, planned: Sequence[Submission], seen: Seen, drained: float, unheard: int, applications: int
) -> bool:
    people = {json.loads(each.body)["phone"] for each in planned if each.id in seen.receipts}
    latencies = sorted(seen.latencies)
    at = {share: latencies[min(int(len(latencies) * share), len(latencies) - 1)] for share in (0.5, 0.95, 0.99)}
    acknowledged = {CaseId(case) for case, _ in seen.receipts.values()}
    rows = [
        ("sent, on schedule", f"{len(planned):,} ({len(planned) - len(people):,} of them repeats)", True),
        ("not taken in", f"{sum(seen.refused.values())} {dict(seen.refused.most_common(3))}", not seen.refused),
        ("acknowledged after: median", f"{1000 * at[0.5]:,.0f} ms", True),
        ("… p95", f"{1000 * at[0.95]:,.0f} ms", True),
        ("… p99 (at most 1,000 ms)", f"{1000 * at[0.99]:,.0f} ms", at[0.99] <= LATENCY_SECONDS_MAX),
        ("… the slowest", f"{1000 * latencies[-1]:,.0f} ms", True),
        ("backlog gone after (at most 300 s)", f"{drained:,.1f} s", drained <= DRAIN_SECONDS_MAX),
        ("acknowledged, and not in a history", str(unheard), not unheard),
        (
            "people / applications / acknowledged",
            f"{len(people):,} / {applications:,} / {len(acknowledged):,}",
            len(people) == applications == len(acknowledged),
        ),
    ]
    table = Table(f"the last minute, {where}", "measured", "")
    for name, value, is_met in rows:
        table.add_row(name, value, "" if is_met else "MISSED")
    OUT.print(table)
    return all(is_met for _, _, is_met in rows)


def _drain(seen: Seen, ports: Ports) -> int:
    """Wait until every acknowledged submission is in a history; give how many are not in time."""
    waiting = {(CaseId(case), MessageId(message)) for case, message in seen.receipts.values()}
    gives_up_at = time.monotonic() + DRAIN_SECONDS_MAX
    while waiting and time.monotonic() < gives_up_at:
        heard = {each for each in waiting if ports.cases.entry(*each) is not None}
        waiting -= heard
        if waiting:
            time.sleep(0.2)
    return len(waiting)


def _plan_round(url: str, ports: Ports) -> None:
    """Open the round that everybody applies to."""
    event = json.loads((EXAMPLE / "round-planned.json").read_text(encoding="utf-8")) | {"case": ROUND}
    calendar = event["data"]["calendar"]
    calendar["applications_open"] = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    body = json.dumps(event, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", **sign("plan-the-round", body, SECRET)}
    there = urlsplit(url)
    connection = http.client.HTTPConnection(there.netloc, timeout=30)
    connection.request("POST", f"{there.path}events", body, headers)
    answer = connection.getresponse()
    if answer.status != TAKEN_IN:
        raise SystemExit(f"the round was not planned: [{answer.status}] {answer.read()[:300]!r}")
    gives_up_at = time.monotonic() + 30
    while ports.cases.get(CaseId(ROUND)) is None and time.monotonic() < gives_up_at:
        time.sleep(0.1)


@contextmanager
def _stack(where: str, home: Path) -> Iterator[tuple[str, Ports]]:
    """Run a stack, and give its door for submissions and its ports."""
    sources = {"desk": {"secrets": [SECRET], "roles": ["applicant", "operator"]}}
    if where == "embedded":
        stack = EmbeddedStack(home, key=KEY, sources=sources)
        stack.start()
        stop = threading.Event()
        worker = threading.Thread(target=_work, args=(stack, stop))
        worker.start()
        embedded = Embedded(home / "sadari.db")
        try:
            yield stack.addresses()["intake"], embedded.ports
        finally:
            stop.set()
            worker.join()
            embedded.close()
            stack.stop()
        return
    with LocalStack(home, key=KEY, sources=sources) as local:
        yield local.addresses()["intake"], local.cloud().ports


def _work(stack: EmbeddedStack, stop: threading.Event) -> None:
    while not stop.wait(0.1):
        stack.work()


def main() -> int:
    """Measure where it was asked for."""
    asked = argparse.ArgumentParser(description="The last minute before the close.")
    asked.add_argument("where", nargs="*", default=["embedded", "emulators"])
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--rate", type=float, default=100)
    asked.add_argument("--send", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.send:
        send(given.send, given.seconds, given.rate)
        return 0
    is_met = True
    for where in given.where:
        if where == "emulators" and (lacks := missing()):
            OUT.print(f"NOT RUN: the last minute on the emulators. {' '.join(lacks)}")
            continue
        OUT.print(f"{given.seconds:g} s of {given.rate:g} submissions a second, {where} …")
        is_met = measure(where, given.seconds, given.rate) and is_met
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
