"""Where a list cuts off: by the allocation, not by rank."""

from schemas.round import Round
from schemas.selection import Quota
from tests.definitions.test_places import published, ranked
from workflows.definitions.cutoffs import cutoffs_of

QUOTA = Quota(field="university", value="전남", maximum=1)
THREE_OF_ONE = ("전남", "전남", "전남", "조선", "", "")


def ranks(round_: Round) -> tuple[int | None, int | None]:
    cut = cutoffs_of(round_)
    return tuple(None if each is None else each.rank for each in (cut.last_seat, cut.last_place))  # type: ignore[return-value]


def test_a_quota_moves_the_last_seat_below_the_rank_that_has_its_number() -> None:
    assert ranks(ranked(THREE_OF_ONE, QUOTA)) == (4, 3)


def test_it_cuts_off_before_the_publication_where_the_publication_does() -> None:
    assert cutoffs_of(ranked(THREE_OF_ONE, QUOTA)) == cutoffs_of(published(THREE_OF_ONE, QUOTA))


def test_each_quota_has_its_own_last_seat() -> None:
    (found,) = cutoffs_of(ranked(THREE_OF_ONE, QUOTA)).quotas

    assert found.last_seat is not None
    assert (found.held, found.last_seat.rank) == (1, 1)


def test_without_a_ranking_nothing_is_cut_off() -> None:
    cut = cutoffs_of(ranked(ranking=None))

    assert (cut.seats, cut.waiting, cut.last_seat, cut.last_place) == (0, 0, None, None)
