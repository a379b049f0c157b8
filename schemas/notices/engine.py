"""What every workflow may tell staff: the engine's own notices."""

from schemas.notices import NoticeBody


class QuestionOverdue(NoticeBody):
    """A question is unanswered past its due date."""

    question: str


class EventGivenUp(NoticeBody):
    """An event that came early was never answered by any stage."""

    event: str
