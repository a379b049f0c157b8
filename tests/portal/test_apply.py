"""The form on its page: judged, saved, taken in once, changed, and never lost."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas.events.round import RoundPlanned
from schemas.ids import CaseId, PersonId
from tests.corpus.rows import made, rows
from tests.portal.conftest import FILLED, LINKS, Form, link_in, path_of, token_on, words_of
from tests.support.cohort import CALENDAR, DAY, HOUR, TERMS
from tests.support.office import OPERATOR, ROUND, Office

Dump = Callable[[], Any]


def applications(office: Office) -> list[Any]:
    return list(office.ports.cases.find(workflow="application"))


def person_of(office: Office) -> Any:
    (case,) = applications(office)
    return office.ports.vault.get(PersonId(case.person), reader="test", reason="test")


# ---- taken in


def test_a_form_is_taken_in_with_a_receipt_and_a_link_to_its_status(office: Office, form: Form) -> None:
    answer = form.send()

    assert (answer.status_code, len(applications(office))) == (303, 1)
    receipt = form.page.get(answer.headers["Location"])
    assert "접수했습니다" in words_of(receipt)
    link = re.search(r"https://portal.test(/status/[^<\"?]+)", receipt.text)
    assert link is not None
    assert "접수됨" in words_of(form.page.get(link.group(1)))
    assert person_of(office).consents == {"privacy": True, "third_party": False}


def test_the_receipt_that_is_mailed_carries_the_same_link(office: Office, form: Form) -> None:
    form.send()

    (case,) = applications(office)

    assert link_in(office, case.id, "ApplicationReceived", "status") == path_of(LINKS.to("status", case.id))


def test_a_double_click_is_one_application_and_one_receipt(office: Office, form: Form) -> None:
    token = form.open()

    first, second = form.send(token), form.send(token)

    assert first.headers["Location"] == second.headers["Location"]
    (case,) = applications(office)
    assert (len(office.entries(case.id)), len(office.letters(case.id))) == (1, 1)


def test_two_clicks_before_anything_is_recorded_are_one_application(office: Office, form: Form) -> None:
    data = {**FILLED, "act": "send", "token": form.open()}

    answers = [form.page.post(f"/apply/{ROUND}", data=data) for _ in range(2)]
    office.settle()

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(office.entries(applications(office)[0].id)) == 1


def test_a_second_tab_changes_nothing_and_says_so(office: Office, form: Form) -> None:
    one, other = form.open(), form.open()
    form.send(one)
    before = person_of(office)

    answer = form.send(other, motivation="다른 사람이 적은 글")

    assert answer.status_code == 409
    assert "이미 있습니다" in words_of(answer)
    assert "/status/" not in answer.text
    assert (len(applications(office)), person_of(office)) == (1, before)


def test_who_knows_a_number_cannot_turn_its_letters_to_another_address_by_another_round(
    office: Office, form: Form
) -> None:
    form.send()
    before = person_of(office)
    planned = RoundPlanned(cohort="2028", programme="p", calendar=CALENDAR, terms=TERMS)
    office.tell(CaseId("round-2"), planned, by=OPERATOR)
    office.until(office.now + HOUR)
    token = form.open("/apply/round-2")

    answers = [
        form.page.post("/apply/round-2", data={**FILLED, "token": token, "email": email})
        for email in ("thief@example.org", FILLED["email"])
    ]

    assert [answer.status_code for answer in answers] == [409, 303]
    assert person_of(office).email == before.email


def test_before_the_close_it_is_changed_from_the_status_page_as_another_version(office: Office, form: Form) -> None:
    form.send()
    (case,) = applications(office)
    path = f"{link_in(office, case.id, 'ApplicationReceived', 'status')}/edit"
    shown = form.page.get(path)
    token = form.open(path)

    answer = form.send(token, motivation="고친 동기", link=LINKS.token("status", case.id))

    assert 'value="김하늘"' in shown.text
    assert answer.status_code == 303
    assert person_of(office).answers["motivation"] == "고친 동기"
    assert [entry.message.type for entry in office.entries(case.id)] == ["ApplicationSubmitted"] * 2


def test_a_change_that_is_sent_at_once_is_not_taken_for_a_machines(office: Office, form: Form) -> None:
    form.send()
    (case,) = applications(office)
    link = LINKS.token("status", case.id)
    token = token_on(form.page.get(f"/status/{link}/edit"))

    answer = form.send(token, motivation="고친 동기", link=link)

    assert answer.status_code == 303
    assert person_of(office).answers["motivation"] == "고친 동기"
    assert list(office.ports.quarantine.find()) == []


def test_a_change_cannot_make_it_somebody_elses(office: Office, form: Form) -> None:
    form.send()
    (case,) = applications(office)

    answer = form.send(phone="010-8765-4321", link=LINKS.token("status", case.id))

    assert answer.status_code == 422
    assert "바꿀 수 없습니다" in words_of(answer)
    assert len(applications(office)) == 1


def test_consents_are_asked_one_by_one_with_none_chosen_and_no_button_for_all(form: Form) -> None:
    shown = form.page.get(f"/apply/{ROUND}").text

    assert shown.count('<fieldset class="consent">') == 2
    assert " checked" not in shown
    assert "모두 동의" not in shown


def test_refusing_what_is_optional_never_blocks(office: Office, form: Form) -> None:
    assert form.send(consent_third_party="no").status_code == 303
    assert form.send(phone="010-8765-4321", consent_third_party=None).status_code == 303
    assert len(applications(office)) == 2


# ---- refused


def test_all_faults_come_at_once_beside_their_fields_and_nothing_typed_is_lost(form: Form) -> None:
    answer = form.send(name="", email="x", phone="112", is_enrolled=None, consent_privacy="no", motivation="오래 쓴 글")

    assert answer.status_code == 422
    for name in ("name", "email", "phone", "is_enrolled", "consent_privacy"):
        assert f'<a href="#f-{name}">' in answer.text
        assert f'id="fault-{name}"' in answer.text
        assert re.search(rf'name="{name}"[^>]*aria-describedby="[^"]*fault-{name}', answer.text), name
    assert 'value="112"' in answer.text
    assert "오래 쓴 글" in answer.text
    assert '<div class="summary" id="summary" tabindex="-1" autofocus role="alert"' in answer.text


FORM_ROWS = [
    row
    for row in rows("applications")
    if row.values[0]["status"] in {202, 422}
    and not row.values[0].get("drop")
    and all(
        isinstance(made(value), str) and "\ud800" not in made(value) for value in row.values[0].get("set", {}).values()
    )
    and set(row.values[0].get("set", {})) <= set(FILLED)
]


@pytest.mark.parametrize("row", FORM_ROWS)
def test_the_page_takes_or_refuses_what_the_corpus_says_and_keeps_nothing_of_what_it_refuses(
    office: Office, form: Form, dump: Dump, row: dict[str, Any]
) -> None:
    before = dump()

    answer = form.send(**made(row.get("set", {})))

    taken = row["status"] == 202
    assert answer.status_code == (303 if taken else 422)
    assert (len(applications(office)) == 1) == taken
    assert taken or dump() == before
    for name in row.get("faults", []):
        assert f'id="fault-{name}"' in answer.text


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"token": "made.up"}, 409),
        ({"token": ""}, 409),
        ({"consent_privacy": "maybe"}, 422),
        ({"consent_privacy": None}, 422),
        ({"is_enrolled": "perhaps"}, 422),
        ({"phone": None}, 422),
        ({"name": "a\x00b"}, 422),
        ({"motivation": "가" * 4_001}, 422),
        ({"motivation": "제 번호는 900101-1234567"}, 422),
        ({"draft": "made.up"}, 404),
        ({"link": "made.up"}, 404),
    ],
)
def test_bad_input_gets_a_clear_answer_and_leaves_nothing(
    form: Form, dump: Dump, changed: dict[str, Any], status: int
) -> None:
    token = form.open()
    before = dump()

    answer = form.page.post(
        f"/apply/{ROUND}",
        data={name: value for name, value in {**FILLED, "token": token, **changed}.items() if value is not None},
    )

    assert answer.status_code == status
    assert dump() == before


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 409),
        (b"{", {"Content-Type": "application/json"}, 415),
        (b"x=1", {"Content-Type": "text/plain"}, 415),
        (b"\xff\xfe", {}, 409),
        (b"x" * (64 * 1024 + 1), {}, 413),
        (b"x" * 1000, {"Content-Encoding": "gzip"}, 415),
        (b"a=1&" * 2_000, {}, 409),
        (b"token=%FF%FE", {}, 409),
        (b"x=1", {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_body_that_is_no_form_is_refused_unread(
    form: Form, dump: Dump, body: bytes, headers: dict[str, str], status: int
) -> None:
    before = dump()
    kind = {"Content-Type": "application/x-www-form-urlencoded", **headers}

    answer = form.page.post(f"/apply/{ROUND}", data=body, headers=kind)

    assert answer.status_code == status
    assert "<main" in answer.text
    assert dump() == before


@pytest.mark.parametrize("path", ["nobody", "__x__", "a" * 65, "%F0%9F%98%80", "%ff%fe", "..", "round-1%0a", "", "x/y"])
def test_an_address_that_names_no_round_opens_nothing(page: FlaskClient, path: str) -> None:
    assert page.get(f"/apply/{path}").status_code == 404
    assert page.post(f"/apply/{path}", data=FILLED).status_code == 404


# ---- machines


@pytest.mark.parametrize(("changed", "waits"), [({"leave_this_empty": "spam"}, 5), ({}, 1)])
def test_what_only_a_machine_sends_is_laid_aside_for_staff_and_the_machine_learns_nothing(
    office: Office, form: Form, changed: dict[str, str], waits: int
) -> None:
    token = form.open()
    office.embedded.clock.turn(office.now + timedelta(seconds=waits - 5))

    answer = form.send(token, **changed)

    assert answer.status_code == 303
    assert "접수했습니다" in words_of(form.page.get(answer.headers["Location"]))
    assert applications(office) == []
    (row,) = office.ports.quarantine.find()
    assert row.reason.startswith("sent_by_a_machine")
    assert "haneul" not in row.model_dump_json()


# ---- when


def test_a_page_that_was_open_for_a_day_is_given_back_with_all_that_was_typed(office: Office, form: Form) -> None:
    token = form.open()
    office.until(office.now + DAY + HOUR)

    answer = form.send(token)

    assert answer.status_code == 409
    assert 'value="haneul@example.org"' in answer.text
    again = form.page.post(
        f"/apply/{ROUND}", data={**FILLED, "token": re.findall(r'name="token" value="([^"]+)"', answer.text)[0]}
    )
    assert again.status_code == 303


def test_before_it_opens_and_after_it_closes_the_page_says_when(office: Office, form: Form, page: FlaskClient) -> None:
    office.embedded.clock.turn(CALENDAR.applications_open - DAY)
    early = words_of(page.get(f"/apply/{ROUND}"))
    office.until(CALENDAR.applications_open + DAY)
    token = form.open()
    office.until(CALENDAR.applications_close + DAY)
    late, sent = page.get(f"/apply/{ROUND}"), form.send(token)

    assert "아직 접수 전입니다" in early
    assert "접수가 끝났습니다" in words_of(late)
    assert (sent.status_code, applications(office)) == (409, [])


# ---- drafts


def test_a_draft_is_gone_on_with_and_goes_when_it_is_sent(office: Office, form: Form) -> None:
    typed = {"name": "김하늘", "motivation": "아직 쓰는 중"}
    saved = form.page.post(f"/apply/{ROUND}", data={**typed, "token": form.open(), "act": "save"})
    (link,) = set(re.findall(r"https://portal.test(/drafts/[\w.-]+)", saved.text))

    shown = form.page.get(link)
    token = form.open(link)
    draft = re.findall(r'name="draft" value="([^"]+)"', shown.text)[0]
    sent = form.send(token, draft=draft)

    assert "아직 제출되지 않았습니다" in words_of(saved)
    assert "제출하지 않으면 2027년 4월 18일 (일)에 지웁니다" in words_of(saved)
    assert "아직 쓰는 중" in shown.text
    assert sent.status_code == 303
    assert form.page.get(link).status_code == 410
    assert len(applications(office)) == 1


def test_a_draft_is_erased_30_days_after_the_close(office: Office, form: Form) -> None:
    saved = form.page.post(f"/apply/{ROUND}", data={"name": "김하늘", "token": form.open(), "act": "save"})
    (link,) = set(re.findall(r"https://portal.test(/drafts/[\w.-]+)", saved.text))
    drafts, day = office.ports.drafts, (CALENDAR.applications_close + 30 * DAY).date()

    counts = [drafts.purge(day - timedelta(days=1)), drafts.purge(day)]

    assert counts == [0, 1]
    assert form.page.get(link).status_code == 410


def test_a_draft_keeps_no_resident_registration_number(form: Form, dump: Dump) -> None:
    token = form.open()
    before = dump()

    answer = form.page.post(f"/apply/{ROUND}", data={"motivation": "900101-1234567", "token": token, "act": "save"})

    assert answer.status_code == 422
    assert "주민등록번호" in words_of(answer)
    assert dump() == before


def test_a_link_to_a_draft_ends_when_the_draft_does(office: Office, page: FlaskClient) -> None:
    link = LINKS.to("draft", "d", until=office.now)
    office.until(office.now + HOUR)

    assert page.get(path_of(link)).status_code == 410


def test_the_form_and_its_receipt_say_the_way_in_which_a_change_is_taken(
    office: Office, page: FlaskClient, form: Form
) -> None:
    for lang in ("ko", "en"):
        shown = page.get(f"/apply/{ROUND}?lang={lang}").text
        assert "다시 제출" not in shown
        assert "send it again" not in shown

    form.send()

    (letter,) = office.ports.letters.find()
    assert "아래 주소에서 고쳐 주십시오" in letter.body
    assert "다시 제출" not in letter.body
