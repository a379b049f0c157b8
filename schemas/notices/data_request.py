"""What a request about one's own data tells: the person first, then staff and partners."""

from datetime import date

from pydantic import AwareDatetime

from schemas.data_request import Ground, KeptItem, Right
from schemas.notices import NoticeBody, Typed


class DataRequestReceived(NoticeBody, kind="receipt"):
    """Your request about your own data is here."""

    right: Right
    answer_by: AwareDatetime


class DataRequestDelayed(NoticeBody, kind="reminder"):
    """Your request is not answered within its ten days."""

    right: Right


class DataRequestDone(NoticeBody, kind="receipt"):
    """What you asked for is done."""

    right: Right


class DataRequestRefused(NoticeBody, kind="receipt"):
    """Your request is refused; why, and how to appeal."""

    right: Right
    reason: Typed


class DataRequestTakenBackReceived(NoticeBody, kind="receipt"):
    """You took your request back."""

    right: Right


class ErasureComing(NoticeBody, kind="receipt"):
    """Your data will be erased in a day; what has to be kept, why, and how to appeal against that."""

    kept: tuple[KeptItem, ...]
    ground: Ground
    kept_until: date | None


class DataRequestFiled(NoticeBody):
    """A person asks something about their own data."""

    right: Right
    answer_by: AwareDatetime


class DataRequestDue(NoticeBody):
    """A request about personal data has to be answered within three days."""

    right: Right
    answer_by: AwareDatetime


class DataRequestOverdue(NoticeBody):
    """A request about personal data was not answered within its ten days."""

    right: Right
    answer_by: AwareDatetime


class DataRequestGranted(NoticeBody):
    """A request about personal data is granted; whoever hears this carries it out."""

    right: Right


class DataRequestStuck(NoticeBody):
    """What was granted has not been carried out for a day."""

    right: Right


class ConsentEnded(NoticeBody):
    """A person has withdrawn a consent; partners who were sent fields by it are told by `ConsentWithdrawn`."""

    consent: str


class ProcessingSuspended(NoticeBody):
    """A person's data may not be processed any more."""


class DataCorrected(NoticeBody):
    """A person's data were corrected; whoever has the old ones asks for the new."""


class DataErased(NoticeBody):
    """A person's data were erased; whoever has a copy erases it."""
