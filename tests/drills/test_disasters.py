"""The database is lost with a `kill -9`, and comes back from a backup, the ledger and the topics."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.cloud import firestore

from functions.bootstrap import Cloud
from functions.cli import run
from functions.settings import Settings
from functions.stack.local_stack import PROJECT
from schemas.cohort import Terms
from schemas.events.application import ApplicationWithdrew
from schemas.ids import PersonId
from schemas.messages import Case, Entry, Quarantined
from tests.support.disaster import Standing, subscriber, wait_until
from tests.support.drill import Sadari, Site, by_person, lose_and_restore
from tests.support.published import KEY

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(600)]

COHORT = Path(__file__).parents[2] / "functions/cli/demo/cohort.json"
TERMS = Terms(capacity=6, waitlist=6, offer_hours=48)


def test_the_database_is_lost_and_restored_and_nothing_that_was_sent_is_lost_with_it(
    site: Site, sadari: Sadari, told: Callable[..., Any], tmp_path: Path
) -> None:
    outcome = lose_and_restore(site, sadari, tmp_path, applicants=16, terms=TERMS)

    outcome.check(site.ports)
    assert told("verify")["faults"] == []


def test_a_spoiled_case_is_found_on_a_project_and_written_anew(
    site: Site, sadari: Sadari, told: Callable[..., Any], applied: list[Case]
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


def test_a_history_and_a_cohort_come_back_out_of_another_database(
    site: Site, sadari: Sadari, told: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, applied: list[Case]
) -> None:
    monkeypatch.setenv("SADARI_DATABASE", "copy")
    copy = Cloud(Settings.for_commands(os.environ)).ports
    monkeypatch.delenv("SADARI_DATABASE")
    broken, deleted, kept = applied
    for case in applied:
        copy.cases.mend(case, revision=None, entries=site.ports.cases.history(case.id))
        person = site.ports.vault.get(PersonId(case.person), reader="lee", reason="drill")
        assert person is not None
        copy.vault.put(person)
    client = firestore.Client(project=PROJECT)
    (first,) = (
        client.collection("cases", broken.id, "history").where(filter=firestore.FieldFilter("seq", "==", 1)).get()
    )
    first.reference.update({"hash": "changed"})
    client.recursive_delete(client.document("cases", deleted.id))
    site.ports.vault.erase(PersonId(deleted.person), for_good=False)
    found = json.loads(sadari("verify", broken.id, "--json")[1])["faults"]

    mended = told("repair", broken.id, "--from", "copy", "--as", "lee", "--reason", "changed")
    key = base64.b64encode(KEY).decode()
    restored = told("restore", broken.cohort, "--from", "copy", "--as", "lee", "--reason", "deleted", "--key", key)

    assert [each["case"] for each in found] == [broken.id]
    assert mended["history_replaced"]
    assert (restored["cases"], restored["people"], restored["there"]) == (1, 1, 2)
    for case in (broken, deleted, kept):
        seen = site.ports.cases.get(case.id)
        assert seen is not None
        assert seen.case == case
        assert told("verify", case.id)["faults"] == []


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
    site: Site, sadari: Sadari, told: Callable[..., Any], applied: list[Case]
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
    assert told("members", "disable", "operator-3", "--as", "lee", "--reason", "taken over")["state"] == "disabled"
    assert sadari("erase", "due")[0] == 0
    assert sadari("questions", "list")[0] == 0
    assert sadari("round", "show", case.round)[0] == 0


def test_an_operator_on_call_acts_on_a_project_and_hears_what_the_history_says(told: Callable[..., Any]) -> None:
    planned = told("round", "plan", str(COHORT), "--as", "kim")
    named = ("members", "first-admin", "lee", "lee@sadari.example", "이관리", "--as", "lee", "--reason", "drill")
    first = told(*named) if not _administrators(told) else None

    assert [each["verdict"] for each in planned["told"]] == ["applied"]
    assert told("round", "show", planned["round"])["stage"] == "planned"
    assert first is None or first["roles"] == ["admin"]


def test_partners_are_looked_after_with_three_settings_and_no_secret(
    site: Site,
    sadari: Sadari,
    told: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    without = sadari("subscriptions", "list")[0]
    queue = site.stack.settings.queue.replace("timers", "deliveries")
    partners = {"origin": "sadari.local", "url": "https://api.sadari.example", "queue": queue}
    partners |= {"attempt_url": "https://attempt.sadari.example", "admitted": ["127.0.0.1:9"]}
    monkeypatch.setenv("SADARI_PARTNERS", json.dumps(partners))
    monkeypatch.setenv("SADARI_CALLER", site.stack.settings.caller)
    monkeypatch.setenv("SADARI_AUDIENCE", site.stack.settings.audience)

    listed, keys = told("subscriptions", "list"), told("keys", "list")
    capsys.readouterr()
    unsealed = run(
        ["subscriptions", "add", "city", "http://127.0.0.1:9/hook", "--as", "kim", "--contact", "it@city.example"]
    )
    said = capsys.readouterr().err

    assert without == 2
    assert (listed, keys) == ([], [])
    assert unsealed == 2
    assert "SADARI_KEY is missing" in said


def _administrators(told: Callable[..., Any]) -> list[str]:
    return [each["id"] for each in told("members", "list") if "admin" in each["roles"] and each["state"] == "active"]
