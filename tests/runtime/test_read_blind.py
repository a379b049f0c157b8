"""A reviewer reads what the round shows, and nothing that says whose it is."""

from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.events.review import ConflictDeclared, NoConflictStated, ReviewSubmitted
from schemas.events.round import ReviewersNamed
from schemas.facts import Fact
from schemas.ids import CaseId, PersonId
from schemas.reviewers import Reviewer, ReviewerPool
from schemas.selection import Admission, Criterion, Selection
from tests.support.cohort import CALENDAR, HOUR
from tests.support.life import staff
from tests.support.office import OPERATOR, ROUND, Office
from workflows.runtime.assign import assign, review_id
from workflows.runtime.errors import NotAllowed, NotFound
from workflows.runtime.read_blind import HIDDEN, read_blind

RUBRIC = (Criterion(id="drive", name_ko="의지", name_en="drive", points_max=5),)


@pytest.fixture
def office(embedded: Embedded) -> Office:
    selection = Selection(
        admission=Admission(readers=2), rubric=RUBRIC, review_fields=("motivation", "department", "nothing")
    )
    office = Office(embedded, selection=selection)
    office.plan()
    return office


def assigned(office: Office, **form: Any) -> CaseId:
    """One application, which Choi and Jung are asked to read."""
    case = office.hand_in(1, **form)
    office.until(CALENDAR.applications_close + HOUR)
    fact_id = office.ports.facts.put(ReviewerPool(reviewers=(Reviewer(id="choi"), Reviewer(id="jung"))))
    office.tell(ROUND, ReviewersNamed(pool=Fact(fact_id)), by=OPERATOR)
    assign(ROUND, OPERATOR, office.ports)
    office.settle()
    return case


def stated(office: Office, case: CaseId, reviewer: str) -> CaseId:
    review = review_id(case, reviewer)
    office.tell(review, NoConflictStated(), by=staff("reviewer", reviewer))
    return review


def submitted(office: Office, case: CaseId, reviewer: str, points: float) -> CaseId:
    review = stated(office, case, reviewer)
    office.tell(review, ReviewSubmitted(points={"drive": points}), by=staff("reviewer", reviewer))
    return review


def shown(office: Office, motivation: str, **form: Any) -> str:
    case = assigned(office, motivation=motivation, **form)
    return read_blind(stated(office, case, "choi"), "choi", office.ports).answers["motivation"]


# ---- when it may be read


def test_nothing_is_shown_before_the_reviewer_has_no_conflict(office: Office) -> None:
    case = assigned(office)
    before = len(office.ports.vault.accesses())

    with pytest.raises(NotAllowed, match="State first that you have no conflict of interest"):
        read_blind(review_id(case, "choi"), "choi", office.ports)

    assert len(office.ports.vault.accesses()) == before


@pytest.mark.parametrize("reader", ["jung", "kim", ""])
def test_nobody_reads_the_review_of_another(office: Office, reader: str) -> None:
    review = stated(office, assigned(office), "choi")

    with pytest.raises(NotAllowed, match="somebody else's"):
        read_blind(review, reader, office.ports)


def test_whoever_has_a_conflict_reads_nothing_any_more(office: Office) -> None:
    review = stated(office, assigned(office), "choi")
    office.tell(review, ConflictDeclared(why="family"), by=staff("reviewer", "choi"))

    with pytest.raises(NotAllowed, match="This review is conflicted"):
        read_blind(review, "choi", office.ports)


def test_after_the_results_nothing_is_shown_any_more(office: Office) -> None:
    review = submitted(office, assigned(office), "choi", 4)
    office.until(CALENDAR.results_at + HOUR)

    with pytest.raises(NotAllowed, match="This review is closed"):
        read_blind(review, "choi", office.ports)


@pytest.mark.parametrize("case", ["nowhere", ROUND])
def test_what_is_no_review_is_not_shown(office: Office, case: str) -> None:
    with pytest.raises(NotFound, match="No such review"):
        read_blind(CaseId(case), "choi", office.ports)


def test_every_look_leaves_a_row_in_the_access_log(office: Office) -> None:
    case = assigned(office)
    review = stated(office, case, "choi")

    read_blind(review, "choi", office.ports)

    last = office.ports.vault.accesses()[-1]
    assert (last["reader"], last["subject"], last["reason"]) == ("choi", office.case(case).person, f"review {review}")


# ---- what is shown


def test_only_the_answers_that_the_round_shows_are_shown(office: Office) -> None:
    case = assigned(office, motivation="사다리를 오르고 싶습니다.")

    view = read_blind(stated(office, case, "choi"), "choi", office.ports)

    assert (view.stage, view.peers) == ("reading", ())
    assert view.answers == {"motivation": "사다리를 오르고 싶습니다.", "department": HIDDEN, "nothing": ""}


@pytest.mark.parametrize(
    "said",
    [
        "김지원",
        "jiwon@example.org",
        "JIWON@Example.ORG",
        "+821077770001",
        "010-7777-0001",
        "010 7777 0001",
        "010.7777.0001",
        "01077770001",
        "전남대학교",
        "전남대",
        "컴퓨터정보통신공학과",
        "204321",
    ],
)
def test_whatever_names_the_person_is_blotted_out(office: Office, said: str) -> None:
    text = shown(
        office,
        f"안녕하세요, {said}, 배우고 싶습니다.",
        name="김지원",
        email="jiwon@example.org",
        phone="+821077770001",
        student_number="204321",
    )

    assert said not in text
    assert text.startswith("안녕하세요, ")
    assert text.endswith(", 배우고 싶습니다.")
    assert HIDDEN in text
    assert "7777" not in text


def test_a_number_from_abroad_is_blotted_out_too(office: Office) -> None:
    text = shown(office, "Call +14155550123 or 1 415 555 0123.", phone="+14155550123")

    assert "555" not in text
    assert HIDDEN in text


def test_what_looks_like_a_pattern_is_taken_by_the_letter(office: Office) -> None:
    text = shown(office, "I am A.B (C), not AxB.", name="A.B (C)", department="a|b")

    assert text == f"I am {HIDDEN}, not AxB."


def test_a_person_who_was_erased_leaves_nothing_to_show(office: Office) -> None:
    case = assigned(office, motivation="사다리")
    review = stated(office, case, "choi")
    office.ports.vault.erase(PersonId(office.case(case).person))

    assert read_blind(review, "choi", office.ports).answers == {}


# ---- what the others say


def test_the_scores_of_the_others_are_shown_only_after_the_own(office: Office) -> None:
    case = assigned(office)
    submitted(office, case, "jung", 4)
    review = stated(office, case, "choi")

    before = read_blind(review, "choi", office.ports).peers
    office.tell(review, ReviewSubmitted(points={"drive": 3}), by=staff("reviewer", "choi"))
    after = read_blind(review, "choi", office.ports)

    assert (before, after.peers, after.stage, after.review.score) == ((), (80,), "submitted", 60)


def test_the_own_score_is_none_of_the_others(office: Office) -> None:
    case = assigned(office)

    review = submitted(office, case, "choi", 3)

    assert read_blind(review, "choi", office.ports).peers == ()
