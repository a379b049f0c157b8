"""The token that a form on a page carries: signed, bound to the case that the form is for and to what was shown."""

import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from schemas.forms import FormSchema
from schemas.ids import CaseId

AGE_SECONDS_MAX = 24 * 3600.0
HUMAN_SECONDS_MIN = 2.0


@dataclass(frozen=True, slots=True)
class FormToken:
    """One page with a form.

    Attributes:
        nonce: Names the page, so that a double click is a repeat.
        shown_at: When it was shown first, in seconds.
    """

    nonce: str
    shown_at: float

    def is_too_fast(self, now: float) -> bool:
        """Tell whether nobody could have filled in the form in this time."""
        return now - self.shown_at < HUMAN_SECONDS_MIN


def make(form: FormSchema, asked_for: CaseId, now: float, key: bytes) -> str:
    """Give the token of a page that is shown now."""
    return str(_tokens(key).dumps([*_shown(form, asked_for), now, secrets.token_urlsafe(16)]))


def read(text: str, form: FormSchema, asked_for: CaseId, now: float, key: bytes) -> FormToken | None:
    """Give what a token says; None if it is not ours, for another form or version, or too old."""
    try:
        *shown, at, nonce = _tokens(key).loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    if shown != _shown(form, asked_for) or now - at > AGE_SECONDS_MAX:
        return None
    return FormToken(nonce, at)


def _shown(form: FormSchema, asked_for: CaseId) -> list[str | int]:
    return [form.name, form.version, form.notice_version, asked_for]


def _tokens(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="portal form")
