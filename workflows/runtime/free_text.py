"""Leaves what somebody typed in the vault: it may be personal, and nothing personal enters the stream."""

from schemas.events.application import OfferExtended, SkipProposed
from schemas.events.engine import QuestionAnswered
from schemas.events.review import ReviewReopened
from schemas.ids import CaseId, PersonId
from schemas.messages import Message
from workflows.runtime.ports import Ports

WITH_FREE_TEXT = frozenset(event.__name__ for event in (QuestionAnswered, OfferExtended, SkipProposed, ReviewReopened))
"""Their `reason` is what somebody typed."""


def without_free_text(message: Message, ports: Ports) -> Message:
    """Give the message with a reference instead of what was typed, which goes to the vault with whom it may be about.

    May be repeated: the same text about the same person has the same reference.
    """
    reason = message.data.get("reason")
    if message.type not in WITH_FREE_TEXT or not reason:
        return message
    reference = ports.vault.put_text(reason, person_id=_whom_about(message.case, ports))
    return message.model_copy(update={"data": {**message.data, "reason": reference}})


def _whom_about(case_id: CaseId, ports: Ports) -> PersonId | None:
    """Give the person of a case, or of the application that a review is about."""
    seen = ports.cases.get(case_id)
    if seen is None:
        return None
    if seen.case.person:
        return PersonId(seen.case.person)
    application = seen.case.data.get("application")
    return _whom_about(CaseId(application), ports) if application and application != case_id else None
