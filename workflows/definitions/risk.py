"""Who is at risk, and why: the rules applied to what an enrolment knows.  No stage and no date depends on it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import floor

from schemas.cohort import Terms
from schemas.enrolment import Enrolment, Stage
from schemas.risk import OURS, PRESETS, Risk, RiskPreset, RiskRule

Figures = Mapping[str, float]

COUNTS = frozenset({"assessments_behind", "days_silent", "days_to_start"})
FEW = frozenset({"attendance", "days_to_start"})
"""What puts a learner at risk below the threshold."""
DAY = timedelta(days=1)


def preset_of(terms: Terms) -> RiskPreset:
    """Give the rules that a cohort was planned by; `OURS` where its plan named none.

    A preset that this version does not know has no rules and says so: nobody is judged by another one instead.
    """
    if not terms.risk:
        return OURS
    return PRESETS.get(terms.risk) or OURS.model_copy(
        update={
            "id": terms.risk,
            "name_ko": terms.risk,
            "name_en": terms.risk,
            "rules": (),
            "is_verified": False,
            "note_ko": "이 판의 사다리에는 이 규칙 모음이 없어, 위험한지 판단하지 않습니다.",
            "note_en": "This version of Sadari has no such preset, so nobody is found at risk by it.",
        }
    )


def risks_of(enrolment: Enrolment, stage: str, rules: Iterable[RiskRule], at: datetime) -> tuple[Risk, ...]:
    """Give why a learner is at risk, in the order of the rules; empty if they are not.

    Args:
        enrolment: The facts of the enrolment.
        stage: Where it stands.
        rules: The rules, such as those of `schemas.risk.OURS`.
        at: As of when.
    """
    asked = (rule for rule in rules if stage in rule.stages)
    return tuple(risk for rule in asked if (risk := _risk(enrolment, stage, rule, at)) is not None)


def passed_share(start: datetime, end: datetime, at: datetime) -> float:
    """Give how much of a span has passed, 0 to 1; a span without length has passed."""
    return 1.0 if end <= start else min(1.0, max(0.0, (at - start) / (end - start)))


def phase_of(enrolment: Enrolment, stage: str) -> tuple[datetime, datetime]:
    """Give when the phase of a stage begins for this learner, and when it ends."""
    calendar = enrolment.calendar
    begins, ends = {
        Stage.OFFLINE: (calendar.online_ends, calendar.offline_ends),
        Stage.OFFLINE_GATE: (calendar.online_ends, calendar.offline_ends),
        Stage.PITCHING: (calendar.offline_ends, calendar.programme_ends),
    }.get(Stage(stage), (calendar.programme_starts, calendar.online_ends))
    return max(begins, enrolment.opened_at), ends


def _risk(enrolment: Enrolment, stage: str, rule: RiskRule, at: datetime) -> Risk | None:
    figures = _figures(enrolment, stage, rule, at)
    threshold = enrolment.terms.attendance_min if rule.threshold is None else rule.threshold
    if figures is None or not _is_over(rule, figures["value"], threshold):
        return None
    words = {name: _written(number, rule) for name, number in {**figures, "threshold": threshold}.items()}
    return Risk(
        rule=rule.id,
        measure=rule.measure,
        value=figures["value"],
        threshold=threshold,
        reason_ko=rule.reason_ko.format(**words),
        reason_en=rule.reason_en.format(**words),
    )


def _is_over(rule: RiskRule, value: float, threshold: float) -> bool:
    if rule.measure in FEW:
        return value < threshold
    return value > threshold and (rule.up_to is None or value <= rule.up_to)


def _figures(enrolment: Enrolment, stage: str, rule: RiskRule, at: datetime) -> Figures | None:
    """Give what is measured; None where nothing can be said."""
    match rule.measure:
        case "attendance":
            return {"value": enrolment.attendance}
        case "attendance_needed":
            return _needed(enrolment, enrolment.terms.attendance_min if rule.minimum is None else rule.minimum, at)
        case "assessments_behind":
            due = floor(rule.assessments * passed_share(*phase_of(enrolment, stage), at))
            done = len(enrolment.assessments) or enrolment.submissions  # handed in again, one is still one
            return {"value": due - done, "due": due, "done": done}
        case "days_silent":
            heard = (enrolment.attendance_at, enrolment.submitted_at, phase_of(enrolment, stage)[0])
            return {"value": (at - max(each for each in heard if each is not None)) // DAY}
        case "days_to_start":
            return {"value": max(0, (enrolment.calendar.programme_starts - at) // DAY)}


def _needed(enrolment: Enrolment, minimum: float, at: datetime) -> Figures | None:
    """Give the share of what is left that has to be attended; of what came after the last record, nothing is known."""
    calendar = enrolment.calendar
    passed = passed_share(
        max(calendar.programme_starts, enrolment.opened_at), calendar.offline_ends, enrolment.attendance_at or at
    )
    if enrolment.attendance >= minimum or not 0 < passed < 1:
        return None
    attended = enrolment.attendance * passed
    needed = (minimum - attended) / (1 - passed)
    return {
        "value": round(needed, 6),
        "minimum": minimum,
        "attendance": enrolment.attendance,
        "best": attended + 1 - passed,
    }


def _written(number: float, rule: RiskRule) -> str:
    """Write a count as it is, and a share in percent."""
    return f"{number:.0f}" if rule.measure in COUNTS else f"{100 * number:.2f}".rstrip("0").rstrip(".") + "%"
