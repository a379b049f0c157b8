"""Alimtalk and short messages, by a real dealer over HTTP."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from functions.adapters.dealer.dealer_api import DealerApi
from functions.adapters.dealer.message_channels import AlimtalkChannel, TextChannel
from functions.post.settings import Dealer
from functions.post.short_texts import ShortTexts
from functions.stack.arrived import kept
from functions.stack.message_dealer import PHONE, PROFILE, MessageDealer
from schemas.letters import Letter, LetterState
from schemas.messages import Notice
from tests.support.cohort import CALENDAR, DAY, kst
from tests.support.post import PERSON, a_notice, a_person
from workflows.runtime.errors import Unavailable, Undeliverable
from workflows.runtime.post_ports import Parcel

SECRET = "whsec_" + "c2VjcmV0" * 4
UNTIL = (CALENDAR.results_at + 2 * DAY).isoformat()
EXPIRING = a_notice("OfferExpiring", answer_by=UNTIL)
PROLONGED = a_notice("OfferProlonged", answer_by=UNTIL)
LOW = a_notice("AttendanceLow", attendance=0.625)


@pytest.fixture
def dealer(tmp_path: Path) -> Iterator[MessageDealer]:
    made = MessageDealer(tmp_path / "messages", reports_to="http://127.0.0.1:9/", secret=SECRET, report_seconds=-1)
    with made as running:
        yield running


@pytest.fixture
def api(dealer: MessageDealer) -> DealerApi:
    return DealerApi(Dealer(**dealer.settings()))


def a_parcel(
    notice: Notice, *, to: str = "+821077770001", reference: str = "letter1.alimtalk.0", **changed: Any
) -> Parcel:
    given: dict[str, Any] = {
        "id": "letter1",
        "person": PERSON,
        "case": notice.case,
        "notice": notice.type,
        "locale": "ko",
        "subject": "응답 기한 안내",
        "body": "...",
        "state": LetterState.SENDING,
        "written_at": CALENDAR.results_at,
        "told": notice,
        **changed,
    }
    return Parcel(letter=Letter(**given), person=a_person(contact=to), reference=reference, at=kst("2027-04-02 10:00"))


def test_an_alimtalk_is_its_template_word_for_word_with_the_facts_in_it(api: DealerApi, tmp_path: Path) -> None:
    AlimtalkChannel(api, ShortTexts()).send(a_parcel(EXPIRING))

    (message,) = kept(tmp_path / "messages")
    assert {name: message[name] for name in ("channel", "reference", "to", "profile", "template", "variables")} == {
        "channel": "alimtalk",
        "reference": "letter1.alimtalk.0",
        "to": "+821077770001",
        "profile": PROFILE,
        "template": "sadari_offer_expiring_1",
        "variables": {"이름": "김지원", "응답기한": "2027년 4월 4일 (일) 10:00 (한국 시간)"},
    }
    assert "김지원 님, 합격 제안에 아직" in message["text"]
    assert "응답 기한: 2027년 4월 4일 (일) 10:00 (한국 시간)까지" in message["text"]
    assert "#{" not in message["text"]


@pytest.mark.parametrize(
    ("parcel", "reason"),
    [
        (a_parcel(LOW), "template_draft: sadari_attendance_low_1"),
        (a_parcel(PROLONGED), "template_submitted: sadari_offer_prolonged_1"),
        (a_parcel(EXPIRING, locale="en"), "template_draft: sadari_offer_expiring_en_1"),
        (a_parcel(a_notice()), "no_short_text"),
        (a_parcel(EXPIRING, told=None), "no_short_text"),
        (a_parcel(EXPIRING, subject="(광고) 취업 박람회"), "advertising"),
        (a_parcel(EXPIRING, to=""), "no_mobile"),
        (a_parcel(EXPIRING, to="+821077770099"), "dealer_no_such_number"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_an_alimtalk_that_may_not_leave_is_refused(api: DealerApi, tmp_path: Path, parcel: Parcel, reason: str) -> None:
    with pytest.raises(Undeliverable) as error:
        AlimtalkChannel(api, ShortTexts()).send(parcel)

    assert error.value.detail == reason
    assert kept(tmp_path / "messages") == []


def test_a_text_needs_no_approval_and_only_a_long_one_has_a_title(api: DealerApi, tmp_path: Path) -> None:
    for notice in (LOW, EXPIRING):
        TextChannel(api, ShortTexts()).send(a_parcel(notice, reference=f"{notice.type}.sms.0"))

    low, expiring = kept(tmp_path / "messages")
    assert (low["channel"], low["from"], "title" in low) == ("sms", PHONE, False)
    assert "출석률은 62%입니다" in low["text"]
    assert (expiring["channel"], expiring["title"]) == ("lms", "응답 기한 안내")


def test_a_repeat_under_the_same_reference_is_one_message(api: DealerApi, tmp_path: Path) -> None:
    for _ in range(3):
        AlimtalkChannel(api, ShortTexts()).send(a_parcel(EXPIRING))

    assert len(kept(tmp_path / "messages")) == 1


def test_the_dealer_takes_no_text_that_is_not_the_approved_one(api: DealerApi) -> None:
    given = {"reference": "x", "channel": "alimtalk", "to": "+821077770001", "profile": PROFILE}

    with pytest.raises(Undeliverable, match="dealer_template_differs"):
        api.send({**given, "template": "sadari_offer_expiring_1", "text": "안녕하세요", "variables": {}})
    with pytest.raises(Undeliverable, match="dealer_template_unknown"):
        api.send({**given, "template": "sadari_attendance_low_1", "text": "안녕하세요", "variables": {}})


# ---- a dealer that does not behave


@pytest.fixture
def broken() -> Iterator[Callable[[int, bytes], DealerApi]]:
    """A dealer that answers as it is told."""
    servers = []

    def answering(status: int, body: bytes) -> DealerApi:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        url = f"http://127.0.0.1:{server.server_port}"
        return DealerApi(Dealer(url=url, key="k", profile="p", phone="+8210", secret=SECRET))

    yield answering
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 429, 500, 502, 503])
def test_any_answer_but_taken_and_refused_is_tried_again(
    broken: Callable[[int, bytes], DealerApi], status: int
) -> None:
    with pytest.raises(Unavailable) as error:
        broken(status, b"{}").send({})

    assert error.value.detail == f"dealer_{status}"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error": "blocked_user"}', "blocked_user"),
        (json.dumps({"error": "to +821077770001: no"}).encode(), "refused"),
        (b'{"error": "821077770001"}', "refused"),
        (b'{"error": ["x"]}', "refused"),
        (b"[]", "refused"),
        (b"<html>", "refused"),
        (b"\xff", "refused"),
    ],
)
def test_a_refusal_is_told_by_its_code_and_never_by_what_was_sent(
    broken: Callable[[int, bytes], DealerApi], body: bytes, code: str
) -> None:
    with pytest.raises(Undeliverable) as error:
        broken(422, body).send({})

    assert error.value.detail == f"dealer_{code}"


def test_nobody_who_listens_is_tried_again() -> None:
    with pytest.raises(Unavailable, match="dealer_NewConnectionError"):
        DealerApi(Dealer(url="http://127.0.0.1:9", key="k", profile="p", phone="+8210", secret=SECRET)).send({})
