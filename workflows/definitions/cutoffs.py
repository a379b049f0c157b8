"""Where a list cuts off: who has the last seat and the last place on the waitlist, by the allocation, not by rank."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.ranking import Ranked
from schemas.round import Round
from schemas.selection import Quota
from workflows.definitions.quotas import keys_of
from workflows.definitions.seats import as_published, entries_of, seating_of


@dataclass(frozen=True, slots=True)
class QuotaCutoff:
    """One quota, how many seats its group holds, and the lowest of the group who has one."""

    quota: Quota
    held: int
    last_seat: Ranked | None


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What a list comes to.

    Attributes:
        seats: How many seats are held, those over capacity too.
        last_seat: The lowest rank with a seat; None where nobody ranked has one.
        last_place: The last on the waitlist.
    """

    seats: int
    waiting: int
    last_seat: Ranked | None
    last_place: Ranked | None
    quotas: tuple[QuotaCutoff, ...]


def cutoffs_of(round_: Round) -> Cutoffs:
    """Give where the list cuts off: as it stands or, before the publication, as that would leave it."""
    if not round_.told and round_.ranking is not None:
        round_ = as_published(round_)
    holders = {*round_.offers, *round_.taken}
    within = holders - {*round_.extra}
    seated = [ranked for ranked in entries_of(round_) if ranked.application in within]
    places = [entries_of(round_)[rank - 1] for rank in round_.waiting]
    return Cutoffs(
        seats=len(holders),
        waiting=len(places),
        last_seat=seated[-1] if seated else None,
        last_place=places[-1] if places else None,
        quotas=tuple(_quotas(round_, seated)),
    )


def _quotas(round_: Round, seated: list[Ranked]) -> Iterator[QuotaCutoff]:
    held = seating_of(round_).held
    for quota in round_.selection.quotas:
        key = (quota.field, quota.value)
        theirs = [ranked for ranked in seated if key in set(keys_of(ranked.groups))]
        yield QuotaCutoff(quota, held[key], theirs[-1] if theirs else None)
