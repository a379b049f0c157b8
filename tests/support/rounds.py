"""How a round gets to where a test begins."""

from datetime import datetime
from typing import Any

from schemas.events.round import RankingFrozen, RoundPlanned
from schemas.events.seats import SeatReturned
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId
from schemas.reviewers import Reviewer, ReviewerPool
from tests.support.cohort import CALENDAR, DAY, HOUR, TERMS
from tests.support.generated import APPLICATIONS, a_ranking
from tests.support.life import Life, staff
from tests.support.office import ROUND

RANKING, OTHER = a_ranking(1, 2, 3, 4, 5, 6), a_ranking(6, 5, 4, 3)
FOREIGN = RANKING.model_copy(update={"round": CaseId("round-2")})
POOL, FORMER_POOL = (ReviewerPool(reviewers=(Reviewer(id=name),)) for name in ("choi", "jung"))
FACTS = {fact_id_of(each): each.model_dump(mode="json") for each in (RANKING, OTHER, FOREIGN, POOL, FORMER_POOL)}
A, B, C, D, E, F = APPLICATIONS

CLOSE, RESULTS, ENDS = CALENDAR.applications_close, CALENDAR.results_at, CALENDAR.promotion_ends


def planned(**changed: Any) -> Life:
    given: dict[str, Any] = {"cohort": "2027", "programme": "ai", "calendar": CALENDAR, "terms": TERMS, **changed}
    life = Life(ROUND, facts=FACTS)
    life.tell(RoundPlanned(**given), CALENDAR.applications_open - DAY)
    return life


def closed(**changed: Any) -> Life:
    life = planned(**changed)
    life.ring()
    life.ring()
    return life


def frozen(ranking: Any = RANKING) -> RankingFrozen:
    return RankingFrozen(ranking=Fact(fact_id_of(ranking)))


def ranked(**changed: Any) -> Life:
    life = closed(**changed)
    life.tell(frozen(), CLOSE + DAY)
    return life


def approve(life: Life, at: datetime = CLOSE + 2 * DAY) -> None:
    for hour, role in enumerate(("operator", "university", "city")):
        life.answer(yes=True, at=at + hour * HOUR, by=staff(role))


def approved(**changed: Any) -> Life:
    life = ranked(**changed)
    approve(life)
    return life


def published(**changed: Any) -> Life:
    life = approved(**changed)
    life.ring()
    return life


def filled() -> Life:
    life = published()
    life.ring("published.promotion_ends")
    return life


def given_back(application: CaseId, why: str = "declined") -> SeatReturned:
    return SeatReturned(application=application, why=why, returns=1)
