"""Who reads what of whom, in a real browser: a reviewer with a conflict, and a name that is shown for a reason."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Page

from functions.console.guard import TOKEN_FIELD
from functions.console.texts import TEXTS
from functions.embedded import Embedded
from functions.stack.embedded_stack import EmbeddedStack
from schemas.ids import CaseId, PersonId
from schemas.messages import Case
from schemas.people import Person
from tests.console.browsing import ASSIGNED, ROUND

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

REVIEWER, OPERATOR = "reviewer1@sadari.example", "operator1@sadari.example"
ME, HERE = "reviewer-1", "전남대학교"

on = pytest.mark.parametrize


def t(name: str) -> str:
    """Give a text of the console in Korean."""
    return TEXTS[name][0]


@pytest.fixture
def store(stack: EmbeddedStack, tmp_path: Path) -> Iterator[Embedded]:
    """What the stack keeps, seen from beside it."""
    del stack
    embedded = Embedded(tmp_path / "sadari.db")
    yield embedded
    embedded.close()


def case_of(store: Embedded, case: str) -> Case:
    seen = store.ports.cases.get(CaseId(case))
    assert seen is not None
    return seen.case


def person_of(store: Embedded, case: Case) -> Person:
    person = store.ports.vault.get(PersonId(case.person), reader="test", reason="test")
    assert person is not None
    return person


def post(page: Page, url: str, **form: str) -> APIResponse:
    """Send a form that no page offers, with this browser's session and token."""
    site = url.split("/console/", maxsplit=1)[0]
    page.goto(f"{site}/console/definitions")
    token = page.locator(f"input[name={TOKEN_FIELD}]").first.input_value()
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": site}
    return page.context.request.post(url, form={TOKEN_FIELD: token, **form}, headers=headers)


# ---- a conflict of interest


@on("stack_day", [ASSIGNED])
def test_a_reviewer_with_a_conflict_never_sees_the_answers_and_somebody_else_reads(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, store: Embedded
) -> None:
    page = sign_in(REVIEWER)
    page.goto(stack.addresses()["console"] + "reviews")
    page.get_by_role("row").nth(1).get_by_role("link").click()
    url = page.url
    review = case_of(store, url.rsplit("/", 1)[1])
    application = case_of(store, review.data["application"])
    person, before = person_of(store, application), len(store.ports.vault.accesses())
    hidden = (person.name, person.email, str(person.answers["motivation"]))
    assert review.stage == "assigned"
    assert not [each for each in hidden if each in page.content()]
    assert page.get_by_role("region", name=t("review_answers")).count() == 0

    page.get_by_label(t("review_why")).select_option(label=t("conflict_family"))
    page.get_by_role("button", name=t("review_conflict")).click()
    page.wait_for_url("**/reviews*")
    stack.work()

    assert t("review_sent") in page.get_by_role("status").inner_text()
    assert case_of(store, review.id).stage == "conflicted"
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 403
    assert t("review_over") in page.inner_text("main")
    assert not [each for each in hidden if each in page.content()]
    assert post(page, f"{url}/accept", stated="yes").status == 409
    assert post(page, f"{url}/score", **{"points-motive": "5", "points-plan": "5", "points-fit": "5"}).status == 409
    stack.work()
    assert case_of(store, review.id).stage == "conflicted"
    assert ME not in {row["reader"] for row in store.ports.vault.accesses()[before:]}

    office = sign_in(OPERATOR)
    office.goto(stack.addresses()["console"] + f"rounds/{ROUND}")
    office.get_by_role("button", name=t("round_assign")).click()
    office.wait_for_load_state()
    stack.work()
    reviews = [case for case in store.ports.cases.find(workflow="review") if case.data["application"] == application.id]
    read_by = {case.data["reviewer"] for case in reviews if case.stage != "conflicted"}
    assert len(reviews) == 3
    assert len(read_by) == 2
    assert ME not in read_by


# ---- a name behind a reason


def an_application(store: Embedded, university: str = HERE) -> Case:
    return next(
        case
        for case in store.ports.cases.find(workflow="application")
        if case.data["university"] == university and case.stage == "eligible"
    )


def test_a_person_is_masked_until_a_reason_is_given_and_the_look_is_logged(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, store: Embedded
) -> None:
    case = an_application(store)
    person, before = person_of(store, case), len(store.ports.vault.accesses())
    page = sign_in(OPERATOR)
    page.goto(stack.addresses()["console"] + f"cases/{case.id}")
    masked = (person.name, person.email, person.contact)
    assert t("masked") in page.inner_text("main")
    assert not [each for each in masked if each in page.content()]

    page.get_by_label(t("reason")).evaluate("field => field.required = false")
    with page.expect_response("**/person") as refused:
        page.get_by_role("button", name=t("unmask")).click()
    assert refused.value.status == 422
    assert t("reason_needed") in page.get_by_role("alert").inner_text()
    assert not [each for each in masked if each in page.content()]
    assert len(store.ports.vault.accesses()) == before

    page.get_by_label(t("reason")).fill("재학 여부를 전화로 확인")
    page.get_by_role("button", name=t("unmask")).click()
    page.wait_for_load_state()
    assert [each for each in masked if each in page.inner_text("main")] == list(masked)
    rows = store.ports.vault.accesses()[before:]  # one for the person, one for the form that counted
    looks = {(row["reader"], row["subject"], row["reason"]) for row in rows}
    assert looks == {("operator-1", case.person, "재학 여부를 전화로 확인")}
    assert all(row["at"] for row in rows)

    page.goto(stack.addresses()["console"] + f"cases/{case.id}")
    assert not [each for each in masked if each in page.content()]


@on("seat", ["jnu", "lead", "city", "instructor", "reviewer1", "auditor", "admin"])
def test_no_role_without_the_right_unmasks_whatever_it_sends(
    sign_in: Callable[[str], Page], stack: EmbeddedStack, store: Embedded, seat: str
) -> None:
    case = an_application(store)
    person = person_of(store, case)
    page, url = sign_in(f"{seat}@sadari.example"), stack.addresses()["console"] + f"cases/{case.id}"
    before = len(store.ports.vault.accesses())

    page.goto(url)
    shown = page.content()
    offered = page.get_by_role("button", name=t("unmask")).count()
    answer = post(page, f"{url}/person", reason="왜냐하면")

    assert offered == (seat == "lead")
    assert person.name not in shown
    assert answer.status == (200 if seat == "lead" else 403)
    assert (person.name in answer.text()) == (seat == "lead")
    assert (len(store.ports.vault.accesses()) > before) == (seat == "lead")
