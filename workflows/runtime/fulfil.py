"""Carries out what a granted request about personal data asks for, and says so in its history."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from schemas.data_request import DataRequest, Right, Stage
from schemas.events import Event
from schemas.events.application import ApplicationWithdrew
from schemas.events.data_request import DataRequestBlocked, DataRequestFulfilled
from schemas.events.enrolment import LearnerWithdrew
from schemas.events.forum import ForumCancelled
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.messages import SYSTEM, Actor, Case, Message
from schemas.people import Person
from schemas.register import KeptApart, erased_name
from schemas.search import PersonKey
from workflows.runtime.consents import PRIVACY, answered_at
from workflows.runtime.data_request import CONTACTS, details_of
from workflows.runtime.erase import erase_person
from workflows.runtime.errors import NotAllowed
from workflows.runtime.ports import Ports
from workflows.runtime.restrictions import restrict, restriction_of

READER = "data request"
KEPT_BY_DEFAULT = timedelta(days=3 * 365)

LEAVES: Mapping[str, tuple[type[Event], str]] = {
    "application": (ApplicationWithdrew, "applicant"),
    "enrolment": (LearnerWithdrew, "learner"),
    "forum_registration": (ForumCancelled, "applicant"),
}
"""By workflow: how a case hears that its person is gone, so that a seat comes free."""


def fulfil(case_id: CaseId, ports: Ports) -> None:
    """Do what was granted, then let the history know.  May be repeated: what was done is done once.

    Raises:
        Unavailable: Some of it may be done; fulfil it again.
    """
    seen = ports.cases.get(case_id)
    if seen is None or seen.case.workflow != "data_request" or seen.case.stage != Stage.FULFILLING:
        return
    request = DataRequest.model_validate_json(seen.case.subject)
    news: list[Message] = []
    try:
        news += _ACTS[request.right](request, ports)
    except NotAllowed:
        news = [_message(seen.case, DataRequestBlocked(), ports)]
    else:
        news.append(_message(seen.case, DataRequestFulfilled(), ports))
    ports.publisher.publish(news, [])


def _see(_request: DataRequest, _ports: Ports) -> list[Message]:
    """Nothing is prepared: whoever opens the own link reads what is kept at that moment, and no copy lies about."""
    return []


def _correct(request: DataRequest, ports: Ports) -> list[Message]:
    """Correct what is known now and what every form said: the old value is nowhere shown any more."""
    details = details_of(request.details, ports, reader=READER, reason="correction")
    changes: Mapping[str, str] = details.get("changes", {})  # type: ignore[assignment]
    keys: Mapping[PersonKey, str] = details.get("keys", {})  # type: ignore[assignment]
    now = ports.vault.get(request.person, reader=READER, reason="correction")
    if now is None:
        return []
    for digest, said in ports.vault.forms(request.person, reader=READER, reason="correction").items():
        ports.vault.put(_corrected(said, changes, ports), keys=None, form=digest)
    ports.vault.put(_corrected(now, changes, ports), keys=None)
    ports.vault.find_by(request.person, keys)
    return []


def _corrected(person: Person, changes: Mapping[str, str], ports: Ports) -> Person:
    own = {name: value for name, value in changes.items() if name in CONTACTS}
    answers = {**person.answers, **{name: value for name, value in changes.items() if name in person.answers}}
    return person.model_copy(update={**own, "answers": answers, "updated_at": ports.clock.now()})


def _withdraw_consent(request: DataRequest, ports: Ports) -> list[Message]:
    end_consent(request.person, request.consent, ports)
    if request.consent == PRIVACY:
        restrict(request.person, _stop_id(request), {"is_without_consent": True}, ports)
    return []


def end_consent(person_id: PersonId, consent: str, ports: Ports) -> None:
    """Withdraw a consent at once: whoever sends by it asks the vault, and hears no.  May be repeated."""
    person = ports.vault.get(person_id, reader=READER, reason=f"withdrawal of {consent}")
    if person is None:
        return
    now = answered_at(person, consent, ports.clock.now())
    answered = {record.item: record for record in person.consent_records if record.item.split("@")[0] == consent}
    ended = [
        record.model_copy(update={"is_given": False, "at": now}) for record in answered.values() if record.is_given
    ]
    update = {
        "consents": {**person.consents, consent: False},
        "consent_records": (*person.consent_records, *ended),
        "updated_at": ports.clock.now(),
    }
    ports.vault.put(person.model_copy(update=update), keys=None)


def _suspend(request: DataRequest, ports: Ports) -> list[Message]:
    restrict(request.person, _stop_id(request), {"is_suspended": True}, ports)
    return []


def _stop_id(request: DataRequest) -> str:
    return name_of("suspend", request.data_request)


def _erase(request: DataRequest, ports: Ports) -> list[Message]:
    """Keep apart what the law forces to keep, erase the rest, and let the person's cases end."""
    if restriction_of(request.person, ports).is_held:
        raise NotAllowed("These data are under a legal hold.", code="legal_hold")
    person = ports.vault.get(request.person, reader=READER, reason="erasure")
    if request.kept and person is not None:
        ports.register.add(_kept_apart(request, person, ports))
    erase_person(request.person, ports, request=request.data_request)
    return [_leave(case, request, ports) for case in ports.index.cases_of([request.person]) if _is_left(case)]


def _kept_apart(request: DataRequest, person: Person, ports: Ports) -> KeptApart:
    values = {name: str(getattr(person, name, None) or person.answers.get(name, "")) for name in request.kept}
    now, name = ports.clock.now(), erased_name(person.id)
    return KeptApart(
        id=name_of("apart", request.data_request),
        about=name,
        at=now,
        items=values,
        ground=request.ground,
        until=request.kept_until or (now + KEPT_BY_DEFAULT).date(),
        locale=person.locale,
    )


def _is_left(case: Case) -> bool:
    return case.workflow in LEAVES and not case.is_final


def _leave(case: Case, request: DataRequest, ports: Ports) -> Message:
    event, role = LEAVES[case.workflow]
    return Message(
        id=MessageId(name_of("erased", request.data_request, case.id)),
        case=case.id,
        type=event.__name__,
        data=event().model_dump(mode="json"),
        at=ports.clock.now(),
        actor=Actor(kind="person", id=request.person, role=role),
    )


def _message(case: Case, event: Event, ports: Ports) -> Message:
    return Message(
        id=MessageId(name_of("fulfil", case.id, case.visit, type(event).__name__)),
        case=case.id,
        type=type(event).__name__,
        data=event.model_dump(mode="json"),
        at=ports.clock.now(),
        actor=SYSTEM,
    )


_ACTS: Mapping[Right, Callable[[DataRequest, Ports], list[Message]]] = {
    Right.SEE: _see,
    Right.CORRECT: _correct,
    Right.ERASE: _erase,
    Right.WITHDRAW_CONSENT: _withdraw_consent,
    Right.SUSPEND: _suspend,
}
