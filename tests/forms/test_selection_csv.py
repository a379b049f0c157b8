"""The tables of a selection: reviewers, scores, reviews, and what universities say."""

import pytest

from functions.forms.enrolment_csv import Enrolled, read_enrolments, student_of
from functions.forms.reviewers_csv import read_reviewers
from functions.forms.reviews_csv import GivenPoints, read_reviews
from functions.forms.scores_csv import Score, read_scores
from schemas.ids import CaseId
from schemas.reviewers import Reviewer


def test_reviewers_are_read_with_what_conflicts_are_detected_from() -> None:
    table = "id,university,department,email_domain,related,load_max\n"
    table += "rev-1, 전남대학교 ,수학과,JNU.ac.kr,a;b  c,4\nrev-2,,,,,\n"

    assert [line.value for line in read_reviewers(table.encode())] == [
        Reviewer(
            id="rev-1",
            university="전남대학교",
            department="수학과",
            email_domain="jnu.ac.kr",
            related=("a", "b", "c"),
            load_max=4,
        ),
        Reviewer(id="rev-2"),
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (",jnu.ac.kr,,", "id"),
        ("kim@jnu.ac.kr,,,", "id"),
        ("김,,,", "id"),
        ("rev,kim@jnu.ac.kr,,", "email_domain"),
        ("rev,jnu,,", "email_domain"),
        ("rev,,a/b,", "related"),
        ("rev,,,-1", "load_max"),
        ("rev,,,many", "load_max"),
        ("rev,,,²", "load_max"),
    ],
)
def test_a_reviewer_that_cannot_be_named_is_refused(row: str, fault: str) -> None:
    (line,) = read_reviewers(f"id,email_domain,related,load_max\n{row}\n".encode())

    assert set(line.faults) == {fault}


def test_a_reviewer_stands_in_one_row() -> None:
    lines = read_reviewers(b"id\nrev\nrev\n")

    assert [line.value for line in lines] == [None, None]


def test_scores_lie_between_0_and_100() -> None:
    lines = read_scores(b"application,score\na,0\nb,100\nc,100.1\nd,-0.5\ne,\nf g,5\n")

    assert [line.value for line in lines[:2]] == [Score(CaseId("a"), 0), Score(CaseId("b"), 100)]
    assert [set(line.faults) for line in lines[2:]] == [{"score"}, {"score"}, {"score"}, {"application"}]


def test_an_empty_cell_of_a_review_gives_no_points() -> None:
    lines = read_reviews(b"review,reviewer,motive,plan\nr,rev,3,\nr2,rev,three,4\n,rev,1,1\n")

    assert lines[0].value == GivenPoints(CaseId("r"), "rev", {"motive": 3})
    assert [set(line.faults) for line in lines[1:]] == [{"motive"}, {"review"}]


@pytest.mark.parametrize(
    "row",
    [
        "전남대학교,20-1234 56,재학",
        "전남대학교,２０１２３４５６,예",
        " 전남 대학교 ,20123456,휴학 (2학기)",
        "전남대학교,20123456,YES",
    ],
)
def test_a_student_is_named_however_it_is_written(row: str) -> None:
    (line,) = read_enrolments(f"대학교,학번,재학 여부\n{row}\n".encode("cp949"))

    assert line.value == Enrolled(student_of("전남대학교", "20123456"), is_enrolled=True)


@pytest.mark.parametrize(
    ("row", "faults"),
    [
        (",1,yes", {"university"}),
        ("A,-,yes", {"student_number"}),
        ("A,1,", {"is_enrolled"}),
        ("A,1,perhaps", {"is_enrolled"}),
    ],
)
def test_what_the_university_leaves_open_is_refused(row: str, faults: set[str]) -> None:
    (line,) = read_enrolments(f"university,student_number,is_enrolled\n{row}\n".encode())

    assert set(line.faults) == faults


def test_a_student_who_is_said_two_things_of_is_refused_twice() -> None:
    lines = read_enrolments(b"university,student_number,is_enrolled\nA,1,yes\nA,1,no\n")

    assert [set(line.faults) for line in lines] == [{"student_number"}, {"student_number"}]
