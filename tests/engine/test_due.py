"""Timers, deadlines, and dates that move, in the pure core."""

from datetime import datetime, timedelta

from schemas.events.application import ScoreRecorded
from schemas.events.engine import CalendarMoved, TimerRang
from schemas.events.enrolment import Pitched
from schemas.messages import Timer
from schemas.notices.application import ResultsOverdue
from schemas.notices.round import RankingDue
from schemas.roles import OPERATOR
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TICK, kst, moved
from tests.support.deciding import KEY, KIM, THE_END, accepts
from tests.support.errand import (
    ENDINGS,
    GOES_ON,
    START,
    Errand,
    Stage,
    begun,
    question,
    take_calendar,
    take_score,
    the_close,
)
from tests.support.life import told, verdict
from workflows.engine.notation import after, at, notify, on, state

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
