"""The inbox: who sees what, who works on it, and answers that may still be taken back."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.console.room import ROOM
from functions.embedded import Embedded
from schemas.ids import TaskId
from tests.console.browsing import send, words_of
from tests.console.conftest import RULINGS

pytestmark = pytest.mark.parametrize("console_store", [RULINGS], indirect=True)

UNDO = timedelta(minutes=5)


def first_question(browser: FlaskClient) -> str:
    """The path of the oldest question in an inbox."""
    page = browser.get("/inbox").text
    return page[page.index('href="/questions/') + len('href="') :].partition("?")[0]


@pytest.fixture
def undo(site: Flask) -> None:
    """Answers may be taken back for five minutes."""
    site.extensions[ROOM] = replace(site.extensions[ROOM], undo_minutes=5)


def at(store: Embedded, instant: datetime) -> None:
    """Let it be that late, and ring what is due."""
    store.clock.turn(instant)
    store.worker.ring_all()
    store.worker.drain()


def test_an_inbox_shows_what_waits_for_the_visitors_roles_and_nothing_else(
    client_as: Callable[..., FlaskClient],
) -> None:
    operator, city = client_as("operator"), client_as("city")

    assert operator.get("/inbox").text.count('href="/questions/') == 3
    assert city.get("/inbox").text.count('href="/questions/') == 0


def test_a_question_is_not_shown_to_whoever_it_does_not_reach(client_as: Callable[..., FlaskClient]) -> None:
    path = first_question(client_as("operator"))

    assert client_as("operator", cohort="another").get(path).status_code == 404
    assert client_as("operator", programme="another").get(path).status_code == 404


@pytest.mark.parametrize("role", ["reviewer", "instructor", "career_staff"])
def test_whoever_is_asked_nothing_about_a_case_learns_nothing_of_it_by_a_question(
    client_as: Callable[..., FlaskClient], console_store: Embedded, role: str
) -> None:
    path = first_question(client_as("operator"))
    task = next(each for each in console_store.ports.cases.tasks() if each.id == path.rpartition("/")[2])
    browser = client_as(role)

    seen = [browser.get(path), send(browser, f"{path}/hold", what="hold")]
    changed = send(browser, "/questions/closed/answer", case=task.case, answer="yes", reason="checked")

    assert [each.status_code for each in seen] == [404, 404]
    assert (changed.status_code, "Application submitted" in changed.text) == (409, False)
    assert console_store.staff_ports.marks.get([task.id]) == {}


@pytest.mark.parametrize("minutes", [0, 5])
def test_the_same_answer_twice_is_one_and_another_one_is_told_what_changed(
    client_as: Callable[..., FlaskClient], console_store: Embedded, site: Flask, minutes: int
) -> None:
    site.extensions[ROOM] = replace(site.extensions[ROOM], undo_minutes=minutes)
    one, other = client_as("operator", as_id="kim"), client_as("operator", as_id="lee")
    path = first_question(one)
    case = next(each.case for each in console_store.ports.cases.tasks() if each.id == path.rpartition("/")[2])
    form = {"case": case, "answer": "yes", "role": "operator", "reason": "checked"}

    answers = []
    for browser, answer in ((one, "yes"), (one, "yes"), (one, "no"), (other, "yes")):
        answers.append(send(browser, f"{path}/answer", **{**form, "answer": answer}).status_code)
        console_store.worker.drain()

    refused = 422 if minutes else 409
    assert answers == [303, 303, refused, refused]
    assert len(console_store.ports.cases.history(case)) == 3


def test_whoever_cannot_answer_keeps_nobody_from_it(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    path = first_question(client_as("operator"))

    send(client_as("lead"), f"{path}/hold", what="hold")

    assert console_store.staff_ports.marks.get([TaskId(path.rpartition("/")[2])]) == {}


def test_whoever_takes_a_question_is_named_to_the_others_who_cannot_take_it_from_them(
    client_as: Callable[..., FlaskClient],
) -> None:
    one, other = client_as("operator", as_id="kim"), client_as("operator", as_id="lee")
    path = first_question(one)

    send(one, f"{path}/hold", what="hold")
    send(other, f"{path}/hold", what="hold")

    assert "(kim) is working on it" in other.get("/inbox").text
    assert "(lee) is working on it" not in one.get("/inbox").text


def test_a_question_that_was_put_off_is_gone_for_the_one_and_there_for_the_other(
    client_as: Callable[..., FlaskClient],
) -> None:
    one, other = client_as("operator", as_id="kim"), client_as("operator", as_id="lee")
    path = first_question(one)

    send(one, f"{path}/hold", what="snooze")

    assert path not in one.get("/inbox").text
    assert path in other.get("/inbox").text


def test_what_was_put_off_is_counted_shown_and_called_back(client_as: Callable[..., FlaskClient]) -> None:
    one = client_as("operator", as_id="kim")
    path = first_question(one)
    send(one, f"{path}/hold", what="snooze")

    inbox, put_off = one.get("/inbox"), one.get("/inbox?held=put_off")

    assert "1 of this page are not shown, as you put them off." in words_of(inbox)
    assert "somebody other than you" not in words_of(inbox)
    assert put_off.text.count('href="/questions/') == 1
    assert path in put_off.text
    assert 'value="back"' in put_off.text
    assert re.search(r"It comes back at \d{4}-", words_of(put_off))
    send(one, f"{path}/hold", what="back")
    assert path in one.get("/inbox").text
    assert path not in one.get("/inbox?held=put_off").text


def test_a_question_whose_answer_is_on_its_way_says_so_and_asks_nothing(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    one, other = client_as("operator", as_id="kim"), client_as("operator", as_id="lee")
    path = first_question(one)

    landed = one.get(send(one, f"{path}/answer", answer="yes", role="operator", reason="checked").location)
    seen = (one.get(path), other.get(path))

    assert landed.text.count("Your answer is being applied.") == 1
    assert f'{path}/hold"' not in landed.text
    assert "Your answer is being applied." in words_of(seen[0])
    assert [f'{path}/answer"' in page.text for page in seen] == [False, True]
    console_store.worker.drain()
    assert path not in one.get("/inbox").text


def test_a_closed_question_says_who_answered_what_where_the_case_may_be_seen(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    one, other = client_as("operator", as_id="kim"), client_as("operator", as_id="lee")
    path = first_question(one)
    case = next(each.case for each in console_store.ports.cases.tasks() if each.id == path.rpartition("/")[2])
    send(one, f"{path}/answer", answer="yes", role="operator", reason="checked")
    console_store.worker.drain()

    seen = other.get(f"{path}?case={case}")
    kept = [other.get(path), client_as("operator", cohort="another").get(f"{path}?case={case}")]

    assert seen.status_code == 200
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d KST .*김직원 \(Operator\).*: Yes", words_of(seen), re.IGNORECASE)
    assert f'href="/cases/{case}"' in seen.text
    assert [(page.status_code, case in page.text) for page in kept] == [(404, False), (404, False)]
    assert all("This question is closed" in words_of(page) for page in kept)


def test_the_question_says_who_works_on_it_and_until_when(client_as: Callable[..., FlaskClient]) -> None:
    one, other = client_as("operator", as_id="kim"), client_as("operator", as_id="lee")
    path = first_question(one)

    send(one, f"{path}/hold", what="hold")

    assert re.search(r"You are working on it until \d{4}-\d\d-\d\d \d\d:\d\d KST", words_of(one.get(path)))
    assert re.search(r"\(kim\) is working on it until \d{4}", words_of(other.get(path)))


@pytest.mark.usefixtures("undo")
def test_an_answer_is_held_and_takes_effect_when_its_time_is_over(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    one, other = client_as("operator", as_id="kim"), client_as("operator", as_id="lee")
    path = first_question(one)
    letters = len(list(console_store.ports.letters.find()))

    send(one, f"{path}/answer", answer="yes", role="operator", reason="checked")
    at(console_store, RULINGS + UNDO / 2)
    before = (path in one.get("/inbox").text, path in other.get("/inbox").text)
    held = len(list(console_store.ports.letters.find()))
    at(console_store, console_store.clock.now() + UNDO)

    assert (before, held) == ((True, False), letters)
    assert path not in one.get("/inbox").text
    assert len(list(console_store.ports.letters.find())) == letters + 1


@pytest.mark.usefixtures("undo")
def test_an_answer_that_was_taken_back_leaves_the_question_open(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    one, other = client_as("operator", as_id="kim"), client_as("operator", as_id="lee")
    path = first_question(one)
    send(one, f"{path}/answer", answer="yes", role="operator", reason="checked")
    console_store.worker.drain()

    refused = send(other, f"{path}/back")
    taken = send(one, f"{path}/back")
    at(console_store, RULINGS + 2 * UNDO)

    assert (refused.status_code, taken.status_code) == (403, 303)
    assert path in other.get("/inbox").text
    assert send(other, f"{path}/answer", answer="no", role="operator", reason="checked again").status_code == 303
