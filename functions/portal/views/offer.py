"""The page by which an offer is answered: taken with consents, each on its own, or declined."""

from collections.abc import Mapping

from flask import Flask, request
from werkzeug.wrappers import Response

from functions.forms.fault_texts import fault_text
from functions.portal.room import actor_of, case_of, go_to, language, page, room, slow_down
from schemas.application import Application
from schemas.events import Event
from schemas.events.application import OfferAccepted, OfferDeclined
from schemas.forms import ConsentItem
from schemas.ids import PersonId
from schemas.messages import Case
from workflows.definitions.offer_form import OFFER_FORM, consents_of
from workflows.runtime.bring import foresee
from workflows.runtime.consents import records_of
from workflows.runtime.errors import Rejected
from workflows.runtime.intake import NO_CONSENT
from workflows.runtime.published import published
from workflows.runtime.restrictions import restriction_of

ANSWERS = {"yes": True, "no": False}


def add_to(site: Flask) -> None:
    """Add the page."""
    site.add_url_rule("/offers/<token>", "offer", offer, methods=["GET", "POST"])


def offer(token: str) -> Response:
    """Show the offer, or take the answer in.  Opening the page answers nothing: mail scanners open it too."""
    case = case_of("offer", token, "application")
    word, back = published(case, room().ports), room().links.to("status", case.id)
    if word != "offered":
        return page("nothing_to_do.html", 200 if word in {"accepted", "declined"} else 409, word=word, back=back)
    if request.method != "POST":
        return _show(case)
    slow_down("offer")
    if request.form.get("act") == "decline":
        return _answer(case, OfferDeclined(), back, "declined")
    given = {item.id: ANSWERS.get(request.form.get(item.field, ""), False) for item in _items(case)}
    faults = {item.field: NO_CONSENT for item in _items(case) if item.is_required and not given[item.id]}
    if faults:
        return _show(case, 422, faults)
    return _answer(case, OfferAccepted(consents=given), back, "accepted")


def _items(case: Case) -> tuple[ConsentItem, ...]:
    return consents_of(Application.model_validate_json(case.subject).admission.consents_needed)


def _show(case: Case, status: int = 200, faults: Mapping[str, str] | None = None) -> Response:
    application = Application.model_validate_json(case.subject)
    said = {name: fault_text(fault, language()) for name, fault in (faults or {}).items()}
    shown = [
        (item, {"name": item.field, "value": request.form.get(item.field, ""), "fault": said.get(item.field, "")})
        for item in _items(case)
    ]
    labels = {item.field: item.title.to(language()) for item in _items(case)}
    return page(
        "offer.html",
        status,
        consents=shown,
        faults=said,
        labels=labels,
        answer_by=application.answer_by,
        calendar=application.calendar,
        restriction=restriction_of(PersonId(case.person), room().ports),
        status_token=room().links.token("status", case.id),
    )


def _answer(case: Case, event: Event, back: str, said: str) -> Response:
    """Ask the core whether the answer would be taken; then the proof goes to the vault, and the answer out, once."""
    ports = room().ports
    try:
        foreseen = foresee(event, case.id, actor_of(case, "applicant"), ports)
    except Rejected:
        return page("nothing_to_do.html", 409, word=published(case, ports), back=back)
    if not foreseen.is_repeat:
        if isinstance(event, OfferAccepted):
            _keep_proof(case, event)
        ports.publisher.publish([foreseen.message], [])
    return go_to(f"{back}?said={said}")


def _keep_proof(case: Case, event: OfferAccepted) -> None:
    ports, now = room().ports, room().ports.clock.now()
    person = ports.vault.get(PersonId(case.person), reader="portal", reason="consents of an acceptance")
    if person is None:
        return
    items = _items(case)
    answers = {item.name: event.consents[item.id] for item in items}
    form = OFFER_FORM.model_copy(update={"consents": items})
    kept = person.model_copy(
        update={
            "consents": {**person.consents, **answers},
            "consent_records": (*person.consent_records, *records_of(form, answers, now)),
            "updated_at": now,
        }
    )
    ports.vault.put(kept, keys=None)
