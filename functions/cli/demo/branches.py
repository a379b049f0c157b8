"""Finds, in the histories of a cohort, who took which branch of the selection."""

from collections import defaultdict
from collections.abc import Iterable

from schemas.ids import CaseId
from schemas.messages import Case, Entry, Verdict
from schemas.ranking import Ranking
from workflows.definitions.places import was_passed_over
from workflows.definitions.scores import ties_in
from workflows.runtime.ports import CaseStore, Ports
from workflows.runtime.rank import round_of, run_of

BRANCHES = (
    *("override", "coi_block", "tie", "quota_hit", "decline", "expiry"),
    *("skip", "appeal_upheld", "supplementary_round"),
)
BY_STAGE = {"declined": "decline", "lapsed": "expiry", "skipped": "skip"}
BY_EVENT = {"ConflictFound": "coi_block", "AppealUpheld": "appeal_upheld"}


def passed_over(round_id: CaseId, ports: Ports) -> list[CaseId]:
    """Give who waits now because of a quota while somebody of a lower rank has a seat."""
    _, round_ = round_of(round_id, ports)
    entries = () if round_.ranking is None else round_.ranking.document.entries
    waiting = (entries[rank - 1].application for rank in round_.waiting)
    return [application for application in waiting if was_passed_over(round_, application) is not None]


def branches_of(cases: Iterable[Case], ports: Ports) -> dict[str, list[str]]:
    """Give, by branch, the cases that took it, each once and by id; `quota_hit` is seen only while it happens."""
    found: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        if case.workflow == "application":
            for branch in _branches_in(case, ports.cases):
                found[branch].add(case.id)
        if case.workflow == "round" and case.data["ranking"]:
            found["tie"].update(_tied(run_of(case.data["ranking"], ports)))
        if case.workflow == "round" and case.data["supplement"]:
            found["supplementary_round"].update((case.id, case.data["supplement"]))
    return {branch: sorted(found[branch]) for branch in BRANCHES}


def _branches_in(case: Case, store: CaseStore) -> Iterable[str]:
    for text, _ in store.history(case.id):
        entry = Entry.model_validate_json(text)
        if entry.verdict is Verdict.APPLIED and entry.message.type in BY_EVENT:
            yield BY_EVENT[entry.message.type]
        for step in entry.steps:
            if step.to in BY_STAGE:
                yield BY_STAGE[step.to]
            if (step.source, step.to) == ("ineligible_proposed", "eligible"):
                yield "override"


def _tied(ranking: Ranking) -> Iterable[str]:
    for upper, lower in ties_in(ranking):
        yield from (upper.application, lower.application)
