"""What people are found by: exact keys as keyed hashes, and the beginning of the name."""

import unicodedata
from collections.abc import Mapping

from schemas.forms import ApplicationForm
from schemas.ids import secret_name_of
from schemas.search import PersonKey


def keys_of(form: ApplicationForm, key: bytes) -> Mapping[PersonKey, str]:
    """Give what finds the person who sent a form.

    Args:
        form: The form, with cleaned texts.
        key: Names persons without showing their contacts.
    """
    texts: dict[PersonKey, str] = {"email": form.email, "phone": form.phone, "student": form.student_number}
    return {kind: key_of(kind, text, key) for kind, text in texts.items()}


def key_of(kind: PersonKey, text: str, key: bytes) -> str:
    """Give the keyed hash of a cleaned text; in a student number, width, case, spaces and hyphens say nothing."""
    return secret_name_of(key, kind, _plain(text) if kind == "student" else text)


def name_key(name: str) -> str:
    """Give a name as it is compared."""
    return unicodedata.normalize("NFC", name).lower()


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
