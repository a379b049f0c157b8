"""`sadari quarantine close`: a row that nothing more comes of keeps nobody awake."""

from tests.cli.selection_desk import Desk
from workflows.runtime.bury import bury_unreadable


def test_a_closed_row_is_stuck_no_more_and_says_who_closed_it(desk: Desk) -> None:
    row = bury_unreadable(b"?", "no_message", desk.office.ports, source="desk", key=b"k" * 32)
    before = desk.sadari("stuck")

    closed = desk.done("quarantine", "close", row.id[:8], "--as", "lee", "--reason", "a test of the sender")

    assert (before.code, desk.sadari("stuck").code) == (1, 0)
    assert (closed["state"], closed["closed_by"]) == ("closed", "lee")


def test_what_cannot_be_closed_says_why(desk: Desk) -> None:
    row = bury_unreadable(b"?", "no_message", desk.office.ports, source="desk", key=b"k" * 32)

    unknown = desk.sadari("quarantine", "close", "zzzz", "--as", "lee", "--reason", "x")
    unsaid = desk.sadari("quarantine", "close", row.id, "--as", "lee", "--reason", " ")

    assert (unknown.code, unsaid.code) == (1, 2)
    assert ["sadari quarantine list" in unknown.err, "say why" in unsaid.err] == [True, True]
