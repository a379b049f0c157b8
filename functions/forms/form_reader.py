"""Reads any form by its schema, whichever door it comes through: every fault at once, beside its field."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, get_args

from functions.forms.clean import (
    UnfitTextError,
    clean_email,
    clean_line,
    clean_mobile,
    clean_name,
    clean_text,
    refuse_contact,
)
from schemas.forms import FilledForm, FormField, FormSchema, Kind
from schemas.people import Locale
from workflows.runtime.errors import BadForm
from workflows.runtime.intake import NO_CONSENT, place_of

LOCALE = "locale"
ATOM, LABEL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[a-z0-9_-]+"
EMAIL = re.compile(rf"{ATOM}(\.{ATOM})*@{LABEL}(\.{LABEL})+", re.ASCII)
"""What the mail channel can write to; an address that only looks like one would never get a letter."""

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NUMBER = re.compile(r"-?[0-9]{1,9}")
YEARS = range(1900, 2100)

MISSING = "is missing"
YES, NO = "yes", "no"
"""What a page sends for an answer that is yes or no."""


def _number(text: str) -> str:
    plain = clean_line(text).replace(",", "")
    if not NUMBER.fullmatch(plain):
        raise UnfitTextError("is no whole number")
    return plain


def _day(text: str) -> str:
    plain = clean_line(text)
    try:
        day = date.fromisoformat(plain) if DATE.fullmatch(plain) else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise UnfitTextError("is no date; write it as 2000-01-31")
    return plain


def _email(text: str) -> str:
    address = clean_email(text)
    if address and not EMAIL.fullmatch(address):
        raise UnfitTextError("is no e-mail address; write it as name@example.com")
    return address


CLEANERS: Mapping[Kind, Callable[[str], str]] = {
    "name": clean_name,
    "line": clean_line,
    "text": clean_text,
    "email": _email,
    "phone": clean_mobile,
    "choice": clean_line,
    "number": _number,
    "date": _day,
}


def read_filled(form: FormSchema, given: Mapping[str, Any], unread: Mapping[str, str] | None = None) -> FilledForm:
    """Give the form as it was filled in, cleaned.

    Args:
        form: What is asked.
        given: What was sent, by our names of the fields; a consent `x` is the field `consent_x`, the language `locale`.
        unread: Faults of fields that could not even be read, beside their names.

    Raises:
        BadForm: With every fault beside its field, without repeating what was sent.
    """
    faults: dict[str, str] = dict(_strangers(form, given))
    values: dict[str, str | int | bool] = {}
    for field in form.fields:
        try:
            value = _answer(field, given.get(field.name))
        except UnfitTextError as error:
            faults[field.name] = str(error)
        else:
            if value != "":
                values[field.name] = value
    consents = dict(_consents(form, given, faults))
    locale = given.get(LOCALE, "ko")
    if locale not in get_args(Locale):
        faults[LOCALE] = f"is none of {', '.join(get_args(Locale))}"
    faults |= unread or {}
    if faults:
        raise BadForm(faults)
    return FilledForm(form=form.name, version=form.version, values=values, consents=consents, locale=locale)


def from_page(form: FormSchema, sent: Mapping[str, str]) -> dict[str, Any]:
    """Give what a page sent as `read_filled` takes it: yes and no as such, a consent not answered as refused."""
    answers = {YES: True, NO: False}
    given: dict[str, Any] = {}
    for field in form.fields:
        text = sent.get(field.name, "")
        given[field.name] = answers.get(text) if field.kind == "yes_no" else text
    consents = {item.field: answers.get(sent.get(item.field, ""), False) for item in form.consents}
    return {**given, **consents}


def _answer(field: FormField, value: Any) -> str | int | bool:
    if field.kind == "yes_no":
        if value is None and not field.is_required:
            return ""
        if not isinstance(value, bool):
            raise UnfitTextError(MISSING if value is None else "is neither yes nor no")
        return value
    if value is None:
        value = ""
    if isinstance(value, int) and not isinstance(value, bool) and field.kind == "number":
        value = str(value)
    if not isinstance(value, str):
        raise UnfitTextError("is no text")
    return read_text(field, value)


def read_text(field: FormField, text: str) -> str | int:
    """Give the answer to one field, cleaned.

    Raises:
        UnfitTextError: It cannot be taken.
    """
    if not clean_line(text):
        if field.is_required:
            raise UnfitTextError(MISSING)
        return ""
    if not field.is_personal and field.kind != "number":
        refuse_contact(text)
    cleaned = CLEANERS[field.kind](text)
    if field.kind == "number":
        number = int(cleaned)
        if abs(number) > field.length_max:
            raise UnfitTextError(f"is over {field.length_max}")
        return number
    if len(cleaned) > field.length_max:
        raise UnfitTextError(f"has more than {field.length_max} characters")
    if field.choices and cleaned not in {choice.value for choice in field.choices}:
        raise UnfitTextError("is none of the choices")
    return cleaned


def _consents(form: FormSchema, given: Mapping[str, Any], faults: dict[str, str]) -> Iterator[tuple[str, bool]]:
    for item in form.consents:
        answer = given.get(item.field, None if item.is_required else False)
        if not isinstance(answer, bool):
            faults[item.field] = MISSING if answer is None else "is neither yes nor no"
        elif item.is_required and not answer:
            faults[item.field] = NO_CONSENT
        else:
            yield item.name, answer


def _strangers(form: FormSchema, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known = {field.name for field in form.fields} | {item.field for item in form.consents} | {LOCALE}
    for name in given:
        if name not in known:
            yield place_of(name), "is no field of this form"
