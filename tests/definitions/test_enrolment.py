"""A learner's sixteen weeks, with a staff gate after each phase."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.events.engine import CalendarMoved
from schemas.events.enrolment import (
    AssessmentSubmitted,
    AttendanceRecorded,
    EnrolmentOpened,
    LearnerWithdrew,
    OnboardingFinished,
    Pitched,
)
from schemas.ids import CaseId, PersonId, name_of
from tests.support.cohort import CALENDAR, DAY, HOUR, MINUTE, TERMS, kst, moved
from tests.support.life import Life, sent, staff, told, verdict
from tests.support.office import ROUND, Office

STARTS = CALENDAR.programme_starts
INSTRUCTOR, OPERATOR = staff("instructor"), staff("operator", "kim")
OUTCOME = CaseId(name_of("outcome", "enrolment-1"))
APPLICATION = CaseId("application-1")


# ---- how to get somewhere


def onboarding(at: datetime = CALENDAR.results_at + DAY, **changed: Any) -> Life:
    given: dict[str, Any] = {
        "person": PersonId("person-1"),
        "application": APPLICATION,
        "cohort": "2027",
        "programme": "ai",
        "calendar": CALENDAR,
        "terms": TERMS,
        **changed,
    }
    life = Life("enrolment-1")
    life.tell(EnrolmentOpened(**given), at)
    return life


def ready(**changed: Any) -> Life:
    life = onboarding(**changed)
    life.tell(OnboardingFinished(), STARTS - 5 * DAY)
    return life


def no_show_proposed(**changed: Any) -> Life:
    life = onboarding(**changed)
    life.ring("onboarding.missed_from")
    return life


def online(**changed: Any) -> Life:
    life = ready(**changed)
    life.ring()
    return life


def online_gate(**changed: Any) -> Life:
    life = online(**changed)
    life.ring()
    return life


def offline(**changed: Any) -> Life:
    life = online_gate(**changed)
    life.answer(yes=True, at=CALENDAR.online_ends + DAY, by=INSTRUCTOR)
    return life


def offline_gate(**changed: Any) -> Life:
    life = offline(**changed)
    life.ring()
    return life


def pitching(**changed: Any) -> Life:
    life = offline_gate(**changed)
    life.answer(yes=True, at=CALENDAR.offline_ends + DAY, by=INSTRUCTOR)
    return life


def pitch_missed(**changed: Any) -> Life:
    life = pitching(**changed)
    life.ring()
    return life


STAGES: dict[str, Callable[..., Life]] = {
    "onboarding": onboarding,
    "ready": ready,
    "no_show_proposed": no_show_proposed,
    "online": online,
    "online_gate": online_gate,
    "offline": offline,
    "offline_gate": offline_gate,
    "pitching": pitching,
    "pitch_missed": pitch_missed,
}


# ---- before the first day


def test_a_seat_begins_with_onboarding() -> None:
    life = onboarding()

    (opened,) = life.entries
    assert (life.stage, told(opened)) == ("onboarding", ["learner: OnboardingStarted"])
    assert (life.subject.opened_at, life.subject.phase) == (CALENDAR.results_at + DAY, "")


def test_a_learner_who_has_not_finished_onboarding_is_reminded_three_days_before_the_start() -> None:
    life = onboarding()

    reminded = life.ring()

    assert (reminded.heard_at, told(reminded)) == (STARTS - 3 * DAY, ["learner: OnboardingDue"])


def test_a_learner_who_was_promoted_late_is_given_a_day_and_then_two() -> None:
    life = onboarding(STARTS - HOUR)

    assert life.case.timers["onboarding.onboarding_due"].due == STARTS - HOUR + DAY
    assert life.case.timers["onboarding.missed_from"].due == STARTS + 2 * DAY


def test_a_learner_who_was_promoted_after_the_start_has_two_days_to_show_up() -> None:
    life = onboarding(STARTS + DAY)

    assert life.case.timers["onboarding.missed_from"].due == STARTS + 3 * DAY


def test_a_learner_who_is_ready_begins_on_the_first_day() -> None:
    life = ready()
    before = life.stage

    begun = life.ring()

    assert (before, life.stage, life.case.arrived_at) == ("ready", "online", STARTS)
    assert [effect.data for effect in begun.effects if effect.kind == "notice"] == [{"phase": "online"}]


def test_a_learner_who_gets_ready_after_the_start_begins_at_once() -> None:
    life = onboarding()
    life.tell(OnboardingFinished(), STARTS + DAY)

    life.ring()

    assert (life.stage, life.case.arrived_at) == ("online", STARTS + DAY)


# ---- not there


def test_a_learner_who_does_not_show_up_is_asked_about_on_the_second_day() -> None:
    life = no_show_proposed()

    (task,) = life.case.tasks
    assert (task.question, task.needs) == ("Has this learner really not shown up?", ("operator",))
    assert life.case.arrived_at == STARTS + 2 * DAY


def test_a_confirmed_no_show_ends_the_enrolment_and_frees_the_seat() -> None:
    life = no_show_proposed()

    ended = life.answer(yes=True, at=STARTS + 2 * DAY + HOUR, by=OPERATOR)

    assert (life.stage, life.subject.why, sent(ended)) == ("no_show", "no_show", [f"EnrolmentLeft to {APPLICATION}"])
    assert told(ended) == ["learner: NoShowConfirmed", "partners: LearnerLeft"]


def test_a_learner_who_was_there_after_all_goes_online() -> None:
    life = no_show_proposed()

    life.answer(yes=False, at=STARTS + 2 * DAY + HOUR, by=OPERATOR)

    assert (life.stage, life.subject.phase, life.subject.why) == ("online", "online", "")


def test_an_unanswered_no_show_is_escalated_after_a_working_day_that_is_no_holiday() -> None:
    life = no_show_proposed()

    overdue = life.ring()

    assert overdue.heard_at == kst("2027-05-07 09:00")
    assert told(overdue) == ["lead: QuestionOverdue"]


# ---- the phases


@pytest.mark.parametrize("stage", ["online", "offline"])
def test_low_attendance_is_told_to_learner_and_instructor(stage: str) -> None:
    life = STAGES[stage]()

    told_of = [
        told(life.tell(AttendanceRecorded(share=share), life.case.arrived_at + DAY)) for share in (0.9, 0.8, 0.79)
    ]

    assert told_of == [[], [], ["learner: AttendanceLow", "instructor: LearnerAtRisk"]]
    assert life.subject.attendance == 0.79


@pytest.mark.parametrize("stage", ["online", "online_gate", "offline", "offline_gate", "pitching"])
def test_attendance_and_assessments_are_kept_in_every_phase_and_at_every_gate(stage: str) -> None:
    life = STAGES[stage]()

    life.tell(AttendanceRecorded(share=0.95), life.case.arrived_at + HOUR)
    life.tell(AssessmentSubmitted(assessment="a"), life.case.arrived_at + HOUR)
    life.tell(AssessmentSubmitted(assessment="b"), life.case.arrived_at + HOUR)

    assert (life.stage, life.subject.attendance, life.subject.submissions) == (stage, 0.95, 2)


def test_an_assessment_before_the_first_day_is_kept_for_it() -> None:
    life = ready()
    life.tell(AssessmentSubmitted(assessment="early"), STARTS - HOUR)

    life.ring("ready.programme_starts")

    assert (life.stage, life.subject.submissions) == ("online", 1)


@pytest.mark.parametrize(
    ("gate", "passed_to", "phase", "completed", "failed"),
    [
        (online_gate, "offline", "offline", "online", "online"),
        (offline_gate, "pitching", "pitch", "offline", "offline"),
    ],
)
def test_an_instructor_decides_at_the_gate(
    gate: Callable[[], Life], passed_to: str, phase: str, completed: str, failed: str
) -> None:
    passes, fails = gate(), gate()
    at = passes.case.arrived_at + DAY

    passed = passes.answer(yes=True, at=at, by=INSTRUCTOR)
    refused = fails.answer(yes=False, at=at, by=INSTRUCTOR)

    assert (passes.stage, passes.subject.phase, passes.subject.phase_completed) == (passed_to, phase, completed)
    assert told(passed) == ["learner: PhaseStarted", "partners: PhaseCompleted"]
    assert (fails.stage, fails.subject.failed_gate) == ("not_completed", failed)
    assert told(refused) == ["learner: GateFailed", "partners: LearnerLeft"]


def test_a_gate_that_nobody_decides_is_escalated_after_three_working_days() -> None:
    life = online_gate()

    overdue = life.ring()

    assert (overdue.heard_at, told(overdue)) == (CALENDAR.online_ends + 5 * DAY, ["lead: QuestionOverdue"])


def test_what_is_handed_in_at_the_gate_puts_the_question_anew() -> None:
    life = online_gate()
    before = life.case.tasks[0].id

    life.tell(AssessmentSubmitted(assessment="late"), life.case.arrived_at + HOUR)

    assert [task.id == before for task in life.case.tasks] == [False]


# ---- the pitch and the end


def test_a_learner_who_pitched_completes() -> None:
    life = pitching()
    life.tell(Pitched(), CALENDAR.programme_ends - DAY)

    completed = life.ring()

    assert (life.stage, life.case.is_final, sent(completed)) == ("completed", True, [f"OutcomeOpened to {OUTCOME}"])
    assert told(completed) == ["learner: ProgrammeCompleted", "partners: LearnerCompleted"]


def test_a_learner_completes_without_a_pitch_where_none_is_required() -> None:
    life = pitching(terms=TERMS.model_copy(update={"pitch_required": False}))

    life.ring()

    assert life.stage == "completed"


def test_a_missing_pitch_is_shown_to_staff_who_may_excuse_it() -> None:
    excused, refused = pitch_missed(), pitch_missed()
    at = CALENDAR.programme_ends + DAY

    excused.answer(yes=True, at=at, by=OPERATOR)
    refused.answer(yes=False, at=at, by=OPERATOR)

    assert (excused.stage, excused.subject.failed_gate) == ("completed", "")
    assert (refused.stage, refused.subject.failed_gate) == ("not_completed", "pitch")


def test_a_pitch_that_was_recorded_late_completes() -> None:
    life = pitch_missed()

    life.tell(Pitched(), CALENDAR.programme_ends - DAY, heard_at=CALENDAR.programme_ends + DAY)

    assert (life.stage, life.subject.has_pitched) == ("completed", True)


def test_a_pitch_before_its_phase_waits_for_it() -> None:
    life = offline_gate()
    life.tell(Pitched(), CALENDAR.offline_ends + HOUR)

    life.answer(yes=True, at=CALENDAR.offline_ends + DAY, by=INSTRUCTOR)

    assert (life.stage, life.subject.has_pitched) == ("pitching", True)


# ---- leaving


@pytest.mark.parametrize("stage", STAGES)
def test_a_learner_can_withdraw_from_every_stage(stage: str) -> None:
    life = STAGES[stage]()
    assert life.stage == stage

    withdrawn = life.tell(LearnerWithdrew(), life.case.arrived_at + MINUTE)

    assert (life.stage, life.subject.why, life.case.timers) == ("withdrawn", "withdrawn", {})
    assert sent(withdrawn) == [f"EnrolmentLeft to {APPLICATION}"]
    assert told(withdrawn) == ["learner: ProgrammeLeft", "partners: LearnerLeft"]


def test_a_learner_whose_application_ran_elsewhere_leaves_without_telling_it() -> None:
    life = onboarding(application=None)

    withdrawn = life.tell(LearnerWithdrew(), STARTS - DAY)

    assert (life.stage, sent(withdrawn)) == ("withdrawn", [])


def test_whoever_has_completed_cannot_withdraw_any_more() -> None:
    life = pitching()
    life.tell(Pitched(), CALENDAR.programme_ends - DAY)
    life.ring()

    late = life.tell(LearnerWithdrew(), CALENDAR.programme_ends + DAY)

    assert (verdict(late), life.stage) == (("ignored", "not_answered_here: completed"), "completed")


# ---- the calendar


def test_a_moved_phase_moves_its_gate() -> None:
    life = online()
    later = CALENDAR.online_ends + 7 * DAY

    life.tell(CalendarMoved(calendar=moved(2, online_ends=later)), STARTS + DAY)

    assert life.case.timers["online.online_ends"].due == later


def test_a_moved_start_moves_the_reminder_and_the_check_with_it() -> None:
    life = onboarding()
    later = STARTS + 14 * DAY

    life.tell(CalendarMoved(calendar=moved(2, programme_starts=later)), STARTS - 10 * DAY)

    assert {key: timer.due for key, timer in life.case.timers.items()} == {
        "onboarding.onboarding_due": later - 3 * DAY,
        "onboarding.missed_from": later + 2 * DAY,
    }


# ---- where several cases talk


@pytest.fixture
def office(embedded: Embedded) -> Office:
    return Office(embedded)


def test_a_no_show_gives_the_seat_to_the_waitlist_while_seats_are_handed_on(office: Office) -> None:
    cases = office.recruit(3)
    for case in cases[:2]:
        office.accept(case)
    office.tell(office.enrolment_of(cases[1]), OnboardingFinished())
    office.until(STARTS + 2 * DAY + HOUR)
    proposed = office.stage(office.enrolment_of(cases[0]))

    office.answer(office.enrolment_of(cases[0]), yes=True)

    assert proposed == "no_show_proposed"
    assert [office.stage(case) for case in cases] == ["vacated", "accepted", "offered"]
    assert office.case(ROUND).data["left"] == {cases[0]: 1}


def test_a_learner_from_the_form_to_the_first_job(office: Office) -> None:
    (case,) = office.recruit(1)
    office.accept(case)
    enrolment = office.enrolment_of(case)
    office.tell(enrolment, OnboardingFinished())
    for until in (CALENDAR.online_ends, CALENDAR.offline_ends):
        office.until(until + HOUR)
        office.answer(enrolment, yes=True, by=INSTRUCTOR)
    office.tell(enrolment, Pitched())
    office.until(CALENDAR.programme_ends + HOUR)
    outcome = CaseId(name_of("outcome", enrolment))
    between = (office.stage(enrolment), office.stage(outcome))

    office.until(CALENDAR.month12 + 40 * DAY)

    assert between == ("completed", "supported")
    assert office.stage(outcome) == "silent"
    assert office.notices()["OutcomeSilent"] == 3
    assert list(office.ports.quarantine.find()) == []
