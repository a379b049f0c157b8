"""A round that has too few: a supplementary round for the seats that nobody waits for."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.embedded import Embedded
from schemas.cohort import Calendar
from schemas.events.application import OfferDeclined
from schemas.events.round import ExtensionProposed, RankingFrozen, ReviewersNamed, RoundPlanned, SupplementProposed
from schemas.events.seats import SeatClaimed, SeatReturned, SeatsMoved, SeatTaken
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId
from schemas.messages import Entry, Message
from schemas.ranking import Ranked, Ranking
from schemas.selection import Quota, Selection
from tests.support.cohort import DAY, HOUR, TERMS, moved
from tests.support.life import Life, sent, staff, told, verdict
from tests.support.office import OPERATOR, ROUND, Office, applicant, stages
from tests.support.reopening import CITY, CLOSE, KIM, LATER, LEAD, POOL, RESULTS, closed, planned
from workflows.engine.history import messages_of
from workflows.runtime.rank import rank
from workflows.runtime.spread_calendar import spread_calendar

A, B, C, D = APPLICATIONS = tuple(CaseId(f"application-{number}") for number in range(1, 5))
NEXT = CaseId("round-2")

SUPPLEMENT = moved(
    2,
    applications_open=RESULTS + 3 * DAY,
    applications_close=RESULTS + 12 * DAY,
    results_at=RESULTS + 20 * DAY,
)


def a_ranking(*universities: str, round_id: CaseId = ROUND) -> Ranking:
    entries = tuple(
        Ranked(
            application=CaseId(f"application-{rank}"),
            rank=rank,
            score=100 - rank,
            groups={"university": name} if name else {},
        )
        for rank, name in enumerate(universities, 1)
    )
    return Ranking(round=round_id, rule="score", entries=entries)


def published(*universities: str, capacity: int = 3, quotas: tuple[Quota, ...] = ()) -> Life:
    """A round with fewer applicants than seats, unless it is said otherwise."""
    ranking = a_ranking(*universities)
    terms = TERMS.model_copy(update={"capacity": capacity})
    life = closed(ranking, terms=terms, selection=Selection(quotas=quotas))
    life.tell(RankingFrozen(ranking=Fact(fact_id_of(ranking))), CLOSE + DAY, by=KIM)
    for role in ("operator", "university", "city"):
        life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff(role))
    life.ring("approved.results_at")
    return life


def proposed(life: Life, order: Any = "kept", calendar: Calendar = SUPPLEMENT) -> Entry:
    event = SupplementProposed(supplement=NEXT, calendar=calendar, order=order)
    return life.tell(event, RESULTS + DAY, by=KIM)


def handed_over(life: Life, order: Any = "kept") -> Entry:
    proposed(life, order)
    life.answer(yes=True, at=RESULTS + DAY, by=LEAD)
    return life.answer(yes=True, at=RESULTS + DAY, by=CITY)


def orders(entry: Entry) -> list[Message]:
    return list(messages_of(entry, ROUND))


# ---- a supplementary round: who decides


def test_free_seats_that_nobody_waits_for_are_told_to_staff() -> None:
    life = published("", "")

    assert "operator: SeatsUnfilled" in told(life.entries[-1])
    assert told(published("", "", "").entries[-1]) == ["partners: ResultsPublished"]


def test_a_seat_that_comes_free_and_finds_nobody_is_told_to_staff() -> None:
    life = published("", "", capacity=2)

    freed = life.tell(SeatReturned(application=A, why="declined", returns=1), RESULTS + HOUR)
    waiting = published("", "", "", capacity=2).tell(
        SeatReturned(application=A, why="declined", returns=1), RESULTS + HOUR
    )

    assert (told(freed), told(waiting)) == (["operator: SeatsUnfilled"], [])


def test_a_supplementary_round_needs_two_people_other_than_who_proposed_it() -> None:
    life = published("", "")
    proposed(life)
    (task,) = life.case.tasks

    own = life.answer(yes=True, at=RESULTS + DAY, by=staff("lead", "kim"))
    life.answer(yes=True, at=RESULTS + DAY, by=staff("lead", "park"))
    same = life.answer(yes=True, at=RESULTS + DAY, by=staff("city", "park"))

    assert (task.needs, task.not_by) == (("lead", "city"), ("kim",))
    assert {verdict(each) for each in (own, same)} == {("rejected", "needs_another_person")}
    assert life.stage == "supplement_proposed"


def test_one_no_hands_nothing_over() -> None:
    life = published("", "")
    before = life.subject.model_copy(update={"proposed_by": "kim", "fresh": {}})
    proposed(life)

    refused = life.answer(yes=False, at=RESULTS + DAY, by=LEAD)

    assert (life.stage, life.subject, sent(refused)) == ("published", before, [])


@pytest.mark.parametrize(
    ("life", "order", "calendar"),
    [
        (lambda: published("", "", ""), "kept", SUPPLEMENT),
        (lambda: published("", "", "", ""), "kept", SUPPLEMENT),
        (lambda: published("", "", "", ""), "merged", SUPPLEMENT),
        (lambda: published("", ""), "kept", SUPPLEMENT.model_copy(update={"version": 1})),
    ],
    ids=["every seat is held", "somebody waits", "merged, but no seat", "no newer version"],
)
def test_a_supplementary_round_without_a_seat_to_give_is_not_put_to_anybody(
    life: Any, order: str, calendar: Calendar
) -> None:
    round_ = life()
    before = round_.subject

    proposed(round_, order, calendar)

    assert (round_.stage, round_.subject) == ("published", before)


# ---- the seats go over


def test_the_free_seats_go_over_in_one_entry_with_letting_go_of_them() -> None:
    life = published("", "", capacity=5)

    entry = handed_over(life)

    (plan,) = orders(entry)
    event = RoundPlanned.model_validate(plan.data)
    assert (life.stage, life.subject.capacity, life.subject.given, life.subject.free) == ("supplemented", 2, 3, 0)
    assert (plan.case, plan.type, event.calendar, event.terms.capacity) == (NEXT, "RoundPlanned", SUPPLEMENT, 3)
    assert (event.cohort, event.programme, event.terms.waitlist) == ("2027", "ai", TERMS.waitlist)


def test_the_supplementary_round_opens_with_those_seats_and_by_its_own_dates() -> None:
    (plan,) = orders(handed_over(published("", "", capacity=5)))

    life = Life(NEXT)
    life.hear(plan)

    assert (life.stage, life.subject.capacity, life.case.timers["planned.applications_open"].due) == (
        "planned",
        3,
        SUPPLEMENT.applications_open,
    )


def test_offers_that_are_open_stay_with_this_round() -> None:
    life = published("", "", capacity=5)
    handed_over(life)

    life.tell(SeatTaken(application=A), RESULTS + DAY + HOUR)

    assert (list(life.subject.offers), life.subject.taken, life.subject.capacity) == ([B], (A,), 2)


def test_a_seat_that_comes_free_later_is_passed_on() -> None:
    life = published("", "", capacity=5)
    handed_over(life)

    freed = life.tell(SeatReturned(application=A, why="declined", returns=1), RESULTS + 2 * DAY)
    taken = life.tell(SeatTaken(application=B), RESULTS + 2 * DAY)
    again = life.tell(SeatReturned(application=A, why="declined", returns=1), RESULTS + 2 * DAY, name="again")

    assert [(each.case, each.data) for each in orders(freed)] == [(NEXT, {"seats": 1, "groups": {}})]
    assert (orders(taken), orders(again)) == ([], [])
    assert (life.subject.capacity, life.subject.given, life.subject.free) == (1, 4, 0)


def test_a_seat_that_is_passed_on_takes_its_share_of_the_quotas_along() -> None:
    quotas = (
        Quota(field="university", value="전남", minimum=1, maximum=4),
        Quota(field="university", value="조선", maximum=2),
    )
    here = published("전남", "전남", capacity=5, quotas=quotas)
    (plan,) = orders(handed_over(here))
    there = Life(NEXT)
    there.hear(plan)

    freed = here.tell(SeatReturned(application=A, why="declined", returns=1), RESULTS + 2 * DAY)
    (passed_on,) = orders(freed)
    there.hear(passed_on)

    assert (passed_on.case, passed_on.data) == (NEXT, {"seats": 1, "groups": {"university": "전남"}})
    assert [[quota.maximum for quota in life.subject.selection.quotas] for life in (here, there)] == [[1, 0], [3, 2]]
    assert [quota.minimum for quota in there.subject.selection.quotas] == [0, 0]
    assert (here.subject.capacity, there.subject.capacity) == (1, 4)


def test_a_seat_of_nobodys_group_moves_no_share() -> None:
    quotas = (Quota(field="university", value="전남", maximum=2), Quota(field="university", value="조선", minimum=1))
    here = published("", "전남", capacity=4, quotas=quotas)
    (plan,) = orders(handed_over(here))
    there = Life(NEXT)
    there.hear(plan)

    there.hear(*orders(here.tell(SeatReturned(application=A, why="declined", returns=1), RESULTS + 2 * DAY)))

    assert [[quota.maximum for quota in life.subject.selection.quotas] for life in (here, there)] == [
        [1, None],
        [1, None],
    ]


def test_seats_that_come_after_the_approval_send_the_list_back_to_be_approved_for_them() -> None:
    ranking = a_ranking("", "", "", "")
    life = closed(ranking)
    life.tell(RankingFrozen(ranking=Fact(fact_id_of(ranking))), CLOSE + DAY, by=KIM)
    life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff("operator"))
    life.tell(SeatsMoved(seats=1), CLOSE + 2 * DAY)
    (during,) = life.case.tasks
    for role in ("operator", "university", "city"):
        life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff(role))
    stage = life.stage

    life.tell(SeatsMoved(seats=1), CLOSE + 3 * DAY)

    (after,) = life.case.tasks
    assert (during.approved_by, stage, life.stage, life.subject.capacity) == ((), "approved", "decided", 4)
    assert (after.needs, after.approved_by, after.id == during.id) == (("operator", "university", "city"), (), False)


def test_a_claim_comes_before_the_supplementary_round() -> None:
    life = published("", "", capacity=5)
    handed_over(life)
    life.tell(SeatClaimed(application=C), RESULTS + 2 * DAY)

    freed = life.tell(SeatReturned(application=A, why="declined", returns=1), RESULTS + 3 * DAY)

    assert sent(freed) == [f"OfferMade to {C}"]
    assert (life.subject.capacity, life.subject.free) == (2, 0)


@pytest.mark.parametrize("stage", ["planned", "open", "closed", "screening", "decided", "approved", "published"])
def test_a_seat_that_is_passed_on_is_kept_however_early_it_comes(stage: str) -> None:
    ranking = a_ranking("", "", "", "")
    life = planned(ranking)
    frozen = RankingFrozen(ranking=Fact(fact_id_of(ranking)))

    def approve() -> None:
        for role in ("operator", "university", "city"):
            life.answer(yes=True, at=CLOSE + 2 * DAY, by=staff(role))

    steps = {
        "open": life.ring,
        "closed": life.ring,
        "screening": lambda: life.tell(ReviewersNamed(pool=Fact(fact_id_of(POOL))), CLOSE + HOUR, by=KIM),
        "decided": lambda: life.tell(frozen, CLOSE + DAY, by=KIM),
        "approved": approve,
        "published": lambda: life.ring("approved.results_at"),
    }
    for name, step in steps.items():
        if life.stage == stage:
            life.tell(SeatsMoved(seats=1), life.case.arrived_at + HOUR)
            if stage == "approved":
                assert life.stage == "decided"
                approve()
        step()
        assert life.stage == name
    if stage == "published":
        life.tell(SeatsMoved(seats=1), RESULTS + HOUR)

    assert (life.subject.capacity, list(life.subject.offers), life.subject.waiting) == (3, [A, B, C], (4,))
    assert len(life.case.parked) == 0


# ---- kept or merged


def test_kept_nobody_is_moved() -> None:
    entry = handed_over(published("", "", capacity=5), "kept")

    assert sent(entry) == [f"RoundPlanned to {NEXT}"]


def test_merged_whoever_waits_is_ranked_anew_there() -> None:
    # Two of four are of a full group, so that a seat is free while they wait.
    quotas = (Quota(field="university", value="전남", maximum=1),)
    life = published("전남", "전남", "전남", "조선", capacity=3, quotas=quotas)
    waiting = life.subject.waiting

    entry = handed_over(life, "merged")

    assert (waiting, life.subject.waiting, life.subject.merged) == ((2, 3), (), (2, 3))
    assert sent(entry) == [f"RoundPlanned to {NEXT}", f"RoundMerged to {B}", f"RoundMerged to {C}"]
    assert (life.subject.capacity, life.subject.given) == (2, 1)


def test_merged_a_seat_that_comes_free_goes_over_and_to_nobody_here() -> None:
    quotas = (Quota(field="university", value="전남", maximum=1),)
    life = published("전남", "전남", "전남", "조선", capacity=3, quotas=quotas)
    handed_over(life, "merged")

    freed = life.tell(SeatReturned(application=A, why="declined", returns=1), RESULTS + 2 * DAY)

    assert sent(freed) == [f"SeatsMoved to {NEXT}"]


# ---- quotas


def test_quotas_are_split_so_that_both_rounds_together_keep_them() -> None:
    quotas = (
        Quota(field="university", value="전남", minimum=3, maximum=4),
        Quota(field="university", value="조선", minimum=1),
        Quota(field="university", value="호남", minimum=2, maximum=2),
    )
    life = published("전남", "전남", "조선", capacity=8, quotas=quotas)

    entry = handed_over(life)

    (plan,) = orders(entry)
    event = RoundPlanned.model_validate(plan.data)
    assert life.subject.selection.quotas == (
        Quota(field="university", value="전남", minimum=3, maximum=2),
        Quota(field="university", value="조선", minimum=1),
        Quota(field="university", value="호남", minimum=2, maximum=0),
    )
    assert event.selection.quotas == (
        Quota(field="university", value="전남", minimum=1, maximum=2),
        Quota(field="university", value="조선", minimum=0),
        Quota(field="university", value="호남", minimum=2, maximum=2),
    )


NAMES = st.sampled_from(["전남", "조선", ""])
LATER_EVENTS = st.lists(st.tuples(st.sampled_from(["returned", "taken", "claimed"]), st.integers(1, 6)), max_size=12)


@settings(max_examples=150)
@given(
    st.lists(NAMES, min_size=1, max_size=6),
    st.integers(1, 8),
    st.one_of(st.none(), st.integers(0, 3)),
    st.sampled_from(["kept", "merged"]),
    LATER_EVENTS,
)
def test_a_seat_is_never_in_both_rounds_and_no_maximum_is_passed_by_both_together(
    universities: list[str], capacity: int, maximum: int | None, order: str, later: list[tuple[str, int]]
) -> None:
    quotas = (Quota(field="university", value="전남", maximum=maximum),)
    life = published(*universities, capacity=capacity, quotas=quotas)
    proposed(life, order)
    if life.stage == "supplement_proposed":
        for actor in (LEAD, CITY):
            life.answer(yes=True, at=RESULTS + DAY, by=actor)
    for number, (what, place) in enumerate(later):
        application = CaseId(f"application-{place}")
        event = {
            "returned": SeatReturned(application=application, why="declined", returns=number + 1),
            "taken": SeatTaken(application=application),
            "claimed": SeatClaimed(application=application, returns=number + 1),
        }[what]
        life.tell(event, RESULTS + 2 * DAY + number * HOUR)

    messages = [message for entry in life.entries for message in orders(entry) if message.case == NEXT]
    plans = [RoundPlanned.model_validate(each.data) for each in messages if each.type == "RoundPlanned"]
    went = sum(plan.terms.capacity for plan in plans) + sum(
        each.data["seats"] for each in messages if each.type == "SeatsMoved"
    )
    round_ = life.subject
    held = [CaseId(each) for each in (*round_.offers, *round_.taken)]
    assert round_.capacity + went == capacity
    assert len(held) == len(set(held)) <= round_.capacity
    if plans and maximum is not None:
        here = sum(
            universities[int(each.split("-")[1]) - 1] == "전남"
            for each in held
            if int(each.split("-")[1]) <= len(universities)
        )
        next_ = Life(NEXT)
        for message in messages:
            next_.hear(message)
        (there,), (left,) = next_.subject.selection.quotas, round_.selection.quotas
        assert here + there.maximum <= maximum
        assert left.maximum + there.maximum == maximum
        assert next_.subject.capacity == went


# ---- where several cases talk


@pytest.fixture
def office(embedded: Embedded) -> Office:
    return Office(embedded, terms=TERMS.model_copy(update={"capacity": 3}))


def test_whoever_applies_after_an_extension_is_ranked_with_the_others(office: Office) -> None:
    office.plan()
    early = office.hand_in(1)
    office.until(CLOSE + HOUR)
    office.tell(ROUND, ExtensionProposed(calendar=LATER), by=KIM)
    for actor in (LEAD, CITY):
        office.answer(ROUND, yes=True, by=actor)
    spread_calendar(ROUND, OPERATOR, office.ports)
    office.settle()

    late = office.hand_in(2)
    office.until(LATER.applications_close + HOUR)
    office.score([late, early])
    ranking, _ = rank(ROUND, OPERATOR, office.ports)

    assert stages(office, [early, late]) == ["eligible", "eligible"]
    assert [each.application for each in ranking.entries] == [late, early]
    assert {office.case(each).data["calendar"]["version"] for each in (early, late, ROUND)} == {2}


def supplemented(office: Office, order: Any, applicants: int) -> list[CaseId]:
    """Recruit, let the second decline, and hand what is free over to a supplementary round."""
    cases = office.recruit(applicants)
    office.tell(cases[1], OfferDeclined(), by=applicant(office.case(cases[1])))
    office.tell(ROUND, SupplementProposed(supplement=NEXT, calendar=SUPPLEMENT, order=order), by=KIM)
    for actor in (LEAD, CITY):
        office.answer(ROUND, yes=True, by=actor)
    return cases


def test_a_supplementary_round_recruits_for_what_is_left(office: Office) -> None:
    first = supplemented(office, "kept", 2)
    office.accept(first[0])
    office.until(SUPPLEMENT.applications_open + HOUR)

    seats = [office.case(each).data for each in (ROUND, NEXT)]

    assert (office.stage(ROUND), office.stage(NEXT)) == ("supplemented", "open")
    assert (seats[0]["given"], seats[1]["terms"]["capacity"]) == (2, 2)
    assert seats[0]["taken"] == [first[0]]


def test_merged_those_who_waited_are_told_and_ranked_in_the_supplementary_round(embedded: Embedded) -> None:
    quotas = (Quota(field="university", value="전남대학교", maximum=2),)
    office = Office(embedded, terms=TERMS.model_copy(update={"capacity": 3}), selection=Selection(quotas=quotas))
    cases = office.recruit(4)
    for case in cases[:2]:
        office.accept(case)

    office.tell(ROUND, SupplementProposed(supplement=NEXT, calendar=SUPPLEMENT, order="merged"), by=KIM)
    for actor in (LEAD, CITY):
        office.answer(ROUND, yes=True, by=actor)
    office.until(SUPPLEMENT.applications_close + HOUR)
    ranking, _ = rank(NEXT, OPERATOR, office.ports)

    assert stages(office, cases) == ["accepted", "accepted", "eligible", "eligible"]
    assert {office.case(each).round for each in cases[2:]} == {NEXT}
    assert [each.application for each in ranking.entries] == cases[2:]
    assert office.notices()["WaitlistMoved"] == 2
