"""Names who reads the applications of a round."""

from collections.abc import Mapping, Sequence

from schemas.events.round import ReviewersNamed
from schemas.facts import Fact
from schemas.ids import CaseId
from schemas.messages import Actor, Message
from schemas.reviewers import Reviewer, ReviewerPool
from workflows.runtime.bring import bring
from workflows.runtime.errors import BadForm
from workflows.runtime.ports import Ports


def name_reviewers(round_id: CaseId, reviewers: Sequence[Reviewer], actor: Actor, ports: Ports) -> Message:
    """Keep the reviewers, all of them in place of those named before, and publish that.

    Raises:
        BadForm: Nobody is named, or a relation to nobody; by the reviewer's id.
        NotAllowed: The actor may not name them.
    """
    if not reviewers:
        raise BadForm({"reviewers": "names nobody"})
    unknown = unknown_relations(reviewers, round_id, ports)
    if unknown:
        raise BadForm({name: f"names no application or person of this round: {who}" for name, who in unknown.items()})
    fact_id = ports.facts.put(ReviewerPool(reviewers=tuple(reviewers)))
    return bring(ReviewersNamed(pool=Fact(fact_id)), round_id, actor, ports)


def unknown_relations(reviewers: Sequence[Reviewer], round_id: CaseId, ports: Ports) -> Mapping[str, list[str]]:
    """Give, by reviewer, the relations to nobody: a slip of the pen would hide a conflict of interest."""
    if not any(each.related for each in reviewers):
        return {}
    cases = list(ports.cases.find(workflow="application", round_id=round_id))
    known = {case.id for case in cases} | {case.person for case in cases}
    found = {reviewer.id: [each for each in reviewer.related if each not in known] for reviewer in reviewers}
    return {name: who for name, who in found.items() if who}
