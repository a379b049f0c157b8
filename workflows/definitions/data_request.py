"""A person's request about their own data: see, correct, erase, withdraw a consent, have the processing suspended.

The answer is due within ten days of receipt (Enforcement Decree of the Personal Information Protection Act, articles
41, 43 and 44).  Those are calendar days; here they end to the minute, so never later than the law's tenth day does.
"""

from datetime import datetime

from schemas.data_request import ALARM_AFTER, DataRequest, Right, Stage
from schemas.events.data_request import (
    DataRequestBlocked,
    DataRequested,
    DataRequestFulfilled,
    DataRequestLimited,
    DataRequestPassed,
    DataRequestTakenBack,
)
from schemas.events.engine import QuestionAnswered, TimerRang
from schemas.ids import CaseId
from schemas.notices.data_request import (
    ConsentEnded,
    DataCorrected,
    DataErased,
    DataRequestDelayed,
    DataRequestDone,
    DataRequestDue,
    DataRequestFiled,
    DataRequestGranted,
    DataRequestOverdue,
    DataRequestReceived,
    DataRequestRefused,
    DataRequestStuck,
    DataRequestTakenBackReceived,
    ErasureComing,
    ProcessingSuspended,
)
from schemas.roles import ADMIN, APPLICANT, LEAD, OPERATOR, PARTNERS, PRIVACY_OFFICER
from workflows.engine.notation import Clause, after, ask, at, entry, final, notify, on, send, state, workflow

NEEDS_NOBODY = frozenset({Right.SEE, Right.WITHDRAW_CONSENT})
"""Granted to whoever is proved to be the person: to withdraw is as easy as to consent, and to see as to send."""


def needs_nobody(_request: DataRequest, event: DataRequested) -> bool:
    """It is proved who asks, and nobody has to weigh it."""
    return event.is_proven and event.right in NEEDS_NOBODY


def comes_by_own_link(_request: DataRequest, event: DataRequested) -> bool:
    """It is proved who asks."""
    return event.is_proven


def asks_to_erase(request: DataRequest, _event: DataRequestPassed) -> bool:
    """The erasure is asked for."""
    return request.right is Right.ERASE


def erased_but_keeps(request: DataRequest, _event: DataRequestFulfilled) -> bool:
    """The person was erased, but for what a law forces to keep."""
    return request.right is Right.ERASE and bool(request.kept)


def was_erased(request: DataRequest, _event: DataRequestFulfilled) -> bool:
    """The whole person was erased."""
    return request.right is Right.ERASE and not request.kept


def was_corrected(request: DataRequest, _event: DataRequestFulfilled) -> bool:
    """The data were corrected."""
    return request.right is Right.CORRECT


def consent_has_ended(request: DataRequest, _event: DataRequestFulfilled) -> bool:
    """A consent was withdrawn."""
    return request.right is Right.WITHDRAW_CONSENT


def is_suspended(request: DataRequest, _event: DataRequestFulfilled) -> bool:
    """The processing was suspended."""
    return request.right is Right.SUSPEND


# ---- moments


def alarm_on(request: DataRequest) -> datetime | None:
    """Day 7, unless that alarm was given before."""
    return None if request.is_alarmed else request.received_at + ALARM_AFTER


def request_ends(request: DataRequest) -> datetime | None:
    """Day 10, unless it is over."""
    return None if request.is_overdue else request.answer_by


# ---- what a request keeps


def prove_identity(request: DataRequest, answered: QuestionAnswered) -> DataRequest:
    """Keep that it is the person who asks, or why it was refused."""
    return note_refusal(request.model_copy(update={"is_proven": answered.answer}), answered)


def note_refusal(request: DataRequest, answered: QuestionAnswered) -> DataRequest:
    """Keep why it was refused."""
    return request if answered.answer else request.model_copy(update={"reason": answered.reason})


def note_limits(request: DataRequest, event: DataRequestLimited) -> DataRequest:
    """Keep what has to stay in spite of the request, and why."""
    limits = {"kept": event.kept, "ground": event.ground, "kept_until": event.kept_until}
    return request.model_copy(update=limits)


def note_alarm(request: DataRequest, _rang: TimerRang) -> DataRequest:
    """Keep that the alarm was given."""
    return request.model_copy(update={"is_alarmed": True})


def note_overdue(request: DataRequest, _rang: TimerRang) -> DataRequest:
    """Keep that the ten days are over."""
    return request.model_copy(update={"is_overdue": True})


def what_is_asked(request: DataRequest) -> str:
    """The facts that are decided on; how much time is left is none of them."""
    return request.model_dump_json(exclude={"is_alarmed", "is_overdue"})


def itself(request: DataRequest) -> CaseId:
    """This very request."""
    return request.data_request


ten_days: tuple[Clause[DataRequest], ...] = (
    at(alarm_on, keep=note_alarm, do=[notify(PRIVACY_OFFICER, DataRequestDue), notify(LEAD, DataRequestDue)]),
    at(
        request_ends,
        keep=note_overdue,
        do=[
            notify(APPLICANT, DataRequestDelayed),
            notify(PRIVACY_OFFICER, DataRequestOverdue),
            notify(LEAD, DataRequestOverdue),
        ],
    ),
)
can_be_taken_back: Clause[DataRequest] = on(DataRequestTakenBack, to=Stage.WITHDRAWN)
received = (notify(APPLICANT, DataRequestReceived), notify(PRIVACY_OFFICER, DataRequestFiled))

DATA_REQUEST = workflow(
    "data_request",
    version=1,
    subject=DataRequest,
    opens=[
        on(DataRequested, when=needs_nobody, to=Stage.GRANTED),
        on(DataRequested, when=comes_by_own_link, do=received, to=Stage.IN_PROGRESS),
        on(DataRequested, do=received, to=Stage.IDENTITY_CHECK),
    ],
    states={
        Stage.IDENTITY_CHECK: state(
            ask(
                PRIVACY_OFFICER,
                "Is it proved that this request comes from the person concerned?",
                yes=Stage.IN_PROGRESS,
                no=Stage.REFUSED,
                about=what_is_asked,
                keep=prove_identity,
                needs_reason=True,
                due_days=3,
                escalate_to=LEAD,
            ),
            can_be_taken_back,
            *ten_days,
        ),
        Stage.IN_PROGRESS: state(
            ask(
                PRIVACY_OFFICER,
                "Is this request about personal data granted?",
                yes=Stage.GRANTED,
                no=Stage.REFUSED,
                about=what_is_asked,
                keep=note_refusal,
                needs_reason=True,
                due_days=4,
                escalate_to=LEAD,
            ),
            on(DataRequestLimited, keep=note_limits),
            can_be_taken_back,
            *ten_days,
        ),
        Stage.GRANTED: state(
            entry(send(DataRequestPassed, to=itself)),
            on(DataRequestPassed, when=asks_to_erase, to=Stage.ERASING),
            on(DataRequestPassed, to=Stage.FULFILLING),
            *ten_days,
        ),
        Stage.ERASING: state(
            entry(notify(APPLICANT, ErasureComing)),
            can_be_taken_back,
            after(hours=24, to=Stage.FULFILLING),
            *ten_days,
        ),
        Stage.FULFILLING: state(
            entry(notify(PRIVACY_OFFICER, DataRequestGranted)),
            on(
                DataRequestFulfilled,
                when=erased_but_keeps,
                do=[notify(PARTNERS, DataErased)],
                to=Stage.PARTIALLY_REFUSED,
            ),
            on(DataRequestFulfilled, when=was_erased, do=[notify(PARTNERS, DataErased)], to=Stage.DONE),
            on(DataRequestFulfilled, when=was_corrected, do=[notify(PARTNERS, DataCorrected)], to=Stage.DONE),
            on(
                DataRequestFulfilled,
                when=consent_has_ended,
                do=[notify(OPERATOR, ConsentEnded)],
                to=Stage.DONE,
            ),
            on(
                DataRequestFulfilled,
                when=is_suspended,
                do=[notify(PARTNERS, ProcessingSuspended), notify(OPERATOR, ProcessingSuspended)],
                to=Stage.DONE,
            ),
            on(DataRequestFulfilled, to=Stage.DONE),
            on(DataRequestBlocked, to=Stage.IN_PROGRESS),
            after(hours=24, do=[notify(PRIVACY_OFFICER, DataRequestStuck), notify(ADMIN, DataRequestStuck)]),
            *ten_days,
        ),
        Stage.DONE: final(notify(APPLICANT, DataRequestDone)),
        Stage.PARTIALLY_REFUSED: final(),
        Stage.REFUSED: final(notify(APPLICANT, DataRequestRefused)),
        Stage.WITHDRAWN: final(notify(APPLICANT, DataRequestTakenBackReceived)),
    },
)
