"""Freezes the ranking of a round: inputs, rule and result in one immutable document."""

from schemas.events import RankingFrozen
from schemas.facts import Fact
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Message
from schemas.ranking import Ranked, Ranking
from workflows.runtime.errors import NotFound, Rejected
from workflows.runtime.ports import Ports

RULE = "higher score first; equal scores in the order of the application's id, which is a hash and so says nothing"

RANKED_MAX = 4_000
"""A publication tells every ranked application, and an entry holds 256 KiB."""


def rank(round_id: CaseId, actor: Actor, ports: Ports) -> tuple[Ranking, Message]:
    """Rank the eligible applications of a round, keep the run, and publish it to the round; give both.

    Ranking the same scores again gives the same document, and so changes nothing; but after a no, or another ranking
    in between, it is put to the round anew.

    Raises:
        NotFound: There is no such round.
        Rejected: Some application is not settled or has no score yet, there is none to rank, or there are too many.
    """
    seen = ports.cases.get(round_id)
    if seen is None:
        raise NotFound("No such round.")
    for stage in ("submitted", "ineligible_proposed"):
        for case in ports.cases.find(workflow="application", stage=stage, round_id=round_id):
            raise Rejected(f"Application [{case.id}] is still {stage}.")
    scores: dict[str, float] = {}
    unscored = []
    for case in ports.cases.find(workflow="application", stage="eligible", round_id=round_id):
        score = case.data.get("score")
        if score is None:
            unscored.append(case.id)
        else:
            scores[case.id] = score
    if unscored:
        raise Rejected(f"{len(unscored)} eligible applications have no score yet, the first is [{unscored[0]}].")
    if not scores:
        raise Rejected(f"Round [{round_id}] has no eligible application to rank.")
    if len(scores) > RANKED_MAX:
        raise Rejected(f"{len(scores)} applications are more than {RANKED_MAX}, which one publication can tell.")
    order = sorted(scores, key=lambda case: (-scores[case], case))
    entries = tuple(
        Ranked(application=CaseId(case), rank=place, score=scores[case]) for place, case in enumerate(order, 1)
    )
    ranking = Ranking(round=round_id, rule=RULE, entries=entries)
    fact_id = ports.facts.put(ranking)
    event = RankingFrozen(ranking=Fact(fact_id))
    message = Message(
        id=MessageId(name_of("rank", round_id, fact_id, seen.case.seq)),
        case=round_id,
        type=RankingFrozen.__name__,
        data=event.model_dump(mode="json"),
        at=ports.clock.now(),
        actor=actor,
    )
    ports.publisher.publish([message], [])
    return ranking, message
