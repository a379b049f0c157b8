"""The pure core, one behaviour at a time, on workflows as small as the behaviour needs."""

from collections.abc import Mapping

import pytest

from schemas.events.application import ApplicationWithdrew, OfferAccepted, ScoreRecorded
from schemas.events.engine import QuestionAnswered, TimerRang
from schemas.events.enrolment import AttendanceRecorded, LearnerWithdrew, OnboardingFinished, Pitched
from schemas.events.seats import SeatReturned
from schemas.ids import CaseId, TaskId
from schemas.messages import SYSTEM, Actor, Case, Effect, Step, Timer
from schemas.notices.round import RankingDue, RoundOpened
from schemas.roles import LEAD, OPERATOR, PARTNERS
from tests.support.cohort import DAY, GRACE, HOUR
from tests.support.deciding import KEY, KIM, LEE, THE_END, accepts, early
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
    take_score,
)
from tests.support.life import Life, sent, told, verdict
from workflows.engine.decide import CannotOpenError, decide
from workflows.engine.notation import after, entry, final, notify, on, send, state

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
