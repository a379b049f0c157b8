"""Attendance, progress and outcomes as staff record them: checks one record, and gives the message it would bring."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from schemas.enrolment import Enrolment
from schemas.events import Event
from schemas.events.enrolment import AssessmentSubmitted, AttendanceRecorded
from schemas.events.outcome import OutcomeReported
from schemas.ids import CaseId
from schemas.messages import Actor, Case, Effect, Message
from schemas.outcome import Outcome
from schemas.outcome import Stage as OutcomeStage
from schemas.risk import TAUGHT
from schemas.roles import LEARNER
from schemas.status import Evidence, Status
from workflows.runtime.bring import foresee
from workflows.runtime.errors import BadForm
from workflows.runtime.ports import Ports

RecordKind = Literal["attendance", "progress", "outcome"]

BETWEEN_CHECKPOINTS = frozenset({OutcomeStage.SUPPORTED, OutcomeStage.AFTER_MONTH3, OutcomeStage.AFTER_MONTH6})
"""Where the same report again says nothing; elsewhere it settles the month."""

NOT_HERE = "is no case of this cohort that you may record for"
NOT_TAUGHT = "is of somebody who is not being taught now"
IS_OVER = "is closed: nothing can be reported any more"


@dataclass(frozen=True, slots=True)
class Attended:
    """The share of hours that a learner has attended so far, 0 to 1."""

    case: CaseId
    share: float


@dataclass(frozen=True, slots=True)
class HandedIn:
    """An assessment that a learner has handed in."""

    case: CaseId
    assessment: str


@dataclass(frozen=True, slots=True)
class Became:
    """What a learner does now.

    Attributes:
        reference: Where the evidence lies, as an opaque id.
    """

    case: CaseId
    status: Status
    evidence: Evidence = Evidence.SELF_REPORTED
    reference: str = ""


Noted = Attended | HandedIn | Became


@dataclass(frozen=True, slots=True)
class Planned:
    """The message that a record brings, and the names of the notices that the learner gets by it."""

    message: Message
    tells: tuple[str, ...]


def plan(
    noted: Noted, cohort: str, actor_for: Callable[[Case], Actor | None], ports: Ports, *, act: str = ""
) -> Planned | None:
    """Give the message that a record would bring; None where the case has it already.  Nothing is changed.

    Publishing the message records it.  An assessment counts once, whoever records it.

    Args:
        noted: What is recorded.
        cohort: The cohort it is recorded for.
        actor_for: Gives who records it for a case; None where they may not.
        ports: The ports.
        act: Names this act, so that doing it again is a repeat; left out, each standing of the case is another.

    Raises:
        BadForm: There is no such case to record for, with the fault beside its column.
        NotAllowed: The role may not record this.
        Rejected: The case does not take it as it stands.
    """
    column = "outcome" if isinstance(noted, Became) else "enrolment"
    seen = ports.cases.get(noted.case)
    actor = actor_for(seen.case) if seen is not None else None
    if seen is None or actor is None or (seen.case.workflow, seen.case.cohort) != (column, cohort):
        raise BadForm({column: NOT_HERE})
    case = seen.case
    if column == "enrolment" and case.stage not in TAUGHT:
        raise BadForm({column: NOT_TAUGHT})
    if case.is_final:
        raise BadForm({column: IS_OVER})
    if _is_known(noted, case):
        return None
    name = noted.assessment if isinstance(noted, HandedIn) else f"{act or case.seq} {_content(noted)}"
    foreseen = foresee(_event(noted), case.id, actor, ports, submission=name)
    if foreseen.is_repeat:
        return None
    return Planned(foreseen.message, _told(foreseen.effects))


def _is_known(noted: Noted, case: Case) -> bool:
    match noted:
        case Attended():
            enrolment = Enrolment.model_validate_json(case.subject)
            return enrolment.attendance_at is not None and enrolment.attendance == noted.share
        case HandedIn():
            return noted.assessment in Enrolment.model_validate_json(case.subject).assessments
        case Became():
            outcome = Outcome.model_validate_json(case.subject)
            said = (outcome.status, outcome.evidence, outcome.reference)
            return case.stage in BETWEEN_CHECKPOINTS and said == (noted.status, noted.evidence, noted.reference)


def _event(noted: Noted) -> Event:
    match noted:
        case Attended():
            return AttendanceRecorded(share=noted.share)
        case HandedIn():
            return AssessmentSubmitted(assessment=noted.assessment)
        case Became():
            return OutcomeReported(status=noted.status, evidence=noted.evidence, reference=noted.reference)


def _content(noted: Attended | Became) -> str:
    return f"{noted.share}" if isinstance(noted, Attended) else f"{noted.status} {noted.evidence} {noted.reference}"


def _told(effects: tuple[Effect, ...]) -> tuple[str, ...]:
    """Give what the learner is told."""
    return tuple(effect.type for effect in effects if effect.kind == "notice" and LEARNER.name in effect.targets)
