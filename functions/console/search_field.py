"""Tells what somebody typed into the search field."""

import re
from dataclasses import dataclass
from typing import Literal

from functions.forms.clean import MOBILE, UnfitTextError, clean_email, clean_line, clean_mobile, clean_name, clean_text
from schemas.ids import is_safe_id

LETTERS_MIN = 2
TEXT_MAX = 254
CASE_ID = re.compile(r"[a-z2-7]{32}")


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched for.

    Attributes:
        text: Cleaned as the forms' texts are, so that both have the same key.
        fault: The name of the text that says why it cannot be searched for; empty if it can.
    """

    kind: Literal["nothing", "case", "email", "phone", "student", "name"]
    text: str = ""
    fault: str = ""


def sought(typed: str, student_number: str) -> Sought:
    """Give what is searched for by the two fields; the student number counts only where the other one is empty.

    Args:
        typed: An e-mail address, a mobile number, the id of a case, or else the beginning of a name.
        student_number: A student number.
    """
    text = typed.strip()[:TEXT_MAX]
    try:
        if text:
            return _recognised(text)
        number = clean_line(student_number[:TEXT_MAX])
    except UnfitTextError:
        return Sought("nothing", fault="search_unfit")
    return Sought("student", number) if number else Sought("nothing")


def _recognised(text: str) -> Sought:
    if "@" in text:
        return Sought("email", clean_email(text))
    if MOBILE.fullmatch(clean_text(text)):
        try:
            return Sought("phone", clean_mobile(text))
        except UnfitTextError:
            return Sought("nothing", fault="search_no_mobile")
    if CASE_ID.fullmatch(text) or (is_safe_id(text) and any(char.isdigit() for char in text)):
        return Sought("case", text)
    name = clean_name(text)
    if len(name) < LETTERS_MIN:
        return Sought("nothing", fault="search_too_short")
    return Sought("name", name)
