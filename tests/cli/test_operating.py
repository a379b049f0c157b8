"""What an operator on call does from a terminal: see what is stuck, stop an account, say whose data was touched."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.cli import run
from functions.cli.screen import BadUseError
from functions.cli.stores import opened_copy
from functions.store_files import ENVIRONMENT
from schemas.events.application import ApplicationWithdrew
from schemas.ids import PersonId
from schemas.messages import Quarantined
from schemas.staff import Grant, Member, Session
from tests.cli.selection_desk import Desk
from tests.support.cohort import DAY, HOUR
from tests.support.office import applicant
from workflows.runtime.breach import TOLD_WITHIN
from workflows.runtime.erase import erase_person

Sadari = Callable[..., tuple[int, str, str]]
KEY = "a2V5" * 16


@pytest.fixture
def sadari(open_desk: Desk, capsys: pytest.CaptureFixture[str]) -> Sadari:
    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([*arguments, "--store", str(open_desk.store)])
        return (code, *capsys.readouterr())

    return call


def told(answer: tuple[int, str, str]) -> Any:
    code, out, error = answer
    assert code == 0, error
    return json.loads(out)


def test_nothing_stuck_ends_with_0_and_something_with_1(open_desk: Desk, sadari: Sadari) -> None:
    quiet = sadari("stuck")
    open_desk.office.embedded.clock.turn(open_desk.office.now + 60 * DAY)
    loud = sadari("stuck")

    assert (quiet[0], quiet[1].strip()) == (0, "nothing is stuck")
    assert loud[0] == 1
    assert "overdue timers" in loud[1]
    assert json.loads(sadari("stuck", "--json")[1])[0]["kind"] == "overdue timers"


def test_an_account_is_stopped_at_once_and_the_access_log_keeps_who_and_why(open_desk: Desk, sadari: Sadari) -> None:
    ports, now = open_desk.office.embedded.staff_ports, open_desk.office.now
    ports.members.add(Member(id="kim", email="kim@sadari.example", name="김", grants=(Grant(role="operator"),)))
    ports.sessions.put(Session(id="session-1", member="kim", begun_at=now, seen_at=now))

    stopped = told(sadari("members", "disable", "kim", "--as", "lee", "--reason", "taken over", "--json"))
    unexplained = sadari("members", "enable", "kim", "--as", "lee", "--reason", " ")

    last = open_desk.office.ports.vault.accesses()[-1]
    assert stopped["state"] == "disabled"
    assert ports.sessions.get("session-1") is None
    assert (last["reader"], last["subject"], last["reason"]) == ("lee", "kim", "disable: taken over")
    assert unexplained[0] == 2
    assert told(sadari("members", "list", "--json"))[0]["state"] == "disabled"


def test_everybody_is_logged_out(open_desk: Desk, sadari: Sadari) -> None:
    ports, now = open_desk.office.embedded.staff_ports, open_desk.office.now
    for name in ("kim", "lee"):
        ports.members.add(Member(id=name, email=f"{name}@sadari.example", name=name))
        ports.sessions.put(Session(id=f"session-{name}", member=name, begun_at=now, seen_at=now))

    code, out, _ = sadari("members", "log-out", "--as", "lee", "--reason", "the key was replaced")

    assert (code, out.strip()) == (0, "the sessions of 2 members are ended")
    assert [ports.sessions.get(f"session-{name}") for name in ("kim", "lee")] == [None, None]


@pytest.mark.parametrize("key", [(), ("--key", "c2hvcnQ=")])
def test_nobody_is_restored_whom_no_contact_would_find(sadari: Sadari, key: tuple[str, ...]) -> None:
    code, _, said = sadari("restore", "2027", "--from", "copy.db", "--as", "lee", "--reason", "deleted", *key)

    assert code == 2
    assert "set SADARI_KEY" in said


def test_a_breach_names_whose_data_an_account_touched_and_by_when_they_are_told(
    open_desk: Desk, sadari: Sadari, tmp_path: Path
) -> None:
    office = open_desk.office
    people = sorted({case.person for case in office.ports.cases.find(workflow="application")})
    start = office.now
    for hour, person in enumerate(people[:3]):
        office.embedded.clock.turn(start + hour * HOUR)
        office.ports.vault.get(PersonId(person), reader="mallory", reason="curious")
    office.ports.vault.get(PersonId(people[3]), reader="kim", reason="work")
    office.embedded.clock.turn(start + 10 * HOUR)
    known = start + 9 * HOUR
    span = ("--since", (start + HOUR).isoformat(), "--known", known.isoformat())

    command = ("breach", "--account", "mallory", *span, "--as", "han")
    found = told(sadari(*command, "--out", str(tmp_path / "breach"), "--contacts", "--acts", "--json"))
    text = sadari(*command)

    text_of_people = (tmp_path / "breach" / "people.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text_of_people.splitlines()))
    notice = (tmp_path / "breach" / "notice.ko.txt").read_text(encoding="utf-8")
    assert found["people"] == people[1:3]
    assert (found["looks"], found["reasons"], found["report_to_authority"]) == (2, {"curious": 2}, False)
    assert found["tell_by"] == (known + TOLD_WITHIN).isoformat()
    assert found["acts"] == []
    assert [row["person"] for row in rows] == people[1:3]
    assert all(row["name"] and row["email"] for row in rows)
    assert "제34조" in notice
    assert "분쟁조정" in notice
    assert "「채울 것: 경위」" in notice
    assert "{" not in notice
    assert text[0] == 0
    assert "2 people; tell them until" in text[1]
    assert "71 hours are left" in text[1]
    assert [row["reader"] for row in office.ports.vault.accesses()[-2:]] == ["han", "han"], "reading contacts is logged"


def test_a_breach_of_a_cohort_names_everybody_in_it(open_desk: Desk, sadari: Sadari) -> None:
    office = open_desk.office
    cases = list(office.ports.cases.find(workflow="application"))
    span = ("--since", office.now.isoformat(), "--known", office.now.isoformat())

    found = told(sadari("breach", "--cohort", cases[0].cohort, *span, "--as", "han", "--outside", "--json"))

    assert found["people"] == sorted({case.person for case in cases})
    assert found["report_to_authority"]


def test_acts_of_an_account_are_found_in_the_histories(open_desk: Desk, sadari: Sadari) -> None:
    office = open_desk.office
    opened = next(iter(office.ports.cases.find(workflow="round")))
    (entry, *_) = office.entries(opened.id)
    span = ("--since", "2020-01-01T00:00", "--known", office.now.isoformat())

    found = told(sadari("breach", "--account", entry.message.actor.id, *span, "--as", "han", "--acts", "--json"))

    assert {"case": opened.id, "seq": 1, "event": "RoundPlanned"}.items() <= found["acts"][0].items()


def test_a_breach_of_nobody_known_and_known_in_the_future_is_refused_before_anything_is_written(
    open_desk: Desk, sadari: Sadari, tmp_path: Path
) -> None:
    now, folder = open_desk.office.now, tmp_path / "breach"
    span = ("--since", (now - HOUR).isoformat(), "--as", "han", "--out", str(folder))
    wrong = sadari("breach", *span, "--known", now.isoformat(), "--cohort", "misspelled")
    future = sadari("breach", *span, "--known", (now + HOUR).isoformat(), "--account", "kim")
    backwards = sadari("breach", *span, "--known", now.isoformat(), "--account", "kim", "--until", "2020-01-01T00:00")
    was_written = folder.exists()
    folder.mkdir()
    taken = sadari("breach", *span, "--known", now.isoformat(), "--account", "kim")

    assert [each[0] for each in (wrong, future, backwards, taken)] == [1, 2, 2, 2]
    assert "nobody is in the cohort [misspelled]" in wrong[2]
    assert "--known" in future[2]
    assert "--until" in backwards[2]
    assert "name a new folder" in taken[2]
    assert not was_written


def test_a_restore_of_a_cohort_that_the_copy_does_not_have_says_so(
    open_desk: Desk, sadari: Sadari, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(open_desk.store.read_bytes())

    command = ("restore", "misspelled", "--from", str(copy), "--key", KEY, "--as", "lee", "--reason", "deleted")
    code, _, error = sadari(*command)

    assert code == 1
    assert "has no case of the cohort [misspelled]" in error


def test_the_copy_for_a_stack_on_one_file_is_a_file_too_and_never_the_stack_itself(
    open_desk: Desk, tmp_path: Path
) -> None:
    settings = {"SADARI_STORE": str(open_desk.store), "SADARI_KEY": "a2V5"}
    (tmp_path / ENVIRONMENT).write_text(json.dumps(settings), encoding="utf-8")

    with pytest.raises(BadUseError, match="no store at"), opened_copy("restored-a", tmp_path):
        pass


def test_a_breach_needs_to_know_whose(sadari: Sadari) -> None:
    span = ("--since", "2027-01-01T00:00", "--known", "2027-01-01T00:00", "--as", "han")

    assert sadari("breach", *span)[0] == 2
    assert sadari("breach", *span, "--account", "kim", "--cohort", "2027")[0] == 2
    assert sadari("breach", *span, "--account", "kim", "--contacts")[0] == 2


def test_cases_of_people_whom_a_restore_lost_are_named_and_those_of_erased_people_are_not(
    open_desk: Desk, sadari: Sadari
) -> None:
    ports = open_desk.office.ports
    lost, erased, *_ = sorted(ports.cases.find(workflow="application"), key=lambda case: case.id)
    erase_person(PersonId(erased.person), ports, request="request-1")
    before = sadari("verify", "--people")
    ports.vault.erase(PersonId(lost.person), for_good=False)

    code, out, _ = sadari("verify", "--people", "--json")

    assert before[0] == 0
    assert (code, json.loads(out)) == (1, [lost.id])


def test_what_waits_for_one_reason_is_sent_again_and_the_rest_stays(open_desk: Desk, sadari: Sadari) -> None:
    office = open_desk.office
    one, other, *_ = sorted(office.ports.cases.find(workflow="application"), key=lambda case: case.id)
    for case, reason in ((one, "gave_up: too busy"), (other, "LookupError: no such version")):
        message = office.message(case.id, ApplicationWithdrew(), by=applicant(case))
        office.ports.quarantine.put(
            Quarantined(id=message.id, reason=reason, source="events", heard_at=office.now, message=message)
        )
    office.ports.quarantine.put(
        Quarantined(id="body", reason="gave_up (vault x)", source="events", heard_at=office.now)
    )

    found = told(sadari("quarantine", "replay-all", "--because", "gave_up", "--json"))

    assert found == {"rows": 2, "verdicts": {"applied": 1}, "refused": 1}
    assert office.stage(one.id) == "withdrawn"
    assert office.stage(other.id) == other.stage
