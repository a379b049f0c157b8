"""Scores to ranks: weighted, normalised, ties broken.  Pure, so that a rank run can be recomputed by anybody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from schemas.application import Application
from schemas.ids import CaseId, name_of
from schemas.ranking import Ranked, Ranking
from schemas.selection import Selection
from workflows.definitions.quotas import groups_of
from workflows.definitions.screening import wanted_reviews

REVIEW = "review"
DIGITS = 6
RULE = (
    "the weighted mean of the components, higher first; equal totals by the components named under ties, then by the "
    "hash of the seed and the application's id, which says nothing about anybody"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What an application is ranked by."""

    application: CaseId
    scores: Mapping[str, float]
    groups: Mapping[str, str]
    returns: int = 0


def scores_of(application: Application) -> dict[str, float]:
    """Give the parts of the total score, 0 to 100; the mean of the reviews where readers give them."""
    if not application.admission.readers:
        return dict(application.scores)
    reviews = application.reviews.values()
    return {**application.scores, **({REVIEW: round(fmean(reviews), DIGITS)} if reviews else {})}


def missing_scores(application: Application, selection: Selection) -> list[str]:
    """Give what it still lacks for a place in the order."""
    lacks = [part.id for part in selection.components if part.id not in scores_of(application)]
    wanted = wanted_reviews(application) - len(application.reviews)
    if wanted > 0 and any(part.id == REVIEW for part in selection.components):
        lacks = [f"{wanted} more review{'s' if wanted > 1 else ''}", *(name for name in lacks if name != REVIEW)]
    return lacks


def candidate_of(application: Application) -> Candidate:
    """Give what the application is ranked by."""
    return Candidate(
        application.application, scores_of(application), groups_of(application), returns=application.returns
    )


def in_order(candidates: Iterable[Candidate], selection: Selection | Ranking) -> tuple[Ranked, ...]:
    """Give the candidates as they are ranked.  The same candidates in any order give the same ranks."""
    everybody = sorted(candidates, key=lambda candidate: candidate.application)
    totals = _totals(everybody, selection)

    def key(candidate: Candidate) -> tuple[float | str, ...]:
        ties = (-candidate.scores.get(name, 0.0) for name in selection.ties)
        return (-totals[candidate.application], *ties, name_of("tie", selection.seed, candidate.application))

    return tuple(
        Ranked(
            application=each.application,
            rank=rank,
            score=totals[each.application],
            scores={part.id: each.scores[part.id] for part in selection.components},
            groups=dict(each.groups),
            returns=each.returns,
        )
        for rank, each in enumerate(sorted(everybody, key=key), 1)
    )


def _totals(candidates: Sequence[Candidate], selection: Selection | Ranking) -> dict[CaseId, float]:
    weight = sum(part.weight for part in selection.components)
    totals = {candidate.application: 0.0 for candidate in candidates}
    for part in selection.components:
        values = [candidate.scores[part.id] for candidate in candidates]
        middle, spread = (fmean(values), pstdev(values)) if selection.normalisation == "z" and values else (0.0, 1.0)
        for candidate, value in zip(candidates, values, strict=True):
            totals[candidate.application] += part.weight / weight * ((value - middle) / spread if spread else 0.0)
    return {application: round(total, DIGITS) for application, total in totals.items()}


def differences(ranking: Ranking) -> list[str]:
    """Recompute a rank run from the inputs it holds, and give every difference; none means that it is right."""
    candidates = [Candidate(each.application, each.scores, each.groups, each.returns) for each in ranking.entries]
    if len({each.application for each in candidates}) < len(candidates):
        return ["an application is ranked twice"]
    try:
        anew = in_order(candidates, ranking)
    except KeyError as error:
        return [f"an entry has no score for {error}"]
    return [
        f"rank {kept.rank}: [{kept.application}] with {kept.score}, recomputed [{made.application}] with {made.score}"
        for kept, made in zip(ranking.entries, anew, strict=True)
        if kept != made
    ]


def ties_in(ranking: Ranking) -> list[tuple[Ranked, Ranked]]:
    """Give the neighbours whose totals are equal, so that a tie was broken between them."""
    pairs = zip(ranking.entries, ranking.entries[1:], strict=False)
    return [(upper, lower) for upper, lower in pairs if upper.score == lower.score]


@dataclass(frozen=True, slots=True)
class Move:
    """One application whose place or total differs between two rank runs; no rank: it is not in that run."""

    application: CaseId
    rank_before: int | None
    rank_after: int | None
    score_before: float | None
    score_after: float | None


def moves(before: Ranking, after: Ranking) -> list[Move]:
    """Give what differs between two rank runs, in the order of the later one; whoever is gone comes last."""
    names = dict.fromkeys(
        [*(each.application for each in after.entries), *(each.application for each in before.entries)]
    )
    found = []
    for application in names:
        old, new = before.places.get(application), after.places.get(application)
        move = Move(
            application,
            None if old is None else old.rank,
            None if new is None else new.rank,
            None if old is None else old.score,
            None if new is None else new.score,
        )
        if (move.rank_before, move.score_before) != (move.rank_after, move.score_after):
            found.append(move)
    return found
