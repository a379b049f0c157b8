"""Tables that staff take in: every fault beside its row, and a rehearsal that says what the real run does."""

from functions.forms.csv_table import BYTES_MAX
from schemas.staff import Grant, Member
from tests.cli.selection_desk import Desk
from tests.support.office import ROUND

AS = ("--as", "kim")
WORD = "university,student_number,is_enrolled\n전남대학교,200001,no\n조선대학교,200004,no\n"


def rows_of(report: dict[str, object]) -> list[tuple[object, ...]]:
    """What became of every row."""
    rows = report["rows"]
    assert isinstance(rows, list)
    return [(row["row"], row["result"], row["case"]) for row in rows]


def test_scores_are_taken_row_by_row_and_a_fault_stands_beside_its_row(screening_desk: Desk) -> None:
    desk, (first, second, *_) = screening_desk, screening_desk.cases
    other = "round-1"
    table = f"application,score\n{first},87.5\n{second},101\n{other},50\n{desk.cases[2]},eighty\n{desk.cases[3]},1\n"
    table += f"{desk.cases[3]},2\n"
    path = desk.file("scores.csv", table)

    result = desk.sadari("scores", "import", ROUND, path, "--component", "test", *AS, "--json")

    report = result.json
    assert result.code == 1
    assert "5 rows were refused" in result.err
    assert [(row["row"], row["result"], row["note"]) for row in report["rows"]] == [
        (2, "taken", ""),
        (3, "refused", "score is not between 0 and 100"),
        (4, "refused", "application is no application of this round"),
        (5, "refused", "score is no number, such as 87.5"),
        (6, "refused", "application stands in 2 rows; leave one"),
        (7, "refused", "application stands in 2 rows; leave one"),
    ]
    assert desk.facts(first).scores == {"test": 87.5}


def test_the_same_scores_again_change_nothing_and_a_corrected_one_counts(screening_desk: Desk) -> None:
    desk, case = screening_desk, screening_desk.cases[0]
    path = desk.file("scores.csv", f"application,score\n{case},80\n")
    command = ("scores", "import", ROUND, path, "--component", "test", *AS)

    first, again = desk.done(*command), desk.done(*command)
    desk.file("scores.csv", f"application,score\n{case},81\n")
    corrected = desk.done(*command)

    results = [report["rows"][0]["result"] for report in (first, again, corrected)]
    assert results == ["taken", "unchanged", "taken"]
    assert desk.facts(case).scores == {"test": 81}


def test_a_rehearsal_of_scores_changes_nothing_and_says_what_the_real_run_does(screening_desk: Desk) -> None:
    desk = screening_desk
    path = desk.file("scores.csv", f"application,score\n{desk.cases[0]},80\n{desk.cases[1]},eighty\n")
    command = ("scores", "import", ROUND, path, "--component", "test", *AS, "--json")
    before = desk.dump()

    rehearsed = desk.sadari(*command, "--dry-run")
    between = desk.dump()
    real = desk.sadari(*command)

    assert between == before
    assert (rehearsed.code, real.code) == (1, 1)
    assert rehearsed.json == {**real.json, "dry_run": True}


def test_scores_of_a_component_that_the_round_does_not_have_are_refused(screening_desk: Desk) -> None:
    path = screening_desk.file("scores.csv", "application,score\n")

    unknown = screening_desk.sadari("scores", "import", ROUND, path, "--component", "charm", *AS)
    of_readers = screening_desk.sadari("scores", "import", ROUND, path, "--component", "review", *AS)

    assert (unknown.code, of_readers.code) == (2, 2)
    assert "choose one of test" in of_readers.err


def test_tables_come_in_cp949_and_a_spreadsheet_or_a_large_file_does_not(screening_desk: Desk) -> None:
    desk = screening_desk
    command = ("round", "reviewers", ROUND)
    korean = desk.file("cp949.csv", "id,university\nrev-a,전남대학교\n".encode("cp949"))
    sheet = desk.file("sheet.csv", b"PK\x03\x04rest")
    large = desk.file("large.csv", b"id\n" + b"a" * BYTES_MAX)

    taken = desk.done(*command, korean, *AS)
    refused = [desk.sadari(*command, path, *AS) for path in (sheet, large)]

    assert taken["told"][0]["verdict"] == "applied"
    assert [result.code for result in refused] == [1, 2]
    assert "spreadsheet" in refused[0].err
    assert "over 5 MiB" in refused[1].err


def test_reviewers_are_all_taken_or_none(open_desk: Desk) -> None:
    desk = open_desk
    desk.close_form()
    table = (
        "id,email_domain,related,load_max\nrev-a,,nobody,\nrev@b,,,\nrev-c,kim@jnu.ac.kr,,many\nrev-d,jnu.ac.kr,,4\n"
    )
    path = desk.file("reviewers.csv", table)

    result = desk.sadari("round", "reviewers", ROUND, path, *AS, "--json")

    assert result.code == 1
    assert [row["result"] for row in result.json["rows"]] == ["refused", "refused", "refused", "not taken"]
    notes = [row["note"] for row in result.json["rows"]]
    assert "names no application or person of this round" in notes[0]
    assert "is no opaque id" in notes[1]
    assert "is no domain" in notes[2]
    assert "is no whole number" in notes[2]
    assert desk.office.stage(ROUND) == "closed"


def test_a_rehearsal_of_reviewers_changes_nothing(open_desk: Desk) -> None:
    desk = open_desk
    desk.close_form()
    path = desk.file("reviewers.csv", f"id,related\nrev-a,{desk.cases[0]}\n")
    before = desk.dump()

    rehearsed = desk.done("round", "reviewers", ROUND, path, *AS, "--dry-run")

    assert desk.dump() == before
    assert rehearsed["told"][0] == {**rehearsed["told"][0], "verdict": "applied", "stage": "screening"}


def test_reviewers_who_are_not_on_the_staff_are_named_where_there_is_staff(open_desk: Desk) -> None:
    desk = open_desk
    desk.close_form()
    path = desk.file("reviewers.csv", "id\nrev-a\nrev-b\n")
    command = ("round", "reviewers", ROUND, path, *AS, "--dry-run")

    without_staff = desk.sadari(*command)
    member = Member(id="rev-a", email="a@jnu.ac.kr", name="강심사", grants=(Grant(role="reviewer"),))
    desk.office.embedded.staff_ports.members.put(member)
    with_staff = desk.sadari(*command)

    assert (without_staff.code, with_staff.code) == (0, 0)
    assert "no member of staff" not in without_staff.err
    assert "no member of staff with the role of a reviewer: rev-b" in with_staff.err


def test_a_table_of_reviews_names_each_criterion_that_lacks(screening_desk: Desk) -> None:
    desk = screening_desk
    first, second, *_ = desk.done("review", "list", ROUND)
    for review in (first, second):
        desk.done("review", "accept", review["review"], "--as", review["reviewer"])
    table = f"review,reviewer,motive,plan,charm\n{first['review']},{first['reviewer']},6,,2\n"
    table += f"{second['review']},{second['reviewer']},3,4,\n{second['application']},rev-a,1,1,\n"
    path = desk.file("reviews.csv", table)

    result = desk.sadari("review", "import", path, *AS, "--role", "operator", "--json")

    notes = [row["note"] for row in result.json["rows"]]
    assert [row["result"] for row in result.json["rows"]] == ["refused", "taken", "refused"]
    assert "motive needs points from 0 to 5" in notes[0]
    assert "plan needs points from 0 to 5" in notes[0]
    assert "charm is no criterion of the rubric" in notes[0]
    assert "is no review" in notes[2]


def test_a_reviewer_hands_in_their_own_table_only(screening_desk: Desk) -> None:
    desk = screening_desk
    mine = desk.done("review", "list", ROUND, "--reviewer", "rev-a")[0]
    other = desk.done("review", "list", ROUND, "--reviewer", "rev-b")[0]
    for review in (mine, other):
        desk.done("review", "accept", review["review"], "--as", review["reviewer"])
    lines = [f"{review['review']},{review['reviewer']},3,4" for review in (mine, other)]
    path = desk.file("reviews.csv", "review,reviewer,motive,plan\n" + "\n".join(lines))

    rehearsed = desk.sadari("review", "import", path, "--as", "rev-a", "--json", "--dry-run")
    result = desk.sadari("review", "import", path, "--as", "rev-a", "--json")
    again = desk.sadari("review", "import", path, "--as", "rev-a", "--json")

    assert [row["result"] for row in result.json["rows"]] == ["taken", "refused"]
    assert [row["result"] for row in again.json["rows"]] == ["unchanged", "refused"]
    assert rehearsed.json["rows"] == result.json["rows"]
    assert desk.office.stage(mine["review"]) == "submitted"


# ---- what the university says


def test_the_university_confirms_reverses_or_says_what_nobody_can_place(screening_desk: Desk) -> None:
    desk, cases = screening_desk, screening_desk.cases
    table = "대학교,학번,재학 여부\n"
    table += "전남대학교,200001,예\n전남 대학교,200002,재학\n조선대학교,20-0004,아니요\n"
    table += "조선대학교,200006,졸업\n동신대학교,999,예\n"
    path = desk.file("jnu.csv", table.encode("cp949"))
    command = ("round", "check-enrolment", ROUND, path, "--as", "registrar", "--json")
    before = desk.dump()

    rehearsed = desk.sadari(*command, "--dry-run")
    between = desk.dump()
    real = desk.sadari(*command)

    assert between == before
    assert (rehearsed.code, real.code) == (0, 0)
    assert rehearsed.json == {**real.json, "dry_run": True}
    assert rows_of(real.json) == [
        (2, "confirmed", cases[0]),
        (3, "confirmed", cases[1]),
        (4, "reversed", cases[3]),
        (5, "reversed", cases[5]),
        (6, "unknown", ""),
    ]
    assert "200004" not in real.out
    assert desk.office.stage(cases[3]) == "ineligible_proposed"


def test_what_was_ruled_on_is_not_asked_again_by_the_same_file(screening_desk: Desk) -> None:
    desk, case = screening_desk, screening_desk.cases[3]
    path = desk.file("cu.csv", "university,student_number,is_enrolled\n조선대학교,200004,no\n")
    command = ("round", "check-enrolment", ROUND, path, "--as", "registrar")
    desk.done(*command)
    (question,) = desk.done("questions", "list")
    desk.done("questions", "answer", question["id"], "no", *AS, "--role", "operator", "--reason", "증명서 확인")

    again = desk.done(*command)

    assert rows_of(again) == [(2, "unchanged", case)]
    assert desk.office.stage(case) == "eligible"


def test_before_the_close_the_word_is_noted(open_desk: Desk) -> None:
    path = open_desk.file("u.csv", WORD)

    noted = open_desk.done("round", "check-enrolment", ROUND, path, "--as", "registrar")

    assert [row["result"] for row in noted["rows"]] == ["noted", "noted"]
    assert [open_desk.facts(case).is_enrolled for case in open_desk.cases[:4]] == [False, True, True, False]


def test_a_no_that_waits_to_be_ruled_on_is_not_said_to_be_too_late(screening_desk: Desk) -> None:
    desk = screening_desk
    path = desk.file("u.csv", "university,student_number,is_enrolled\n전남대학교,200001,no\n")
    command = ("round", "check-enrolment", ROUND, path, "--as", "registrar")

    told, again = desk.done(*command), desk.done(*command)

    assert [each["rows"][0]["result"] for each in (told, again)] == ["reversed", "unchanged"]
    assert "waits to be ruled on already" in again["rows"][0]["note"]


def test_after_an_offer_the_word_changes_nothing_by_itself(published_desk: Desk) -> None:
    path = published_desk.file("u.csv", WORD)

    told = published_desk.done("round", "check-enrolment", ROUND, path, "--as", "registrar")

    assert [row["result"] for row in told["rows"]] == ["unchanged", "unchanged"]
    assert "too late" in told["rows"][0]["note"]


def test_two_applications_of_one_student_are_ambiguous_and_every_look_is_logged(open_desk: Desk) -> None:
    desk = open_desk
    desk.office.hand_in(30, student_number="200001")
    path = desk.file("u.csv", "university,student_number,is_enrolled\n전남대학교,200001,no\n")
    seen = len(desk.office.ports.vault.accesses())

    told = desk.done("round", "check-enrolment", ROUND, path, "--as", "registrar", "--dry-run")

    assert rows_of(told) == [(2, "ambiguous", "")]
    looked = desk.office.ports.vault.accesses()[seen:]
    assert [(row["reader"], row["reason"]) for row in looked] == [
        ("registrar", f"enrolment check of round {ROUND}")
    ] * 9
