"""A learner's sixteen weeks: online basics, offline training, pitching and networking, with a staff gate after each."""

from datetime import datetime, timedelta

from schemas.enrolment import Enrolment, Stage
from schemas.events.application import EnrolmentLeft
from schemas.events.engine import QuestionAnswered, TimerRang
from schemas.events.enrolment import (
    AssessmentSubmitted,
    AttendanceRecorded,
    EnrolmentOpened,
    LearnerWithdrew,
    OnboardingFinished,
    Pitched,
)
from schemas.events.outcome import OutcomeOpened
from schemas.ids import CaseId, name_of
from schemas.notices.enrolment import (
    AttendanceLow,
    GateFailed,
    LearnerAtRisk,
    LearnerCompleted,
    LearnerLeft,
    NoShowConfirmed,
    OnboardingDue,
    OnboardingStarted,
    PhaseCompleted,
    PhaseStarted,
    ProgrammeCompleted,
    ProgrammeLeft,
)
from schemas.roles import INSTRUCTOR, LEAD, LEARNER, OPERATOR, PARTNERS
from workflows.definitions.calendar import (
    follows_calendar,
    offline_ends,
    online_ends,
    programme_ends,
    programme_starts,
)
from workflows.engine.notation import ask, at, entry, final, notify, on, send, state, workflow


def attendance_is_low(enrolment: Enrolment, event: AttendanceRecorded) -> bool:
    """The share of attended hours is below the cohort's minimum."""
    return event.share < enrolment.terms.attendance_min


def may_complete(enrolment: Enrolment, _rang: TimerRang) -> bool:
    """Nothing that completion needs is missing."""
    return enrolment.has_pitched or not enrolment.terms.pitch_required


def onboarding_due(enrolment: Enrolment) -> datetime:
    """When the learner is reminded: three days before the first day, or a day after a late promotion."""
    return max(enrolment.calendar.programme_starts - timedelta(days=3), enrolment.opened_at + timedelta(days=1))


def missed_from(enrolment: Enrolment) -> datetime:
    """When staff are asked about a no-show: at the end of day 2, and never sooner than two days after a promotion."""
    return max(enrolment.calendar.programme_starts, enrolment.opened_at) + timedelta(days=2)


def its_application(enrolment: Enrolment) -> CaseId | None:
    """The application whose seat this is, if it ran here."""
    return enrolment.application


def its_outcome(enrolment: Enrolment) -> CaseId:
    """The support and outcome case that begins with completion."""
    return CaseId(name_of("outcome", enrolment.enrolment))


# ---- what the enrolment keeps


def note_opening(enrolment: Enrolment, event: EnrolmentOpened) -> Enrolment:
    """Keep when the seat came."""
    return enrolment.model_copy(update={"opened_at": event.arrives_at})


def begin_online(enrolment: Enrolment, _rang: TimerRang) -> Enrolment:
    """Keep that online basics began."""
    return enrolment.model_copy(update={"phase": "online"})


def take_attendance(enrolment: Enrolment, event: AttendanceRecorded) -> Enrolment:
    """Keep the latest share of attended hours."""
    return enrolment.model_copy(update={"attendance": event.share, "attendance_at": event.at})


def count_submission(enrolment: Enrolment, event: AssessmentSubmitted) -> Enrolment:
    """Count a submission, and keep which assessment it was of."""
    update: dict[str, object] = {"submissions": enrolment.submissions + 1, "submitted_at": event.at}
    if event.assessment not in enrolment.assessments:
        update["assessments"] = (*enrolment.assessments, event.assessment)
    return enrolment.model_copy(update=update)


def note_no_show(enrolment: Enrolment, answered: QuestionAnswered) -> Enrolment:
    """Keep what staff found: not there, or there after all."""
    return enrolment.model_copy(update={"why": "no_show"} if answered.answer else {"phase": "online"})


def note_online_gate(enrolment: Enrolment, answered: QuestionAnswered) -> Enrolment:
    """Keep what became of the gate after online basics."""
    passed = {"phase": "offline", "phase_completed": "online"}
    return enrolment.model_copy(update=passed if answered.answer else {"failed_gate": "online"})


def note_offline_gate(enrolment: Enrolment, answered: QuestionAnswered) -> Enrolment:
    """Keep what became of the gate after offline training."""
    passed = {"phase": "pitch", "phase_completed": "offline"}
    return enrolment.model_copy(update=passed if answered.answer else {"failed_gate": "offline"})


def note_pitch_gate(enrolment: Enrolment, answered: QuestionAnswered) -> Enrolment:
    """Keep whether a missing pitch was excused."""
    return enrolment if answered.answer else enrolment.model_copy(update={"failed_gate": "pitch"})


def note_pitch(enrolment: Enrolment, _event: Pitched) -> Enrolment:
    """Keep that the learner pitched."""
    return enrolment.model_copy(update={"has_pitched": True})


def note_withdrawn(enrolment: Enrolment, _event: LearnerWithdrew) -> Enrolment:
    """Keep that the learner withdrew."""
    return enrolment.model_copy(update={"why": "withdrawn"})


tells_of_risk = on(
    AttendanceRecorded,
    when=attendance_is_low,
    keep=take_attendance,
    do=[notify(LEARNER, AttendanceLow), notify(INSTRUCTOR, LearnerAtRisk)],
)

ENROLMENT = workflow(
    "enrolment",
    version=1,
    subject=Enrolment,
    opens=[on(EnrolmentOpened, keep=note_opening, to=Stage.ONBOARDING)],
    states={
        Stage.ONBOARDING: state(
            entry(notify(LEARNER, OnboardingStarted)),
            on(OnboardingFinished, to=Stage.READY),
            at(onboarding_due, do=[notify(LEARNER, OnboardingDue)]),
            at(missed_from, to=Stage.NO_SHOW_PROPOSED),
        ),
        Stage.READY: state(
            at(programme_starts, keep=begin_online, to=Stage.ONLINE),
        ),
        Stage.NO_SHOW_PROPOSED: state(
            ask(
                OPERATOR,
                "Has this learner really not shown up?",
                yes=Stage.NO_SHOW,
                no=Stage.ONLINE,
                keep=note_no_show,
                due_business_days=1,
                escalate_to=LEAD,
            ),
        ),
        Stage.NO_SHOW: final(
            send(EnrolmentLeft, to=its_application),
            notify(LEARNER, NoShowConfirmed),
            notify(PARTNERS, LearnerLeft),
        ),
        Stage.ONLINE: state(
            entry(notify(LEARNER, PhaseStarted)),
            tells_of_risk,
            on(AttendanceRecorded, keep=take_attendance),
            on(AssessmentSubmitted, keep=count_submission),
            at(online_ends, to=Stage.ONLINE_GATE),
        ),
        Stage.ONLINE_GATE: state(
            ask(
                INSTRUCTOR,
                "Has this learner passed online basics?",
                yes=Stage.OFFLINE,
                no=Stage.NOT_COMPLETED,
                keep=note_online_gate,
                due_business_days=3,
                escalate_to=LEAD,
            ),
            on(AttendanceRecorded, keep=take_attendance),
            on(AssessmentSubmitted, keep=count_submission),
        ),
        Stage.OFFLINE: state(
            entry(notify(LEARNER, PhaseStarted), notify(PARTNERS, PhaseCompleted)),
            tells_of_risk,
            on(AttendanceRecorded, keep=take_attendance),
            on(AssessmentSubmitted, keep=count_submission),
            at(offline_ends, to=Stage.OFFLINE_GATE),
        ),
        Stage.OFFLINE_GATE: state(
            ask(
                INSTRUCTOR,
                "Has this learner passed offline training?",
                yes=Stage.PITCHING,
                no=Stage.NOT_COMPLETED,
                keep=note_offline_gate,
                due_business_days=3,
                escalate_to=LEAD,
            ),
            on(AttendanceRecorded, keep=take_attendance),
            on(AssessmentSubmitted, keep=count_submission),
        ),
        Stage.PITCHING: state(
            entry(notify(LEARNER, PhaseStarted), notify(PARTNERS, PhaseCompleted)),
            on(AttendanceRecorded, keep=take_attendance),
            on(AssessmentSubmitted, keep=count_submission),
            on(Pitched, keep=note_pitch),
            at(programme_ends, when=may_complete, to=Stage.COMPLETED),
            at(programme_ends, to=Stage.PITCH_MISSED),
        ),
        Stage.PITCH_MISSED: state(
            ask(
                OPERATOR,
                "May this learner complete without a pitch?",
                yes=Stage.COMPLETED,
                no=Stage.NOT_COMPLETED,
                keep=note_pitch_gate,
                due_business_days=3,
                escalate_to=LEAD,
            ),
            on(Pitched, keep=note_pitch, to=Stage.COMPLETED),
        ),
        Stage.COMPLETED: final(
            send(OutcomeOpened, to=its_outcome),
            notify(LEARNER, ProgrammeCompleted),
            notify(PARTNERS, LearnerCompleted),
        ),
        Stage.NOT_COMPLETED: final(notify(LEARNER, GateFailed), notify(PARTNERS, LearnerLeft)),
        Stage.WITHDRAWN: final(
            send(EnrolmentLeft, to=its_application),
            notify(LEARNER, ProgrammeLeft),
            notify(PARTNERS, LearnerLeft),
        ),
    },
    throughout=[
        on(LearnerWithdrew, keep=note_withdrawn, to=Stage.WITHDRAWN),
        *follows_calendar(Enrolment),
    ],
)
