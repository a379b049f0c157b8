"""The page of a form: filled in, saved as a draft, sent, and sent again before the close."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, abort, request, url_for
from werkzeug.wrappers import Response

from functions.forms.clean import UnfitTextError, clean_text
from functions.forms.form_reader import from_page, read_filled
from functions.links import Purpose
from functions.portal import form_token
from functions.portal.form_page import HONEYPOT, FormPage, typed_of
from functions.portal.room import go_to, language, not_found, page, room, slow_down, subject_of
from schemas.application import Application
from schemas.draft import Draft
from schemas.forms import FilledForm, FormSchema
from schemas.ids import CaseId, MessageId, PersonId, is_safe_id, name_of, secret_name_of
from schemas.messages import Case
from workflows.definitions.forms import form_for
from workflows.runtime.bury import bury_unreadable
from workflows.runtime.errors import BadForm, Rejected, Unavailable
from workflows.runtime.intake import Origin
from workflows.runtime.person_of import person_of
from workflows.runtime.restrictions import restriction_of
from workflows.runtime.submit_form import case_of, closes_at, is_of_another_address, opens_at, submit_form

SOURCE = "portal"
DRAFT_KEPT = timedelta(days=30)
"""How long after the close a draft is kept (domain.md A.1)."""

CARRIED: tuple[tuple[str, Purpose], ...] = (("draft", "draft"), ("link", "status"))
"""The links that a form may carry, each with what it is for."""

EDITABLE = frozenset({"submitted"})


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/apply/<asked_for>", "apply", show, methods=["GET"])
    site.add_url_rule("/apply/<asked_for>", "send", send, methods=["POST"])
    site.add_url_rule("/drafts/<token>", "draft", go_on, methods=["GET"])
    site.add_url_rule("/status/<token>/edit", "edit", edit, methods=["GET"])
    site.add_url_rule("/receipts/<token>", "receipt", receipt, methods=["GET"])


def show(asked_for: str) -> Response:
    """Show the empty form, or say why it cannot be filled in now."""
    form, case = _asked_for(asked_for)
    return _closed(form, case) or FormPage(form, case).show()


def go_on(token: str) -> Response:
    """Show a form as it was saved."""
    draft = room().ports.drafts.get(subject_of("draft", token))
    if draft is None:
        abort(410)
    room().ports.vault.note([draft.id], reader="portal", reason="own draft")
    form, case = _asked_for(draft.asked_for)
    return _closed(form, case) or FormPage(form, case, typed=draft.typed, draft=token).show()


def edit(token: str) -> Response:
    """Show an application as it was sent, to be sent again."""
    seen = room().ports.cases.get(subject_of("status", token))
    if seen is None or seen.case.workflow != "application":
        not_found()
    form, case = _asked_for(seen.case.data["round"])
    if seen.case.stage not in EDITABLE:
        return page("closed.html", 409, why="too_late", form=form)
    if restriction_of(PersonId(seen.case.person), room().ports).is_stopped:
        return page("closed.html", 409, why="stopped", form=form, back=room().links.to("status", seen.case.id))
    person = person_of(seen.case, room().ports, reader="portal", reason="own application")
    if person is None:
        not_found()
    known = {
        **Application.model_validate_json(seen.case.subject).model_dump(),
        **person.answers,
        "name": person.name,
        "email": person.email,
        "phone": person.contact,
        **{f"consent_{name}": is_given for name, is_given in person.consents.items()},
    }
    return _closed(form, case) or FormPage(form, case, typed=typed_of(form, known), link=token).show()


def send(asked_for: str) -> Response:
    """Take in a form, or save it as a draft; what has a fault is given back as it was typed."""
    form, case = _asked_for(asked_for)
    slow_down(f"apply {asked_for}")
    typed = {
        name: request.form.get(name, "") for name in (*(f.name for f in form.fields), *(c.field for c in form.consents))
    }
    shown = FormPage(form, case, typed=typed, draft=request.form.get("draft", ""), link=request.form.get("link", ""))
    for purpose, carried in CARRIED:
        if request.form.get(purpose):
            subject_of(carried, request.form[purpose])
    return _closed(form, case, grace=_grace(case)) or _stopped(shown) or _judge(shown)


def _judge(shown: FormPage) -> Response:
    form, now = shown.form, room().seconds()
    token = form_token.read(request.form.get("token", ""), form, shown.case.id, now, room().key)
    if token is None:
        return shown.show(409, problem="reload")
    shown = shown.with_token(request.form["token"])
    try:
        if request.form.get("act") == "save":
            return _save(shown, room().ports.clock.now())
        filled = read_filled(form, {**from_page(form, shown.typed), "locale": language()})
        # Whoever goes on with what stands there already may be done at once.
        is_begun = bool(shown.draft or shown.link)
        if request.form.get(HONEYPOT) or (token.is_too_fast(now) and not is_begun):
            return _lay_aside(filled)
        return _take_in(shown, filled, token)
    except BadForm as error:
        return shown.show(422, faults=error.faults)
    except Unavailable:
        return shown.show(503, problem="not_received")


def _stopped(shown: FormPage) -> Response | None:
    """Give a change back as it was typed if the person's data may not be used now."""
    seen = room().ports.cases.get(subject_of("status", shown.link)) if shown.link else None
    if seen is None or not restriction_of(PersonId(seen.case.person), room().ports).is_stopped:
        return None
    return shown.show(409, problem="closed_stopped_text")


def receipt(token: str) -> Response:
    """Say that the form has arrived, and where to see what becomes of it."""
    subject_of("status", token)
    return page("receipt.html", link=room().links.to("status", subject_of("status", token)))


# ---- what is asked for


def _asked_for(case_id: str) -> tuple[FormSchema, Case]:
    seen = room().ports.cases.get(CaseId(case_id)) if is_safe_id(case_id) else None
    form = None if seen is None else form_for(seen.case.workflow)
    if seen is None or form is None:
        not_found()
    return form, seen.case


def _closed(form: FormSchema, case: Case, grace: timedelta = timedelta()) -> Response | None:
    now = room().ports.clock.now()
    if now < opens_at(form, case):
        return page("closed.html", 200, why="not_yet", form=form, at=opens_at(form, case))
    if now > closes_at(form, case) + grace:
        return page(
            "closed.html", 409 if request.method == "POST" else 200, why="over", form=form, at=closes_at(form, case)
        )
    return None


def _grace(case: Case) -> timedelta:
    """How long after the close what is on its way still counts; the page itself closes at the close."""
    admission: Mapping[str, Any] = case.data.get("selection", {}).get("admission", {})
    return timedelta(minutes=admission.get("grace_minutes", 0))


# ---- what becomes of what was sent


def _save(shown: FormPage, now: datetime) -> Response:
    """Keep what was typed.  What must not be collected is not kept in a draft either.

    Raises:
        BadForm: With every field that holds what may not be kept.
    """
    faults: dict[str, str] = {}
    for name, value in shown.typed.items():
        try:
            clean_text(value)
        except UnfitTextError as error:
            faults[name] = str(error)
    if faults:
        raise BadForm(faults)
    closes = closes_at(shown.form, shown.case)
    draft_id = subject_of("draft", shown.draft) if shown.draft else secrets.token_urlsafe(24)
    draft = Draft(
        id=draft_id,
        form=shown.form.name,
        version=shown.form.version,
        asked_for=shown.case.id,
        typed={name: value for name, value in shown.typed.items() if value},
        locale="en" if language() == "en" else "ko",
        saved_at=now,
        erase_on=(closes + DRAFT_KEPT).date(),
    )
    room().ports.drafts.put(draft)
    link = room().links.to("draft", draft_id, until=closes + DRAFT_KEPT)
    return page("saved.html", link=link, form=shown.form, closes_at=closes, erase_on=draft.erase_on)


def _take_in(shown: FormPage, filled: FilledForm, token: form_token.FormToken) -> Response:
    ports, key = room().ports, room().key
    case_id = case_of(filled, shown.case.id, key)
    submission = f"{token.nonce} {secret_name_of(key, filled.model_dump_json())}"
    own = subject_of("status", shown.link) if shown.link else None
    if own is not None and own != case_id:
        return shown.show(422, faults={"phone": "names this application and cannot be changed here"})
    is_repeat = ports.cases.entry(case_id, MessageId(name_of(SOURCE, submission))) is not None
    origin = Origin(SOURCE, submission, ports.clock.now())
    if own is None and (
        (not is_repeat and ports.cases.get(case_id) is not None)
        or is_of_another_address(filled, shown.case.id, origin, key=key, ports=ports)
    ):
        return page("already.html", 409, form=shown.form)
    try:
        submit_form(filled, shown.case.id, origin, key=key, ports=ports)
    except Rejected:
        return page("closed.html", 409, why="refused", form=shown.form)
    if shown.draft:
        room().ports.drafts.remove(subject_of("draft", shown.draft))
    return go_to(url_for("receipt", token=room().links.token("status", case_id)))


def _lay_aside(filled: FilledForm) -> Response:
    """Lay what only a machine would send into the quarantine, where staff see it; the machine learns nothing."""
    body = json.dumps(filled.model_dump(mode="json"), ensure_ascii=False).encode()
    bury_unreadable(body, "sent_by_a_machine", room().ports, source=SOURCE, key=room().key)
    return go_to(url_for("receipt", token=room().links.token("status", secrets.token_urlsafe(24))))
