"""Freezes the ranking of a round: inputs, rule and result in one immutable document."""

from schemas.events import RankingFrozen
from schemas.facts import Fact
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Message
from schemas.ranking import Ranked, Ranking
from workflows.runtime.errors import Rejected
from workflows.runtime.ports import Ports

RULE = "higher score first; equal scores in the order of the application's id, which is a hash and so says nothing"


def rank(round_id: CaseId, actor: Actor, ports: Ports) -> Ranking:
    """Rank the eligible applications of a round, keep the run, and publish it to the round.

    Ranking the same scores again gives the same document, and so changes nothing.

    Raises:
        Rejected: Some eligible application has no score yet, or there is none to rank.
    """
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
    order = sorted(scores, key=lambda case: (-scores[case], case))
    entries = tuple(
        Ranked(application=CaseId(case), rank=place, score=scores[case]) for place, case in enumerate(order, 1)
    )
    ranking = Ranking(round=round_id, rule=RULE, entries=entries)
    fact_id = ports.facts.put(ranking)
    event = RankingFrozen(ranking=Fact(fact_id))
    message = Message(
        id=MessageId(name_of("rank", round_id, fact_id)),
        case=round_id,
        type=RankingFrozen.__name__,
        data=event.model_dump(mode="json"),
        at=ports.clock.now(),
        actor=actor,
    )
    ports.publisher.publish([message], [])
    return ranking
