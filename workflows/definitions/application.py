"""An application, from the form to a seat or a clear no."""

from datetime import datetime, timedelta

from schemas.application import Application, Stage
from schemas.events import (
    ApplicationSubmitted,
    ApplicationWithdrew,
    EnrolmentLeft,
    EnrolmentOpened,
    LearnerWithdrew,
    NotSelected,
    OfferAccepted,
    OfferDeclined,
    OfferMade,
    QuestionAnswered,
    ScoreRecorded,
    SeatClaimed,
    SeatReturned,
    SeatTaken,
    TimerRang,
    WaitlistClosed,
    WaitlistPlaced,
)
from schemas.ids import CaseId, name_of
from schemas.notices import (
    AcceptanceReceived,
    AnswerTooLate,
    ApplicationEdited,
    ApplicationIneligible,
    ApplicationLate,
    ApplicationReceived,
    ClaimRefused,
    DeclineReceived,
    EditHeardLate,
    EditTooLate,
    LearnerEnrolled,
    NoSeat,
    OfferExpired,
    OfferExpiring,
    ResultsOverdue,
    SeatOffered,
    Waitlisted,
    WaitlistEnded,
    WithdrawalReceived,
)
from schemas.roles import APPLICANT, LEAD, OPERATOR, PARTNERS
from workflows.definitions.calendar import applications_close, follows_calendar, promotion_ends, results_at
from workflows.definitions.eligibility import failed_rules
from workflows.engine.notation import after, ask, at, entry, final, notify, on, send, state, workflow


def is_late(application: Application, event: ApplicationSubmitted) -> bool:
    """The form was sent after the close."""
    return event.at > application.calendar.applications_close


def changes_nothing(application: Application, event: ApplicationSubmitted) -> bool:
    """The form says the same again, or was sent before the one that counts and only arrived after it."""
    return event.at < application.submitted_at or _with_answers(application, event) == application


def meets_the_rules(application: Application, _rang: TimerRang) -> bool:
    """No eligibility rule failed."""
    return not failed_rules(application)


def was_in_time(application: Application, event: OfferAccepted) -> bool:
    """The answer was given before the offer ended, though it was heard later."""
    return application.answer_by is not None and event.at <= application.answer_by


def is_of_another(application: Application, event: EnrolmentLeft) -> bool:
    """It is not the enrolment that this application led to."""
    return event.enrolment != its_enrolment(application)


def answer_by(application: Application) -> datetime | None:
    """When the offer ends."""
    return application.answer_by


def day_before_answer(application: Application) -> datetime | None:
    """A day before the offer ends, if it is open for longer than that."""
    return _before_answer(application, hours=24)


def hours_before_answer(application: Application) -> datetime | None:
    """Two hours before the offer ends, if it is open for longer than that."""
    return _before_answer(application, hours=2)


def _before_answer(application: Application, *, hours: int) -> datetime | None:
    if application.answer_by is None or application.terms.offer_hours <= hours:
        return None
    return application.answer_by - timedelta(hours=hours)


def claim_window(application: Application) -> timedelta:
    """How long an answer given in time can still claim a seat."""
    return timedelta(days=application.terms.claim_days)


def its_round(application: Application) -> CaseId:
    """The round that owns the seats."""
    return application.round


def its_enrolment(application: Application) -> CaseId:
    """The enrolment that begins with the acceptance."""
    return CaseId(name_of("enrolment", application.application))


# ---- what the application keeps


def _with_answers(application: Application, event: ApplicationSubmitted) -> Application:
    changed = ("university", "is_enrolled", "can_attend", "answers")
    return application.model_copy(update={name: getattr(event, name) for name in changed})


def note_submitted(application: Application, event: ApplicationSubmitted) -> Application:
    """Keep when the form was sent."""
    return application.model_copy(update={"submitted_at": event.at})


def take_edit(application: Application, event: ApplicationSubmitted) -> Application:
    """Keep the new answers; the old version stays in the history."""
    changed = {"edits": application.edits + 1, "submitted_at": event.at}
    return _with_answers(application, event).model_copy(update=changed)


def note_failed_rules(application: Application, _rang: TimerRang) -> Application:
    """Keep which rules are not met."""
    return application.model_copy(update={"failed_rules": failed_rules(application)})


def note_ruling(application: Application, answered: QuestionAnswered) -> Application:
    """Keep the failed rules only if a human confirmed them."""
    return application if answered.answer else application.model_copy(update={"failed_rules": ()})


def take_score(application: Application, event: ScoreRecorded) -> Application:
    """Keep the score; a corrected one replaces it."""
    return application.model_copy(update={"score": event.score})


def take_offer(application: Application, event: OfferMade) -> Application:
    """Keep until when the offer can be answered."""
    window = timedelta(hours=application.terms.offer_hours)
    rank = event.rank or application.rank
    return application.model_copy(update={"rank": rank, "answer_by": event.arrives_at + window})


def take_place(application: Application, event: WaitlistPlaced) -> Application:
    """Keep the place on the waitlist."""
    return application.model_copy(update={"rank": event.rank, "position": event.position})


def take_rank(application: Application, event: NotSelected) -> Application:
    """Keep the rank."""
    return application.model_copy(update={"rank": event.rank})


def note_declined(application: Application, _event: OfferDeclined) -> Application:
    """Keep that the offer was declined."""
    return _gives_back(application, "declined")


def note_expired(application: Application, _rang: TimerRang) -> Application:
    """Keep that the offer was not answered."""
    return _gives_back(application, "expired")


def note_withdrawn(application: Application, _event: ApplicationWithdrew) -> Application:
    """Keep that the applicant withdrew."""
    return _gives_back(application, "withdrawn")


def note_vacated(application: Application, event: EnrolmentLeft) -> Application:
    """Keep why the enrolment ended."""
    return _gives_back(application, event.why)


def note_not_waiting(application: Application, _event: OfferMade) -> Application:
    """Keep that an offer came that can no longer be taken."""
    return _gives_back(application, application.why or "not_waiting")


def _gives_back(application: Application, why: str) -> Application:
    return application.model_copy(update={"why": why, "returns": application.returns + 1})


returns_any_offer = on(OfferMade, keep=note_not_waiting, do=[send(SeatReturned, to=its_round)])

APPLICATION = workflow(
    "application",
    version=1,
    subject=Application,
    opens=[
        on(ApplicationSubmitted, when=is_late, keep=note_submitted, to=Stage.LATE),
        on(ApplicationSubmitted, keep=note_submitted, to=Stage.SUBMITTED),
    ],
    states={
        Stage.SUBMITTED: state(
            entry(notify(APPLICANT, ApplicationReceived)),
            on(ApplicationSubmitted, when=changes_nothing),
            on(ApplicationSubmitted, keep=take_edit, do=[notify(APPLICANT, ApplicationEdited)]),
            at(applications_close, when=meets_the_rules, to=Stage.ELIGIBLE),
            at(applications_close, keep=note_failed_rules, to=Stage.INELIGIBLE_PROPOSED),
        ),
        Stage.LATE: final(
            notify(APPLICANT, ApplicationLate),
            on(ApplicationSubmitted, when=is_late),
            on(ApplicationSubmitted, do=[notify(OPERATOR, EditHeardLate)]),
            returns_any_offer,
        ),
        Stage.INELIGIBLE_PROPOSED: state(
            ask(
                OPERATOR,
                "Is this applicant really not eligible?",
                yes=Stage.INELIGIBLE,
                no=Stage.ELIGIBLE,
                keep=note_ruling,
                due_business_days=2,
                escalate_to=LEAD,
            ),
        ),
        Stage.INELIGIBLE: final(notify(APPLICANT, ApplicationIneligible), returns_any_offer),
        Stage.ELIGIBLE: state(
            on(ScoreRecorded, keep=take_score),
            on(OfferMade, keep=take_offer, to=Stage.OFFERED),
            on(WaitlistPlaced, keep=take_place, to=Stage.WAITLISTED),
            on(NotSelected, keep=take_rank, do=[notify(APPLICANT, NoSeat)], to=Stage.NOT_SELECTED),
            at(results_at, days=3, do=[notify(OPERATOR, ResultsOverdue)]),
            at(promotion_ends, do=[notify(APPLICANT, NoSeat)], to=Stage.NOT_SELECTED),
        ),
        Stage.WAITLISTED: state(
            entry(notify(APPLICANT, Waitlisted)),
            on(OfferMade, keep=take_offer, to=Stage.OFFERED),
            on(WaitlistClosed, do=[notify(APPLICANT, WaitlistEnded)], to=Stage.NOT_SELECTED),
            at(promotion_ends, days=3, do=[notify(OPERATOR, ResultsOverdue)]),
        ),
        Stage.NOT_SELECTED: final(returns_any_offer),
        Stage.OFFERED: state(
            entry(notify(APPLICANT, SeatOffered)),
            on(OfferAccepted, to=Stage.ACCEPTED),
            on(OfferDeclined, keep=note_declined, to=Stage.DECLINED),
            at(day_before_answer, do=[notify(APPLICANT, OfferExpiring)]),
            at(hours_before_answer, do=[notify(APPLICANT, OfferExpiring)]),
            at(answer_by, keep=note_expired, to=Stage.LAPSED),
        ),
        Stage.LAPSED: state(
            entry(send(SeatReturned, to=its_round), notify(APPLICANT, OfferExpired)),
            on(OfferAccepted, when=was_in_time, to=Stage.CLAIM_PROPOSED),
            on(OfferAccepted, do=[notify(APPLICANT, AnswerTooLate)]),
            after(claim_window, to=Stage.EXPIRED),
        ),
        Stage.CLAIM_PROPOSED: state(
            ask(
                OPERATOR,
                "This answer was given in time but heard late. Does the applicant get the next free seat?",
                yes=Stage.CLAIMING,
                no=Stage.CLAIM_REFUSED,
                due_business_days=1,
                escalate_to=LEAD,
            ),
        ),
        Stage.CLAIMING: state(
            entry(send(SeatClaimed, to=its_round)),
            on(OfferMade, keep=take_offer, to=Stage.ACCEPTED),
            on(WaitlistClosed, to=Stage.CLAIM_REFUSED),
            at(promotion_ends, days=1, to=Stage.CLAIM_REFUSED),
        ),
        Stage.ACCEPTED: state(
            entry(
                send(SeatTaken, to=its_round),
                send(EnrolmentOpened, to=its_enrolment),
                notify(APPLICANT, AcceptanceReceived),
                notify(PARTNERS, LearnerEnrolled),
            ),
            on(EnrolmentLeft, when=is_of_another),
            on(EnrolmentLeft, keep=note_vacated, to=Stage.VACATED),
            on(ApplicationWithdrew, do=[send(LearnerWithdrew, to=its_enrolment)]),
            on(OfferMade, do=[send(SeatTaken, to=its_round)]),
            at(promotion_ends, to=Stage.ENROLLED),
        ),
        Stage.ENROLLED: final(
            on(ApplicationWithdrew, do=[send(LearnerWithdrew, to=its_enrolment)]),
            on(EnrolmentLeft),
            on(OfferMade, do=[send(SeatTaken, to=its_round)]),
        ),
        Stage.DECLINED: final(
            send(SeatReturned, to=its_round),
            notify(APPLICANT, DeclineReceived),
            returns_any_offer,
        ),
        Stage.EXPIRED: final(returns_any_offer),
        Stage.CLAIM_REFUSED: final(notify(APPLICANT, ClaimRefused), returns_any_offer),
        Stage.VACATED: final(send(SeatReturned, to=its_round), returns_any_offer),
        Stage.WITHDRAWN: final(
            send(SeatReturned, to=its_round),
            notify(APPLICANT, WithdrawalReceived),
            returns_any_offer,
        ),
    },
    throughout=[
        on(ApplicationSubmitted, when=is_late, do=[notify(APPLICANT, EditTooLate)]),
        on(ApplicationSubmitted, do=[notify(OPERATOR, EditHeardLate)]),
        on(ApplicationWithdrew, keep=note_withdrawn, to=Stage.WITHDRAWN),
        returns_any_offer,
        *follows_calendar(Application),
    ],
)
