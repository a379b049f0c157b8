"""A reviewer's own reviews: nothing is read before the statement, nothing names the person, nothing of others shows."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from functions.embedded import Embedded
from schemas.application import Application
from schemas.ids import CaseId
from schemas.messages import Case
from tests.console.browsing import ASSIGNED, DECIDED, READING, send, words_of

SignIn = Callable[..., FlaskClient]
ME = "reviewer-1"
POINTS = {"points-motive": "3.5", "points-plan": "4", "points-fit": "5"}

on = pytest.mark.parametrize


def reviews_of(store: Embedded, reviewer: str) -> list[Case]:
    return [case for case in store.ports.cases.find(workflow="review") if case.data["reviewer"] == reviewer]


def stage_of(store: Embedded, case: str) -> str:
    seen = store.ports.cases.get(CaseId(case))
    assert seen is not None
    return seen.case.stage


@on("console_store", [ASSIGNED], indirect=True)
def test_a_reviewer_finds_their_own_reviews_and_no_others(client_as: SignIn, console_store: Embedded) -> None:
    mine, reviewer = reviews_of(console_store, ME), client_as("reviewer", as_id=ME)

    found, url = [], "/reviews"
    while url:
        page = reviewer.get(url).text
        found += re.findall(r'href="/reviews/(\w+)"', page)
        more = re.search(r'<a href="([^"]+)" rel="next">', page)
        url = more.group(1).replace("&amp;", "&") if more else ""

    assert sorted(found) == [case.id for case in mine]


@on("console_store", [ASSIGNED, READING], indirect=True)
def test_a_review_of_somebody_else_is_not_there_whatever_is_done(client_as: SignIn, console_store: Embedded) -> None:
    theirs, reviewer = reviews_of(console_store, "reviewer-2")[0], client_as("reviewer", as_id=ME)
    accesses = len(console_store.ports.vault.accesses())

    answers = [reviewer.get(f"/reviews/{theirs.id}")]
    answers += [
        send(reviewer, f"/reviews/{theirs.id}/{act}", stated="yes", why="other", **POINTS)
        for act in ("accept", "conflict", "decline", "score")
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert not [answer for answer in answers if theirs.data["application"] in answer.text]
    assert len(console_store.ports.vault.accesses()) == accesses


@on("console_store", [ASSIGNED], indirect=True)
def test_nothing_of_the_application_is_read_before_the_statement(client_as: SignIn, console_store: Embedded) -> None:
    review, accesses = reviews_of(console_store, ME)[0], len(console_store.ports.vault.accesses())
    reviewer = client_as("reviewer", as_id=ME)

    page = reviewer.get(f"/reviews/{review.id}")
    unstated = send(reviewer, f"/reviews/{review.id}/accept")

    assert "Motivation" not in words_of(page)
    assert unstated.status_code == 422
    assert "Tick the statement." in words_of(unstated)
    assert len(console_store.ports.vault.accesses()) == accesses


@on("console_store", [ASSIGNED], indirect=True)
def test_the_statement_opens_the_application(client_as: SignIn, console_store: Embedded) -> None:
    review, reviewer = reviews_of(console_store, ME)[0], client_as("reviewer", as_id=ME)

    answer = send(reviewer, f"/reviews/{review.id}/accept", stated="yes")
    on_its_way = reviewer.get(answer.location)
    console_store.worker.drain()

    assert answer.status_code == 303
    assert "It is being applied." in words_of(on_its_way)
    assert "Tick" not in words_of(on_its_way)
    assert 'name="stated"' not in on_its_way.text
    assert "Motivation" in words_of(reviewer.get(f"/reviews/{review.id}"))


@on("console_store", [ASSIGNED], indirect=True)
@on(
    ("act", "form", "stage", "status"),
    [("conflict", {"why": "family"}, "conflicted", 403), ("decline", {}, "declined", 200)],
)
def test_a_conflict_or_a_refusal_ends_the_review(
    client_as: SignIn, console_store: Embedded, act: str, form: dict[str, str], stage: str, status: int
) -> None:
    review, reviewer = reviews_of(console_store, ME)[0], client_as("reviewer", as_id=ME)

    answer = send(reviewer, f"/reviews/{review.id}/{act}", **form)
    console_store.worker.drain()

    assert answer.status_code == 303
    assert stage_of(console_store, review.id) == stage
    over = reviewer.get(f"/reviews/{review.id}")
    assert over.status_code == status
    assert "This review is over." in words_of(over)


@on("console_store", [ASSIGNED], indirect=True)
def test_a_conflict_needs_its_kind(client_as: SignIn, console_store: Embedded) -> None:
    review = reviews_of(console_store, ME)[0]

    answer = send(client_as("reviewer", as_id=ME), f"/reviews/{review.id}/conflict", why="envy")

    assert answer.status_code == 422
    assert stage_of(console_store, review.id) == "assigned"


@on("console_store", [READING], indirect=True)
def test_what_is_read_names_nobody_shows_no_peer_and_is_logged(client_as: SignIn, console_store: Embedded) -> None:
    review = next(case for case in reviews_of(console_store, ME) if case.stage == "reading")
    seen = console_store.ports.cases.get(CaseId(review.data["application"]))
    assert seen is not None
    application = Application.model_validate_json(seen.case.subject)

    page = client_as("reviewer", as_id=ME).get(f"/reviews/{review.id}")

    last = console_store.ports.vault.accesses()[-1]
    person = console_store.ports.vault.get(application.person, reader="test", reason="test")
    assert person is not None
    hidden = (person.name, person.email, person.contact, application.university, application.person)
    assert not [each for each in hidden if each in page.text]
    assert "Scores of the other reviewers" not in words_of(page)
    assert (last["reader"], last["subject"], last["reason"]) == (ME, application.person, f"review {review.id}")


@on("console_store", [READING], indirect=True)
@on("plan", ["", "9", "-1", "many", "nan"])
def test_points_out_of_their_range_are_named_and_nothing_typed_is_lost(
    client_as: SignIn, console_store: Embedded, plan: str
) -> None:
    review = next(case for case in reviews_of(console_store, ME) if case.stage == "reading")

    answer = send(client_as("reviewer", as_id=ME), f"/reviews/{review.id}/score", **{**POINTS, "points-plan": plan})

    assert answer.status_code == 422
    assert answer.text.count("Give points from 0 to 5.") == 1
    assert 'value="3.5"' in answer.text
    assert f'value="{plan}"' in answer.text
    assert stage_of(console_store, review.id) == "reading"


@on("console_store", [READING], indirect=True)
def test_points_are_submitted(client_as: SignIn, console_store: Embedded) -> None:
    review = next(case for case in reviews_of(console_store, ME) if case.stage == "reading")
    reviewer = client_as("reviewer", as_id=ME)

    answer = send(reviewer, f"/reviews/{review.id}/score", **POINTS)
    on_its_way = reviewer.get(answer.location)
    console_store.worker.drain()

    assert answer.status_code == 303
    assert "It is being applied." in words_of(on_its_way)
    assert "3.5 / 5" in words_of(on_its_way)
    assert f"/reviews/{review.id}/" not in on_its_way.text
    assert stage_of(console_store, review.id) == "submitted"
    assert "Your score of 100 82.0" in words_of(reviewer.get(f"/reviews/{review.id}"))


@on("console_store", [DECIDED], indirect=True)
def test_the_scores_of_the_peers_show_after_the_own_was_submitted(client_as: SignIn, console_store: Embedded) -> None:
    review = reviews_of(console_store, ME)[0]
    seen = console_store.ports.cases.get(CaseId(review.data["application"]))
    assert seen is not None
    peers = [f"{score}" for name, score in sorted(seen.case.data["reviews"].items()) if name != ME]

    words = words_of(client_as("reviewer", as_id=ME).get(f"/reviews/{review.id}"))

    assert f"Scores of the other reviewers {', '.join(peers)}" in words


@on("console_store", [DECIDED], indirect=True)
def test_what_was_submitted_is_not_submitted_again(client_as: SignIn, console_store: Embedded) -> None:
    review = next(case for case in reviews_of(console_store, ME) if case.stage == "submitted")

    answer = send(client_as("reviewer", as_id=ME), f"/reviews/{review.id}/score", **POINTS)

    assert answer.status_code == 409
    assert "This cannot be taken now." in words_of(answer)
    assert console_store.queue.waiting() == 0
