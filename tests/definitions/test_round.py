"""A recruitment round until its results: the plan, the form, the ranking, the calendar."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from schemas.events.engine import CalendarMoved
from schemas.events.round import ExtensionProposed, ReviewersNamed, SupplementProposed
from schemas.events.seats import ListOutdated
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TERMS, moved
from tests.support.life import Life, staff, told, verdict
from tests.support.rounds import (
    CLOSE,
    ENDS,
    FOREIGN,
    FORMER_POOL,
    OTHER,
    POOL,
    RANKING,
    RESULTS,
    A,
    C,
    approve,
    approved,
    closed,
    filled,
    frozen,
    given_back,
    planned,
    published,
    ranked,
)

STRANGER = CaseId("application-9")


def then(life: Life, event: Any) -> Life:
    life.tell(event, life.case.arrived_at + MINUTE, by=staff("operator", "kim"))
    return life


def opened() -> Life:
    life = planned()
    life.ring()
    return life


def supplement_proposed() -> Life:
    calendar = moved(2, applications_close=RESULTS + 12 * DAY, results_at=RESULTS + 20 * DAY)
    proposal = SupplementProposed(supplement=CaseId("round-2"), calendar=calendar, order="kept")
    return then(published(terms=TERMS.model_copy(update={"capacity": 9})), proposal)


def supplemented() -> Life:
    life = supplement_proposed()
    for role in ("lead", "city"):
        life.answer(yes=True, at=RESULTS + HOUR, by=staff(role))
    return life


STAGES: dict[str, Callable[[], Life]] = {
    "planned": planned,
    "open": opened,
    "closed": closed,
    "extension_proposed": lambda: then(
        closed(), ExtensionProposed(calendar=moved(2, applications_close=CLOSE + 5 * DAY))
    ),
    "screening": lambda: then(closed(), ReviewersNamed(pool=Fact(fact_id_of(FORMER_POOL)))),
    "decided": ranked,
    "approved": approved,
    "published": published,
    "supplement_proposed": supplement_proposed,
    "supplemented": supplemented,
    "filled": filled,
}


# ---- before the results


def test_a_round_opens_and_closes_by_its_calendar() -> None:
    life = planned()

    opened, shut = life.ring(), life.ring()

    assert [step.to for entry in (opened, shut) for step in entry.steps] == ["open", "closed"]
    assert (told(opened), told(shut)) == (["partners: RoundOpened"], ["operator: RankingDue"])
    assert (opened.message.at, shut.message.at) == (CALENDAR.applications_open, CLOSE)


def test_a_ranking_that_is_missing_the_day_before_the_results_is_asked_for_again() -> None:
    life = closed()

    reminded = life.ring()

    assert (reminded.heard_at, told(reminded)) == (RESULTS - DAY, ["operator: RankingDue"])


def test_a_ranking_is_put_to_operator_university_and_city_in_this_order() -> None:
    life = ranked()

    (task,) = life.case.tasks
    assert (life.stage, life.subject.ranking, task.needs) == (
        "decided",
        Fact(fact_id_of(RANKING)),
        ("operator", "university", "city"),
    )


def test_three_approvals_approve() -> None:
    life = ranked()
    stages_on_the_way = []

    for role in ("operator", "university", "city"):
        life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff(role))
        stages_on_the_way.append(life.stage)

    assert stages_on_the_way == ["decided", "decided", "approved"]


def test_whoever_froze_the_ranking_does_not_approve_it() -> None:
    life = closed()
    life.tell(frozen(), CLOSE + DAY, by=staff("operator", "kim"))

    own = life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator", "kim"))
    refused = life.answer(yes=False, at=CLOSE + 2 * DAY, by=staff("operator", "kim"))
    anothers = life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator", "lee"))

    assert [verdict(each) for each in (own, refused, anothers)] == [
        ("rejected", "needs_another_person"),
        ("rejected", "needs_another_person"),
        ("applied", ""),
    ]
    assert life.case.tasks[0].not_by == ("kim",)


def test_whoever_froze_the_ranking_that_counts_is_who_does_not_approve() -> None:
    life = closed()
    life.tell(frozen(), CLOSE + DAY, by=staff("operator", "kim"))

    life.tell(frozen(OTHER), CLOSE + DAY, by=staff("operator", "lee"))

    assert (life.case.tasks[0].not_by, life.subject.ranked_by) == (("lee",), ("lee",))


def test_whoever_froze_the_same_ranking_again_does_not_approve_it_either() -> None:
    life = closed()
    life.tell(frozen(), CLOSE + DAY, by=staff("operator", "kim"))
    life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator", "lee"))

    life.tell(frozen(), CLOSE + 2 * DAY, by=staff("operator", "lee"))

    (task,) = life.case.tasks
    refused = [
        verdict(life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator", name), name=name))
        for name in ("kim", "lee")
    ]
    assert (task.not_by, task.approved_by, life.subject.ranked_by) == (("kim", "lee"), (), ("kim", "lee"))
    assert refused == [("rejected", "needs_another_person")] * 2


def test_the_same_ranking_frozen_twice_by_one_keeps_what_was_approved() -> None:
    life = closed()
    life.tell(frozen(), CLOSE + DAY, by=staff("operator", "kim"))
    life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator", "lee"))
    before = life.case.tasks

    life.tell(frozen(), CLOSE + 2 * DAY, by=staff("operator", "kim"))

    assert (life.case.tasks, life.subject.ranked_by) == (before, ("kim",))


def test_who_made_and_approved_the_list_is_told_to_whoever_has_no_seat() -> None:
    life = closed()
    life.tell(frozen(), CLOSE + DAY, by=staff("operator", "kim"))
    approve(life)

    results = life.ring()

    by = ("kim", "operator-1", "university-1", "city-1")
    told_no = [effect for effect in results.effects if effect.type == "NotSelected"]
    given = [{**effect.data, **own} for effect in told_no for own in effect.targets.values()]
    assert (life.subject.decided_by, given) == (by, [{"rank": rank, "decided_by": list(by)} for rank in (5, 6)])


def test_who_approved_a_list_that_was_sent_back_has_not_decided_it() -> None:
    life = approved()
    life.tell(frozen(OTHER), CLOSE + 3 * DAY, by=staff("operator", "kim"))
    for role in ("operator", "university", "city"):
        life.answer(yes=True, at=CLOSE + 4 * DAY, by=staff(role, f"{role}-2"))

    assert life.subject.decided_by == ("kim", "operator-2", "university-2", "city-2")


def test_a_list_that_lacks_somebody_has_to_be_approved_anew() -> None:
    life = ranked()
    life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator"))
    (before,) = life.case.tasks

    life.tell(ListOutdated(application=STRANGER), CLOSE + 2 * DAY)

    (after,) = life.case.tasks
    assert (life.stage, life.subject.outdated, after.id == before.id) == ("decided", 1, False)
    assert (after.needs, after.approved_by) == (("operator", "university", "city"), ())


def test_an_approved_list_that_lacks_somebody_goes_back_and_a_new_one_is_whole() -> None:
    life = approved()

    life.tell(ListOutdated(application=STRANGER), CLOSE + 3 * DAY)
    back = (life.stage, len(life.case.tasks), life.subject.outdated)
    life.tell(frozen(OTHER), CLOSE + 3 * DAY)

    assert back == ("decided", 1, 1)
    assert (life.stage, life.subject.outdated) == ("decided", 0)


@pytest.mark.parametrize("somewhere", ["planned", "open", "closed", "screening", "published", "filled"])
def test_where_no_list_is_under_approval_none_is_outdated(somewhere: str) -> None:
    life = STAGES[somewhere]()
    before = life.subject

    life.tell(ListOutdated(application=STRANGER), life.case.arrived_at + HOUR)

    assert (life.stage, life.subject, life.case.parked) == (somewhere, before, ())


def test_one_no_sends_the_ranking_back() -> None:
    life = ranked()
    life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator"))

    sent_back = life.answer(yes=False, at=CLOSE + 2 * DAY, by=staff("university"))

    assert (life.stage, told(sent_back), life.case.timers["screening.results_at-1d"].due) == (
        "screening",
        [],
        RESULTS - DAY,
    )


def test_approvals_that_are_late_are_escalated_after_two_working_days() -> None:
    life = ranked()

    overdue = life.ring()

    # Saturday's ranking: the two working days are Monday and Tuesday.
    assert (overdue.heard_at, told(overdue)) == (CLOSE + 4 * DAY, ["lead: QuestionOverdue"])


def test_another_ranking_has_to_be_approved_anew() -> None:
    life = ranked()
    life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator"))

    life.tell(frozen(OTHER), CLOSE + 3 * DAY)

    (task,) = life.case.tasks
    assert (task.needs, task.approved_by) == (("operator", "university", "city"), ())


def test_whoever_leaves_the_list_changes_what_is_approved() -> None:
    life = ranked()
    life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator"))
    (before,) = life.case.tasks

    life.tell(given_back(C, "withdrawn"), CLOSE + 2 * DAY)

    (after,) = life.case.tasks
    assert (life.stage, life.subject.left, after.id == before.id) == ("decided", {C: 1}, False)
    assert (after.needs, after.approved_by) == (("operator", "university", "city"), ())


def test_whoever_was_not_on_the_list_does_not_change_what_is_approved() -> None:
    life = ranked()
    life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator"))
    before = life.case.tasks

    life.tell(given_back(STRANGER, "withdrawn"), CLOSE + 2 * DAY)

    assert (life.case.tasks, life.subject.left) == (before, {STRANGER: 1})


def test_whoever_leaves_the_approved_list_sends_it_back_to_be_approved() -> None:
    life = approved()

    life.tell(given_back(STRANGER, "withdrawn"), RESULTS - 2 * DAY)
    approved_still = life.stage
    life.tell(given_back(A, "withdrawn"), RESULTS - DAY)

    assert (approved_still, life.stage, len(life.case.tasks)) == ("approved", "decided", 1)


@pytest.mark.parametrize("somewhere", [closed, ranked])
def test_the_ranking_of_another_round_is_ignored(somewhere: Any) -> None:
    life = somewhere()
    before = (life.stage, life.subject)

    life.tell(frozen(FOREIGN), CLOSE + 3 * DAY)

    assert (life.stage, life.subject) == before


def test_a_ranking_that_comes_before_the_close_does_not_count_after_it() -> None:
    life = planned()
    life.ring()
    early = life.tell(frozen(), CLOSE - HOUR)

    life.ring("open.applications_close")

    assert (verdict(early), life.stage, life.subject.ranking) == (("applied", ""), "closed", None)


@pytest.mark.parametrize(
    ("stage", "taken"),
    [
        ("planned", set()),
        ("open", set()),
        ("closed", {"RankingFrozen", "ReviewersNamed"}),
        ("extension_proposed", set()),
        ("screening", {"RankingFrozen", "ReviewersNamed"}),
        ("decided", {"RankingFrozen"}),
        ("approved", {"RankingFrozen"}),
        ("published", set()),
        ("supplement_proposed", set()),
        ("supplemented", set()),
        ("filled", set()),
    ],
)
def test_what_refers_to_a_document_is_taken_or_ignored_and_never_kept_for_later(stage: str, taken: set[str]) -> None:
    events = {"RankingFrozen": frozen(OTHER), "ReviewersNamed": ReviewersNamed(pool=Fact(fact_id_of(POOL)))}
    changed = set()
    for name, event in events.items():
        life = STAGES[stage]()
        before = (life.stage, life.subject)
        assert before[0] == stage

        heard = life.tell(event, life.case.arrived_at + HOUR)

        assert (heard.verdict in {"applied", "ignored"}, life.case.parked) == (True, ())
        if (life.stage, life.subject) != before:
            changed.add(name)

    assert changed == taken


# ---- the calendar


def test_moved_results_move_the_publication() -> None:
    life = approved()
    later = RESULTS + 7 * DAY

    life.tell(CalendarMoved(calendar=moved(2, results_at=later)), RESULTS - DAY)

    timer = life.case.timers["approved.results_at"]
    assert (timer.due, timer.rings_at) == (later, later + GRACE)


def test_moved_results_do_not_ask_for_approval_again() -> None:
    life = ranked()
    life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator"))
    before = life.case.tasks

    life.tell(CalendarMoved(calendar=moved(2, results_at=RESULTS + 7 * DAY)), CLOSE + 2 * DAY)

    assert life.case.tasks == before


@pytest.mark.parametrize("stage", ["planned", "open", "closed", "screening", "decided", "approved", "published"])
@pytest.mark.parametrize(
    "dates",
    [
        {"applications_close": CLOSE + DAY},
        {"applications_close": CLOSE - HOUR},
        {"results_at": RESULTS - HOUR},
        {"results_at": RESULTS + DAY, "applications_close": CLOSE + DAY},
    ],
    ids=["a later close", "an earlier close", "earlier results", "later results and close"],
)
def test_a_close_that_moves_and_earlier_results_take_more_than_a_moved_calendar(
    stage: str, dates: dict[str, datetime]
) -> None:
    life = STAGES[stage]()
    before = (life.stage, life.subject, life.case.timers, life.case.tasks)

    moved_ = life.tell(CalendarMoved(calendar=moved(2, **dates)), life.case.arrived_at + HOUR)

    assert (life.stage, life.subject, life.case.timers, life.case.tasks) == before
    assert (moved_.effects, life.case.parked) == ((), ())


@pytest.mark.parametrize("stage", ["planned", "open", "closed", "screening", "decided", "approved", "published"])
def test_later_results_and_other_dates_are_taken_and_an_older_version_is_not(stage: str) -> None:
    life = STAGES[stage]()
    newer = moved(3, results_at=RESULTS + DAY, promotion_ends=ENDS + DAY)

    life.tell(CalendarMoved(calendar=newer), life.case.arrived_at + HOUR)
    life.tell(CalendarMoved(calendar=moved(2, results_at=RESULTS + 3 * DAY)), life.case.arrived_at + 2 * HOUR)
    life.tell(CalendarMoved(calendar=moved(3, results_at=RESULTS + 4 * DAY)), life.case.arrived_at + 2 * HOUR)

    assert (life.stage, life.subject.calendar) == (stage, newer)


def test_a_round_folds_with_the_documents_it_refers_to() -> None:
    life = published()
    life.ring("published.promotion_ends")

    assert life.fold() == life.case
