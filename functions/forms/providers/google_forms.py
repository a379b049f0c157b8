"""Google Forms: a watch tells a Pub/Sub topic that there are responses, and they are read from the API.

https://developers.google.com/workspace/forms/api/guides/push-notifications
https://developers.google.com/workspace/forms/api/reference/rest/v1/forms.responses
https://developers.google.com/workspace/forms/api/reference/rest/v1/forms.watches
https://developers.google.com/workspace/forms/api/limits
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from functions.forms.providers.submission import (
    Answer,
    Listed,
    NoSubmissionError,
    Submission,
    UnreadableSubmissionError,
    instant_at,
    list_at,
    text_at,
    written,
)
from functions.forms.providers.vendor_api import VendorApi
from schemas.connections import AnswerKind

BASE_URL = "https://forms.googleapis.com"
RESPONDENT_EMAIL = "respondentEmail"
TYPES: Mapping[str, AnswerKind] = {
    "TEXT": "text",
    "PARAGRAPH_TEXT": "text",
    "RADIO": "choice",
    "CHECKBOX": "choice",
    "DROP_DOWN": "choice",
    "DATE": "date",
    "RESPONDENT_EMAIL": "email",
}
"""`RADIO`, `CHECKBOX` and `DROP_DOWN` as a ChoiceQuestion names them; `RESPONDENT_EMAIL` is the address that the form
collects by itself, whose question is `respondentEmail`."""

RESPONSES = "RESPONSES"
PAGE = 5000
"""The most that one call gives: as few calls as possible, for 450 a minute are allowed to a project."""

Token = Callable[[], str]


class Pushed(BaseModel):
    """What Pub/Sub pushes for a watch: attributes, and no answers."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    event_type: str = Field(alias="eventType", max_length=40)
    form_id: str = Field(alias="formId", max_length=200)
    watch_id: str = Field(default="", alias="watchId", max_length=200)
    published_at: AwareDatetime | None = Field(default=None, alias="publishTime")


class GoogleFormsApi:
    """The forms that our service account may read.

    Raises from every call:
        Unavailable: Google does not answer, not in time, or the quota is used up for this minute; ask again.
        VendorRefusedError: We may not read this form any more, or it is gone.
    """

    def __init__(self, api: VendorApi, *, token: Token, topic: str) -> None:
        self._api = api
        self._token = token
        self._topic = topic

    def submissions(self, form_id: str, since: datetime | None) -> Iterator[Listed]:
        """Give the responses that were submitted since then, or all, page by page."""
        fields = {"pageSize": str(PAGE)}
        if since is not None:
            fields["filter"] = f"timestamp >= {_zulu(since)}"
        while True:
            page = self._api.get(f"/v1/forms/{form_id}/responses", fields=fields, headers=self._headers())
            # A page without responses has no such key.
            for response in list_at({"responses": page.get("responses", [])}, "responses"):
                yield _read(response, form_id)
            if not page.get("nextPageToken"):
                return
            fields["pageToken"] = text_of_token(page["nextPageToken"])

    def watch(self, form_id: str) -> tuple[str, datetime]:
        """Begin to watch the form, and give the watch's id and its end.

        The project may have one watch of the kind on a form; one that is there already is taken up.
        """
        listed = self._api.get(f"/v1/forms/{form_id}/watches", headers=self._headers())
        for watch in list_at({"watches": listed.get("watches", [])}, "watches"):
            if watch.get("eventType") == RESPONSES:
                return self.renew(form_id, text_at(watch, "id"))
        wanted = {"target": {"topic": {"topicName": self._topic}}, "eventType": RESPONSES}
        made = self._api.post(f"/v1/forms/{form_id}/watches", {"watch": wanted}, headers=self._headers())
        return text_at(made, "id"), instant_at(made, "expireTime")

    def renew(self, form_id: str, watch_id: str) -> tuple[str, datetime]:
        """Let a watch last seven days from now."""
        path = f"/v1/forms/{form_id}/watches/{watch_id}:renew"
        renewed = self._api.post(path, {}, headers=self._headers())
        return text_at(renewed, "id"), instant_at(renewed, "expireTime")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}


def read_response(response: Mapping[str, Any], form_id: str) -> Submission:
    """Give what a `FormResponse` says.

    An edited response keeps its id, so the time of its last submission names the version.  Listed responses do not name
    their form.

    Raises:
        UnreadableSubmissionError: It is not of the documented form.
    """
    at = instant_at(response, "lastSubmittedTime")
    answers = response.get("answers", {})
    if not isinstance(answers, dict):
        raise UnreadableSubmissionError("there is no object at [answers]")
    given: dict[str, Answer] = {question: _given(answer) for question, answer in answers.items()}
    if email := response.get(RESPONDENT_EMAIL):
        given[RESPONDENT_EMAIL] = written(email)
    return Submission(
        form_id=str(response.get("formId") or form_id),
        id=f"{text_at(response, 'responseId')}/{_zulu(at)}",
        at=at,
        answers=given,
    )


def read_forwarded(body: Mapping[str, Any]) -> Submission:
    """Give what the Apps Script of the form sends on: a `FormResponse` as the API gave it, and the form's id.

    Raises:
        NoSubmissionError: It is about something else.
        UnreadableSubmissionError: It is not of the documented form.
    """
    if body.get("type") != "google_forms.response":
        raise NoSubmissionError
    response = body.get("response")
    if not isinstance(response, dict):
        raise UnreadableSubmissionError("there is no object at [response]")
    return read_response(response, text_at(body, "formId"))


def text_of_token(token: Any) -> str:
    """Give the token of the next page.

    Raises:
        UnreadableSubmissionError: It is no text.
    """
    if not isinstance(token, str):
        raise UnreadableSubmissionError("there is no text at [nextPageToken]")
    return token


def _read(response: Mapping[str, Any], form_id: str) -> Listed:
    try:
        return read_response(response, form_id)
    except UnreadableSubmissionError as error:
        return error


def _given(answer: Any) -> Answer:
    if not isinstance(answer, dict) or "textAnswers" not in answer:
        return ()  # an uploaded file; files are not taken in
    return tuple(text for each in list_at(answer, "textAnswers", "answers") for text in written(each.get("value")))


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
