"""A body is its sender's only if one of the sender's secrets signed exactly this, just now."""

import base64
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from functions.forms.signature import BadSignatureError, sign, verify
from tests.corpus.rows import made, rows
from workflows.runtime.signature import is_secret

SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, 32 bytes.").decode()
NEXT = "whsec_" + base64.b64encode(b"the secret that comes afterwards").decode()
BODY = '{"이름": "김하늘"}'.encode()


def headers_of(row: dict[str, Any]) -> dict[str, str]:
    """The headers of a signed body, spoiled as the row says."""
    at = datetime.now(UTC) + timedelta(seconds=row.get("seconds", 0))
    body = row["body_signed"].encode() if "body_signed" in row else BODY
    headers = sign(made(row.get("id_signed", "msg_1")), body, row.get("secret", SECRET), at)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1", row.get("version", "v1"))
    for name, value in made(row.get("headers", {})).items():
        if value is None:
            del headers[name]
        else:
            headers[name] = str(int(time.time())) if value == "$now" else value
    return headers


@pytest.mark.parametrize("row", rows("signatures"))
def test_what_is_not_rightly_signed_is_refused_without_a_word_why(row: dict[str, Any]) -> None:
    with pytest.raises(BadSignatureError) as refused:
        verify(headers_of(row), BODY, (SECRET, NEXT))

    assert str(refused.value) == "No valid signature of a known source."


def test_a_signed_body_gives_its_id() -> None:
    assert verify(sign("msg_1", BODY, SECRET), BODY, (SECRET,)) == "msg_1"


@pytest.mark.parametrize("seconds", [-298, 0, 298])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    headers = sign("msg_1", BODY, SECRET, datetime.now(UTC) + timedelta(seconds=seconds))

    assert verify(headers, BODY, (SECRET,)) == "msg_1"


def test_names_of_headers_may_be_written_in_any_case() -> None:
    headers = {name.title(): value for name, value in sign("msg_1", BODY, SECRET).items()}

    assert verify(headers, BODY, (SECRET,)) == "msg_1"


@pytest.mark.parametrize("secret", [SECRET, NEXT])
def test_while_a_secret_is_replaced_both_are_good(secret: str) -> None:
    assert verify(sign("msg_1", BODY, secret), BODY, (SECRET, NEXT)) == "msg_1"


def test_a_sender_who_replaces_a_secret_may_send_both_signatures() -> None:
    headers, other = sign("msg_1", BODY, SECRET), sign("msg_1", BODY, NEXT)
    headers["webhook-signature"] = f"v1a,AAAA {other['webhook-signature']} {headers['webhook-signature']}"

    assert verify(headers, BODY, (SECRET,)) == "msg_1"


def test_a_source_without_secrets_signs_nothing() -> None:
    with pytest.raises(BadSignatureError):
        verify(sign("msg_1", BODY, SECRET), BODY, ())


def test_bytes_that_are_no_text_can_be_signed() -> None:
    body = "이름\n김하늘".encode("cp949")

    assert verify(sign("msg_1", body, SECRET), body, (SECRET,)) == "msg_1"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
def test_the_zone_of_the_clock_does_not_matter(zone: str) -> None:
    headers = sign("msg_1", BODY, SECRET, datetime.now(ZoneInfo(zone)))

    assert verify(headers, BODY, (SECRET,)) == "msg_1"


@given(st.from_regex(r"[!-~]{1,255}", fullmatch=True), st.text(max_size=200))
def test_the_library_of_the_standard_signs_and_verifies_the_same(message_id: str, text: str) -> None:
    now = datetime.now(UTC)
    ours = sign(message_id, text.encode(), SECRET, now)

    assert ours["webhook-signature"] == Webhook(SECRET).sign(message_id, now, text)
    Webhook(SECRET).verify(text, ours, json_parse=False)


@pytest.mark.parametrize("bytes_of_it", [24, 32, 64])
def test_a_secret_has_24_to_64_bytes(bytes_of_it: int) -> None:
    assert is_secret("whsec_" + base64.b64encode(b"x" * bytes_of_it).decode())


@pytest.mark.parametrize(
    "text",
    [
        *("", "whsec_", "whsec_secret", "whsec_@@@@", "whsec_é", SECRET.removeprefix("whsec_"), SECRET.upper()),
        *("whsec_" + base64.b64encode(b"x" * length).decode() for length in (23, 65)),
    ],
)
def test_anything_else_is_no_secret(text: str) -> None:
    assert not is_secret(text)
