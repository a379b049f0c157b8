"""Seminars and forums for companies: the seats of one, and a registration for it."""

from pathlib import Path

import pytest

from schemas.events.forum import (
    ForumAttended,
    ForumCancelled,
    ForumPlanned,
    ForumRegistered,
    ForumSeatGiven,
    ForumSeatQueued,
    ForumSeatReturned,
    ForumSeatWanted,
)
from schemas.forum import Attends
from schemas.ids import CaseId, PersonId
from tests.support.cohort import DAY, GRACE, HOUR, kst
from tests.support.life import Life, sent, told

HELD = kst("2027-06-15 14:00")
CAME = HELD - 20 * DAY
FIRST, SECOND, THIRD = (CaseId(f"registration-{number}") for number in (1, 2, 3))
NAMES = {"programme": "ai", "name_ko": "AI 인재 포럼", "name_en": "Forum of AI Talent"}


def forum(capacity: int) -> Life:
    life = Life("forum-1")
    dates = {"opens_at": HELD - 30 * DAY, "closes_at": HELD - DAY, "held_at": HELD}
    life.tell(ForumPlanned(capacity=capacity, **NAMES, **dates), HELD - 40 * DAY)
    return life


def wants(life: Life, registration: CaseId) -> list[str]:
    return sent(life.tell(ForumSeatWanted(registration=registration), CAME))


def returns(life: Life, registration: CaseId) -> list[str]:
    return sent(life.tell(ForumSeatReturned(registration=registration), CAME + HOUR))


def registered(attends: Attends = "on_site") -> Life:
    life = Life("registration-1")
    event = ForumRegistered(
        person=PersonId("p"), forum=CaseId("forum-1"), held_at=HELD, attends=attends, answers="a", **NAMES
    )
    life.tell(event, CAME)
    return life


# ---- the forum


def test_seats_go_to_whoever_asks_first_and_the_others_wait_in_order() -> None:
    life = forum(1)

    heard = [wants(life, each) for each in (FIRST, SECOND, THIRD)]

    assert heard == [[f"ForumSeatGiven to {FIRST}"], [f"ForumSeatQueued to {SECOND}"], [f"ForumSeatQueued to {THIRD}"]]
    assert [effect.targets for effect in life.entries[-1].effects] == [{THIRD: {"position": 2}}]


def test_who_asks_twice_has_one_seat() -> None:
    life = forum(2)
    wants(life, FIRST)

    assert wants(life, FIRST) == []
    assert life.subject.seated == (FIRST,)


def test_a_seat_that_comes_free_goes_to_whoever_waits_longest() -> None:
    life = forum(1)
    for each in (FIRST, SECOND, THIRD):
        wants(life, each)

    heard = returns(life, FIRST)

    assert heard == [f"ForumSeatGiven to {SECOND}"]
    assert (life.subject.seated, life.subject.waiting) == ((SECOND,), (THIRD,))


def test_who_leaves_the_waitlist_frees_no_seat() -> None:
    life = forum(1)
    for each in (FIRST, SECOND):
        wants(life, each)

    assert returns(life, SECOND) == []
    assert (life.subject.seated, life.subject.waiting) == ((FIRST,), ())


def test_after_the_forum_no_seat_is_handed_on() -> None:
    life = forum(1)
    for each in (FIRST, SECOND):
        wants(life, each)
    life.ring()

    assert returns(life, FIRST) == []
    assert life.stage == "held"


# ---- a registration


def test_a_registration_asks_its_forum_for_a_seat_and_is_confirmed() -> None:
    life = registered()

    confirmed = told(life.tell(ForumSeatGiven(), CAME + HOUR))

    assert sent(life.entries[0]) == ["ForumSeatWanted to forum-1"]
    assert (confirmed, life.stage) == (["applicant: ForumConfirmed"], "confirmed")


def test_taking_part_online_needs_no_seat() -> None:
    life = registered("online")

    assert (life.stage, sent(life.entries[0])) == ("confirmed", [])


def test_who_finds_no_seat_waits_and_is_confirmed_when_one_comes_free() -> None:
    life = registered()

    waits = life.tell(ForumSeatQueued(position=4), CAME + HOUR)
    given = life.tell(ForumSeatGiven(), CAME + DAY)

    assert told(waits) == ["applicant: ForumWaitlisted"]
    assert waits.effects[0].data["position"] == 4
    assert told(given) == ["applicant: ForumConfirmed"]


def test_a_day_before_everybody_is_reminded_and_who_came_is_noted() -> None:
    life = registered()
    life.tell(ForumSeatGiven(), CAME + HOUR)

    reminded = life.ring()
    life.tell(ForumAttended(), HELD + HOUR)

    assert (told(reminded), reminded.heard_at) == (["applicant: ForumReminder"], HELD - DAY + GRACE)
    assert life.stage == "attended"


def test_who_did_not_come_is_no_show_two_days_later() -> None:
    life = registered("online")

    life.ring()
    life.ring()

    assert (life.stage, life.entries[-1].heard_at) == ("no_show", HELD + 2 * DAY + GRACE)


def test_who_still_waits_when_it_begins_is_told_that_no_seat_came_free() -> None:
    life = registered()
    life.tell(ForumSeatQueued(position=1), CAME + HOUR)

    assert told(life.ring()) == ["applicant: ForumFull"]
    assert life.stage == "turned_away"


@pytest.mark.parametrize("is_waiting", [True, False])
def test_who_cancels_gives_the_seat_back_and_one_that_comes_too_late_as_well(*, is_waiting: bool) -> None:
    life = registered()
    life.tell(ForumSeatQueued(position=1) if is_waiting else ForumSeatGiven(), CAME + HOUR)

    cancelled = life.tell(ForumCancelled(), CAME + DAY)
    late = life.tell(ForumSeatGiven(), CAME + 2 * DAY)

    assert (life.stage, told(cancelled)) == ("cancelled", ["applicant: ForumCancellationReceived"])
    assert sent(cancelled) == sent(late) == ["ForumSeatReturned to forum-1"]


def test_every_way_folds() -> None:
    life = registered()
    life.tell(ForumSeatQueued(position=1), CAME + HOUR)
    life.tell(ForumSeatGiven(), CAME + DAY)
    life.ring()
    life.ring()

    assert (life.stage, life.fold()) == ("no_show", life.case)


def test_the_engine_knows_nothing_of_forums() -> None:
    engine = Path(__file__).resolve().parents[2] / "workflows" / "engine"

    said = [path.name for path in engine.glob("*.py") if "forum" in path.read_text(encoding="utf-8").lower()]

    assert said == []
