"""Lets the processing of a person's data go on that was stopped: by a consent given again, or by staff."""

from datetime import datetime
from typing import Literal

from schemas.forms import FormSchema
from schemas.ids import PersonId, name_of
from workflows.runtime.consents import PRIVACY, answered_at, records_of
from workflows.runtime.ports import Ports
from workflows.runtime.restrictions import restrict, restriction_of
from workflows.runtime.send import send_stopped

Stop = Literal["is_without_consent", "is_suspended"]
"""Why the processing is stopped, as a restriction says it."""


def resume(person_id: PersonId, stop: Stop, ports: Ports, *, reason: str = "") -> None:
    """Lift a stop.  Where none is left, the letters that waited for that leave.  May be repeated.

    Args:
        person_id: Who.
        stop: Which one; another one stays.
        ports: The ports.
        reason: A reference to the vault: why.
    """
    before = restriction_of(person_id, ports)
    if getattr(before, stop):
        told = {"reason": reason} if reason else {}
        restrict(person_id, name_of("resume", stop, before.id), {stop: False, **told}, ports)
    if not restriction_of(person_id, ports).is_stopped:
        send_stopped(person_id, ports)


def consent_again(person_id: PersonId, form: FormSchema, ports: Ports) -> None:
    """Take in that a person consents again to the processing itself: first the proof, then it goes on.

    May be repeated.  Of whom nothing is kept, nothing changes.

    Args:
        person_id: Who.
        form: Whose words of the consent were shown.
        ports: The ports.
    """
    person = ports.vault.get(person_id, reader="portal", reason=f"{PRIVACY} consented to again")
    if person is None:
        return
    if not person.consents.get(PRIVACY):
        at = answered_at(person, PRIVACY, ports.clock.now())
        update = {
            "consents": {**person.consents, PRIVACY: True},
            "consent_records": (*person.consent_records, *records_of(form, {PRIVACY: True}, at)),
            "updated_at": ports.clock.now(),
        }
        ports.vault.put(person.model_copy(update=update), keys=None)
    resume(person_id, "is_without_consent", ports)


def hear_consent(person_id: PersonId, at: datetime, ports: Ports) -> None:
    """Let the processing go on after a form that holds the consent to it, if it was sent after the withdrawal."""
    before = restriction_of(person_id, ports)
    if before.is_without_consent and at > before.at:
        resume(person_id, "is_without_consent", ports)
