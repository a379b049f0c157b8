"""How an application gets to where a test begins."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from schemas.events.application import (
    NotSelected,
    OfferAccepted,
    OfferMade,
    SkipProposed,
    WaitlistPlaced,
)
from schemas.ids import CaseId, name_of
from tests.support.cohort import CALENDAR, DAY, HOUR, MINUTE
from tests.support.life import Life, staff
from tests.support.submitted import a_submission

CLOSE = CALENDAR.applications_close

RESULTS = CALENDAR.results_at
DUE = RESULTS + 48 * HOUR
ENDS = CALENDAR.promotion_ends
OPERATOR, LEE = staff("operator", "kim"), staff("operator", "lee")
APPEAL, NEXT = CaseId("appeal-1"), CaseId("round-2")
ENROLMENT = CaseId(name_of("enrolment", "application-1"))


def submitted(at: datetime = CLOSE - DAY, **changed: Any) -> Life:
    life = Life("application-1")
    life.tell(a_submission(**changed), at)
    return life


def ineligible_proposed() -> Life:
    life = submitted(is_enrolled=False)
    life.ring()
    return life


def ineligible() -> Life:
    life = ineligible_proposed()
    life.answer(yes=True, at=CLOSE + DAY, by=OPERATOR)
    return life


def eligible(**changed: Any) -> Life:
    life = submitted(**changed)
    life.ring()
    return life


def waitlisted(**changed: Any) -> Life:
    life = eligible(**changed)
    life.tell(WaitlistPlaced(rank=3, position=1), RESULTS)
    return life


def skip_proposed() -> Life:
    life = waitlisted()
    life.tell(SkipProposed(reason="vault-1"), RESULTS + HOUR, by=OPERATOR)
    return life


def skipped() -> Life:
    life = skip_proposed()
    life.answer(yes=True, at=RESULTS + DAY, by=LEE)
    return life


def not_selected() -> Life:
    life = eligible()
    life.tell(NotSelected(rank=9), RESULTS)
    return life


def offered(rank: int = 1, **changed: Any) -> Life:
    life = eligible(**changed)
    life.tell(OfferMade(rank=rank), RESULTS)
    return life


def lapsed(**changed: Any) -> Life:
    life = offered(**changed)
    life.ring("offered.answer_by")
    return life


def claim_proposed(**changed: Any) -> Life:
    life = lapsed(**changed)
    life.tell(OfferAccepted(), DUE - MINUTE, heard_at=DUE + HOUR)
    return life


def claiming(**changed: Any) -> Life:
    life = claim_proposed(**changed)
    life.answer(yes=True, at=DUE + 2 * HOUR, by=OPERATOR)
    return life


def accepted() -> Life:
    life = offered()
    life.tell(OfferAccepted(), RESULTS + HOUR)
    return life


def enrolled() -> Life:
    life = accepted()
    life.ring()
    return life


def said(moment: datetime) -> str:
    """An instant as notices and messages write it."""
    return moment.isoformat()


WITHOUT_A_SEAT: dict[str, Callable[[], Life]] = {
    "submitted": submitted,
    "ineligible_proposed": ineligible_proposed,
    "eligible": eligible,
    "waitlisted": waitlisted,
    "offered": offered,
    "lapsed": lapsed,
    "claim_proposed": claim_proposed,
    "claiming": claiming,
}


def after_ringing(life: Life) -> Life:
    life.ring()
    return life
