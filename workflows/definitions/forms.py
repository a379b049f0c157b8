"""All forms, by name, and what is wrong between them and the workflows that they open."""

from collections.abc import Iterable, Iterator, Mapping

from schemas.events import Event
from schemas.forms import FormSchema
from workflows.definitions.application_form import APPLICATION_FORM
from workflows.definitions.forum_form import FORUM_FORM

FORMS: Mapping[str, FormSchema] = {form.name: form for form in (APPLICATION_FORM, FORUM_FORM)}

CONTACTS = ("name", "email", "phone")
"""What every form asks: without them nobody can be named or written to."""


def form_for(workflow: str) -> FormSchema | None:
    """Give the form that is filled in for a case of this workflow."""
    return next((form for form in FORMS.values() if form.asked_for == workflow), None)


def faults_of_forms(forms: Iterable[FormSchema], events: Mapping[str, type[Event]]) -> list[str]:
    """Give every fault of the forms: what they ask twice, what they lack, and facts that their event does not hold."""
    return [f"form [{form.name}]: {fault}" for form in forms for fault in _faults(form, events.get(form.opens))]


def _faults(form: FormSchema, event: type[Event] | None) -> Iterator[str]:
    names = [field.name for field in form.fields] + [item.field for item in form.consents] + ["locale"]
    yield from (f"[{name}] is asked twice" for name in sorted({name for name in names if names.count(name) > 1}))
    by_name = {field.name: field for field in form.fields}
    for name in CONTACTS:
        if name not in by_name or not by_name[name].is_required or not by_name[name].is_personal:
            yield f"[{name}] has to be asked for, as something personal"
    if not any(item.is_required for item in form.consents):
        yield "no consent to the collection of personal data is asked for"
    if event is None:
        yield f"there is no event [{form.opens}]"
        return
    facts = {field.name for field in form.fields if not field.is_personal}
    yield from (f"[{form.opens}] does not hold the fact [{name}]" for name in sorted(facts - set(event.model_fields)))
