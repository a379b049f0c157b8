"""Typeform: a webhook with `Typeform-Signature: sha256=<base64 HMAC-SHA256 of the raw body>`.

https://www.typeform.com/developers/webhooks/secure-your-webhooks/
https://www.typeform.com/developers/webhooks/example-payload/
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
    "short_text": "text",
    "long_text": "text",
    "email": "email",
    "phone_number": "phone",
    "number": "number",
    "date": "date",
    "multiple_choice": "choice",
    "dropdown": "choice",
    "picture_choice": "choice",
    "yes_no": "boolean",
    "legal": "boolean",
}
"""By the type of the question, as the definition of a form names it."""

PLAIN = ("text", "email", "url", "date", "phone_number", "number")
"""Answers that hold their value under the name of their type."""


def verify(headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...]) -> None:
    """Let pass what Typeform signed.

    Raises:
        BadSignatureError: It did not.
    """
    verify_body(headers.get("typeform-signature", ""), body, secrets, prefix="sha256=")


def read(body: Mapping[str, Any]) -> Submission:
    """Give what was submitted; a response has one `token`, and cannot be edited.

    Raises:
        NoSubmissionError: It is another event, such as a response that is only begun.
        UnreadableSubmissionError: It is not of the documented form.
    """
    if body.get("event_type") != "form_response":
        raise NoSubmissionError
    response = body.get("form_response")
    answers: dict[str, Answer] = {}
    for answer in list_at(response, "answers"):
        given = _given(answer)
        field = answer.get("field")
        # A question can be named by the author's own `ref` as well, which survives a copy of the form.
        answers[text_at(field, "id")] = given
        if isinstance(field, dict) and isinstance(field.get("ref"), str):
            answers[field["ref"]] = given
    return Submission(
        form_id=text_at(response, "form_id"),
        id=text_at(response, "token"),
        at=instant_at(response, "submitted_at"),
        answers=answers,
    )


def _given(answer: Mapping[str, Any]) -> Answer:
    match answer:
        case {"type": "boolean", "boolean": bool(truth)}:
            return truth
        case {"type": "choice", "choice": {"label": label}} | {"type": "choice", "choice": {"other": label}}:
            return written(label)
        case {"type": "choices", "choices": dict(choices)}:
            return (*written(choices.get("labels")), *written(choices.get("other")))
        case {"type": str(kind)} if kind in PLAIN:
            return written(answer.get(kind))
    return ()
