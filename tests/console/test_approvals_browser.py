"""Approvals that several people give, each in a browser of their own: in order, or by any two of three."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, ElementHandle, FloatRect, Locator, Page

from functions.console.guard import TOKEN_FIELD
from functions.console.texts import TEXTS
from functions.embedded import Embedded
from functions.stack.embedded_stack import EmbeddedStack
from schemas.events.round import ExtensionProposed
from schemas.ids import CaseId
from schemas.messages import Entry, Task
from tests.console.browsing import CLOSED, DECIDED, ROUND, day
from tests.support.life import staff
from workflows.definitions.words import WORDS
from workflows.runtime.bring import bring
from workflows.runtime.rank import round_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

RANKER, SECOND = "operator1@sadari.example", "operator2@sadari.example"
UNIVERSITY, CITY = "jnu@sadari.example", "city@sadari.example"
SEATS = {"lead": "lead@sadari.example", "university": UNIVERSITY, "city": CITY}
OK = 200
OVERDUE = day("2027-03-25T09:00")

on = pytest.mark.parametrize


def word(name: str) -> str:
    """Give a word of the console or of the workflows, in Korean."""
    return TEXTS[name][0] if name in TEXTS else WORDS.speech("ko").word(name)


def overdue_extension(embedded: Embedded) -> None:
    """Propose a later close, and let the lead and the city be silent about it for too long."""
    calendar = round_of(CaseId(ROUND), embedded.ports)[1].calendar
    later = calendar.model_copy(update={"version": calendar.version + 1, "applications_close": day("2027-03-26T18:00")})
    bring(ExtensionProposed(calendar=later), CaseId(ROUND), staff("operator", "operator-1"), embedded.ports)
    embedded.worker.drain()
    embedded.clock.turn(OVERDUE)
    embedded.worker.ring_all()
    embedded.worker.drain()


@pytest.fixture
def store(stack: EmbeddedStack, tmp_path: Path) -> Iterator[Embedded]:
    """What the stack keeps, seen from beside it."""
    del stack
    embedded = Embedded(tmp_path / "sadari.db")
    yield embedded
    embedded.close()


def stage_of(store: Embedded) -> str:
    seen = store.ports.cases.get(CaseId(ROUND))
    assert seen is not None
    return seen.case.stage


def question_of(store: Embedded) -> Task:
    (task,) = [task for task in store.ports.cases.tasks() if task.case == ROUND]
    return task


def question_page(page: Page, task: Task) -> str:
    return page.url.split("/console/")[0] + f"/console/questions/{task.id}"


def say_yes(page: Page, task: Task, stack: EmbeddedStack) -> None:
    """Open the question from the inbox, and answer it with a yes, by what the page says."""
    page.goto(page.url.split("/console/")[0] + "/console/inbox")
    page.get_by_role("link", name=word(task.question)).first.click()
    page.get_by_role("button", name=word("yes")).first.click()
    page.wait_for_url("**/inbox*")
    assert word("answered") in page.get_by_role("status").inner_text()
    stack.work()


def insist(page: Page, task: Task, role: str) -> APIResponse:
    """Send the answer that the page does not offer, with this browser's session and token."""
    page.goto(page.url.split("/console/")[0] + "/console/definitions")
    token = page.locator(f"input[name={TOKEN_FIELD}]").first.input_value()
    form: Mapping[str, str | float | bool] = {
        TOKEN_FIELD: token,
        "answer": "yes",
        "role": role,
        "reason": "",
        "case": ROUND,
    }
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": page.url.split("/console/")[0]}
    return page.context.request.post(f"{question_page(page, task)}/answer", form=dict(form), headers=headers)


def standing(page: Page) -> str:
    """Give what the page of the round says of its approvals."""
    page.goto(page.url.split("/console/")[0] + f"/console/rounds/{ROUND}")
    return page.get_by_role("region", name=word("approvals")).inner_text()


def in_turn(*roles: str) -> str:
    return " → ".join(word(role) for role in roles)


@on("stack_day", [DECIDED])
def test_three_offices_approve_a_ranking_in_turn_and_nobody_out_of_turn(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, store: Embedded
) -> None:
    task = question_of(store)
    second, university, city = sign_in(SECOND), sign_in(UNIVERSITY), sign_in(CITY)
    assert (task.not_by, task.needs) == (("operator-1",), ("operator", "university", "city"))
    assert in_turn("operator", "university", "city") in standing(second)
    for page, role in ((university, "university"), (city, "city")):
        assert insist(page, task, role).status in {403, 409, 422}
        stack.work()
        assert question_of(store) == task

    say_yes(second, task, stack)
    assert question_of(store).approved_by == ("operator-2",)
    assert insist(city, task, "city").status in {403, 409, 422}
    stack.work()
    assert question_of(store).needs == ("university", "city")

    say_yes(university, task, stack)
    assert (stage_of(store), question_of(store).approved_by) == ("decided", ("operator-2", "university-1"))
    shown = standing(city)
    assert "이운영, 정대학" in shown
    assert word("city") in shown
    assert in_turn("university", "city") not in shown

    assert insist(city, task, "city").status == OK  # what was refused before was refused for the turn alone
    stack.work()
    assert stage_of(store) == "approved"
    history = [Entry.model_validate_json(text) for text, _ in store.ports.cases.history(CaseId(ROUND))]
    answered = [entry for entry in history if entry.message.type == "QuestionAnswered"]
    taken = [entry.message.actor.id for entry in answered if entry.verdict == "applied"]
    assert taken[-3:] == ["operator-2", "university-1", "city-1"]


@on("stack_day", [DECIDED])
def test_whoever_ranked_is_not_asked_and_cannot_approve_by_insisting(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, store: Embedded
) -> None:
    task, ranker = question_of(store), sign_in(RANKER)

    ranker.goto(stack.addresses()["console"] + "inbox")
    offered = ranker.get_by_role("link", name=word(task.question)).count()
    answer = insist(ranker, task, "operator")
    stack.work()

    assert offered == 0
    assert answer.status in {403, 409, 422}
    assert question_of(store) == task


@on(("stack_day", "before"), [(CLOSED, overdue_extension)], ids=["overdue"])
@on("pair", [("city", "university"), ("lead", "university"), ("lead", "city")], ids="+".join)
def test_two_of_the_three_who_may_approve_what_is_overdue_are_enough_and_one_is_not(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, store: Embedded, pair: tuple[str, str]
) -> None:
    task = question_of(store)
    assert (task.needs, task.escalated_to) == (("lead", "city"), "university")
    first, second = (sign_in(SEATS[role]) for role in pair)

    say_yes(first, task, stack)
    again = insist(first, task, pair[0])
    stack.work()
    # The same yes once more is the one that was given: it is said so, and counts once.
    assert again.url.endswith("answered=1")
    assert stage_of(store) == "extension_proposed"
    assert len(question_of(store).needs) == 1

    say_yes(second, task, stack)
    assert stage_of(store) == "open"


@on("stack_day", [DECIDED])
def test_an_approval_is_given_with_the_keyboard_alone_and_the_focus_is_seen_all_the_way(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, store: Embedded
) -> None:
    task, page = question_of(store), sign_in(SECOND)

    _go_to(page, page.get_by_role("link", name=word(task.question)).first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions/*")
    _go_to(page, page.get_by_role("button", name=word("yes")).first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox*")
    stack.work()

    assert question_of(store).approved_by == ("operator-2",)


def _go_to(page: Page, wanted: Locator, most: int = 60) -> None:
    """Press Tab until the element has the focus; every element on the way has to look as if it had it."""
    target = wanted.element_handle()
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate_handle("document.activeElement").as_element()
        assert here is not None
        assert _looks_focused(page, here), here.evaluate("element => element.outerHTML")
        if page.evaluate("wanted => document.activeElement === wanted", target):
            return
    raise AssertionError("it is not reached with the keyboard")


def _looks_focused(page: Page, element: ElementHandle) -> bool:
    """Whether a picture of the element differs from one of it without the focus."""
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    assert box is not None
    room = 8
    clip: FloatRect = {
        "x": max(box["x"] - room, 0),
        "y": max(box["y"] - room, 0),
        "width": box["width"] + 2 * room,
        "height": box["height"] + 2 * room,
    }
    focused = page.screenshot(clip=clip, caret="hide")
    element.evaluate("element => element.blur()")
    blurred = page.screenshot(clip=clip, caret="hide")
    element.focus()
    return focused != blurred
