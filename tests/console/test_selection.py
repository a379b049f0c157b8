"""The selection room: what it shows to whom, what leaves at the publication, and what the office does there."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from functions.console.texts import TEXTS
from functions.embedded import Embedded
from schemas.events.application import ScoreRecorded
from schemas.ids import CaseId, MessageId
from schemas.messages import Actor, Message
from schemas.round import Round
from tests.console.browsing import (
    ASSIGNED,
    CLOSED,
    DECIDED,
    NAMED,
    PUBLISHED,
    READING,
    ROUND,
    UNFILLED,
    send,
    words_of,
)
from workflows.definitions.places import place_of
from workflows.runtime.answer import answer as answer_question
from workflows.runtime.rank import rank, round_of

SignIn = Callable[..., FlaskClient]
HERE = "전남대학교"
TEMPLATES = Path(__file__).parents[2] / "functions" / "console" / "templates"

on = pytest.mark.parametrize


def the_round(store: Embedded) -> Round:
    return round_of(CaseId(ROUND), store.ports)[1]


def stage_of(store: Embedded, case: str = ROUND) -> str:
    seen = store.ports.cases.get(CaseId(case))
    assert seen is not None
    return seen.case.stage


def lines_of(browser: FlaskClient) -> list[tuple[str, str]]:
    """Give the application and the sentence of every line of the order, over all its pages."""
    found, url = [], f"/rounds/{ROUND}/order"
    while url:
        page = browser.get(url).text
        for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", page, re.DOTALL):
            name = re.search(r"<code>(\w+)</code>", row)
            cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
            assert name is not None
            found.append((name.group(1), re.sub(r" ?<strong>.*", "", cells[-1]).strip()))
        more = re.search(r'<a href="([^"]+)" rel="next">', page)
        url = more.group(1).replace("&amp;", "&") if more else ""
    return found


@on("console_store", [PUBLISHED], indirect=True)
def test_the_room_shows_the_seats_the_quotas_and_the_run_that_counts(
    client_as: SignIn, console_store: Embedded
) -> None:
    round_ = the_round(console_store)

    page = client_as("operator").get(f"/rounds/{ROUND}")

    words = words_of(page)
    assert 'aria-label="Seats: Taken 0, Offered 30, Free 0"' in page.text
    assert "6 wait on the waitlist." in words
    assert f"{HERE} University – 15 15 Full " in words
    assert round_.ranking is not None
    assert round_.ranking.id in words


@on("console_store", [DECIDED, PUBLISHED], indirect=True)
def test_the_room_names_the_lowest_total_that_gets_a_seat_not_that_of_the_rank(
    client_as: SignIn, told: Callable[[datetime], Path]
) -> None:
    store = Embedded(told(PUBLISHED))
    round_ = the_round(store)
    store.close()
    assert round_.ranking is not None
    entries = round_.ranking.document.entries
    last = [each for each in entries if each.application in round_.offers][-1]
    place = entries[round_.waiting[-1] - 1]

    words = words_of(client_as("operator").get(f"/rounds/{ROUND}"))

    assert last.rank > round_.capacity
    assert f"Lowest total with one of 30 seats {last.score} (rank {last.rank})" in words
    assert f"Last total of 6 on the waitlist {place.score} (rank {place.rank})" in words


@on("console_store", [DECIDED], indirect=True)
def test_what_the_room_says_will_leave_is_what_the_publication_writes(
    client_as: SignIn, told: Callable[[datetime], Path]
) -> None:
    page = client_as("operator").get(f"/rounds/{ROUND}").text

    published = Embedded(told(PUBLISHED))
    wrote = Counter(letter.notice for letter in published.ports.letters.find())
    published.close()
    label = f"Seat offered {wrote['SeatOffered']}, Waitlisted {wrote['Waitlisted']}, No seat {wrote['NoSeat']}"
    assert f'aria-label="What leaves at the publish instant: {label}"' in page


@on("console_store", [DECIDED], indirect=True)
def test_it_names_who_approved_who_is_still_needed_and_who_may_not(client_as: SignIn, console_store: Embedded) -> None:
    (task,) = list(console_store.ports.cases.tasks(role="university"))

    words = words_of(page := client_as("university", university=HERE).get(f"/rounds/{ROUND}"))

    assert "Approved by nobody yet Still needed Operator → University → City office" in words
    assert "May not answer operator-1" in words
    assert f'href="/questions/{task.id}?' in page.text


@on("console_store", [DECIDED, PUBLISHED], indirect=True)
def test_every_candidate_stands_in_the_order_once_with_the_sentence_of_the_core(
    client_as: SignIn, console_store: Embedded
) -> None:
    round_ = the_round(console_store)

    lines = lines_of(client_as("operator"))

    assert round_.ranking is not None
    names = [entry.application for entry in round_.ranking.document.entries]
    assert lines == [(name[:8], place_of(round_, name).en) for name in names]


@on("console_store", [DECIDED], indirect=True)
def test_a_university_sees_its_own_students_in_the_order_and_no_others(
    client_as: SignIn, console_store: Embedded
) -> None:
    round_ = the_round(console_store)

    lines = lines_of(client_as("university", university=HERE))

    assert round_.ranking is not None
    entries = round_.ranking.document.entries
    assert [name for name, _ in lines] == [
        each.application[:8] for each in entries if each.groups.get("university") == HERE
    ]


@on("console_store", [DECIDED], indirect=True)
def test_the_city_sees_the_figures_of_a_round_and_nobody_in_it(client_as: SignIn, console_store: Embedded) -> None:
    city, round_ = client_as("city"), the_round(console_store)

    page = city.get(f"/rounds/{ROUND}")

    assert round_.ranking is not None
    assert page.status_code == 200
    assert not [each for each in round_.ranking.document.entries if each.application[:8] in page.text]
    assert city.get(f"/rounds/{ROUND}/order").status_code == 403


def test_a_round_of_another_cohort_is_not_there(client_as: SignIn) -> None:
    elsewhere = client_as("operator", cohort="another")

    answers = [elsewhere.get(f"/rounds/{ROUND}{part}").status_code for part in ("", "/order", "/compare")]

    assert answers == [404, 404, 404]
    assert ROUND not in elsewhere.get("/rounds").text
    assert send(elsewhere, f"/rounds/{ROUND}/assign").status_code == 404


def approve(store: Embedded) -> None:
    """Let an operator say yes to the list."""
    seen = store.ports.cases.get(CaseId(ROUND))
    assert seen is not None
    reviewer = Actor(kind="staff", id="operator-7", role="operator")
    answer_question(seen.case.tasks[0].id, reviewer, store.ports, yes=True)
    store.worker.drain()


def score_the_last_anew(store: Embedded) -> None:
    """Give whoever is ranked last another score."""
    ranking, desk = the_round(store).ranking, Actor(kind="staff", id="operator-1", role="operator")
    assert ranking is not None
    data = ScoreRecorded(component="test", score=100).model_dump(mode="json")
    last, at = ranking.document.entries[-1].application, store.ports.clock.now()
    message = Message(id=MessageId("again"), case=last, type="ScoreRecorded", data=data, at=at, actor=desk)
    store.ports.publisher.publish([message], [])
    store.worker.drain()


@on("console_store", [DECIDED], indirect=True)
@on(("role", "sees_order"), [("operator", True), ("city", False)])
def test_the_question_shows_the_list_that_is_approved_and_the_order_to_whom_it_is_open(
    client_as: SignIn, console_store: Embedded, role: str, *, sees_order: bool
) -> None:
    (task,) = [each for each in console_store.ports.cases.tasks() if each.case == ROUND]
    round_ = the_round(console_store)

    page = client_as(role).get(f"/questions/{task.id}")

    words = words_of(page)
    assert round_.ranking is not None
    assert round_.ranking.id in words
    assert "Lowest total with one of 30 seats" in words
    assert f"{HERE} University – 15 15 Full" in words
    assert "This is the first rank run of the round." in words
    assert (f"/rounds/{ROUND}/order" in page.text) is sees_order
    assert not [each for each in round_.ranking.document.entries if each.application[:8] in page.text]


@on("console_store", [DECIDED], indirect=True)
def test_two_rank_runs_are_compared_by_what_differs(client_as: SignIn, console_store: Embedded) -> None:
    before = the_round(console_store).ranking
    assert before is not None
    last = before.document.entries[-1]
    ports, desk = console_store.ports, Actor(kind="staff", id="operator-1", role="operator")
    score_the_last_anew(console_store)
    rank(CaseId(ROUND), desk, ports)
    console_store.worker.drain()

    page = client_as("auditor").get(f"/rounds/{ROUND}/compare?run={before.id}")

    row = re.search(rf"<code>{last.application[:8]}</code></th>(.*?)</tr>", page.text, re.DOTALL)
    assert row is not None
    assert f">{last.rank}</td>" in row.group(1)
    assert f">{last.score}</td>" in row.group(1)
    for university, is_theirs in ((last.groups["university"], True), ("another", False)):
        seen = client_as("operator", university=university).get(f"/rounds/{ROUND}/compare?run={before.id}")
        assert (seen.status_code, last.application[:8] in seen.text) == (200, is_theirs)


@on("console_store", [DECIDED], indirect=True)
def test_a_run_that_was_never_put_to_the_round_is_not_compared(client_as: SignIn) -> None:
    assert client_as("auditor").get(f"/rounds/{ROUND}/compare?run=nothing").status_code == 404


# ---- what the office does


@on("console_store", [NAMED], indirect=True)
def test_reviewers_are_assigned_and_once_more_adds_nothing(client_as: SignIn, console_store: Embedded) -> None:
    office = client_as("operator")

    answer = send(office, f"/rounds/{ROUND}/assign")
    console_store.worker.drain()
    again = send(office, f"/rounds/{ROUND}/assign")

    reviews = list(console_store.ports.cases.find(workflow="review"))
    assert answer.status_code == 303
    assert f"count={len(reviews)}&" in f"{answer.location}&"
    assert "count=0" in again.location
    assert f"{len(reviews)} reviews were assigned." in words_of(office.get(answer.location))


@on("console_store", [DECIDED], indirect=True)
def test_a_ranking_is_frozen_under_the_name_of_the_visitor(client_as: SignIn, console_store: Embedded) -> None:
    answer = send(client_as("operator", as_id="operator-9"), f"/rounds/{ROUND}/rank", confirmed="yes")
    console_store.worker.drain()

    assert answer.status_code == 303
    assert the_round(console_store).ranked_by[-1] == "operator-9"


@on("console_store", [DECIDED], indirect=True)
@on(("by", "is_same", "voids"), [("operator-1", True, False), ("operator-9", True, True), ("operator-9", False, True)])
def test_the_ranking_is_frozen_only_when_it_was_confirmed_with_what_it_voids(
    client_as: SignIn, console_store: Embedded, by: str, *, is_same: bool, voids: bool
) -> None:
    approve(console_store)
    if not is_same:
        score_the_last_anew(console_store)
    office, before = client_as("operator", as_id=by), the_round(console_store).ranking

    asked = send(office, f"/rounds/{ROUND}/rank")
    waiting = console_store.queue.waiting()
    done = send(office, f"/rounds/{ROUND}/rank", confirmed="yes")
    console_store.worker.drain()

    assert (asked.status_code, waiting) == (200, 0)
    assert ("These approvals are void" in words_of(asked)) is voids
    assert ("It is the ranking that waits for approval already." in words_of(asked)) is is_same
    assert ("The scores are the same" in words_of(office.get(done.location))) is is_same
    assert (the_round(console_store).ranking == before) is is_same
    seen = console_store.ports.cases.get(CaseId(ROUND))
    assert seen is not None
    assert [task.approved_by for task in seen.case.tasks] == [() if voids else ("operator-7",)]


@on("console_store", [CLOSED], indirect=True)
def test_what_the_core_refuses_is_said_on_the_page(client_as: SignIn, console_store: Embedded) -> None:
    answer = send(client_as("operator"), f"/rounds/{ROUND}/rank")

    assert answer.status_code == 409
    assert "An application has not been decided on yet; decide on it in the inbox first. [" in words_of(answer)
    assert stage_of(console_store) == "closed"


@on("console_store", [CLOSED], indirect=True)
@on(
    ("close", "results", "fault"),
    [
        ("", "", "A date and a time are needed."),
        ("tomorrow", "", "A date and a time are needed."),
        ("2027-03-19T17:00", "", "The close must be later"),
        ("2027-05-20T18:00", "", "The dates are not in order"),
        ("2027-03-25T18:00", "2027-03-24T10:00", "The dates are not in order"),
    ],
)
def test_an_extension_that_cannot_be_keeps_what_was_typed(
    client_as: SignIn, console_store: Embedded, close: str, results: str, fault: str
) -> None:
    answer = send(client_as("operator"), f"/rounds/{ROUND}/extend", close=close, results=results)

    assert answer.status_code == 422
    assert fault in words_of(answer)
    assert f'name="close" value="{close}"' in answer.text
    assert f'name="results" value="{results}"' in answer.text
    assert stage_of(console_store) == "closed"


@on("console_store", [CLOSED], indirect=True)
def test_an_extension_is_proposed_in_korean_time(client_as: SignIn, console_store: Embedded) -> None:
    answer = send(client_as("operator"), f"/rounds/{ROUND}/extend", close="2027-03-25T18:00", results="")
    console_store.worker.drain()

    round_ = the_round(console_store)
    assert answer.status_code == 303
    assert stage_of(console_store) == "extension_proposed"
    assert round_.proposal is not None
    assert round_.proposal.applications_close == datetime.fromisoformat("2027-03-25T18:00+09:00")


SUPPLEMENT = {
    "supplement": "gwangju-2027-x",
    "opens": "2027-04-09T09:00",
    "close": "2027-04-16T18:00",
    "results": "2027-04-22T10:00",
    "order": "kept",
}


@on("console_store", [UNFILLED], indirect=True)
@on(
    ("field", "typed", "fault"),
    [
        ("supplement", "a b", "An id has letters"),
        ("supplement", ROUND, "There is a case of this id already."),
        ("order", "", "Choose what becomes of those who wait."),
        ("close", "", "A date and a time are needed."),
    ],
)
def test_a_supplementary_round_that_cannot_be_keeps_what_was_typed(
    client_as: SignIn, console_store: Embedded, field: str, typed: str, fault: str
) -> None:
    answer = send(client_as("operator"), f"/rounds/{ROUND}/supplement", **{**SUPPLEMENT, field: typed})

    assert answer.status_code == 422
    assert fault in words_of(answer)
    assert f'value="{SUPPLEMENT["results"]}"' in answer.text
    assert stage_of(console_store) == "published"


@on("console_store", [UNFILLED], indirect=True)
def test_a_supplementary_round_is_proposed(client_as: SignIn, console_store: Embedded) -> None:
    answer = send(client_as("operator"), f"/rounds/{ROUND}/supplement", **SUPPLEMENT)
    console_store.worker.drain()

    assert answer.status_code == 303
    assert stage_of(console_store) == "supplement_proposed"
    assert the_round(console_store).supplement == "gwangju-2027-x"


@on("console_store", [PUBLISHED], indirect=True)
def test_passing_over_needs_a_reason_and_keeps_who_was_chosen(client_as: SignIn, console_store: Embedded) -> None:
    round_ = the_round(console_store)
    assert round_.ranking is not None
    chosen = round_.ranking.document.entries[round_.waiting[2] - 1].application

    answer = send(client_as("operator"), f"/rounds/{ROUND}/skip", application=chosen, reason=" ")

    assert answer.status_code == 422
    assert "A reason is needed." in words_of(answer)
    assert f'<option value="{chosen}" selected>' in answer.text


@on("console_store", [PUBLISHED], indirect=True)
def test_passing_over_is_proposed_with_its_reason_in_the_vault(client_as: SignIn, console_store: Embedded) -> None:
    round_ = the_round(console_store)
    assert round_.ranking is not None
    chosen = round_.ranking.document.entries[round_.waiting[2] - 1].application

    answer = send(client_as("operator"), f"/rounds/{ROUND}/skip", application=chosen, reason="다른 과정에 등록함")
    console_store.worker.drain()

    assert answer.status_code == 303
    assert stage_of(console_store, chosen) == "skip_proposed"
    assert not [text for text, _ in console_store.ports.cases.history(chosen) if "다른 과정에 등록함" in text]


@on("console_store", [PUBLISHED], indirect=True)
def test_nobody_is_passed_over_who_does_not_wait_in_this_round(client_as: SignIn, console_store: Embedded) -> None:
    offered = next(iter(the_round(console_store).offers))

    answer = send(client_as("operator"), f"/rounds/{ROUND}/skip", application=offered, reason="because")

    assert answer.status_code == 422
    assert "because" in answer.text


@on("console_store", [PUBLISHED], indirect=True)
def test_somebody_who_is_proposed_already_is_not_proposed_again(client_as: SignIn, console_store: Embedded) -> None:
    round_, office = the_round(console_store), client_as("operator")
    assert round_.ranking is not None
    chosen = round_.ranking.document.entries[round_.waiting[2] - 1].application
    send(office, f"/rounds/{ROUND}/skip", application=chosen, reason="first")
    console_store.worker.drain()

    again = send(office, f"/rounds/{ROUND}/skip", application=chosen, reason="second")

    assert again.status_code == 422
    assert "This application does not wait here." in words_of(again)


@on("console_store", [PUBLISHED], indirect=True)
@on("act", ["assign", "rank", "extend"])
def test_from_a_page_that_is_out_of_date_nothing_is_kept_for_later(
    client_as: SignIn, console_store: Embedded, act: str
) -> None:
    answer = send(client_as("operator"), f"/rounds/{ROUND}/{act}", close="2027-04-10T18:00")

    assert answer.status_code == 409
    assert "This cannot be done now." in words_of(answer)
    assert console_store.queue.waiting() == 0


@on("console_store", [ASSIGNED], indirect=True)
def test_only_what_can_be_done_where_the_round_stands_is_offered(client_as: SignIn) -> None:
    pages = {role: client_as(role).get(f"/rounds/{ROUND}").text for role in ("operator", "lead")}

    forms = {role: re.findall(rf'action="/rounds/{ROUND}/(\w+)"', page) for role, page in pages.items()}

    assert forms == {"operator": ["assign", "rank"], "lead": []}


# ---- the words


def test_every_text_that_a_template_names_is_there_in_both_languages() -> None:
    named = {name for file in TEMPLATES.glob("*.html") for name in re.findall(r'\bt\("(\w+)"[,)]', file.read_text())}

    missing = {name for name in named if not all(TEXTS.get(name, ("", "")))}

    assert not missing


@on("console_store", [PUBLISHED], indirect=True)
def test_two_visitors_read_the_same_page_each_in_their_language(client_as: SignIn) -> None:
    english, korean = client_as("operator"), client_as("operator")
    send(korean, "/language", back="/rounds")

    pages = [words_of(browser.get("/rounds")) for browser in (english, korean, english)]

    assert ["The close of applications" in page for page in pages] == [True, False, True]
    assert "모집 마감 시각" in pages[1]


@on("console_store", [DECIDED], indirect=True)
def test_whoever_ranked_is_told_that_somebody_else_has_to_answer(client_as: SignIn, console_store: Embedded) -> None:
    (task,) = (each for each in console_store.ports.cases.tasks() if each.not_by)

    ranker = client_as(task.needs[0], as_id=task.not_by[0])

    said = words_of(ranker.get("/inbox"))
    assert "1 of this page are not shown, as somebody other than you has to answer." in said
    assert "put them off" not in said


@on("console_store", [READING], indirect=True)
def test_the_round_shows_the_office_how_far_every_reviewer_is(client_as: SignIn, console_store: Embedded) -> None:
    reviews = list(console_store.ports.cases.find(workflow="review", round_id=CaseId(ROUND)))
    who = str(reviews[0].data["reviewer"])
    stages = [case.stage for case in reviews if case.data["reviewer"] == who]
    accepted = sum(stage in {"reading", "submitted", "closed"} for stage in stages)
    submitted = sum(stage in {"submitted", "closed"} for stage in stages)

    page = words_of(client_as("operator").get(f"/rounds/{ROUND}"))

    assert submitted < len(stages)
    assert f"{who} {len(stages)} {accepted} {submitted}" in page
    assert "How far the reviews are" not in words_of(client_as("lead").get(f"/rounds/{ROUND}"))
