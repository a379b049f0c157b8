"""`sadari data-request` and `sadari erase`: requests on paper, the ledger, and legal holds."""

import json
import sqlite3
from contextlib import closing

import pytest

from schemas.ids import CaseId, PersonId
from tests.cli.selection_desk import Desk
from tests.support.cohort import DAY, HOUR
from workflows.runtime.restrictions import restriction_of


def filed(desk: Desk, right: str, *more: str) -> CaseId:
    told = desk.done("data-request", "file", right, desk.cases[0], "--as", "kim", "--letter", "L-1", *more)
    return CaseId(told["data_request"])


def agree(desk: Desk, request: CaseId) -> None:
    """The privacy officer says yes to whatever is asked."""
    (task,) = desk.office.case(request).tasks
    says = ("--as", "han", "--role", "privacy_officer", "--reason", "확인함")
    desk.done("questions", "answer", task.id, "yes", *says)


def granted(desk: Desk, right: str, *more: str) -> CaseId:
    request = filed(desk, right, *more)
    agree(desk, request)
    agree(desk, request)
    return request


def person(desk: Desk) -> object:
    case = desk.office.case(desk.cases[0])
    return desk.office.ports.vault.get(case.person, reader="test", reason="test")  # type: ignore[arg-type]


def test_a_letter_is_taken_in_once_and_listed_with_its_ten_days(open_desk: Desk) -> None:
    first, again = (filed(open_desk, "see") for _ in range(2))

    (row,) = open_desk.done("data-request", "list")
    assert first == again == row["data_request"]
    assert (row["right"], row["stage"], row["is_overdue"], len(row["questions"])) == ("see", "identity_check", False, 1)


def test_what_is_written_is_shown_to_whoever_the_log_names(open_desk: Desk) -> None:
    request = filed(open_desk, "correct", "--set", "department=인공지능학부", "--text", "학과가 바뀌었습니다")

    shown = open_desk.sadari("data-request", "show", request, "--as", "han").json

    assert (shown["text"], shown["changes"]) == ("학과가 바뀌었습니다", {"department": "인공지능학부"})
    assert "han" in {row["reader"] for row in open_desk.office.ports.vault.accesses()}


def test_who_was_granted_to_see_gets_everything_as_one_file(open_desk: Desk) -> None:
    request = granted(open_desk, "see")
    file = open_desk.folder / "own.json"

    result = open_desk.sadari("data-request", "export", request, "--as", "han", "--out", str(file))

    assert result.code == 0, result
    assert json.loads(file.read_text(encoding="utf-8"))["person"]["id"] == open_desk.office.case(request).person


def test_nothing_is_given_out_before_it_is_granted(open_desk: Desk) -> None:
    request = filed(open_desk, "see")
    file = open_desk.folder / "own.json"

    result = open_desk.sadari("data-request", "export", request, "--as", "han", "--out", str(file))

    assert (result.code, file.exists()) == (1, False)
    assert "only a request to see that is done" in result.err


def test_an_erasure_can_be_limited_and_taken_back(open_desk: Desk) -> None:
    request = filed(open_desk, "erase")
    agree(open_desk, request)
    limits = ("--keep", "name", "--ground", "public_audit", "--until", "2030-08-20")
    open_desk.done("data-request", "limit", request, "--as", "han", *limits)
    agree(open_desk, request)

    open_desk.done("data-request", "take-back", request, "--as", "han")

    assert open_desk.office.case(request).data["kept"] == ["name"]
    assert open_desk.office.stage(request) == "withdrawn"
    assert person(open_desk) is not None


def test_the_ledger_is_printed_and_applied_again_to_a_restored_store(open_desk: Desk) -> None:
    backup = open_desk.folder / "backup.db"
    with closing(sqlite3.connect(open_desk.store)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    request = granted(open_desk, "erase")
    open_desk.office.until(open_desk.office.now + DAY + HOUR)
    lines = open_desk.sadari("erase", "ledger").out
    ledger = open_desk.file("ledger.jsonl", lines)
    cases = [*open_desk.cases]
    open_desk.close()
    for suffix in ("-wal", "-shm"):
        open_desk.store.with_name(open_desk.store.name + suffix).unlink(missing_ok=True)
    open_desk.store.write_bytes(backup.read_bytes())
    open_desk.reopen(cases)
    is_back = person(open_desk) is not None

    first = open_desk.sadari("erase", "reapply", ledger)
    second = open_desk.sadari("erase", "reapply", ledger)

    assert json.loads(lines)["request"] == request
    assert is_back
    assert person(open_desk) is None
    assert first.out == "1 row, 1 of them new to this store; 1 person erased again\n"
    assert second.out == "1 row, 0 of them new to this store; 0 people erased again\n"
    assert open_desk.sadari("verify").code == 0


def test_a_legal_hold_keeps_and_lets_go(open_desk: Desk) -> None:
    says = ("--as", "han", "--reason", "법원 명령")
    held = open_desk.sadari("erase", "hold", open_desk.cases[0], *says)
    request = granted(open_desk, "erase")
    open_desk.office.until(open_desk.office.now + DAY + HOUR)
    blocked = open_desk.office.stage(request)

    open_desk.sadari("erase", "unhold", open_desk.cases[0], *says)
    agree(open_desk, request)
    open_desk.office.until(open_desk.office.now + DAY + HOUR)

    assert (held.code, blocked, open_desk.office.stage(request)) == (0, "in_progress", "done")
    assert person(open_desk) is None


def test_what_a_person_had_stopped_goes_on_once_they_say_so(open_desk: Desk) -> None:
    granted(open_desk, "suspend")
    says = ("--as", "han", "--reason", "본인이 전화로 알려 옴")
    about = PersonId(open_desk.office.case(open_desk.cases[0]).person)
    before = restriction_of(about, open_desk.office.ports).is_stopped

    first, again = (open_desk.sadari("data-request", "resume", open_desk.cases[0], *says) for _ in range(2))

    assert (before, restriction_of(about, open_desk.office.ports).is_stopped) == (True, False)
    assert (first.code, first.out) == (0, "not stopped any more\n")
    assert (again.code, "given again by the person alone" in again.err) == (1, True)


def test_what_is_due_is_destroyed_by_hand_as_by_the_sweep(open_desk: Desk) -> None:
    assert open_desk.sadari("erase", "due").json["is_done"] is True


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("data-request", "file", "vanish", "CASE", "--as", "kim", "--letter", "L"), "no right [vanish]"),
        (("data-request", "file", "correct", "CASE", "--as", "kim", "--letter", "L"), "changes"),
        (("data-request", "file", "correct", "CASE", "--as", "kim", "--letter", "L", "--set", "name"), "field=value"),
        (("data-request", "file", "correct", "CASE", "--as", "kim", "--letter", "L", "--set", "email=a@b.kr"), "--key"),
        (("data-request", "show", "nowhere", "--as", "kim"), "no case [nowhere]"),
        (("erase", "reapply", "nowhere.jsonl"), "is no ledger"),
        (("erase", "hold", "CASE", "--as", "kim", "--reason", " "), "say why"),
    ],
)
def test_bad_use_is_told_in_one_line_that_says_what_to_do(
    open_desk: Desk, arguments: tuple[str, ...], line: str
) -> None:
    named = [open_desk.cases[0] if each == "CASE" else each for each in arguments]

    result = open_desk.sadari(*named)

    assert result.code in {1, 2}
    assert line in result.err
    assert "Traceback" not in result.err
