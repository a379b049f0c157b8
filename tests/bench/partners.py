"""Fifty receivers, 300 deliveries a second: one is dead, one hangs, one is malicious; the others should not notice.

The malicious one sends us to a canary on this machine; whom we connect to is written down.

python -m tests.bench.partners [--seconds 60] [--rate 300]
"""

import argparse
import asyncio
import hashlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from functions.adapters.local.sqlite_partners import (
    SqliteAttemptAlarms,
    SqliteDeliveries,
    SqliteKeys,
    SqliteSubscriptions,
)
from functions.adapters.webhook.pinned_caller import PinnedCaller
from functions.dispatcher import Dispatcher
from functions.embedded import Embedded
from functions.sealer import KeySealer
from functions.slots import ProcessSlots
from schemas.deliveries import DeliveryState
from schemas.ids import CaseId, MessageId
from schemas.messages import Notice
from schemas.subscriptions import Subscription, SubscriptionState
from workflows.runtime.fan_out import fan_out
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.subscribe import Wish, subscribe

OUT = Console(width=110)
RECEIVERS = 50
HEALTHY = 47
LATENCY_SECONDS_MAX = 10.0
AGREES = b"HTTP/1.1 200 OK\r\nWebHook-Allowed-Origin: *\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
TAKEN = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
SECRET = "whsec_" + "c2FkYXJpLWJlbmNoLXNpZ25pbmcta2V5LTMyYnl0ZXM="


class Nobody:
    """A `Warnings` that tells nobody."""

    def warn(self, subscription: Subscription, kind: str, since: datetime) -> None:
        """Tell nobody."""


# ---- the receivers, in a process of their own


async def receive(path: Path) -> None:
    """Serve: 47 that take, one that hangs, one that redirects and drips; write down what came, when and as what."""
    ports, seen = [], []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            fields = {
                name.strip().lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
            }
            body = await reader.readexactly(int(fields.get("content-length", "0")))
            if head.startswith(b"OPTIONS"):
                writer.write(AGREES)
            elif number == HEALTHY:
                await asyncio.sleep(3600)
            elif number == HEALTHY + 1:
                writer.write(
                    b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 9999999\r\n\r\n" % canary
                )
                for _ in range(600):
                    writer.write(b"x" * 10)
                    await writer.drain()
                    await asyncio.sleep(0.1)
            else:
                seen.append((fields["webhook-id"], hashlib.sha256(body).hexdigest(), time.time()))
                writer.write(TAKEN)
            await writer.drain()
        writer.close()

    async def alarm(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(("canary", "", time.time()))
        writer.close()

    servers = [await asyncio.start_server(alarm, "127.0.0.1", 0)]
    canary = servers[0].sockets[0].getsockname()[1]
    for number in range(HEALTHY + 2):
        server = await asyncio.start_server(lambda r, w, n=number: take(r, w, n), "127.0.0.1", 0, backlog=512)
        servers.append(server)
        ports.append(server.sockets[0].getsockname()[1])
    path.write_text(json.dumps(ports), encoding="ascii")  # noqa: ASYNC240  once, before anybody is served
    await asyncio.to_thread(_until, path.parent / "stop")
    (path.parent / "seen.json").write_text(json.dumps(seen), encoding="ascii")


def _until(path: Path) -> None:
    while not path.exists():
        time.sleep(0.2)


# ---- the sender


def measure(folder: Path, seconds: float, rate: float) -> int:
    """Tell notices on a schedule, wait, and print what the receivers saw; 1 if a goal was missed."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.partners", "--receive", str(folder / "ports.json")])
    while not (folder / "ports.json").exists():
        time.sleep(0.1)
    time.sleep(0.2)
    ports = [*json.loads((folder / "ports.json").read_text()), _dead_port()]
    embedded = Embedded(folder / "sadari.db")
    connected = _connected()
    partners, dispatcher = _partners(embedded, ports)
    stop = threading.Event()
    thread = threading.Thread(target=_dispatch, args=(dispatcher, stop))
    thread.start()
    told = int(seconds * rate / RECEIVERS)
    made: dict[str, float] = {}
    begun = time.monotonic()
    for number in range(told):
        time.sleep(max(begun + number * RECEIVERS / rate - time.monotonic(), 0))
        notice = _notice(number)
        at = time.time()
        with embedded.database.batch():
            ids = fan_out(notice, embedded.ports, partners)
        made |= dict.fromkeys(ids, at)
    late = time.monotonic() - begun - seconds
    healthy = _healthy(partners, ports)
    gives_up_at = time.monotonic() + 120
    while _waiting(partners, healthy) and time.monotonic() < gives_up_at:
        time.sleep(0.5)
    (folder / "stop").touch()
    process.wait(30)
    stop.set()
    thread.join()
    seen = json.loads((folder / "seen.json").read_text())
    inside = sum(many for place, many in connected.items() if place not in {("127.0.0.1", port) for port in ports})
    inside += sum(name == "canary" for name, _, _ in seen)
    return _tell(partners, healthy, made, [each for each in seen if each[0] != "canary"], late, inside)


def _tell(
    partners: PartnerPorts,
    healthy: set[str],
    made: dict[str, float],
    seen: list[tuple[str, str, float]],
    late: float,
    inside: int,
) -> int:
    ours = {each for each in made if _subscription_of(partners, each) in healthy}
    first: dict[str, float] = {}
    bodies: dict[str, set[str]] = defaultdict(set)
    for name, digest, at in seen:
        first[name] = min(first.get(name, at), at)
        bodies[name].add(digest)
    latencies = sorted(first[each] - made[each] for each in ours if each in first)
    p95 = latencies[int(0.95 * len(latencies))] if latencies else float("inf")
    lost = len(ours - first.keys())
    changed = sum(len(each) > 1 for each in bodies.values())
    table = Table("50 receivers", "measured", "")
    rows = [
        ("deliveries made", f"{len(made):,} (the schedule was kept within {max(late, 0):.1f} s)", True),
        ("to the 47 healthy: lost", str(lost), not lost),
        ("… seen more than once", f"{len(seen) - len(first):,}", True),
        ("… with other bytes under one id", str(changed), not changed),
        ("… median", f"{latencies[len(latencies) // 2]:.2f} s" if latencies else "none", True),
        ("… p95 (at most 10 s)", f"{p95:.2f} s", p95 <= LATENCY_SECONDS_MAX),
        ("… the slowest", f"{latencies[-1]:.2f} s" if latencies else "none", True),
        ("connections to anybody else", str(inside), not inside),
    ]
    for name, value, is_met in rows:
        table.add_row(name, value, "" if is_met else "MISSED")
    OUT.print(table)
    return 0 if all(is_met for _, _, is_met in rows) else 1


def _connected() -> Counter[tuple[str, int]]:
    """Count from now on whom this process connects to."""
    found: Counter[tuple[str, int]] = Counter()

    def audit(event: str, given: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            found[given[1][:2]] += 1

    sys.addaudithook(audit)
    return found


def _subscription_of(partners: PartnerPorts, delivery_id: str) -> str:
    found = partners.deliveries.get(delivery_id)  # type: ignore[arg-type]
    return "" if found is None else found.subscription


def _healthy(partners: PartnerPorts, ports: list[int]) -> set[str]:
    urls = {f"http://127.0.0.1:{port}/hook" for port in ports[:HEALTHY]}
    return {each.id for each in partners.subscriptions.find() if each.url in urls}


def _waiting(partners: PartnerPorts, healthy: set[str]) -> bool:
    return any(
        partners.deliveries.page(subscription=each, state=DeliveryState.WAITING, limit=1)[0]  # type: ignore[arg-type]
        for each in healthy
    )


def _partners(embedded: Embedded, ports: list[int]) -> tuple[PartnerPorts, Dispatcher]:
    alarms = SqliteAttemptAlarms(embedded.database)
    partners = PartnerPorts(
        subscriptions=SqliteSubscriptions(embedded.database),
        deliveries=SqliteDeliveries(embedded.database),
        keys=SqliteKeys(embedded.database),
        alarms=alarms,
        caller=PinnedCaller(ours=frozenset(), admitted=frozenset(("127.0.0.1", port) for port in ports)),
        sealer=KeySealer(b"bench"),
        slots=ProcessSlots(),
        warnings=Nobody(),
        wall_clock=embedded.clock,
        origin="sadari.example",
        api_url="https://sadari.example",
    )
    for number, port in enumerate(ports):
        wish = Wish(
            partner=f"partner-{number}",
            url=f"http://127.0.0.1:{port}/hook",
            types=("kr.sadari.*",),
            contact="ops@partner.example",
        )
        made, _ = subscribe(wish, secret=SECRET, grant="t", by="bench", ports=embedded.ports, partners=partners)
        if made.state is SubscriptionState.PENDING:  # the dead one was alive when it subscribed
            partners.subscriptions.put(made.model_copy(update={"state": SubscriptionState.ACTIVE}), seen=1)
    return partners, Dispatcher(alarms, embedded.ports, partners)


def _dispatch(dispatcher: Dispatcher, stop: threading.Event) -> None:
    while not stop.is_set():
        if not dispatcher.dispatch():
            stop.wait(0.02)
    dispatcher.close()


def _notice(number: int) -> Notice:
    return Notice(
        id=MessageId(f"notice-{number}"),
        type="PhaseCompleted",
        role="partners",
        case=CaseId(f"enrolment-{number}"),
        workflow="enrolment",
        cohort="2027",
        data={"cohort": "2027", "phase_completed": "online"},
        at=datetime.now(UTC),
    )


def _dead_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Measure."""
    asked = argparse.ArgumentParser(description="Fifty receivers.")
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--rate", type=float, default=300)
    asked.add_argument("--receive", type=Path)
    given = asked.parse_args()
    if given.receive:
        asyncio.run(receive(given.receive))
        return 0
    OUT.print(f"{given.seconds:g} s of {given.rate:g} deliveries a second to {RECEIVERS} receivers …")
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder), given.seconds, given.rate)


if __name__ == "__main__":
    sys.exit(main())
