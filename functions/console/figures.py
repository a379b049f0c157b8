"""A cohort in figures: the same rows make the tables, the charts and the CSV files.  No row names a person."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.forms.safe_csv import Cell
from schemas.application import Application
from schemas.application import Stage as ApplicationStage
from schemas.enrolment import Enrolment
from schemas.enrolment import Stage as EnrolmentStage
from schemas.messages import Case
from schemas.outcome import Outcome
from schemas.outcome import Stage as OutcomeStage
from schemas.round import Round
from workflows.definitions import LATEST
from workflows.runtime.ports import CaseStore

Row = Mapping[str, Cell]

AFTERWARDS = ("enrolment", "outcome")
OF_A_ROUND = tuple(name for name in LATEST if name not in {"round", *AFTERWARDS})
NOT_FOUND_ELIGIBLE = frozenset(
    {
        *(ApplicationStage.SUBMITTED, ApplicationStage.LATE, ApplicationStage.INELIGIBLE_PROPOSED),
        *(ApplicationStage.INELIGIBLE_APPEALABLE, ApplicationStage.INELIGIBLE),
    }
)
TAUGHT = frozenset(
    {
        *(EnrolmentStage.ONLINE, EnrolmentStage.ONLINE_GATE, EnrolmentStage.OFFLINE),
        *(EnrolmentStage.OFFLINE_GATE, EnrolmentStage.PITCHING, EnrolmentStage.PITCH_MISSED),
    }
)
ASKED = frozenset({EnrolmentStage.NO_SHOW_PROPOSED, EnrolmentStage.PITCH_MISSED})
ONBOARDING_ENDS = timedelta(days=3)
GATES = (
    ("online_ends", EnrolmentStage.ONLINE),
    ("offline_ends", EnrolmentStage.OFFLINE),
    ("programme_ends", EnrolmentStage.PITCHING),
)
AT_MONTH12 = {
    OutcomeStage.HIRED: "hired",
    OutcomeStage.FOUNDED: "founded",
    OutcomeStage.STUDYING: "studying",
    OutcomeStage.NONE: "seeking",
    OutcomeStage.SILENT: "silent",
}
OUTCOMES = ("hired", "founded", "studying", "seeking", "silent", "open")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "funnel": ("step", "people", "share"),
    "seats": ("round", "stage", "capacity", "taken", "offered", "free", "over_capacity", "waiting"),
    "stages": ("workflow", "stage", "cases"),
    "attendance": ("learner", "university", "stage", "attendance", "minimum", "submissions", "has_pitched"),
    "at_risk": ("learner", "university", "stage", "why", "attendance", "minimum"),
    "gates": ("learner", "university", "question", "needs", "opened_at", "due_at", "is_overdue", "task"),
    "outcomes": ("month", *OUTCOMES),
}
"""The tables by name, each with its stable columns."""


@dataclass(frozen=True, slots=True)
class CohortCases:
    """All cases of one cohort, read once for a page."""

    rounds: Sequence[tuple[Case, Round]]
    by_workflow: Mapping[str, Sequence[Case]]

    @property
    def universities(self) -> dict[str, str]:
        """The university of each application, by its case."""
        return {case.id: str(case.data["university"]) for case in self.by_workflow["application"]}


def cases_of(cohort: str, store: CaseStore) -> CohortCases:
    """Read the cases of a cohort; there are no rounds if there is no such cohort."""
    found = [case for case in store.find(workflow="round") if case.cohort == cohort]
    rounds = [(case, Round.model_validate_json(case.subject)) for case in found]
    cases: dict[str, list[Case]] = {"round": found}
    for name in OF_A_ROUND:
        cases[name] = [case for each in found for case in store.find(workflow=name, round_id=each.id)]
    for name in AFTERWARDS:
        cases[name] = [case for case in store.find(workflow=name) if case.cohort == cohort]
    return CohortCases(rounds, cases)


def funnel(cohort: CohortCases) -> list[Row]:
    """Give how many people reached each step of the way, by where their cases stand and what these have kept."""
    reached: dict[str, set[str]] = {}
    for step, person in _reached(cohort):
        reached.setdefault(step, set()).add(person)
    first = len(reached.get("applied", ()))
    steps = ("applied", "eligible", "offered", "accepted", "began", "passed_online", "passed_offline", "completed")
    counts = {step: len(reached.get(step, ())) for step in (*steps, "hired", "founded")}
    return [
        {"step": step, "people": count, "share": round(count / first, 3) if first else None}
        for step, count in counts.items()
    ]


def _reached(cohort: CohortCases) -> Iterator[tuple[str, str]]:
    """Give every step that somebody has reached."""
    for case in cohort.by_workflow["application"]:
        yield from ((step, case.person) for step in _steps_of_application(case))
    for case in cohort.by_workflow["enrolment"]:
        yield from ((step, case.person) for step in _steps_of_enrolment(case))
    for case in cohort.by_workflow["outcome"]:
        if case.stage in {OutcomeStage.HIRED, OutcomeStage.FOUNDED}:
            yield case.stage, case.person


def _steps_of_application(case: Case) -> Iterator[str]:
    application = Application.model_validate_json(case.subject)
    if case.stage != ApplicationStage.LATE:
        yield "applied"
    if case.stage not in NOT_FOUND_ELIGIBLE and not application.failed_rules and _was_read(case, application):
        yield "eligible"
    if application.offered_at is not None:
        yield "offered"


def _steps_of_enrolment(case: Case) -> Iterator[str]:
    enrolment = Enrolment.model_validate_json(case.subject)
    yield "accepted"
    if enrolment.phase:
        yield "began"
    if enrolment.phase_completed:
        yield "passed_online"
    if enrolment.phase_completed == "offline":
        yield "passed_offline"
    if case.stage == EnrolmentStage.COMPLETED:
        yield "completed"


def _was_read(case: Case, application: Application) -> bool:
    """Whoever withdrew before anything was made of the application was never found eligible."""
    return case.stage != ApplicationStage.WITHDRAWN or bool(
        application.reviews or application.scores or application.rank or application.conflicts
    )


def seats(cohort: CohortCases) -> list[Row]:
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


def stages(cohort: CohortCases) -> list[Row]:
    """Give how many cases stand where, workflow by workflow, in the order of their stages."""
    rows: list[Row] = []
    for name, workflow in LATEST.items():
        counted = Counter(case.stage for case in cohort.by_workflow.get(name, ()))
        order = [*workflow.states, *(stage for stage in counted if stage not in workflow.states)]
        rows += [{"workflow": name, "stage": str(each), "cases": counted[each]} for each in order if counted[each]]
    return rows


def learners_of(cohort: CohortCases) -> list[tuple[Case, Enrolment, str]]:
    """Give the enrolments, each with its facts and the university of its application."""
    universities = cohort.universities
    found = [(case, Enrolment.model_validate_json(case.subject)) for case in cohort.by_workflow["enrolment"]]
    return [(case, enrolment, universities.get(enrolment.application or "", "")) for case, enrolment in found]


def attendance(learners: Iterable[tuple[Case, Enrolment, str]]) -> list[Row]:
    """Give the share of attended hours of every learner who is being taught."""
    return [
        {
            "learner": case.id,
            "university": university,
            "stage": case.stage,
            "attendance": enrolment.attendance,
            "minimum": enrolment.terms.attendance_min,
            "submissions": enrolment.submissions,
            "has_pitched": enrolment.has_pitched,
        }
        for case, enrolment, university in learners
        if case.stage in TAUGHT
    ]


def at_risk(learners: Iterable[tuple[Case, Enrolment, str]], now: datetime) -> list[Row]:
    """Give whoever needs attention, with every reason."""
    return [
        {
            "learner": case.id,
            "university": university,
            "stage": case.stage,
            "why": " ".join(whys),
            "attendance": enrolment.attendance,
            "minimum": enrolment.terms.attendance_min,
        }
        for case, enrolment, university in learners
        if (whys := list(_whys(case, enrolment, now)))
    ]


def _whys(case: Case, enrolment: Enrolment, now: datetime) -> Iterator[str]:
    if case.stage in TAUGHT and enrolment.attendance < enrolment.terms.attendance_min:
        yield "attendance_low"
    if case.stage == EnrolmentStage.ONBOARDING and now >= enrolment.calendar.programme_starts - ONBOARDING_ENDS:
        yield "onboarding_open"
    if case.stage in ASKED:
        yield case.stage
    if any(task.due_at is not None and task.due_at <= now for task in case.tasks):
        yield "question_overdue"


def gates(learners: Iterable[tuple[Case, Enrolment, str]], now: datetime) -> list[Row]:
    """Give the open questions about learners, the first due first."""
    rows: list[Row] = [
        {
            "learner": case.id,
            "university": university,
            "question": task.question,
            "needs": " ".join(task.needs),
            "opened_at": task.opened_at.isoformat(),
            "due_at": "" if task.due_at is None else task.due_at.isoformat(),
            "is_overdue": task.due_at is not None and task.due_at <= now,
            "task": str(task.id),
        }
        for case, _, university in learners
        for task in case.tasks
    ]
    return sorted(rows, key=lambda row: (str(row["due_at"]), str(row["learner"])))


def coming_gates(cohort: CohortCases) -> list[tuple[str, datetime, int]]:
    """Give the gates that are still to come, each with its date and how many learners will stand there."""
    counted = Counter(case.stage for case in cohort.by_workflow["enrolment"])
    calendar = max((round_.calendar for _, round_ in cohort.rounds), key=lambda each: each.version)
    return [(name, getattr(calendar, name), counted[stage]) for name, stage in GATES if counted[stage]]


def outcomes(cohort: CohortCases) -> list[Row]:
    """Give what became of those who completed, three, six and twelve months later; `open` is not settled yet."""
    found = [(case, Outcome.model_validate_json(case.subject)) for case in cohort.by_workflow["outcome"]]
    if not found:
        return []
    order = list(OutcomeStage)
    counted = {3: Counter[str](), 6: Counter[str](), 12: Counter[str]()}
    for case, outcome in found:
        place = order.index(OutcomeStage(case.stage))
        settled = {
            3: (outcome.at_month3 or "silent") if place >= order.index(OutcomeStage.AFTER_MONTH3) else "open",
            6: (outcome.at_month6 or "silent") if place >= order.index(OutcomeStage.AFTER_MONTH6) else "open",
            12: AT_MONTH12.get(OutcomeStage(case.stage), "open"),
        }
        for month, status in settled.items():
            counted[month][str(status)] += 1
    return [{"month": month, **{name: counts[name] for name in OUTCOMES}} for month, counts in counted.items()]
