"""The privacy officer's inbox: requests about personal data, in the person's words, and nothing else."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from functions.embedded import Embedded
from schemas.data_request import Right
from schemas.ids import PersonId
from schemas.messages import Actor
from tests.console.conftest import RULINGS
from tests.console.test_inbox import first_question
from tests.support.office import KEY
from workflows.runtime.data_request import Wish, file_data_request

pytestmark = pytest.mark.parametrize("console_store", [RULINGS], indirect=True)


@pytest.fixture
def person(console_store: Embedded) -> PersonId:
    """Somebody who asks for a correction."""
    case = next(iter(console_store.ports.cases.find(workflow="application")))
    person = PersonId(case.person)
    actor = Actor(kind="person", id=person, role="applicant")
    wish = Wish(Right.CORRECT, changes={"department": "<b>인공지능학부</b>"}, text="학과가 바뀌었습니다")
    file_data_request(person, wish, actor, console_store.ports, submission="s1", key=KEY)
    console_store.worker.drain()
    return person


def test_the_privacy_officer_sees_requests_and_no_other_question(
    client_as: Callable[..., FlaskClient], person: PersonId
) -> None:
    officer, operator = client_as("privacy_officer", as_id="han"), client_as("operator")
    others = first_question(operator)

    assert person
    assert officer.get("/inbox").text.count('href="/questions/') == 1
    assert officer.get(others).status_code == 404
    assert operator.get(first_question(officer)).status_code == 404


def test_the_question_shows_what_is_asked_and_the_access_log_says_who_read_it(
    client_as: Callable[..., FlaskClient], person: PersonId, console_store: Embedded
) -> None:
    officer = client_as("privacy_officer", as_id="han")
    path = first_question(officer)
    before = len([row for row in console_store.ports.vault.accesses() if row["reader"] == "han"])

    page = officer.get(path).text

    assert person
    assert "학과가 바뀌었습니다" in page
    assert "<dt>Department →</dt>" in page
    assert "&lt;b&gt;인공지능학부&lt;/b&gt;" in page
    after = [row for row in console_store.ports.vault.accesses() if row["reader"] == "han"]
    assert len(after) == before + 1
