"""`sadari rank`: frozen, shown, compared, and proved."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.cli.selection_desk import Desk
from tests.support.office import ROUND

AS = ("--as", "kim")


@pytest.fixture
def scored_desk(screening_desk: Desk) -> Desk:
    """Everybody is read and tested; the second and the third are equal in both."""
    first, second, third, *others = screening_desk.cases
    screening_desk.read_all({first: (5, 5), second: (4, 4), third: (4, 4), **dict.fromkeys(others, (3, 3))})
    screening_desk.test_all([90, 80, 80, 70, 60, 50, 40, 30])
    return screening_desk


def test_who_is_not_read_or_tested_keeps_the_round_from_being_ranked(screening_desk: Desk) -> None:
    result = screening_desk.sadari("rank", "run", ROUND, *AS)

    assert result.code == 1
    assert "8 eligible applications have no score yet" in result.err
    assert "2 more reviews" in result.err


def test_a_round_that_is_not_ranked_has_no_order(screening_desk: Desk) -> None:
    result = screening_desk.sadari("rank", "show", ROUND)

    assert result.code == 1
    assert "is not ranked yet" in result.err


def test_a_run_is_shown_with_its_parts_and_proved(scored_desk: Desk) -> None:
    desk = scored_desk
    run = desk.done("rank", "run", ROUND, *AS)

    shown = desk.done("rank", "show", run["run"][:6])
    text = desk.sadari("rank", "show", ROUND, "--lang", "ko")
    proved = desk.done("rank", "verify", ROUND)

    assert (run["ranked"], run["ties"]) == (8, 1)
    assert [entry["rank"] for entry in shown["entries"]] == list(range(1, 9))
    assert shown["entries"][0]["scores"] == {"review": 100, "test": 90}
    assert shown["entries"][0]["score"] == 97
    assert shown["counts"] is True
    assert "review 100, test 90" in text.out
    assert proved["differences"] == []


def test_a_tie_names_what_broke_it(scored_desk: Desk) -> None:
    desk = scored_desk
    desk.done("rank", "run", ROUND, *AS)

    (tie,) = desk.done("rank", "ties", ROUND)["ties"]

    assert {tie["before"], tie["after"]} == set(desk.cases[1:3])
    assert (tie["rank"], tie["by"]) == (2, "hash")


def test_two_runs_are_compared_and_the_old_one_no_longer_counts(scored_desk: Desk) -> None:
    desk = scored_desk
    old = desk.done("rank", "run", ROUND, *AS)["run"]
    path = desk.file("again.csv", f"application,score\n{desk.cases[7]},100\n")
    desk.done("scores", "import", ROUND, path, "--component", "test", *AS)
    new = desk.done("rank", "run", ROUND, *AS)["run"]

    moved = desk.done("rank", "diff", old, new)
    runs = desk.done("rank", "runs", ROUND)
    shown = desk.sadari("rank", "show", old)

    assert moved["moves"][0]["application"] == desk.cases[7]
    assert (moved["moves"][0]["rank_before"], moved["moves"][0]["rank_after"]) == (8, 4)
    assert moved["rules"] == []
    assert [(row["run"], row["counts"]) for row in runs] == [(old, False), (new, True)]
    assert "not the run that counts" in shown.out


def test_ranking_the_same_scores_again_is_the_same_run(scored_desk: Desk) -> None:
    first = scored_desk.done("rank", "run", ROUND, *AS)
    second = scored_desk.done("rank", "run", ROUND, "--as", "lee")

    assert first["run"] == second["run"]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("score", 99.5, "recomputed"),
        ("rank", 7, "rank 7"),
        ("scores", {"test": 1}, "no score for 'review'"),
        ("application", "", "another hash"),
    ],
)
def test_a_run_that_was_tampered_with_is_found_out(scored_desk: Desk, field: str, value: object, says: str) -> None:
    desk = scored_desk
    run = desk.done("rank", "run", ROUND, *AS)["run"]
    with closing(sqlite3.connect(desk.store)) as connection, connection:
        (blob,) = connection.execute("select blob from facts where id = ?", (run,)).fetchone()
        document = json.loads(blob)
        document["entries"][0][field] = value
        connection.execute("update facts set blob = ? where id = ?", (json.dumps(document), run))

    result = desk.sadari("rank", "verify", run, "--json")

    assert result.code == 1
    assert any(says in each for each in result.json["differences"])
    assert "another hash" in result.json["differences"][0]
    assert "is not what it should be" in result.err


def test_a_document_that_is_no_run_is_said_to_be_none(scored_desk: Desk) -> None:
    desk = scored_desk
    pool = desk.office.case(ROUND).data["pool"]

    verified = desk.sadari("rank", "verify", pool)
    shown = desk.sadari("rank", "show", pool)

    assert (verified.code, shown.code) == (1, 1)
    assert "is no rank run" in verified.err
    assert "is no rank run" in shown.err


def test_after_a_no_the_round_is_ranked_again(scored_desk: Desk) -> None:
    desk = scored_desk
    desk.done("rank", "run", ROUND, *AS)
    (question,) = desk.done("questions", "list")

    no = desk.done("questions", "answer", question["id"], "no", "--as", "lee", "--role", "operator")
    again = desk.done("rank", "run", ROUND, *AS)

    assert no["told"][0]["stage"] == "screening"
    assert again["told"][0]["stage"] == "decided"


def test_places_are_for_applications_of_the_run(scored_desk: Desk) -> None:
    desk = scored_desk
    desk.done("rank", "run", ROUND, *AS)

    shown = desk.done("rank", "show", ROUND, "--limit", "2")

    assert shown["entries"][0]["application"] == desk.cases[0]
    assert len(shown["entries"]) == 2
    assert "not published yet" in shown["entries"][0]["place"]["en"]
