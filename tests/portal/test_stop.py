"""The consent to the processing itself: withdrawn after a word of what follows, and given again."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.buckets import Buckets
from functions.embedded import Embedded
from functions.portal.room import Room
from functions.portal.site import make_site
from schemas.data_request import Right
from schemas.ids import CaseId, PersonId
from schemas.letters import LetterState
from schemas.register import Restriction
from tests.portal.conftest import FILLED, LINKS, Form, path_of, token_on, words_of
from tests.portal.test_own import ask, requests
from tests.support.cohort import DAY, HOUR
from tests.support.office import KEY, ROUND, Office, a_form
from tests.support.post import Hand, with_post
from workflows.runtime.deliver import deliver
from workflows.runtime.intake import Origin, submit_application
from workflows.runtime.ports import Ports
from workflows.runtime.restrictions import restriction_of
from workflows.runtime.send import send_due

on = pytest.mark.parametrize


@pytest.fixture
def case(office: Office, form: Form) -> CaseId:
    """The application of somebody who came by the form."""
    assert form.send().status_code == 303
    (case,) = office.ports.cases.find(workflow="application")
    return case.id


@pytest.fixture
def status(case: CaseId) -> str:
    return path_of(LINKS.to("status", case))


@pytest.fixture
def own(office: Office, case: CaseId) -> str:
    return path_of(LINKS.to("own", office.case(case).person, until=office.now + DAY))


def withdraw(office: Office, page: FlaskClient, own: str) -> None:
    """Withdraw the consent, having read what follows."""
    ask(office, page, own, "withdraw_consent", consent="privacy", is_sure="yes")


def give_again(office: Office, page: FlaskClient, own: str, **answer: str) -> Any:
    given = page.post(f"{own}/resume", data=answer or {"consent_privacy": "yes"})
    office.settle()
    return given


def pass_to(office: Office, ports: Ports) -> None:
    """Let whatever letters were written be sent, once the night is over."""
    for letter in office.ports.letters.find():
        if letter.told is not None:
            deliver(letter.told, ports)
    office.embedded.clock.turn(office.now + DAY)
    send_due(ports)


def is_consented(office: Office, case: CaseId) -> bool:
    person = office.ports.vault.get(PersonId(office.case(case).person), reader="test", reason="test")
    assert person is not None
    return person.consents["privacy"]


def is_stopped(office: Office, case: CaseId) -> bool:
    return restriction_of(PersonId(office.case(case).person), office.ports).is_stopped


# ---- asked first


def test_one_click_says_what_follows_and_withdraws_nothing(
    office: Office, page: FlaskClient, own: str, case: CaseId
) -> None:
    answer = ask(office, page, own, "withdraw_consent", consent="privacy")

    assert (answer.status_code, path_of(answer.headers["Location"])) == (303, f"{own}/stop?lang=ko")
    assert (requests(office), is_consented(office, case)) == ([], True)


@on("lang", ["ko", "en"])
def test_the_page_says_what_follows_and_what_else_there_is(page: FlaskClient, own: str, lang: str) -> None:
    shown = page.get(f"{own}/stop?lang={lang}")
    said = words_of(shown)

    follows = {
        "ko": ("메일을 보내지 않습니다", "결과도 메일로 알려 드리지 않습니다", "신청은 그대로 남습니다", "다시 동의"),
        "en": (
            "No letters",
            "The result does not come by mail",
            "Your application or registration stays",
            "Consent again",
        ),
    }[lang]
    assert [words for words in follows if words not in said] == []
    assert 'name="is_sure" value="yes"' in shown.text
    assert f"{LINKS.portal_url}/withdrawals/" in shown.text
    assert f'href="{own}?lang={lang}#erase"' in shown.text


def test_another_consent_is_withdrawn_by_one_click(office: Office, page: FlaskClient, own: str) -> None:
    ask(office, page, own, "withdraw_consent", consent="third_party")

    assert [each.right for each in requests(office)] == [Right.WITHDRAW_CONSENT]


# ---- while it is stopped


def test_the_status_page_says_so_and_offers_no_change(office: Office, page: FlaskClient, own: str, status: str) -> None:
    withdraw(office, page, own)

    shown = page.get(status)

    assert "개인정보 처리에 대한 동의를 철회하셨습니다" in words_of(shown)
    assert "/edit" not in shown.text
    assert "고칠 수 있" not in words_of(shown)
    assert 'name="to" value="resume"' in shown.text


def test_a_change_is_refused_with_what_was_typed(
    office: Office, page: FlaskClient, form: Form, own: str, case: CaseId
) -> None:
    link = LINKS.token("status", case)
    token = token_on(page.get(f"/status/{link}/edit"))
    withdraw(office, page, own)

    opened = page.get(f"/status/{link}/edit")
    sent = form.send(token, link=link, motivation="늦게 떠오른 생각")

    assert (opened.status_code, "동의를 철회" in words_of(opened)) == (409, True)
    assert f"/status/{link}?lang=ko" in opened.text
    assert (sent.status_code, "늦게 떠오른 생각" in sent.text) == (409, True)
    assert "동의를 철회" in words_of(sent)
    assert [entry.message.type for entry in office.entries(case)] == ["ApplicationSubmitted"]


def test_a_letter_that_was_written_waits_for_the_person_and_not_for_staff(
    office: Office, page: FlaskClient, own: str, case: CaseId
) -> None:
    ports = with_post(office.ports, mail=(mail := Hand()))
    withdraw(office, page, own)
    pass_to(office, ports)

    (letter,) = [each for each in office.letters(case) if each.notice == "ApplicationReceived"]

    assert (letter.state, letter.failure, letter.leaves_at) == (LetterState.RELEASED, "no_consent", None)
    assert "ApplicationReceived" not in [parcel.letter.notice for parcel in mail.parcels]


def test_the_pages_of_an_offer_and_of_learning_say_so_too(tmp_path: Path) -> None:
    embedded = Embedded(tmp_path / "other.db", links=LINKS)
    office = Office(embedded)
    (case,) = office.recruit(1)
    site = make_site(Room(office.ports, LINKS, seconds=office.now.timestamp)).test_client()
    stop = Restriction(id="r1", about=office.case(case).person, at=office.now, is_without_consent=True)

    before = site.get(f"/offers/{LINKS.token('offer', case)}").text
    office.ports.register.add(stop)
    offer = site.get(f"/offers/{LINKS.token('offer', case)}").text
    office.accept(case)
    learning = site.get(f"/learning/{LINKS.token('learning', office.enrolment_of(case))}").text
    embedded.close()

    assert ["메일을 보내지 않고 있습니다" in page for page in (before, offer, learning)] == [False, True, True]
    assert f'action="/status/{LINKS.token("status", case)}/own?lang=ko"' in offer


# ---- given again


def test_the_status_page_leads_to_the_consent_in_its_own_words(
    office: Office, page: FlaskClient, own: str, status: str
) -> None:
    withdraw(office, page, own)

    entered = page.post(f"{status}/own", data={"to": "resume"})
    shown = page.get(path_of(entered.headers["Location"]))

    assert re.fullmatch(r"/own/[^/]+/resume\?lang=ko", path_of(entered.headers["Location"]))
    assert "지원서를 접수하고 심사하며 결과를 알려 드리기 위해" in words_of(shown)


@on("answer", [{"consent_privacy": "no"}, {"x": "1"}])
def test_without_a_yes_it_stays_stopped(
    office: Office, page: FlaskClient, own: str, case: CaseId, answer: dict[str, str]
) -> None:
    withdraw(office, page, own)

    given = give_again(office, page, own, **answer)

    assert (given.status_code, 'id="summary"' in given.text) == (422, True)
    assert (is_consented(office, case), is_stopped(office, case)) == (False, True)


def test_given_again_it_goes_on_and_both_answers_stay_on_record(
    office: Office, page: FlaskClient, own: str, status: str, case: CaseId
) -> None:
    withdraw(office, page, own)

    given, again = give_again(office, page, own), give_again(office, page, own)

    assert (given.status_code, path_of(given.headers["Location"])) == (303, f"{own}?said=resumed&lang=ko")
    assert again.status_code == 303
    assert (is_consented(office, case), is_stopped(office, case)) == (True, False)
    person = office.ports.vault.get(PersonId(office.case(case).person), reader="test", reason="test")
    assert person is not None
    records = [record for record in person.consent_records if record.item == "privacy@1"]
    assert [record.is_given for record in records] == [True, False, True]
    assert len({record.text_hash for record in records}) == 1
    assert "/edit" in page.get(status).text
    assert "메일을 다시 보내 드립니다" in words_of(page.get(path_of(given.headers["Location"])))


def test_what_had_been_written_leaves_then_and_what_came_meanwhile_was_never_written(
    office: Office, page: FlaskClient, own: str, case: CaseId
) -> None:
    ports = with_post(office.ports, mail=(mail := Hand()))
    withdraw(office, page, own)
    pass_to(office, ports)
    office.withdraw(case)
    meanwhile = {each.notice for each in office.letters(case)}
    site = make_site(Room(ports, LINKS, Buckets(lambda: 0.0, burst=1_000_000), office.now.timestamp))
    link = path_of(LINKS.to("own", office.case(case).person, until=office.now + HOUR))

    give_again(office, site.test_client(), link)
    pass_to(office, ports)

    assert "ApplicationReceived" in [parcel.letter.notice for parcel in mail.parcels]
    assert meanwhile == {"ApplicationReceived", "DataRequestDone"}


def test_letters_are_written_again_afterwards(office: Office, page: FlaskClient, own: str, case: CaseId) -> None:
    withdraw(office, page, own)
    give_again(office, page, own)

    office.withdraw(case)

    assert "WithdrawalReceived" in {each.notice for each in office.letters(case)}


def test_it_can_be_withdrawn_and_given_as_often_as_one_likes_at_one_instant(
    office: Office, page: FlaskClient, own: str, case: CaseId
) -> None:
    for turn in range(3):
        ask(office, page, own, "withdraw_consent", consent="privacy", is_sure="yes", nonce=f"turn-number-{turn}")
        assert (is_consented(office, case), is_stopped(office, case)) == (False, True)
        give_again(office, page, own)
        assert (is_consented(office, case), is_stopped(office, case)) == (True, False)


def test_a_form_with_the_consent_that_comes_by_another_door_lets_it_go_on(
    office: Office, page: FlaskClient, own: str, case: CaseId
) -> None:
    sent_before = office.now
    office.until(office.now + HOUR)
    withdraw(office, page, own)
    office.until(office.now + HOUR)
    form = a_form(1, name=FILLED["name"], email=FILLED["email"], phone="+821024681357")

    submit_application(form, ROUND, Origin("form:tally", "late", sent_before), key=KEY, ports=office.ports)
    late = (is_consented(office, case), is_stopped(office, case))
    submit_application(form, ROUND, Origin("form:tally", "anew", office.now), key=KEY, ports=office.ports)

    assert late == (False, True)
    assert (is_consented(office, case), is_stopped(office, case)) == (True, False)


def test_whoever_objected_is_told_whom_to_ask_and_gives_no_consent_again(
    office: Office, page: FlaskClient, own: str, status: str, case: CaseId
) -> None:
    person = PersonId(office.case(case).person)
    office.ports.register.add(Restriction(id="r1", about=person, at=office.now, is_suspended=True))

    shown, resumed = page.get(status), page.get(f"{own}/resume")

    assert "요구하신 대로 개인정보 이용을 멈췄습니다" in words_of(shown)
    assert 'value="resume"' not in shown.text
    assert (resumed.status_code, path_of(resumed.headers["Location"])) == (303, f"{own}?lang=ko")


def test_giving_the_consent_again_lifts_no_objection(office: Office, page: FlaskClient, own: str, case: CaseId) -> None:
    person = PersonId(office.case(case).person)
    office.ports.register.add(Restriction(id="r1", about=person, at=office.now, is_suspended=True))
    withdraw(office, page, own)

    give_again(office, page, own)

    found = restriction_of(person, office.ports)
    assert (found.is_without_consent, found.is_suspended) == (False, True)


def test_with_nothing_to_stop_or_to_give_again_the_pages_lead_back(office: Office, page: FlaskClient, own: str) -> None:
    resume = page.get(f"{own}/resume")
    withdraw(office, page, own)
    stop = page.get(f"{own}/stop")

    assert [(each.status_code, path_of(each.headers["Location"])) for each in (resume, stop)] == [
        (303, f"{own}?lang=ko"),
        (303, f"{own}?lang=ko"),
    ]


def test_the_links_of_the_pages_end_with_the_hour(office: Office, page: FlaskClient, own: str) -> None:
    office.until(office.now + 2 * DAY)

    assert [page.get(f"{own}/{name}").status_code for name in ("stop", "resume")] == [410, 410]
