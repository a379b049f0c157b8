"""Reviewers are assigned evenly, never with a conflict of interest, and again wherever a reader is missing."""

from collections import Counter
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.cohort import Terms
from schemas.events.application import RoundMerged
from schemas.events.review import ConflictDeclared, NoConflictStated, ReviewDeclined, ReviewSubmitted
from schemas.events.round import ReviewersNamed, RoundPlanned
from schemas.facts import Fact
from schemas.ids import CaseId
from schemas.reviewers import Reviewer, ReviewerPool
from schemas.selection import Admission, Criterion, Selection
from tests.support.cohort import CALENDAR, DAY, HOUR, moved
from tests.support.life import staff
from tests.support.office import OPERATOR, ROUND, Office
from workflows.runtime.assign import Assignment, assign, review_id
from workflows.runtime.errors import NotFound, Rejected

RUBRIC = (Criterion(id="drive", name_ko="의지", name_en="drive", points_max=5),)
TWO_READERS = Selection(admission=Admission(readers=2, spread_max=25), rubric=RUBRIC)
DEPARTMENT = "컴퓨터정보통신공학과"
NEXT = CaseId("round-2")


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded, selection=TWO_READERS)
    office.plan()
    return office


def reviewers(*names: str, **changed: Any) -> list[Reviewer]:
    return [Reviewer(id=name, **changed) for name in names]


def name_reviewers(office: Office, *pool: Reviewer, round_id: CaseId = ROUND) -> None:
    fact_id = office.ports.facts.put(ReviewerPool(reviewers=pool))
    office.tell(round_id, ReviewersNamed(pool=Fact(fact_id)), by=OPERATOR, name=f"pool {fact_id}")


def screening(office: Office, count: int, *pool: Reviewer) -> list[CaseId]:
    """Let so many apply, the round close, and the reviewers be named."""
    cases = [office.hand_in(number) for number in range(1, count + 1)]
    office.until(CALENDAR.applications_close + HOUR)
    name_reviewers(office, *pool)
    return cases


def assigned(office: Office, round_id: CaseId = ROUND) -> Assignment:
    made = assign(round_id, OPERATOR, office.ports)
    office.settle()
    return made


def read(office: Office, application: CaseId, reviewer: str, points: float) -> None:
    """Let a reviewer state to have no conflict, and give points."""
    review, actor = review_id(application, reviewer), staff("reviewer", reviewer)
    office.tell(review, NoConflictStated(), by=actor)
    office.tell(review, ReviewSubmitted(points={"drive": points}), by=actor)


def readers_of(made: Assignment, application: CaseId) -> list[str]:
    return [reviewer for case, reviewer in made.given if case == application]


# ---- the load


@pytest.mark.parametrize(("applications", "names"), [(7, "abc"), (10, "abcd"), (3, "abcdefgh"), (5, "ab")])
def test_everybody_is_read_by_two_and_everybody_reads_as_much_as_the_others(
    office: Office, applications: int, names: str
) -> None:
    cases = screening(office, applications, *reviewers(*names))

    made = assigned(office)

    load = Counter(reviewer for _, reviewer in made.given)
    counts = [load[name] for name in names]
    assert {case: len(set(readers_of(made, case))) for case in cases} == dict.fromkeys(cases, 2)
    assert max(counts) - min(counts) <= 1
    assert (made.missing, made.conflicts) == ([], [])


def test_a_reviewer_is_asked_by_a_review_that_knows_nothing_of_the_person(office: Office) -> None:
    (case,) = screening(office, 1, *reviewers("choi", "jung"))

    made = assigned(office)

    review = office.case(review_id(case, "choi"))
    assert (review.stage, review.person, review.round) == ("assigned", "", ROUND)
    assert (review.data["reviewer"], review.data["application"], review.data["rubric"]) == (
        "choi",
        case,
        [RUBRIC[0].model_dump()],
    )
    assert review.data["due_at"] is not None
    assert len(made.messages) == 2
    assert office.notices()["ReviewAsked"] == 2


def test_a_review_is_due_in_days_but_before_the_results(office: Office) -> None:
    screening(office, 1, *reviewers("choi", "jung"))
    office.until(CALENDAR.results_at - 2 * DAY)

    assigned(office)

    due = {each.timers["assigned.review_due"].due for each in office.ports.cases.find(workflow="review")}
    assert (len(list(office.ports.cases.find(workflow="review"))), due) == (2, {CALENDAR.results_at - DAY})


def test_running_it_again_adds_nothing(office: Office) -> None:
    screening(office, 5, *reviewers("choi", "jung", "kang"))
    first = assigned(office)

    again = assigned(office)

    assert len(first.given) == 10
    assert (again.given, again.missing, again.conflicts, again.messages) == ([], [], [], [])


def test_reviewers_who_are_named_later_take_what_comes_later(office: Office) -> None:
    cases = screening(office, 4, *reviewers("choi"))
    first = assigned(office)

    name_reviewers(office, *reviewers("choi", "jung"))
    later = assigned(office)

    assert (sorted(first.missing), sorted(readers_of(first, case) for case in cases)) == (sorted(cases), [["choi"]] * 4)
    assert (later.missing, [readers_of(later, case) for case in cases]) == ([], [["jung"]] * 4)


def test_nobody_reads_more_than_they_agreed_to(office: Office) -> None:
    screening(office, 4, *reviewers("choi", load_max=1), *reviewers("jung", "kang"))

    load = Counter(reviewer for _, reviewer in assigned(office).given)

    assert (load["choi"], load["jung"] + load["kang"]) == (1, 7)


# ---- conflicts of interest


@pytest.mark.parametrize(
    ("reviewer", "why"),
    [
        ({"university": "전남대학교", "department": DEPARTMENT}, "same_department"),
        ({"email_domain": "example.org"}, "same_employer"),
        ({"email_domain": "EXAMPLE.ORG"}, "same_employer"),
    ],
    ids=["department", "mail domain", "mail domain in capitals"],
)
def test_a_conflict_that_is_detected_is_recorded_and_blocks_the_reviewer(
    office: Office, reviewer: dict[str, str], why: str
) -> None:
    (case,) = screening(office, 1, Reviewer(id="choi", **reviewer), *reviewers("jung", "kang"))

    made = assigned(office)

    assert made.conflicts == [(case, "choi", why)]
    assert sorted(readers_of(made, case)) == ["jung", "kang"]
    assert office.case(case).data["conflicts"] == {"choi": why}


@pytest.mark.parametrize("by", ["application", "person"])
def test_a_relation_that_was_declared_blocks_the_reviewer(office: Office, by: str) -> None:
    case = office.hand_in(1)
    office.until(CALENDAR.applications_close + HOUR)
    related = case if by == "application" else office.case(case).person
    name_reviewers(office, Reviewer(id="choi", related=(related,)), *reviewers("jung", "kang"))

    made = assigned(office)

    assert made.conflicts == [(case, "choi", "declared_relation")]
    assert office.case(case).data["conflicts"] == {"choi": "declared_relation"}
    assert "choi" not in readers_of(made, case)


@pytest.mark.parametrize(
    "reviewer",
    [
        {"university": "조선대학교", "department": DEPARTMENT},
        {"university": "전남대학교", "department": "경영학과"},
        {"university": "전남대학교"},
        {"email_domain": "gmail.com"},
    ],
    ids=["another university", "another department", "no department", "a mail domain of everybody"],
)
def test_what_is_no_conflict_blocks_nobody(office: Office, reviewer: dict[str, str]) -> None:
    case = office.hand_in(1, email="jiwon@gmail.com")
    office.until(CALENDAR.applications_close + HOUR)
    name_reviewers(office, Reviewer(id="choi", **reviewer), *reviewers("jung"))

    made = assigned(office)

    assert (made.conflicts, sorted(readers_of(made, case))) == ([], ["choi", "jung"])


def test_several_conflicts_of_one_application_are_all_recorded(office: Office) -> None:
    same = {"university": "전남대학교", "department": DEPARTMENT}
    (case,) = screening(office, 1, *reviewers("choi", "jung", **same), *reviewers("kang", "park"))

    made = assigned(office)
    again = assigned(office)

    assert office.case(case).data["conflicts"] == {"choi": "same_department", "jung": "same_department"}
    assert (sorted(readers_of(made, case)), again.messages) == (["kang", "park"], [])


def test_a_conflict_that_a_reviewer_declares_leads_to_another_reviewer(office: Office) -> None:
    (case,) = screening(office, 1, *reviewers("choi", "jung", "kang"))
    first = assigned(office)
    declaring, staying = readers_of(first, case)

    office.tell(review_id(case, declaring), ConflictDeclared(why="family"), by=staff("reviewer", declaring))
    again = assigned(office)

    assert office.case(case).data["conflicts"] == {declaring: "family"}
    assert [{declaring, staying, *readers_of(again, case)}] == [{"choi", "jung", "kang"}]
    assert len(again.given) == 1


def test_a_conflict_that_is_declared_after_the_review_takes_its_score_away(office: Office) -> None:
    (case,) = screening(office, 1, *reviewers("choi", "jung", "kang"))
    first, _ = readers_of(assigned(office), case)
    read(office, case, first, 4)

    office.tell(review_id(case, first), ConflictDeclared(why="supervisor"), by=staff("reviewer", first))

    assert (office.case(case).data["reviews"], len(assigned(office).given)) == ({}, 1)


def test_whoever_declines_is_replaced_and_not_asked_again(office: Office) -> None:
    (case,) = screening(office, 1, *reviewers("choi", "jung", "kang"))
    declining, _ = readers_of(assigned(office), case)
    office.tell(review_id(case, declining), ReviewDeclined(), by=staff("reviewer", declining))

    again = assigned(office)
    more = assigned(office)

    assert (len(again.given), declining in readers_of(again, case), more.given) == (1, False, [])


def test_a_review_that_is_overdue_is_given_to_somebody_else(office: Office) -> None:
    (case,) = screening(office, 1, *reviewers("choi", "jung", "kang", "park"))
    first = set(readers_of(assigned(office), case))
    office.until(office.now + 6 * DAY)

    again = assigned(office)

    assert set(readers_of(again, case)) == {"choi", "jung", "kang", "park"} - first


def test_nobody_who_may_read_it_is_left_is_said(office: Office) -> None:
    same = {"university": "전남대학교", "department": DEPARTMENT}
    (case,) = screening(office, 1, *reviewers("choi", "jung", **same), *reviewers("kang"))

    made = assigned(office)

    assert (made.missing, readers_of(made, case)) == ([case], ["kang"])


# ---- the third reader


@pytest.mark.parametrize(("second", "third"), [(2.75, 0), (2.7, 1)], ids=["close", "far apart"])
def test_two_reviews_that_lie_far_apart_get_a_third_reader(office: Office, second: float, third: int) -> None:
    (case,) = screening(office, 1, *reviewers("choi", "jung", "kang", "park"))
    first = assigned(office)
    for reviewer, points in zip(readers_of(first, case), (4, second), strict=True):
        read(office, case, reviewer, points)

    again = assigned(office)
    once_more = assigned(office)

    assert (len(again.given), once_more.given) == (third, [])
    assert set(readers_of(again, case)).isdisjoint(readers_of(first, case))
    assert office.notices().get("ThirdReaderNeeded", 0) == third


def test_whoever_comes_from_the_round_before_with_their_reviews_is_not_read_again(office: Office) -> None:
    (case,) = screening(office, 1, *reviewers("choi", "jung", "kang"))
    for reviewer in readers_of(assigned(office), case):
        read(office, case, reviewer, 4)
    later = moved(2, applications_close=CALENDAR.applications_close + DAY)
    event = RoundPlanned(
        cohort="2027",
        programme="ai",
        calendar=later,
        terms=Terms(capacity=1, waitlist=1, offer_hours=48),
        selection=TWO_READERS,
    )
    office.tell(NEXT, event, by=OPERATOR)
    office.tell(case, RoundMerged(round=NEXT, calendar=later))
    office.until(later.applications_close + HOUR)
    name_reviewers(office, *reviewers("choi", "jung", "kang"), round_id=NEXT)

    made = assigned(office, NEXT)

    assert office.case(case).round == NEXT
    assert (made.given, made.missing) == ([], [])


# ---- when it cannot be done


def test_before_the_reviewers_are_named_nobody_is_assigned(office: Office) -> None:
    office.hand_in(1)
    office.until(CALENDAR.applications_close + HOUR)

    with pytest.raises(Rejected, match=r"Round \[round-1\] is closed: name its reviewers"):
        assign(ROUND, OPERATOR, office.ports)


def test_without_a_rubric_nobody_is_assigned(embedded: Embedded) -> None:
    office = Office(embedded)
    office.plan()
    screening(office, 1, *reviewers("choi"))

    with pytest.raises(Rejected, match=r"Round \[round-1\] has no rubric"):
        assign(ROUND, OPERATOR, office.ports)


def test_no_round_to_assign_for_is_refused(office: Office) -> None:
    with pytest.raises(NotFound):
        assign(CaseId("nowhere"), OPERATOR, office.ports)


def test_only_who_is_eligible_is_read(office: Office) -> None:
    office.hand_in(2, is_enrolled=False)
    (case,) = screening(office, 1, *reviewers("choi", "jung"))

    assert {application for application, _ in assigned(office).given} == {case}
