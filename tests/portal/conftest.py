"""The portal as its visitors meet it, over one store whose clock moves only when told."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.buckets import Buckets
from functions.embedded import Embedded
from functions.links import Links
from functions.portal.room import Room
from functions.portal.site import make_site
from tests.support.office import KEY, ROUND, Office

LINKS = Links("https://portal.test", KEY)
TOKEN = re.compile(r'name="token" value="([^"]+)"')
FILLED = {
    "name": "김하늘",
    "email": "haneul@example.org",
    "phone": "010-2468-1357",
    "university": "전남대학교",
    "department": "수학과",
    "student_number": "20211234",
    "is_enrolled": "yes",
    "can_attend": "yes",
    "motivation": "배우고 싶습니다.",
    "consent_privacy": "yes",
    "consent_third_party": "no",
}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    embedded = Embedded(tmp_path / "store.db", links=LINKS)
    office = Office(embedded)
    office.plan()
    yield office
    embedded.close()


@pytest.fixture
def page(office: Office) -> FlaskClient:
    """A browser at the portal, where nobody has to slow down."""

    def office_seconds() -> float:
        return office.now.timestamp()

    room = Room(
        office.ports,
        LINKS,
        Buckets(lambda: 0.0, burst=1_000_000),
        office_seconds,
    )
    return make_site(room).test_client()


class Form:
    """The page of the form, as a person works with it."""

    def __init__(self, office: Office, page: FlaskClient) -> None:
        self.office = office
        self.page = page

    def open(self, path: str = f"/apply/{ROUND}") -> str:
        """Open the page, take five seconds, and give its token."""
        shown = self.page.get(path)
        assert shown.status_code == 200, shown.text
        self.office.embedded.clock.turn(self.office.now + timedelta(seconds=5))
        return token_on(shown)

    def send(self, token: str = "", **changed: Any) -> TestResponse:
        """Send the form, filled in but for what is changed; nothing stands for a field that is left out."""
        fields = {**FILLED, "act": "send", "token": token or self.open(), **changed}
        sent = {name: value for name, value in fields.items() if value is not None}
        answer = self.page.post(f"/apply/{ROUND}", data=sent)
        self.office.settle()
        return answer


@pytest.fixture
def form(office: Office, page: FlaskClient) -> Form:
    return Form(office, page)


def token_on(shown: TestResponse) -> str:
    """The token of the form on a page."""
    found = TOKEN.search(shown.text)
    assert found is not None
    return unescape(found.group(1))


def words_of(answer: TestResponse) -> str:
    """The words of a page's content, without the markup."""
    found = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    assert found is not None
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", found.group()).split()))


def path_of(link: str) -> str:
    """The path of a whole address."""
    return link.removeprefix(LINKS.portal_url)


def link_in(office: Office, case: Any, notice: str, page_name: str) -> str:
    """The path of a link, as the last letter of its kind carries it."""
    letter = [each for each in office.letters(case) if each.notice == notice][-1]
    (link,) = (word for word in letter.body.split() if word.startswith(f"{LINKS.portal_url}/{page_name}/"))
    return path_of(link)


@pytest.fixture
def dump(office: Office) -> Callable[[], Any]:
    """Give all that the store holds but the access log."""
    tables = ("cases", "history", "people", "people_index", "texts", "letters", "queue", "quarantine", "drafts")
    return lambda: {name: office.embedded.database.all(f"select * from {name} order by 1, 2") for name in tables}
