"""The pure core, one behaviour at a time, on workflows as small as the behaviour needs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.events.application import ApplicationWithdrew, OfferAccepted, OfferDeclined, ScoreRecorded
from schemas.events.engine import CalendarMoved, QuestionAnswered, TimerRang
from schemas.events.enrolment import AttendanceRecorded, LearnerWithdrew, OnboardingFinished, Pitched
from schemas.events.round import SeatReturned
from schemas.ids import CaseId, TaskId, name_of
from schemas.messages import SYSTEM, Actor, Case, Effect, Parked, Step, Task, Timer
from schemas.notices.application import ResultsOverdue
from schemas.notices.round import RankingDue, RoundOpened
from schemas.roles import CITY, INSTRUCTOR, LEAD, OPERATOR, PARTNERS, UNIVERSITY
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TICK, kst, moved
from tests.support.errand import (
    ENDINGS,
    GOES_ON,
    START,
    Errand,
    Stage,
    begun,
    count_pitch,
    errand,
    is_low,
    pitches,
    question,
    take_calendar,
    take_score,
    the_close,
)
from tests.support.life import Life, sent, staff, told, verdict
from workflows.engine import decide as engine
from workflows.engine.decide import CannotOpenError, decide
from workflows.engine.notation import after, at, entry, final, notify, on, send, state

KIM, LEE, PARK = staff("operator", "kim"), staff("operator", "lee"), staff("lead", "park")
THE_END = START + 3 * DAY
KEY = "first.after_3d"


def accepts(*more: Any) -> dict[Stage, Any]:
    """Two stages: the second one answers an acceptance."""
    return {Stage.SECOND: state(on(OfferAccepted, to=Stage.DONE), *more, GOES_ON), **ENDINGS}


# ---- how a case begins


def test_the_opening_event_brings_the_facts_and_a_case_stands_in_the_stage_it_opens() -> None:
    workflow = errand(GOES_ON)
    life = Life("errand-1", workflow)

    life.tell(OnboardingFinished(), START)

    assert life.case == Case(
        id=CaseId("errand-1"),
        workflow="errand",
        version=1,
        fingerprint=workflow.fingerprint,
        stage="first",
        visit=1,
        arrived_at=START,
        subject=Errand(errand=CaseId("errand-1")).model_dump_json(),
        timers={KEY: Timer(due=THE_END, rings_at=THE_END + GRACE, visit=1, armed=1)},
        seq=1,
        hash=life.written[0].hash,
    )


def test_a_message_that_opens_nothing_cannot_begin_a_case() -> None:
    life = Life("errand-1", errand(on(Pitched), GOES_ON))

    with pytest.raises(CannotOpenError, match=r"no case \[errand-1\] of \[errand\], and \[Pitched\] does not open one"):
        life.tell(Pitched(), START)


def test_an_opening_message_with_faults_cannot_begin_a_case() -> None:
    life = Life("errand-1", errand(GOES_ON, opens=[on(ScoreRecorded, to=Stage.FIRST)]))
    message = life.message(ScoreRecorded(score=1), START).model_copy(update={"data": {"score": "a lot"}})

    with pytest.raises(CannotOpenError, match=r"\[ScoreRecorded\] cannot open \[errand-1\]: bad_fields: score"):
        life.hear(message)


def test_guards_choose_where_a_case_begins() -> None:
    opens = [on(ScoreRecorded, when=is_low, to=Stage.DONE), on(ScoreRecorded, to=Stage.FIRST)]
    low, high = (Life("errand-1", errand(GOES_ON, opens=opens)) for _ in range(2))

    low.tell(ScoreRecorded(score=10), START)
    high.tell(ScoreRecorded(score=90), START)

    assert (low.stage, low.case.is_final) == ("done", True)
    assert (high.stage, high.case.is_final) == ("first", False)


def test_an_opening_keeps_facts_and_orders_effects_before_those_of_the_stage() -> None:
    opens = [on(ScoreRecorded, keep=take_score, do=[notify(PARTNERS, RoundOpened)], to=Stage.FIRST)]
    life = Life("errand-1", errand(entry(notify(OPERATOR, RankingDue)), GOES_ON, opens=opens))

    opened = life.tell(ScoreRecorded(score=70), START)

    assert life.subject == Errand(errand=CaseId("errand-1"), score=70)
    assert told(opened) == ["partners: RoundOpened", "operator: RankingDue"]
    assert opened.steps == (
        Step(message=opened.message.id, clause="opens.ScoreRecorded.0", source="", to="first", visit=0),
    )


# ---- arriving in a stage


def test_arriving_orders_the_effects_of_the_way_then_those_of_the_stage_then_its_timers() -> None:
    life = begun(
        on(Pitched, keep=count_pitch, do=[notify(OPERATOR, RankingDue)], to=Stage.SECOND),
        GOES_ON,
        states={
            Stage.SECOND: state(entry(notify(LEAD, RankingDue)), after(days=1), on(Pitched, to=Stage.DONE), GOES_ON),
            **ENDINGS,
        },
    )

    arrived = life.tell(Pitched(), START + HOUR)

    arrival, noon = START + HOUR, "2027-03-09T11:00:00+09:00"
    assert arrived.effects == (
        Effect(kind="notice", type="RankingDue", step=0, clause="first.on.Pitched.0", targets={"operator": {}}),
        Effect(kind="notice", type="RankingDue", step=1, clause="second.entry.0", targets={"lead": {}}),
        Effect(
            kind="timer",
            type="second.after_1d",
            step=0,
            clause="second.after_1d",
            data={"due": noon, "rings_at": noon, "visit": 2, "armed": 2},
            targets={"errand-1": {}},
        ),
        Effect(
            kind="timer",
            type="second.after_3d",
            step=0,
            clause="second.after_3d",
            data={"due": "2027-03-11T11:00:00+09:00", "rings_at": "2027-03-11T11:15:00+09:00", "visit": 2, "armed": 2},
            targets={"errand-1": {}},
        ),
    )
    assert (life.case.visit, life.case.arrived_at) == (2, arrival)


def test_a_stage_that_is_left_takes_its_timers_and_questions_along() -> None:
    life = begun(question(), on(Pitched, to=Stage.DONE), GOES_ON)
    asked = (len(life.case.timers), len(life.case.tasks))

    life.tell(Pitched(), START + HOUR)

    assert asked == (2, 1)
    assert (life.case.timers, life.case.tasks) == ({}, ())


def test_every_stage_entry_is_a_new_visit() -> None:
    life = begun(on(Pitched, to=Stage.FIRST), GOES_ON)

    life.tell(Pitched(), START + HOUR)
    life.tell(Pitched(), START + 2 * HOUR)

    due = START + 2 * HOUR + 3 * DAY
    assert life.case.visit == 3
    assert life.case.timers == {KEY: Timer(due=due, rings_at=due + GRACE, visit=3, armed=3)}


def test_a_clause_without_a_stage_keeps_facts_and_stays() -> None:
    life = begun(on(ScoreRecorded, keep=take_score), GOES_ON)
    before = life.case

    scored = life.tell(ScoreRecorded(score=80), START + HOUR)

    assert life.subject == Errand(errand=CaseId("errand-1"), score=80)
    assert (life.stage, life.case.visit, life.case.timers) == ("first", 1, before.timers)
    assert scored.steps == (
        Step(message=scored.message.id, clause="first.on.ScoreRecorded", source="first", to="first", visit=1),
    )


def test_effects_tell_the_facts_that_were_just_kept() -> None:
    life = begun(
        on(ScoreRecorded, keep=lambda errand, _: errand.model_copy(update={"cohort": "2027"}), to=Stage.SECOND),
        GOES_ON,
        states={Stage.SECOND: state(entry(notify(PARTNERS, RoundOpened)), GOES_ON), **ENDINGS},
    )

    scored = life.tell(ScoreRecorded(score=80), START + HOUR)

    assert [effect.data for effect in scored.effects if effect.kind == "notice"] == [{"cohort": "2027"}]


def test_the_first_clause_whose_guard_holds_is_followed() -> None:
    clauses = (on(ScoreRecorded, when=is_low, to=Stage.SECOND), on(ScoreRecorded, to=Stage.DONE), GOES_ON)
    low, high = begun(*clauses, states=accepts()), begun(*clauses, states=accepts())

    low.tell(ScoreRecorded(score=49), START + HOUR)
    high.tell(ScoreRecorded(score=50), START + HOUR)

    assert (low.entries[-1].steps[0].clause, low.stage) == ("first.on.ScoreRecorded", "second")
    assert (high.entries[-1].steps[0].clause, high.stage) == ("first.on.ScoreRecorded.1", "done")


def test_what_holds_throughout_gives_way_to_the_stages_own_answer() -> None:
    throughout = [on(LearnerWithdrew, to=Stage.DONE)]
    states = {Stage.SECOND: state(on(LearnerWithdrew), GOES_ON), **ENDINGS}
    first, second = (begun(on(Pitched, to=Stage.SECOND), GOES_ON, states=states, throughout=throughout) for _ in "ab")
    second.tell(Pitched(), START)

    first.tell(LearnerWithdrew(), START + HOUR)
    second.tell(LearnerWithdrew(), START + HOUR)

    assert (first.stage, first.entries[-1].steps[0].clause) == ("done", "throughout.on.LearnerWithdrew")
    assert (second.stage, second.entries[-1].steps[0].clause) == ("second", "second.on.LearnerWithdrew")


def test_what_holds_throughout_does_not_hold_in_an_ending() -> None:
    life = begun(GOES_ON, throughout=[on(LearnerWithdrew, to=Stage.DONE)])
    life.ring()

    again = life.tell(LearnerWithdrew(), THE_END + HOUR)

    assert verdict(again) == ("ignored", "not_answered_here: done")


def test_an_ending_may_answer_events_but_stays() -> None:
    life = begun(GOES_ON, states={Stage.DONE: final(on(ScoreRecorded, keep=take_score))})
    life.ring()

    scored = life.tell(ScoreRecorded(score=3), THE_END + HOUR)

    assert verdict(scored) == ("applied", "")
    assert (life.stage, life.case.visit, life.subject.score) == ("done", 2, 3)


# ---- sending to other cases


def the_neighbour(errand: Errand) -> CaseId | None:
    return CaseId("neighbour") if errand.is_urgent else None


def the_neighbours(errand: Errand) -> Mapping[CaseId, ScoreRecorded]:
    return {CaseId(f"neighbour-{number}"): ScoreRecorded(score=number) for number in range(int(errand.score) // 10)}


def test_an_event_to_one_case_is_filled_from_the_facts() -> None:
    life = begun(on(ScoreRecorded, keep=take_score, do=[send(ScoreRecorded, to=the_neighbour)]), GOES_ON)

    scored = life.tell(ScoreRecorded(score=60), START + HOUR)

    assert scored.effects == (
        Effect(
            kind="event",
            type="ScoreRecorded",
            step=0,
            clause="first.on.ScoreRecorded.0",
            data={"score": 60, "component": "review"},
            targets={"neighbour": {}},
        ),
    )


def test_an_event_to_several_cases_is_one_effect_with_what_each_one_gets() -> None:
    life = begun(on(ScoreRecorded, keep=take_score, do=[send(ScoreRecorded, to=the_neighbours)]), GOES_ON)

    scored = life.tell(ScoreRecorded(score=20), START + HOUR)

    assert scored.effects == (
        Effect(
            kind="event",
            type="ScoreRecorded",
            step=0,
            clause="first.on.ScoreRecorded.0",
            targets={
                "neighbour-0": {"score": 0, "component": "review"},
                "neighbour-1": {"score": 1, "component": "review"},
            },
        ),
    )


def test_nobody_to_send_to_is_no_effect() -> None:
    to_one = begun(on(ScoreRecorded, keep=take_score, do=[send(ScoreRecorded, to=the_neighbour)]), GOES_ON)
    to_several = begun(on(ScoreRecorded, keep=take_score, do=[send(ScoreRecorded, to=the_neighbours)]), GOES_ON)

    assert to_one.tell(ScoreRecorded(score=5), START + HOUR).effects == ()
    assert to_several.tell(ScoreRecorded(score=5), START + HOUR).effects == ()


# ---- who brings an event


def note_bringer(errand: Errand, event: Pitched) -> Errand:
    return errand.model_copy(update={"cohort": event.brought_by})


def is_kim_s(_errand: Errand, event: Pitched) -> bool:
    return event.brought_by == "kim"


def test_an_event_says_who_brought_it_by_the_id_of_the_actor() -> None:
    life = begun(on(Pitched, keep=note_bringer), GOES_ON)

    brought = [
        (life.tell(Pitched(), START + HOUR, by=by), life.subject.cohort)
        for by in (KIM, Actor(kind="case", id="case-9"), SYSTEM)
    ]

    assert [by for _, by in brought] == ["kim", "case-9", SYSTEM.id]


def test_what_an_event_says_of_its_own_bringer_and_instants_counts_for_nothing() -> None:
    life = begun(on(Pitched, when=is_kim_s, to=Stage.DONE), on(Pitched, keep=note_bringer), GOES_ON)
    forged = {"brought_by": "kim", "at": "2020-01-01T00:00:00Z", "arrives_at": "2020-01-01T00:00:00Z"}
    message = life.message(Pitched(), START + HOUR, by=LEE).model_copy(update={"data": forged})

    heard = life.hear(message)

    assert verdict(heard) == ("applied", "")
    assert (life.stage, life.subject.cohort) == ("first", "lee")


def test_who_brought_an_event_is_never_written_into_it() -> None:
    told_by_kim = Pitched(brought_by="kim", at=START)

    assert told_by_kim.model_dump() == {}
    life = begun(on(ScoreRecorded, keep=take_score, do=[send(Pitched, to=the_neighbour)]), GOES_ON)
    assert life.tell(ScoreRecorded(score=60), START + HOUR, by=KIM).effects[0].data == {}
    assert "kim" not in life.case.subject


def test_an_event_that_came_early_still_says_who_brought_it_when_it_is_taken_up() -> None:
    states = {Stage.SECOND: state(on(Pitched, keep=note_bringer), GOES_ON), **ENDINGS}
    life = begun(on(ScoreRecorded, to=Stage.SECOND), GOES_ON, states=states)
    life.tell(Pitched(), START + HOUR, by=LEE)

    life.tell(ScoreRecorded(score=1), START + 2 * HOUR, by=KIM)

    assert (life.stage, life.subject.cohort) == ("second", "lee")


# ---- timers


def test_a_timer_that_ends_the_stage_rings_a_quarter_of_an_hour_after_it_is_due() -> None:
    life = begun(after(days=1, do=[notify(OPERATOR, RankingDue)]), GOES_ON)

    tomorrow = START + DAY
    assert life.case.timers == {
        "first.after_1d": Timer(due=tomorrow, rings_at=tomorrow, visit=1, armed=1),
        KEY: Timer(due=THE_END, rings_at=THE_END + GRACE, visit=1, armed=1),
    }


def test_what_a_timer_brings_about_happened_when_it_was_due() -> None:
    life = begun(after(days=3, to=Stage.SECOND), states=accepts())

    life.ring(heard_at=THE_END + GRACE)

    assert (life.stage, life.case.arrived_at) == ("second", THE_END)
    assert life.case.timers["second.after_3d"].due == THE_END + 3 * DAY


def test_a_timer_rings_once() -> None:
    life = begun(after(days=1, do=[notify(OPERATOR, RankingDue)]), GOES_ON)
    timer = life.case.timers["first.after_1d"]
    again = TimerRang(key="first.after_1d", visit=timer.visit, due=timer.due, armed=1)

    rung = life.ring("first.after_1d")
    repeated = life.tell(again, timer.due, name="another alarm")

    assert (verdict(rung), told(rung)) == (("applied", ""), ["operator: RankingDue"])
    assert (verdict(repeated), told(repeated)) == (("ignored", "timer_gone: first.after_1d"), [])
    assert list(life.case.timers) == [KEY]


def test_a_timer_of_an_earlier_visit_is_ignored() -> None:
    life = begun(on(Pitched, to=Stage.FIRST), GOES_ON)
    stale = TimerRang(key=KEY, visit=1, due=THE_END, armed=1)
    life.tell(Pitched(), START)

    rung = life.tell(stale, THE_END)

    assert life.case.timers[KEY].due == THE_END
    assert verdict(rung) == ("ignored", f"timer_gone: {KEY}")
    assert life.stage == "first"


def test_a_timer_with_another_due_date_is_ignored() -> None:
    life = begun(GOES_ON)

    rung = life.tell(TimerRang(key=KEY, visit=1, due=THE_END - TICK, armed=1), THE_END)

    assert verdict(rung) == ("ignored", f"timer_gone: {KEY}")


def test_a_timer_that_the_case_never_had_is_ignored() -> None:
    life = begun(GOES_ON)

    rung = life.tell(TimerRang(key="third.after_9d", visit=1, due=THE_END, armed=1), THE_END)

    assert verdict(rung) == ("ignored", "timer_gone: third.after_9d")


def test_clauses_that_share_a_moment_are_tried_in_order() -> None:
    def is_urgent(errand: Errand, _rang: TimerRang) -> bool:
        return errand.is_urgent

    clauses = (
        after(days=3, when=is_urgent, to=Stage.DONE),
        after(days=3, to=Stage.SECOND),
        on(ScoreRecorded, keep=take_score),
    )
    urgent, idle = begun(*clauses, states=accepts()), begun(*clauses, states=accepts())
    urgent.tell(ScoreRecorded(score=99), START)

    urgent.ring()
    idle.ring()

    assert (urgent.entries[-1].steps[0].clause, urgent.stage) == (f"{KEY}.0", "done")
    assert (idle.entries[-1].steps[0].clause, idle.stage) == (f"{KEY}.1", "second")


def test_a_timer_none_of_whose_conditions_holds_is_gone_all_the_same() -> None:
    life = begun(after(days=1, when=lambda errand, _: errand.is_urgent, do=[notify(OPERATOR, RankingDue)]), GOES_ON)

    rung = life.ring("first.after_1d")

    assert verdict(rung) == ("ignored", "no_condition_holds: first.after_1d")
    assert list(life.case.timers) == [KEY]


def test_a_date_that_is_missing_starts_no_timer() -> None:
    def someday(_errand: Errand) -> datetime | None:
        return None

    life = begun(at(someday, do=[notify(OPERATOR, RankingDue)]), GOES_ON)

    assert list(life.case.timers) == [KEY]


def test_a_date_that_has_passed_starts_a_timer_that_is_overdue() -> None:
    life = begun(at(lambda errand: errand.calendar.applications_open, days=1, to=Stage.DONE))

    assert life.case.timers == {
        "first.<lambda>+1d": Timer(due=kst("2027-03-03 09:00"), rings_at=kst("2027-03-03 09:15"), visit=1, armed=1)
    }


def test_a_length_may_be_read_from_the_facts() -> None:
    def the_window(errand: Errand) -> timedelta:
        return timedelta(days=errand.calendar.version)

    life = begun(after(the_window, to=Stage.DONE))

    assert life.case.timers == {
        "first.after_the_window": Timer(due=START + DAY, rings_at=START + DAY + GRACE, visit=1, armed=1)
    }


# ---- deadlines


def test_a_message_at_the_very_instant_of_the_deadline_is_in_time() -> None:
    life = begun(on(Pitched, to=Stage.SECOND), GOES_ON, states=accepts())

    pitched = life.tell(Pitched(), THE_END, heard_at=THE_END + GRACE)

    assert verdict(pitched) == ("applied", "")


def test_a_message_a_moment_after_the_deadline_is_late_though_the_timer_has_not_rung() -> None:
    life = begun(on(Pitched, to=Stage.SECOND), GOES_ON, states=accepts())

    pitched = life.tell(Pitched(), THE_END + TICK)

    assert verdict(pitched) == ("ignored", f"deadline_passed: {KEY}")
    assert life.stage == "first"


def test_a_message_that_entered_in_time_counts_as_long_as_the_timer_has_not_rung() -> None:
    life = begun(on(Pitched, to=Stage.SECOND), GOES_ON, states=accepts())

    pitched = life.tell(Pitched(), THE_END - MINUTE, heard_at=THE_END + 2 * DAY)

    assert verdict(pitched) == ("applied", "")


def test_a_message_that_entered_in_time_but_is_heard_after_the_timer_meets_the_next_stage() -> None:
    states = {Stage.SECOND: state(on(Pitched, do=[notify(OPERATOR, RankingDue)]), GOES_ON), **ENDINGS}
    life = begun(on(Pitched, to=Stage.DONE), after(days=3, to=Stage.SECOND), states=states)
    life.ring()

    pitched = life.tell(Pitched(), THE_END - MINUTE, heard_at=THE_END + 2 * GRACE)

    assert (verdict(pitched), told(pitched)) == (("applied", ""), ["operator: RankingDue"])
    assert life.stage == "second"


def test_a_late_message_that_a_later_stage_answers_waits_for_that_stage() -> None:
    states = {Stage.SECOND: state(on(Pitched, do=[notify(OPERATOR, RankingDue)]), GOES_ON), **ENDINGS}
    life = begun(on(Pitched, to=Stage.DONE), after(days=3, to=Stage.SECOND), states=states)

    pitched = life.tell(Pitched(), THE_END + MINUTE)
    rung = life.ring(KEY)

    assert verdict(pitched) == ("parked", f"deadline_passed: {KEY}")
    assert [step.clause for step in rung.steps] == [f"{KEY}.0", "second.on.Pitched"]
    assert (life.stage, life.case.parked, told(rung)) == ("second", (), ["operator: RankingDue"])


def test_a_timer_that_only_reminds_makes_nothing_late() -> None:
    life = begun(
        on(Pitched, to=Stage.SECOND), after(days=1, do=[notify(OPERATOR, RankingDue)]), GOES_ON, states=accepts()
    )

    pitched = life.tell(Pitched(), START + 2 * DAY)

    assert verdict(pitched) == ("applied", "")


def test_an_answer_to_a_question_is_late_as_any_other_message_is() -> None:
    late, in_time = (begun(question(yes=Stage.SECOND), GOES_ON, states=accepts()) for _ in range(2))

    late.answer(yes=True, at=THE_END + TICK, by=KIM)
    in_time.answer(yes=True, at=THE_END, by=KIM)

    assert (verdict(late.entries[-1]), late.stage) == (("ignored", f"deadline_passed: {KEY}"), "first")
    assert (verdict(in_time.entries[-1]), in_time.stage) == (("applied", ""), "second")


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


def early(*first: Any, **others: Any) -> Life:
    """An errand that goes on to a stage with an acceptance when it is pitched."""
    return begun(on(Pitched, to=Stage.SECOND), *(first or (after(days=30, to=Stage.DONE),)), states=accepts(), **others)


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


# ---- questions


def test_a_question_is_put_with_all_that_an_inbox_shows() -> None:
    life = begun(question(role=(OPERATOR, CITY), not_by=lambda errand: (errand.errand,)), GOES_ON)

    subject = Errand(errand=CaseId("errand-1"))
    facts = subject.model_dump_json(exclude={"calendar"})
    assert life.case.tasks == (
        Task(
            id=TaskId(name_of("errand-1", "Is it done?", 1, facts)),
            case=CaseId("errand-1"),
            workflow="errand",
            stage="first",
            question="Is it done?",
            needs=("operator", "city"),
            not_by=("errand-1",),
            opened_at=START,
            due_at=START + DAY,
        ),
    )
    assert life.case.timers["first.0.question"] == Timer(due=START + DAY, rings_at=START + DAY, visit=1, armed=1)


def test_one_yes_decides_where_nobody_else_is_needed() -> None:
    life = begun(question(yes=Stage.SECOND), GOES_ON, states=accepts())

    answered = life.answer(yes=True, at=START + HOUR, by=KIM)

    assert answered.steps == (
        Step(message=answered.message.id, clause="first.ask0.yes", source="first", to="second", visit=1),
    )
    assert (life.stage, life.case.tasks) == ("second", ())


def test_one_no_decides_however_many_are_needed() -> None:
    life = begun(question(quorum=2, yes=Stage.SECOND), GOES_ON, states=accepts())

    answered = life.answer(yes=False, at=START + HOUR, by=KIM)

    assert [step.clause for step in answered.steps] == ["first.ask0.no"]
    assert life.stage == "done"


def test_the_final_answer_is_kept_with_its_reason() -> None:
    def note_who(errand: Errand, answered: QuestionAnswered) -> Errand:
        return errand.model_copy(update={"cohort": answered.reason, "score": float(answered.answer)})

    life = begun(question(keep=note_who), GOES_ON)
    event = QuestionAnswered(task=life.case.tasks[0].id, answer=True, reason="vault-7")

    life.tell(event, START + HOUR, by=KIM)

    assert life.subject == Errand(errand=CaseId("errand-1"), cohort="vault-7", score=1)


def test_a_quorum_waits_for_as_many_people_as_it_needs() -> None:
    life = begun(question(quorum=2), GOES_ON)
    (task,) = life.case.tasks

    first = life.answer(yes=True, at=START + HOUR, by=KIM)
    between = life.case.tasks
    life.answer(yes=True, at=START + 2 * HOUR, by=LEE)

    assert first.steps == (
        Step(message=first.message.id, clause="first.ask0.approved", source="first", to="first", visit=1),
    )
    assert between == (task.model_copy(update={"needs": ("operator",), "approved_by": ("kim",)}),)
    assert life.stage == "done"


def test_the_same_person_counts_once() -> None:
    life = begun(question(quorum=2), GOES_ON)
    life.answer(yes=True, at=START + HOUR, by=KIM)

    again = life.answer(yes=True, at=START + 2 * HOUR, by=KIM)

    assert verdict(again) == ("rejected", "needs_another_person")
    assert life.stage == "first"


def test_the_same_person_counts_once_in_two_roles() -> None:
    life = begun(question(role=(OPERATOR, UNIVERSITY)), GOES_ON)
    life.answer(yes=True, at=START + HOUR, by=KIM)

    again = life.answer(yes=True, at=START + 2 * HOUR, by=staff("university", "kim"))

    assert verdict(again) == ("rejected", "needs_another_person")


def test_whoever_proposed_may_not_approve() -> None:
    life = begun(question(not_by=lambda _errand: ("kim",)), GOES_ON)

    refused = life.answer(yes=True, at=START + HOUR, by=KIM)
    taken = life.answer(yes=True, at=START + HOUR, by=LEE)

    assert verdict(refused) == ("rejected", "needs_another_person")
    assert verdict(taken) == ("applied", "")


def test_a_question_that_needs_a_reason_takes_no_answer_without_one() -> None:
    life = begun(question(needs_reason=True), GOES_ON)

    refused = [life.answer(yes=yes, at=START + HOUR, by=KIM, reason="") for yes in (True, False)]
    open_still = life.case.tasks
    taken = life.answer(yes=False, at=START + HOUR, by=KIM, reason="where the vault keeps it")

    assert [verdict(each) for each in refused] == [("rejected", "needs_a_reason")] * 2
    assert [each.question for each in open_still] == ["Is it done?"]
    assert verdict(taken) == ("applied", "")
    assert taken.message.data["reason"] == "where the vault keeps it"


def test_each_of_several_people_gives_a_reason_where_one_is_needed() -> None:
    life = begun(question(needs_reason=True, quorum=2), GOES_ON)
    life.answer(yes=True, at=START + HOUR, by=KIM)

    refused = life.answer(yes=True, at=START + HOUR, by=LEE, reason="")

    assert verdict(refused) == ("rejected", "needs_a_reason")
    assert (life.stage, life.case.tasks[0].approved_by) == ("first", ("kim",))


def test_whoever_may_not_answer_is_not_asked_for_a_reason() -> None:
    life = begun(question(needs_reason=True, not_by=lambda _errand: ("kim",)), GOES_ON)

    barred = life.answer(yes=True, at=START + HOUR, by=KIM, reason="")
    other = life.answer(yes=True, at=START + HOUR, by=staff("city"), reason="")

    assert verdict(barred) == ("rejected", "needs_another_person")
    assert verdict(other) == ("rejected", "not_your_question: needs operator")


def test_a_question_that_needs_no_reason_is_answered_without_one() -> None:
    life = begun(question(), GOES_ON)

    assert verdict(life.answer(yes=True, at=START + HOUR, by=KIM, reason="")) == ("applied", "")


def test_an_order_is_kept() -> None:
    life = begun(question(role=(OPERATOR, UNIVERSITY, CITY), in_order=True), GOES_ON)

    too_soon = life.answer(yes=True, at=START + HOUR, by=staff("city"))
    life.answer(yes=True, at=START + HOUR, by=KIM)
    life.answer(yes=True, at=START + HOUR, by=staff("university"))
    needs_last = life.case.tasks[0].needs
    life.answer(yes=True, at=START + HOUR, by=staff("city"))

    assert verdict(too_soon) == ("rejected", "not_your_question: needs operator")
    assert needs_last == ("city",)
    assert life.stage == "done"


def test_without_an_order_anybody_asked_may_be_first() -> None:
    life = begun(question(role=(OPERATOR, CITY)), GOES_ON)

    life.answer(yes=True, at=START + HOUR, by=staff("city"))

    assert life.case.tasks[0].needs == ("operator",)


@pytest.mark.parametrize(
    ("actor", "reason"),
    [
        (staff("instructor"), "not_your_question: needs operator"),
        (staff("lead"), "not_your_question: needs operator"),
        (Actor(kind="staff", id="kim"), "not_your_question: needs operator"),
        (Actor(kind="person", id="kim", role="operator"), "not_your_question: person"),
        (Actor(kind="case", id="other", role="operator"), "not_your_question: case"),
        (SYSTEM, "not_your_question: system"),
    ],
)
def test_nobody_else_may_answer(actor: Actor, reason: str) -> None:
    life = begun(question(), GOES_ON)

    refused = life.answer(yes=True, at=START + HOUR, by=actor)

    assert verdict(refused) == ("rejected", reason)
    assert life.stage == "first"


def test_a_question_past_its_due_date_is_told_to_whom_it_escalates_and_stays_open() -> None:
    life = begun(question(), GOES_ON)
    (task,) = life.case.tasks

    overdue = life.ring("first.0.question")

    assert life.case.tasks == (task.model_copy(update={"escalated_to": "lead"}),)
    assert overdue.effects == (
        Effect(
            kind="notice",
            type="QuestionOverdue",
            step=1,
            clause="first.0.question",
            data={"question": "Is it done?"},
            targets={"lead": {}},
        ),
    )
    assert list(life.case.timers) == [KEY]


def test_whom_a_question_escalated_to_may_answer_in_place_of_whoever_was_asked() -> None:
    by_lead, by_operator = begun(question(quorum=2), GOES_ON), begun(question(), GOES_ON)
    for life in (by_lead, by_operator):
        life.ring("first.0.question")

    by_lead.answer(yes=True, at=START + 2 * DAY, by=PARK)
    by_operator.answer(yes=True, at=START + 2 * DAY, by=KIM)

    assert (by_lead.case.tasks[0].needs, by_lead.case.tasks[0].approved_by) == (("operator",), ("park",))
    assert by_operator.stage == "done"


def test_a_question_is_answered_once() -> None:
    life = begun(question(yes=Stage.SECOND), GOES_ON, states=accepts())
    task = life.case.tasks[0].id
    life.answer(yes=True, at=START + HOUR, by=KIM)

    again = life.tell(QuestionAnswered(task=task, answer=False), START + HOUR, by=LEE)

    assert verdict(again) == ("ignored", f"question_closed: {task}")
    assert life.stage == "second"


def test_a_question_whose_facts_changed_is_put_anew_and_the_old_answer_is_refused() -> None:
    life = begun(question(quorum=2), on(ScoreRecorded, keep=take_score), GOES_ON)
    life.answer(yes=True, at=START + HOUR, by=KIM)
    (before,) = life.case.tasks

    life.tell(ScoreRecorded(score=9), START + 2 * HOUR)
    stale = life.tell(QuestionAnswered(task=before.id, answer=True), START + 3 * HOUR, by=LEE)

    (anew,) = life.case.tasks
    assert anew.id != before.id
    assert anew == before.model_copy(update={"id": anew.id, "needs": ("operator", "operator"), "approved_by": ()})
    assert verdict(stale) == ("ignored", f"question_closed: {before.id}")


def test_a_question_that_was_escalated_stays_escalated_when_its_facts_change() -> None:
    # Its timer has rung and does not ring again, so nobody else could ever be told.
    life = begun(question(), on(ScoreRecorded, keep=take_score), GOES_ON)
    life.ring("first.0.question")

    life.tell(ScoreRecorded(score=9), START + 2 * DAY)
    answered = life.answer(yes=True, at=START + 2 * DAY, by=PARK)

    assert verdict(answered) == ("applied", "")


def test_a_moved_calendar_leaves_a_question_and_its_approvals_alone() -> None:
    life = begun(question(quorum=2), on(CalendarMoved, keep=take_calendar), GOES_ON)
    life.answer(yes=True, at=START + HOUR, by=KIM)
    before = life.case.tasks

    life.tell(CalendarMoved(calendar=moved(2, results_at=kst("2027-04-09 10:00"))), START + 2 * HOUR)

    assert life.case.tasks == before


def test_facts_that_stay_the_same_leave_a_question_alone() -> None:
    life = begun(question(), on(ScoreRecorded, keep=take_score), GOES_ON)
    before = life.case.tasks

    life.tell(ScoreRecorded(score=0), START + HOUR)

    assert life.case.tasks == before


def test_a_question_of_another_visit_is_another_question() -> None:
    life = begun(
        question(no=Stage.SECOND), states={Stage.SECOND: state(on(Pitched, to=Stage.FIRST), GOES_ON), **ENDINGS}
    )
    first = life.case.tasks[0].id
    life.answer(yes=False, at=START + HOUR, by=KIM)

    life.tell(Pitched(), START + 2 * HOUR)
    stale = life.tell(QuestionAnswered(task=first, answer=True), START + 3 * HOUR, by=KIM)

    assert life.case.tasks[0].id != first
    assert verdict(stale) == ("ignored", f"question_closed: {first}")


def test_an_answer_that_leads_nowhere_closes_its_question_and_no_other() -> None:
    life = begun(question("Is it nice?", yes=None), question("Is it done?", role=INSTRUCTOR), GOES_ON)
    done = life.case.tasks[1]

    nice = life.answer(yes=True, at=START + HOUR, by=KIM, question=0)

    assert [step.clause for step in nice.steps] == ["first.ask0.yes"]
    assert life.case.tasks == (done,)
    assert sorted(life.case.timers) == ["first.1.question", KEY]


def test_a_question_is_answered_and_escalated_as_its_own_after_another_one_was_closed() -> None:
    life = begun(question("Is it nice?", yes=None), question("Is it done?", role=INSTRUCTOR), GOES_ON)
    done = life.case.tasks[1]
    life.answer(yes=True, at=START + HOUR, by=KIM, question=0)

    overdue = life.ring("first.1.question")
    refused = life.answer(yes=True, at=START + DAY, by=KIM)
    taken = life.answer(yes=True, at=START + DAY, by=staff("instructor"))

    assert [effect.data for effect in overdue.effects] == [{"question": "Is it done?"}]
    assert life.written[-3].case.tasks == (done.model_copy(update={"escalated_to": "lead"}),)
    assert verdict(refused) == ("rejected", "not_your_question: needs instructor")
    assert [step.clause for step in taken.steps] == ["first.ask1.yes"]


def test_an_answer_that_keeps_a_fact_and_leads_nowhere_closes_its_question() -> None:
    life = begun(question("Is it nice?", yes=None, keep=count_pitch), question(), GOES_ON)

    life.answer(yes=True, at=START + HOUR, by=KIM, question=0)

    assert [task.question for task in life.case.tasks] == ["Is it done?"]
    assert life.subject.pitches == 1


def test_facts_that_change_put_anew_what_is_still_open() -> None:
    life = begun(
        question("Is it nice?", yes=None),
        question("Is it done?", role=INSTRUCTOR),
        on(ScoreRecorded, keep=take_score),
        GOES_ON,
    )
    life.answer(yes=True, at=START + HOUR, by=KIM, question=0)

    life.tell(ScoreRecorded(score=9), START + 2 * HOUR)

    assert [(task.question, task.needs) for task in life.case.tasks] == [("Is it done?", ("instructor",))]


# ---- a date that moves


FOLLOWS = on(CalendarMoved, keep=take_calendar)


def test_a_timer_follows_its_date() -> None:
    life = begun(at(the_close, days=-1), at(the_close, to=Stage.DONE), FOLLOWS)
    later = CALENDAR.applications_close + 7 * DAY

    moving = life.tell(CalendarMoved(calendar=moved(2, applications_close=later)), START + HOUR)

    assert life.case.timers == {
        "first.the_close-1d": Timer(due=later - DAY, rings_at=later - DAY, visit=1, armed=2),
        "first.the_close": Timer(due=later, rings_at=later + GRACE, visit=1, armed=2),
    }
    assert [(effect.kind, effect.type) for effect in moving.effects] == [
        ("timer", "first.the_close-1d"),
        ("timer", "first.the_close"),
    ]


def test_a_timer_whose_date_stays_is_not_started_again() -> None:
    life = begun(at(the_close, to=Stage.DONE), GOES_ON, FOLLOWS)
    before = life.case.timers

    moving = life.tell(CalendarMoved(calendar=moved(2, month12=kst("2028-09-01 09:00"))), START + HOUR)

    assert (life.case.timers, moving.effects) == (before, ())


def test_a_length_from_arrival_follows_no_date() -> None:
    life = begun(GOES_ON, FOLLOWS)
    before = life.case.timers

    life.tell(CalendarMoved(calendar=moved(2, applications_close=START + DAY)), START + HOUR)

    assert life.case.timers == before


def test_a_timer_that_rang_rings_again_on_its_new_date_only() -> None:
    life = begun(at(the_close, do=[notify(OPERATOR, ResultsOverdue)]), after(days=60, to=Stage.DONE), FOLLOWS)
    life.ring("first.the_close")
    later = CALENDAR.applications_close + 7 * DAY

    life.tell(CalendarMoved(calendar=moved(2, month12=kst("2028-09-01 09:00"))), CALENDAR.applications_close + HOUR)
    gone = "first.the_close" in life.case.timers
    life.tell(CalendarMoved(calendar=moved(3, applications_close=later)), CALENDAR.applications_close + HOUR)

    assert gone is False
    assert life.case.timers["first.the_close"] == Timer(due=later, rings_at=later, visit=1, armed=4)


def test_a_date_that_moves_into_the_past_makes_what_comes_after_it_late() -> None:
    life = begun(at(the_close, to=Stage.DONE), on(Pitched), FOLLOWS)

    life.tell(CalendarMoved(calendar=moved(2, applications_close=START + HOUR)), START + 2 * HOUR)
    pitched = life.tell(Pitched(), START + 3 * HOUR)

    assert verdict(pitched) == ("ignored", "deadline_passed: first.the_close")


# ---- what is not applied


def test_an_event_that_no_stage_answers_is_rejected() -> None:
    life = begun(GOES_ON)

    assert verdict(life.tell(AttendanceRecorded(share=1), START)) == ("rejected", "nobody_answers: AttendanceRecorded")


def test_an_event_that_no_stage_still_to_come_answers_is_ignored() -> None:
    life = begun(on(Pitched, to=Stage.SECOND), GOES_ON, states=accepts())
    life.tell(Pitched(), START)

    assert verdict(life.tell(Pitched(), START)) == ("ignored", "not_answered_here: second")


def test_an_unknown_event_is_rejected() -> None:
    life = begun(GOES_ON)
    message = life.message(Pitched(), START).model_copy(update={"type": "Danced"})

    assert verdict(life.hear(message)) == ("rejected", "unknown_event: Danced")


def test_fields_with_faults_are_rejected_by_name_and_never_repeated() -> None:
    life = begun(on(ScoreRecorded, keep=take_score), GOES_ON)
    message = life.message(ScoreRecorded(score=1), START)
    data = {"score": "김카나리", "colour": "010-7777-0042"}

    refused = life.hear(message.model_copy(update={"data": data}))

    assert verdict(refused) == ("rejected", "bad_fields: colour, score")


@pytest.mark.parametrize("name", ["at", "arrives_at"])
def test_the_time_is_never_the_senders_to_say(name: str) -> None:
    life = begun(on(Pitched, to=Stage.SECOND), GOES_ON, states=accepts())
    message = life.message(Pitched(), THE_END + DAY)

    pitched = life.hear(message.model_copy(update={"data": {name: START.isoformat()}}))

    assert verdict(pitched) == ("ignored", f"deadline_passed: {KEY}")


def test_a_message_that_is_not_applied_changes_nothing_but_the_length_of_the_history() -> None:
    life = begun(question(), GOES_ON)
    before = life.case

    life.tell(AttendanceRecorded(share=1), START)
    life.tell(TimerRang(key=KEY, visit=9, due=THE_END, armed=1), THE_END)
    life.tell(QuestionAnswered(task=TaskId("none"), answer=True), START, by=KIM)

    assert life.case == before.model_copy(update={"seq": 4, "hash": life.written[-1].hash})


# ---- the same again


def test_the_same_arguments_give_the_same_decision() -> None:
    life = begun(question(), on(Pitched, to=Stage.SECOND), GOES_ON, states=accepts())
    message = life.message(Pitched(), START + HOUR)
    assert life.workflow is not None

    one = decide(life.workflow, life.case, message, START + HOUR)
    other = decide(life.workflow, life.case, message, START + HOUR, subject=life.subject)

    assert one == other


def test_a_decision_leaves_the_case_it_was_made_on_as_it_was() -> None:
    life = early()
    life.tell(OfferAccepted(), START)
    before = life.case.model_dump_json()
    case = life.case
    assert life.workflow is not None

    decide(life.workflow, case, life.message(Pitched(), START + HOUR), START + HOUR)

    assert case.model_dump_json() == before


def test_sends_go_out_under_names_that_say_where_they_were_ordered() -> None:
    life = begun(on(SeatReturned, do=[send(ScoreRecorded, to=lambda _: CaseId("neighbour"))]), GOES_ON)

    returned = life.tell(SeatReturned(application=CaseId("a"), why=""), START)

    assert sent(returned) == ["ScoreRecorded to neighbour"]


def test_pitches_are_counted_one_by_one() -> None:
    life = begun(on(Pitched, keep=count_pitch), on(ApplicationWithdrew, to=Stage.DONE), GOES_ON)

    pitches(life, 3, START + HOUR)

    assert life.subject.pitches == 3
