"""Takes in what people and programmes send: vault first, then one message, then a receipt."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.application import Application
from schemas.cohort import Calendar, Terms
from schemas.events import EVENTS, Event
from schemas.events.appeal import AppealFiled
from schemas.events.application import ApplicationSubmitted
from schemas.events.data_request import DataRequestBlocked, DataRequested, DataRequestFulfilled, DataRequestPassed
from schemas.events.engine import AnswerTakenBack, QuestionAnswered, TimerRang
from schemas.facts import fact_fields
from schemas.forms import ApplicationForm
from schemas.ids import CaseId, MessageId, PersonId, TaskId, is_safe_id, name_of, secret_name_of
from schemas.messages import Actor, Case, Message
from schemas.people import Person
from schemas.round import Stage as RoundStage
from schemas.selection import Selection
from workflows.definitions.application_form import APPLICATION_FORM
from workflows.definitions.screening import is_late
from workflows.runtime.consents import records_of
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, Rejected, SameIdOtherContent
from workflows.runtime.free_text import WITH_FREE_TEXT, without_free_text
from workflows.runtime.people_keys import keys_of
from workflows.runtime.ports import Ports, Seen
from workflows.runtime.resume import hear_consent

KEPT_AFTER_RESULTS = timedelta(days=APPLICATION_FORM.kept_days)
"""How long an application's personal data is kept at first (domain.md F.3: not selected, results + 90 days)."""

PERSONAL = frozenset(
    {"name", "email", "phone", "department", "student_number", "motivation", "locale", "consent_third_party"}
)
"""What the digest in the event covers, so that an edit of it is visible."""

OF_THE_ROUND = frozenset({"calendar", "terms", "cohort", "programme", "admission"})
"""What an application says because its round does; it may differ when the same form is sent once more."""

OWN_CASE_ONLY = frozenset({"applicant", "learner"})

STILL_IN = frozenset(
    {
        *("submitted", "ineligible_proposed", "eligible", "waitlisted", "waitlist_check", "skip_proposed", "offered"),
        *(
            "lapsed",
            "claim_proposed",
            "claiming",
            "reinstated",
            "seat_granted",
            "awaiting_seat",
            "accepted",
            "enrolled",
        ),
    }
)
"""Where an application still holds a seat or a place, or may get one."""

NO_CONSENT = "the application cannot be handled without it"

_OURS_TO_SAY = (DataRequested, DataRequestPassed, DataRequestFulfilled, DataRequestBlocked)
_NOT_TO_SEND = frozenset(
    event.__name__ for event in (TimerRang, ApplicationSubmitted, AppealFiled, AnswerTakenBack, *_OURS_TO_SAY)
)
_FIELD = re.compile(r"[A-Za-z_]{1,40}[0-9]{0,2}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender gets back at once."""

    message: MessageId
    case: CaseId


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a submission comes from.

    Attributes:
        source: The name of the door: a form provider, a file, a programme with a key.
        submission: What the source calls it; the same again is a repeat.
        at: When it was submitted, as far as the source can be trusted to say; never in the future.
    """

    source: str
    submission: str
    at: datetime


def submit_application(form: ApplicationForm, round_id: CaseId, origin: Origin, *, key: bytes, ports: Ports) -> Receipt:
    """Take in an application form.

    One person has one application in a round, however often and from wherever they send it.

    Args:
        form: The validated form.
        round_id: The round applied to.
        origin: Where it comes from.
        key: Names persons without showing their contacts.
        ports: The ports.

    Raises:
        NotFound: There is no such round.
        Rejected: The round is not open yet, the person asked to be erased, or the submission's id had another content.
        BadForm: The consent that the programme cannot do without is missing.
    """
    (result,) = submit_applications([(form, origin)], round_id, key=key, ports=ports)
    if isinstance(result, Rejected):
        raise result
    return result


def submit_applications(
    forms: Sequence[tuple[ApplicationForm, Origin]],
    round_id: CaseId,
    *,
    key: bytes,
    ports: Ports,
    is_rehearsal: bool = False,
) -> list[Receipt | Rejected]:
    """Take in application forms of one round in their order, and publish once; give what became of each.

    A rehearsal keeps and publishes nothing; only that a person was erased it cannot know, as none is looked up.

    Raises:
        NotFound: There is no such round.
        Rejected: The round is not open yet.
    """
    round_case, now = _open_round(round_id, ports), ports.clock.now()
    results: list[Receipt | Rejected] = []
    news: list[Message] = []
    for form, origin in forms:
        try:
            message = _application(form, round_case, origin, key, now)
            is_kept = not is_rehearsal and _add(form, round_case, message, now, key=key, ports=ports)
            # Most forms are the first of their person: there is nothing to compare them with, and nothing to read.
            if is_kept or _is_news(form, message, round_case, now, key=key, ports=ports, is_rehearsal=is_rehearsal):
                news.append(message)
        except Rejected as error:
            results.append(error)
        else:
            results.append(Receipt(message.id, message.case))
    if news and not is_rehearsal:
        ports.publisher.publish(news, [])
    return results


def _is_news(
    form: ApplicationForm,
    message: Message,
    round_case: Case,
    now: datetime,
    *,
    key: bytes,
    ports: Ports,
    is_rehearsal: bool,
) -> bool:
    """Tell whether a form of somebody known is none that came before, and keep what it says if it counts.

    Raises:
        Rejected: They may not send it, were erased, or its id had another content.
    """
    seen = ports.cases.get(message.case)
    # A case that is not there has heard of nothing.
    if seen is not None and is_repeat(message, ports):
        return False
    _refuse_second(message, seen, round_case, ports)
    if not is_rehearsal and _counts(message, seen):
        _keep(form, round_case, message, now, key=key, ports=ports)
    return True


def _counts(message: Message, seen: Seen | None) -> bool:
    """Tell whether a form may replace what the vault holds of the person.

    One that was sent after the close, or before the one that counts, is heard all the same: the history says what came.
    """
    if seen is None:
        return True
    application = Application.model_validate_json(seen.case.subject)
    event = ApplicationSubmitted.model_validate({**message.data, "at": message.at})
    return event.at >= application.submitted_at and not is_late(application, event)


def _refuse_second(message: Message, seen: Seen | None, round_case: Case, ports: Ports) -> None:
    """Refuse who has withdrawn from this round, or is still in the round that this one recruits for.

    Raises:
        Rejected: They are; nobody holds two places at once.
    """
    if seen is not None and seen.case.stage == "withdrawn":
        raise Rejected(
            "This person has withdrawn from the round; the programme office has to be asked.", code="withdrawn_before"
        )
    former = round_case.data.get("former")
    before = ports.cases.get(application_id(CaseId(former), PersonId(message.actor.id))) if former else None
    if before is not None and before.case.stage in STILL_IN:
        raise Rejected(
            f"This person's application to round [{former}] still stands; it counts, or has to be withdrawn.",
            code="former_application_stands",
        )


def application_id(round_id: CaseId, person: PersonId) -> CaseId:
    """Give the id of a person's application to a round."""
    return CaseId(name_of("application", round_id, person))


def hand_in(
    event_type: str,
    case: CaseId,
    data: dict[str, Any],
    actor: Actor,
    origin: Origin,
    *,
    roles: frozenset[str],
    ports: Ports,
) -> Receipt:
    """Take in an event about a case that exists, or that it opens.

    Args:
        event_type: The name of the event.
        case: The case it is about.
        data: The fields of the event.
        actor: Who did it.
        origin: Where it comes from.
        roles: The roles the source may speak for.
        ports: The ports.

    Raises:
        BadForm: There is no such event to send, or its fields have faults.
        NotAllowed: The source may not bring this event, or not for this actor.
        SameIdOtherContent: The submission's id had another content.
    """
    faults = event_faults(event_type, data)
    if faults:
        raise BadForm(faults)
    model = EVENTS[event_type]
    allowed = {role.name for role in model.by} if model is not QuestionAnswered else {actor.role}
    spoken_for = allowed & roles
    if not spoken_for or actor.role not in {"", *spoken_for} or actor.kind not in {"person", "staff"}:
        raise NotAllowed(f"[{origin.source}] may not send [{event_type}] for this actor.")
    if spoken_for <= OWN_CASE_ONLY:
        _speak_for_oneself(case, actor, ports)
    message = message_of(_read(model, data), case, actor, origin, ports.clock.now())
    if not is_repeat(message, ports):
        ports.publisher.publish([without_free_text(message, ports)], [])
    return Receipt(message.id, case)


def _speak_for_oneself(case_id: CaseId, actor: Actor, ports: Ports) -> None:
    """Let applicants and learners be heard about their own cases only.

    Raises:
        NotAllowed: The case is about somebody else.
    """
    seen = ports.cases.get(case_id)
    person = "" if seen is None else seen.case.person
    if person and (actor.kind, actor.id) != ("person", person):
        raise NotAllowed(f"[{case_id}] is about somebody else.", code="somebody_elses")


def event_faults(event_type: str, data: Mapping[str, Any]) -> dict[str, str]:
    """Give every fault of an event from outside beside its field; none if it can be handed in."""
    model = EVENTS.get(event_type)
    if model is None or event_type in _NOT_TO_SEND:
        return {"type": "there is no such event to send"}
    faults: dict[str, str] = {}
    try:
        _read(model, data)
    except ValidationError as error:
        faults |= faults_of(error, under="data")
    unsafe = [name for name in _id_fields(model) if isinstance(data.get(name), str) and not is_safe_id(data[name])]
    faults |= dict.fromkeys((f"data.{name}" for name in unsafe), "is no id")
    timed = [name for name in ("at", "arrives_at", "brought_by", "batch") if name in data]
    return faults | dict.fromkeys((f"data.{name}" for name in timed), "this is not the event's to say")


_IN_WORDS = {
    "partner": "may have small letters, digits, - and _, and begins with a letter or digit",
    "contact": "has to be a mail address, such as ops@partner.example",
}


def faults_of(error: ValidationError, under: str = "") -> dict[str, str]:
    """Give every fault of a body beside its field, without repeating what was sent: neither values nor odd names."""
    errors = error.errors(include_input=False, include_url=False)
    above = (under,) if under else ()
    return {place_of(*above, *each["loc"]) or "body": _said(each) for each in errors}


def _said(error: ErrorDetails) -> str:
    """Give a fault in words; a pattern says nothing to people."""
    if error["type"] == "string_pattern_mismatch" and error["loc"]:
        return _IN_WORDS.get(str(error["loc"][-1]), error["msg"])
    return error["msg"]


def place_of(*parts: str | int) -> str:
    """Name a place in a body by its path; a question mark stands for a part that cannot be the name of a field."""
    return ".".join(str(part) if isinstance(part, int) or _FIELD.fullmatch(part) else "?" for part in parts)


def _open_round(round_id: CaseId, ports: Ports) -> Case:
    seen = ports.cases.get(round_id)
    if seen is None or seen.case.workflow != "round":
        raise NotFound("No such round.")
    # The timer that opens the round rings a quarter of an hour after its date; the applicants do not wait for that.
    opens_at = Calendar.model_validate(seen.case.data["calendar"]).applications_open
    if seen.case.stage == RoundStage.PLANNED and ports.clock.now() < opens_at:
        raise Rejected(f"Round [{round_id}] is not open yet.", code="round_not_open")
    return seen.case


def _application(form: ApplicationForm, round_case: Case, origin: Origin, key: bytes, now: datetime) -> Message:
    if not form.consent_privacy:
        raise BadForm({"consent_privacy": NO_CONSENT})
    person = PersonId(secret_name_of(key, "person", form.phone))
    event = ApplicationSubmitted(
        person=person,
        round=round_case.id,
        cohort=round_case.data["cohort"],
        programme=round_case.data["programme"],
        calendar=Calendar.model_validate(round_case.data["calendar"]),
        terms=Terms.model_validate(round_case.data["terms"]),
        university=form.university,
        is_enrolled=form.is_enrolled,
        can_attend=form.can_attend,
        track=form.track,
        region=form.region,
        admission=Selection.model_validate(round_case.data["selection"]).admission,
        answers=secret_name_of(key, form.model_dump_json(include=set(PERSONAL), exclude_defaults=False)),
    )
    return message_of(event, application_id(round_case.id, person), Actor(kind="person", id=person), origin, now)


def message_of(event: Event, case: CaseId, actor: Actor, origin: Origin, now: datetime) -> Message:
    """Give the message that brings an event, named by where it comes from."""
    return Message(
        id=MessageId(name_of(origin.source, origin.submission)),
        case=case,
        type=type(event).__name__,
        data=event.model_dump(mode="json"),
        at=min(origin.at, now),
        actor=actor,
    )


def is_repeat(message: Message, ports: Ports) -> bool:
    """Tell whether the history has this already; then nothing is changed again, the vault least of all.

    Raises:
        SameIdOtherContent: The history has something else under the same id.
    """
    entry = ports.cases.entry(message.case, message.id)
    if entry is None:
        return False
    before = dict(entry.message.data)
    if before.get("reason") and entry.message.type in WITH_FREE_TEXT:
        before["reason"] = ports.vault.get_text(before["reason"], reader="intake", reason="the same answer again?")
    ours = OF_THE_ROUND if message.type == ApplicationSubmitted.__name__ else frozenset()
    if entry.message.type != message.type or _without(before, ours) != _without(message.data, ours):
        raise SameIdOtherContent(f"[{message.id}] in [{message.case}]")
    return True


def _without(data: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


def _add(form: ApplicationForm, round_case: Case, message: Message, now: datetime, *, key: bytes, ports: Ports) -> bool:
    """Put a person into the vault of whom it knows nothing; False if it does, or did."""
    person = _person(form, round_case, message, now)
    return ports.vault.add(person, keys=keys_of(form, key), form=message.data["answers"])


def _keep(
    form: ApplicationForm, round_case: Case, message: Message, now: datetime, *, key: bytes, ports: Ports
) -> None:
    """Put what a form says of somebody known into the vault.

    Raises:
        Rejected: The person was erased.
    """
    person = _person(form, round_case, message, now)
    if not ports.vault.put(person, keys=keys_of(form, key), form=message.data["answers"]):
        raise Rejected("This person's data was erased; the programme has to be asked anew.", code="person_erased")
    hear_consent(person.id, message.at, ports)


def _person(form: ApplicationForm, round_case: Case, message: Message, now: datetime) -> Person:
    calendar = Calendar.model_validate(round_case.data["calendar"])
    consents = {"privacy": form.consent_privacy, "third_party": form.consent_third_party}
    return Person(
        id=PersonId(message.actor.id),
        name=form.name,
        email=form.email,
        contact=form.phone,
        locale=form.locale,
        answers=form.model_dump(include={"department", "student_number", "motivation"}),
        consents=consents,
        consent_records=records_of(APPLICATION_FORM, consents, message.at),
        updated_at=now,
        erase_on=(calendar.results_at + KEPT_AFTER_RESULTS).date(),
    )


def _read(model: type[Event], data: Mapping[str, Any]) -> Event:
    """Read the fields strictly: a word is no number, and a number is no date.

    Raises:
        ValidationError: With every fault.
    """
    return model.model_validate_json(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"), strict=True)


def _id_fields(model: type[Event]) -> list[str]:
    named = [name for name, field in model.model_fields.items() if _is_id(field.annotation)]
    return [*named, *fact_fields(model)]


def _is_id(annotation: Any) -> bool:
    return annotation in (CaseId, PersonId, TaskId) or any(_is_id(each) for each in get_args(annotation))
