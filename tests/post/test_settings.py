"""The mail server and the dealer are read whole or not at all, and no secret is ever repeated."""

import json
from typing import Any

import pytest

from functions.post.settings import Dealer, MailServer, read_dealer, read_mail

MAIL: dict[str, Any] = {
    "host": "smtp.example",
    "port": 587,
    "security": "starttls",
    "user": "sadari",
    "password": "very secret",
    "from": "letters@sadari.example",
}
DEALER = {
    "url": "https://dealer.example/v1/",
    "key": "very secret",
    "profile": "@sadari",
    "phone": "+82621234567",
    "secret": "whsec_" + "c2VjcmV0" * 4,
}


def read(name: str, given: Any, **env: str) -> tuple[Any, list[str]]:
    faults: list[str] = []
    reader = read_mail if name == "SADARI_MAIL" else read_dealer
    text = given if isinstance(given, str) else json.dumps(given)
    return reader({name: text, **env}, faults), faults


def test_a_mail_server_is_read() -> None:
    server, faults = read("SADARI_MAIL", {**MAIL, "name": "사다리", "reply_to": "office@sadari.example"})

    assert faults == []
    assert server == MailServer(
        host="smtp.example",
        port=587,
        security="starttls",
        user="sadari",
        password="very secret",
        sender="letters@sadari.example",
        name="사다리",
        reply_to="office@sadari.example",
    )


def test_a_dealer_is_read() -> None:
    dealer, faults = read("SADARI_DEALER", DEALER)

    assert faults == []
    assert dealer == Dealer(**{**DEALER, "url": "https://dealer.example/v1"})


def test_what_is_not_set_is_not_there() -> None:
    assert read("SADARI_MAIL", "") == (None, [])
    assert read("SADARI_DEALER", "") == (None, [])


@pytest.mark.parametrize(
    "change",
    [
        {"host": ""},
        {"host": 1},
        {"port": 0},
        {"port": 65536},
        {"port": "587"},
        {"port": True},
        {"security": "ssl"},
        {"password": None},
        {"from": "letters"},
        {"from": "a@b\r\nBcc: c@d"},
        {"from": "Sadari <letters@sadari.example>"},
        {"reply_to": "office"},
        {"name": "a\nb"},
        {"extra": "x"},
    ],
    ids=str,
)
def test_a_mail_server_of_another_form_is_named_and_nothing_of_it_repeated(change: dict[str, Any]) -> None:
    server, (fault,) = read("SADARI_MAIL", {**MAIL, **change})

    assert server is None
    assert fault.startswith("SADARI_MAIL is not of the form {host: ...")
    assert "very secret" not in fault


@pytest.mark.parametrize(
    "change", [{"url": ""}, {"secret": "x"}, {"phone": "062"}, {"key": 1}, {"extra": "x"}], ids=str
)
def test_a_dealer_of_another_form_is_named_and_nothing_of_it_repeated(change: dict[str, Any]) -> None:
    dealer, (fault,) = read("SADARI_DEALER", {**DEALER, **change})

    assert dealer is None
    assert fault.startswith("SADARI_DEALER is not of the form {url: ...")
    assert "very secret" not in fault


@pytest.mark.parametrize("text", ["{", "[]", "1", '{"host": "a", "host": "b"}'])
def test_what_is_no_object_is_named(text: str) -> None:
    for name in ("SADARI_MAIL", "SADARI_DEALER"):
        assert len(read(name, text)[1]) == 1


def test_production_sends_nothing_in_the_open() -> None:
    assert read("SADARI_MAIL", {**MAIL, "security": "none"}, K_SERVICE="deliver")[1] == [
        "SADARI_MAIL has no security: letters would travel in the open"
    ]
    assert read("SADARI_DEALER", {**DEALER, "url": "http://dealer.example"}, K_SERVICE="deliver")[1] == [
        "SADARI_DEALER has a url that is not https"
    ]


def test_a_secret_is_in_no_text_of_the_settings() -> None:
    assert "secret" not in repr(read("SADARI_MAIL", MAIL)[0])
    assert "very secret" not in repr(read("SADARI_DEALER", DEALER)[0])
    assert DEALER["secret"] not in repr(read("SADARI_DEALER", DEALER)[0])
