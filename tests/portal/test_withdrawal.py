"""Whichever way a consent ends, what waits with personal fields is sent without them, and what was sent is to go."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.worker import Worker
from schemas.data_request import Right
from schemas.deliveries import DeliveryState
from schemas.ids import CaseId, MessageId, PersonId
from schemas.messages import Notice
from tests.portal.conftest import LINKS, path_of
from tests.runtime.test_partners import URL, with_fields
from tests.support.cohort import DAY, HOUR
from tests.support.life import staff
from tests.support.office import KEY, Office
from tests.support.subscribers import TAKEN, Subscribers
from workflows.runtime import subscribe as use
from workflows.runtime.data_request import Wish, file_data_request
from workflows.runtime.fan_out import fan_out
from workflows.runtime.partner_ports import Answer

OFFICER = staff("privacy_officer", "han")
NAME, MAIL = "김지원1", "applicant1@example.org"
Way = Callable[[Office, FlaskClient, CaseId], None]


@pytest.fixture
def city(office: Office) -> Subscribers:
    """A partner that is sent names and addresses, told by the office's own worker."""
    made, embedded = Subscribers(office.embedded), office.embedded
    office.worker = Worker(embedded.database, embedded.queue, embedded.timers, embedded.ports, made.ports)
    with_fields(made)
    return made


def on_the_page(act: str, **form: str) -> Way:
    def withdraw(office: Office, page: FlaskClient, case: CaseId) -> None:
        entered = page.post(f"/status/{LINKS.token('status', case)}/own", data={"x": "1"})
        own = path_of(entered.headers["Location"]).partition("?")[0]
        assert page.post(own, data={"act": act, "nonce": "n", **form}).status_code == 303
        office.settle()
        for request in office.ports.cases.find(workflow="data_request"):
            if request.tasks:
                office.answer(request.id, yes=True, by=OFFICER)

    return withdraw


def by_a_letter_to_staff(office: Office, _page: FlaskClient, case: CaseId) -> None:
    person = PersonId(office.case(case).person)
    wish = Wish(Right.WITHDRAW_CONSENT, consent="third_party")
    request = file_data_request(person, wish, OFFICER, office.ports, submission="letter-1", key=KEY).case
    office.settle()
    while office.case(request).tasks:
        office.answer(request, yes=True, by=OFFICER)


def with_the_form_sent_anew(office: Office, _page: FlaskClient, _case: CaseId) -> None:
    office.embedded.clock.turn(office.now + HOUR)
    office.hand_in(1, consent_third_party=False)


def told(city: Subscribers, office: Office, case: CaseId, number: int) -> None:
    notice = Notice(
        id=MessageId(f"phase-{number}"),
        type="PhaseCompleted",
        role="partners",
        case=case,
        workflow="enrolment",
        person=office.case(case).person,
        cohort="2027",
        data={"cohort": "2027", "phase_completed": "online"},
        at=office.now,
    )
    fan_out(notice, office.ports, city.ports)
    city.until(office.now)


@pytest.mark.parametrize(
    "withdraw",
    [
        on_the_page("withdraw_consent", consent="third_party"),
        on_the_page("withdraw_consent", consent="privacy", is_sure="yes"),
        on_the_page("suspend", why="보내지 말아 주십시오."),
        on_the_page("erase", is_sure="yes"),
        by_a_letter_to_staff,
        with_the_form_sent_anew,
    ],
    ids=["page", "privacy", "suspended", "erased", "letter", "form"],
)
def test_however_a_consent_ends_nothing_personal_leaves_after_it_and_what_left_is_to_be_deleted(
    office: Office, page: FlaskClient, city: Subscribers, withdraw: Way
) -> None:
    case = office.hand_in(1, consent_third_party=True)
    told(city, office, case, 1)
    city.receivers.answers[URL] = [Answer(status=500)]
    told(city, office, case, 2)
    before = len(city.receivers.posts)
    city.receivers.answers[URL] = [TAKEN]

    withdraw(office, page, case)
    office.until(office.now + DAY + HOUR)
    city.until(office.now + timedelta(hours=2))

    sent = [(headers["webhook-id"], json.loads(body)) for _, headers, body in city.receivers.posts]
    first, after = sent[:before], sent[before:]
    assert all(event["data"]["person"] == {"name": NAME, "email": MAIL} for _, event in first)
    assert NAME not in json.dumps(after, ensure_ascii=False)
    assert MAIL not in json.dumps(after)
    assert {name for name, _ in first}.isdisjoint(name for name, _ in after)
    deletes: list[Any] = [event["data"] for _, event in after if event["type"].endswith("consent.withdrawn.v1")]
    assert [(each["case"], each["fields"]) for each in deletes] == [(case, ["name", "email"])]
    states = {each.notice: each.state for each in city.ports.deliveries.of_person(office.case(case).person)}
    assert states == {"phase-1": DeliveryState.DELIVERED, "phase-2": DeliveryState.CANCELLED}


def test_whoever_is_disabled_then_is_told_to_delete_when_they_agree_anew(
    office: Office, page: FlaskClient, city: Subscribers
) -> None:
    case = office.hand_in(1, consent_third_party=True)
    told(city, office, case, 1)
    city.receivers.answers[URL] = [Answer(status=410)]
    told(city, office, case, 2)
    (found,) = city.ports.subscriptions.find()
    city.receivers.answers[URL] = [TAKEN]
    before = len(city.receivers.posts)

    on_the_page("withdraw_consent", consent="third_party")(office, page, case)
    city.until(office.now + DAY)
    silent = len(city.receivers.posts)
    use.ask_again(found.id, "again", office.ports, city.ports)
    city.until(office.now + timedelta(hours=1))

    bodies = [json.loads(body) for _, _, body in city.receivers.posts[silent:]]
    assert silent == before
    assert [each["type"] for each in bodies] == ["kr.sadari.privacy.consent.withdrawn.v1"]
