"""`sadari review`: assigned without conflicts, read blind, scored completely."""

from datetime import datetime

import pytest

from tests.cli.selection_desk import Desk
from tests.support.cohort import HOUR
from tests.support.office import ROUND

AS = ("--as", "kim")


def _mine(desk: Desk, reviewer: str = "rev-a") -> str:
    return str(desk.done("review", "list", ROUND, "--reviewer", reviewer)[0]["review"])


def test_everybody_has_two_readers_and_assigning_again_adds_nothing(screening_desk: Desk) -> None:
    listed = screening_desk.done("review", "list", ROUND)

    again = screening_desk.done("review", "assign", ROUND, *AS)

    readers = [review["application"] for review in listed]
    assert sorted(readers) == sorted([*screening_desk.cases, *screening_desk.cases])
    assert (again["given"], again["missing"]) == ([], [])


def test_a_conflict_that_is_detected_blocks_and_is_told(open_desk: Desk) -> None:
    desk = open_desk
    desk.close_form()
    table = "id,university,department,related\nrev-a,전남대학교,컴퓨터정보통신공학과,\n"
    table += f"rev-b,,,{desk.cases[3]}\nrev-c,,,\nrev-d,,,\n"
    desk.done("round", "reviewers", ROUND, desk.file("r.csv", table), *AS)

    result = desk.sadari("review", "assign", ROUND, *AS, "--json")

    found = {(each["application"], each["reviewer"], each["why"]) for each in result.json["conflicts"]}
    assert (desk.cases[0], "rev-a", "same_department") in found
    assert (desk.cases[3], "rev-b", "declared_relation") in found
    assert result.json["missing"] == []
    assert not any(
        each["reviewer"] == "rev-a" and each["application"] == desk.cases[0] for each in result.json["given"]
    )


def test_too_few_reviewers_end_with_1_and_say_what_to_do(open_desk: Desk) -> None:
    desk = open_desk
    desk.close_form()
    desk.done("round", "reviewers", ROUND, desk.file("r.csv", "id\nrev-a\n"), *AS)

    result = desk.sadari("review", "assign", ROUND, *AS)

    assert result.code == 1
    assert "8 applications lack a reader" in result.err


def test_nothing_is_shown_before_no_conflict_is_stated_and_nothing_that_names_anybody_after(
    screening_desk: Desk,
) -> None:
    desk, review = screening_desk, _mine(screening_desk)

    before = desk.sadari("review", "show", review, "--as", "rev-a")
    other = desk.sadari("review", "accept", review, "--as", "rev-b")
    desk.done("review", "accept", review, "--as", "rev-a")
    shown = desk.sadari("review", "show", review, "--as", "rev-a")
    peeked = desk.sadari("review", "show", review, "--as", "rev-b")

    assert "State first that you have no conflict" in before.err
    assert "is somebody else's" in other.err
    assert "배우고 싶습니다" in shown.out
    assert "김지원" not in shown.out
    assert "전남대학교" not in shown.out
    assert peeked.code == 1


def test_points_have_to_be_given_for_every_criterion(screening_desk: Desk) -> None:
    desk, review = screening_desk, _mine(screening_desk)
    desk.done("review", "accept", review, "--as", "rev-a")

    lacks = desk.sadari("review", "score", review, "--as", "rev-a", "--points", "motive=6", "--points", "charm=1")
    taken = desk.done("review", "score", review, "--as", "rev-a", "--points", "motive=3", "--points", "plan=4.5")
    shown = desk.done("review", "show", review, "--as", "rev-a")

    assert lacks.code == 1
    for fault in ("[motive] needs points from 0 to 5", "[plan] needs points", "[charm] is no criterion"):
        assert fault in lacks.err
    assert taken["told"][0]["stage"] == "submitted"
    assert shown["points"] == {"motive": 3, "plan": 4.5}


def test_nobody_scores_what_they_have_not_stated_to_be_free_to_read(screening_desk: Desk) -> None:
    desk, review = screening_desk, _mine(screening_desk)
    points = ("--points", "motive=3", "--points", "plan=3")
    table = desk.file("given.csv", f"review,reviewer,motive,plan\n{review},rev-a,3,3\n")

    scored = desk.sadari("review", "score", review, "--as", "rev-a", *points)
    handed_in = desk.sadari("review", "import", table, *AS, "--role", "operator")
    opened = desk.done("review", "accept", review, "--as", "rev-a")

    assert (scored.code, handed_in.code) == (1, 1)
    assert "states first that there is no conflict" in scored.err
    assert "states first that there is no conflict" in " ".join(handed_in.out.split())
    assert opened["told"][0]["stage"] == "reading"


def test_a_submitted_review_takes_no_other_points_until_it_is_reopened(screening_desk: Desk) -> None:
    desk, review = screening_desk, _mine(screening_desk)
    desk.done("review", "accept", review, "--as", "rev-a")
    desk.done("review", "score", review, "--as", "rev-a", "--points", "motive=3", "--points", "plan=3")

    again = desk.sadari("review", "score", review, "--as", "rev-a", "--points", "motive=5", "--points", "plan=5")
    reopened = desk.done("review", "reopen", review, *AS, "--reason", "점수를 바꿔 적음")

    assert again.code == 1
    assert "`sadari review reopen`" in again.err
    assert reopened["told"][0]["stage"] == "reading"


def test_peers_are_hidden_until_the_own_review_is_submitted(screening_desk: Desk) -> None:
    desk = screening_desk
    listed = desk.done("review", "list", ROUND)
    pair = [each for each in listed if each["application"] == desk.cases[0]]
    for each in pair:
        desk.done("review", "accept", each["review"], "--as", each["reviewer"])
    first, second = pair
    desk.done(
        *("review", "score", first["review"], "--as", first["reviewer"]),
        *("--points", "motive=5", "--points", "plan=5"),
    )

    before = desk.done("review", "show", second["review"], "--as", second["reviewer"])
    desk.done(
        *("review", "score", second["review"], "--as", second["reviewer"]),
        *("--points", "motive=4", "--points", "plan=4"),
    )
    after = desk.done("review", "show", second["review"], "--as", second["reviewer"])

    assert (before["peers"], after["peers"]) == ([], [100])


@pytest.mark.parametrize("command", [["conflict", "--why", "family"], ["decline"]])
def test_whoever_cannot_read_is_replaced_by_assigning_again(screening_desk: Desk, command: list[str]) -> None:
    desk, review = screening_desk, _mine(screening_desk)
    verb, *more = command
    desk.done("review", verb, review, "--as", "rev-a", *more)

    again = desk.done("review", "assign", ROUND, *AS)

    assert len(again["given"]) == 1
    assert again["given"][0]["reviewer"] != "rev-a"


def test_two_reviews_far_apart_ask_for_a_third_reader(screening_desk: Desk) -> None:
    desk = screening_desk
    pair = [each for each in desk.done("review", "list", ROUND) if each["application"] == desk.cases[0]]
    for each, points in zip(pair, ("5", "1"), strict=True):
        desk.done("review", "accept", each["review"], "--as", each["reviewer"])
        given = ("--points", f"motive={points}", "--points", f"plan={points}")
        desk.done("review", "score", each["review"], "--as", each["reviewer"], *given)

    third = desk.done("review", "assign", ROUND, *AS)

    assert [each["application"] for each in third["given"]] == [desk.cases[0]]
    assert third["given"][0]["reviewer"] not in {each["reviewer"] for each in pair}


def test_a_reopened_review_is_corrected_and_the_old_points_stay_in_its_history(screening_desk: Desk) -> None:
    desk, review = screening_desk, _mine(screening_desk)
    desk.done("review", "accept", review, "--as", "rev-a")
    desk.done("review", "score", review, "--as", "rev-a", "--points", "motive=3", "--points", "plan=3")

    reopened = desk.done("review", "reopen", review, *AS, "--reason", "점수를 바꿔 적음")
    desk.done("review", "score", review, "--as", "rev-a", "--points", "motive=4", "--points", "plan=4")

    given = [entry.message.data["points"] for entry in desk.office.entries(review) if "points" in entry.message.data]  # type: ignore[arg-type]
    assert reopened["told"][0]["stage"] == "reading"
    assert given == [{"motive": 3, "plan": 3}, {"motive": 4, "plan": 4}]


def test_reviewers_see_their_own_list(screening_desk: Desk) -> None:
    listed = screening_desk.sadari("review", "list", ROUND, "--reviewer", "rev-b", "--lang", "ko")

    assert "심사 배정" in listed.out
    assert "rev-a" not in listed.out


def test_a_conflict_lets_go_of_what_was_scored(screening_desk: Desk) -> None:
    desk, review = screening_desk, _mine(screening_desk)
    desk.done("review", "accept", review, "--as", "rev-a")
    desk.done("review", "score", review, "--as", "rev-a", "--points", "motive=3", "--points", "plan=3")
    (application,) = [case for case in desk.cases if desk.facts(case).reviews]

    desk.done("review", "conflict", review, "--as", "rev-a", "--why", "same_lab")

    assert desk.facts(application).reviews == {}
    assert desk.facts(application).conflicts == {"rev-a": "same_lab"}


def test_a_review_that_is_not_handed_in_goes_to_somebody_else(screening_desk: Desk) -> None:
    desk = screening_desk
    due_at = max(review["due_at"] for review in desk.done("review", "list", ROUND))
    desk.office.until(datetime.fromisoformat(due_at) + HOUR)
    overdue = desk.done("review", "list", ROUND)

    again = desk.sadari("review", "assign", ROUND, *AS, "--json")

    assert {review["stage"] for review in overdue} == {"overdue"}
    asked = {(review["application"], review["reviewer"]) for review in overdue}
    assert len(again.json["given"]) == len(again.json["missing"]) == 8  # three reviewers, two of whom did not read
    assert not any((each["application"], each["reviewer"]) in asked for each in again.json["given"])


def test_who_works_at_the_mail_domain_of_an_applicant_does_not_read(open_desk: Desk) -> None:
    desk = open_desk
    desk.close_form()
    table = "id,email_domain\nrev-a,example.org\nrev-b,\nrev-c,\n"
    desk.done("round", "reviewers", ROUND, desk.file("r.csv", table), *AS)

    made = desk.done("review", "assign", ROUND, *AS)

    assert {(each["reviewer"], each["why"]) for each in made["conflicts"]} == {("rev-a", "same_employer")}
    assert len(made["conflicts"]) == 8
