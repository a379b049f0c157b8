"""Employment and start-up support, and what became of a learner at months 3, 6 and 12."""

from schemas.events.engine import TimerRang
from schemas.events.outcome import OutcomeOpened, OutcomeReported
from schemas.notices.outcome import OutcomeAsked, OutcomeKnown, OutcomeReceived, OutcomeSilent
from schemas.outcome import Outcome, Stage
from schemas.roles import CAREER_STAFF, LEARNER, PARTNERS
from schemas.status import Evidence, Status
from workflows.definitions.calendar import follows_calendar, month3, month6, month12
from workflows.engine.notation import after, at, entry, final, notify, on, state, workflow


def is_hired(_outcome: Outcome, event: OutcomeReported) -> bool:
    """The learner has a job."""
    return event.status is Status.HIRED


def has_founded(_outcome: Outcome, event: OutcomeReported) -> bool:
    """The learner has founded a company."""
    return event.status is Status.FOUNDED


def is_studying(_outcome: Outcome, event: OutcomeReported) -> bool:
    """The learner goes on studying."""
    return event.status is Status.STUDYING


# ---- what the outcome keeps


def take_report(outcome: Outcome, event: OutcomeReported) -> Outcome:
    """Keep the latest report, and how far staff found it proved."""
    update: dict[str, object] = {"status": event.status, "reports": outcome.reports + 1}
    if event.brought_by != outcome.person:
        update |= {"evidence": event.evidence or Evidence.SELF_REPORTED, "reference": event.reference}
    elif event.status is not outcome.status:  # the learner proves nothing alone; what was proved stays so
        update |= {"evidence": Evidence.SELF_REPORTED, "reference": ""}
    return outcome.model_copy(update=update)


def settle_month3(outcome: Outcome, event: OutcomeReported) -> Outcome:
    """Keep the report as the status of month 3."""
    return take_report(outcome, event).model_copy(update={"at_month3": event.status})


def settle_month6(outcome: Outcome, event: OutcomeReported) -> Outcome:
    """Keep the report as the status of month 6."""
    return take_report(outcome, event).model_copy(update={"at_month6": event.status})


def note_silence(outcome: Outcome, _rang: TimerRang) -> Outcome:
    """Keep that nobody answered; an earlier status says nothing about now."""
    return outcome.model_copy(update={"status": None, "evidence": None, "reference": ""})


takes_reports = on(OutcomeReported, keep=take_report, do=[notify(LEARNER, OutcomeReceived)])
asks = entry(notify(LEARNER, OutcomeAsked))
reminds_after_a_week = after(days=7, do=[notify(LEARNER, OutcomeAsked)])
reminds_after_two_weeks = after(days=14, do=[notify(LEARNER, OutcomeAsked)])
calls_after_three_weeks = after(days=21, do=[notify(CAREER_STAFF, OutcomeSilent)])
thanks = notify(LEARNER, OutcomeReceived)

OUTCOME = workflow(
    "outcome",
    version=1,
    subject=Outcome,
    opens=[on(OutcomeOpened, to=Stage.SUPPORTED)],
    states={
        Stage.SUPPORTED: state(takes_reports, at(month3, to=Stage.MONTH3)),
        Stage.MONTH3: state(
            asks,
            on(OutcomeReported, keep=settle_month3, do=[thanks], to=Stage.AFTER_MONTH3),
            reminds_after_a_week,
            reminds_after_two_weeks,
            calls_after_three_weeks,
            after(days=30, keep=note_silence, to=Stage.AFTER_MONTH3),
        ),
        Stage.AFTER_MONTH3: state(takes_reports, at(month6, to=Stage.MONTH6)),
        Stage.MONTH6: state(
            asks,
            on(OutcomeReported, keep=settle_month6, do=[thanks], to=Stage.AFTER_MONTH6),
            reminds_after_a_week,
            reminds_after_two_weeks,
            calls_after_three_weeks,
            after(days=30, keep=note_silence, to=Stage.AFTER_MONTH6),
        ),
        Stage.AFTER_MONTH6: state(takes_reports, at(month12, to=Stage.MONTH12)),
        Stage.MONTH12: state(
            asks,
            on(OutcomeReported, when=is_hired, keep=take_report, do=[thanks], to=Stage.HIRED),
            on(OutcomeReported, when=has_founded, keep=take_report, do=[thanks], to=Stage.FOUNDED),
            on(OutcomeReported, when=is_studying, keep=take_report, do=[thanks], to=Stage.STUDYING),
            on(OutcomeReported, keep=take_report, do=[thanks], to=Stage.NONE),
            reminds_after_a_week,
            reminds_after_two_weeks,
            calls_after_three_weeks,
            after(days=30, keep=note_silence, to=Stage.SILENT),
        ),
        Stage.HIRED: final(notify(PARTNERS, OutcomeKnown)),
        Stage.FOUNDED: final(notify(PARTNERS, OutcomeKnown)),
        Stage.STUDYING: final(notify(PARTNERS, OutcomeKnown)),
        Stage.NONE: final(notify(PARTNERS, OutcomeKnown)),
        Stage.SILENT: final(),
    },
    throughout=[*follows_calendar(Outcome)],
)
