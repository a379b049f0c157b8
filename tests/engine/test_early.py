"""What arrives, and what came too early, in the pure core."""

from datetime import timedelta

import pytest

from schemas.events.application import OfferAccepted, OfferDeclined, ScoreRecorded
from schemas.events.engine import CalendarMoved
from schemas.events.enrolment import LearnerWithdrew, OnboardingFinished, Pitched
from schemas.messages import Actor, Effect, Parked, Step, Timer
from schemas.notices.round import RankingDue
from schemas.roles import OPERATOR
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TICK, moved
from tests.support.deciding import KIM, accepts, early
from tests.support.errand import (
    ENDINGS,
    GOES_ON,
    START,
    Stage,
    begun,
    count_pitch,
    errand,
    take_calendar,
    take_score,
    the_close,
)
from tests.support.life import Life, told, verdict
from workflows.engine import decide as engine
from workflows.engine.decide import decide
from workflows.engine.notation import after, at, notify, on, state

# ---- arrivals


@pytest.mark.parametrize(
    ("heard_after", "arrives_after"),
    [
        (timedelta(0), timedelta(0)),
        (MINUTE, timedelta(0)),
        (GRACE, timedelta(0)),
        (GRACE + TICK, GRACE + TICK),
        (5 * DAY, 5 * DAY),
    ],
)
def test_a_stage_counts_from_when_the_message_entered_or_was_heard_if_that_is_much_later(
    heard_after: timedelta, arrives_after: timedelta
) -> None:
    life = begun(on(Pitched, to=Stage.SECOND), after(days=9, to=Stage.DONE), states=accepts())
    entered = START + HOUR

    life.tell(Pitched(), entered, heard_at=entered + heard_after)

    assert life.case.arrived_at == entered + arrives_after
    assert life.case.timers["second.after_3d"].due == entered + arrives_after + 3 * DAY


def test_an_old_message_cannot_open_a_stage_whose_deadline_has_passed() -> None:
    life = Life("errand-1", errand(on(OfferAccepted, to=Stage.SECOND), GOES_ON, states=accepts()))
    heard_at = START + 30 * DAY

    life.tell(OnboardingFinished(), START, heard_at=heard_at)
    accepted = life.tell(OfferAccepted(), heard_at + HOUR)

    assert life.entries[0].heard_at == heard_at
    assert verdict(accepted) == ("applied", "")


def test_a_stage_is_never_arrived_at_before_the_one_before() -> None:
    life = begun(on(Pitched, to=Stage.SECOND), GOES_ON, states=accepts())

    life.tell(Pitched(), START - 2 * MINUTE, heard_at=START)

    assert life.case.arrived_at == START


# ---- early messages


def test_a_message_that_only_a_later_stage_answers_is_parked_with_a_timer_of_seven_days() -> None:
    life = early()

    parked = life.tell(OfferAccepted(), START, heard_at=START + HOUR)

    until = START + HOUR + 7 * DAY
    assert verdict(parked) == ("parked", "not_answered_here: first")
    assert life.case.parked == (Parked(message=parked.message, until=until),)
    assert life.case.timers["parked"] == Timer(due=until, rings_at=until, visit=0, armed=2)
    assert parked.steps == ()


def test_a_parked_message_is_applied_inside_the_entry_that_frees_it() -> None:
    life = early()
    accepted = life.tell(OfferAccepted(), START)

    pitched = life.tell(Pitched(), START + HOUR)

    assert pitched.steps == (
        Step(message=pitched.message.id, clause="first.on.Pitched", source="first", to="second", visit=1),
        Step(message=accepted.message.id, clause="second.on.OfferAccepted", source="second", to="done", visit=2),
    )
    assert (life.stage, life.case.parked, life.case.timers, life.case.seq) == ("done", (), {}, 3)


def test_a_parked_message_that_leads_on_frees_the_next_one() -> None:
    states = {
        Stage.SECOND: state(on(OfferAccepted, to=Stage.THIRD), GOES_ON),
        Stage.THIRD: state(on(OfferDeclined, to=Stage.DONE), GOES_ON),
        **ENDINGS,
    }
    life = begun(on(Pitched, to=Stage.SECOND), after(days=30, to=Stage.DONE), states=states)
    life.tell(OfferDeclined(), START)
    life.tell(OfferAccepted(), START)

    pitched = life.tell(Pitched(), START + HOUR)

    assert [step.clause for step in pitched.steps] == [
        "first.on.Pitched",
        "second.on.OfferAccepted",
        "third.on.OfferDeclined",
    ]
    assert life.stage == "done"


def test_parked_messages_are_freed_in_the_order_they_came() -> None:
    states = {Stage.SECOND: state(on(ScoreRecorded, keep=take_score), GOES_ON), **ENDINGS}
    life = begun(on(Pitched, to=Stage.SECOND), after(days=30, to=Stage.DONE), states=states)
    first, second = life.tell(ScoreRecorded(score=1), START), life.tell(ScoreRecorded(score=2), START)

    pitched = life.tell(Pitched(), START + HOUR)

    assert [step.message for step in pitched.steps[1:]] == [first.message.id, second.message.id]
    assert life.subject.score == 2


def test_effects_of_freed_messages_have_keys_of_their_own() -> None:
    states = {Stage.SECOND: state(on(ScoreRecorded, do=[notify(OPERATOR, RankingDue)]), GOES_ON), **ENDINGS}
    life = begun(on(Pitched, to=Stage.SECOND), after(days=30, to=Stage.DONE), states=states)
    life.tell(ScoreRecorded(score=1), START)
    life.tell(ScoreRecorded(score=2), START)

    pitched = life.tell(Pitched(), START + HOUR)

    keys = [(effect.step, effect.clause) for effect in pitched.effects if effect.kind == "notice"]
    assert keys == [(1, "second.on.ScoreRecorded.0"), (2, "second.on.ScoreRecorded.0")]


def test_a_parked_message_with_faults_is_let_go_of_with_a_step_that_says_so() -> None:
    states = {Stage.SECOND: state(on(ScoreRecorded, keep=take_score), GOES_ON), **ENDINGS}
    life = begun(on(Pitched, to=Stage.SECOND), after(days=30, to=Stage.DONE), states=states)
    good = life.tell(ScoreRecorded(score=1), START)
    parked = life.case.parked[0]
    faulty = parked.message.model_copy(update={"data": {"score": "lost"}})
    spoiled = life.case.model_copy(update={"parked": (parked.model_copy(update={"message": faulty}),)})

    decision = decide(life.workflow, spoiled, life.message(Pitched(), START + HOUR), START + HOUR)  # type: ignore[arg-type]

    assert [step.clause for step in decision.steps] == ["first.on.Pitched", "parked.rejected"]
    assert decision.steps[1].message == good.message.id
    assert decision.case.parked == ()


def test_twenty_messages_are_parked_and_the_next_one_is_refused() -> None:
    life = early()
    for number in range(20):
        life.tell(OfferAccepted(), START, name=f"early-{number}")

    refused = life.tell(OfferAccepted(), START, name="one too many")

    assert [entry.verdict for entry in life.entries[1:21]] == ["parked"] * 20
    assert verdict(refused) == ("rejected", "parked_full: 20")
    assert len(life.case.parked) == engine.PARKED_MAX == 20


def test_what_is_parked_for_seven_days_is_given_up_with_a_notice() -> None:
    life = early()
    accepted = life.tell(OfferAccepted(), START)
    until = START + 7 * DAY

    rung = life.ring("parked", heard_at=until)

    assert rung.steps == (
        Step(message=accepted.message.id, clause="parked.given_up", source="first", to="first", visit=1),
    )
    assert rung.effects == (
        Effect(
            kind="notice",
            type="EventGivenUp",
            step=1,
            clause=f"parked.{accepted.message.id}",
            data={"event": "OfferAccepted"},
            targets={"operator": {}},
        ),
    )
    assert (life.case.parked, "parked" in life.case.timers) == ((), False)


def test_what_another_case_sent_is_kept_for_ninety_days() -> None:
    life = early(after(days=200, to=Stage.DONE))
    sent_ = life.tell(OfferAccepted(), START, by=Actor(kind="case", id="round-1"))
    of_case = life.case.timers["parked"]

    by_person = life.tell(OfferAccepted(), START + DAY, by=KIM)
    of_person = life.case.timers["parked"]
    given_up = life.ring("parked")
    left = (life.case.parked, life.case.timers["parked"].due)
    last = life.ring("parked")

    until = START + 90 * DAY
    assert (of_case.due, of_person.due, given_up.heard_at) == (until, START + 8 * DAY, START + 8 * DAY)
    assert by_person.verdict == "parked"
    assert left == ((Parked(message=sent_.message, until=until),), until)
    assert (last.heard_at, told(last), life.case.parked) == (until, ["operator: EventGivenUp"], ())


def test_whatever_is_parked_after_the_first_one_waits_under_the_same_timer() -> None:
    life = early()
    first = life.tell(OfferAccepted(), START)
    timer = life.case.timers["parked"]

    second = life.tell(OfferAccepted(), START + HOUR)

    assert [effect.type for effect in first.effects] == ["parked"]
    assert (second.effects, life.case.timers["parked"]) == ((), timer)


def test_the_parked_timer_moves_on_to_the_next_one_that_waits() -> None:
    life = early()
    life.tell(OfferAccepted(), START)
    second = life.tell(OfferAccepted(), START + DAY)

    life.ring("parked")

    until = START + 8 * DAY
    assert life.case.parked == (Parked(message=second.message, until=until),)
    assert life.case.timers["parked"] == Timer(due=until, rings_at=until, visit=0, armed=4)


def test_a_parked_timer_that_rings_late_gives_up_whatever_is_late_by_then() -> None:
    life = early()
    life.tell(OfferAccepted(), START)
    life.tell(OfferAccepted(), START + DAY)

    rung = life.ring("parked", heard_at=START + 8 * DAY)

    assert told(rung) == ["operator: EventGivenUp"] * 2
    assert life.case.parked == ()


def test_a_parked_timer_that_rings_a_little_early_gives_up_what_it_stands_for() -> None:
    # An alarm may go off a second before its time; no other one with its name ever comes.
    life = early()
    life.tell(OfferAccepted(), START)

    life.ring("parked", heard_at=START + 7 * DAY - timedelta(milliseconds=500))

    assert (life.case.parked, "parked" in life.case.timers) == ((), False)


def test_the_parked_timer_outlives_a_change_of_stage() -> None:
    states = {
        Stage.SECOND: state(on(Pitched, to=Stage.THIRD), after(days=30, to=Stage.DONE)),
        Stage.THIRD: state(on(OfferAccepted, to=Stage.DONE), GOES_ON),
        **ENDINGS,
    }
    life = begun(on(Pitched, to=Stage.SECOND), after(days=30, to=Stage.DONE), states=states)
    life.tell(OfferAccepted(), START)
    timer = life.case.timers["parked"]

    pitched = life.tell(Pitched(), START + HOUR)

    assert life.case.timers["parked"] == timer
    assert [effect.type for effect in pitched.effects] == ["second.after_30d"]


def test_an_ending_lets_go_of_what_is_parked_with_a_step_that_says_so() -> None:
    states = {Stage.SECOND: state(on(ScoreRecorded, keep=take_score), GOES_ON), **ENDINGS}
    life = begun(on(Pitched, to=Stage.SECOND), on(LearnerWithdrew, to=Stage.DONE), GOES_ON, states=states)
    scored = life.tell(ScoreRecorded(score=1), START)

    withdrawn = life.tell(LearnerWithdrew(), START + HOUR)

    assert withdrawn.steps[1] == Step(
        message=scored.message.id, clause="parked.given_up", source="done", to="done", visit=2
    )
    assert (life.case.parked, life.case.timers) == ((), {})


def test_a_late_message_stays_parked_while_its_stage_waits_for_the_timer() -> None:
    # The moved calendar makes the edit late in time again: it is freed by the entry that moved the date.
    life = begun(
        at(the_close, to=Stage.SECOND),
        on(Pitched, keep=count_pitch),
        on(CalendarMoved, keep=take_calendar),
        states={Stage.SECOND: state(on(Pitched), GOES_ON), **ENDINGS},
    )
    close = CALENDAR.applications_close
    life.tell(Pitched(), close + MINUTE)
    still_parked = len(life.case.parked)

    extended = life.tell(
        CalendarMoved(calendar=moved(2, applications_close=close + DAY)), close, heard_at=close + 2 * MINUTE
    )

    assert still_parked == 1
    assert [step.clause for step in extended.steps] == ["first.on.CalendarMoved", "first.on.Pitched"]
    assert (life.subject.pitches, life.case.parked) == (1, ())
