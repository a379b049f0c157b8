"""One case: its journey, what comes next, its history in sentences, reasons, questions and letters."""

import re
from collections.abc import Callable, Sequence

import pytest
from flask.testing import FlaskClient

from functions.console.views import cases as case_views
from functions.embedded import Embedded
from schemas.messages import Case, Entry
from schemas.register import Restriction
from tests.console.browsing import send, words_of
from tests.console.conftest import RULINGS
from workflows.definitions import LATEST

SignIn = Callable[..., FlaskClient]
HANGUL = re.compile("[가-힣]")


def at_stage(store: Embedded, stage: str, workflow: str = "application") -> Case:
    return next(store.ports.cases.find(workflow=workflow, stage=stage))


def in_korean(store: Embedded) -> None:
    members = store.staff_ports.members
    for member in members.all():
        members.put(member.model_copy(update={"locale": "ko"}))


def entries_of(store: Embedded, case: Case) -> Sequence[Entry]:
    return [Entry.model_validate_json(text) for text, _ in store.ports.cases.history(case.id)]


def test_the_journey_is_drawn_with_where_it_is_where_it_was_and_where_it_may_go(
    client_as: SignIn, console_store: Embedded
) -> None:
    case = at_stage(console_store, "online", "enrolment")

    page = client_as("operator").get(f"/cases/{case.id}").text

    assert page.count('class="box here"') == 1
    assert page.count('class="box been"') == 2
    ways = {target for _, target in LATEST["enrolment"].ways[case.stage] if target != case.stage}
    assert page.count('class="box possible"') == len(ways)
    assert "here now</text>" in page


def test_what_comes_next_says_from_whom_where_it_leads_and_when_the_timer_rings(
    client_as: SignIn, console_store: Embedded
) -> None:
    case = at_stage(console_store, "online", "enrolment")

    words = words_of(client_as("operator").get(f"/cases/{case.id}"))

    assert "Next timer: 2027-06-11 18:15 KST (the end of online basics)" in words
    assert "Event: attendance recorded" in words
    assert "→ withdrawn" in words


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        (
            {"is_without_consent": True},
            "It ends when they consent again on their status page; staff have nothing to do.",
        ),
        ({"is_suspended": True}, "the privacy officer lifts it by sadari data-request resume"),
    ],
)
def test_whoever_may_not_be_written_to_is_said_to_be_so_and_who_acts(
    client_as: SignIn, console_store: Embedded, stop: dict[str, bool], said: str
) -> None:
    case = at_stage(console_store, "online", "enrolment")
    before = words_of(client_as("operator").get(f"/cases/{case.id}"))
    now = console_store.ports.clock.now()
    console_store.ports.register.add(Restriction(id="r1", about=case.person, at=now, **stop))

    words = words_of(client_as("operator").get(f"/cases/{case.id}"))

    assert "No letter is written or sent" not in before
    assert "No letter is written or sent" in words
    assert said in words


@pytest.mark.parametrize("reason", ["\u200b", "\u3164", "a\x00b", "a\u202eb"])
def test_a_reason_that_says_nothing_or_cannot_be_kept_unmasks_nobody(
    client_as: SignIn, console_store: Embedded, reason: str
) -> None:
    case = at_stage(console_store, "online", "enrolment")
    before = len(console_store.ports.vault.accesses())

    answer = send(client_as("operator"), f"/cases/{case.id}/person", reason=reason)

    assert (answer.status_code, len(console_store.ports.vault.accesses())) == (422, before)


def test_who_read_an_application_is_shown_to_whoever_may_open_reviews(
    client_as: SignIn, console_store: Embedded
) -> None:
    read = next(case for case in console_store.ports.cases.find(workflow="application") if case.data["reviews"])

    shown = [
        ">Scores of the reviewers<" in client_as(role).get(f"/cases/{read.id}").text
        for role in ("operator", "university")
    ]

    assert shown == [True, False]


@pytest.mark.parametrize("workflow", ["review", "appeal", "enrolment"])
def test_a_case_that_names_no_programme_is_of_its_cohorts(
    client_as: SignIn, console_store: Embedded, workflow: str
) -> None:
    case = next(console_store.ports.cases.find(workflow=workflow))
    browsers = [client_as("operator", programme=programme) for programme in ("gwangju-google-ai", "another")]

    assert [browser.get(f"/cases/{case.id}").status_code for browser in browsers] == [200, 404]
    listed = [f"/cases/{case.id}" in browser.get(f"/cases?workflow={workflow}").text for browser in browsers]
    assert not listed[1]
    assert send(browsers[1], f"/cases/{case.id}/person", reason="curious").status_code == 404


def test_a_round_names_no_applications_to_a_university(client_as: SignIn, console_store: Embedded) -> None:
    case = next(case for case in console_store.ports.cases.find(workflow="round") if case.data["settled"])
    applications = {each.id for each in console_store.ports.cases.find(workflow="application")}

    pages = [client_as("university", university=name).get(f"/cases/{case.id}").text for name in ("", "전남대학교")]

    named = [len(applications & set(re.findall("[a-z2-7]{32}", page))) for page in pages]
    assert (named[0] > 0, named[1]) == (True, 0)


def test_the_history_is_told_in_sentences_with_the_names_of_staff(client_as: SignIn, console_store: Embedded) -> None:
    case = at_stage(console_store, "online", "enrolment")
    browser = client_as("operator")

    english = words_of(browser.get(f"/cases/{case.id}"))
    in_korean(console_store)
    korean = words_of(browser.get(f"/cases/{case.id}"))

    assert "The timer rang: the start of the programme. It went to “Online basics”." in english
    assert "예약 시각이 되었습니다:" in korean
    assert "단계로 갔습니다." in korean


@pytest.mark.parametrize("console_store", [RULINGS], indirect=True)
def test_an_answer_is_told_with_the_question_and_whoever_gave_it(client_as: SignIn, console_store: Embedded) -> None:
    case = at_stage(console_store, "ineligible_proposed")
    browser = client_as("operator", as_id="kim")
    send(browser, f"/questions/{case.tasks[0].id}/answer", answer="no", role="operator", reason="The form says so.")
    console_store.worker.drain()

    words = words_of(browser.get(f"/cases/{case.id}"))

    assert "김직원 (operator) answered “Is this applicant really not eligible?”: No." in words
    assert "It went to “Eligible”." in words
    assert "with a reason" in words
    assert "The form says so." not in words


@pytest.mark.parametrize("console_store", [RULINGS], indirect=True)
def test_a_reason_is_shown_to_whoever_has_the_right_and_the_access_log_says_so(
    client_as: SignIn, console_store: Embedded
) -> None:
    case = at_stage(console_store, "ineligible_proposed")
    browser = client_as("operator", as_id="kim")
    send(browser, f"/questions/{case.tasks[0].id}/answer", answer="no", role="operator", reason="The form says so.")
    console_store.worker.drain()
    reference = entries_of(console_store, case)[-1].message.data["reason"]

    auditor = client_as("auditor", as_id="park")
    refused = send(auditor, f"/cases/{case.id}/reasons")
    shown = send(browser, f"/cases/{case.id}/reasons")

    assert "Show the reasons given" in browser.get(f"/cases/{case.id}").text
    assert "Show the reasons given" not in auditor.get(f"/cases/{case.id}").text
    assert refused.status_code == 403
    assert "Reason: The form says so." in words_of(shown)
    rows = [row for row in console_store.ports.vault.accesses() if row["subject"] == reference]
    assert [row["reader"] for row in rows] == ["kim"]


@pytest.mark.parametrize("console_store", [RULINGS], indirect=True)
def test_a_refused_message_is_told_with_why_in_the_visitors_language(
    client_as: SignIn, console_store: Embedded
) -> None:
    case = at_stage(console_store, "ineligible_proposed")
    one, other = client_as("operator", as_id="kim"), client_as("operator", as_id="lee")
    for browser in (one, other):
        send(browser, f"/questions/{case.tasks[0].id}/answer", answer="no", role="operator", reason="Checked.")
    console_store.worker.drain()

    english = words_of(one.get(f"/cases/{case.id}"))
    in_korean(console_store)
    korean = words_of(one.get(f"/cases/{case.id}"))

    assert "Changed nothing: The question is closed, or its facts have changed" in english
    assert "바뀐 것 없음: 질문이 이미 닫혔거나" in korean
    assert "question_closed" not in english + korean


@pytest.mark.parametrize("console_store", [RULINGS], indirect=True)
def test_open_questions_say_who_is_still_needed_and_lead_to_the_answer(
    client_as: SignIn, console_store: Embedded
) -> None:
    case = at_stage(console_store, "ineligible_proposed")

    page = client_as("operator").get(f"/cases/{case.id}")

    assert f'href="/questions/{case.tasks[0].id}?' in page.text
    assert "Still needed: the operator" in words_of(page)


def test_letters_say_whether_they_have_left_and_lead_to_their_preview(
    client_as: SignIn, console_store: Embedded
) -> None:
    case = at_stage(console_store, "online", "enrolment")
    letters = [each for each in console_store.ports.letters.find() if each.case == case.id]

    page = client_as("operator").get(f"/cases/{case.id}")

    assert letters
    assert all(f'href="/outbox/{each.id}"' in page.text or f"/{each.id}" in page.text for each in letters)
    assert "Released" in words_of(page)


def test_a_long_history_is_paged_from_its_end(
    client_as: SignIn, console_store: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_views, "ENTRIES_SHOWN_MAX", 3)
    case = at_stage(console_store, "online", "enrolment")
    total = len(entries_of(console_store, case))
    browser = client_as("operator")

    last = browser.get(f"/cases/{case.id}").text
    first = browser.get(f"/cases/{case.id}?entries=0").text
    odd = [browser.get(f"/cases/{case.id}?entries={each}").status_code for each in ("x", "-1", "9999999", "999")]

    assert f'start="{total - 2}"' in last
    assert f"entries={total - 6}#timeline" in last
    assert "Later entries" not in last
    assert 'start="1"' in first
    assert "Earlier entries" not in first
    assert odd == [200] * 4


@pytest.mark.parametrize("workflow", LATEST)
def test_every_kind_of_case_is_told_in_korean_without_a_text_that_is_missing(
    client_as: SignIn, console_store: Embedded, workflow: str
) -> None:
    browser = client_as("operator")
    in_korean(console_store)
    found = {case.stage: case for case in console_store.ports.cases.find(workflow=workflow)}

    for case in found.values():
        page = browser.get(f"/cases/{case.id}")
        told = re.findall(r'<span class="when">[^<]*</span>(.*?)\n', page.text)
        assert page.status_code == 200
        assert told
        assert all(HANGUL.search(line) for line in told)
