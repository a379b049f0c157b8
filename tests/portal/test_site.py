"""What every page of the portal has in common: headers, limits, and errors that say what to do."""

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.buckets import BURST, Buckets
from functions.portal.room import Room
from functions.portal.site import HEADERS, make_site
from functions.portal.texts import TEXTS
from tests.portal.conftest import FILLED, LINKS
from tests.support.office import ROUND, Office

SECOND_OF_FILLING = 0.5


@pytest.fixture
def hurried(office: Office) -> FlaskClient:
    """A portal whose clock for buckets stands still."""
    return make_site(Room(office.ports, LINKS, Buckets(lambda: 0.0))).test_client()


def site_of(page: FlaskClient) -> Flask:
    assert isinstance(page.application, Flask)
    return page.application


@pytest.mark.parametrize("path", [f"/apply/{ROUND}", "/nothing", "/static/portal.css", "/status/x"])
def test_every_answer_has_the_headers(page: FlaskClient, path: str) -> None:
    with page.get(path) as answer:
        headers = answer.headers

    assert {name: headers[name] for name in HEADERS if name != "Cache-Control"} == {
        name: value for name, value in HEADERS.items() if name != "Cache-Control"
    }
    assert "script" not in headers["Content-Security-Policy"]


def test_no_page_has_a_script_or_a_style_of_its_own(page: FlaskClient) -> None:
    shown = page.get(f"/apply/{ROUND}").text

    assert not [word for word in ("<script", " style=", "<style", " onclick") if word in shown]


def test_the_page_follows_the_browsers_language_and_the_link_to_the_other(page: FlaskClient) -> None:
    english = page.get(f"/apply/{ROUND}", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    asked = page.get(f"/apply/{ROUND}?lang=ko", headers={"Accept-Language": "en"}).text

    assert '<html lang="en">' in english
    assert f'href="/apply/{ROUND}?lang=ko"' in english
    assert '<html lang="ko">' in asked


def test_the_first_page_says_where_to_go_and_names_no_round(page: FlaskClient) -> None:
    first, nothing, no_round = page.get("/"), page.get("/nothing"), page.get("/apply/no-such-round")

    assert (first.status_code, "모집 안내에 있는 주소" in first.text, ROUND in first.text) == (200, True, False)
    assert nothing.text == no_round.text.replace("/apply/no-such-round", "/nothing")
    assert 'href="/?lang=ko"' in nothing.text
    assert "모집 안내의 주소" in no_round.text


def test_all_texts_are_there_in_both_languages_with_the_same_places_for_values() -> None:
    assert [name for name, (ko, en) in TEXTS.items() if not ko or not en or ko.count("{}") != en.count("{}")] == []


def test_a_campus_gets_in_and_a_machine_has_to_wait(hurried: FlaskClient) -> None:
    answers = [hurried.post(f"/apply/{ROUND}", data=FILLED) for _ in range(int(BURST) + 50)]

    statuses = [answer.status_code for answer in answers]
    assert statuses == [409] * int(BURST) + [429] * 50
    assert answers[-1].headers["Retry-After"] == "1"
    other = hurried.post(f"/apply/{ROUND}", data=FILLED, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 409


def test_a_bucket_fills_again() -> None:
    times = iter([0.0, 0.0, 0.0, SECOND_OF_FILLING])
    buckets = Buckets(lambda: next(times), burst=2, per_second=2)

    waits = [buckets.take("form", "address") for _ in range(4)]

    assert waits == [0, 0, SECOND_OF_FILLING, 0]


def test_a_fault_of_ours_shows_a_reference_that_is_in_the_log_and_nothing_else(
    office: Office, page: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    site_of(page).testing = False
    office.embedded.database.close()

    with caplog.at_level(logging.ERROR, "sadari"):
        answer = page.post(f"/apply/{ROUND}", data=FILLED)

    assert answer.status_code == 500
    (record,) = caplog.records
    reference = record.getMessage().split()[1]
    assert reference in answer.text
    assert "haneul" not in record.getMessage()
    assert "sqlite" not in answer.text.lower()
