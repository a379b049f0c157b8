"""The database is lost with a `kill -9`, and comes back from a backup, the ledger and the topics."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from google.cloud import firestore

from functions.stack.local_stack import PROJECT
from schemas.cohort import Terms
from schemas.events import ApplicationWithdrew, OfferAccepted, OfferDeclined
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.messages import Actor, Case, Entry, Message, Quarantined
from tests.drills.conftest import Site
from tests.support.disaster import Standing, faults, held_back, seek, subscriber, wait_until
from tests.support.network import Pushes
from tests.support.published import BEGINS_AT, rank_round, ring_overdue
from workflows.runtime.erase import erase_person
from workflows.runtime.sweep import sweep

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(600)]

ROUND = CaseId("round-drill")
APPLICANTS = 16
SUBSCRIPTIONS = ("events-advance", "notices-deliver")
TERMS = Terms(capacity=6, waitlist=6, offer_hours=48)


def by_person(case: Case, event: Any, site: Site) -> Message:
    return Message(
        id=MessageId(name_of("drill", case.id, type(event).__name__)),
        case=case.id,
        type=type(event).__name__,
        data=event.model_dump(mode="json"),
        at=site.ports.clock.now(),
        actor=Actor(kind="person", id=case.person, role="applicant"),
    )


def offered(site: Site) -> list[Case]:
    return sorted(site.ports.cases.find(workflow="application", stage="offered"), key=lambda case: case.id)


def test_the_database_is_lost_and_restored_and_nothing_that_was_sent_is_lost_with_it(
    site: Site,
    sadari: Callable[..., tuple[int, str]],
    told: Callable[..., Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    network = Pushes(site.stack, site.ports, Random(1))
    rank_round(network, ROUND, applications=APPLICANTS, terms=TERMS)
    backed_up_at = datetime.now(UTC)
    backup = site.stack.emulators.export(PROJECT, tmp_path)
    then = Standing.of(site.ports)

    # What happens after the backup: results, letters, answers, and an erasure.
    network.turn(BEGINS_AT)
    ring_overdue(network)
    *takers, decliner, leaver = offered(site)
    for case in takers:
        network.ports.publisher.publish([by_person(case, OfferAccepted(), site)], [])
    network.ports.publisher.publish([by_person(decliner, OfferDeclined(), site)], [])
    network.settle()
    erase_person(PersonId(leaver.person), site.ports, request="request-drill")
    _, ledger = sadari("erase", "ledger")
    (tmp_path / "ledger.jsonl").write_text(ledger)
    before = Standing.of(site.ports)
    assert network.faults == []
    assert len(before.heard) > len(then.heard)

    # The disaster, and an answer that comes meanwhile.
    began_at = time.monotonic()
    site.stack.emulators.kill_firestore()
    late = by_person(leaver, OfferDeclined(), site)
    site.ports.publisher.publish([late], [])

    # The runbook: hold the messages back, restore, ledger, replay, sweep, proof.
    with held_back(site.stack, *SUBSCRIPTIONS):
        site.stack.emulators.restore_firestore(backup)
        restored = Standing.of(site.ports)
        reapplied, _ = sadari("erase", "reapply", str(tmp_path / "ledger.jsonl"))
        for name in SUBSCRIPTIONS:
            seek(site.stack, name, backed_up_at - timedelta(seconds=1))
    wanted = before.heard | {(late.case, late.id)}
    is_heard = wait_until(
        lambda: all(site.ports.cases.entry(*address) is not None for address in wanted - restored.heard)
    )
    sweep(site.ports)
    network.settle()
    is_told = wait_until(lambda: before.notices <= Standing.of(site.ports).notices)
    after, seconds = Standing.of(site.ports), time.monotonic() - began_at
    network.close()
    with capsys.disabled():
        print(f"\nrestore drill: {len(after.stages)} cases, {len(wanted - restored.heard)} messages, {seconds:.0f} s")  # noqa: T201

    assert (restored.stages, restored.heard) == (then.stages, then.heard), "the backup, and nothing else"
    assert leaver.person in restored.people, "a backup holds whoever was erased after it"
    assert reapplied == 0
    assert is_heard, "what was published since the backup is applied again"
    assert is_told
    assert {name: stage for name, stage in after.stages.items() if name != leaver.id} == {
        name: stage for name, stage in before.stages.items() if name != leaver.id
    }
    assert site.ports.cases.entry(late.case, late.id) is not None
    assert leaver.person not in after.people
    assert faults(site.ports) == []
    assert told("verify")["faults"] == []
    assert new_notices(before, late) == set(), "an old effect is told under its old id"


def test_a_spoiled_case_is_found_on_a_project_and_written_anew(
    site: Site, sadari: Callable[..., tuple[int, str]], told: Callable[..., Any], applied: list[Case]
) -> None:
    case = applied[0]
    spoiled = case.model_copy(update={"stage": "withdrawn", "timers": {}, "is_final": True})
    document = firestore.Client(project=PROJECT).document("cases", case.id)
    document.update({"stage": "withdrawn", "next_due": None, "blob": spoiled.model_dump_json()})

    code, found = sadari("verify", "--json")
    act = ("repair", case.id, "--as", "lee", "--reason", "bad deployment")
    foreseen, done = told(*act, "--dry-run"), told(*act)

    assert (code, [each["case"] for each in json.loads(found)["faults"]]) == (1, [case.id])
    assert (foreseen["done"], done["done"]) == (False, True)
    assert site.ports.cases.get(case.id).case == case  # type: ignore[union-attr]
    assert told("verify", case.id)["faults"] == []
    kept = [
        (row["subject"], row["reader"]) for row in site.ports.vault.accesses() if row["reason"].startswith("repair")
    ]
    assert kept == [(case.id, "lee")]


@pytest.mark.usefixtures("sadari")
def test_a_subscription_that_was_deleted_is_made_anew_and_repeats_change_nothing(
    site: Site, applied: list[Case]
) -> None:
    before = Standing.of(site.ports)
    path = f"projects/{PROJECT}/subscriptions/events-advance"
    with subscriber(site.stack) as client:
        made = client.get_subscription(subscription=path)
        client.delete_subscription(subscription=path, retry=None, timeout=20)
        client.create_subscription(request=made, retry=None, timeout=20)
    texts = [text for case in applied for text, _ in site.ports.cases.history(case.id)]
    repeats = [Entry.model_validate_json(text).message for text in texts]
    site.ports.publisher.publish(repeats, [])

    news = by_person(applied[0], ApplicationWithdrew(), site)
    site.ports.publisher.publish([news], [])
    came = wait_until(lambda: site.ports.cases.entry(news.case, news.id) is not None)
    after = Standing.of(site.ports)

    assert came
    new = after.heard - before.heard
    assert {message for case, message in new if case != applied[0].round} == {news.id}, "and what it tells the round"
    assert {name: at for name, at in after.stages.items() if before.stages[name] != at} == {news.case: "withdrawn"}


def test_an_operator_on_call_needs_a_project_and_nothing_else(
    site: Site, sadari: Callable[..., tuple[int, str]], told: Callable[..., Any], applied: list[Case]
) -> None:
    case = applied[0]
    unknown = by_person(case.model_copy(update={"id": "nobody"}), ApplicationWithdrew(), site)
    site.ports.quarantine.put(
        Quarantined(id=unknown.id, reason="UnknownCase", source="advance", heard_at=unknown.at, message=unknown)
    )
    in_vain = by_person(case, ApplicationWithdrew(), site)
    site.ports.quarantine.put(
        Quarantined(id=in_vain.id, reason="Busy", source="advance", heard_at=in_vain.at, message=in_vain)
    )

    listed = told("cases", "list", "--workflow", "round")
    code, stuck = sadari("stuck", "--json")
    replayed = told("quarantine", "replay", in_vain.id)

    assert case.round in {each["id"] for each in listed}
    assert told("cases", "show", case.id)["stage"] == "withdrawn"
    assert told("cases", "show", case.id[:20])["id"] == case.id
    assert told("cases", "history", case.id)[0]["seq"] == 1
    assert told("cases", "explain", case.id)["place"]["en"] == "The round is not ranked yet."
    assert code == 1
    assert {"quarantine"} <= {each["kind"] for each in json.loads(stuck)}
    assert (replayed["verdict"], replayed["case"]) == ("applied", case.id)
    assert told("forms", "list") == []
    assert told("staff", "disable", "operator-3", "--as", "lee", "--reason", "taken over")["state"] == "disabled"
    assert sadari("erase", "due")[0] == 0
    assert sadari("questions", "list")[0] == 0
    assert sadari("round", "show", case.round)[0] == 0


def new_notices(before: Standing, late: Message) -> set[str]:
    """Give the notices that nobody was told before, but for what follows from the answer that came late."""
    client = firestore.Client(project=PROJECT)
    rows = [(row.id, json.loads(row.get("blob"))) for row in client.collection("notices").stream()]
    return {name for name, row in rows if name not in before.notices and row["at"] < late.at.isoformat()}
