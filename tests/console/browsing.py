"""What somebody at the console does: reads a page, and sends its form."""

import re
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.console.guard import TOKEN_FIELD

TOKEN = re.compile(rf'name="{TOKEN_FIELD}" value="([^"]+)"')


def token_on(browser: FlaskClient, page: str = "/definitions") -> str:
    """Give the form token that a page of this browser's session carries."""
    found = TOKEN.search(browser.get(page).text)
    assert found is not None
    return found.group(1)


def send(browser: FlaskClient, path: str, **form: Any) -> TestResponse:
    """Send a form as a browser does that is at the console."""
    body = {TOKEN_FIELD: token_on(browser), **form}
    return browser.post(path, data=body, headers={"Sec-Fetch-Site": "same-origin"})


def words_of(answer: TestResponse) -> str:
    """Give the words of a page's content, without the markup."""
    found = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split())


def day(text: str) -> datetime:
    """Give an instant of the story, written as clocks in Korea show it."""
    return datetime.fromisoformat(f"{text}:00+09:00")


ROUND = "gwangju-2027-1"
COHORT = "gwangju-2027"
CLOSED = day("2027-03-20T09:00")
NAMED = day("2027-03-22T12:00")
ASSIGNED = day("2027-03-22T14:30")
READING = day("2027-03-22T20:00")
DECIDED = day("2027-03-29T17:30")
PUBLISHED = day("2027-04-02T10:30")
UNFILLED = day("2027-04-02T20:00")
GATE = day("2027-06-12T09:00")
ENDED = day("2028-12-01T09:00")
