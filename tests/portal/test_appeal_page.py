"""The page by which a decision is appealed against, from the letter's link to the appeal's case."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from functions.embedded import Embedded
from functions.links import Links
from functions.portal.room import Room
from functions.portal.site import make_site
from schemas.ids import CaseId
from tests.support.cohort import CALENDAR, DAY
from tests.support.office import KEY, ROUND, Office
from workflows.runtime.appeal import APPEALABLE

LINKS = Links("https://portal.test", KEY)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    embedded = Embedded(tmp_path / "store.db", links=LINKS)
    office = Office(embedded)
    office.plan()
    yield office
    embedded.close()


@pytest.fixture
def refused(office: Office) -> CaseId:
    """Somebody whom a human found not eligible."""
    office.until(CALENDAR.applications_open + DAY)
    case = office.hand_in(1, can_attend=False)
    office.until(CALENDAR.applications_close + DAY)
    office.answer(case, yes=True)
    assert office.stage(case) in APPEALABLE
    return case


@pytest.fixture
def page(office: Office) -> FlaskClient:
    return make_site(Room(office.ports, LINKS)).test_client()


def path_in_letter(office: Office, case: CaseId) -> str:
    """The link, as the letter carries it."""
    (letter,) = (letter for letter in office.letters(case) if letter.notice == "ApplicationIneligible")
    (link,) = (word for word in letter.body.split() if word.startswith(LINKS.portal_url))
    return link.removeprefix(LINKS.portal_url)


def test_an_appeal_is_filed_from_the_link_in_the_letter(office: Office, refused: CaseId, page: FlaskClient) -> None:
    path = path_in_letter(office, refused)

    shown = page.get(path)
    sent = page.post(path, data={"reason": "휴학 일정을 바꾸었습니다."})
    office.settle()

    assert (shown.status_code, sent.status_code) == (200, 202)
    (appeal,) = office.ports.cases.find(workflow="appeal")
    assert (appeal.stage, appeal.data["decision"], appeal.person) == ("filed", refused, office.case(refused).person)
    assert "휴학" not in "".join(text for text, _ in office.ports.cases.history(appeal.id))
    kept = office.ports.vault.get_text(appeal.data["reason"], reader="test", reason="test")
    assert kept == "휴학 일정을 바꾸었습니다."


def test_sent_twice_it_is_one_appeal(office: Office, refused: CaseId, page: FlaskClient) -> None:
    path = path_in_letter(office, refused)
    page.post(path, data={"reason": "이유"})
    page.post(path, data={"reason": "이유"})
    office.settle()

    again = page.post(path, data={"reason": "다른 이유"})

    assert again.status_code == 200
    assert "접수되었습니다" in again.text
    assert len(list(office.ports.cases.find(workflow="appeal"))) == 1


@pytest.mark.parametrize("reason", ["", "   ", "가" * 4001, "900101-1234567 입니다"])
def test_what_cannot_be_taken_is_given_back_beside_its_fault(
    office: Office, refused: CaseId, page: FlaskClient, reason: str
) -> None:
    answer = page.post(path_in_letter(office, refused), data={"reason": reason})
    office.settle()

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert reason.strip() in answer.text
    assert list(office.ports.cases.find(workflow="appeal")) == []


@pytest.mark.parametrize("token", ["x", "a.b", "%2e%2e", "여기"])
def test_a_link_that_we_did_not_make_opens_nothing(refused: CaseId, page: FlaskClient, token: str) -> None:
    del refused

    assert page.get(f"/appeals/{token}").status_code == 404


def test_a_link_about_a_round_or_a_case_that_is_gone_opens_nothing(page: FlaskClient) -> None:
    for case in (ROUND, CaseId("nobody")):
        token = LINKS.token("appeal", case)

        assert page.get(f"/appeals/{token}").status_code == 404


def test_where_nothing_was_decided_there_is_nothing_to_appeal_against(office: Office, page: FlaskClient) -> None:
    office.until(CALENDAR.applications_open + DAY)
    case = office.hand_in(2)

    answer = page.get(f"/appeals/{LINKS.token('appeal', case)}")

    assert answer.status_code == 409


def test_every_answer_says_not_to_keep_it_and_lets_no_script_run(refused: CaseId, page: FlaskClient) -> None:
    del refused

    headers = page.get("/appeals/x").headers

    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_page_speaks_english_where_it_is_asked_to(office: Office, refused: CaseId, page: FlaskClient) -> None:
    path = path_in_letter(office, refused)

    assert 'lang="en"' in page.get(f"{path}?lang=en").text
    assert 'lang="ko"' in page.get(path).text
