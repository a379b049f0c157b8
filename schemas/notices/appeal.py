"""What an appeal tells."""

from schemas.notices import NoticeBody


class AppealReceived(NoticeBody, kind="receipt"):
    """Your appeal is here."""


class AppealTooLate(NoticeBody, kind="receipt"):
    """Your appeal came after its time."""


class AppealInadmissible(NoticeBody, kind="decision"):
    """A human found that this cannot be appealed against."""


class AppealDismissed(NoticeBody, kind="decision"):
    """A human looked at your appeal, and the decision stands."""


class AppealAccepted(NoticeBody, kind="decision"):
    """A human looked at your appeal, and upheld it."""


class AppealTakenBack(NoticeBody, kind="receipt"):
    """You have taken your appeal back."""
