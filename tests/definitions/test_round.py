"""A recruitment round, from planning to the last seat."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.events.application import OfferDeclined
from schemas.events.engine import CalendarMoved
from schemas.events.round import (
    ExtensionProposed,
    ListOutdated,
    RankingFrozen,
    ReviewersNamed,
    RoundPlanned,
    SeatClaimed,
    SeatReturned,
    SeatTaken,
    SupplementProposed,
)
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId, name_of
from schemas.messages import Entry
from schemas.ranking import Ranked, Ranking
from schemas.reviewers import Reviewer, ReviewerPool
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TERMS, moved
from tests.support.generated import APPLICATIONS, a_ranking
from tests.support.life import Life, sent, staff, told, verdict
from tests.support.office import ROUND, Office, applicant, stages
from workflows.engine.history import messages_of

RANKING, OTHER = a_ranking(1, 2, 3, 4, 5, 6), a_ranking(6, 5, 4, 3)
FOREIGN = RANKING.model_copy(update={"round": CaseId("round-2")})
POOL, FORMER_POOL = (ReviewerPool(reviewers=(Reviewer(id=name),)) for name in ("choi", "jung"))
FACTS = {fact_id_of(each): each.model_dump(mode="json") for each in (RANKING, OTHER, FOREIGN, POOL, FORMER_POOL)}
A, B, C, D, E, F = APPLICATIONS
STRANGER = CaseId("application-9")
RESULT_TYPES = ("OfferMade", "WaitlistPlaced", "NotSelected")
CLOSE, RESULTS, ENDS = CALENDAR.applications_close, CALENDAR.results_at, CALENDAR.promotion_ends
DUE = RESULTS + 48 * HOUR


# ---- how to get somewhere


def planned(**changed: Any) -> Life:
    given: dict[str, Any] = {"cohort": "2027", "programme": "ai", "calendar": CALENDAR, "terms": TERMS, **changed}
    life = Life(ROUND, facts=FACTS)
    life.tell(RoundPlanned(**given), CALENDAR.applications_open - DAY)
    return life


def closed(**changed: Any) -> Life:
    life = planned(**changed)
    life.ring()
    life.ring()
    return life


def frozen(ranking: Any = RANKING) -> RankingFrozen:
    return RankingFrozen(ranking=Fact(fact_id_of(ranking)))


def ranked(**changed: Any) -> Life:
    life = closed(**changed)
    life.tell(frozen(), CLOSE + DAY)
    return life


def approve(life: Life, at: datetime = CLOSE + 2 * DAY) -> None:
    for hour, role in enumerate(("operator", "university", "city")):
        life.answer(yes=True, at=at + hour * HOUR, by=staff(role))


def approved(**changed: Any) -> Life:
    life = ranked(**changed)
    approve(life)
    return life


def published(**changed: Any) -> Life:
    life = approved(**changed)
    life.ring()
    return life


def filled() -> Life:
    life = published()
    life.ring("published.promotion_ends")
    return life


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


def given_back(application: CaseId, why: str = "declined") -> SeatReturned:
    return SeatReturned(application=application, why=why, returns=1)


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


# ---- the results


def test_all_results_go_out_in_one_entry_at_the_instant_of_publication() -> None:
    life = published()

    entry = life.entries[-1]
    assert (life.stage, entry.message.at, life.case.arrived_at) == ("published", RESULTS, RESULTS)
    assert sent(entry) == [
        f"OfferMade to {A}",
        f"OfferMade to {B}",
        f"WaitlistPlaced to {C}",
        f"WaitlistPlaced to {D}",
        f"NotSelected to {E}",
        f"NotSelected to {F}",
    ]
    (results,) = [effect for effect in entry.effects if effect.kind == "notice"]
    assert (results.type, results.targets, results.data) == (
        "ResultsPublished",
        {"partners": {}},
        {"cohort": "2027", "offered": 2},
    )


def test_results_that_were_approved_late_go_out_at_once() -> None:
    life = ranked()
    for role in ("operator", "university", "city"):
        life.answer(yes=True, at=RESULTS + DAY, by=staff(role))

    life.ring()

    assert (life.stage, life.case.arrived_at) == ("published", RESULTS + DAY)


def test_whoever_withdrew_before_the_results_is_passed_over() -> None:
    life = approved()
    life.tell(given_back(A, "withdrawn"), RESULTS - DAY)
    approve(life, RESULTS - DAY)

    results = life.ring()

    assert list(life.subject.offers) == [B, C]
    assert [each for each in sent(results) if each.endswith(A)] == []


# ---- handing on


def test_a_returned_offer_is_handed_on_in_the_same_entry() -> None:
    life = published()

    handed_on = life.tell(given_back(A), RESULTS + DAY)

    assert sent(handed_on) == [f"OfferMade to {C}"]
    assert handed_on.effects[0].targets == {C: {"rank": 3}}


def test_a_taken_seat_is_told_to_nobody() -> None:
    life = published()

    taken = life.tell(SeatTaken(application=A), RESULTS + DAY)

    assert (sent(taken), told(taken), life.subject.taken) == ([], [], (A,))


def test_a_claim_comes_before_the_next_rank() -> None:
    life = published()
    life.tell(given_back(A, "expired"), DUE)
    life.tell(SeatClaimed(application=A, returns=1), DUE + HOUR)

    freed = life.tell(given_back(B), DUE + 2 * HOUR)

    assert freed.effects[0].targets == {A: {"rank": 0}}


def test_an_offer_that_no_application_answers_for_is_told_to_staff_and_never_freed() -> None:
    life = published()

    silence = life.ring()

    assert (silence.heard_at, told(silence)) == (DUE + HOUR, ["operator: OfferUnanswered"])
    assert list(life.subject.offers) == [A, B]


def test_the_watch_for_silence_follows_the_earliest_open_offer() -> None:
    life = published()
    life.tell(given_back(A), RESULTS + DAY)
    first = life.case.timers["published.first_silence"].due

    life.tell(SeatTaken(application=B), RESULTS + 2 * DAY)

    assert (first, life.case.timers["published.first_silence"].due) == (DUE + HOUR, DUE + DAY + HOUR)


def test_a_round_with_every_seat_taken_watches_for_nothing() -> None:
    life = published()

    for application in (A, B):
        life.tell(SeatTaken(application=application), RESULTS + DAY)

    assert list(life.case.timers) == ["published.promotion_ends"]


# ---- the end


def test_the_end_of_handing_on_tells_whoever_waits_in_vain() -> None:
    life = published()
    life.tell(given_back(A, "expired"), DUE)
    life.tell(SeatClaimed(application=A, returns=1), DUE + HOUR)

    filled = life.ring("published.promotion_ends")

    assert (life.stage, life.case.is_final) == ("filled", True)
    assert (sent(filled), told(filled)) == (
        [f"WaitlistClosed to {D}", f"WaitlistClosed to {A}"],
        ["partners: RoundFilled"],
    )


def test_after_the_end_a_returned_seat_goes_to_nobody() -> None:
    life = published()
    life.ring("published.promotion_ends")

    freed = life.tell(given_back(A), ENDS + DAY)

    assert (sent(freed), list(life.subject.offers)) == ([], [B])


def test_an_acceptance_that_was_given_before_the_end_and_heard_after_it_is_a_taken_seat() -> None:
    life = published()
    life.ring("published.promotion_ends")

    life.tell(SeatTaken(application=A), ENDS - HOUR, heard_at=ENDS + DAY)

    assert life.subject.taken == (A,)


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


# ---- where several cases talk


@pytest.fixture
def office(embedded: Embedded) -> Office:
    return Office(embedded)


def test_nobody_sees_a_result_before_the_others(office: Office) -> None:
    cases = office.recruit(5)

    heard = {office.entries(case)[-1].heard_at for case in cases}
    told_at = {office.entries(case)[-1].message.at for case in cases}

    assert (len(heard), told_at) == (1, {RESULTS})


def test_a_declined_seat_goes_down_the_waitlist_until_nobody_waits(office: Office) -> None:
    cases = office.recruit(4)

    for case in (cases[0], cases[2], cases[3]):
        office.tell(case, OfferDeclined(), by=applicant(office.case(case)))

    assert stages(office, cases) == ["declined", "offered", "declined", "declined"]
    assert office.case(ROUND).data["offers"].keys() == {cases[1]}


def test_an_expired_offer_is_handed_on_within_the_hour(office: Office) -> None:
    cases = office.recruit(3)
    office.accept(cases[1])

    office.until(DUE + HOUR)

    assert stages(office, cases) == ["lapsed", "accepted", "offered"]
    assert "OfferUnanswered" not in office.notices()


def test_whoever_still_waits_at_the_end_is_told_so(office: Office) -> None:
    cases = office.recruit(4)
    for case in cases[:2]:
        office.accept(case)

    office.until(ENDS + DAY)

    assert stages(office, cases) == ["enrolled", "enrolled", "not_selected", "not_selected"]
    assert office.notices()["WaitlistEnded"] == 2
    assert office.stage(ROUND) == "filled"


# ---- thousands


def crowded(count: int, capacity: int, waitlist: int) -> tuple[Life, list[CaseId]]:
    """An approved round with so many ranked applications."""
    cases = [CaseId(name_of("crowd", number)) for number in range(count)]
    entries = [Ranked(application=case, rank=rank, score=0) for rank, case in enumerate(cases, 1)]
    ranking = Ranking(round=ROUND, rule="score", entries=tuple(entries))
    life = closed(terms=TERMS.model_copy(update={"capacity": capacity, "waitlist": waitlist}))
    life.facts = {fact_id_of(ranking): ranking.model_dump(mode="json")}
    life.tell(frozen(ranking), CLOSE + DAY)
    approve(life)
    return life, cases


def publish(life: Life) -> list[Entry]:
    """Ring for the results, and hear whatever the round tells itself until it is done."""
    entries = [life.ring("approved.results_at")]
    while own := [each for each in messages_of(entries[-1], ROUND) if each.case == ROUND]:
        (more,) = own
        entries.append(life.hear(more))
    return entries


@pytest.mark.parametrize(
    ("capacity", "waitlist", "pages"), [(100, 300, 3), (2_500, 100, 3), (0, 0, 3), (1_000, 10_000, 3)]
)
def test_three_thousand_are_told_in_pages_each_exactly_once(capacity: int, waitlist: int, pages: int) -> None:
    life, cases = crowded(3_000, capacity, waitlist)

    entries = publish(life)

    results = [each for entry in entries for each in messages_of(entry, ROUND) if each.case != ROUND]
    by_type = {kind: [each.case for each in results if each.type == kind] for kind in RESULT_TYPES}
    last = min(capacity + waitlist, 3_000)
    assert len(entries) == pages
    assert by_type == {
        "OfferMade": cases[:capacity],
        "WaitlistPlaced": cases[capacity:last],
        "NotSelected": cases[last:],
    }
    assert [each.data["position"] for each in results if each.type == "WaitlistPlaced"] == list(
        range(1, last - capacity + 1)
    )
    assert max(len(text.encode()) for text, _ in life.texts) <= 256 * 1024
    assert [told(entry).count("partners: ResultsPublished") for entry in entries] == [1, 0, 0]


def test_no_more_than_a_page_is_told_in_one() -> None:
    life, _ = crowded(1_000, 10, 10)

    assert len(publish(life)) == 1
    assert life.subject.told == 1_000


def test_what_happens_between_two_pages_is_told_once_and_as_it_stands_then() -> None:
    life, cases = crowded(2_100, 1_000, 1_000)
    (more,) = [each for each in messages_of(life.ring("approved.results_at"), ROUND) if each.case == ROUND]

    # Three give their offers back, and so does one of the three to whom these go before they were told a place.
    freed = [life.tell(given_back(case), RESULTS + HOUR) for case in (*cases[:3], cases[1_000])]
    entries = [life.hear(more)]
    while own := [each for each in messages_of(entries[-1], ROUND) if each.case == ROUND]:
        entries.append(life.hear(own[0]))

    told_later = [each for entry in entries for each in messages_of(entry, ROUND) if each.case != ROUND]
    assert [each.case for entry in freed for each in messages_of(entry, ROUND)] == cases[1_000:1_004]
    assert [each.case for each in told_later] == cases[1_004:2_100]
    assert told_later[0].data == {"rank": 1_005, "position": 1}
    assert [each.type for each in told_later].count("NotSelected") == 100
