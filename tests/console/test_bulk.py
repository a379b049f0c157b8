"""Many questions at once: chosen, shown case by case, confirmed once, accounted for, and gone on with."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.console.guard import rights
from functions.console.room import ROOM
from functions.console.views.bulk import ITEMS_MAX
from functions.embedded import Embedded
from schemas.application import Application
from schemas.letters import LetterState
from schemas.messages import Actor, Entry, Message, Notice, Task
from schemas.notices import NOTICES
from schemas.staff import Batch
from tests.console.browsing import send, token_on, words_of
from tests.console.conftest import RULINGS
from tests.support.life import staff
from workflows.runtime.answer import answer
from workflows.runtime.appeal import file_appeal
from workflows.runtime.errors import Unavailable

pytestmark = pytest.mark.parametrize("console_store", [RULINGS], indirect=True)

ELIGIBILITY = "Is this applicant really not eligible?"
SHOWN = re.compile(r'name="shown" value="([^"]+)"')


def questions(store: Embedded) -> list[Task]:
    return [task for task in store.ports.cases.tasks() if task.question == ELIGIBILITY]


def form_of(tasks: Iterable[Task], **changed: Any) -> dict[str, Any]:
    items = [f"{task.id}/{task.case}" for task in tasks]
    return {"item": items, "question": ELIGIBILITY, "answer": "yes", "role": "operator", **changed}


def shown_on(answered: TestResponse) -> str:
    found = SHOWN.search(answered.text)
    assert found is not None
    return found.group(1)


def confirm(browser: FlaskClient, tasks: list[Task], **changed: Any) -> TestResponse:
    """Look, and confirm what was shown."""
    looked = send(browser, "/bulk", **form_of(tasks, **changed))
    return send(
        browser, "/bulk/freeze", **form_of(tasks, reason="기준 미달을 확인함", shown=shown_on(looked), **changed)
    )


def batch_of(store: Embedded, member: str) -> Batch:
    (batch,) = store.staff_ports.batches.of_member(member)
    return batch


def stages(store: Embedded, tasks: Iterable[Task]) -> list[str]:
    store.worker.drain()
    seen = [store.ports.cases.get(task.case) for task in tasks]
    return [each.case.stage for each in seen if each is not None]


def ruled_by_another(store: Embedded, task: Task) -> None:
    answer(task.id, staff("operator", "lee"), store.ports, yes=False, reason="vault-8")
    store.worker.drain()


class Breaking:
    """Topics that are gone after so many messages."""

    def __init__(self, publisher: Any, count: int) -> None:
        self._publisher, self.count = publisher, count

    def publish(self, messages: Iterable[Message], notices: Iterable[Notice]) -> None:
        if not self.count:
            raise Unavailable("the topics are gone")
        self.count -= 1
        self._publisher.publish(messages, notices)


# ---- choosing


def test_questions_of_one_wording_can_be_ticked_and_a_single_one_cannot(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    browser, (first, second, third) = client_as("operator"), questions(console_store)

    together = browser.get("/inbox").text
    for task in (second, third):
        ruled_by_another(console_store, task)
    alone = browser.get("/inbox").text

    assert together.count('type="checkbox" name="item"') == 3
    assert all(f'value="{task.id}/{task.case}" form="together-0"' in together for task in (first, second, third))
    assert 'name="item"' not in alone
    assert f"/questions/{first.id}" in alone


def test_nothing_ticked_is_said_so(client_as: Callable[..., FlaskClient]) -> None:
    browser = client_as("operator")

    answered = send(browser, "/bulk", question=ELIGIBILITY, answer="yes", role="operator")

    assert answered.status_code == 303
    assert "First tick" in browser.get(answered.headers["Location"]).text


def test_all_of_a_question_can_be_taken_without_ticking_each(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    every = [f"{task.id}/{task.case}" for task in questions(console_store)]

    looked = send(client_as("operator"), "/bulk", **form_of([], every=every, all="1"))

    assert "Answer 3 together?" in words_of(looked)


# ---- what would happen


def test_the_preview_says_what_happens_in_sum_and_case_by_case_and_changes_nothing(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    tasks, browser = questions(console_store), client_as("operator", as_id="kim")
    before = stages(console_store, tasks)

    looked = send(browser, "/bulk", **form_of(tasks))

    words = words_of(looked)
    assert looked.status_code == 200
    assert "3: to “Ineligible, open to appeal”" in words
    assert words.count("It fails these rules:") == len(tasks)
    assert "Application not eligible: 3" in words
    assert all(task.case in words for task in tasks)
    assert stages(console_store, tasks) == before
    assert console_store.staff_ports.batches.of_member("kim") == []


@pytest.mark.parametrize(
    ("kind", "said", "state"),
    [
        ("decision", "3 written, and held until they are released", LetterState.HELD),
        ("result", "3 leave by themselves", LetterState.RELEASED),
    ],
)
def test_letters_are_held_or_leave_as_the_preview_says(
    client_as: Callable[..., FlaskClient],
    console_store: Embedded,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    said: str,
    state: LetterState,
) -> None:
    monkeypatch.setattr(NOTICES["ApplicationIneligible"], "kind", kind)
    tasks, browser = questions(console_store), client_as("operator")

    looked = send(browser, "/bulk", **form_of(tasks))
    confirm(browser, tasks)
    console_store.worker.drain()

    cases = {task.case for task in tasks}
    letters = [each for each in console_store.ports.letters.find(state=state) if each.case in cases]
    assert said in words_of(looked)
    assert [each.notice for each in letters].count("ApplicationIneligible") == 3


def test_nobody_is_named_on_any_page(client_as: Callable[..., FlaskClient], console_store: Embedded) -> None:
    tasks, browser = questions(console_store), client_as("operator")
    seen = [console_store.ports.cases.get(task.case) for task in tasks]
    people = [console_store.ports.vault.get(each.case.person, reader="t", reason="t") for each in seen if each]  # type: ignore[arg-type]
    looked = send(browser, "/bulk", **form_of(tasks))
    done = browser.get(confirm(browser, tasks).headers["Location"])

    for person in people:
        assert person is not None
        for page in (looked.text, done.text):
            assert person.name not in page
            assert person.email not in page


def test_exceptions_are_listed_with_the_reason_and_left_open(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    tasks, browser = questions(console_store), client_as("operator", as_id="kim")
    ruled_by_another(console_store, tasks[1])

    looked = send(browser, "/bulk", **form_of(tasks))
    page = browser.get(confirm(browser, tasks).headers["Location"])

    assert "1 left open: The question is closed" in words_of(looked)
    assert "Answer 2 together?" in words_of(looked)
    assert "Left open: The question is closed" in words_of(page)
    assert stages(console_store, tasks) == ["ineligible_appealable", "eligible", "ineligible_appealable"]


def test_what_is_not_within_the_visitors_reach_is_not_answered_and_not_told_about(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    tasks, browser = questions(console_store), client_as("operator", as_id="kim", cohort="another")

    looked = send(browser, "/bulk", **form_of(tasks))
    forged = send(browser, "/bulk/freeze", **form_of(tasks, reason="확인함", shown="x" * 32))

    assert "None of them can be answered." in words_of(looked)
    assert "3 left open: The case is not within your reach." in words_of(looked)
    assert "/bulk/freeze" not in looked.text
    assert forged.status_code == 409
    assert set(stages(console_store, tasks)) == {"ineligible_proposed"}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"answer": "maybe"}, 400),
        ({"question": ""}, 400),
        ({"item": ["no-case"]}, 400),
        ({"role": "lead"}, 403),
        ({"item": [f"task-{number}/case" for number in range(ITEMS_MAX + 1)]}, 409),
    ],
)
def test_a_form_that_nobody_was_given_is_refused(
    client_as: Callable[..., FlaskClient], console_store: Embedded, changed: dict[str, Any], status: int
) -> None:
    form = form_of(questions(console_store), **changed)

    assert send(client_as("operator"), "/bulk", **form).status_code == status
    assert send(client_as("operator"), "/bulk/freeze", **form, reason="r", shown="s").status_code == status


# ---- confirming


def test_everything_is_answered_once_under_one_batch_id(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    tasks, browser = questions(console_store), client_as("operator", as_id="kim")

    first, second = confirm(browser, tasks), batch_of(console_store, "kim")
    looked = browser.get(first.headers["Location"])
    console_store.worker.drain()
    done = browser.get(first.headers["Location"])

    assert first.status_code == 303
    assert "Of 3: 0 done, 3 on the way" in words_of(looked)
    assert "Of 3: 3 done, 0 on the way" in words_of(done)
    assert second.id in done.text
    assert "bulk_apply" not in done.text
    assert "/apply" not in done.text
    for task in tasks:
        entries = [Entry.model_validate_json(text) for text, _ in console_store.ports.cases.history(task.case)]
        mine = [entry for entry in entries if entry.message.type == "QuestionAnswered"]
        assert [(entry.message.data["batch"], entry.message.actor.id) for entry in mine] == [(second.id, "kim")]
    text = console_store.ports.vault.get_text(second.reason, reader="test", reason="test")
    assert text == "기준 미달을 확인함"


def test_a_second_click_on_the_confirmation_is_the_same_batch(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    tasks, browser = questions(console_store), client_as("operator", as_id="kim")
    form = form_of(tasks, reason="확인함", shown=shown_on(send(browser, "/bulk", **form_of(tasks))))

    first, second = send(browser, "/bulk/freeze", **form), send(browser, "/bulk/freeze", **form)

    assert first.headers["Location"] == second.headers["Location"]
    assert len(console_store.staff_ports.batches.of_member("kim")) == 1


def test_what_was_typed_is_kept_where_a_reason_is_needed_or_something_has_changed(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    tasks, browser = questions(console_store), client_as("operator", as_id="kim")
    shown = shown_on(send(browser, "/bulk", **form_of(tasks)))

    without = send(browser, "/bulk/freeze", **form_of(tasks, reason=" ", shown=shown))
    unfit = send(browser, "/bulk/freeze", **form_of(tasks, reason="900101-1234567", shown=shown))
    ruled_by_another(console_store, tasks[0])
    late = send(browser, "/bulk/freeze", **form_of(tasks, reason="확인함", shown=shown))

    assert [each.status_code for each in (without, unfit, late)] == [422, 422, 409]
    assert "A reason is needed." in without.text
    assert "Something has changed meanwhile, so nothing was done." in late.text
    assert ">확인함</textarea>" in late.text
    assert "Answer 2 together?" in words_of(late)
    assert console_store.staff_ports.batches.of_member("kim") == []


def test_a_batch_that_broke_off_is_found_again_and_gone_on_with(
    site: Flask, client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    tasks, browser = questions(console_store), client_as("operator", as_id="kim")
    room = site.extensions[ROOM]
    breaking: Any = Breaking(console_store.ports.publisher, 1)
    site.extensions[ROOM] = replace(room, ports=replace(room.ports, publisher=breaking))

    stopped = browser.get(confirm(browser, tasks).headers["Location"])
    site.extensions[ROOM] = room
    listed, batch = browser.get("/bulk"), batch_of(console_store, "kim")
    resumed = browser.get(send(browser, f"/bulk/{batch.id}/apply").headers["Location"])

    assert "0 left open, 2 to do" in words_of(stopped)
    assert "Go on with the 2 that are left" in words_of(stopped)
    assert "2 to do" in words_of(listed)
    assert "Of 3: 0 done, 3 on the way, 0 left open, 0 to do" in words_of(resumed)
    assert "Finished" in words_of(browser.get("/bulk"))
    assert set(stages(console_store, tasks)) == {"ineligible_appealable"}


def test_only_whoever_confirmed_a_batch_goes_on_with_it_and_others_see_what_they_may(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    tasks, kim = questions(console_store), client_as("operator", as_id="kim")
    path = confirm(kim, tasks).headers["Location"]
    others = {
        name: client_as(role, **scope)
        for name, role, scope in (
            ("lee", "operator", {}),
            ("auditor", "auditor", {}),
            ("far", "operator", {"cohort": "another"}),
            ("teacher", "instructor", {}),
            ("admin", "admin", {}),
        )
    }

    statuses = {name: browser.get(path).status_code for name, browser in others.items()}

    assert statuses == {"lee": 200, "auditor": 200, "far": 404, "teacher": 404, "admin": 403}
    assert send(others["lee"], f"{path}/apply").status_code == 404
    assert send(others["auditor"], f"{path}/apply").status_code == 403
    assert kim.get("/bulk/none").status_code == 404
    assert batch_of(console_store, "kim").id[:8] not in others["lee"].get("/bulk").text


def test_a_role_that_was_taken_away_answers_nothing_more(
    site: Flask, client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    tasks, browser = questions(console_store), client_as("operator", as_id="kim")
    room = site.extensions[ROOM]
    breaking: Any = Breaking(console_store.ports.publisher, 1)
    site.extensions[ROOM] = replace(room, ports=replace(room.ports, publisher=breaking))
    path = confirm(browser, tasks).headers["Location"]
    site.extensions[ROOM] = room
    members = console_store.staff_ports.members
    member = members.get("kim")
    assert member is not None
    members.put(member.model_copy(update={"grants": (member.grants[0].model_copy(update={"role": "instructor"}),)}))

    send(browser, f"{path}/apply")

    assert sorted(batch_of(console_store, "kim").results.values()) == ["answered", "out_of_reach", "out_of_reach"]
    assert sorted(stages(console_store, tasks)) == ["ineligible_appealable", *["ineligible_proposed"] * 2]


def test_answers_that_may_be_taken_back_say_so_until_they_take_effect(
    site: Flask, client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    site.extensions[ROOM] = replace(site.extensions[ROOM], undo_minutes=5)
    tasks, browser = questions(console_store), client_as("operator", as_id="kim")

    looked = send(browser, "/bulk", **form_of(tasks))
    path = confirm(browser, tasks).headers["Location"]
    console_store.worker.drain()
    held = browser.get(path)
    send(browser, f"/questions/{tasks[0].id}/back")
    console_store.clock.turn(RULINGS + timedelta(minutes=6))
    console_store.worker.drain()
    console_store.worker.ring_all()
    console_store.worker.drain()
    done = browser.get(path)

    assert "For 5 minutes each answer may be taken back" in words_of(looked)
    assert "Of 3: 0 done, 3 on the way" in words_of(held)
    assert "Of 3: 2 done, 0 on the way, 1 left open" in words_of(done)
    assert "Left open: The answer was taken back" in words_of(done)


# ---- rights, words


def test_every_page_has_a_row_of_rights_and_a_forged_post_is_refused(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    browser, form = client_as("operator"), form_of(questions(console_store))
    answers = {"inbox", "answer", "hold"}
    pages = ("batches", "bulk", "bulk_freeze", "bulk_apply")

    assert {rights()[page] for page in pages} == {rights()[page] for page in answers}
    assert rights()["batch"] == rights()["inbox"] | {"auditor"}
    for path in ("/bulk", "/bulk/freeze", "/bulk/x/apply"):
        assert browser.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 403
        data = {"token": token_on(browser), **form}
        assert browser.post(path, data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_pages_speak_korean_too(client_as: Callable[..., FlaskClient], console_store: Embedded) -> None:
    tasks, browser = questions(console_store), client_as("operator", as_id="kim")
    send(browser, "/language", back="/inbox")

    looked = words_of(send(browser, "/bulk", **form_of(tasks)))
    done = words_of(browser.get(confirm(browser, tasks).headers["Location"]))

    assert "3건에 함께 답하시겠습니까?" in looked
    assert "3건: 자격 미달(이의신청 가능)" in looked
    assert "3건 중 0건 반영, 3건 반영 중, 0건 그대로 둠, 0건 남음" in done
    for page in (looked, done, words_of(browser.get("/bulk"))):
        assert not set(re.findall(r"[A-Za-z]{4,}", re.sub(r"[a-z2-7]{8,}", "", page))) - {"operator"}


def test_a_case_of_the_batch_is_no_longer_asked_about(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    tasks, browser = questions(console_store), client_as("operator")
    confirm(browser, tasks[:2])
    console_store.worker.drain()

    inbox = browser.get("/inbox").text

    assert [f"/questions/{task.id}" in inbox for task in tasks] == [False, False, True]


def test_the_question_and_the_case_say_which_rules_an_application_fails(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    task, browser = questions(console_store)[0], client_as("operator")
    seen = console_store.ports.cases.get(task.case)
    assert seen is not None
    why = Application.model_validate_json(seen.case.subject).reasons_en

    pages = [words_of(browser.get(path)) for path in (f"/questions/{task.id}", f"/cases/{task.case}")]

    assert why
    assert [f"It fails these rules: {' '.join(why)}" in page for page in pages] == [True, True]


def test_an_appeal_is_ruled_on_with_its_application_and_its_reason_which_is_logged(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    application, lead = questions(console_store)[0].case, client_as("operator", as_id="lee")
    confirm(client_as("operator", as_id="kim"), [questions(console_store)[0]])
    console_store.worker.drain()
    seen = console_store.ports.cases.get(application)
    assert seen is not None
    person = Actor(kind="person", id=seen.case.person, role="applicant")
    file_appeal(application, "재학 증명서를 다시 냈습니다", person, console_store.ports)
    console_store.worker.drain()
    (task,) = [each for each in console_store.ports.cases.tasks() if each.workflow == "appeal"]

    page = lead.get(f"/questions/{task.id}").text
    shown = send(lead, f"/questions/{task.id}/reason")

    assert f'href="/cases/{application}"' in page
    assert f'action="/questions/{task.id}/reason"' in page
    assert "재학 증명서를" not in page
    assert "재학 증명서를 다시 냈습니다" in words_of(shown)
    assert [row["reason"] for row in console_store.ports.vault.accesses() if row["reader"] == "lee"] == [
        f"question {task.id}"
    ]
    assert send(client_as("city"), f"/questions/{task.id}/reason").status_code == 403
