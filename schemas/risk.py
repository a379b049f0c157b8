"""When a learner is at risk: rules as versioned data, and what they say of one learner.

A rule is never changed: another threshold or another sentence is another version.
"""

from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from schemas.enrolment import Stage
from schemas.record import Record

Measure = Literal["attendance", "attendance_needed", "assessments_behind", "days_silent", "days_to_start"]
"""What is measured of a learner.

- `attendance`: the recorded share of attended hours.  At risk below the threshold.
- `attendance_needed`: the share of what is left of the training that has to be attended to reach the minimum.
- `assessments_behind`: how many assessments are missing by now.
- `days_silent`: full days since anything was recorded.
- `days_to_start`: full days until the programme starts, and 0 from then on.  At risk below the threshold.

The three in between put a learner at risk above the threshold.
"""

FIGURES: dict[str, frozenset[str]] = {
    "attendance": frozenset({"value", "threshold"}),
    "attendance_needed": frozenset({"value", "threshold", "minimum", "attendance", "best"}),
    "assessments_behind": frozenset({"value", "threshold", "done", "due"}),
    "days_silent": frozenset({"value", "threshold"}),
    "days_to_start": frozenset({"value", "threshold"}),
}
"""By measure: what a reason may name in braces."""


def _is_versioned(text: str) -> str:
    name, _, version = text.partition("@")
    if not (name.replace("-", "").isalnum() and name.isascii() and name == name.lower() and version.isdecimal()):
        raise ValueError("is no `name@version`")
    return text


Versioned = Annotated[str, Field(max_length=64), AfterValidator(_is_versioned)]
"""An id with its version, such as `attendance-low@1`."""


class RiskRule(Record):
    """One rule.

    Attributes:
        stages: Where it is asked.
        threshold: Where the risk begins; left out, it is the cohort's own minimum attendance.
        up_to: Above this another rule speaks; left out, none does.
        minimum: The attendance to be reached; left out, it is the cohort's own.
        assessments: How many the phase asks for, spread evenly over it.
        reason_ko: Why the learner is at risk, with the figures in braces.
    """

    id: Versioned
    measure: Measure
    stages: tuple[Stage, ...]
    threshold: float | None = None
    up_to: float | None = None
    minimum: float | None = Field(default=None, ge=0, le=1)
    assessments: int = Field(default=0, ge=0)
    reason_ko: str
    reason_en: str

    @model_validator(mode="after")
    def _names_what_it_measures(self) -> "RiskRule":
        for reason in (self.reason_ko, self.reason_en):
            named = {name for _, name, _, _ in Formatter().parse(reason) if name is not None}
            if "value" not in named or not named <= FIGURES[self.measure]:
                raise ValueError(f"the reason of [{self.id}] has to name the value, and may name no more than is known")
        if self.threshold is None and self.measure != "attendance":
            raise ValueError(f"[{self.id}] needs a threshold")
        return self


class RiskPreset(Record):
    """Rules that belong together.

    Attributes:
        is_verified: Whether somebody has compared it with its source.
        note_ko: Where it comes from, and what is to be known of it.
    """

    id: Versioned
    name_ko: str
    name_en: str
    rules: tuple[RiskRule, ...]
    is_verified: bool
    note_ko: str
    note_en: str


class Risk(Record):
    """Why a learner is at risk, by one rule, as of one instant."""

    rule: Versioned
    measure: Measure
    value: float
    threshold: float
    reason_ko: str
    reason_en: str


TAUGHT = (Stage.ONLINE, Stage.ONLINE_GATE, Stage.OFFLINE, Stage.OFFLINE_GATE, Stage.PITCHING)
PHASES = (Stage.ONLINE, Stage.OFFLINE)

HARDLY_KO = "출석률 {attendance}: 최소 {minimum}에 이르려면 남은 기간의 {value}를 출석해야 합니다(일정으로 셈)."
HARDLY_EN = "Attendance {attendance}: {value} of what is left has to be attended to reach {minimum}, by the calendar."
LOST_KO = "출석률 {attendance}: 남은 기간을 모두 출석해도 {best}여서 최소 {minimum}에 이르지 못합니다(필요 {value})."
LOST_EN = (
    "Attendance {attendance}: attending all that is left gives {best}, short of {minimum} ({value} would be needed)."
)

ATTENDANCE_LOW = RiskRule(
    id="attendance-low@1",
    measure="attendance",
    stages=TAUGHT,
    reason_ko="출석률 {value}: 이 기수의 최소 {threshold}보다 낮습니다.",
    reason_en="Attendance {value} is below the cohort's minimum of {threshold}.",
)
ATTENDANCE_HARDLY = RiskRule(
    id="attendance-hardly@1",
    measure="attendance_needed",
    stages=PHASES,
    threshold=0.95,
    up_to=1.0,
    reason_ko=HARDLY_KO,
    reason_en=HARDLY_EN,
)
ATTENDANCE_LOST = RiskRule(
    id="attendance-lost@1",
    measure="attendance_needed",
    stages=PHASES,
    threshold=1.0,
    reason_ko=LOST_KO,
    reason_en=LOST_EN,
)
ASSESSMENTS_BEHIND = RiskRule(
    id="assessments-behind@1",
    measure="assessments_behind",
    stages=(Stage.ONLINE,),
    threshold=0,
    assessments=3,
    reason_ko="과제 {value}개가 밀렸습니다: 지금까지 {due}개 가운데 {done}개를 냈습니다.",
    reason_en="Assessments missing: {value}. {done} of the {due} due by now were handed in.",
)
SILENT = RiskRule(
    id="silent@1",
    measure="days_silent",
    stages=PHASES,
    threshold=10,
    reason_ko="{value}일 동안 출석도 과제도 기록되지 않았습니다(기준 {threshold}일 초과).",
    reason_en="Neither attendance nor an assessment was recorded for {value} days (more than {threshold}).",
)

ONBOARDING_OPEN = RiskRule(
    id="onboarding-open@1",
    measure="days_to_start",
    stages=(Stage.ONBOARDING,),
    threshold=3,
    reason_ko="시작 전 준비를 마치지 않았습니다: 시작까지 {value}일 남았습니다(기준 {threshold}일).",
    reason_en="Onboarding is not finished, with {value} days left until the start (fewer than {threshold}).",
)

OURS = RiskPreset(
    id="sadari@1",
    name_ko="기본 규칙",
    name_en="The default rules",
    rules=(ATTENDANCE_LOW, ATTENDANCE_HARDLY, ATTENDANCE_LOST, ASSESSMENTS_BEHIND, SILENT),
    is_verified=True,
    note_ko="이 기수의 최소 출석률과 일정으로 셉니다. 온라인 과제는 3개를 고르게 내는 것으로 봅니다.",
    note_en="By the cohort's own minimum and calendar; online basics are taken to ask for three assessments, evenly.",
)
OURS_2 = OURS.model_copy(update={"id": "sadari@2", "rules": (ONBOARDING_OPEN, *OURS.rules)})
KR_OFFLINE_80 = RiskPreset(
    id="kr-offline-80@1",
    name_ko="훈련일 80 % 출석",
    name_en="80% of training days",
    rules=(
        RiskRule(
            id="kr-offline-80-low@1",
            measure="attendance",
            stages=TAUGHT,
            threshold=0.8,
            reason_ko="출석률 {value}: 훈련일의 {threshold}보다 낮습니다(미확인 기준).",
            reason_en="Attendance {value} is below {threshold} of the training days (unverified rule).",
        ),
        RiskRule(
            id="kr-offline-80-lost@1",
            measure="attendance_needed",
            stages=PHASES,
            threshold=1.0,
            minimum=0.8,
            reason_ko=f"{LOST_KO} (미확인 기준)",
            reason_en=f"{LOST_EN} (unverified rule)",
        ),
    ),
    is_verified=False,
    note_ko=(
        "미확인: 고시 원문과 대조하지 못했습니다. 지각·조퇴·외출 3회를 결석 1일로 보는지, 하루의 절반 미만이면 "
        "결석인지는 자료마다 다르며 여기서 세지 않습니다. 기록하신 출석률만 봅니다. 쓰기 전에 확인하십시오."
    ),
    note_en=(
        "Unverified: not compared with the ministry's notice. Sources disagree on how lateness, early leave and "
        "outings become absences; none of that is counted here, only the share that you record. Check it before use."
    ),
)
KR_REMOTE_80_60 = RiskPreset(
    id="kr-remote-80-60@1",
    name_ko="원격훈련 진도 80 %",
    name_en="Remote training, 80% progress",
    rules=(
        RiskRule(
            id="kr-remote-80-low@1",
            measure="attendance",
            stages=(Stage.ONLINE, Stage.ONLINE_GATE),
            threshold=0.8,
            reason_ko="진도율로 기록된 {value}: {threshold}보다 낮습니다(미확인 기준).",
            reason_en="The recorded share of {value} is below {threshold} progress (unverified rule).",
        ),
    ),
    is_verified=False,
    note_ko=(
        "미확인: 고시 원문과 대조하지 못했습니다. 하루 8차시 한도와 평가 60점은 기록에 없어 보지 않고, "
        "출석률 칸에 진도율을 적은 경우에만 맞습니다. 쓰기 전에 확인하십시오."
    ),
    note_en=(
        "Unverified: not compared with the ministry's notice. The limit of eight lessons a day and the 60 points are "
        "not recorded, so they are not looked at, and it fits only where the share holds progress. Check it before use."
    ),
)

PRESETS: dict[str, RiskPreset] = {preset.id: preset for preset in (OURS_2, OURS, KR_OFFLINE_80, KR_REMOTE_80_60)}
"""Every preset by its id: none is ever changed or taken away, since cases hold the id of the one they began under."""
