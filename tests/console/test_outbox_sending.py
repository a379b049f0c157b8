"""Where every letter stands on its way, why one did not arrive, and what staff do about it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.console.outbox_texts import OUTBOX
from functions.console.room import ROOM
from functions.embedded import Embedded
from schemas.letters import Attempt, Letter, LetterState, Outcome
from schemas.post import Rule
from tests.console.browsing import DECIDED, send, words_of
from tests.support.post import ALWAYS, Hand, with_post
from workflows.runtime.send import send_due

SignIn = Callable[..., FlaskClient]

pytestmark = pytest.mark.parametrize("console_store", [DECIDED], indirect=True)
MAIL_FIRST = ALWAYS.model_copy(update={"rules": (Rule(channels=("mail", "sms")),)})


@pytest.fixture
def letter(console_store: Embedded) -> Letter:
    return next(console_store.ports.letters.find(state=LetterState.RELEASED))


@pytest.fixture
def hands(site: Flask, console_store: Embedded) -> Iterator[dict[str, Hand]]:
    """Let the console know of mail and short messages."""
    hands = {"mail": Hand(), "sms": Hand()}
    site.extensions[ROOM] = replace(site.extensions[ROOM], ports=with_post(console_store.ports, **hands))
    return hands


def become(store: Embedded, letter: Letter, state: LetterState, *tried: tuple[str, Outcome, str], **more: Any) -> None:
    attempts = tuple(
        Attempt(
            channel=channel,
            round=0,
            begun_at=letter.written_at,
            outcome=outcome,
            reason=reason,  # type: ignore[arg-type]
            ended_at=letter.written_at,
        )
        for channel, outcome, reason in tried
    )
    changed = letter.model_copy(update={"state": state, "attempts": attempts, **more})
    assert store.ports.letters.swap(letter, changed)


def test_without_a_channel_the_page_says_that_nothing_is_sent(client_as: SignIn, letter: Letter) -> None:
    page = client_as("operator").get("/outbox?state=released")

    assert "nothing is sent, and letters stay here" in words_of(page)
    assert "There is no channel; it stays here." in words_of(page)
    assert "Send again" not in client_as("operator").get(f"/outbox/{letter.id}").text


@pytest.mark.usefixtures("hands")
@pytest.mark.parametrize(
    ("state", "tried", "more", "said"),
    [
        (LetterState.RELEASED, [], {}, "released when there was no channel"),
        (LetterState.RELEASED, [], {"failure": "no_consent"}, "It waits: the person has withdrawn the consent"),
        (LetterState.SENDING, [("sms", Outcome.OPEN, "")], {}, "It is being sent by short message."),
        (LetterState.SENT, [("mail", Outcome.TAKEN, "")], {}, "It was sent by mail at 2027-"),
        (LetterState.SENT, [("alimtalk", Outcome.DELIVERED, "")], {}, "It arrived by Alimtalk at 2027-"),
        (
            LetterState.FAILED,
            [("alimtalk", Outcome.REFUSED, "template_draft: x"), ("mail", Outcome.FAILED, "smtp_421")],
            {"failure": "mail: smtp_421"},
            "It could not be sent: the mail server did not take it (mail: smtp_421)",
        ),
    ],
    ids=["stranded", "stopped", "sending", "sent", "delivered", "failed"],
)
def test_the_list_and_the_letter_say_where_it_stands(
    client_as: SignIn,
    console_store: Embedded,
    letter: Letter,
    state: LetterState,
    tried: list[tuple[str, Outcome, str]],
    more: dict[str, Any],
    said: str,
) -> None:
    become(console_store, letter, state, *tried, **more)
    office = client_as("operator")

    pages = [office.get(f"/outbox?state={state}"), office.get(f"/outbox/{letter.id}")]

    assert [said in words_of(page) for page in pages] == [True, True]


@pytest.mark.usefixtures("hands")
def test_a_letter_that_waits_for_the_morning_says_when_it_leaves(
    client_as: SignIn, console_store: Embedded, letter: Letter
) -> None:
    become(console_store, letter, LetterState.RELEASED, leaves_at=letter.written_at)

    page = client_as("operator").get(f"/outbox/{letter.id}")

    assert re.search(r"It leaves at 2027-\d\d-\d\d \d\d:\d\d KST", words_of(page))


@pytest.mark.parametrize(("channel", "by"), [("", "mail"), ("sms", "sms")])
def test_a_failed_letter_is_sent_again_by_the_channel_that_staff_choose(
    client_as: SignIn, console_store: Embedded, hands: dict[str, Hand], letter: Letter, channel: str, by: str
) -> None:
    become(console_store, letter, LetterState.FAILED, ("mail", Outcome.REFUSED, "smtp_550"), failure="mail: smtp_550")
    console_store.clock.turn(letter.written_at)

    answer = send(client_as("operator", as_id="operator-7"), f"/outbox/{letter.id}/resend", channel=channel)

    ports = with_post(console_store.ports, **hands)
    ports = replace(ports, post=replace(ports.post, rules=MAIL_FIRST))
    row = console_store.ports.vault.accesses()[-1]
    send_due(ports)
    kept = console_store.ports.letters.get(letter.id)
    assert answer.status_code == 303
    assert (row["reader"], row["reason"]) == ("operator-7", f"resend of letter {letter.id}")
    assert hands[by].references == [f"{letter.id}.{by}.1"]
    assert kept is not None
    assert kept.state is LetterState.SENT


@pytest.mark.usefixtures("hands")
def test_a_letter_that_has_left_is_not_sent_again(client_as: SignIn, console_store: Embedded, letter: Letter) -> None:
    become(console_store, letter, LetterState.SENT, ("mail", Outcome.TAKEN, ""))

    answer = send(client_as("operator"), f"/outbox/{letter.id}/resend", channel="")

    assert answer.status_code == 404


@pytest.mark.usefixtures("hands")
def test_a_failed_letter_can_be_recalled_instead(client_as: SignIn, console_store: Embedded, letter: Letter) -> None:
    become(console_store, letter, LetterState.FAILED, failure="no_channel")

    answer = send(client_as("operator"), f"/outbox/{letter.id}/recall")

    kept = console_store.ports.letters.get(letter.id)
    assert answer.status_code == 303
    assert kept is not None
    assert kept.state is LetterState.RECALLED


@pytest.mark.usefixtures("console_store")
@pytest.mark.parametrize("state", list(LetterState))
def test_every_state_and_outcome_has_its_words(client_as: SignIn, state: LetterState) -> None:
    assert client_as("operator").get(f"/outbox?state={state}").status_code == 200
    assert {f"outcome_{outcome}" for outcome in Outcome} <= OUTBOX.keys()
