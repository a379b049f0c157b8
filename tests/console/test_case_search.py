"""Finding cases: what finds what, who sees it, what is logged, and what a page costs."""

import itertools
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.cli.demo.world import DEMO_KEY
from functions.console.guard import reach
from functions.console.room import covers
from functions.console.views import cases as view
from functions.embedded import Embedded
from schemas.ids import PersonId
from schemas.messages import Case
from schemas.people import Person
from schemas.staff import Grant
from tests.console.browsing import send
from workflows.runtime import search
from workflows.runtime.people_keys import key_of
from workflows.runtime.traits import traits_of

SignIn = Callable[..., FlaskClient]
ROW = re.compile(r'<th scope="row"><a href="/cases/([^"]+)">')
MORE = re.compile(r'<a href="(/cases\?[^"]+)"[^>]*>More</a>')
HIDDEN = re.compile(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">')
HERE = "전남대학교"


def ids(page: str) -> list[str]:
    return ROW.findall(page)


def listed(browser: FlaskClient, query: str = "") -> list[str]:
    """Give the cases of every page, one after the other."""
    found, url = [], f"/cases?{query}"
    while url:
        page = browser.get(url).text
        found += ids(page)
        more = MORE.search(page)
        url = more.group(1).replace("&amp;", "&") if more else ""
    return found


def token(browser: FlaskClient) -> str:
    return dict(HIDDEN.findall(browser.get("/cases").text))["token"]


def post(browser: FlaskClient, **form: str) -> Any:
    return browser.post("/cases", data={"token": token(browser), **form})


def searched(browser: FlaskClient, sought: str, **form: str) -> list[str]:
    answer = post(browser, sought=sought, **form)
    assert answer.status_code == 200
    return ids(answer.text)


def all_cases(store: Embedded, wanted: Callable[[Case], bool] = lambda _: True) -> list[Case]:
    return [case for case in store.ports.cases.find() if wanted(case)]


def someone(store: Embedded) -> tuple[Person, list[str]]:
    """Give a learner, and the cases that are about them."""
    (weak,) = all_cases(store, lambda case: traits_of(case).is_at_risk)
    person = store.ports.vault.get(PersonId(weak.person), reader="test", reason="test")
    assert person is not None
    return person, [case.id for case in all_cases(store, lambda case: case.person == person.id)]


# ---- by what names a person or a case


@pytest.mark.parametrize("way", ["email", "EMAIL", "phone", "local phone", "name", "beginning of the name"])
def test_a_person_is_found_by_address_number_and_name(console_store: Embedded, client_as: SignIn, way: str) -> None:
    person, theirs = someone(console_store)
    local = "0" + person.contact.removeprefix("+82")
    texts = {
        "email": person.email,
        "EMAIL": f" {person.email.upper()} ",
        "phone": person.contact,
        "local phone": f"{local[:3]}-{local[3:7]} {local[7:]}",
        "name": person.name,
        "beginning of the name": person.name[:2],
    }

    found = searched(client_as("operator"), texts[way])

    assert set(theirs) <= set(found)
    if "name" not in way:
        assert sorted(found) == theirs


def test_a_student_number_is_found_in_its_own_field_however_it_is_written(
    console_store: Embedded, client_as: SignIn
) -> None:
    person, theirs = someone(console_store)
    number = person.answers["student_number"]

    found = searched(client_as("operator"), "", student_number=f" {number[:2]}-{number[2:]}")

    assert set(theirs) <= set(found)


def test_a_case_is_found_by_its_id_and_leaves_no_row(console_store: Embedded, client_as: SignIn) -> None:
    before = console_store.ports.vault.accesses()
    (round_case, *_) = console_store.ports.cases.find(workflow="round")
    application = next(console_store.ports.cases.find(workflow="application"))
    browser = client_as("operator")

    assert searched(browser, application.id) == [application.id]
    assert searched(browser, round_case.id) == [round_case.id]
    assert console_store.ports.vault.accesses() == before


def test_a_name_is_found_in_pages_that_lose_nobody(
    console_store: Embedded, client_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PEOPLE_AT_ONCE", 1)
    monkeypatch.setattr(search, "ROWS", 1)
    names = {case.person: "" for case in all_cases(console_store) if case.person}
    for person_id in names:
        person = console_store.ports.vault.get(PersonId(person_id), reader="test", reason="test")
        names[person_id] = person.name if person else ""
    prefix = max((name[:2] for name in names.values()), key=[name[:2] for name in names.values()].count)
    expected = [case.id for case in all_cases(console_store) if names.get(case.person, "").startswith(prefix)]
    browser = client_as("operator")

    pages, form = [], {"sought": prefix}
    while form.get("sought"):
        page = post(browser, **form).text
        pages.append(ids(page))
        hidden = dict(HIDDEN.findall(page))
        form = {name: value for name, value in hidden.items() if name != "token"}

    assert len(pages) > 1
    assert sorted(itertools.chain.from_iterable(pages)) == sorted(expected)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("김", "at least two letters"),
        ("02-1234-5678", "no mobile number"),
        ("20231234", "student number has a field"),
        ("김\u202e나리", "cannot be searched"),
        ("\x00\x00", "cannot be searched"),
        ("a@b.kr, c@d.kr", "cannot be searched"),
    ],
)
def test_what_cannot_be_searched_for_is_said_and_nothing_is_logged(
    console_store: Embedded, client_as: SignIn, typed: str, says: str
) -> None:
    before = console_store.ports.vault.accesses()

    answer = post(client_as("operator"), sought=typed)

    assert (answer.status_code, says in answer.text) == (422, True)
    assert ids(answer.text) == []
    assert console_store.ports.vault.accesses() == before


def test_what_was_sought_never_stands_in_an_address(client_as: SignIn) -> None:
    page = client_as("operator").get("/cases?sought=kim@example.org").text

    assert 'name="sought" value=""' in page
    assert "kim@example.org" not in page


def test_a_search_that_another_site_sends_is_refused(client_as: SignIn) -> None:
    browser = client_as("operator")
    form = {"token": token(browser), "sought": "김지원"}

    foreign = browser.post("/cases", data=form, headers={"Origin": "https://elsewhere.test"})
    without_token = browser.post("/cases", data={"sought": "김지원"})

    assert (foreign.status_code, without_token.status_code) == (403, 403)


# ---- the access log


def test_whose_cases_a_search_has_shown_is_logged(console_store: Embedded, client_as: SignIn) -> None:
    person, _ = someone(console_store)
    before = len(console_store.ports.vault.accesses())

    searched(client_as("operator"), person.email)

    (row,) = console_store.ports.vault.accesses()[before:]
    assert (row["reader"], row["subject"], row["reason"]) == ("operator-0", person.id, "search by email")


def test_a_search_in_vain_is_logged_without_what_was_sought(console_store: Embedded, client_as: SignIn) -> None:
    browser = client_as("operator")
    before = len(console_store.ports.vault.accesses())

    assert searched(browser, "nobody@example.org") == []
    assert searched(browser, "없는사람") == []

    rows = console_store.ports.vault.accesses()[before:]
    key = key_of("email", "nobody@example.org", DEMO_KEY)
    assert [(row["subject"], row["reason"]) for row in rows] == [
        (f"email:{key}", "search by email"),
        ("name", "search by name"),
    ]


# ---- filters


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", lambda _: True),
        ("at=application", lambda case: case.workflow == "application"),
        ("at=enrolment.online", lambda case: (case.workflow, case.stage) == ("enrolment", "online")),
        ("workflow=enrolment&stage=online", lambda case: (case.workflow, case.stage) == ("enrolment", "online")),
        ("cohort=gwangju-2027", lambda case: case.cohort == "gwangju-2027"),
        ("cohort=another", lambda _: False),
        (f"university={quote(HERE)}", lambda case: case.data.get("university") == HERE),
        ("risk=1", lambda case: traits_of(case).is_at_risk),
        (
            f"at=application.enrolled&university={quote(HERE)}",
            lambda case: case.stage == "enrolled" and case.data.get("university") == HERE,
        ),
    ],
)
def test_the_list_holds_what_the_filters_ask_for_once_each(
    console_store: Embedded, client_as: SignIn, query: str, wanted: Callable[[Case], bool]
) -> None:
    assert listed(client_as("operator"), query) == [case.id for case in all_cases(console_store, wanted)]


def test_what_is_due_comes_the_soonest_first_and_in_pages(
    console_store: Embedded, client_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "PAGE", 7)
    dues = {
        case.id: min(timer.rings_at for timer in case.timers.values())
        for case in all_cases(console_store, lambda case: bool(case.timers))
    }

    found = listed(client_as("operator"), "due=30")

    assert len(found) > 7
    assert found == sorted(found, key=lambda case_id: (dues[case_id], case_id))
    assert [dues[case_id] for case_id in found] == sorted(dues.values())[: len(found)]


@pytest.mark.parametrize(
    "query",
    [
        *("at=nothing.nowhere", "due=x", "risk=x", "at=.online", "workflow=application&stage=online"),
        *("cohort=%00", "_external=1&_scheme=javascript", "endpoint=login", "university=" + "x" * 5000),
    ],
)
def test_filters_that_ask_for_nothing_there_is_do_no_harm(client_as: SignIn, query: str) -> None:
    answer = client_as("operator").get(f"/cases?{query}")

    assert answer.status_code == 200
    assert "javascript:" not in answer.text


@pytest.mark.parametrize("after", ["a/b", "%00", "~x", "2026-01-01T00:00:00~x", "x" * 5000])
@pytest.mark.parametrize("due", ["", "&due=7"])
def test_a_cursor_that_no_page_gave_is_refused(client_as: SignIn, after: str, due: str) -> None:
    assert client_as("operator").get(f"/cases?after={after}{due}").status_code == 409


# ---- what is hidden, and from whom


def test_a_list_names_nobody(console_store: Embedded, client_as: SignIn) -> None:
    person, theirs = someone(console_store)
    browser = client_as("operator")

    pages = [browser.get("/cases?risk=1").text, post(browser, sought="", student_number="1").text]
    pages.append(post(browser, sought=theirs[0]).text)

    personal = (person.id, person.name, person.email, person.contact, person.answers["student_number"])
    assert [text for text in personal for page in pages if text in page] == []


@pytest.mark.parametrize(
    "scope",
    [
        {"university": HERE},
        {"programme": "another"},
        {"programme": "gwangju-google-ai"},
        {"cohort": "another"},
        {"cohort": "gwangju-2027", "university": "조선대학교"},
    ],
)
def test_pages_hold_what_a_grant_covers_and_are_full(
    console_store: Embedded, client_as: SignIn, site: Flask, monkeypatch: pytest.MonkeyPatch, scope: dict[str, str]
) -> None:
    monkeypatch.setattr(view, "PAGE", 10)
    grant = Grant(role="lead", **scope)
    browser = client_as("lead", **scope)

    with site.app_context():
        covered = [case.id for case in all_cases(console_store, lambda case: covers(grant, case))]

    assert listed(browser) == covered
    assert ids(browser.get("/cases").text) == covered[:10]


def test_a_search_shows_and_logs_only_what_a_grant_covers(console_store: Embedded, client_as: SignIn) -> None:
    application = next(
        case for case in console_store.ports.cases.find(workflow="application") if case.data["university"] != HERE
    )
    person = console_store.ports.vault.get(PersonId(application.person), reader="test", reason="test")
    assert person is not None
    browser = client_as("operator", university=HERE)
    before = len(console_store.ports.vault.accesses())

    for sought in (person.email, person.contact, person.name, application.id):
        assert application.id not in searched(browser, sought)

    assert person.id not in {row["subject"] for row in console_store.ports.vault.accesses()[before:]}


def test_who_may_not_see_cases_sees_no_list(client_as: SignIn) -> None:
    assert [client_as(role).get("/cases").status_code for role in ("reviewer", "city", "admin")] == [403] * 3


# ---- what it costs


def reads(store: Embedded, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> int:
    counted: list[str] = []
    with monkeypatch.context() as counting:
        for name in ("all", "one"):
            read = getattr(store.database, name)
            counting.setattr(
                store.database, name, lambda query, values=(), read=read: counted.append(query) or read(query, values)
            )
        act()
    return len(counted)


def test_a_page_of_cases_takes_few_reads_however_it_is_asked_for(
    console_store: Embedded, client_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PEOPLE_AT_ONCE", 1)
    person, theirs = someone(console_store)
    for number in range(4):
        console_store.ports.vault.put(person.model_copy(update={"id": PersonId(f"namesake-{number}")}))
    operator, university = client_as("operator"), client_as("university", university=HERE)
    form = {"token": token(operator)}
    acts: dict[str, Callable[[], object]] = {
        "all": lambda: operator.get("/cases"),
        "filtered": lambda: operator.get("/cases?at=application.enrolled&due=30"),
        "scoped": lambda: university.get("/cases"),
        "email": lambda: operator.post("/cases", data={**form, "sought": person.email}),
        "name": lambda: operator.post("/cases", data={**form, "sought": person.name[:2]}),
        "case": lambda: operator.post("/cases", data={**form, "sought": theirs[0]}),
    }

    costs = {name: reads(console_store, monkeypatch, act) for name, act in acts.items()}

    # The session, the member, and the rounds to choose a cohort from are three of each.
    assert costs == {"all": 4, "filtered": 5, "scoped": 4, "email": 5, "name": 9, "case": 4}


@pytest.mark.parametrize("role", ["instructor", "university", "auditor"])
def test_whoever_may_not_unmask_a_person_may_not_search_for_one(
    client_as: Callable[..., FlaskClient], console_store: Embedded, role: str
) -> None:
    browser = client_as(role)
    before = len(console_store.ports.vault.accesses())

    refused = send(browser, "/cases", sought="김")
    by_name = send(browser, "/cases", sought="김지원")

    assert (refused.status_code, by_name.status_code) == (422, 403)
    assert len(console_store.ports.vault.accesses()) == before


def test_a_person_is_found_only_where_the_grant_that_unmasks_reaches(
    client_as: Callable[..., FlaskClient], console_store: Embedded
) -> None:
    enrolment = next(iter(console_store.ports.cases.find(workflow="enrolment")))
    person = console_store.ports.vault.get(PersonId(enrolment.person), reader="test", reason="test")
    browser, members = client_as("auditor", as_id="both"), console_store.staff_ports.members
    member = members.get("both")
    assert person is not None
    assert member is not None
    members.put(member.model_copy(update={"grants": (*member.grants, Grant(role="career_staff", cohort="another"))}))

    found = [send(browser, "/cases", sought=text).text for text in (person.email, person.name, enrolment.id)]

    assert [f"/cases/{enrolment.id}" in page for page in found] == [False, False, True]


def test_a_case_of_a_workflow_that_is_not_the_roles_to_open_is_not_there(
    client_as: SignIn, console_store: Embedded
) -> None:
    application = next(iter(console_store.ports.cases.find(workflow="application")))
    review = next(iter(console_store.ports.cases.find(workflow="review")))
    enrolment = next(iter(console_store.ports.cases.find(workflow="enrolment")))

    statuses = {
        role: [client_as(role).get(f"/cases/{case.id}").status_code for case in (application, review, enrolment)]
        for role in ("operator", "instructor", "university", "career_staff")
    }

    assert statuses == {
        "operator": [200, 200, 200],
        "instructor": [404, 404, 200],
        "university": [200, 404, 200],
        "career_staff": [404, 404, 200],
    }
    assert application.id not in client_as("instructor").get("/cases?workflow=application").text


def test_the_case_of_a_learner_says_why_they_are_at_risk(client_as: SignIn, console_store: Embedded) -> None:
    enrolments = list(console_store.ports.cases.find(workflow="enrolment", stage="online"))
    low = next(case for case in enrolments if traits_of(case).is_at_risk)
    good = next(case for case in enrolments if not traits_of(case).is_at_risk)
    browser = client_as("instructor")

    assert "attendance" in browser.get(f"/cases/{low.id}").text.lower().partition('id="risks"')[2][:600]
    assert '<ul class="risks">' in browser.get(f"/cases/{low.id}").text
    assert '<ul class="risks">' not in browser.get(f"/cases/{good.id}").text


# ---- everything that is theirs


@pytest.mark.parametrize("role", ["operator", "instructor", "career_staff", "lead", "auditor"])
def test_without_a_filter_every_case_is_listed_that_the_visitor_may_open(
    console_store: Embedded, client_as: SignIn, role: str
) -> None:
    theirs = all_cases(console_store, lambda case: role in reach()[case.workflow])

    assert sorted(listed(client_as(role))) == [case.id for case in theirs]


def test_stages_of_a_workflow_are_shown_with_how_many_stand_there(console_store: Embedded, client_as: SignIn) -> None:
    counted = Counter(case.stage for case in all_cases(console_store, lambda case: case.workflow == "application"))

    page = client_as("operator").get("/cases?at=application").text

    links = re.findall(r'href="/cases\?at=application\.(\w+)[^>]*>[^<]*</a> <span class="count">(\d+)<', page)
    assert {stage: int(many) for stage, many in links} == counted
