"""How long a person's data are kept, by their cases (domain.md F.3; to be confirmed by the privacy officer)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from schemas.cohort import Calendar
from schemas.messages import Case

AFTER_RESULTS = timedelta(days=90)
AFTER_MONTH12 = timedelta(days=30)
AFTER_EVENT = timedelta(days=365)
LOOKED_AT_AGAIN = timedelta(days=7)
"""As long as a case of the person is open, nothing is destroyed; so soon it is looked at again."""
REFUSED_BODIES = timedelta(days=30)


def after_results(facts: Mapping[str, Any]) -> datetime:
    """Give how long an application is kept that led to nothing."""
    return Calendar.model_validate(facts["calendar"]).results_at + AFTER_RESULTS


def after_month12(facts: Mapping[str, Any]) -> datetime:
    """Give how long a learner is kept: until the report on the last survey is out."""
    return Calendar.model_validate(facts["calendar"]).month12 + AFTER_MONTH12


def after_event(facts: Mapping[str, Any]) -> datetime:
    """Give how long whoever registered for an event is kept."""
    return datetime.fromisoformat(facts["held_at"]) + AFTER_EVENT


KEPT: Mapping[str, Callable[[Mapping[str, Any]], datetime]] = {
    "application": after_results,
    "enrolment": after_month12,
    "outcome": after_month12,
    "forum_registration": after_event,
}
"""By workflow: until when a case of it keeps its person.  Any other keeps nobody once it is over."""


def kept_until(cases: Iterable[Case], today: date) -> date:
    """Give the day on which a person has to be destroyed who is in these cases; a day past means: now."""
    days = [date.min]
    for case in cases:
        if not case.is_final:
            days.append(today + LOOKED_AT_AGAIN)
        if case.workflow in KEPT:
            days.append(KEPT[case.workflow](case.data).date())
    return max(days)
