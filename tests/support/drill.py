"""The restore drill: a round is carried on after its backup, the database is lost, and the runbook brings it back."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from google.cloud import firestore

from functions.stack.local_stack import PROJECT, LocalStack
from schemas.cohort import Terms
from schemas.events.application import OfferAccepted, OfferDeclined
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.messages import Actor, Case, Message
from tests.support.disaster import Standing, faults, held_back, seek, wait_until
from tests.support.network import Pushes
from tests.support.published import BEGINS_AT, rank_round, ring_overdue
from workflows.runtime.erase import erase_person
from workflows.runtime.ports import Ports
from workflows.runtime.sweep import sweep

SUBSCRIPTIONS = ("events-advance", "notices-deliver")

Sadari = Callable[..., tuple[int, str]]


@dataclass(frozen=True)
class Site:
    """A running Sadari that disasters happen to."""

    stack: LocalStack
    ports: Ports


@dataclass(frozen=True)
class Outcome:
    """What a drill came to: how all stood at the backup, before the loss, after the restore, and in the end."""

    backed_up: Standing
    before: Standing
    restored: Standing
    after: Standing
    leaver: Case
    late: Message
    replayed: int
    seconds: float

    def check(self, ports: Ports) -> None:
        """Hold it against what has to be true."""
        before, after, restored = self.before, self.after, self.restored
        assert len(before.heard) > len(self.backed_up.heard)
        assert restored == self.backed_up, "the backup, and nothing else"
        assert self.leaver.person in restored.people, "a backup holds whoever was erased after it"
        assert before.heard <= after.heard, "what was published since the backup is applied again"
        assert (self.late.case, self.late.id) in after.heard, "and what was sent while it was down"
        assert before.notices <= after.notices
        assert self.leaver.person not in after.people
        moved = {(stage, after.stages[name]) for name, stage in before.stages.items() if after.stages[name] != stage}
        assert moved <= {("offered", "declined"), ("waitlisted", "offered")}, "only by the answer that came meanwhile"
        assert faults(ports) == []
        assert told_anew(before, self.late) == set(), "an old effect is told under its old id"


def lose_and_restore(site: Site, sadari: Sadari, folder: Path, *, applicants: int, terms: Terms) -> Outcome:
    """Run the drill."""
    network = Pushes(site.stack, site.ports, Random(1))
    rank_round(network, CaseId("round-drill"), applications=applicants, terms=terms)
    backed_up_at = datetime.now(UTC)
    backup = site.stack.emulators.export(PROJECT, folder)
    backed_up = Standing.of(site.ports)

    leaver = _go_on(network, site)
    _, ledger = sadari("erase", "ledger")
    (folder / "ledger.jsonl").write_text(ledger)
    before = Standing.of(site.ports)

    began_at = time.monotonic()
    site.stack.emulators.kill_firestore()
    late = by_person(leaver, OfferDeclined(), site)
    network.ports.publisher.publish([late], [])
    # The runbook: hold the messages back, restore, ledger, replay, sweep, proof.
    with held_back(site.stack, *SUBSCRIPTIONS):
        site.stack.emulators.restore_firestore(backup)
        restored = Standing.of(site.ports)
        assert sadari("erase", "reapply", str(folder / "ledger.jsonl"))[0] == 0
        for name in SUBSCRIPTIONS:
            seek(site.stack, name, backed_up_at - timedelta(seconds=1))
    missing = before.heard - restored.heard
    wait_until(lambda: all(site.ports.cases.entry(*address) is not None for address in missing))
    sweep(network.ports)
    network.settle()
    wait_until(lambda: before.notices <= Standing.of(site.ports).notices)
    after, seconds = Standing.of(site.ports), time.monotonic() - began_at
    network.close()
    assert network.faults == []
    return Outcome(backed_up, before, restored, after, leaver, late, len(missing), seconds)


def _go_on(network: Pushes, site: Site) -> Case:
    """Let happen what the backup does not know: results, letters, answers, and an erasure; give who was erased."""
    network.turn(BEGINS_AT)
    ring_overdue(network)
    offered = site.ports.cases.find(workflow="application", stage="offered")
    *takers, decliner, leaver = sorted(offered, key=lambda case: case.id)
    network.ports.publisher.publish([by_person(case, OfferAccepted(), site) for case in takers], [])
    network.ports.publisher.publish([by_person(decliner, OfferDeclined(), site)], [])
    network.settle()
    erase_person(PersonId(leaver.person), site.ports, request="request-drill")
    return leaver


def by_person(case: Case, event: Any, site: Site) -> Message:
    """Give the message of something that a case's person does now."""
    return Message(
        id=MessageId(name_of("drill", case.id, type(event).__name__)),
        case=case.id,
        type=type(event).__name__,
        data=event.model_dump(mode="json"),
        at=site.ports.clock.now(),
        actor=Actor(kind="person", id=case.person, role="applicant"),
    )


def told_anew(before: Standing, late: Message) -> set[str]:
    """Give the notices that nobody was told before, but for what follows from the answer that came late."""
    client = firestore.Client(project=PROJECT)
    rows = [(row.id, json.loads(row.get("blob"))) for row in client.collection("notices").stream()]
    return {name for name, row in rows if name not in before.notices and datetime.fromisoformat(row["at"]) < late.at}
