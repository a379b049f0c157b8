"""Jotform: an unsigned webhook, so nothing in it is believed but which submission to fetch.

The webhook is `multipart/form-data` with `formID`, `submissionID` and `rawRequest`; it comes to a path that nobody can
guess.  The submission is then read from the API with the connection's own key.

https://api.jotform.com/docs/  https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from functions.forms.providers.submission import (
    Answer,
    Listed,
    NoSubmissionError,
    Submission,
    UnreadableSubmissionError,
    text_at,
    written,
)
from functions.forms.providers.vendor_api import VendorApi
from schemas.connections import AnswerKind

BASE_URL = "https://api.jotform.com"
TYPES: Mapping[str, AnswerKind] = {
    "control_textbox": "text",
    "control_textarea": "text",
    "control_fullname": "text",
    "control_email": "email",
    "control_phone": "phone",
    "control_number": "number",
    "control_datetime": "date",
    "control_dropdown": "choice",
    "control_radio": "choice",
    "control_checkbox": "choice",
}
"""By the `type` of an answer in the API.  A question is named by its number (`qid`)."""

ID = re.compile(r"[0-9]{1,30}", re.ASCII)
TIME = "%Y-%m-%d %H:%M:%S"
PARTS_MAX = 100
PAGE = 1000


class NoMultipartError(ValueError):
    """The body is no multipart form of this size."""


def read_notice(content_type: str, body: bytes) -> tuple[str, str]:
    """Give the form and the submission that the webhook names.

    Raises:
        NoMultipartError: The body names none, or has too many parts.
    """
    mimetype, options = parse_options_header(content_type)
    parser = FormDataParser(max_form_memory_size=len(body), max_content_length=len(body), max_form_parts=PARTS_MAX)
    try:
        _, fields, _ = parser.parse(BytesIO(body), mimetype, len(body), options)
    except (HTTPException, ValueError) as error:
        raise NoMultipartError("the body is no multipart form") from error
    form_id, submission_id = fields.get("formID", ""), fields.get("submissionID", "")
    if not ID.fullmatch(form_id) or not ID.fullmatch(submission_id):
        raise NoMultipartError("the body names no formID and submissionID")
    return form_id, submission_id


class JotformApi:
    """The submissions of one account.

    Raises from every call:
        Unavailable: Jotform does not answer, or not in time; ask again.
        VendorRefusedError: The key may not read this.
    """

    def __init__(self, api: VendorApi, *, key: str, time_zone: str) -> None:
        self._api = api
        self._headers = {"APIKEY": key}
        self._zone = ZoneInfo(time_zone)

    def submission(self, submission_id: str) -> Submission:
        """Give a submission as it stands.

        Raises:
            NoSubmissionError: It was deleted, or there never was one.
            UnreadableSubmissionError: It is not of the documented form.
        """
        answer = self._api.get(f"/submission/{submission_id}", headers=self._headers)
        return self._read(answer.get("content"))

    def submissions(self, form_id: str, since: datetime | None) -> Iterator[Listed]:
        """Give the submissions of a form that were created or edited since then, page by page."""
        for name in ("created_at", "updated_at") if since else ("",):
            wanted = {"filter": json.dumps({f"{name}:gt": self._local(since)})} if since else {}
            yield from self._listed(form_id, wanted)

    def _listed(self, form_id: str, wanted: Mapping[str, str]) -> Iterator[Listed]:
        offset = 0
        while True:
            fields = {**wanted, "limit": str(PAGE), "offset": str(offset), "orderby": "created_at"}
            page = self._api.get(f"/form/{form_id}/submissions", fields=fields, headers=self._headers).get("content")
            if not isinstance(page, list):
                raise UnreadableSubmissionError("there is no list at [content]")
            for content in page:
                try:
                    yield self._read(content)
                except UnreadableSubmissionError as error:
                    yield error
                except NoSubmissionError:
                    continue
            if len(page) < PAGE:
                return
            offset += PAGE

    def _read(self, content: Any) -> Submission:
        if not isinstance(content, dict) or content.get("status") not in {"ACTIVE", "OVERQUOTA"}:
            raise NoSubmissionError
        answers = content.get("answers")
        if not isinstance(answers, dict):
            raise UnreadableSubmissionError("there is no object at [answers]")
        updated = content.get("updated_at") or ""
        return Submission(
            form_id=text_at(content, "form_id"),
            id="/".join(filter(None, (text_at(content, "id"), str(updated)))),
            at=self._instant(updated or text_at(content, "created_at")),
            answers={number: _given(answer) for number, answer in answers.items() if isinstance(answer, dict)},
        )

    def _instant(self, text: str) -> datetime:
        try:
            return datetime.strptime(text, TIME).replace(tzinfo=self._zone).astimezone(UTC)
        except (ValueError, TypeError) as error:
            raise UnreadableSubmissionError("there is no time at [created_at] or [updated_at]") from error

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime(TIME)


def _given(answer: Mapping[str, Any]) -> Answer:
    """Give an answer; dates and full names come in parts."""
    match answer.get("answer"):
        case {"year": str(year), "month": str(month), "day": str(day)}:
            return (f"{year}-{month:0>2}-{day:0>2}",) if year else ()
        case {"full": str(full)}:
            return written(full)
        case {"first": str(first), "last": str(last)}:
            return written(" ".join(filter(None, (first, last))))
        case dict(parts):
            return written(list(parts.values()))
        case value:
            return written(value)
