"""Reads one application form, whichever door it comes through."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from functions.forms.clean import (
    UnfitTextError,
    clean_email,
    clean_line,
    clean_mobile,
    clean_name,
    clean_text,
    refuse_contact,
)
from schemas.forms import ApplicationForm
from workflows.runtime.errors import BadForm
from workflows.runtime.intake import NO_CONSENT, faults_of


def clean_public(text: str) -> str:
    """Give a line that enters the stream, and so may hold nothing personal.

    Raises:
        UnfitTextError: It is unfit, or holds an e-mail address or a mobile number.
    """
    refuse_contact(text)
    return clean_line(text)


def clean_choice(text: str) -> str:
    """Give a public line, or nothing where nothing was chosen.

    Raises:
        UnfitTextError: It is unfit, or holds an e-mail address or a mobile number.
    """
    return clean_public(text) if text.strip() else ""


CLEANERS: Mapping[str, Callable[[str], str]] = {
    "name": clean_name,
    "email": clean_email,
    "phone": clean_mobile,
    "university": clean_public,
    "track": clean_choice,
    "region": clean_choice,
    "department": clean_line,
    "student_number": clean_line,
}


def read_form(fields: Mapping[str, Any], unread: Mapping[str, str] | None = None) -> ApplicationForm:
    """Give the form with cleaned texts.

    Args:
        fields: What was sent, by our names of the fields.
        unread: Faults of fields that could not even be read, beside their names.

    Raises:
        BadForm: With every fault beside its field.
    """
    faults = dict(unread or {})
    cleaned: dict[str, Any] = {}
    for name, value in fields.items():
        try:
            cleaned[name] = CLEANERS.get(name, clean_text)(value) if isinstance(value, str) else value
        except UnfitTextError as error:
            if name in ApplicationForm.model_fields:
                faults[name] = str(error)
    if cleaned.get("consent_privacy") is False:
        faults |= NO_CONSENT
    try:
        form = ApplicationForm.model_validate(_readable({**fields, **cleaned}), strict=True)
    except ValidationError as error:
        raise BadForm({**faults_of(error), **faults}) from error
    if faults:
        raise BadForm(faults)
    return form


def _readable(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A name with half a character in it would hide every other fault from the model."""
    return {name.encode("utf-8", "replace").decode(): value for name, value in fields.items()}
