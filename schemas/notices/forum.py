"""What a registration for a forum tells."""

from pydantic import AwareDatetime

from schemas.forum import Attends
from schemas.notices import NoticeBody


class ForumConfirmed(NoticeBody, kind="receipt"):
    """You have a place at the forum."""

    name_ko: str
    name_en: str
    held_at: AwareDatetime
    attends: Attends


class ForumWaitlisted(NoticeBody, kind="receipt"):
    """All seats are taken; you are on the waitlist."""

    name_ko: str
    name_en: str
    held_at: AwareDatetime
    position: int


class ForumReminder(NoticeBody, kind="reminder"):
    """The forum is tomorrow."""

    name_ko: str
    name_en: str
    held_at: AwareDatetime
    attends: Attends


class ForumFull(NoticeBody, kind="receipt"):
    """No seat came free."""

    name_ko: str
    name_en: str


class ForumCancellationReceived(NoticeBody, kind="receipt"):
    """You do not come to the forum."""

    name_ko: str
    name_en: str
