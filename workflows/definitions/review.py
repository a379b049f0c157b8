"""One reviewer's reading of one application: assigned, without a conflict of interest, scored, closed."""

from datetime import datetime, timedelta

from schemas.events.application import ConflictFound, ReviewGiven
from schemas.events.review import (
    ConflictDeclared,
    NoConflictStated,
    ReviewAssigned,
    ReviewDeclined,
    ReviewReopened,
    ReviewSubmitted,
)
from schemas.ids import CaseId
from schemas.notices.review import ReviewAsked, ReviewDue, ReviewerNeeded
from schemas.review import Review, Stage
from schemas.roles import OPERATOR, REVIEWER
from workflows.definitions.calendar import follows_calendar, results_at
from workflows.engine.notation import Clause, at, entry, final, notify, on, send, state, workflow

CORRECTED_WITHIN = timedelta(days=2)


def is_anothers(review: Review, event: ConflictDeclared | NoConflictStated | ReviewDeclined | ReviewSubmitted) -> bool:
    """Somebody else than the reviewer brings it."""
    return event.brought_by != review.reviewer


def is_complete(review: Review, event: ReviewSubmitted) -> bool:
    """The reviewer gives points for exactly the criteria of the rubric, each within its range."""
    return event.brought_by == review.reviewer and not missing_points(review, event.points)


def missing_points(review: Review, points: dict[str, float]) -> list[str]:
    """Give the criteria that have no points within their range, and the points that have no criterion."""
    ranges = {criterion.id: criterion.points_max for criterion in review.rubric}
    missing = [name for name, most in ranges.items() if not 0 <= points.get(name, -1) <= most]
    return missing + [name for name in points if name not in ranges]


def review_due(review: Review) -> datetime:
    """When the review is due."""
    return review.due_at


def its_application(review: Review) -> CaseId:
    """The application that is read."""
    return review.application


def take_points(review: Review, event: ReviewSubmitted) -> Review:
    """Keep the points, and what they weigh together, 0 to 100."""
    weights = sum(criterion.weight for criterion in review.rubric)
    shares = (event.points[each.id] / each.points_max * each.weight for each in review.rubric)
    score = round(100 * sum(shares) / weights, 4)
    return review.model_copy(update={"points": event.points, "score": score, "given": review.given + 1})


def take_conflict(review: Review, event: ConflictDeclared) -> Review:
    """Keep what the conflict is; what was scored counts no more."""
    return review.model_copy(update={"why": event.why, "score": None})


def give_time(review: Review, event: ReviewReopened) -> Review:
    """Give two more days, if the review was due sooner."""
    return review.model_copy(update={"due_at": max(review.due_at, event.arrives_at + CORRECTED_WITHIN)})


declares_conflict = (
    on(ConflictDeclared, when=is_anothers),
    on(ConflictDeclared, keep=take_conflict, to=Stage.CONFLICTED),
)
declines: tuple[Clause[Review], ...] = (
    on(ReviewDeclined, when=is_anothers),
    on(ReviewDeclined, to=Stage.DECLINED),
)
is_due = (
    at(review_due, hours=-48, do=[notify(REVIEWER, ReviewDue)]),
    at(review_due, hours=-12, do=[notify(REVIEWER, ReviewDue)]),
    at(review_due, to=Stage.OVERDUE),
)

REVIEW = workflow(
    "review",
    version=1,
    subject=Review,
    opens=[on(ReviewAssigned, to=Stage.ASSIGNED)],
    states={
        Stage.ASSIGNED: state(
            entry(notify(REVIEWER, ReviewAsked)),
            on(NoConflictStated, when=is_anothers),
            on(NoConflictStated, to=Stage.READING),
            *declares_conflict,
            *declines,
            *is_due,
        ),
        Stage.READING: state(
            on(ReviewSubmitted, when=is_complete, keep=take_points, to=Stage.SUBMITTED),
            on(ReviewSubmitted),
            *declares_conflict,
            *declines,
            *is_due,
        ),
        Stage.SUBMITTED: state(
            entry(send(ReviewGiven, to=its_application)),
            on(ReviewReopened, keep=give_time, to=Stage.READING),
            *declares_conflict,
            at(results_at, to=Stage.CLOSED),
        ),
        Stage.CONFLICTED: final(send(ConflictFound, to=its_application), notify(OPERATOR, ReviewerNeeded)),
        Stage.DECLINED: final(notify(OPERATOR, ReviewerNeeded)),
        Stage.OVERDUE: final(notify(OPERATOR, ReviewerNeeded)),
        Stage.CLOSED: final(),
    },
    throughout=[*follows_calendar(Review)],
)
