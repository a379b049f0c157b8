"""The command line as its users meet it: what it prints, and how it ends."""

import fcntl
import json
import os
import pty
import sqlite3
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from functions.cli import run
from functions.cli.stores import opened
from functions.store_files import KEYS, STORE, stack_keys
from schemas.search import PersonKey
from workflows.definitions import LATEST
from workflows.runtime.people_keys import key_of


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of one demo, shared by the tests that only read it."""
    store = tmp_path_factory.mktemp("demo") / "demo.db"
    assert run(["demo", "--json", "--store", str(store)]) == 0
    return store


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_local_stack_finds_the_people_of_a_demo_in_its_store(tmp_path: Path, *, is_begun: bool) -> None:
    before = stack_keys(tmp_path) if is_begun else None
    store = tmp_path / STORE

    assert run(["demo", "--json", "--store", str(store), "--until", "2027-03-21"]) == 0

    key, secret = stack_keys(tmp_path)
    with opened(store) as embedded:
        questions = [each for case in embedded.ports.cases.find() for each in case.tasks if "operator" in each.needs]
        person = embedded.ports.vault.get(next(embedded.ports.vault.people()), reader="test", reason="test")
        assert person is not None
        sought: dict[PersonKey, str] = {"email": person.email, "phone": person.contact}
        index = embedded.staff_ports.index
        found = [list(index.people(kind, key_of(kind, text, key))) for kind, text in sought.items()]
    assert found == [[person.id], [person.id]]
    assert len(questions) == 3
    assert before is None or before[1] == secret
    assert (tmp_path / KEYS).stat().st_mode & 0o077 == 0


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Runs a command and gives its exit code, its output and its errors."""

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_the_demo_reports_every_applicant_once_and_never_more_seats_than_there_are(output: Any, tmp_path: Path) -> None:
    code, out, _ = output("demo", "--json", "--store", str(tmp_path / "demo.db"))

    report = json.loads(out)
    assert code == 0
    assert sum(report["stages"].values()) == report["applicants"] == 180
    assert report["rows"] == 195
    assert report["selected"] == report["capacity"] == report["seats_peak"] == 30
    assert (report["faults"], report["quarantined"]) == (0, 0)
    assert report["verified"] > report["applicants"]
    assert {"digest", "backend", "offers", "timers", "notices", "seconds"} <= set(report)


def test_the_same_demo_told_twice_has_one_digest(output: Any, tmp_path: Path) -> None:
    first = json.loads(output("demo", "--json", "--store", str(tmp_path / "one.db"))[1])
    second = json.loads(output("demo", "--json", "--store", str(tmp_path / "two.db"))[1])

    assert first["digest"] == second["digest"]


def test_the_demo_tells_every_branch_of_the_story(told: Path, output: Any) -> None:
    cases = json.loads(output("cases", "list", "--json", "--limit", "10000", "--store", str(told))[1])

    ends = {case["stage"] for case in cases}
    assert ends >= {"too_late", "ineligible", "not_selected", "declined", "expired", "withdrawn", "vacated", "enrolled"}
    assert ends >= {"no_show", "not_completed", "completed", "hired", "founded", "studying", "none", "silent", "filled"}


def test_a_case_is_listed_shown_told_and_explained(told: Path, output: Any) -> None:
    listed = json.loads(output("cases", "list", "--workflow", "enrolment", "--json", "--store", str(told))[1])
    case_id = listed[0]["id"]

    shown = json.loads(output("cases", "show", case_id, "--json", "--store", str(told))[1])
    history = json.loads(output("cases", "history", case_id[:8], "--json", "--store", str(told))[1])
    explained = json.loads(output("cases", "explain", case_id, "--json", "--store", str(told))[1])

    assert shown["id"] == explained["case"] == case_id
    assert shown["facts"]["enrolment"] == case_id
    assert len(history) == shown["seq"]
    assert history[0]["message"]["type"] == "EnrolmentOpened"
    assert explained["stage"]["id"] == shown["stage"]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("command", [["cases", "explain", "gwangju-2027-1"], ["definitions", "page", "round"]])
def test_people_read_korean_or_english(told: Path, output: Any, command: list[str], lang: str) -> None:
    store = ["--store", str(told)] if command[0] == "cases" else []

    code, out, _ = output(*command, "--lang", lang, *store)

    assert code == 0
    assert ("모집" in out) is (lang == "ko")


def test_the_definitions_are_proved_and_drawn(output: Any) -> None:
    checked = json.loads(output("definitions", "check", "--json")[1])
    code, drawn, _ = output("definitions", "diagram", "application")

    assert checked["faults"] == []
    assert {each["name"] for each in checked["workflows"]} == LATEST.keys()
    assert code == 0
    assert drawn.startswith("stateDiagram-v2")


def test_verify_proves_the_store_and_names_what_was_tampered_with(told: Path, output: Any, tmp_path: Path) -> None:
    copy = tmp_path / "tampered.db"
    with sqlite3.connect(told) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        case_id, seq = target.execute("select case_id, seq from history where blob like '%ScoreRecorded%'").fetchone()
        query = "update history set blob = replace(blob, '\"score\":', '\"score\":9') where case_id = ? and seq = ?"
        target.execute(query, (case_id, seq))
    for connection in (source, target):
        connection.close()

    clean, _, _ = output("verify", "--store", str(told))
    code, out, error = output("verify", "--json", "--store", str(copy))

    found = json.loads(out)["faults"]
    assert clean == 0
    assert code == 1
    assert [each["case"] for each in found] == [case_id]
    assert case_id in error


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["frob"], "frob"),
        (["demo", "--jsn"], "--jsn"),
        (["demo", "--backend", "cloud"], "--backend"),
        (["demo", "--bundle", "build/bundle.zip"], "--backend emulator"),
        (["demo", "--backend", "emulator", "--bundle", "nowhere.zip"], "make bundle"),
        (["cases", "list", "--limit", "0"], "--limit"),
        (["cases", "list", "--stage", "nowhere"], "no stage [nowhere]"),
        (["cases", "list", "--workflow", "life"], "no workflow [life]"),
        (["cases", "explain"], "ID"),
        (["definitions", "page", "life"], "no workflow [life]"),
        (["definitions", "page", "round", "--lang", "fr"], "no language [fr]"),
        (["verify", "--store", "nothing.db"], "no store at [nothing.db]"),
        (["journeys", "nowhere"], "[nowhere] lacks"),
    ],
)
def test_wrong_use_ends_with_2_and_one_clear_line(
    output: Any, monkeypatch: pytest.MonkeyPatch, told: Path, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(told.parent)
    (told.parent / ".sadari").mkdir(exist_ok=True)
    (told.parent / ".sadari" / "demo.db").write_bytes(told.read_bytes())

    code, out, error = output(*arguments)

    assert code == 2
    assert out == ""
    assert len(error.strip().splitlines()) == 1
    assert says in error


def test_a_file_that_is_no_store_is_refused_and_left_alone(output: Any, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be looked at as if it were one " * 20)
    before = path.read_bytes()

    code, _, error = output("verify", "--store", str(path))

    assert (code, path.read_bytes()) == (2, before)
    assert "is no store" in error


def test_an_unknown_case_or_row_ends_with_1_and_says_where_to_look(told: Path, output: Any) -> None:
    case = output("cases", "show", "zzzz", "--store", str(told))
    row = output("quarantine", "replay", "zzzz", "--store", str(told))

    assert (case[0], row[0]) == (1, 1)
    assert "sadari cases list" in case[2]
    assert "sadari quarantine list" in row[2]


def test_a_table_fits_a_terminal_of_80_columns_and_breaks_no_id(told: Path) -> None:
    seen, shown = pty.openpty()
    fcntl.ioctl(shown, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))
    command = [sys.executable, "-c", "from functions.cli import main; main()"]
    command += ["appeals", "list", "gwangju-2027-1", "--store", str(told)]

    printed = b""
    with subprocess.Popen(command, stdout=shown, env={**os.environ, "TERM": "dumb"}) as run_there:
        os.close(shown)
        with suppress(OSError):  # how a terminal ends
            while part := os.read(seen, 4096):
                printed += part
    os.close(seen)

    assert run_there.returncode == 0
    lines = printed.decode().splitlines()
    ids = [line.split()[:2] for line in lines[2:]]
    assert max(map(len, lines)) <= 80
    assert all(len(name) == 8 for row in ids for name in row)
    assert len(ids) == 2


@pytest.mark.parametrize("command", [[], ["cases"], ["demo"], ["journeys"], ["up"], ["quarantine", "replay"]])
def test_help_is_there_for_every_command(output: Any, command: list[str]) -> None:
    code, out, _ = output(*command, "--help")

    assert code == 0
    assert "Usage: sadari" in out
