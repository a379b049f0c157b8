"""A dealer's report is believed if it is signed, noted once, and never answered with anything about anybody."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions import bootstrap
from functions.embedded import Embedded
from functions.forms.signature import sign
from schemas.letters import LetterState
from tests.functions.site import SECRETS, apps, environment
from tests.support.cohort import CALENDAR
from tests.support.post import Hand, a_notice, a_person, the_letter, with_post
from workflows.runtime.deliver import deliver
from workflows.runtime.send import letter_id_of, send

SECRET = "whsec_" + base64.b64encode(b"the secret of the dealer, 32 byte").decode()
DEALER = {"url": "http://127.0.0.1:9", "key": "k", "profile": "p", "phone": "+8262", "secret": SECRET}
NOTICE = a_notice()
REFERENCE = f"{letter_id_of(NOTICE)}.sms.0"
REPORT: dict[str, Any] = {"reference": REFERENCE, "is_delivered": True, "reason": "", "at": "2027-04-05T10:00:00+09:00"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Embedded]:
    """A letter was handed to the dealer."""
    embedded = Embedded(tmp_path / "reports.db")
    embedded.clock.turn(CALENDAR.results_at)
    embedded.ports.vault.put(a_person())
    ports = with_post(embedded.ports, sms=Hand())
    deliver(NOTICE, ports)
    send(letter_id_of(NOTICE), ports)
    yield embedded
    embedded.close()


@pytest.fixture
def reports(store: Embedded, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    monkeypatch.setattr(bootstrap, "_cloud", [])
    for name, value in environment(store.path, "http://127.0.0.1:9/certs").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SADARI_DEALER", json.dumps(DEALER))
    yield apps()["reports"].test_client()
    for cloud in bootstrap._cloud:
        cloud._embedded.close()


def tell(reports: FlaskClient, report: Any, secret: str = SECRET) -> Any:
    body = report if isinstance(report, bytes) else json.dumps(report).encode()
    headers = sign("r1", body, secret)
    return reports.post("/", data=body, content_type="application/json", headers=headers)


def test_a_signed_report_is_noted_and_the_same_again_changes_nothing(reports: FlaskClient, store: Embedded) -> None:
    first = tell(reports, REPORT)
    noted = the_letter(store)
    second = tell(reports, {**REPORT, "is_delivered": False})

    assert (first.status_code, second.status_code) == (204, 204)
    assert [str(each.outcome) for each in noted.attempts] == ["delivered"]
    assert the_letter(store) == noted


def test_a_letter_that_did_not_arrive_is_due_again(reports: FlaskClient, store: Embedded) -> None:
    tell(reports, {**REPORT, "is_delivered": False, "reason": "unreachable"})

    letter = the_letter(store)
    assert (letter.state, letter.attempts[0].reason) == (LetterState.RELEASED, "unreachable")
    assert [each.id for each in store.ports.letters.due(store.clock.now(), limit=9)] == [letter.id]


@pytest.mark.parametrize("reason", ["to +821077770001", "821077770001", "김지원", "x" * 65])
def test_a_reason_that_could_name_somebody_is_not_kept(reports: FlaskClient, store: Embedded, reason: str) -> None:
    tell(reports, {**REPORT, "is_delivered": False, "reason": reason})

    assert the_letter(store).attempts[0].reason == "other"


@pytest.mark.parametrize("secret", [SECRETS["desk"], ""])
def test_a_report_that_is_not_signed_by_the_dealer_changes_nothing(
    reports: FlaskClient, store: Embedded, secret: str
) -> None:
    body = json.dumps(REPORT).encode()
    headers = sign("r1", body, secret) if secret else {}
    before = the_letter(store)

    answer = reports.post("/", data=body, content_type="application/json", headers=headers)

    assert answer.status_code == 401
    assert the_letter(store) == before


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (b"[]", 400),
        (b"{", 400),
        (b'{"reference": "a", "reference": "b"}', 400),
        ({}, 422),
        ({**REPORT, "name": "김지원"}, 422),
        ({**REPORT, "is_delivered": "yes"}, 422),
        ({**REPORT, "at": "yesterday"}, 422),
        ({**REPORT, "at": "2027-04-05T10:00:00"}, 422),
        ({**REPORT, "reference": 1}, 422),
        ({**REPORT, "reference": "x" * 20_000}, 413),
        ({**REPORT, "reference": "../letters"}, 204),
        ({**REPORT, "reference": "\u0000"}, 204),
    ],
    ids=lambda given: repr(given)[:40],
)
def test_a_bad_report_gets_a_clear_answer_and_changes_nothing(
    reports: FlaskClient, store: Embedded, report: Any, status: int
) -> None:
    before = the_letter(store)

    answer = tell(reports, report)

    assert answer.status_code == status
    assert "김지원" not in answer.text
    assert the_letter(store) == before


def test_without_a_dealer_nobody_reports(reports: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SADARI_DEALER")

    assert tell(reports, REPORT).status_code == 401


def test_other_methods_and_types_are_refused(reports: FlaskClient) -> None:
    body = json.dumps(REPORT).encode()

    assert reports.get("/").status_code == 405
    assert reports.post("/", data=body, content_type="text/plain").status_code == 415
