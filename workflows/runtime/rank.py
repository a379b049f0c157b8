"""Freezes the ranking of a round: inputs, rule and result in one immutable document."""

from schemas.application import Application
from schemas.events.round import RankingFrozen
from schemas.facts import Fact, document_of
from schemas.ids import CaseId, FactId, MessageId, name_of
from schemas.messages import Actor, Case, Message
from schemas.ranking import Ranking
from schemas.round import Round
from workflows.definitions.scores import RULE, candidate_of, in_order, missing_scores
from workflows.runtime.errors import NotFound, Rejected
from workflows.runtime.ports import Ports

SEATS_MAX = 2_500
"""A publication offers every seat in one entry, which holds 256 KiB."""

RANKED_IN = frozenset({"closed", "screening", "decided", "approved"})
UNSETTLED = ("submitted", "ineligible_proposed")


def rank(round_id: CaseId, actor: Actor, ports: Ports) -> tuple[Ranking, Message]:
    """Rank the eligible applications of a round, keep the run, and publish it to the round; give both.

    Ranking the same scores again gives the same document, and so changes nothing; but after a no, or another ranking
    in between, it is put to the round anew.

    Raises:
        NotFound: There is no such round.
        Rejected: Some application is not settled or lacks a score, or there is none to rank.
    """
    case, ranking = ranked_now(round_id, ports)
    fact_id = ports.facts.put(ranking)
    event = RankingFrozen(ranking=Fact(fact_id))
    message = Message(
        id=MessageId(name_of("rank", round_id, fact_id, case.seq)),
        case=round_id,
        type=RankingFrozen.__name__,
        data=event.model_dump(mode="json"),
        at=ports.clock.now(),
        actor=actor,
    )
    ports.publisher.publish([message], [])
    return ranking, message


def ranked_now(round_id: CaseId, ports: Ports) -> tuple[Case, Ranking]:
    """Give a round and the ranking that its scores make as they are; nothing is kept.

    Raises:
        NotFound: There is no such round.
        Rejected: Some application is not settled or lacks a score, or there is none to rank.
    """
    case, round_ = round_of(round_id, ports)
    if round_.capacity > SEATS_MAX:
        raise Rejected(
            f"{round_.capacity} seats are more than {SEATS_MAX}: plan several rounds.", code="too_many_seats"
        )
    if case.stage not in RANKED_IN:
        raise Rejected(
            f"Round [{round_id}] is {case.stage}: it can be ranked from its close to the publication.",
            code="round_not_rankable",
        )
    for stage in UNSETTLED:
        for found in ports.cases.find(workflow="application", stage=stage, round_id=round_id):
            raise Rejected(f"Application [{found.id}] is still {stage}.", code="application_undecided")
    applications = [
        Application.model_validate_json(found.subject)
        for found in ports.cases.find(workflow="application", stage="eligible", round_id=round_id)
    ]
    if not applications:
        raise Rejected(f"Round [{round_id}] has no eligible application to rank.", code="nobody_to_rank")
    selection = round_.selection
    unscored = [(each, lacks) for each in applications if (lacks := missing_scores(each, selection))]
    if unscored:
        first, lacks = unscored[0]
        raise Rejected(
            f"{len(unscored)} eligible applications have no score yet, the first is [{first.application}], which "
            f"lacks: {', '.join(lacks)}.",
            code="scores_missing",
        )
    return case, Ranking(
        round=round_id,
        rule=RULE,
        components=selection.components,
        normalisation=selection.normalisation,
        ties=selection.ties,
        seed=selection.seed,
        capacity=round_.capacity,
        waitlist=round_.terms.waitlist,
        quotas=selection.quotas,
        entries=in_order([candidate_of(each) for each in applications], selection),
    )


def round_of(round_id: CaseId, ports: Ports) -> tuple[Case, Round]:
    """Give a round as it stands, with its ranking and its reviewers.

    Raises:
        NotFound: There is no such round.
    """
    seen = ports.cases.get(round_id)
    if seen is None or seen.case.workflow != "round":
        raise NotFound("No such round.")
    named = [seen.case.data.get(name) for name in ("ranking", "pool")]
    facts = ports.facts.get([FactId(each) for each in named if each])
    return seen.case, Round.model_validate_json(seen.case.subject, context=dict(facts))


def run_of(run_id: FactId, ports: Ports) -> Ranking:
    """Give a rank run.

    Raises:
        NotFound: There is no such run, or it is not what its id says.
    """
    found = ports.facts.get([run_id])
    if run_id not in found:
        raise NotFound(f"No rank run [{run_id}].", code="unknown_run")
    try:
        return document_of(Ranking, run_id, found[run_id])
    except ValueError as error:
        raise NotFound(f"[{run_id}] is no rank run, or not what its id says: {error}.") from error
