"""How a round that has too few gets to where a test begins."""

from typing import Any

from schemas.events.round import (
    RoundPlanned,
)
from schemas.facts import fact_id_of
from schemas.ranking import Ranking
from schemas.reviewers import Reviewer, ReviewerPool
from tests.support.cohort import CALENDAR, DAY, TERMS, moved
from tests.support.life import Life, staff
from tests.support.office import ROUND

CLOSE, RESULTS, ENDS = CALENDAR.applications_close, CALENDAR.results_at, CALENDAR.promotion_ends
KIM, LEE = staff("operator", "kim"), staff("operator", "lee")
LEAD, CITY = staff("lead"), staff("city")
POOL = ReviewerPool(reviewers=(Reviewer(id="choi"),))

LATER = moved(2, applications_close=CLOSE + 5 * DAY)


def planned(ranking: Ranking | None = None, **changed: Any) -> Life:
    given: dict[str, Any] = {"cohort": "2027", "programme": "ai", "calendar": CALENDAR, "terms": TERMS, **changed}
    documents = [POOL, *([ranking] if ranking else [])]
    life = Life(ROUND, facts={fact_id_of(each): each.model_dump(mode="json") for each in documents})
    life.tell(RoundPlanned(**given), CALENDAR.applications_open - DAY)
    return life


def closed(ranking: Ranking | None = None, **changed: Any) -> Life:
    life = planned(ranking, **changed)
    life.ring()
    life.ring()
    return life
