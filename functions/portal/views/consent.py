"""The consent to the processing itself: what follows if it is withdrawn, said before, and how it is given again."""

import secrets
from collections.abc import Mapping

from flask import Flask, request, url_for
from werkzeug.wrappers import Response

from functions.forms.fault_texts import fault_text
from functions.forms.form_reader import YES
from functions.portal.room import go_to, language, page, room, slow_down, subject_of
from functions.portal.views.status import LEAVES
from schemas.forms import ConsentItem, FormSchema
from schemas.ids import PersonId
from schemas.messages import Case
from workflows.definitions.forms import FORMS
from workflows.runtime.consents import PRIVACY
from workflows.runtime.published import KNOWN, published
from workflows.runtime.restrictions import restriction_of
from workflows.runtime.resume import consent_again

REFUSED = "is missing"


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/own/<token>/stop", "own_stop", stop, methods=["GET"])
    site.add_url_rule("/own/<token>/resume", "own_resume", resume, methods=["GET", "POST"])


def stop(token: str) -> Response:
    """Say what follows if the consent is withdrawn, and what else there is; the page changes nothing."""
    person = PersonId(subject_of("own", token))
    if restriction_of(person, room().ports).is_without_consent:
        return _back(token)
    left = [case for case in _cases(person) if published(case, room().ports) in LEAVES]
    links = [(case.workflow, room().links.to("withdraw", case.id)) for case in left]
    return page("stop.html", token=token, nonce=secrets.token_urlsafe(16), consent=PRIVACY, leaves=links)


def resume(token: str) -> Response:
    """Show the consent in the words of the form that it came by, or take in that it is given again."""
    person = PersonId(subject_of("own", token))
    asked = _asked(person)
    if asked is None or not restriction_of(person, room().ports).is_without_consent:
        return _back(token)
    form, item = asked
    if request.method != "POST":
        return _show(form, item, {})
    slow_down("own")
    if request.form.get(item.field) != YES:
        return _show(form, item, {item.field: fault_text(REFUSED, language())})
    consent_again(person, form, room().ports)
    return _back(token, "?said=resumed")


def _cases(person: PersonId) -> list[Case]:
    """Give the cases of a person that have pages."""
    return [case for case in room().ports.index.cases_of([person]) if case.workflow in KNOWN]


def _asked(person: PersonId) -> tuple[FormSchema, ConsentItem] | None:
    """Give the form that a person came by, and its consent to the processing itself."""
    workflows = {case.workflow for case in _cases(person)}
    asked = ((form, item) for form in FORMS.values() if form.workflow in workflows for item in form.consents)
    return next(((form, item) for form, item in asked if item.name == PRIVACY), None)


def _show(form: FormSchema, item: ConsentItem, faults: Mapping[str, str]) -> Response:
    shown = {"name": item.field, "value": request.form.get(item.field, ""), "fault": faults.get(item.field, "")}
    labels = {item.field: item.title.to(language())}
    return page("resume.html", 422 if faults else 200, form=form, item=item, shown=shown, faults=faults, labels=labels)


def _back(token: str, said: str = "") -> Response:
    return go_to(f"{url_for('own', token=token)}{said}")
