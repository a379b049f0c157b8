"""An offer, from the list to the answer: what an application keeps of it, and when it ends."""

from datetime import datetime, timedelta

from schemas.application import Application
from schemas.events.application import (
    AppealUpheld,
    ApplicationWithdrew,
    EnrolmentLeft,
    InterestDeferred,
    NotSelected,
    OfferAccepted,
    OfferDeclined,
    OfferExtended,
    OfferMade,
    RoundMerged,
    SkipProposed,
    WaitlistClosed,
    WaitlistPlaced,
)
from schemas.events.engine import QuestionAnswered, TimerRang
from schemas.ids import CaseId, name_of
from workflows.definitions.interviewing import without_slot


def results_are_out(application: Application, event: AppealUpheld) -> bool:
    """The results of the round are published."""
    return event.at >= application.calendar.results_at


def lacks_consent(application: Application, event: OfferAccepted) -> bool:
    """A consent is missing that the seat cannot be taken without."""
    return not all(event.consents.get(item) for item in application.admission.consents_needed)


def was_prolonged(application: Application, _event: OfferExtended) -> bool:
    """The offer was prolonged before."""
    return application.was_extended


def was_in_time(application: Application, event: OfferAccepted) -> bool:
    """The answer was given before the offer ended, though it was heard later."""
    return application.answer_by is not None and event.at <= application.answer_by


def claims_in_time(application: Application, event: OfferAccepted) -> bool:
    """The answer was given before the offer ended, though it was heard later, with every consent that it needs."""
    return was_in_time(application, event) and not lacks_consent(application, event)


def claims_without_consent(application: Application, event: OfferAccepted) -> bool:
    """The answer was given before the offer ended, though heard later, but a consent that it needs is missing."""
    return was_in_time(application, event) and lacks_consent(application, event)


def was_made_by_rank(_application: Application, event: OfferMade) -> bool:
    """The round made the offer before it knew of what was given back, and takes it back when it hears of that."""
    return event.rank > 0


def is_of_another(application: Application, event: EnrolmentLeft) -> bool:
    """It is not the enrolment that this application led to."""
    return event.enrolment != its_enrolment(application)


def answer_by(application: Application) -> datetime | None:
    """When the offer ends."""
    return application.answer_by


def half_of_offer(application: Application) -> datetime | None:
    """When half of the offer's time has passed."""
    return _within_offer(application, 0.5)


def most_of_offer(application: Application) -> datetime | None:
    """When four fifths of the offer's time have passed."""
    return _within_offer(application, 0.8)


def _within_offer(application: Application, part: float) -> datetime | None:
    # Of a prolonged offer these instants may be over, and its letter has just said until when it is open.
    if application.answer_by is None or application.offered_at is None or application.was_extended:
        return None
    return application.offered_at + part * (application.answer_by - application.offered_at)


def hours_before_answer(application: Application) -> datetime | None:
    """Two hours before the offer ends, if it is open for longer than that and no other reminder comes just then."""
    if application.answer_by is None or application.offered_at is None:
        return None
    reminds_at = application.answer_by - timedelta(hours=2)
    others = (half_of_offer(application), most_of_offer(application))
    return reminds_at if reminds_at > application.offered_at and reminds_at not in others else None


def claim_window(application: Application) -> timedelta:
    """How long an answer given in time can still claim a seat."""
    return timedelta(days=application.terms.claim_days)


def its_round(application: Application) -> CaseId:
    """The round that owns the seats."""
    return application.round


def its_enrolment(application: Application) -> CaseId:
    """The enrolment that begins with the acceptance."""
    return CaseId(name_of("enrolment", application.application))


def decided(application: Application, at: datetime, *by: str) -> Application:
    """Keep when a decision was made that can be appealed against, and by whom."""
    return application.model_copy(update={"decided_at": at, "decided_by": by})


def take_offer(application: Application, event: OfferMade) -> Application:
    """Keep until when the offer can be answered: near the start of the programme not so long."""
    admission, offered_at = application.admission, event.arrives_at
    is_near = application.calendar.programme_starts - offered_at <= timedelta(days=admission.late_offer_days)
    usual = application.terms.offer_hours
    window = timedelta(hours=min(admission.late_offer_hours, usual) if is_near else usual)
    rank = event.rank or application.rank
    return application.model_copy(
        update={"rank": rank, "offered_at": offered_at, "answer_by": offered_at + window, "was_extended": False}
    )


def prolong_offer(application: Application, event: OfferExtended) -> Application:
    """Keep the later end of the offer."""
    if application.answer_by is None:
        return application
    answer_by = application.answer_by + timedelta(hours=event.hours)
    return application.model_copy(update={"answer_by": answer_by, "was_extended": True})


def take_consents(application: Application, event: OfferAccepted) -> Application:
    """Keep each consent, given or refused."""
    return application.model_copy(update={"consents": event.consents})


def note_proposer(application: Application, event: SkipProposed) -> Application:
    """Keep who proposed it."""
    return application.model_copy(update={"proposed_by": event.brought_by})


def the_proposer(application: Application) -> tuple[str, ...]:
    """Whoever proposed it."""
    return (application.proposed_by,)


def note_skipped(application: Application, answered: QuestionAnswered) -> Application:
    """Keep that the application was passed over, if a second person agreed."""
    if not answered.answer:
        return application
    by = (application.proposed_by, *answered.approved_by, answered.brought_by)
    return gives_back(decided(application, answered.arrives_at, *by), "skipped")


def note_deferred(application: Application, _event: InterestDeferred) -> Application:
    """Keep that the person waits for the next round instead."""
    return gives_back(application, "deferred")


def move_round(application: Application, event: RoundMerged) -> Application:
    """Go over to the supplementary round, with its dates."""
    update = {"round": event.round, "calendar": event.calendar, "rank": None, "position": None}
    return application.model_copy(update=update)


def restore(application: Application, _event: AppealUpheld) -> Application:
    """Forget why it was not eligible, and the interview slot that it has given back."""
    return without_slot(application).model_copy(update={"failed_rules": ()})


def take_place(application: Application, event: WaitlistPlaced) -> Application:
    """Keep the place on the waitlist."""
    return application.model_copy(update={"rank": event.rank, "position": event.position})


def take_rank(application: Application, event: NotSelected) -> Application:
    """Keep the rank."""
    return decided(application, event.arrives_at, *event.decided_by).model_copy(update={"rank": event.rank})


def note_unplaced(application: Application, event: TimerRang | WaitlistClosed) -> Application:
    """Keep when it was settled that there is no seat."""
    return decided(application, event.arrives_at)


def note_declined(application: Application, _event: OfferDeclined) -> Application:
    """Keep that the offer was declined."""
    return gives_back(application, "declined")


def note_expired(application: Application, _rang: TimerRang) -> Application:
    """Keep that the offer was not answered."""
    return gives_back(application, "expired")


def note_withdrawn(application: Application, _event: ApplicationWithdrew) -> Application:
    """Keep that the applicant withdrew."""
    return gives_back(application, "withdrawn")


def note_vacated(application: Application, event: EnrolmentLeft) -> Application:
    """Keep why the enrolment ended."""
    return gives_back(application, event.why)


def note_not_waiting(application: Application, _event: OfferMade) -> Application:
    """Keep that an offer came that can no longer be taken."""
    return gives_back(application, application.why or "not_waiting")


def gives_back(application: Application, why: str) -> Application:
    """Keep why the application gives back what it holds, and count that."""
    return application.model_copy(update={"why": why, "returns": application.returns + 1})
