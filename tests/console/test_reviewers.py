"""Naming reviewers by page: ticked, or from a file; all of them or nobody."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.embedded import Embedded
from schemas.ids import CaseId
from schemas.reviewers import Reviewer
from schemas.staff import Grant, Member
from tests.console.browsing import CLOSED, PUBLISHED, ROUND, send, words_of
from workflows.runtime.rank import round_of

SignIn = Callable[..., FlaskClient]
PATH = f"/rounds/{ROUND}/reviewers"


def staff(store: Embedded, *names: str) -> None:
    for name in names:
        member = Member(id=name, email=f"{name}@jnu.ac.kr", name="강심사", grants=(Grant(role="reviewer"),))
        store.staff_ports.members.put(member)


def pool(store: Embedded) -> tuple[str, list[Reviewer]]:
    store.worker.drain()
    case, round_ = round_of(CaseId(ROUND), store.ports)
    return case.stage, [] if round_.pool is None else list(round_.pool.document.reviewers)


def sent(browser: FlaskClient, text: str) -> Any:
    return send(browser, PATH, file=(io.BytesIO(text.encode()), "reviewers.csv"))


@pytest.mark.parametrize("console_store", [CLOSED], indirect=True)
class TestWhileTheRoundTakesThem:
    def test_those_who_are_ticked_are_named_and_screening_begins(
        self, client_as: SignIn, console_store: Embedded
    ) -> None:
        staff(console_store, "kang", "han")
        browser = client_as("operator")

        page = browser.get(PATH)
        form = {"reviewer": ["kang"], "email_domain.kang": "jnu.ac.kr", "load_max.kang": "12", "university.han": "x"}
        answer = send(browser, PATH, **form)

        assert 'value="jnu.ac.kr"' in page.text
        assert answer.status_code == 303
        assert pool(console_store) == ("screening", [Reviewer(id="kang", email_domain="jnu.ac.kr", load_max=12)])
        assert "1 reviewers are named" in words_of(browser.get(answer.location))
        assert 'value="kang" checked' in browser.get(PATH).text

    def test_a_file_names_them_as_the_command_does(self, client_as: SignIn, console_store: Embedded) -> None:
        staff(console_store, "kang", "han")

        answer = sent(client_as("operator"), "id,university\nkang,전남대학교\nhan,\n")

        assert answer.status_code == 303
        named = [Reviewer(id="kang", university="전남대학교"), Reviewer(id="han")]
        assert pool(console_store) == ("screening", named)

    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"reviewer": ["kang"], "load_max.kang": "many"},
            {"reviewer": ["kang"], "email_domain.kang": "a@b"},
            {"reviewer": ["kang"], "related.kang": "nobody-of-this-round"},
            {"reviewer": ["kang"], "department.kang": "a\u202eb"},
            {"reviewer": ["k m"]},
        ],
    )
    def test_what_is_wrong_is_said_nobody_is_named_and_nothing_typed_is_lost(
        self, client_as: SignIn, console_store: Embedded, form: dict[str, Any]
    ) -> None:
        staff(console_store, "kang")
        before = pool(console_store)

        answer = send(client_as("operator"), PATH, **{"university.kang": "typed before", **form})

        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert 'value="typed before"' in answer.text
        assert pool(console_store) == before

    @pytest.mark.parametrize("text", ["", "name\nkang\n", "id,load_max\nkang,1\nhan,many\n", "id\nkang\nkang\n"])
    def test_a_file_is_taken_whole_or_not_at_all(self, client_as: SignIn, console_store: Embedded, text: str) -> None:
        before = pool(console_store)

        answer = sent(client_as("operator"), text)

        assert answer.status_code == 422
        assert pool(console_store) == before

    @pytest.mark.parametrize("rows", ["id\nrev-x\n", "id\nkang\nkim\n", "id\nkang\nleft\n"])
    def test_whoever_is_no_reviewer_on_the_staff_is_refused_by_name(
        self, client_as: SignIn, console_store: Embedded, rows: str
    ) -> None:
        staff(console_store, "kang", "left")
        members, browser = console_store.staff_ports.members, client_as("operator", as_id="kim")
        gone = members.get("left")
        assert gone is not None
        members.put(gone.model_copy(update={"is_disabled": True}))
        before = pool(console_store)

        answer = sent(browser, rows)

        assert answer.status_code == 422
        who = rows.rsplit(maxsplit=1)[-1]
        said = words_of(answer).replace("강심사", who)
        assert f"{who}: This is no member of staff who may review in this round" in said
        assert pool(console_store) == before

    def test_a_file_that_is_only_checked_names_nobody_and_fills_in_the_form(
        self, client_as: SignIn, console_store: Embedded
    ) -> None:
        staff(console_store, "kang", "han")
        before, browser = pool(console_store), client_as("operator")

        answer = send(
            browser, PATH, file=(io.BytesIO("id,university\nkang,전남대\n".encode()), "reviewers.csv"), do="check"
        )

        assert answer.status_code == 200
        assert "1 reviewers could be named; nobody is named yet" in words_of(answer)
        assert 'value="kang" checked' in answer.text
        assert 'value="han" checked' not in answer.text
        assert 'value="전남대"' in answer.text
        assert pool(console_store) == before

    def test_a_round_out_of_reach_is_not_there(self, client_as: SignIn) -> None:
        assert client_as("operator", cohort="another").get(PATH).status_code == 404


@pytest.mark.parametrize("console_store", [PUBLISHED], indirect=True)
def test_a_round_that_is_past_screening_takes_none(client_as: SignIn, console_store: Embedded) -> None:
    browser = client_as("operator")
    before = pool(console_store)

    assert send(browser, PATH, reviewer=["kang"]).status_code == 409
    assert "Reviewers are named after the close" in words_of(browser.get(PATH))
    assert pool(console_store) == before


@pytest.mark.parametrize("console_store", [CLOSED], indirect=True)
def test_a_form_from_before_others_were_named_replaces_nobody_unseen(
    client_as: SignIn, console_store: Embedded
) -> None:
    staff(console_store, "kang", "han")
    browser = client_as("operator")
    seen = re.findall(r'name="seen" value="(\w*)"', browser.get(PATH).text)
    send(browser, PATH, reviewer=["kang"])
    console_store.worker.drain()

    answer = send(browser, PATH, reviewer=["han"], seen=seen[0], **{"load_max.han": "7"})

    assert (seen, answer.status_code) == (["", ""], 409)
    assert "replaces those named now: kang" in words_of(answer)
    assert 'value="han" checked' in answer.text
    assert 'value="7"' in answer.text
    assert [each.id for each in pool(console_store)[1]] == ["kang"]
    again = re.findall(r'name="seen" value="(\w*)"', answer.text)[0]
    assert send(browser, PATH, reviewer=["han"], seen=again).status_code == 303


@pytest.mark.parametrize("console_store", [CLOSED], indirect=True)
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "파일이 비어 있습니다."),
        (b"name,phone\n1,2\n", "제목 줄에 없는 열: &#39;id&#39;. 받지 않는 열(순서): 1, 2."),
        (b"PK\x03\x04", "스프레드시트 파일입니다."),
        (b"id\n\xff\xff\n", "UTF-8도 CP949도 아닙니다."),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_korean(
    client_as: SignIn, console_store: Embedded, body: bytes, said: str
) -> None:
    browser, members = client_as("operator", as_id="kim"), console_store.staff_ports.members
    member = members.get("kim")
    assert member is not None
    members.put(member.model_copy(update={"locale": "ko"}))

    answer = send(browser, PATH, file=(io.BytesIO(body), "reviewers.csv"))

    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize("console_store", [CLOSED], indirect=True)
@pytest.mark.parametrize("do", ["check", "name"])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("id,load_max\nkang,abc\n", "2 행: 최대 건수 정수로 적어 주십시오."),
        ("id,related\nkang,nobody\n", "이 회차에 없는 지원 건이나 사람입니다: nobody"),
        ("id,related\nkang,a@b\n", "2 행: 관계 있는 지원 건 1번째에"),
        ("id,email_domain\nkang,a@b\n", "2 행: 메일 도메인"),
        ("id\nkang\nkang\n", "2 행: id 2개 행에 있습니다."),
        ("id,university\nkang\n", "2 행: 칸이 1개인데 제목 줄은 2개입니다."),
        ("id\nk@ng\n", "2 행: id"),
        ("id\nrev-x\n", "rev-x: 이 회차를 심사할 수 있는 직원이 아닙니다."),
        ("id\n", "아무도 적혀 있지 않습니다."),
        ("id,university\nkang,a\u202eb\n", "2 행: 대학 글의 방향을 바꾸는"),
        (f"id,university\nkang,{'x' * 10_001}\n", "2 행: 대학 10000자를 넘습니다."),
    ],
)
def test_what_is_wrong_with_a_row_is_said_in_korean_and_those_who_are_named_stay(
    client_as: SignIn, console_store: Embedded, body: str, said: str, do: str
) -> None:
    staff(console_store, "kang")
    browser, members = client_as("operator", as_id="kim"), console_store.staff_ports.members
    member = members.get("kim")
    assert member is not None
    members.put(member.model_copy(update={"locale": "ko"}))
    before = pool(console_store)

    answer = send(browser, PATH, file=(io.BytesIO(body.encode()), "reviewers.csv"), do=do)

    assert answer.status_code == 422
    assert said in words_of(answer)
    assert pool(console_store) == before
