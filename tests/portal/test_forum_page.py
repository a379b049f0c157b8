"""A forum through the same pages: another form, and not a line of the portal knows its fields."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from schemas.events.forum import ForumPlanned
from schemas.ids import CaseId
from tests.portal.conftest import LINKS, link_in, path_of, token_on, words_of
from tests.support.cohort import CALENDAR, DAY
from tests.support.office import OPERATOR, Office

FORUM = CaseId("forum-1")
GUEST = {"name": "박기업", "email": "guest@example.org", "company": "하늘소프트", "attends": "on_site", "act": "send"}


@pytest.fixture
def forum(office: Office) -> Office:
    """A forum with one seat, that takes registrations."""
    names = {"programme": "ai", "name_ko": "AI 인재 포럼", "name_en": "Forum of AI Talent"}
    dates = {"opens_at": office.now, "closes_at": office.now + 5 * DAY, "held_at": CALENDAR.programme_starts}
    office.tell(FORUM, ForumPlanned(capacity=1, **names, **dates), by=OPERATOR)
    return office


def register(office: Office, page: FlaskClient, number: int) -> CaseId:
    token = token_on(page.get(f"/apply/{FORUM}"))
    office.embedded.clock.turn(office.now + timedelta(seconds=5))
    sent = {**GUEST, "phone": f"010-2222-{number:04}", "consent_privacy": "yes", "token": token}
    answer = page.post(f"/apply/{FORUM}", data=sent)
    office.settle()
    assert answer.status_code == 303
    return list(office.ports.cases.find(workflow="forum_registration"))[-1].id


def test_a_guest_registers_waits_and_cancels_through_the_same_pages(forum: Office, page: FlaskClient) -> None:
    shown = words_of(page.get(f"/apply/{FORUM}"))
    register(forum, page, 1)
    register(forum, page, 2)
    stages = {case.stage: case.id for case in forum.ports.cases.find(workflow="forum_registration")}
    seated, waiting = stages["confirmed"], stages["waitlisted"]
    path = link_in(forum, seated, "ForumConfirmed", "status")
    before = words_of(page.get(path_of(LINKS.to("status", waiting))))

    left = page.post(path_of(LINKS.to("withdraw", seated)), data={"x": "1"})
    forum.settle()

    assert "AI 인재 포럼" in shown
    assert "참가 방법 (필수)" in shown
    assert "참가 확정" not in before
    assert "대기 순번 1" in before
    assert left.status_code == 303
    assert "신청 취소함" in words_of(page.get(path))
    assert "참가 확정" in words_of(page.get(path_of(LINKS.to("status", waiting))))


def test_an_answer_that_is_none_of_the_choices_is_refused(forum: Office, page: FlaskClient) -> None:
    token = token_on(page.get(f"/apply/{FORUM}"))

    answer = page.post(f"/apply/{FORUM}", data={**GUEST, "attends": "by boat", "token": token})

    assert answer.status_code == 422
    assert 'id="fault-attends"' in answer.text
    assert list(forum.ports.cases.find(workflow="forum_registration")) == []
