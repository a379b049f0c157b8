"""Interviews: slots with places, and what becomes of them when applications leave."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import Event
from schemas.events.application import AppealUpheld, ApplicationWithdrew, EnrolmentChecked
from schemas.events.engine import CalendarMoved
from schemas.events.interviews import (
    InterviewChosen,
    InterviewReopened,
    InterviewsPlanned,
    SlotReturned,
    SlotWanted,
)
from schemas.ids import CaseId
from schemas.messages import Actor, Entry, Message
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TICK, moved
from tests.support.interviewing import (
    BEGINS,
    CHOOSE_BY,
    FIRST,
    INTERVIEWS,
    INVITED,
    LEE,
    OPERATOR,
    SECOND,
    SLOTS,
    booked,
    chooses,
    eligible,
    gets,
    invited,
)
from tests.support.life import Life, sent, told, verdict
from workflows.engine.history import messages_of

PLANNED = InterviewsPlanned(round=CaseId("round-1"), cohort="2027", calendar=CALENDAR, slots=SLOTS)

ANA, BEN, EVA = (CaseId(name) for name in ("ana", "ben", "eva"))


# ---- the slots


def booking() -> Life:
    life = Life(INTERVIEWS)
    life.tell(PLANNED, BEGINS, by=OPERATOR)
    return life


def wants(life: Life, application: CaseId, slot: str, wish: int = 1, *, at: datetime = BEGINS + HOUR) -> Entry:
    return life.tell(SlotWanted(application=application, slot=slot, wish=wish), at)


def leaves(life: Life, application: CaseId, wish: int, *, at: datetime = BEGINS + HOUR) -> Entry:
    return life.tell(SlotReturned(application=application, wish=wish), at)


def test_a_slot_goes_to_whoever_asks_first_and_the_next_is_refused() -> None:
    life = booking()

    given_, refused = wants(life, ANA, "mon"), wants(life, BEN, "mon")

    assert (sent(given_), sent(refused)) == (["SlotGiven to ana"], ["SlotFull to ben"])
    own = {"slot": "mon", "interview_at": SLOTS[0].model_dump(mode="json")["at"], "minutes": 20, "wish": 1}
    assert (given_.effects[0].targets, refused.effects[0].targets) == ({ANA: own}, {BEN: {"wish": 1}})
    assert life.subject.booked == {ANA: "mon"}


def test_a_slot_with_two_places_takes_two() -> None:
    life = booking()

    for application in (ANA, BEN, EVA):
        wants(life, application, "tue")

    assert life.subject.booked == {ANA: "tue", BEN: "tue"}


def test_another_slot_frees_the_one_before_and_a_refused_change_keeps_it() -> None:
    life = booking()
    wants(life, ANA, "mon")
    wants(life, BEN, "tue")

    refused = wants(life, BEN, "mon", 2)
    wants(life, ANA, "tue", 2)
    given_ = wants(life, BEN, "mon", 3)

    assert (sent(refused), sent(given_)) == (["SlotFull to ben"], ["SlotGiven to ben"])
    assert life.subject.booked == {ANA: "tue", BEN: "mon"}


def test_whoever_comes_back_to_the_time_they_have_finds_their_own_place_free() -> None:
    life = booking()
    wants(life, ANA, "mon")

    again = wants(life, ANA, "mon", 3)

    assert sent(again) == ["SlotGiven to ana"]
    assert life.subject.booked == {ANA: "mon"}


def test_a_wish_that_is_heard_again_or_after_a_newer_one_changes_nothing() -> None:
    life = booking()
    wants(life, ANA, "tue", 2)

    heard = [wants(life, ANA, "mon", 1), wants(life, ANA, "tue", 2), leaves(life, ANA, 1)]

    assert [(verdict(entry), entry.effects) for entry in heard] == [(("applied", ""), ())] * 3
    assert (life.subject.booked, life.subject.wishes) == ({ANA: "tue"}, {ANA: 2})


def test_a_refusal_counts_too_so_that_an_older_wish_is_not_met_after_it() -> None:
    life = booking()
    wants(life, BEN, "mon")
    wants(life, ANA, "mon", 2)

    wants(life, ANA, "tue", 1)

    assert life.subject.booked == {BEN: "mon"}


def test_whoever_leaves_frees_the_slot_and_a_wish_that_was_on_its_way_is_not_met_any_more() -> None:
    life = booking()
    wants(life, ANA, "mon")

    leaves(life, ANA, 3)
    overtaken = wants(life, ANA, "tue", 2)
    given_ = wants(life, BEN, "mon")

    assert (sent(overtaken), sent(given_)) == ([], ["SlotGiven to ben"])
    assert life.subject.booked == {BEN: "mon"}


def test_whoever_leaves_after_the_interview_was_interviewed_all_the_same() -> None:
    life = booking()
    wants(life, ANA, "mon")

    leaves(life, ANA, 2, at=FIRST)

    assert life.subject.booked == {ANA: "mon"}


@pytest.mark.parametrize(
    ("slot", "at", "event"),
    [
        ("mon", FIRST - TICK, "SlotGiven"),
        ("mon", FIRST, "SlotFull"),
        ("no-such-slot", BEGINS + HOUR, "SlotFull"),
    ],
)
def test_a_slot_that_has_begun_or_is_none_cannot_be_had(slot: str, at: datetime, event: str) -> None:
    assert sent(wants(booking(), ANA, slot, at=at)) == [f"{event} to ana"]


def test_after_the_last_interview_has_begun_every_wish_is_refused() -> None:
    life = booking()
    between = wants(life, ANA, "tue", at=SECOND + MINUTE)

    rung = life.ring()
    later = wants(life, BEN, "mon", at=SECOND + DAY)

    assert (life.stage, life.case.is_final, rung.heard_at) == ("over", True, SECOND + GRACE)
    assert verdict(between) == ("parked", "deadline_passed: booking.last_interview")
    assert (sent(rung), sent(later)) == (["SlotFull to ana"], ["SlotFull to ben"])
    assert life.subject.booked == {}


def test_moved_dates_of_the_cohort_move_no_slot() -> None:
    life = booking()

    life.tell(CalendarMoved(calendar=moved(2, results_at=CALENDAR.results_at + DAY)), BEGINS + HOUR, by=OPERATOR)

    assert (life.subject.calendar.version, life.subject.slots) == (2, SLOTS)


WISHES = st.lists(st.tuples(st.sampled_from([ANA, BEN, EVA]), st.sampled_from(["mon", "tue", "no", ""])), max_size=12)


@given(st.data())
def test_whatever_order_wishes_come_in_no_slot_is_overbooked_and_the_last_answer_is_what_the_case_says(
    data: st.DataObject,
) -> None:
    numbers: Counter[CaseId] = Counter()
    events: list[Event] = []
    for application, slot in data.draw(WISHES):
        numbers[application] += 1
        wish = numbers[application]
        is_wish = bool(slot)
        events.append(
            SlotWanted(application=application, slot=slot, wish=wish)
            if is_wish
            else SlotReturned(application=application, wish=wish)
        )
    repeats = data.draw(st.lists(st.sampled_from(events), max_size=6)) if events else []
    life, answered, has = booking(), Counter[CaseId](), dict[CaseId, str]()

    for event in data.draw(st.permutations([*events, *repeats])):
        entry = life.tell(event, BEGINS + HOUR)
        (application, wish) = (event.application, event.wish)  # type: ignore[attr-defined]
        if wish > answered[application]:
            answered[application] = wish
            if isinstance(event, SlotReturned):
                has.pop(application, None)
            elif sent(entry) == [f"SlotGiven to {application}"]:
                has[application] = event.slot  # type: ignore[attr-defined]
            else:
                assert sent(entry) == [f"SlotFull to {application}"]
        else:
            assert entry.effects == ()
        assert life.subject.booked == has
        assert all(Counter(has.values())[slot.id] <= slot.places for slot in SLOTS)
    assert {each: wish for each, wish in answered.items() if wish} == {each: n for each, n in numbers.items() if n}
    assert life.fold() == life.case


# ---- leaving the round


def test_whoever_withdraws_gives_the_slot_back_with_a_number_above_every_wish() -> None:
    life, waiting = booked(), invited()
    chooses(waiting, "mon")

    gone = [each.tell(ApplicationWithdrew(), BEGINS + 2 * HOUR) for each in (life, waiting)]

    for entry in gone:
        assert sent(entry) == ["SeatReturned to round-1", "SlotReturned to interviews-1"]
        assert entry.effects[1].targets == {INTERVIEWS: {"application": "application-1", "wish": 2}}


def test_whoever_chose_nothing_gives_nothing_back() -> None:
    gone = [life.tell(ApplicationWithdrew(), BEGINS + 2 * HOUR) for life in (eligible(), invited())]

    assert [sent(entry) for entry in gone] == [["SeatReturned to round-1"]] * 2


def test_whoever_is_found_not_eligible_gives_the_slot_back_and_begins_anew_if_restored() -> None:
    life = booked()
    life.tell(EnrolmentChecked(is_enrolled=False), BEGINS + 2 * HOUR, by=OPERATOR)

    ruled = life.answer(yes=True, at=BEGINS + 3 * HOUR, by=LEE)
    stale = gets(life, SLOTS[1], 1, at=BEGINS + 3 * HOUR)
    life.tell(AppealUpheld(appeal=CaseId("appeal-1")), BEGINS + 4 * HOUR)
    restored = life.subject.interview
    life.tell(INVITED, BEGINS + 5 * HOUR, by=OPERATOR)
    choice = chooses(life, "tue", BEGINS + 6 * HOUR)

    assert sent(ruled) == ["SeatReturned to round-1", "SlotReturned to interviews-1"]
    assert (verdict(stale), stale.effects, life.case.parked) == (("applied", ""), (), ())
    assert (life.stage, restored.slot, restored.wish) == ("eligible", "", 2)
    assert choice.effects[0].targets[INTERVIEWS] == {"application": "application-1", "slot": "tue", "wish": 3}


def test_a_slot_is_kept_while_a_human_looks_and_no_second_letter_comes_after_the_interview() -> None:
    life = booked()
    life.ring("eligible.choose_by")
    life.ring("eligible.interview_at-1d")
    life.tell(EnrolmentChecked(is_enrolled=False), FIRST + HOUR, by=OPERATOR)

    life.answer(yes=False, at=FIRST + 2 * HOUR, by=LEE)
    rung = [life.ring(key, FIRST + 2 * HOUR) for key in ("eligible.choose_by", "eligible.interview_at-1d")]

    assert (life.stage, life.subject.interview.slot) == ("eligible", "mon")
    assert [told(entry) for entry in rung] == [[], []]
    assert life.fold() == life.case


# ---- all of them together


@dataclass
class Network:
    """Some applications and their interviews, and the messages between them, which arrive in any order and again."""

    lives: dict[CaseId, Life]
    now: datetime = BEGINS
    flying: list[Message] = field(default_factory=list)
    heard: set[tuple[str, str]] = field(default_factory=set)

    def tell(self, case: CaseId, event: Event) -> None:
        self.now += MINUTE
        entry = self.lives[case].tell(event, self.now)
        self.flying += messages_of(entry, case)

    def deliver(self, place: int, *, again: bool) -> None:
        message = self.flying[place] if again else self.flying.pop(place)
        life = self.lives.get(message.case)
        if life is None or (message.case, message.id) in self.heard:
            return
        self.heard.add((message.case, message.id))
        self.flying += messages_of(life.hear(message, self.now), message.case)


def _acts(data: st.DataObject) -> tuple[CaseId, Event]:
    events: list[Any] = [InterviewChosen(slot="mon"), InterviewChosen(slot="tue")] * 3
    events += [INVITED, ApplicationWithdrew(), InterviewReopened(choose_by=CHOOSE_BY)]
    return data.draw(st.sampled_from([ANA, BEN, EVA])), data.draw(st.sampled_from(events))


@given(st.data())
def test_once_every_message_has_come_an_application_has_what_the_interviews_say(data: st.DataObject) -> None:
    network = Network({INTERVIEWS: booking(), **{name: invited(name) for name in (ANA, BEN, EVA)}})

    for _ in range(data.draw(st.integers(5, 30))):
        if network.flying and data.draw(st.booleans()):
            network.deliver(data.draw(st.integers(0, len(network.flying) - 1)), again=data.draw(st.booleans()))
        else:
            network.tell(*_acts(data))
        owner = network.lives[INTERVIEWS].subject
        assert all(Counter(owner.booked.values())[slot.id] <= slot.places for slot in SLOTS)
    while network.flying:
        network.deliver(data.draw(st.integers(0, len(network.flying) - 1)), again=False)

    booked_ = network.lives[INTERVIEWS].subject.booked
    still_there = [name for name in (ANA, BEN, EVA) if network.lives[name].stage == "eligible"]
    assert {name: slot for name in still_there if (slot := network.lives[name].subject.interview.slot)} == booked_
    for name in still_there:
        assert network.lives[name].subject.interview.wanted == ""
        wishes = [entry for entry in network.lives[name].entries if sent(entry) == ["SlotWanted to interviews-1"]]
        answers = [each for each in told_of(network.lives[name]) if each == "applicant: InterviewSlotFull"]
        assert len(wishes) - len(answers) <= 4


def told_of(life: Life) -> list[str]:
    return [each for entry in life.entries for each in told(entry)]


def test_a_system_without_repeats_needs_no_more_than_the_three_messages_of_a_booking() -> None:
    network = Network({INTERVIEWS: booking(), ANA: invited(ANA)})

    network.tell(ANA, InterviewChosen(slot="mon"))
    network.deliver(0, again=False)
    network.deliver(0, again=False)

    assert network.flying == []
    assert network.lives[ANA].subject.interview.slot == "mon"
    assert network.lives[ANA].entries[-1].message.actor == Actor(kind="case", id=INTERVIEWS)
