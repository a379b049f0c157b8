"""A rank run is frozen, repeatable, and never made of half the scores."""

import pytest

from functions.bootstrap import Embedded
from schemas.events import ScoreRecorded
from schemas.facts import fact_id_of
from schemas.ids import CaseId
from schemas.ranking import Ranked, Ranking
from tests.support.cohort import CALENDAR, HOUR
from tests.support.life import staff
from tests.support.office import OPERATOR, ROUND, Office
from workflows.runtime.errors import NotFound, Rejected
from workflows.runtime.rank import RULE, rank


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
        entries=(
            Ranked(application=two, rank=1, score=90.5),
            Ranked(application=three, rank=2, score=80),
            Ranked(application=one, rank=3, score=70),
        ),
    )
    assert (message.case, message.type, message.data) == (ROUND, "RankingFrozen", {"ranking": fact_id_of(ranking)})
    assert (office.stage(ROUND), office.case(ROUND).data["ranking"]) == ("ranked", fact_id_of(ranking))
    assert dict(office.ports.facts.get([fact_id_of(ranking)])) == {fact_id_of(ranking): ranking.model_dump(mode="json")}


def test_equal_scores_are_ordered_by_what_says_nothing(office: Office) -> None:
    cases = applied(office, 4)
    for case in cases:
        office.tell(case, ScoreRecorded(score=50))

    ranking, _ = rank(ROUND, OPERATOR, office.ports)

    assert [ranked.application for ranked in ranking.entries] == sorted(cases)
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

    assert (office.stage(two), office.stage(withdrawn)) == ("ineligible", "late")
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
    office.answer(ROUND, yes=True)
    before = office.case(ROUND).tasks

    again, _ = rank(ROUND, OPERATOR, office.ports)
    office.settle()

    assert again == first
    assert office.case(ROUND).tasks == before
    assert before[0].approved_by == (OPERATOR.id,)


def test_a_ranking_that_was_refused_can_be_put_to_the_vote_again_unchanged(office: Office) -> None:
    office.score(applied(office, 3))
    rank(ROUND, OPERATOR, office.ports)
    office.settle()
    office.answer(ROUND, yes=False)
    refused = office.stage(ROUND)

    rank(ROUND, OPERATOR, office.ports)
    office.settle()

    assert (refused, office.stage(ROUND)) == ("closed", "ranked")


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
    office.answer(ROUND, yes=True)

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
    office.answer(ROUND, yes=True)
    for name, score in (("wrong", 99), ("right", 89)):
        office.tell(two, ScoreRecorded(score=score), name=name)
        rank(ROUND, OPERATOR, office.ports)
        office.settle()

    for role in ("operator", "university", "city"):
        office.answer(ROUND, yes=True, by=OPERATOR if role == "operator" else staff(role))

    assert office.stage(ROUND) == "approved"
