"""A round that has too few: a later close."""

from typing import Any

import pytest

from schemas.cohort import Calendar
from schemas.events.engine import CalendarMoved
from schemas.events.round import (
    ExtensionProposed,
    ReviewersNamed,
)
from schemas.facts import Fact, fact_id_of
from tests.support.cohort import CALENDAR, DAY, moved
from tests.support.life import Life, staff, verdict
from tests.support.reopening import CITY, CLOSE, KIM, LATER, LEAD, POOL, RESULTS, closed


def extension_proposed() -> Life:
    life = closed()
    life.tell(ExtensionProposed(calendar=LATER), CLOSE + DAY, by=KIM)
    return life


def test_an_extension_is_put_to_the_lead_and_the_city_and_nothing_moves_yet() -> None:
    life = extension_proposed()

    (task,) = life.case.tasks
    assert (life.stage, task.needs, task.not_by) == ("extension_proposed", ("lead", "city"), ("kim",))
    assert life.subject.calendar == CALENDAR


def test_an_extension_needs_two_people_other_than_who_proposed_it() -> None:
    life = extension_proposed()

    own = [life.answer(yes=True, at=CLOSE + DAY, by=staff(role, "kim"), name=role) for role in ("lead", "city")]
    one = life.answer(yes=True, at=CLOSE + DAY, by=staff("lead", "park"))
    same = life.answer(yes=True, at=CLOSE + DAY, by=staff("city", "park"))
    with_one = life.stage
    two = life.answer(yes=True, at=CLOSE + DAY, by=staff("city", "choi"))

    assert [verdict(each) for each in (*own, one, same, two)] == [
        ("rejected", "needs_another_person"),
        ("rejected", "needs_another_person"),
        ("applied", ""),
        ("rejected", "needs_another_person"),
        ("applied", ""),
    ]
    assert (with_one, life.stage) == ("extension_proposed", "open")


def test_an_extension_that_is_approved_opens_the_round_until_the_later_close() -> None:
    life = extension_proposed()
    for actor in (LEAD, CITY):
        life.answer(yes=True, at=CLOSE + DAY, by=actor)

    shut = life.ring()

    assert (life.stage, life.subject.calendar, life.subject.proposal) == ("closed", LATER, None)
    assert shut.message.at == LATER.applications_close


def test_one_no_keeps_the_close() -> None:
    life = extension_proposed()

    life.answer(yes=False, at=CLOSE + DAY, by=CITY)

    assert (life.stage, life.subject.calendar, life.subject.proposal) == ("closed", CALENDAR, None)


@pytest.mark.parametrize(
    "calendar",
    [
        moved(1, applications_close=CLOSE + 5 * DAY),
        moved(2),
        moved(2, applications_close=CLOSE - DAY),
        moved(2, applications_close=CLOSE + DAY),
    ],
    ids=["no newer version", "the same close", "an earlier close", "a close that is over"],
)
def test_a_calendar_that_extends_nothing_is_not_put_to_anybody(calendar: Calendar) -> None:
    life = closed()
    before = life.subject

    life.tell(ExtensionProposed(calendar=calendar), CLOSE + DAY, by=KIM)

    assert (life.stage, life.subject) == ("closed", before)


def test_newer_dates_that_came_meanwhile_are_not_undone_by_the_approval() -> None:
    life = extension_proposed()
    newest = moved(3, results_at=RESULTS + DAY)
    life.tell(CalendarMoved(calendar=newest), CLOSE + DAY)

    for actor in (LEAD, CITY):
        life.answer(yes=True, at=CLOSE + 2 * DAY, by=actor)

    assert (life.stage, life.subject.calendar) == ("open", newest)


@pytest.mark.parametrize(
    "dates", [{"applications_close": CLOSE + 9 * DAY}, {"results_at": RESULTS - DAY}], ids=["close", "results"]
)
def test_a_moved_calendar_does_not_get_around_the_approval(dates: dict[str, Any]) -> None:
    life = extension_proposed()
    life.tell(CalendarMoved(calendar=moved(3, **dates)), CLOSE + DAY, by=KIM)
    before = life.subject.calendar

    for actor in (LEAD, CITY):
        life.answer(yes=True, at=CLOSE + 2 * DAY, by=actor)

    assert (before, life.stage, life.subject.calendar) == (CALENDAR, "open", LATER)


def test_reviewers_are_named_after_the_close_and_may_be_named_anew() -> None:
    life = closed()

    life.tell(ReviewersNamed(pool=Fact(fact_id_of(POOL))), CLOSE + DAY, by=KIM)

    assert (life.stage, life.subject.pool) == ("screening", Fact(fact_id_of(POOL)))
