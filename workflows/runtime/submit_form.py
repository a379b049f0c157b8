"""Takes in any form as it was filled in: vault first, then the one event that it opens a case with."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from schemas.events import EVENTS, Event
from schemas.forms import FilledForm, FormSchema, application_of
from schemas.ids import CaseId, MessageId, PersonId, name_of, secret_name_of
from schemas.messages import Actor, Case, Message
from schemas.people import Person
from workflows.definitions.application_form import APPLICATION_FORM
from workflows.definitions.forms import CONTACTS, FORMS
from workflows.runtime.consents import PRIVACY, records_of
from workflows.runtime.errors import NotFound, Rejected
from workflows.runtime.intake import Origin, Receipt, is_repeat, message_of, submit_application
from workflows.runtime.people_keys import key_of
from workflows.runtime.ports import Ports
from workflows.runtime.resume import hear_consent

_INSTANT = TypeAdapter(AwareDatetime)


def submit_form(filled: FilledForm, asked_for: CaseId, origin: Origin, *, key: bytes, ports: Ports) -> Receipt:
    """Take in a form.  One person has one case of it, however often and from wherever they send it.

    Args:
        filled: The form, without a fault.
        asked_for: The case that it is for, such as a round.
        origin: Where it comes from.
        key: Names persons without showing their contacts.
        ports: The ports.

    Raises:
        NotFound: There is no such case to fill this form in for.
        Rejected: It is not open, the person asked to be erased, or the submission's id had another content.
    """
    form = FORMS[filled.form]
    if form.name == APPLICATION_FORM.name:
        return submit_application(application_of(filled), asked_for, origin, key=key, ports=ports)
    seen, now = ports.cases.get(asked_for), ports.clock.now()
    if seen is None or seen.case.workflow != form.asked_for:
        raise NotFound(f"No such {form.asked_for}.")
    if not opens_at(form, seen.case) <= origin.at <= closes_at(form, seen.case):
        raise Rejected(f"[{asked_for}] is not open.", code="round_not_open")
    person = whose(filled, key)
    event = event_of(form, filled, person, seen.case, key=key)
    actor = Actor(kind="person", id=person)
    message = message_of(event, case_of(filled, asked_for, key), actor, origin, now)
    if not is_repeat(message, ports):
        if not ports.vault.put(
            _person(form, filled, person, seen.case, message.at), keys=_keys(filled, key), form=_digest(message)
        ):
            raise Rejected("This person's data was erased; the programme has to be asked anew.", code="person_erased")
        if filled.consents.get(PRIVACY):
            hear_consent(person, message.at, ports)
        ports.publisher.publish([message], [])
    return Receipt(message.id, message.case)


def is_of_another_address(filled: FilledForm, asked_for: CaseId, origin: Origin, *, key: bytes, ports: Ports) -> bool:
    """Tell whether a form that is no repeat names somebody known with another e-mail address.

    A mobile number is no secret: a stranger who knows one must not get the letters of whoever it belongs to.
    """
    case_id, message_id = case_of(filled, asked_for, key), MessageId(name_of(origin.source, origin.submission))
    if ports.cases.entry(case_id, message_id) is not None:
        return False
    person = ports.vault.get(whose(filled, key), reader="intake", reason="the same address?")
    return person is not None and person.email != filled.values["email"]


def case_of(filled: FilledForm, asked_for: CaseId, key: bytes) -> CaseId:
    """Give the id of the case that a form opens: the same for however many forms of one person."""
    return CaseId(name_of(FORMS[filled.form].workflow, asked_for, whose(filled, key)))


def whose(filled: FilledForm, key: bytes) -> PersonId:
    """Give whose form it is, by the mobile number.

    What is kept for another purpose has another period, so that each form but the first has persons of its own.
    """
    purpose = () if filled.form == APPLICATION_FORM.name else (filled.form,)
    return PersonId(secret_name_of(key, "person", *purpose, str(filled.values["phone"])))


def event_of(form: FormSchema, filled: FilledForm, person: PersonId, asked_for: Case, *, key: bytes) -> Event:
    """Give the event that a form opens its case with: facts, the person, and what it takes from the case it is for.

    Personal answers are in it as one keyed digest, so that an edit shows, if the event has a field `answers`.
    """
    model = EVENTS[form.opens]
    facts = {
        field.name: filled.values[field.name]
        for field in form.fields
        if not field.is_personal and field.name in filled.values
    }
    digest = secret_name_of(key, form.name, filled.model_dump_json())
    given: Mapping[str, Any] = {"person": person, form.asked_for: asked_for.id, "answers": digest, **facts}
    fields = {name: given.get(name, asked_for.data.get(name)) for name in model.model_fields}
    return model.model_validate({name: value for name, value in fields.items() if value is not None})


def opens_at(form: FormSchema, case: Case) -> datetime:
    """Give from when the form can be sent."""
    return moment_of(case, form.opens_at)


def closes_at(form: FormSchema, case: Case) -> datetime:
    """Give until when the form can be sent."""
    return moment_of(case, form.closes_at)


def moment_of(case: Case, place: str) -> datetime:
    """Give the instant that a case holds at a place such as `calendar.results_at`.

    Raises:
        Rejected: The case holds none there; the form does not fit it.
    """
    found: Any = case.data
    for name in place.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    try:
        return _INSTANT.validate_python(found)
    except ValidationError as error:
        raise Rejected(f"[{case.id}] has no date at [{place}].", code="round_not_open") from error


def _person(form: FormSchema, filled: FilledForm, person: PersonId, asked_for: Case, at: datetime) -> Person:
    personal = {
        field.name: filled.values[field.name]
        for field in form.fields
        if field.is_personal and field.name not in CONTACTS and field.name in filled.values
    }
    return Person(
        id=person,
        name=str(filled.values["name"]),
        email=str(filled.values["email"]),
        contact=str(filled.values["phone"]),
        locale=filled.locale,
        answers=personal,
        consents=dict(filled.consents),
        consent_records=records_of(form, filled.consents, at),
        updated_at=at,
        erase_on=(moment_of(asked_for, form.kept_from) + timedelta(days=form.kept_days)).date(),
    )


def _digest(message: Message) -> str:
    """Under what the vault keeps what this very form says; empty where the event tells no digest."""
    return str(message.data.get("answers", ""))


def _keys(filled: FilledForm, key: bytes) -> Mapping[Any, str]:
    return {kind: key_of(kind, str(filled.values[kind]), key) for kind in ("email", "phone")}
