"""What a dealer reports of a letter, days later: it arrived, or it leaves by another channel."""

from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.letters import LetterState, Outcome, Report
from tests.support.cohort import CALENDAR, DAY, MINUTE
from tests.support.post import Hand, a_notice, a_person, outcomes, the_letter, told, with_post
from workflows.runtime.errors import Unavailable
from workflows.runtime.ports import Ports
from workflows.runtime.send import letter_id_of, send, send_due
from workflows.runtime.send import take_report as hear

NOTICE = a_notice()
LETTER = letter_id_of(NOTICE)


@pytest.fixture
def ports(embedded: Embedded) -> Ports:
    """In the morning, with a person to write to."""
    embedded.clock.turn(CALENDAR.results_at)
    embedded.ports.vault.put(a_person())
    return embedded.ports


def reported(letter_id: str, channel: str, *, arrived: bool, reason: str = "") -> Report:
    at = CALENDAR.results_at + 3 * DAY
    return Report(reference=f"{letter_id}.{channel}.0", is_delivered=arrived, reason=reason, at=at)


def test_a_report_days_later_says_that_a_letter_arrived_and_twice_is_once(ports: Ports, embedded: Embedded) -> None:
    told(NOTICE, with_post(ports, sms=Hand()))
    report = reported(LETTER, "sms", arrived=True)

    goes_on = [hear(report, ports) for _ in range(2)]

    (attempt,) = the_letter(embedded).attempts
    assert goes_on == [None, None]
    assert (attempt.outcome, attempt.ended_at) == (Outcome.DELIVERED, report.at)
    assert the_letter(embedded).state is LetterState.SENT


def test_what_did_not_arrive_leaves_by_the_next_channel_once(ports: Ports, embedded: Embedded) -> None:
    text = Hand()
    both = with_post(ports, alimtalk=Hand(), sms=text)
    told(NOTICE, both)
    report = reported(LETTER, "alimtalk", arrived=False, reason="no_kakaotalk")

    for letter_id in (hear(report, both), hear(report, both)):
        if letter_id is not None:
            send(letter_id, both)

    assert outcomes(the_letter(embedded)) == [("alimtalk", "undelivered"), ("sms", "taken")]
    assert len(text.parcels) == 1


def test_what_arrived_by_no_channel_has_failed(ports: Ports, embedded: Embedded) -> None:
    only = with_post(ports, sms=Hand())
    told(NOTICE, only)

    hear(reported(LETTER, "sms", arrived=False, reason="unreachable"), only)
    send_due(only)

    assert (the_letter(embedded).state, the_letter(embedded).failure) == (LetterState.FAILED, "sms: unreachable")


@pytest.mark.parametrize("arrived", [False, True])
def test_the_first_report_counts(ports: Ports, embedded: Embedded, *, arrived: bool) -> None:
    only = with_post(ports, sms=Hand())
    told(NOTICE, only)
    hear(reported(LETTER, "sms", arrived=False, reason="unreachable"), only)
    send_due(only)
    before = the_letter(embedded)

    hear(reported(LETTER, "sms", arrived=arrived), only)

    assert the_letter(embedded) == before


def test_a_report_that_comes_before_the_mark_is_kept(ports: Ports, embedded: Embedded) -> None:
    class Prompt(Hand):
        def send(self, parcel: Any) -> None:
            super().send(parcel)
            hear(reported(LETTER, "sms", arrived=True), ports)

    told(NOTICE, with_post(ports, sms=Prompt()))

    assert the_letter(embedded).state is LetterState.SENT
    assert outcomes(the_letter(embedded)) == [("sms", "delivered")]


def test_a_report_that_something_arrived_after_all_ends_the_tries(ports: Ports, embedded: Embedded) -> None:
    text = Hand([Unavailable("dealer_ReadTimeoutError")])
    only = with_post(ports, sms=text)
    told(NOTICE, only)

    hear(reported(LETTER, "sms", arrived=True), only)
    embedded.clock.turn(ports.clock.now() + 10 * MINUTE)
    send_due(only)

    assert len(text.parcels) == 1
    assert the_letter(embedded).state is LetterState.SENT


@pytest.mark.parametrize("reference", ["", "x", "x.sms.0", f"{LETTER}.mail.0", f"{LETTER}.sms.1", "a/b.sms.0"])
def test_a_report_about_something_else_changes_nothing(ports: Ports, embedded: Embedded, reference: str) -> None:
    told(NOTICE, with_post(ports, sms=Hand()))
    before = the_letter(embedded)

    hear(Report(reference=reference, is_delivered=False, at=CALENDAR.results_at), ports)

    assert the_letter(embedded) == before
