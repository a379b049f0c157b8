"""A rank run is frozen, repeatable, and never made of half the scores."""

from functools import partial

import pytest

from functions.embedded import Embedded
from schemas.events.application import AppealUpheld, EnrolmentChecked, ScoreRecorded
from schemas.facts import fact_id_of
from schemas.ids import CaseId, FactId, name_of
from schemas.ranking import Ranked, Ranking
from schemas.reviewers import Reviewer, ReviewerPool
from schemas.selection import Admission, Component, Quota, Selection
from tests.support.cohort import CALENDAR, HOUR
from tests.support.life import staff
from tests.support.office import OPERATOR, ROUND, Office
from workflows.definitions.scores import differences
from workflows.runtime.errors import NotFound, Rejected
from workflows.runtime.rank import RULE, rank, run_of

LEE = staff("operator", "lee")
GROUPS = {"university": "전남대학교"}
HASH_ORDER = partial(name_of, "tie", "")


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded)
    office.plan()
    return office


def applied(office: Office, count: int) -> list[CaseId]:
    """Let so many apply, and the round close."""
    cases = [office.hand_in(number) for number in range(1, count + 1)]
    office.until(CALENDAR.applications_close + HOUR)
    return cases


def test_higher_scores_come_first(office: Office) -> None:
    one, two, three = applied(office, 3)
    for case, score in ((one, 70), (two, 90.5), (three, 80)):
        office.tell(case, ScoreRecorded(score=score))

    ranking, message = rank(ROUND, OPERATOR, office.ports)
    office.settle()

    assert ranking == Ranking(
        round=ROUND,
        rule=RULE,
        components=(Component(id="review", weight=1),),
        capacity=2,
        waitlist=2,
        entries=tuple(
            Ranked(application=case, rank=rank, score=score, scores={"review": score}, groups=GROUPS)
            for rank, (case, score) in enumerate(((two, 90.5), (three, 80), (one, 70)), 1)
        ),
    )
    assert (message.case, message.type, message.data) == (ROUND, "RankingFrozen", {"ranking": fact_id_of(ranking)})
    assert (office.stage(ROUND), office.case(ROUND).data["ranking"]) == ("decided", fact_id_of(ranking))
    assert office.case(ROUND).data["ranked_by"] == [OPERATOR.id]
    assert dict(office.ports.facts.get([fact_id_of(ranking)])) == {fact_id_of(ranking): ranking.model_dump(mode="json")}


def test_equal_scores_are_ordered_by_what_says_nothing(office: Office) -> None:
    cases = applied(office, 4)
    for case in cases:
        office.tell(case, ScoreRecorded(score=50))

    ranking, _ = rank(ROUND, OPERATOR, office.ports)

    assert [ranked.application for ranked in ranking.entries] == sorted(
        cases, key=lambda each: name_of("tie", "", each)
    )
    assert [ranked.rank for ranked in ranking.entries] == [1, 2, 3, 4]


def test_unscored_applications_are_named_and_nothing_is_ranked(office: Office) -> None:
    cases = sorted(applied(office, 3))
    office.tell(cases[1], ScoreRecorded(score=50))

    with pytest.raises(Rejected, match=rf"2 eligible applications have no score yet, the first is \[{cases[0]}\]"):
        rank(ROUND, OPERATOR, office.ports)

    assert office.stage(ROUND) == "closed"


def test_only_who_is_eligible_is_ranked(office: Office) -> None:
    one, two = office.hand_in(1), office.hand_in(2, is_enrolled=False)
    office.until(CALENDAR.applications_close + HOUR)
    withdrawn = office.hand_in(3)
    office.tell(one, ScoreRecorded(score=50))

    with pytest.raises(Rejected, match="still ineligible_proposed"):
        rank(ROUND, OPERATOR, office.ports)
    office.answer(two, yes=True)
    ranking, _ = rank(ROUND, OPERATOR, office.ports)

    assert (office.stage(two), office.stage(withdrawn)) == ("ineligible_appealable", "late")
    assert [ranked.application for ranked in ranking.entries] == [one]


def test_nobody_to_rank_is_refused(office: Office) -> None:
    applied(office, 0)

    with pytest.raises(Rejected, match=r"Round \[round-1\] has no eligible application to rank"):
        rank(ROUND, OPERATOR, office.ports)


def test_no_round_to_rank_for_is_refused(office: Office) -> None:
    with pytest.raises(NotFound):
        rank(CaseId("nowhere"), OPERATOR, office.ports)


def test_ranking_twice_at_once_is_one_ranking(office: Office) -> None:
    office.score(applied(office, 3))

    first, second = rank(ROUND, OPERATOR, office.ports), rank(ROUND, OPERATOR, office.ports)
    office.settle()

    assert first == second
    assert [entry.message.type for entry in office.entries(ROUND)].count("RankingFrozen") == 1


def test_ranking_the_same_scores_again_gives_the_same_document_and_keeps_the_approvals(office: Office) -> None:
    office.score(applied(office, 3))
    first, _ = rank(ROUND, OPERATOR, office.ports)
    office.settle()
    office.answer(ROUND, yes=True, by=LEE)
    before = office.case(ROUND).tasks

    again, _ = rank(ROUND, OPERATOR, office.ports)
    office.settle()

    assert again == first
    assert office.case(ROUND).tasks == before
    assert before[0].approved_by == (LEE.id,)


def test_a_ranking_that_was_refused_can_be_put_to_the_vote_again_unchanged(office: Office) -> None:
    office.score(applied(office, 3))
    rank(ROUND, OPERATOR, office.ports)
    office.settle()
    office.answer(ROUND, yes=False, by=LEE)
    refused = office.stage(ROUND)

    rank(ROUND, OPERATOR, office.ports)
    office.settle()

    assert (refused, office.stage(ROUND)) == ("screening", "decided")


def test_a_score_that_is_corrected_and_corrected_back_ends_with_the_first_ranking(office: Office) -> None:
    one, two = applied(office, 2)
    office.score([one, two])
    first, _ = rank(ROUND, OPERATOR, office.ports)
    office.settle()
    office.tell(two, ScoreRecorded(score=99), name="wrong")
    rank(ROUND, OPERATOR, office.ports)
    office.settle()
    wrong = office.case(ROUND).data["ranking"]

    office.tell(two, ScoreRecorded(score=89), name="right")
    rank(ROUND, OPERATOR, office.ports)
    office.settle()

    assert wrong != fact_id_of(first)
    assert office.case(ROUND).data["ranking"] == fact_id_of(first)


def test_another_ranking_makes_everybody_approve_again(office: Office) -> None:
    one, two = applied(office, 2)
    office.score([one, two])
    rank(ROUND, OPERATOR, office.ports)
    office.settle()
    office.answer(ROUND, yes=True, by=LEE)

    office.tell(two, ScoreRecorded(score=99), name="corrected")
    rank(ROUND, OPERATOR, office.ports)
    office.settle()

    (task,) = office.case(ROUND).tasks
    assert (task.needs, task.approved_by) == (("operator", "university", "city"), ())


def test_whoever_approved_before_may_approve_again_when_the_same_facts_are_back(office: Office) -> None:
    one, two = applied(office, 2)
    office.score([one, two])
    rank(ROUND, OPERATOR, office.ports)
    office.settle()
    office.answer(ROUND, yes=True, by=LEE)
    for name, score in (("wrong", 99), ("right", 89)):
        office.tell(two, ScoreRecorded(score=score), name=name)
        rank(ROUND, OPERATOR, office.ports)
        office.settle()

    for role in ("operator", "university", "city"):
        office.answer(ROUND, yes=True, by=LEE if role == "operator" else staff(role))

    assert office.stage(ROUND) == "approved"


# ---- what a run holds


def test_a_run_holds_everything_that_decided_it(embedded: Embedded) -> None:
    quotas = (Quota(field="university", value="전남대학교", maximum=1),)
    selection = Selection(
        components=(Component(id="review", weight=3), Component(id="test", weight=1)),
        normalisation="z",
        ties=("test",),
        seed="2027",
        quotas=quotas,
    )
    office = Office(embedded, selection=selection)
    office.plan()
    cases = applied(office, 3)
    for case, review, test in zip(cases, (70, 80, 90), (60, 60, 30), strict=True):
        office.tell(case, ScoreRecorded(score=review), name=f"review {case}")
        office.tell(case, ScoreRecorded(score=test, component="test"), name=f"test {case}")

    ranking, message = rank(ROUND, OPERATOR, office.ports)

    assert (ranking.components, ranking.normalisation, ranking.ties, ranking.seed, ranking.quotas) == (
        selection.components,
        "z",
        ("test",),
        "2027",
        quotas,
    )
    assert (ranking.capacity, ranking.waitlist) == (2, 2)
    assert {each.application: each.scores for each in ranking.entries}[cases[0]] == {"review": 70, "test": 60}
    assert differences(ranking) == []
    assert run_of(FactId(message.data["ranking"]), office.ports) == ranking


def test_every_part_that_is_missing_is_named(embedded: Embedded) -> None:
    components = (Component(id="review", weight=3), Component(id="test", weight=1))
    office = Office(embedded, selection=Selection(admission=Admission(readers=2), components=components))
    office.plan()
    (case,) = applied(office, 1)

    with pytest.raises(Rejected, match=rf"the first is \[{case}\], which lacks: 2 more reviews, test\."):
        rank(ROUND, OPERATOR, office.ports)


def test_no_run_and_what_is_no_run_are_refused(office: Office) -> None:
    pool = office.ports.facts.put(ReviewerPool(reviewers=(Reviewer(id="choi"),)))

    with pytest.raises(NotFound, match=r"No rank run \[nothing\]"):
        run_of(FactId("nothing"), office.ports)
    with pytest.raises(NotFound, match=rf"\[{pool}\] is no rank run"):
        run_of(pool, office.ports)


def test_an_application_that_comes_back_before_the_results_is_ranked_with_what_it_gave_back(office: Office) -> None:
    one, two = applied(office, 2)
    office.score([one, two])
    rank(ROUND, OPERATOR, office.ports)
    office.settle()
    office.tell(one, EnrolmentChecked(is_enrolled=False), by=OPERATOR)
    office.answer(one, yes=True, by=LEE)
    gone = office.case(ROUND).data["left"]
    office.tell(one, AppealUpheld(appeal=CaseId("appeal-1")))

    ranking, _ = rank(ROUND, OPERATOR, office.ports)
    office.settle()
    office.approve()
    office.until(CALENDAR.results_at + HOUR)

    assert gone == {one: 1}
    assert [(each.application, each.returns) for each in ranking.entries] == [(one, 1), (two, 0)]
    assert [office.stage(each) for each in (one, two)] == ["offered", "offered"]
