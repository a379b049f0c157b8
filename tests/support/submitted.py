"""An application form, as the event that it becomes."""

from typing import Any

from schemas.cohort import Terms
from schemas.events.application import ApplicationSubmitted
from schemas.ids import CaseId, PersonId
from tests.support.cohort import CALENDAR, TERMS


def a_submission(case: str = "application-1", *, terms: Terms = TERMS, **changed: Any) -> ApplicationSubmitted:
    """Give the event of one person's form."""
    given: dict[str, Any] = {
        "person": PersonId(f"person of {case}"),
        "round": CaseId("round-1"),
        "cohort": "2027",
        "programme": "ai-academy",
        "calendar": CALENDAR,
        "terms": terms,
        "university": "전남대학교",
        "is_enrolled": True,
        "can_attend": True,
        "answers": "digest",
        **changed,
    }
    return ApplicationSubmitted(**given)
