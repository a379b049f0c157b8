"""What a round tells."""

from schemas.notices import NoticeBody


class RankingDue(NoticeBody):
    """The round is closed; the applications wait to be ranked."""


class SeatsUnfilled(NoticeBody):
    """Seats are free and nobody who waits can take one: a supplementary round may be proposed."""

    free: int


class OfferUnanswered(NoticeBody):
    """An offer is past its due date and its application has not answered for it."""


class RoundOpened(NoticeBody):
    """Applications are open."""

    cohort: str


class ResultsPublished(NoticeBody):
    """The results of a round are out."""

    cohort: str
    offered: int


class RoundFilled(NoticeBody):
    """The round is over."""

    cohort: str
