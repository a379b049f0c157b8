"""Who is at risk, and why: versioned rules over what an enrolment knows."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.cohort import Terms
from schemas.enrolment import Enrolment, Stage
from schemas.events import NEVER
from schemas.events.engine import TimerRang
from schemas.events.enrolment import AssessmentSubmitted, AttendanceRecorded
from schemas.events.outcome import OutcomeReported
from schemas.ids import CaseId, PersonId
from schemas.outcome import Outcome
from schemas.risk import KR_OFFLINE_80, OURS, OURS_2, PRESETS, TAUGHT, Risk, RiskRule
from schemas.status import Evidence, Status
from tests.support.cohort import CALENDAR, DAY, HOUR, TERMS
from workflows.definitions.enrolment import count_submission, take_attendance
from workflows.definitions.outcome import note_silence, take_report
from workflows.definitions.risk import preset_of, risks_of

STARTS, ENDS, TRAINED = CALENDAR.programme_starts, CALENDAR.online_ends, CALENDAR.offline_ends
HALFWAY = STARTS + (TRAINED - STARTS) / 2
RELEASED = {
    "assessments-behind@1": "80eb4d71",
    "attendance-hardly@1": "95d8b2ad",
    "attendance-lost@1": "778d62fe",
    "attendance-low@1": "fc47d44f",
    "kr-offline-80-lost@1": "a27fba76",
    "kr-offline-80-low@1": "a0b477b6",
    "kr-remote-80-low@1": "3811237b",
    "onboarding-open@1": "79bceff5",
    "silent@1": "c935cae7",
}
PRESETS_RELEASED = {
    "sadari@2": "aef99f61",
    "sadari@1": "6ab9b69e",
    "kr-offline-80@1": "270f7e1f",
    "kr-remote-80-60@1": "9f2e82ef",
}


def learner(**facts: Any) -> Enrolment:
    """An enrolment of somebody who came to the first day."""
    given: dict[str, Any] = {
        "enrolment": CaseId("enrolment-1"),
        "person": PersonId("person-1"),
        "application": None,
        "cohort": "2027",
        "programme": "ai",
        "calendar": CALENDAR,
        "terms": TERMS,
        "opened_at": CALENDAR.results_at,
        **facts,
    }
    return Enrolment(**given)


def named(enrolment: Enrolment, at: datetime, stage: str = "online") -> list[str]:
    """The rules that see a risk."""
    return [risk.rule for risk in risks_of(enrolment, stage, OURS.rules, at)]


def test_whoever_attends_and_hands_in_is_not_at_risk() -> None:
    at = STARTS + 20 * DAY
    enrolment = learner(attendance=0.8, attendance_at=at - DAY, submissions=1, submitted_at=at - DAY)

    assert risks_of(enrolment, "online", OURS.rules, at) == ()


def test_attendance_below_the_cohorts_minimum_is_named_with_both_figures() -> None:
    at = STARTS + 8 * DAY

    (risk,) = risks_of(learner(attendance=0.7995, attendance_at=at), "online", OURS.rules, at)

    assert risk == Risk(
        rule="attendance-low@1",
        measure="attendance",
        value=0.7995,
        threshold=0.8,
        reason_ko="출석률 79.95%: 이 기수의 최소 80%보다 낮습니다.",
        reason_en="Attendance 79.95% is below the cohort's minimum of 80%.",
    )


def test_the_minimum_is_the_cohorts_own() -> None:
    terms = Terms(capacity=1, waitlist=0, offer_hours=48, attendance_min=0.6)
    at = STARTS + 8 * DAY

    assert named(learner(attendance=0.7, attendance_at=at, terms=terms), at) == []


@pytest.mark.parametrize(
    ("attendance", "rules"),
    [
        (0.66, ["attendance-low@1"]),  # 94 % of the second half would do
        (0.64, ["attendance-low@1", "attendance-hardly@1"]),
        (0.61, ["attendance-low@1", "attendance-hardly@1"]),
        (0.59, ["attendance-low@1", "attendance-lost@1"]),
    ],
)
def test_a_minimum_that_can_hardly_or_no_longer_be_reached_is_named(attendance: float, rules: list[str]) -> None:
    enrolment = learner(attendance=attendance, attendance_at=HALFWAY, submitted_at=HALFWAY, submissions=3)

    assert named(enrolment, HALFWAY, "offline") == rules


def test_what_is_needed_and_the_best_that_is_left_are_said() -> None:
    hardly = risks_of(learner(attendance=0.64, attendance_at=HALFWAY), "offline", OURS.rules, HALFWAY)[1]
    lost = risks_of(learner(attendance=0.5, attendance_at=HALFWAY), "offline", OURS.rules, HALFWAY)[1]

    assert hardly.reason_en == "Attendance 64%: 96% of what is left has to be attended to reach 80%, by the calendar."
    assert lost.reason_ko == ("출석률 50%: 남은 기간을 모두 출석해도 75%여서 최소 80%에 이르지 못합니다(필요 110%).")


def test_of_the_time_after_the_last_record_nothing_is_assumed() -> None:
    enrolment = learner(attendance=0.66, attendance_at=HALFWAY, submitted_at=HALFWAY)

    late = named(enrolment, TRAINED - DAY, "offline")

    assert "attendance-lost@1" not in late
    assert "silent@1" in late


@pytest.mark.parametrize(
    ("days", "submissions", "behind"), [(12, 0, 0), (14, 0, 1), (14, 1, 0), (36, 0, 2), (36, 3, 0)]
)
def test_assessments_are_compared_with_the_share_of_the_phase_that_has_passed(
    days: int, submissions: int, behind: int
) -> None:
    at = STARTS + timedelta(days=days)
    enrolment = learner(attendance_at=at, submissions=submissions)

    found = [risk.value for risk in risks_of(enrolment, "online", OURS.rules, at)]

    assert found == ([behind] if behind else [])


def test_an_assessment_that_was_handed_in_again_is_still_one() -> None:
    at = STARTS + 36 * DAY
    enrolment = learner(attendance_at=at, submissions=3, assessments=("a",))

    (risk,) = risks_of(enrolment, "online", OURS.rules, at)

    assert risk.reason_en == "Assessments missing: 1. 1 of the 2 due by now were handed in."


def test_a_late_promotion_is_not_behind_on_the_first_day() -> None:
    begins = STARTS + 20 * DAY

    assert named(learner(opened_at=begins), begins + HOUR) == []


def test_silence_counts_from_the_last_record_of_any_kind_or_the_first_day() -> None:
    heard = STARTS + 15 * DAY

    assert named(learner(), STARTS + 10 * DAY) == []
    assert named(learner(), STARTS + 11 * DAY) == ["silent@1"]
    assert named(learner(attendance_at=STARTS, submitted_at=heard, submissions=3), heard + 10 * DAY) == []
    assert named(learner(attendance_at=STARTS, submitted_at=heard, submissions=3), heard + 11 * DAY) == ["silent@1"]


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in TAUGHT])
def test_whoever_is_not_taught_is_not_at_risk(stage: str) -> None:
    assert named(learner(attendance=0.1, attendance_at=HALFWAY), TRAINED, stage) == []


@pytest.mark.parametrize("stage", sorted({stage for rule in OURS.rules for stage in rule.stages}))
@pytest.mark.parametrize("at", [NEVER, STARTS, ENDS, TRAINED, CALENDAR.programme_ends, CALENDAR.month12])
def test_every_rule_says_something_or_nothing_at_any_time(stage: str, at: datetime) -> None:
    for preset in PRESETS.values():
        for risk in risks_of(learner(attendance=0.0, attendance_at=HALFWAY), stage, preset.rules, at):
            assert "{" not in risk.reason_ko + risk.reason_en


# ---- the rules are data


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "attendance-low"},
        {"id": "Attendance@1"},
        {"reason_en": "low"},
        {"reason_ko": "{value} {due}"},
        {"measure": "days_silent"},
    ],
)
def test_a_rule_that_cannot_be_named_or_said_is_refused(wrong: dict[str, Any]) -> None:
    given = OURS.rules[0].model_dump()

    with pytest.raises(ValidationError):
        RiskRule(**{**given, **wrong})


def test_a_released_rule_never_changes_and_no_id_is_used_twice() -> None:
    rules = [rule for preset in PRESETS.values() for rule in preset.rules]
    digests = {rule.id: hashlib.sha256(rule.model_dump_json().encode()).hexdigest()[:8] for rule in rules}

    assert all(rule == other for rule in rules for other in rules if rule.id == other.id)
    assert digests == RELEASED, "a rule is never changed: give it another version"


def test_a_released_preset_never_changes() -> None:
    digests = {
        preset.id: hashlib.sha256(preset.model_dump_json().encode()).hexdigest()[:8] for preset in PRESETS.values()
    }

    assert digests == PRESETS_RELEASED, "a preset is never changed or taken away: cohorts were planned by it"


def test_a_cohort_is_judged_by_the_preset_of_its_plan() -> None:
    terms = {name: TERMS.model_copy(update={"risk": name}) for name in PRESETS}

    assert {name: preset_of(each) for name, each in terms.items()} == PRESETS
    assert preset_of(TERMS) == OURS


def test_by_a_preset_that_is_not_known_nobody_is_judged() -> None:
    preset = preset_of(TERMS.model_copy(update={"risk": "unheard-of@7"}))

    assert (preset.id, preset.rules, preset.is_verified) == ("unheard-of@7", (), False)


def test_a_plan_that_names_no_preset_is_written_as_before() -> None:
    assert "risk" not in TERMS.model_dump()
    assert TERMS.model_copy(update={"risk": "sadari@2"}).model_dump()["risk"] == "sadari@2"


@pytest.mark.parametrize("risk", ["sadari", "sadari@0", "Sadari@1", "a b@1", "@1"])
def test_what_names_no_version_of_a_preset_is_no_plan(risk: str) -> None:
    with pytest.raises(ValidationError):
        Terms(capacity=1, waitlist=0, offer_hours=48, risk=risk)


def test_whoever_has_not_onboarded_is_at_risk_in_the_last_three_days_before_the_start() -> None:
    def found(at: datetime) -> list[float]:
        return [risk.value for risk in risks_of(learner(), "onboarding", OURS_2.rules, at)]

    assert [found(STARTS - 3 * DAY), found(STARTS - 3 * DAY + HOUR), found(STARTS + DAY)] == [[], [2], [0]]


def test_what_cites_a_korean_rule_says_that_nobody_has_verified_it() -> None:
    cited = [preset for preset in PRESETS.values() if preset.id.startswith("kr-")]

    assert len(cited) == 2
    for preset in cited:
        assert not preset.is_verified
        assert "미확인" in preset.note_ko
        assert "Unverified" in preset.note_en
        assert all("미확인" in rule.reason_ko and "unverified" in rule.reason_en for rule in preset.rules)


def test_a_preset_has_its_own_minimum() -> None:
    terms = Terms(capacity=1, waitlist=0, offer_hours=48, attendance_min=0.6)
    enrolment = learner(attendance=0.59, attendance_at=HALFWAY, terms=terms)

    found = [risk.rule for risk in risks_of(enrolment, "offline", KR_OFFLINE_80.rules, HALFWAY)]

    assert found == ["kr-offline-80-low@1", "kr-offline-80-lost@1"]


# ---- the facts that the rules need


def test_an_enrolment_keeps_when_attendance_was_recorded_and_which_assessments_were_handed_in() -> None:
    first, again, other = (AssessmentSubmitted(assessment=name, at=STARTS + DAY) for name in "aab")

    enrolment = take_attendance(learner(), AttendanceRecorded(share=0.5, at=HALFWAY))
    for event in (first, again, other):
        enrolment = count_submission(enrolment, event)

    assert (enrolment.attendance, enrolment.attendance_at) == (0.5, HALFWAY)
    assert (enrolment.submissions, enrolment.assessments, enrolment.submitted_at) == (3, ("a", "b"), STARTS + DAY)


# ---- how far an outcome is proved


PROVED: dict[str, Any] = {"evidence": Evidence.VERIFIED, "reference": "EV-1"}


def outcome(**facts: Any) -> Outcome:
    given = {"outcome": "outcome-1", "person": "person-1", "enrolment": "enrolment-1", "cohort": "2027"}
    return Outcome(**{**given, "programme": "ai", "calendar": CALENDAR, **facts})


def report(status: Status, by: str, **more: Any) -> OutcomeReported:
    return OutcomeReported(status=status, brought_by=by, **more)


def test_staff_say_how_far_a_status_is_proved_and_the_learner_does_not() -> None:
    by_staff = take_report(outcome(), report(Status.HIRED, "career-1", **PROVED))
    by_learner = take_report(outcome(), report(Status.HIRED, "person-1", **PROVED))

    assert (by_staff.evidence, by_staff.reference) == (Evidence.VERIFIED, "EV-1")
    assert (by_learner.evidence, by_learner.reference) == (Evidence.SELF_REPORTED, "")


def test_what_was_proved_stays_so_until_the_learner_says_something_else() -> None:
    proved = outcome(status=Status.HIRED, **PROVED)

    same = take_report(proved, report(Status.HIRED, "person-1"))
    other = take_report(proved, report(Status.SEEKING, "person-1"))
    silent = note_silence(proved, TimerRang(key="", visit=1, due=HALFWAY, armed=1))

    assert (same.evidence, same.reference) == (Evidence.VERIFIED, "EV-1")
    assert (other.evidence, other.reference) == (Evidence.SELF_REPORTED, "")
    assert (silent.evidence, silent.reference) == (None, "")
