"""Takes in what people and programmes send: vault first, then one message, then a receipt."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from schemas.cohort import Calendar, Terms
from schemas.events import EVENTS, ApplicationSubmitted, Event
from schemas.forms import ApplicationForm
from schemas.ids import CaseId, MessageId, PersonId, name_of, secret_name_of
from schemas.messages import Actor, Message
from schemas.people import Person
from schemas.round import Stage as RoundStage
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, Rejected
from workflows.runtime.ports import Ports

KEPT_AFTER_RESULTS = timedelta(days=90)
"""How long an application's personal data is kept at first (domain.md F.3: not selected, results + 90 days)."""

PERSONAL = frozenset({"name", "email", "phone", "department", "student_number", "motivation", "locale"})


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
        Rejected: The round is not open yet, or the person asked to be erased.
        BadForm: The consent that the programme cannot do without is missing.
    """
    seen = ports.cases.get(round_id)
    if seen is None or seen.case.workflow != "round":
        raise NotFound(f"No round [{round_id}].")
    if seen.case.stage == RoundStage.PLANNED:
        raise Rejected(f"Round [{round_id}] is not open yet.")
    if not form.consent_privacy:
        raise BadForm({"consent_privacy": "the application cannot be handled without it"})
    person = PersonId(secret_name_of(key, "person", form.phone))
    calendar = Calendar.model_validate(seen.case.data["calendar"])
    if not ports.vault.put(_person(form, person, calendar, ports.clock.now())):
        raise Rejected("This person's data was erased; the programme has to be asked anew.")
    event = ApplicationSubmitted(
        person=person,
        round=round_id,
        cohort=seen.case.data["cohort"],
        programme=seen.case.data["programme"],
        calendar=calendar,
        terms=Terms.model_validate(seen.case.data["terms"]),
        university=form.university,
        is_enrolled=form.is_enrolled,
        can_attend=form.can_attend,
        answers=secret_name_of(key, form.model_dump_json(include=set(PERSONAL), exclude_defaults=False)),
    )
    case = application_id(round_id, person)
    return _hand_in(event, case, Actor(kind="person", id=person), origin, ports)


def application_id(round_id: CaseId, person: PersonId) -> CaseId:
    """Give the id of a person's application to a round."""
    return CaseId(name_of("application", round_id, person))


def hand_in(  # noqa: PLR0913  what the signed body says, field by field
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
        BadForm: There is no such event, or its fields have faults.
        NotAllowed: The source may not bring this event.
    """
    model = EVENTS.get(event_type)
    if model is None or event_type == "TimerRang":
        raise BadForm({"type": f"there is no event [{event_type}] to send"})
    allowed = {role.name for role in model.by} if event_type != "QuestionAnswered" else {actor.role}
    if not allowed & roles:
        raise NotAllowed(f"[{origin.source}] may not send [{event_type}].")
    try:
        event = model.model_validate(data)
    except ValidationError as error:
        raise BadForm(faults_of(error)) from error
    if "at" in data or "arrives_at" in data:
        raise BadForm({"data": "the time is not the event's to say"})
    return _hand_in(event, case, actor, origin, ports)


def faults_of(error: ValidationError) -> dict[str, str]:
    """Give every fault of a body beside its field, without repeating what was sent."""
    return {".".join(map(str, each["loc"])) or "body": each["msg"] for each in error.errors(include_input=False)}


def _hand_in(event: Event, case: CaseId, actor: Actor, origin: Origin, ports: Ports) -> Receipt:
    message = Message(
        id=MessageId(name_of(origin.source, origin.submission)),
        case=case,
        type=type(event).__name__,
        data=event.model_dump(mode="json"),
        at=min(origin.at, ports.clock.now()),
        actor=actor,
    )
    ports.publisher.publish([message], [])
    return Receipt(message.id, case)


def _person(form: ApplicationForm, person: PersonId, calendar: Calendar, now: datetime) -> Person:
    return Person(
        id=person,
        name=form.name,
        email=form.email,
        contact=form.phone,
        locale=form.locale,
        answers=form.model_dump(include={"department", "student_number", "motivation"}),
        consents={"privacy": form.consent_privacy, "third_party": form.consent_third_party},
        updated_at=now,
        erase_on=(calendar.results_at + KEPT_AFTER_RESULTS).date(),
    )
