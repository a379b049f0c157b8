"""Tally: a webhook with `Tally-Signature: <base64 HMAC-SHA256 of the raw body>`, if a signing secret is set.

https://tally.so/help/webhooks
"""

from collections.abc import Mapping
from typing import Any

from functions.forms.providers.signed_body import verify_body
from functions.forms.providers.submission import (
    Answer,
    NoSubmissionError,
    Submission,
    instant_at,
    list_at,
    text_at,
    written,
)
from schemas.connections import AnswerKind

TYPES: Mapping[str, AnswerKind] = {
    "INPUT_TEXT": "text",
    "TEXTAREA": "text",
    "INPUT_EMAIL": "email",
    "INPUT_PHONE_NUMBER": "phone",
    "INPUT_NUMBER": "number",
    "INPUT_DATE": "date",
    "MULTIPLE_CHOICE": "choice",
    "DROPDOWN": "choice",
    "CHECKBOXES": "choice",
    "HIDDEN_FIELDS": "text",
}
"""By the `type` of a field in the webhook.  A box of CHECKBOXES comes as a field of its own as well: true or false."""


def verify(headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...], *, is_unsigned: bool) -> None:
    """Let pass what Tally signed.

    Args:
        headers: By their names in small letters.
        body: The raw bytes.
        secrets: One of them has signed it.
        is_unsigned: Whether the connection was made without a signature, explicitly.  A signature that comes all the
            same has to be right.

    Raises:
        BadSignatureError: It did not.
    """
    given = headers.get("tally-signature", "")
    if is_unsigned and not given:
        return
    verify_body(given, body, secrets)


def read(body: Mapping[str, Any]) -> Submission:
    """Give what was submitted; a response has one `responseId`.

    Raises:
        NoSubmissionError: It is another event.
        UnreadableSubmissionError: It is not of the documented form.
    """
    if body.get("eventType") != "FORM_RESPONSE":
        raise NoSubmissionError
    response = body.get("data")
    answers = {text_at(field, "key"): _given(field) for field in list_at(response, "fields")}
    return Submission(
        form_id=text_at(response, "formId"),
        id=text_at(response, "responseId"),
        at=instant_at(response, "createdAt"),
        answers=answers,
    )


def _given(field: Mapping[str, Any]) -> Answer:
    """Give an answer; what was chosen comes by id, and is said by the text of the option."""
    value, options = field.get("value"), field.get("options")
    if isinstance(value, bool):
        return value
    if not isinstance(options, list):
        return () if isinstance(value, dict) else written(value)
    texts = {each.get("id"): each.get("text") for each in options if isinstance(each, dict)}
    return tuple(str(texts.get(chosen) or chosen) for chosen in written(value))
