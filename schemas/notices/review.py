"""What a review tells."""

from pydantic import AwareDatetime

from schemas.notices import NoticeBody


class ReviewerNeeded(NoticeBody):
    """A review will not be given; another reviewer has to be assigned."""


class ReviewAsked(NoticeBody):
    """Somebody is asked to read an application."""

    due_at: AwareDatetime


class ReviewDue(NoticeBody):
    """A review is due soon."""

    due_at: AwareDatetime
