"""An appeal (이의신청): admissible or not, then looked at again by somebody else than who decided."""

from schemas.appeal import Appeal, Stage
from schemas.events.appeal import AppealFiled, AppealWithdrawn
from schemas.events.application import AppealUpheld
from schemas.events.engine import QuestionAnswered
from schemas.ids import CaseId
from schemas.notices.appeal import (
    AppealAccepted,
    AppealDismissed,
    AppealInadmissible,
    AppealReceived,
    AppealTakenBack,
    AppealTooLate,
)
from schemas.roles import APPLICANT, CITY, LEAD, OPERATOR
from workflows.definitions.calendar import follows_calendar
from workflows.engine.notation import Clause, ask, entry, final, notify, on, send, state, workflow


def is_too_late(appeal: Appeal, event: AppealFiled) -> bool:
    """It came after the time to appeal; at that very instant it is in time."""
    return event.at > appeal.appeal_by


def its_decision(appeal: Appeal) -> CaseId:
    """The case whose decision is appealed against."""
    return appeal.decision


def whoever_decided(appeal: Appeal) -> tuple[str, ...]:
    """Whoever made the decision, or has answered a question of the appeal."""
    return appeal.decided_by


def note_answerer(appeal: Appeal, answered: QuestionAnswered) -> Appeal:
    """Keep who answered: the next question is somebody else's."""
    decided_by = (*appeal.decided_by, *answered.approved_by, answered.brought_by)
    return appeal.model_copy(update={"decided_by": decided_by})


takes_back: Clause[Appeal] = on(AppealWithdrawn, to=Stage.WITHDRAWN)

APPEAL = workflow(
    "appeal",
    version=1,
    subject=Appeal,
    opens=[
        on(AppealFiled, when=is_too_late, to=Stage.TOO_LATE),
        on(AppealFiled, to=Stage.FILED),
    ],
    states={
        Stage.FILED: state(
            entry(notify(APPLICANT, AppealReceived)),
            ask(
                OPERATOR,
                "Is this appeal admissible?",
                yes=Stage.UNDER_REVIEW,
                no=Stage.INADMISSIBLE,
                not_by=whoever_decided,
                keep=note_answerer,
                needs_reason=True,
                due_business_days=2,
                escalate_to=LEAD,
            ),
            takes_back,
        ),
        Stage.UNDER_REVIEW: state(
            ask(
                LEAD,
                "Is this appeal upheld?",
                yes=Stage.UPHELD,
                no=Stage.DISMISSED,
                not_by=whoever_decided,
                needs_reason=True,
                due_business_days=5,
                escalate_to=CITY,
            ),
            takes_back,
        ),
        Stage.UPHELD: final(send(AppealUpheld, to=its_decision), notify(APPLICANT, AppealAccepted)),
        Stage.DISMISSED: final(notify(APPLICANT, AppealDismissed)),
        Stage.INADMISSIBLE: final(notify(APPLICANT, AppealInadmissible)),
        Stage.TOO_LATE: final(notify(APPLICANT, AppealTooLate)),
        Stage.WITHDRAWN: final(notify(APPLICANT, AppealTakenBack)),
    },
    throughout=[*follows_calendar(Appeal)],
)
