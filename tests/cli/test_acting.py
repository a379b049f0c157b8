"""How commands that act end: one clear line, and what the history says."""

import json
from pathlib import Path

import pytest

from functions.cli import run
from tests.cli.selection_desk import Desk
from tests.support.office import ROUND

ACTING = [
    ["questions", "answer", "x", "yes", "--as", "kim", "--role", "operator"],
    ["round", "plan", "{file}", "--as", "kim"],
    ["round", "reviewers", "x", "{file}", "--as", "kim"],
    ["round", "extend", "x", "--close", "2027-03-26T18:00", "--as", "kim"],
    [
        *("round", "supplement", "x", "--as-round", "y", "--open", "2027-04-03", "--close", "2027-04-09"),
        *("--results", "2027-04-16", "--order", "kept", "--as", "kim"),
    ],
    ["round", "calendar", "x", "--as", "kim"],
    ["round", "check-enrolment", "x", "{file}", "--as", "kim"],
    ["review", "assign", "x", "--as", "kim"],
    ["review", "show", "x", "--as", "kim"],
    ["review", "accept", "x", "--as", "kim"],
    ["review", "conflict", "x", "--as", "kim", "--why", "family"],
    ["review", "decline", "x", "--as", "kim"],
    ["review", "score", "x", "--as", "kim", "--points", "motive=3"],
    ["review", "reopen", "x", "--as", "kim", "--reason", "오타"],
    ["review", "import", "{file}", "--as", "kim"],
    ["scores", "import", "x", "{file}", "--component", "test", "--as", "kim"],
    ["rank", "run", "x", "--as", "kim"],
    ["offers", "accept", "x", "--as", "kim"],
    ["offers", "decline", "x", "--as", "kim"],
    ["offers", "withdraw", "x", "--as", "kim"],
    ["offers", "extend", "x", "--as", "kim", "--hours", "24", "--reason", "시험"],
    ["offers", "skip", "x", "--as", "kim", "--reason", "연락 두절"],
    ["appeals", "file", "x", "--as", "kim", "--reason", "다시 봐 주세요"],
]
READING = [
    *(["round", "show", "x"], ["review", "list", "x"], ["rank", "show", "x"], ["rank", "runs", "x"]),
    *(["rank", "diff", "x", "y"], ["rank", "verify", "x"], ["rank", "ties", "x"], ["offers", "list", "x"]),
    *(["offers", "export", "x", "--to", "out.csv"], ["appeals", "list", "x"]),
]


@pytest.mark.parametrize("command", [*ACTING, *READING], ids=lambda command: " ".join(command[:2]))
def test_what_is_not_there_ends_with_1_and_one_line(desk: Desk, command: list[str]) -> None:
    path = desk.file("nothing.csv", "review,reviewer\n") if command[1] == "import" else desk.file("none.csv", "x\n")

    result = desk.sadari(*(part.format(file=path) for part in command))

    if command[:2] == ["review", "import"]:
        assert (result.code, result.err) == (0, "")  # a table of no rows has nothing that could be missing
        return
    assert result.code == 1
    assert result.out == ""
    assert len(result.err.strip().splitlines()) == 1


@pytest.mark.parametrize("command", ACTING, ids=lambda command: " ".join(command[:2]))
def test_whoever_acts_has_to_say_who_they_are(desk: Desk, command: list[str]) -> None:
    path = desk.file("some.csv", "id\n")
    named = command.index("--as")

    result = desk.sadari(*(part.format(file=path) for part in command[:named] + command[named + 2 :]))

    assert result.code == 2
    assert "--as" in result.err


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["questions", "list", "--role", "king"], "no role [king]"),
        (["questions", "list", "--role", "applicant"], "no role [applicant]"),
        (["questions", "answer", "x", "maybe", "--as", "kim", "--role", "operator"], "say yes or no"),
        (["questions", "answer", "x", "yes", "--as", "kim@jnu.ac.kr", "--role", "operator"], "no staff account"),
        (["round", "plan", "nowhere.json", "--as", "kim"], "cannot be read"),
        (["round", "extend", "round-1", "--as", "kim", "--close", "soon"], "no date and time"),
        (["review", "conflict", "x", "--as", "kim", "--why", "hunch"], "no kind of conflict"),
        (["review", "score", "x", "--as", "kim", "--points", "motive"], "criterion=3"),
        (["review", "score", "x", "--as", "kim", "--points", "motive=lots"], "criterion=3"),
        (["review", "score", "x", "--as", "kim", "--points", "a=1", "--points", "a=2"], "twice"),
        (["review", "reopen", "x", "--as", "kim", "--reason", " "], "a reason is needed"),
        (["review", "import", "x", "--as", "kim", "--role", "city"], "hands in no reviews"),
        (["offers", "accept", "x", "--as", "kim", "--consent", "pledge"], "pledge@1=yes"),
        (["offers", "accept", "x", "--as", "kim", "--consent", "a=yes", "--consent", "a=no"], "twice"),
        (["offers", "extend", "x", "--as", "kim", "--hours", "0", "--reason", "r"], "--hours"),
        (["offers", "skip", "x", "--as", "kim", "--reason", "주민번호 900101-1234567"], "resident registration number"),
    ],
)
def test_wrong_use_ends_with_2_and_one_line(desk: Desk, command: list[str], says: str) -> None:
    desk.plan()

    result = desk.sadari(*command)

    assert result.code == 2
    assert says in result.err
    assert result.out == ""
    assert len(result.err.strip().splitlines()) == 1


def test_without_a_store_nothing_is_begun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["questions", "list", "--store", str(tmp_path / "none.db")])

    assert code == 2
    assert "no store" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_case_of_another_workflow_is_no_round(open_desk: Desk) -> None:
    result = open_desk.sadari("round", "show", open_desk.cases[0])

    assert result.code == 1
    assert "is no round but one of [application]" in result.err


def test_a_question_is_answered_by_its_beginning_and_its_reason_lies_in_the_vault(open_desk: Desk) -> None:
    desk = open_desk
    case = desk.office.hand_in(20, is_enrolled=False)
    desk.close_form()
    (question,) = desk.done("questions", "list", "--role", "operator")

    without = desk.sadari("questions", "answer", question["id"][:8], "yes", "--as", "kim", "--role", "operator")
    wrong_role = desk.sadari("questions", "answer", question["id"], "yes", "--as", "kim", "--role", "city")
    told = desk.done(
        *("questions", "answer", question["id"][:8], "no", "--as", "kim", "--role", "operator"),
        *("--reason", "재학증명서를 확인함"),
    )

    assert (without.code, wrong_role.code) == (1, 1)
    assert "give one with --reason" in without.err
    assert "with --role" in wrong_role.err
    assert told["told"][0]["verdict"] == "applied"
    assert desk.office.stage(case) == "eligible"
    entry = desk.office.entries(case)[-1]
    assert "재학증명서" not in entry.model_dump_json()
    text = desk.office.ports.vault.get_text(entry.message.data["reason"], reader="test", reason="test")
    assert text == "재학증명서를 확인함"


def test_a_refused_answer_leaves_nothing_behind(open_desk: Desk) -> None:
    desk = open_desk
    desk.office.hand_in(20, is_enrolled=False)
    desk.close_form()
    (question,) = desk.done("questions", "list")
    before = desk.dump()

    refused = desk.sadari(
        *("questions", "answer", question["id"], "yes", "--as", "kim", "--role", "city", "--reason", "이유")
    )

    assert refused.code == 1
    assert desk.dump() == before


def test_the_ranker_cannot_approve_and_approvals_come_in_order(screening_desk: Desk) -> None:
    desk = screening_desk
    desk.read_all()
    desk.test_all()
    desk.done("rank", "run", ROUND, "--as", "kim")
    (question,) = desk.done("questions", "list")

    own = desk.sadari("questions", "answer", question["id"], "yes", "--as", "kim", "--role", "operator")
    early = desk.sadari("questions", "answer", question["id"], "yes", "--as", "mayor", "--role", "city")
    first = desk.done("questions", "answer", question["id"], "yes", "--as", "lee", "--role", "operator")
    twice = desk.sadari("questions", "answer", question["id"], "yes", "--as", "lee", "--role", "university")

    assert "somebody else has to answer" in own.err
    assert "needs operator" in early.err
    assert first["still_needed"] == ["university", "city"]
    assert "somebody else has to answer" in twice.err


def test_what_comes_too_early_is_kept_and_says_so(open_desk: Desk) -> None:
    result = open_desk.sadari("round", "extend", ROUND, "--close", "2027-03-26T18:00", "--as", "kim")

    assert result.code == 0
    assert "parked" in result.out
    assert "kept for seven days" in result.out


def test_questions_are_listed_in_korean(open_desk: Desk) -> None:
    open_desk.office.hand_in(20, is_enrolled=False)
    open_desk.close_form()

    listed = open_desk.sadari("questions", "list", "--lang", "ko")

    assert "지원" in listed.out
    assert "Is this applicant" not in listed.out


def test_what_a_command_prints_as_json_is_one_document(open_desk: Desk) -> None:
    result = open_desk.sadari("round", "show", ROUND, "--json")

    assert json.loads(result.out)["stage"] == "open"
