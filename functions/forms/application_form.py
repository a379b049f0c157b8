"""Reads one application form, whichever door it comes through."""

from collections.abc import Mapping
from typing import Any

from functions.forms.form_reader import read_filled
from schemas.forms import ApplicationForm, application_of
from workflows.definitions.application_form import APPLICATION_FORM


def read_form(fields: Mapping[str, Any], unread: Mapping[str, str] | None = None) -> ApplicationForm:
    """Give the form with cleaned texts.

    Args:
        fields: What was sent, by our names of the fields.
        unread: Faults of fields that could not even be read, beside their names.

    Raises:
        BadForm: With every fault beside its field.
    """
    return application_of(read_filled(APPLICATION_FORM, fields, unread))
