"""Scores to ranks: the same inputs always give the same order, and whoever has the inputs can check it."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.application import Application
from schemas.facts import fact_id_of
from schemas.ids import CaseId, name_of
from schemas.ranking import Ranked, Ranking
from schemas.selection import Admission, Component, Selection
from tests.support.submitted import a_submission
from workflows.definitions.scores import (
    RULE,
    Candidate,
    Move,
    candidate_of,
    differences,
    in_order,
    missing_scores,
    moves,
    scores_of,
    ties_in,
)

A, B, C, D = (CaseId(f"application-{letter}") for letter in "abcd")
REVIEW, TEST = Component(id="review", weight=3), Component(id="test", weight=1)
BOTH = Selection(components=(REVIEW, TEST))


def scored(review: float, test: float = 0, name: CaseId = A) -> Candidate:
    return Candidate(name, {"review": review, "test": test}, {})


def an_application(**changed: Any) -> Application:
    event = a_submission(**changed)
    fields = {name: getattr(event, name) for name in Application.model_fields if hasattr(event, name)}
    return Application(application=A, **fields)


def a_run(candidates: list[Candidate], selection: Selection = BOTH, **changed: Any) -> Ranking:
    given: dict[str, Any] = {
        "round": CaseId("round-1"),
        "rule": RULE,
        "components": selection.components,
        "normalisation": selection.normalisation,
        "ties": selection.ties,
        "seed": selection.seed,
        "entries": in_order(candidates, selection),
        **changed,
    }
    return Ranking(**given)


def order(candidates: list[Candidate], selection: Selection = BOTH) -> list[CaseId]:
    return [each.application for each in in_order(candidates, selection)]


# ---- the order


def test_the_total_is_the_weighted_mean() -> None:
    (first, second) = in_order([scored(60, 99, B), scored(80, 40, A)], BOTH)

    assert (first.application, first.score, first.scores, first.rank) == (A, 70, {"review": 80, "test": 40}, 1)
    assert (second.application, second.score, second.scores, second.rank) == (B, 69.75, {"review": 60, "test": 99}, 2)


def test_a_heavier_part_counts_for_more() -> None:
    assert order([scored(80, 40, A), scored(40, 80, B)]) == [A, B]
    assert order([scored(80, 40, A), scored(40, 80, B)], Selection(components=(TEST,))) == [B, A]


def test_only_parts_that_the_round_counts_stand_in_the_run() -> None:
    (only,) = in_order([scored(80, 40)], Selection(components=(REVIEW,)))

    assert (only.scores, only.score) == ({"review": 80}, 80)


def test_a_run_keeps_groups_and_returns() -> None:
    candidate = Candidate(A, {"review": 1.0, "test": 1.0}, {"university": "전남대학교"}, returns=2)

    assert in_order([candidate], BOTH) == (
        Ranked(
            application=A,
            rank=1,
            score=1,
            scores={"review": 1, "test": 1},
            groups={"university": "전남대학교"},
            returns=2,
        ),
    )


def test_z_scores_weigh_how_far_from_the_middle_a_score_lies() -> None:
    # The reviews spread by 10 around 50, the tests by 1 around 50: a point of the test says ten times as much.
    z = BOTH.model_copy(update={"normalisation": "z", "components": (Component(id="review", weight=1), TEST)})
    candidates = [scored(40, 51, A), scored(60, 49, B), scored(60, 51, C), scored(40, 49, D)]

    totals = {each.application: each.score for each in in_order(candidates, z)}

    assert totals == {A: 0, B: 0, C: 1, D: -1}
    assert {each.application: each.scores["review"] for each in in_order(candidates, z)}[A] == 40


def test_a_part_in_which_all_are_equal_decides_nothing() -> None:
    z = BOTH.model_copy(update={"normalisation": "z"})

    assert [each.score for each in in_order([scored(50, 70, A), scored(50, 70, B)], z)] == [0, 0]
    assert order([scored(50, 70, A), scored(60, 70, B)], z) == [B, A]


# ---- ties


def test_equal_totals_go_by_the_parts_that_the_round_names_in_their_order() -> None:
    # All three have 70.
    candidates = [scored(70, 70, A), scored(80, 40, B), scored(60, 100, C)]

    assert order(candidates, BOTH.model_copy(update={"ties": ("test",)})) == [C, A, B]
    assert order(candidates, BOTH.model_copy(update={"ties": ("review", "test")})) == [B, A, C]


def test_the_second_tie_breaker_is_asked_where_the_first_says_nothing() -> None:
    selection = Selection(components=(REVIEW,), ties=("review", "test"))

    assert order([scored(70, 10, A), scored(70, 20, B), scored(70, 15, C)], selection) == [B, C, A]


@pytest.mark.parametrize("seed", ["", "2027", "2028"])
def test_whoever_is_still_equal_goes_by_a_hash_that_says_nothing(seed: str) -> None:
    candidates = [scored(70, 70, name) for name in (A, B, C, D)]

    expected = sorted((A, B, C, D), key=lambda name: name_of("tie", seed, name))
    assert order(candidates, BOTH.model_copy(update={"seed": seed})) == expected


def test_the_seed_changes_the_order_of_equals_and_of_nobody_else() -> None:
    candidates = [*(scored(70, 70, CaseId(f"equal-{number}")) for number in range(8)), scored(90, 90, A)]

    orders = {tuple(order(candidates, BOTH.model_copy(update={"seed": str(seed)}))) for seed in range(5)}

    assert len(orders) > 1
    assert {each[0] for each in orders} == {A}


def test_ties_are_found() -> None:
    run = a_run([scored(70, 70, A), scored(80, 40, B), scored(90, 90, C)])

    assert [{upper.application, lower.application} for upper, lower in ties_in(run)] == [{A, B}]
    assert ties_in(a_run([scored(70, 70, A), scored(80, 80, B)])) == []


# ---- the same inputs, the same document

SCORE = st.one_of(st.integers(0, 4).map(lambda part: 25.0 * part), st.floats(0, 100, allow_nan=False))
CANDIDATES = st.lists(st.tuples(SCORE, SCORE), max_size=12).map(
    lambda made: [scored(review, test, CaseId(f"application-{place}")) for place, (review, test) in enumerate(made)]
)
SELECTIONS = st.builds(
    lambda normalisation, ties, seed: BOTH.model_copy(
        update={"normalisation": normalisation, "ties": ties, "seed": seed}
    ),
    st.sampled_from(["none", "z"]),
    st.sampled_from([(), ("test",), ("review", "test")]),
    st.sampled_from(["", "2027"]),
)


@given(CANDIDATES, SELECTIONS, st.randoms(use_true_random=False))
def test_the_same_candidates_in_any_order_give_the_same_document(
    candidates: list[Candidate], selection: Selection, random: Random
) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)

    assert fact_id_of(a_run(shuffled, selection)) == fact_id_of(a_run(candidates, selection))


@given(CANDIDATES, SELECTIONS)
def test_ranks_count_up_totals_go_down_and_nobody_is_lost(candidates: list[Candidate], selection: Selection) -> None:
    entries = in_order(candidates, selection)

    assert [each.rank for each in entries] == list(range(1, len(candidates) + 1))
    assert sorted(each.application for each in entries) == sorted(each.application for each in candidates)
    assert [each.score for each in entries] == sorted((each.score for each in entries), reverse=True)


@given(CANDIDATES, SELECTIONS)
def test_a_run_that_is_read_back_has_no_differences(candidates: list[Candidate], selection: Selection) -> None:
    run = a_run(candidates, selection)

    assert differences(Ranking.model_validate_json(run.model_dump_json())) == []


# ---- checking somebody's run


def entries_of(run: Ranking, change: Callable[[list[Ranked]], list[Ranked]]) -> Ranking:
    return run.model_copy(update={"entries": tuple(change(list(run.entries)))})


RUN = a_run([scored(90, 90, A), scored(80, 80, B), scored(70, 70, C)])


def test_a_right_run_has_no_differences() -> None:
    assert differences(RUN) == []
    assert differences(a_run([])) == []


def test_a_total_that_was_changed_is_found() -> None:
    forged = entries_of(RUN, lambda each: [each[0].model_copy(update={"score": 91.0}), *each[1:]])

    assert differences(forged) == [f"rank 1: [{A}] with 91.0, recomputed [{A}] with 90.0"]


def test_a_part_of_a_score_that_was_changed_is_found() -> None:
    forged = entries_of(
        RUN, lambda each: [*each[:2], each[2].model_copy(update={"scores": {"review": 95, "test": 95}})]
    )

    assert len(differences(forged)) == 3


def test_a_rank_that_was_changed_is_found() -> None:
    forged = entries_of(RUN, lambda each: [each[0], each[1].model_copy(update={"rank": 3}), each[2]])

    assert differences(forged) == [f"rank 3: [{B}] with 80.0, recomputed [{B}] with 80.0"]


def test_an_order_that_was_changed_is_found() -> None:
    def swap(entries: list[Ranked]) -> list[Ranked]:
        first, second, third = entries
        return [second.model_copy(update={"rank": 1}), first.model_copy(update={"rank": 2}), third]

    assert len(differences(entries_of(RUN, swap))) == 2


def test_equals_that_were_swapped_are_found() -> None:
    run = a_run([scored(70, 70, A), scored(70, 70, B)])

    def swap(entries: list[Ranked]) -> list[Ranked]:
        return [entries[1].model_copy(update={"rank": 1}), entries[0].model_copy(update={"rank": 2})]

    assert len(differences(entries_of(run, swap))) == 2


@pytest.mark.parametrize(
    "changed",
    [{"seed": "another"}, {"ties": ("test",)}, {"components": (Component(id="test", weight=1),)}],
    ids=["seed", "ties", "weights"],
)
def test_a_rule_that_was_changed_afterwards_is_found(changed: dict[str, Any]) -> None:
    run = a_run(
        [*(scored(70, 70, CaseId(f"equal-{number}")) for number in range(8)), scored(75, 55, A), scored(60, 95, B)]
    )

    assert differences(run) == []
    assert differences(run.model_copy(update=changed)) != []


def test_somebody_who_is_ranked_twice_is_found() -> None:
    forged = entries_of(RUN, lambda each: [each[0], *each])

    assert differences(forged) == ["an application is ranked twice"]


def test_a_score_that_is_missing_is_named() -> None:
    forged = entries_of(RUN, lambda each: [each[0].model_copy(update={"scores": {"review": 90}}), *each[1:]])

    assert differences(forged) == ["an entry has no score for 'test'"]


# ---- two runs


def test_whoever_moved_is_listed_with_both_places() -> None:
    after = a_run([scored(90, 90, A), scored(60, 60, B), scored(70, 70, C)])

    assert moves(RUN, after) == [Move(C, 3, 2, 70, 70), Move(B, 2, 3, 80, 60)]
    assert moves(RUN, RUN) == []


def test_whoever_came_or_went_has_one_place() -> None:
    after = a_run([scored(90, 90, A), scored(80, 80, D)])

    assert moves(RUN, after) == [Move(D, None, 2, None, 80), Move(B, 2, None, 80, None), Move(C, 3, None, 70, None)]


# ---- what an application is ranked by


def test_without_readers_the_scores_are_what_was_recorded() -> None:
    application = an_application().model_copy(update={"scores": {"review": 70, "test": 60}, "reviews": {"kim": 10}})

    assert scores_of(application) == {"review": 70, "test": 60}


def test_with_readers_the_review_is_their_mean_whatever_was_recorded() -> None:
    read = an_application(admission=Admission(readers=2)).model_copy(
        update={"reviews": {"kim": 70, "lee": 75, "choi": 75}, "scores": {"review": 99, "test": 60}}
    )

    assert scores_of(read) == {"review": 73.333333, "test": 60}


def test_what_is_missing_is_named() -> None:
    read = an_application(admission=Admission(readers=2))

    assert missing_scores(an_application(), BOTH) == ["review", "test"]
    assert missing_scores(read, BOTH) == ["2 more reviews", "test"]
    assert missing_scores(read.model_copy(update={"reviews": {"kim": 70}, "scores": {"test": 1}}), BOTH) == [
        "1 more review"
    ]
    assert (
        missing_scores(read.model_copy(update={"reviews": {"kim": 70, "lee": 75}, "scores": {"test": 1}}), BOTH) == []
    )
    assert missing_scores(read, Selection(components=(TEST,))) == ["test"]


def test_reviews_that_lie_far_apart_ask_for_one_more() -> None:
    far = an_application(admission=Admission(readers=2, spread_max=25)).model_copy(
        update={"reviews": {"kim": 40, "lee": 66}, "scores": {"test": 1}}
    )
    third = far.model_copy(update={"reviews": {**far.reviews, "choi": 50}})

    assert missing_scores(far, BOTH) == ["1 more review"]
    assert missing_scores(far.model_copy(update={"reviews": {"kim": 40, "lee": 65}}), BOTH) == []
    assert missing_scores(third, BOTH) == []


def test_a_candidate_says_no_more_than_it_is_ranked_by() -> None:
    application = an_application(track="ai").model_copy(update={"scores": {"review": 70}, "returns": 1})

    assert candidate_of(application) == Candidate(A, {"review": 70}, {"university": "전남대학교", "track": "ai"}, 1)
