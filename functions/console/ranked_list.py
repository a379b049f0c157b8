"""A ranked list in figures: its run, where it cuts off, and what differs from the run before, naming nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.console.room import room
from schemas.events.round import RankingFrozen
from schemas.ids import CaseId, FactId
from schemas.messages import Case, Entry, Verdict
from schemas.ranking import Ranking
from schemas.round import Round
from workflows.definitions.cutoffs import Cutoffs, cutoffs_of
from workflows.definitions.scores import moves, ties_in
from workflows.definitions.seats import entries_of
from workflows.runtime.rank import round_of, run_of


@dataclass(frozen=True, slots=True)
class Run:
    """One rank run of the round."""

    id: FactId
    at: datetime
    by: str
    verdict: Verdict
    counts: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """The rank run that counts, in figures."""

    ranked: int
    best: float
    cutoffs: Cutoffs
    lowest: float
    ties: int


@dataclass(frozen=True, slots=True)
class Since:
    """What differs from the run before: whose rank or total, who came and who went, and which rules."""

    run: FactId
    moved: int
    came: int
    gone: int
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RankedList:
    """The list that is decided on.

    Attributes:
        since: None where it is the first.
    """

    case: Case
    round: Round
    totals: Totals
    since: Since | None


def list_of(case_id: CaseId) -> RankedList | None:
    """Give the list of a round in figures; None where there is none."""
    case, round_ = round_of(case_id, room().ports)
    totals = totals_of(round_, cutoffs_of(round_))
    return None if totals is None else RankedList(case, round_, totals, _since(case, round_))


def totals_of(round_: Round, cutoffs: Cutoffs) -> Totals | None:
    """Give the run that counts in figures; None where there is none."""
    entries = entries_of(round_)
    if round_.ranking is None or not entries:
        return None
    ties = len(ties_in(round_.ranking.document))
    return Totals(len(entries), entries[0].score, cutoffs, entries[-1].score, ties)


def changed_rules(before: Ranking, after: Ranking) -> tuple[str, ...]:
    """Give what two runs were decided by differently."""
    names = (name for name in Ranking.model_fields if name != "entries")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def runs_of(case: Case, round_: Round) -> Iterator[Run]:
    """Give the rank runs that were put to the round, oldest first; one that came twice, once."""
    counting = None if round_.ranking is None else round_.ranking.id
    found: dict[str, Run] = {}
    for text, _ in room().ports.cases.history(case.id):
        entry = Entry.model_validate_json(text)
        if entry.message.type == RankingFrozen.__name__ and entry.verdict is not Verdict.REJECTED:
            run = FactId(entry.message.data["ranking"])
            found[run] = Run(run, entry.message.at, entry.message.actor.id, entry.verdict, run == counting)
    yield from found.values()


def _since(case: Case, round_: Round) -> Since | None:
    """Give what differs from the run that was put to the round before this one."""
    others = [run.id for run in runs_of(case, round_) if not run.counts]
    if round_.ranking is None or not others:
        return None
    before, after = run_of(others[-1], room().ports), round_.ranking.document
    found = moves(before, after)
    came, gone = (sum(getattr(each, name) is None for each in found) for name in ("rank_before", "rank_after"))
    return Since(others[-1], len(found) - came - gone, came, gone, changed_rules(before, after))
