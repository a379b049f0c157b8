"""The facts of a case in the words of whoever reads them: no identifiers, ids of staff or UTC."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from functions.console.fact_texts import FACTS
from functions.console.views.cases import HIDDEN_FACTS
from functions.embedded import Embedded
from tests.console.browsing import DECIDED, PUBLISHED, UNFILLED, send
from tests.console.conftest import ONLINE

WORKFLOWS = ("round", "review", "application", "enrolment", "appeal", "outcome")


def facts_on(browser: FlaskClient, case: str) -> str:
    found = re.search(r'<h2 id="facts">.*?</section>', browser.get(f"/cases/{case}").text, re.DOTALL)
    assert found is not None
    return found.group()


@pytest.mark.parametrize("console_store", [DECIDED], indirect=True)
@pytest.mark.parametrize(("language", "yes"), [("en", "Yes"), ("ko", "예")])
def test_the_facts_are_said_in_words_and_name_staff_by_their_names(
    client_as: Callable[..., FlaskClient], console_store: Embedded, language: str, yes: str
) -> None:
    lead = client_as("lead")
    if language == "ko":
        send(lead, "/language")
    found = console_store.ports.cases.find(workflow="application")
    case = next(each for each in found if each.data["conflicts"] and each.data["reviews"])
    for name in {*case.data["conflicts"], *case.data["reviews"], *case.data["review_numbers"]}:
        client_as("reviewer", as_id=name)

    facts = facts_on(lead, case.id)

    label = FACTS["is_enrolled"][0 if language == "ko" else 1]
    assert re.search(rf"{label}</dt><dd>{yes}</dd>", facts)
    assert not re.findall(r"reviewer-\d|operator-\d|True|\{|is_enrolled<|\d\dT\d\d|same_employer", facts)
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d KST", facts)


@pytest.mark.parametrize("console_store", [DECIDED, PUBLISHED, UNFILLED, ONLINE], indirect=True)
def test_every_fact_of_the_story_has_a_name(console_store: Embedded) -> None:
    cases = (case for workflow in WORKFLOWS for case in console_store.ports.cases.find(workflow=workflow))

    unnamed = {name for case in cases for name, value in case.data.items() if value not in (None, "", [], {})}

    assert unnamed - FACTS.keys() - HIDDEN_FACTS == set()
