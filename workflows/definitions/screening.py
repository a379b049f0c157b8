"""The form, eligibility and reviews: what an application keeps of them before it is ranked."""

from datetime import datetime, timedelta

from schemas.application import Application
from schemas.events.application import ApplicationSubmitted, ConflictFound, EnrolmentChecked, ReviewGiven, ScoreRecorded
from schemas.events.engine import QuestionAnswered, TimerRang
from schemas.ids import CaseId
from workflows.definitions.eligibility import failed_rules
from workflows.definitions.offers import decided, gives_back


def is_late(application: Application, event: ApplicationSubmitted) -> bool:
    """The form was sent after the close and its grace, by the newest dates; at that very instant it is in time."""
    return event.at > form_closes(_with_newest_dates(application, event))


def changes_nothing(application: Application, event: ApplicationSubmitted) -> bool:
    """The form says the same again, or was sent before the one that counts and only arrived after it."""
    return event.at < application.submitted_at or _with_answers(application, event) == application


def meets_the_rules(application: Application, _rang: TimerRang) -> bool:
    """No eligibility rule failed."""
    return not failed_rules(application)


def is_confirmed(application: Application, event: EnrolmentChecked) -> bool:
    """By what the university says, every rule of eligibility is still met."""
    return event.is_enrolled or not failed_rules(note_checked(application, event))


def does_not_count(application: Application, event: ReviewGiven) -> bool:
    """The reviewer may not read this application, or has corrected the review since."""
    is_old = event.given < application.review_numbers.get(event.reviewer, 0)
    return is_old or event.reviewer in application.conflicts


def differs_widely(application: Application, event: ReviewGiven) -> bool:
    """With this review, two lie further apart than the round allows, and no third reader was asked yet."""
    return wanted_reviews(take_review(application, event)) > wanted_reviews(application)


def form_closes(application: Application) -> datetime:
    """When the form has closed for good: the close and its grace."""
    return application.calendar.applications_close + timedelta(minutes=application.admission.grace_minutes)


def is_in_time_now(application: Application, event: ApplicationSubmitted) -> bool:
    """Applications were extended since, whichever of both has told it, and the form was sent before the later close."""
    extended = _with_newest_dates(application, event)
    is_newer = extended.calendar.version > application.calendar.version
    return not is_late(application, event) and (is_newer or application.submitted_at <= form_closes(application))


def begin_anew(application: Application, event: ApplicationSubmitted) -> Application:
    """Take the form as if it were the first one, with the later dates."""
    extended = _with_newest_dates(application, event)
    return _with_answers(extended, event).model_copy(update={"submitted_at": event.at})


def _with_newest_dates(application: Application, event: ApplicationSubmitted) -> Application:
    if event.calendar.version <= application.calendar.version:
        return application
    return application.model_copy(update={"calendar": event.calendar, "admission": event.admission})


def _with_answers(application: Application, event: ApplicationSubmitted) -> Application:
    changed = ("university", "track", "region", "is_enrolled", "can_attend", "answers")
    given = application.model_copy(update={name: getattr(event, name) for name in changed})
    # What the university said counts, whatever the form says.
    return given if given.confirmed is None else given.model_copy(update={"is_enrolled": given.confirmed})


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


def whoever_checked(application: Application) -> tuple[str, ...]:
    """Whoever brought the word of the university that is in question."""
    return (application.checked_by,) if application.confirmed is False else ()


def note_ruling(application: Application, answered: QuestionAnswered) -> Application:
    """Keep the failed rules only if a human confirmed them."""
    if not answered.answer:
        return application.model_copy(update={"failed_rules": (), "was_checked": False})
    ruled = decided(application, answered.arrives_at, *answered.approved_by, answered.brought_by)
    return gives_back(ruled, "ineligible") if application.was_checked else ruled


def its_round_if_checked(application: Application) -> CaseId | None:
    """The round, if it may have ranked the application before it was found not eligible."""
    return application.round if application.was_checked else None


def note_checked(application: Application, event: EnrolmentChecked) -> Application:
    """Keep what the university says."""
    update = {"is_enrolled": event.is_enrolled, "confirmed": event.is_enrolled, "checked_by": event.brought_by}
    return application.model_copy(update=update)


def note_unconfirmed(application: Application, event: EnrolmentChecked) -> Application:
    """Keep that the university says no, and which rules are not met by that."""
    checked = note_checked(application, event).model_copy(update={"was_checked": True})
    return checked.model_copy(update={"failed_rules": failed_rules(checked)})


def take_score(application: Application, event: ScoreRecorded) -> Application:
    """Keep one part of the total score; a corrected one replaces it."""
    return application.model_copy(update={"scores": {**application.scores, event.component: event.score}})


def take_review(application: Application, event: ReviewGiven) -> Application:
    """Keep a reviewer's score; a corrected one replaces it."""
    reviews = {**application.reviews, event.reviewer: event.score}
    numbers = {**application.review_numbers, event.reviewer: event.given}
    return application.model_copy(update={"reviews": reviews, "review_numbers": numbers})


def note_conflict(application: Application, event: ConflictFound) -> Application:
    """Keep who may not read it, and let go of what they scored."""
    conflicts = {**application.conflicts, **event.conflicts}
    reviews = {reviewer: score for reviewer, score in application.reviews.items() if reviewer not in conflicts}
    return application.model_copy(update={"conflicts": conflicts, "reviews": reviews})


def wanted_reviews(application: Application) -> int:
    """Give how many reviews it needs: one more than planned where they lie far apart."""
    readers, scores = application.admission.readers, application.reviews.values()
    if not scores or len(scores) < readers:
        return readers
    return readers + (max(scores) - min(scores) > application.admission.spread_max)
