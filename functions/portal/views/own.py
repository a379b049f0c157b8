"""What is kept of a person, for the person: see it, take it along, correct it, erase it, and say no to its use.

The address is good for an hour and is got from one's own status or learning page, so that no letter leads a scanner to
somebody's data.
"""

import io
import json
import re
import secrets
import zipfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Flask, abort, make_response, request
from werkzeug.wrappers import Response

from functions.forms.clean import UnfitTextError, clean_text
from functions.forms.fault_texts import fault_text
from functions.forms.form_reader import read_text
from functions.forms.safe_csv import write_csv
from functions.links import Purpose
from functions.portal.room import case_of, go_to, language, not_found, page, room, slow_down, subject_of
from functions.portal.texts import text
from schemas.data_request import DataRequest, Right
from schemas.events.data_request import DataRequestTakenBack
from schemas.forms import FormField
from schemas.ids import CaseId, PersonId, is_safe_id, secret_name_of
from schemas.letters import LetterState
from schemas.messages import Actor, Case
from schemas.people import Person
from workflows.definitions.forms import FORMS
from workflows.definitions.offer_form import OFFER_FORM
from workflows.definitions.words import WORDS
from workflows.runtime.bring import bring
from workflows.runtime.consents import PRIVACY
from workflows.runtime.data_request import Wish, file_data_request
from workflows.runtime.errors import BadForm, Rejected
from workflows.runtime.own_data import own_data
from workflows.runtime.published import published
from workflows.runtime.restrictions import restriction_of

GOOD_FOR = timedelta(hours=1)
ENTRANCES: Mapping[str, tuple[Purpose, tuple[str, ...]]] = {
    "status": ("status", ("application", "forum_registration")),
    "learning": ("learning", ("enrolment",)),
}
NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}")
READER = "own link"
NOT_SENT = frozenset({LetterState.RELEASED, LetterState.SENDING, LetterState.FAILED})
SAID = frozenset({"sent", "resumed"})
WORKFLOWS_SHOWN = frozenset({"application", "enrolment", "forum_registration"})


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/<purpose>/<token>/own", "enter_own", enter, methods=["POST"])
    site.add_url_rule("/own/<token>", "own", own, methods=["GET", "POST"])
    site.add_url_rule("/own/<token>/data.json", "own_json", as_json, methods=["GET"])
    site.add_url_rule("/own/<token>/data.zip", "own_zip", as_zip, methods=["GET"])


def enter(purpose: str, token: str) -> Response:
    """Lead from one's own page to one's own data, for an hour."""
    if purpose not in ENTRANCES:
        not_found()
    slow_down("own")
    case = case_of(ENTRANCES[purpose][0], token, *ENTRANCES[purpose][1])
    link = room().links.to("own", case.person, until=room().ports.clock.now() + GOOD_FOR)
    return go_to(f"{link}/resume" if request.form.get("to") == "resume" else link)


def own(token: str) -> Response:
    """Show what is kept, or take in what the person asks about it."""
    person = PersonId(subject_of("own", token))
    if request.method != "POST":
        return _show(person, token)
    slow_down("own")
    try:
        return _take_in(person, token)
    except BadForm as error:
        return _show(person, token, 422, error.faults)
    except Rejected:
        return _show(person, token, 409)


def as_json(token: str) -> Response:
    """Give what is kept, for a program."""
    said = json.dumps(_kept(PersonId(subject_of("own", token))), ensure_ascii=False, indent=2)
    return _download(said.encode(), "application/json", "my-data.json")


def as_zip(token: str) -> Response:
    """Give what is kept, as tables and for a program, in one file."""
    data, packed = _kept(PersonId(subject_of("own", token))), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("my-data.json", json.dumps(data, ensure_ascii=False, indent=2))
        archive.writestr("person.csv", write_csv(["item", "value"], [*_rows(data["person"])]))
        cases = [{name: value for name, value in case.items() if name != "answers"} for case in data["cases"]]
        answers = [{"case": each["case"], **row} for each in data["cases"] for row in _rows(each["answers"])]
        tables = {"answers": answers, "cases": cases, "letters": data["letters"], "looked_at": data["looked_at"]}
        for name, rows in tables.items():
            archive.writestr(f"{name}.csv", write_csv(list(rows[0]) if rows else ["nothing"], rows))
    return _download(packed.getvalue(), "application/zip", "my-data.zip")


# ---- what is shown


def _kept(person: PersonId) -> dict[str, Any]:
    return own_data(person, room().ports, reader=READER) or abort(410)


def _show(person_id: PersonId, token: str, status: int = 200, faults: Mapping[str, str] | None = None) -> Response:
    data = own_data(person_id, room().ports, reader=READER)
    if data is None:
        return page("own_gone.html")
    person, cases = Person.model_validate(data["person"]), room().ports.index.cases_of([person_id])
    said = {name: fault_text(fault, language()) for name, fault in (faults or {}).items()}
    typed = request.form if request.method == "POST" else {}
    values = {name: str(value) for name, value in _correctable(person).items()}
    said_by = {each["case"]: each["answers"] for each in data["cases"]}
    return page(
        "own.html",
        status,
        token=token,
        nonce=secrets.token_urlsafe(16),
        said=request.args.get("said", "") if request.args.get("said") in SAID else "",
        restriction=restriction_of(person_id, room().ports),
        faults=said,
        labels=_labels(person),
        fields=[(name, typed.get(name, value), said.get(name, "")) for name, value in values.items()],
        person=person,
        consents=_consents(person),
        letters=data["letters"],
        not_sent=NOT_SENT,
        looks=[
            {**row, "who": text(language(), f"reader_{row['reader'].replace(' ', '_')}")} for row in data["looked_at"]
        ],
        cases=[
            (_workflow(case), _word(case), _answers(case, said_by.get(case.id, {})))
            for case in cases
            if case.workflow in WORKFLOWS_SHOWN
        ],
        requests=[_request(case) for case in cases if case.workflow == "data_request"],
    )


def _workflow(case: Case) -> str:
    return WORDS.speech("en" if language() == "en" else "ko").word(case.workflow)


def _word(case: Case) -> str:
    kind = "phase" if case.workflow == "enrolment" else "word"
    return text(language(), f"{kind}_{published(case, room().ports)}")


def _answers(case: Case, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say what the form answered and the case keeps, under the form's own labels."""
    form = next((each for each in FORMS.values() if each.workflow == case.workflow), None)
    fields = {} if form is None else {field.name: field for field in form.fields}
    yes_no = {True: text(language(), "yes"), False: text(language(), "no")}
    return [
        (fields[name].label.to(language()), yes_no[value] if isinstance(value, bool) else str(value))
        for name, value in given.items()
    ]


def _request(case: Case) -> dict[str, Any]:
    asked = DataRequest.model_validate_json(case.subject)
    return {
        "id": case.id,
        "right": text(language(), f"right_{asked.right}"),
        "received_at": asked.received_at,
        "answer_by": asked.answer_by,
        "is_open": not case.is_final,
        "can_be_taken_back": case.stage in {"identity_check", "in_progress", "erasing"},
    }


def _consents(person: Person) -> list[dict[str, Any]]:
    """Give every consent that was answered, with its words where they are known, the latest answer last."""
    titles = {item.name: item.title.to(language()) for form in (*FORMS.values(), OFFER_FORM) for item in form.consents}
    told = {record.item.split("@")[0]: record for record in person.consent_records}
    return [
        {
            "name": name,
            "title": titles.get(name, name),
            "is_given": is_given,
            "record": told.get(name),
        }
        for name, is_given in person.consents.items()
    ]


def _correctable(person: Person) -> dict[str, Any]:
    return {"name": person.name, "email": person.email, "contact": person.contact, **person.answers}


def _fields() -> dict[str, FormField]:
    fields = {field.name: field for form in reversed(list(FORMS.values())) for field in form.fields}
    return {**fields, "contact": fields["phone"]}


def _labels(person: Person) -> dict[str, str]:
    fields = _fields()
    known = {name: fields[name].label.to(language()) for name in _correctable(person) if name in fields}
    asked = {"is_sure": text(language(), "is_sure"), "why": text(language(), "why_optional")}
    return {**{name: name for name in _correctable(person)}, **known, **asked}


def _rows(person: Mapping[str, Any], above: str = "") -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for name, value in person.items():
        place = f"{above}{name}"
        if isinstance(value, dict):
            rows += _rows(value, f"{place}.")
        elif isinstance(value, list | tuple):
            rows += [row for number, each in enumerate(value, 1) for row in _rows(each, f"{place}.{number}.")]
        else:
            rows.append({"item": place, "value": str(value)})
    return rows


def _download(body: bytes, mimetype: str, name: str) -> Response:
    answer = make_response(body)
    answer.headers["Content-Type"] = mimetype
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


# ---- what is asked


def _take_in(person: PersonId, token: str) -> Response:
    actor, here = Actor(kind="person", id=person, role="applicant"), room().links.portal_url
    act = request.form.get("act", "")
    if act == Right.WITHDRAW_CONSENT and request.form.get("consent") == PRIVACY and not _is_sure():
        return go_to(f"{here}/own/{token}/stop")
    if act == "take_back":
        _take_back(person, actor)
    elif act in _WISHES:
        wish = _WISHES[act](person)
        nonce = request.form.get("nonce", "")
        said = secret_name_of(room().key, wish.consent, wish.text, json.dumps(wish.changes, sort_keys=True))
        submission = f"{nonce} {said}" if NONCE.fullmatch(nonce) else secrets.token_urlsafe(16)
        file_data_request(person, wish, actor, room().ports, submission=submission, key=room().key)
    else:
        abort(404)
    if act == Right.SEE:
        return go_to(f"{here}/own/{token}/data.zip")
    return go_to(f"{here}/own/{token}?said=sent")


def _take_back(person: PersonId, actor: Actor) -> None:
    asked = request.form.get("request", "")
    seen = room().ports.cases.get(CaseId(asked)) if is_safe_id(asked) else None
    if seen is None or seen.case.person != person or seen.case.workflow != "data_request":
        not_found()
    bring(DataRequestTakenBack(), seen.case.id, actor, room().ports)


def _see(_person: PersonId) -> Wish:
    return Wish(right=Right.SEE)


def _correct(person_id: PersonId) -> Wish:
    """Take what differs from what is kept, cleaned as the form's fields are.

    Raises:
        BadForm: With every fault beside its field.
    """
    person = room().ports.vault.get(person_id, reader=READER, reason="correction") or abort(410)
    changes: dict[str, str] = {}
    faults: dict[str, str] = {}
    for name, value in _correctable(person).items():
        typed = request.form.get(name, str(value))
        try:
            cleaned = str(read_text(_fields()[name], typed)) if name in _fields() else clean_text(typed)
        except UnfitTextError as error:
            faults[name] = str(error)
        else:
            if cleaned != str(value):
                changes[name] = cleaned
    if not changes and not faults:
        faults["changes"] = "is not different from what is kept"
    if faults:
        raise BadForm(faults)
    return Wish(right=Right.CORRECT, changes=changes)


def _erase(_person: PersonId) -> Wish:
    if not _is_sure():
        raise BadForm({"is_sure": "is missing"})
    return Wish(right=Right.ERASE)


def _is_sure() -> bool:
    return request.form.get("is_sure") == "yes"


def _withdraw_consent(_person: PersonId) -> Wish:
    return Wish(right=Right.WITHDRAW_CONSENT, consent=request.form.get("consent", ""))


def _suspend(_person: PersonId) -> Wish:
    try:
        return Wish(right=Right.SUSPEND, text=clean_text(request.form.get("why", "")))
    except UnfitTextError as error:
        raise BadForm({"why": str(error)}) from error


_WISHES: Mapping[str, Callable[[PersonId], Wish]] = {
    Right.SEE: _see,
    Right.CORRECT: _correct,
    Right.ERASE: _erase,
    Right.WITHDRAW_CONSENT: _withdraw_consent,
    Right.SUSPEND: _suspend,
}
