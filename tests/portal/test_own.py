"""A person's own data: seen, taken along, and every right asked for from the page."""

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas.data_request import DataRequest, Right
from schemas.ids import CaseId, PersonId
from schemas.letters import LetterState
from tests.portal.conftest import LINKS, path_of, words_of
from tests.support.cohort import HOUR
from tests.support.office import Office


@pytest.fixture
def case(office: Office) -> CaseId:
    return office.hand_in(1, consent_third_party=True, motivation="사다리를 오르고 싶습니다.")


@pytest.fixture
def own(page: FlaskClient, case: CaseId) -> str:
    """The path of the page, as its person comes there."""
    entered = page.post(f"/status/{LINKS.token('status', case)}/own", data={"x": "1"})
    assert entered.status_code == 303
    return path_of(entered.headers["Location"]).partition("?")[0]


def ask(office: Office, page: FlaskClient, path: str, act: str, **form: str) -> Any:
    answer = page.post(path, data={"act": act, "nonce": f"nonce-of-{act}", **form})
    office.settle()
    return answer


def requests(office: Office) -> list[DataRequest]:
    return [DataRequest.model_validate_json(case.subject) for case in office.ports.cases.find(workflow="data_request")]


def test_the_page_says_in_words_everything_that_is_kept(page: FlaskClient, own: str) -> None:
    shown = page.get(own)

    said = words_of(shown)
    assert all(f'value="{value}"' in shown.text for value in ("김지원1", "applicant1@example.org", "+821077770001"))
    assert "사다리를 오르고 싶습니다." in shown.text
    assert "개인정보 제3자 제공 동의: 동의함" in said
    assert "개인정보 안내 2027-03" in said
    assert "지원서가 접수되었습니다" in said
    assert "내 정보를 본 기록" in said
    assert "메일을 쓰기 위해" in said


def test_the_page_shows_the_answers_that_lie_with_the_application(page: FlaskClient, own: str) -> None:
    said = words_of(page.get(own))

    assert "<h3>지원: 접수됨</h3>" in page.get(own).text
    assert "대학교 전남대학교" in said
    assert "현재 대학에 재학 또는 휴학 중입니까? 예" in said


def test_a_letter_that_waits_for_the_morning_is_not_called_sent(office: Office, page: FlaskClient, own: str) -> None:
    (letter,) = office.ports.letters.find()
    assert letter.state is LetterState.RELEASED

    assert "지원서가 접수되었습니다 (아직 보내지 않았습니다)" in words_of(page.get(own))

    office.ports.letters.move(letter.id, expected=LetterState.RELEASED, to=LetterState.SENT)

    assert "아직 보내지 않았습니다" not in words_of(page.get(own))


@pytest.mark.parametrize(
    ("act", "label"), [("erase", "위 내용을 읽었으며 지우기를 원합니다."), ("suspend", "이유 (선택)")]
)
def test_the_summary_names_the_field_of_a_fault(
    office: Office, page: FlaskClient, own: str, act: str, label: str
) -> None:
    answer = ask(office, page, own, act, why="900101-1234567")

    assert re.search(rf'<a href="#f-\w+">{re.escape(label)}</a>: ', answer.text)


def test_it_can_be_taken_along_as_tables_and_as_json(office: Office, page: FlaskClient, own: str) -> None:
    asked = ask(office, page, own, "see")
    packed = zipfile.ZipFile(io.BytesIO(page.get(path_of(asked.headers["Location"])).data))
    alone = page.get(f"{own}/data.json")

    tables = ["answers.csv", "cases.csv", "letters.csv", "looked_at.csv"]
    assert sorted(packed.namelist()) == [*tables, "my-data.json", "person.csv"]
    assert '"university","전남대학교"' in packed.read("answers.csv").decode()
    assert "김지원1" in packed.read("person.csv").decode()
    assert json.loads(alone.data)["person"]["email"] == "applicant1@example.org"
    assert alone.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert [each.right for each in requests(office)] == [Right.SEE]


def test_a_correction_says_what_differs_and_nothing_else(office: Office, page: FlaskClient, own: str) -> None:
    kept = {"name": "김지원1", "contact": "+821077770001", "department": "컴퓨터정보통신공학과"}

    answer = ask(office, page, own, "correct", **kept, email="New@Example.org")

    assert answer.status_code == 303
    (request,) = requests(office)
    text = office.ports.vault.get_text(request.details, reader="test", reason="test")
    assert json.loads(text or "{}")["changes"] == {"email": "new@example.org"}
    assert "정정" in words_of(page.get(own))


@pytest.mark.parametrize(
    ("act", "form", "fault"),
    [
        ("correct", {}, "changes"),
        ("correct", {"email": "x"}, "fault-email"),
        ("correct", {"contact": "112"}, "fault-contact"),
        ("correct", {"motivation": "900101-1234567"}, "fault-motivation"),
        ("erase", {}, "fault-is_sure"),
        ("suspend", {"why": "900101-1234567"}, "fault-why"),
        ("withdraw_consent", {}, "철회할 동의"),
        ("withdraw_consent", {"consent": "made_up"}, "받은 적이 없는"),
    ],
)
def test_a_request_with_a_fault_is_given_back_and_opens_nothing(
    office: Office, page: FlaskClient, own: str, act: str, form: dict[str, str], fault: str
) -> None:
    answer = ask(office, page, own, act, **form)

    assert answer.status_code == 422
    assert fault in answer.text or fault == "changes"
    assert 'id="summary"' in answer.text
    assert requests(office) == []


@pytest.mark.parametrize(
    ("act", "form", "right"),
    [
        ("erase", {"is_sure": "yes"}, Right.ERASE),
        ("withdraw_consent", {"consent": "third_party"}, Right.WITHDRAW_CONSENT),
        ("suspend", {"why": "협력 기관에 보내지 말아 주십시오."}, Right.SUSPEND),
    ],
)
def test_every_right_opens_a_request_with_its_ten_days_once(
    office: Office, page: FlaskClient, own: str, act: str, form: dict[str, str], right: Right
) -> None:
    first, again = ask(office, page, own, act, **form), ask(office, page, own, act, **form)

    assert (first.status_code, again.status_code) == (303, 303)
    (request,) = requests(office)
    assert (request.right, request.is_proven) == (right, True)
    assert "10일 안에" in words_of(page.get(own))


def test_two_wishes_from_one_page_that_was_gone_back_to_are_two_requests(
    office: Office, page: FlaskClient, own: str
) -> None:
    for consent in ("third_party", "privacy", "privacy"):
        ask(office, page, own, "withdraw_consent", consent=consent, is_sure="yes")
    for email in ("one@example.org", "two@example.org"):
        ask(office, page, own, "correct", email=email)

    assert sorted(each.consent for each in requests(office) if each.consent) == ["privacy", "third_party"]
    assert len([each for each in requests(office) if each.right is Right.CORRECT]) == 2


def test_a_request_is_taken_back(office: Office, page: FlaskClient, own: str) -> None:
    ask(office, page, own, "erase", is_sure="yes")
    (request,) = re.findall(r'name="request" value="([^"]+)"', page.get(own).text)

    ask(office, page, own, "take_back", request=request)

    assert office.stage(CaseId(request)) == "withdrawn"


def test_nobody_takes_back_somebody_elses_request(office: Office, page: FlaskClient, own: str) -> None:
    other = office.hand_in(2)
    link = LINKS.to("own", office.case(other).person, until=office.now + HOUR)
    ask(office, page, path_of(link), "erase", is_sure="yes")
    (request,) = office.ports.cases.find(workflow="data_request")

    answer = ask(office, page, own, "take_back", request=request.id)

    assert answer.status_code == 404
    assert office.stage(request.id) == "in_progress"


def test_the_address_is_good_for_an_hour(office: Office, page: FlaskClient, own: str) -> None:
    office.until(office.now + HOUR + timedelta(seconds=1))

    for path in (own, f"{own}/data.json", f"{own}/data.zip"):
        assert page.get(path).status_code == 410


def test_of_whoever_was_erased_nothing_is_shown(office: Office, page: FlaskClient, own: str, case: CaseId) -> None:
    office.ports.vault.erase(PersonId(office.case(case).person))

    assert "보관된 정보가 없습니다" in words_of(page.get(own))
    assert page.get(f"{own}/data.json").status_code == 410


def test_no_link_of_another_purpose_leads_there(page: FlaskClient, case: CaseId) -> None:
    assert page.get(f"/own/{LINKS.token('status', case)}").status_code == 404
    assert page.post(f"/offer/{LINKS.token('offer', case)}/own", data={"x": "1"}).status_code == 404
    assert page.post(f"/status/{LINKS.token('offer', case)}/own", data={"x": "1"}).status_code == 404
