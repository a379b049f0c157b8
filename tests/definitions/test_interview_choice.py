"""What an application makes of an invitation to an interview, and what staff say of it."""

from datetime import datetime

import pytest

from schemas.events.application import WaitlistPlaced
from schemas.events.interviews import (
    InterviewMissed,
    InterviewReopened,
    SlotFull,
)
from tests.support.cohort import CALENDAR, DAY, HOUR, TICK
from tests.support.interviewing import (
    BEGINS,
    CHOOSE_BY,
    FIRST,
    INTERVIEWS,
    INVITED,
    OPERATOR,
    SECOND,
    SLOTS,
    booked,
    chooses,
    eligible,
    gets,
    invited,
)
from tests.support.life import sent, told, verdict

# ---- the application


def test_whoever_is_invited_chooses_and_is_told_the_time() -> None:
    life = eligible()

    invitation = life.tell(INVITED, BEGINS, by=OPERATOR)
    choice, answer = chooses(life, "mon"), gets(life)

    assert told(invitation) == ["applicant: InterviewInvitation"]
    assert (sent(choice), told(choice)) == (["SlotWanted to interviews-1"], [])
    assert choice.effects[0].targets == {INTERVIEWS: {"application": "application-1", "slot": "mon", "wish": 1}}
    assert told(answer) == ["applicant: InterviewBooked"]
    assert answer.effects[0].data == {"interview_at": SLOTS[0].model_dump(mode="json")["at"], "interview_minutes": 20}
    assert (life.stage, life.subject.interview.slot, life.subject.interview_at) == ("eligible", "mon", FIRST)


def test_a_slot_that_is_full_is_told_and_can_be_chosen_otherwise_without_losing_a_change() -> None:
    life = invited()
    chooses(life, "mon")

    refused = life.tell(SlotFull(wish=1), BEGINS + HOUR)
    again = chooses(life, "tue")

    assert told(refused) == ["applicant: InterviewSlotFull"]
    assert sent(again) == ["SlotWanted to interviews-1"]
    assert life.subject.interview.choices == 2


def test_a_time_is_changed_twice_and_not_again() -> None:
    life = booked()

    changes = []
    for wish, slot in enumerate((SLOTS[1], SLOTS[0]), 2):
        changes.append(chooses(life, slot.id))
        gets(life, slot, wish)
    third = chooses(life, "tue")

    assert [sent(change) for change in changes] == [["SlotWanted to interviews-1"]] * 2
    assert (sent(third), told(third)) == ([], ["applicant: InterviewNotChanged"])
    assert life.subject.interview.slot == "mon"


def test_many_wishes_at_once_are_three_at_most_before_any_answer() -> None:
    life = invited()

    heard = [chooses(life, slot) for slot in ("mon", "tue", "mon", "tue")]

    assert [len(sent(entry)) for entry in heard] == [1, 1, 1, 0]


def test_the_same_time_chosen_again_is_no_change() -> None:
    waiting = invited()
    chooses(waiting, "mon")

    twice = chooses(waiting, "mon")
    gets(waiting)
    thrice = chooses(waiting, "mon")

    assert (twice.effects, thrice.effects, waiting.subject.interview.choices) == ((), (), 2)


@pytest.mark.parametrize(("at", "told_"), [(CHOOSE_BY, []), (CHOOSE_BY + TICK, ["applicant: InterviewNotChanged"])])
def test_a_choice_at_the_very_end_of_the_time_to_choose_counts(at: datetime, told_: list[str]) -> None:
    life = invited()

    choice = chooses(life, "mon", at)

    assert (told(choice), len(sent(choice))) == (told_, 0 if told_ else 1)


def test_whoever_is_not_invited_is_told_that_nothing_was_booked() -> None:
    life, elsewhere = eligible(), eligible()
    elsewhere.tell(WaitlistPlaced(rank=3, position=1), CALENDAR.results_at)

    heard = [chooses(life, "mon"), chooses(elsewhere, "mon", CALENDAR.results_at + HOUR)]

    assert [(sent(entry), told(entry)) for entry in heard] == [([], ["applicant: InterviewNotChanged"])] * 2


def test_a_time_is_not_changed_once_the_interview_has_begun() -> None:
    life = invited()
    life.tell(INVITED.model_copy(update={"choose_by": SECOND}), BEGINS, by=OPERATOR)
    chooses(life, "mon")
    gets(life)

    late = chooses(life, "tue", FIRST)

    assert told(late) == ["applicant: InterviewNotChanged"]


def test_a_second_invitation_gives_more_time_to_whoever_has_not_chosen_and_nothing_to_others() -> None:
    waiting, done = invited(), booked()
    longer = INVITED.model_copy(update={"choose_by": CHOOSE_BY + DAY})

    heard = [life.tell(longer, BEGINS + 2 * HOUR, by=OPERATOR) for life in (waiting, done)]

    assert [told(entry) for entry in heard] == [["applicant: InterviewInvitation"], []]
    assert (waiting.subject.choose_by, done.subject.choose_by) == (CHOOSE_BY + DAY, CHOOSE_BY)


def test_answers_count_by_the_number_of_their_wish_in_whatever_order_they_come() -> None:
    newer_first, full_first = invited(), invited()
    for life in (newer_first, full_first):
        chooses(life, "mon")
        chooses(life, "tue")

    gets(newer_first, SLOTS[1], 2)
    outdated = gets(newer_first, SLOTS[0], 1)
    full_first.tell(SlotFull(wish=2), BEGINS + HOUR)
    kept = gets(full_first, SLOTS[0], 1)

    assert (outdated.effects, newer_first.subject.interview.slot) == ((), "tue")
    assert (told(kept), full_first.subject.interview.slot) == (["applicant: InterviewBooked"], "mon")


def test_an_interview_is_reminded_of_one_day_before() -> None:
    life = booked()

    life.ring("eligible.choose_by")
    rung = life.ring("eligible.interview_at-1d")

    assert (told(rung), rung.heard_at) == (["applicant: InterviewDue"], FIRST - DAY)


@pytest.mark.parametrize(
    ("given_at", "heard_at"),
    [(FIRST - DAY, FIRST - DAY), (FIRST - HOUR, FIRST - HOUR), (BEGINS + HOUR, FIRST), (BEGINS + HOUR, FIRST + DAY)],
)
def test_no_reminder_comes_with_the_booking_or_after_the_interview(given_at: datetime, heard_at: datetime) -> None:
    life = booked(given_at)

    rung = life.ring("eligible.interview_at-1d", heard_at)

    assert verdict(rung) == ("ignored", "no_condition_holds: eligible.interview_at-1d")


def test_another_time_moves_the_reminder() -> None:
    life = booked()
    chooses(life, "tue")
    gets(life, SLOTS[1], 2)

    assert life.case.timers["eligible.interview_at-1d"].due == SECOND - DAY


def test_whoever_has_not_chosen_in_time_is_told_to_staff() -> None:
    without, refused, done = invited(), invited(), booked()
    chooses(refused, "mon")
    refused.tell(SlotFull(wish=1), BEGINS + HOUR)

    rung = [life.ring("eligible.choose_by") for life in (without, refused, done)]

    assert [told(entry) for entry in rung] == [["operator: InterviewNotBooked"]] * 2 + [[]]
    assert {entry.heard_at for entry in rung} == {CHOOSE_BY}


# ---- what staff say


def test_an_absence_is_told_once_and_never_before_the_interview() -> None:
    life = booked()

    early = life.tell(InterviewMissed(), FIRST - TICK, by=OPERATOR)
    noted = life.tell(InterviewMissed(), FIRST + HOUR, by=OPERATOR)
    again = life.tell(InterviewMissed(), FIRST + 2 * HOUR, by=OPERATOR)

    assert [told(entry) for entry in (early, noted, again)] == [[], ["applicant: InterviewAbsence"], []]


def test_the_office_lets_somebody_choose_once_more_and_only_once() -> None:
    life = booked()
    life.tell(InterviewMissed(), FIRST + HOUR, by=OPERATOR)
    until = InterviewReopened(choose_by=FIRST + 5 * HOUR)

    reopened = life.tell(until, FIRST + 2 * HOUR, by=OPERATOR)
    choice = chooses(life, "tue", FIRST + 3 * HOUR)
    gets(life, SLOTS[1], 2, at=FIRST + 3 * HOUR)
    again = life.tell(until, FIRST + 4 * HOUR, by=OPERATOR)

    assert told(reopened) == ["applicant: InterviewChoiceReopened"]
    assert sent(choice) == ["SlotWanted to interviews-1"]
    assert (life.subject.interview.slot, life.subject.interview.was_missed) == ("tue", False)
    assert again.effects == ()


def test_a_reopened_choice_is_one_and_keeps_what_is_still_ahead() -> None:
    life = booked()
    for wish, slot in enumerate((SLOTS[1], SLOTS[0]), 2):
        chooses(life, slot.id)
        gets(life, slot, wish)

    life.tell(InterviewReopened(choose_by=CHOOSE_BY + DAY), CHOOSE_BY, by=OPERATOR)
    kept = life.subject.interview.slot
    fourth = chooses(life, "tue", CHOOSE_BY + DAY)
    gets(life, SLOTS[1], 4, at=CHOOSE_BY + DAY)
    fifth = chooses(life, "mon", CHOOSE_BY + DAY)

    assert (kept, len(sent(fourth)), told(fifth)) == ("mon", 1, ["applicant: InterviewNotChanged"])


@pytest.mark.parametrize("is_invited", [True, False])
def test_nothing_is_reopened_for_a_date_that_is_over_or_for_whoever_was_not_invited(is_invited: bool) -> None:  # noqa: FBT001
    life = invited() if is_invited else eligible()
    choose_by = BEGINS if is_invited else CHOOSE_BY

    heard = life.tell(InterviewReopened(choose_by=choose_by), BEGINS + HOUR, by=OPERATOR)

    assert heard.effects == ()
