"""The workflows as staff read them: the diagram, the versions, and which cases run on which."""

import re
from collections import Counter
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from functions.embedded import Embedded
from tests.console.browsing import words_of
from workflows.definitions import LATEST

SignIn = Callable[..., FlaskClient]


@pytest.mark.parametrize("name", LATEST)
def test_a_workflow_is_drawn_and_told_in_both_languages(client_as: SignIn, console_store: Embedded, name: str) -> None:
    browser = client_as("auditor")
    english = browser.get(f"/definitions/{name}")
    members = console_store.staff_ports.members
    for member in members.all():
        members.put(member.model_copy(update={"locale": "ko"}))
    korean = browser.get(f"/definitions/{name}")

    assert english.text.count("<rect") >= len(LATEST[name].states)
    assert "<script>" not in english.text
    assert " style=" not in english.text
    assert LATEST[name].fingerprint in words_of(english)
    assert "지문" in words_of(korean)


def test_every_case_is_counted_under_the_version_and_stage_that_it_runs_on(
    client_as: SignIn, console_store: Embedded
) -> None:
    page = client_as("operator").get("/definitions/enrolment").text

    stood = Counter(case.stage for case in console_store.ports.cases.find(workflow="enrolment"))
    shown = {
        stage: int(many)
        for stage, many in re.findall(r'at=enrolment\.(\w+)&amp;version=1">[^<]*</a> <strong>(\d+)</strong>', page)
    }
    assert shown == stood


def test_a_count_leads_to_the_list_of_exactly_these_cases(client_as: SignIn, console_store: Embedded) -> None:
    browser = client_as("operator")
    stage = next(iter(Counter(case.stage for case in console_store.ports.cases.find(workflow="enrolment"))))
    address = f"/cases?at=enrolment.{stage}&version=1"

    assert address.replace("&", "&amp;") in browser.get("/definitions/enrolment").text
    listed = browser.get(address)
    none_of_another = browser.get(f"/cases?at=enrolment.{stage}&version=2")

    found = [case.id for case in console_store.ports.cases.find(workflow="enrolment", stage=stage)]
    assert set(re.findall(r'scope="row"><a href="/cases/(\w+)"', listed.text)) == set(found)
    assert "Only cases on version 1 are listed." in words_of(listed)
    assert "No case was found." in words_of(none_of_another)


@pytest.mark.parametrize("role", ["reviewer", "city", "admin"])
def test_whoever_may_open_no_case_of_a_workflow_is_told_no_count(client_as: SignIn, role: str) -> None:
    words = words_of(client_as(role).get("/definitions/application"))

    assert "How many cases there are is shown to whoever may open cases of this workflow." in words
    assert "cases by stage" not in words


def test_only_cases_within_reach_are_counted(client_as: SignIn) -> None:
    assert "cases by stage" not in words_of(client_as("operator", cohort="another").get("/definitions/enrolment"))


def test_a_version_that_is_not_kept_is_not_found(client_as: SignIn) -> None:
    browser = client_as("operator")

    statuses = [
        browser.get(f"/definitions/enrolment?version={each}").status_code
        for each in ("1", "99", "x", "¹" * 2, "9" * 5_000)
    ]

    assert statuses == [200, 404, 404, 404, 404]
