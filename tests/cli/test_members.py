"""`sadari members`: how a new project gets its first administrator, and how an account is shut at once."""

from datetime import UTC, datetime

from schemas.staff import Session
from tests.cli.selection_desk import Desk

WHY = ("--as", "founder", "--reason", "first deployment")


def test_the_first_administrator_is_named_once_and_nobody_after(desk: Desk) -> None:
    first = [desk.sadari("members", "first-admin", "oh", "oh@gwangju.kr", "오관리", *WHY) for _ in "ab"]
    second = desk.sadari("members", "first-admin", "jo", "jo@gwangju.kr", "조관리", *WHY)

    (row,) = desk.done("members", "list")
    assert [each.code for each in (*first, second)] == [0, 0, 1]
    assert "propose others on the console" in second.err
    assert (row["id"], row["roles"]) == ("oh", ["admin"])
    notes = [(each["reader"], each["subject"], each["reason"]) for each in desk.office.ports.vault.accesses()]
    assert notes == [("founder", "oh", "first administrator: first deployment")] * 2


def test_whoever_is_disabled_has_no_session_and_leaves_the_way_to_a_first_administrator(desk: Desk) -> None:
    desk.sadari("members", "first-admin", "oh", "oh@gwangju.kr", "오관리", *WHY)
    sessions, at = desk.office.embedded.staff_ports.sessions, datetime(2027, 2, 23, tzinfo=UTC)
    sessions.put(Session(id="s-1", member="oh", begun_at=at, seen_at=at))

    shut = desk.sadari("members", "disable", "oh", "--as", "founder", "--reason", "taken over")
    ended = sessions.get("s-1")
    opened = desk.sadari("members", "first-admin", "jo", "jo@gwangju.kr", "조관리", *WHY)

    assert (shut.code, ended, opened.code) == (0, None, 0)
    assert {each["id"]: each["state"] for each in desk.done("members", "list")} == {"jo": "active", "oh": "disabled"}


def test_what_cannot_be_done_says_what_to_do(desk: Desk) -> None:
    refused = [
        desk.sadari("members", "first-admin", "..", "oh@gwangju.kr", "오관리", *WHY),
        desk.sadari("members", "first-admin", "oh", "nobody", "오관리", *WHY),
        desk.sadari("members", "first-admin", "oh", "oh@x.kr", "오관리", "--as", "oh", "--reason", " "),
        desk.sadari("members", "disable", "nobody", *WHY),
    ]

    assert [each.code for each in refused] == [2, 2, 2, 1]
    assert ["unfit: id" in refused[0].err, "unfit: email" in refused[1].err, "say why" in refused[2].err] == [True] * 3
    assert desk.done("members", "list") == []


def test_sessions_end_for_everybody_and_an_account_comes_back(desk: Desk) -> None:
    desk.sadari("members", "first-admin", "oh", "oh@gwangju.kr", "오관리", *WHY)
    desk.sadari("members", "disable", "oh", *WHY)
    desk.sadari("members", "first-admin", "jo", "jo@gwangju.kr", "조관리", *WHY)
    sessions, at = desk.office.embedded.staff_ports.sessions, datetime(2027, 2, 23, tzinfo=UTC)
    sessions.put(Session(id="s-2", member="jo", begun_at=at, seen_at=at))

    ended = desk.sadari("members", "log-out", *WHY)
    enabled = desk.done("members", "enable", "oh", *WHY)

    assert ("2 members" in ended.out, sessions.get("s-2")) == (True, None)
    assert (enabled["state"], enabled["roles"]) == ("active", ["admin"])
