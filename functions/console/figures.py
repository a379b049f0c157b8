"""A cohort in figures: the same rows make the tables, the charts and the CSV files.  No row names a person."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.forms.safe_csv import Cell
from schemas.cohort import Calendar
from schemas.enrolment import Enrolment
from schemas.enrolment import Stage as EnrolmentStage
from schemas.messages import Case
from schemas.outcome import Outcome
from schemas.outcome import Stage as OutcomeStage
from schemas.risk import TAUGHT, Risk
from schemas.round import Round
from schemas.status import Evidence, Status
from workflows.definitions import LATEST
from workflows.definitions.risk import passed_share, preset_of, risks_of
from workflows.definitions.steps import STEPS

Row = Mapping[str, Cell]

PHASES = (
    ("online", "programme_starts", "online_ends", EnrolmentStage.ONLINE, EnrolmentStage.ONLINE_GATE, "passed_online"),
    ("offline", "online_ends", "offline_ends", EnrolmentStage.OFFLINE, EnrolmentStage.OFFLINE_GATE, "passed_offline"),
    ("pitch", "offline_ends", "programme_ends", EnrolmentStage.PITCHING, EnrolmentStage.PITCH_MISSED, "completed"),
)
"""The phases: name, first and last date, where learners are taught, where they wait for a word, the step behind it."""

AT_MONTH12 = {
    OutcomeStage.HIRED: "hired",
    OutcomeStage.FOUNDED: "founded",
    OutcomeStage.STUDYING: "studying",
    OutcomeStage.NONE: "seeking",
    OutcomeStage.SILENT: "silent",
}
OUTCOMES = ("hired", "founded", "studying", "seeking", "silent", "open")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "funnel": ("step", "cases", "share"),
    "seats": ("round", "stage", "capacity", "taken", "offered", "free", "over_capacity", "waiting"),
    "phases": ("phase", "begins_at", "ends_at", "passed_share", "taught", "waiting", "passed"),
    "stages": ("workflow", "stage", "cases"),
    "attendance": ("learner", "university", "stage", "attendance", "minimum", "submissions", "has_pitched"),
    "at_risk": (
        *("learner", "university", "stage", "preset", "rule", "measure"),
        *("value", "threshold", "reason_ko", "reason_en"),
    ),
    "gates": ("learner", "university", "question", "needs", "opened_at", "due_at", "is_overdue", "task"),
    "outcomes": ("month", "enrolled", *OUTCOMES),
    "evidence": ("status", *(each.value for each in Evidence), "all"),
}
"""The tables by name, each with its stable columns."""


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """What is counted of one cohort, read once for a page.

    Attributes:
        counts: How many cases stand where, by workflow and stage.
        reached: How many cases have taken each step.
        at: As of when.
    """

    rounds: Sequence[tuple[Case, Round]]
    counts: Mapping[tuple[str, str], int]
    reached: Mapping[str, int]
    at: datetime

    @property
    def calendar(self) -> Calendar:
        """The dates, by the latest version that a round has."""
        return max((round_.calendar for _, round_ in self.rounds), key=lambda each: each.version)


@dataclass(frozen=True, slots=True)
class Learner:
    """One learner, with what their cohort's rules say of them."""

    case: Case
    enrolment: Enrolment
    preset: str
    risks: Sequence[Risk]


def learner_of(case: Case, at: datetime) -> Learner:
    """Read an enrolment, and judge it by the rules that its cohort was planned by."""
    enrolment = Enrolment.model_validate_json(case.subject)
    preset = preset_of(enrolment.terms)
    return Learner(case, enrolment, preset.id, risks_of(enrolment, case.stage, preset.rules, at))


def funnel(cohort: CohortFigures) -> list[Row]:
    """Give how many cases have taken each step of the way; whoever applied to two rounds has two applications."""
    first = cohort.reached.get("applied", 0)
    counts = {step: cohort.reached.get(step, 0) for steps in STEPS.values() for step in steps}
    return [
        {"step": step, "cases": count, "share": round(count / first, 3) if first else None}
        for step, count in counts.items()
    ]


def seats(cohort: CohortFigures) -> list[Row]:
    """Give the seats of each round."""
    return [
        {
            "round": case.id,
            "stage": case.stage,
            "capacity": round_.capacity,
            "taken": len(round_.taken),
            "offered": len(round_.offers),
            "free": round_.free,
            "over_capacity": len(round_.extra),
            "waiting": 0 if case.is_final else len(round_.waiting),
        }
        for case, round_ in cohort.rounds
    ]


def phases(cohort: CohortFigures) -> list[Row]:
    """Give each phase: how much of it is over, and how many learn in it, wait for a word at its end, have passed it."""
    rows: list[Row] = []
    for name, first, last, taught, waiting, step in PHASES:
        begins, ends = getattr(cohort.calendar, first), getattr(cohort.calendar, last)
        rows.append(
            {
                "phase": name,
                "begins_at": begins.isoformat(),
                "ends_at": ends.isoformat(),
                "passed_share": round(passed_share(begins, ends, cohort.at), 3),
                "taught": cohort.counts.get(("enrolment", taught), 0),
                "waiting": cohort.counts.get(("enrolment", waiting), 0),
                "passed": cohort.reached.get(step, 0),
            }
        )
    return rows


def stages(cohort: CohortFigures) -> list[Row]:
    """Give how many cases stand where, workflow by workflow, in the order of their stages."""
    rows: list[Row] = []
    for name, workflow in LATEST.items():
        counted = {stage: many for (other, stage), many in cohort.counts.items() if other == name}
        order = [*workflow.states, *(stage for stage in counted if stage not in workflow.states)]
        rows += [{"workflow": name, "stage": str(each), "cases": counted[each]} for each in order if each in counted]
    return rows


def attendance(learners: Iterable[Learner]) -> list[Row]:
    """Give the share of attended hours of every learner who is being taught."""
    return [
        {
            **_named(each),
            "attendance": each.enrolment.attendance,
            "minimum": each.enrolment.terms.attendance_min,
            "submissions": each.enrolment.submissions,
            "has_pitched": each.enrolment.has_pitched,
        }
        for each in learners
        if each.case.stage in TAUGHT
    ]


def at_risk(learners: Iterable[Learner]) -> list[Row]:
    """Give whoever is at risk: a row for each rule that says so, with the figures that made it."""
    return [
        {
            **_named(each),
            "preset": each.preset,
            **risk.model_dump(include={"rule", "measure", "value", "threshold", "reason_ko", "reason_en"}),
        }
        for each in learners
        for risk in each.risks
    ]


def _named(learner: Learner) -> Row:
    case = learner.case
    return {"learner": case.id, "university": learner.enrolment.university, "stage": case.stage}


def gates(learners: Iterable[Learner], now: datetime) -> list[Row]:
    """Give the open questions about learners, the first due first."""
    rows: list[Row] = [
        {
            "learner": each.case.id,
            "university": each.enrolment.university,
            "question": task.question,
            "needs": " ".join(task.needs),
            "opened_at": task.opened_at.isoformat(),
            "due_at": "" if task.due_at is None else task.due_at.isoformat(),
            "is_overdue": task.due_at is not None and task.due_at <= now,
            "task": str(task.id),
        }
        for each in learners
        for task in each.case.tasks
    ]
    return sorted(rows, key=lambda row: (str(row["due_at"]), str(row["learner"])))


def coming_gates(cohort: CohortFigures) -> list[tuple[str, datetime, int]]:
    """Give the gates that are still to come, each with its date and how many learners will stand there."""
    return [
        (last, getattr(cohort.calendar, last), many)
        for _, _, last, taught, _, _ in PHASES
        if (many := cohort.counts.get(("enrolment", taught), 0))
    ]


def outcomes(cases: Sequence[Case], enrolled: int) -> list[Row]:
    """Give what became of those who completed, three, six and twelve months later; `open` is not settled yet.

    Args:
        cases: Their outcomes.
        enrolled: How many ever had a seat: rates are of them, and not of those who completed.
    """
    if not cases:
        return []
    order = list(OutcomeStage)
    counted = {3: Counter[str](), 6: Counter[str](), 12: Counter[str]()}
    for case, outcome in ((case, Outcome.model_validate_json(case.subject)) for case in cases):
        place = order.index(OutcomeStage(case.stage))
        settled = {
            3: (outcome.at_month3 or "silent") if place >= order.index(OutcomeStage.AFTER_MONTH3) else "open",
            6: (outcome.at_month6 or "silent") if place >= order.index(OutcomeStage.AFTER_MONTH6) else "open",
            12: AT_MONTH12.get(OutcomeStage(case.stage), "open"),
        }
        for month, status in settled.items():
            counted[month][str(status)] += 1
    return [
        {"month": month, "enrolled": enrolled, **{name: counts[name] for name in OUTCOMES}}
        for month, counts in counted.items()
    ]


def evidence(cases: Sequence[Case]) -> list[Row]:
    """Give, for each status that was reported last, how far it is proved."""
    if not cases:
        return []
    found = Counter(
        (str(case.data.get("status")), str(case.data.get("evidence") or Evidence.SELF_REPORTED)) for case in cases
    )
    rows: list[Row] = []
    for status in Status:
        counts = {each.value: found[status, each] for each in Evidence}
        rows.append({"status": status.value, **counts, "all": sum(counts.values())})
    return rows
