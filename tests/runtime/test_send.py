"""A letter is claimed, handed over and marked; it leaves at least once, and after the mark never again."""

from dataclasses import replace
from datetime import time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.ids import CaseId, PersonId
from schemas.letters import ChannelName, LetterState, Outcome, Report
from schemas.messages import Notice
from schemas.post import Quiet
from schemas.register import Restriction
from tests.support.cohort import CALENDAR, DAY, HOUR
from tests.support.faults import Crash
from tests.support.office import ROUND, Office
from tests.support.post import ALWAYS, PERSON, Hand, a_notice, a_person, outcomes, the_letter, told, with_post
from workflows.runtime.deliver import deliver, recall, release
from workflows.runtime.errors import NotFound, Unavailable, Undeliverable
from workflows.runtime.ports import Ports
from workflows.runtime.resume import resume
from workflows.runtime.send import LEASE, RESTS, TRIES_BEFORE_ANOTHER, letter_id_of, send, send_again, send_due
from workflows.runtime.send import take_report as hear

NOTICE = a_notice()
DECISION = a_notice("GateFailed", failed_gate="online")
REMINDER = a_notice("OfferExpiring", answer_by=(CALENDAR.results_at + 2 * DAY).isoformat())
LETTER = letter_id_of(NOTICE)


@pytest.fixture
def mail() -> Hand:
    return Hand()


@pytest.fixture
def ports(embedded: Embedded, mail: Hand) -> Ports:
    """In the morning, with mail alone."""
    embedded.clock.turn(CALENDAR.results_at)
    embedded.ports.vault.put(a_person())
    return with_post(embedded.ports, mail=mail)


def pass_time(embedded: Embedded, ports: Ports, hours: int = 30) -> None:
    """Let time pass, and look every minute at what is due."""
    ends = ports.clock.now() + hours * HOUR
    while (letter := the_letter(embedded)).leaves_at is not None and letter.leaves_at <= ends:
        embedded.clock.turn(max(letter.leaves_at, ports.clock.now()))
        send_due(ports)


# ---- once


def test_a_receipt_leaves_when_its_notice_is_delivered(ports: Ports, mail: Hand, embedded: Embedded) -> None:
    told(NOTICE, ports)

    letter = the_letter(embedded)
    assert (letter.state, letter.leaves_at) == (LetterState.SENT, None)
    assert outcomes(letter) == [("mail", "taken")]
    assert mail.references == [f"{LETTER}.mail.0"]
    assert (mail.parcels[0].person, mail.parcels[0].letter.body) == (a_person(), letter.body)


def test_a_notice_that_is_replayed_sends_nothing_twice(ports: Ports, mail: Hand) -> None:
    for _ in range(3):
        told(NOTICE, ports)
        send_due(ports)

    assert len(mail.parcels) == 1


def test_of_two_senders_at_once_one_hands_it_over(ports: Ports, embedded: Embedded) -> None:
    class Nosy(Hand):
        def send(self, parcel: Any) -> None:
            super().send(parcel)
            if len(self.parcels) == 1:
                send(LETTER, other)

    mail = Nosy()
    other = with_post(ports, mail=mail)

    told(NOTICE, other)

    assert len(mail.parcels) == 1
    assert outcomes(the_letter(embedded)) == [("mail", "taken")]


def test_whoever_claims_second_does_not_hand_it_over(ports: Ports, mail: Hand, embedded: Embedded) -> None:
    class Slow:
        """A vault in front of which another sender is faster."""

        def get(self, *values: Any, **named: Any) -> Any:
            if named["reason"].startswith("send"):
                send(LETTER, ports)
            return embedded.ports.vault.get(*values, **named)

    deliver(NOTICE, ports)

    send(LETTER, replace(ports, vault=Slow()))  # type: ignore[arg-type]

    assert len(mail.parcels) == 1
    assert outcomes(the_letter(embedded)) == [("mail", "taken")]


def test_without_a_channel_letters_wait_as_before(ports: Ports, embedded: Embedded) -> None:
    told(NOTICE, with_post(ports))

    letter = the_letter(embedded)
    assert (letter.state, letter.leaves_at, letter.attempts) == (LetterState.RELEASED, None, ())
    assert send_due(with_post(ports)) == 0
    assert [row["reason"] for row in ports.vault.accesses()] == ["letter WithdrawalReceived"]


def test_a_letter_from_before_the_channel_leaves_only_when_its_notice_comes_again_or_staff_ask(
    ports: Ports, mail: Hand
) -> None:
    told(NOTICE, with_post(ports))
    looked_at = send_due(ports)

    told(NOTICE, ports)

    assert (looked_at, len(mail.parcels)) == (0, 1)


def test_whoever_reads_an_address_to_send_a_letter_is_in_the_access_log(ports: Ports) -> None:
    told(NOTICE, ports)

    assert [(row["reader"], row["reason"]) for row in ports.vault.accesses()] == [
        ("deliver", "letter WithdrawalReceived"),
        ("deliver", "send letter WithdrawalReceived"),
    ]


# ---- held


def test_a_held_letter_is_not_sent_and_a_released_one_is_sent_by_its_notice(
    ports: Ports, mail: Hand, embedded: Embedded
) -> None:
    letter_id = told(DECISION, ports)
    before = len(mail.parcels)

    release(letter_id, ports)

    (delivery,) = embedded.queue.take(ports.clock.now(), 10)
    again = Notice.model_validate_json(delivery.blob)
    told(again, ports)
    assert (before, again) == (0, DECISION)
    assert mail.references == [f"{letter_id}.mail.0"]


def test_a_released_letter_is_sent_even_if_its_notice_is_lost(ports: Ports, mail: Hand) -> None:
    letter_id = told(DECISION, ports)
    release(letter_id, ports)

    send_due(ports)

    assert mail.references == [f"{letter_id}.mail.0"]


def test_a_recalled_letter_is_never_sent(ports: Ports, mail: Hand) -> None:
    deliver(NOTICE, ports)
    recall(LETTER, ports)

    send_due(ports)
    told(NOTICE, ports)

    assert mail.parcels == []


# ---- quiet hours


def at_night(embedded: Embedded) -> Any:
    night = CALENDAR.results_at.replace(hour=23)
    embedded.clock.turn(night)
    return night


def test_a_reminder_waits_for_the_morning_and_a_receipt_of_an_act_does_not(
    ports: Ports, mail: Hand, embedded: Embedded
) -> None:
    night = at_night(embedded)
    told(REMINDER, ports)
    told(NOTICE, ports)
    at_once = mail.references

    waiting = ports.letters.get(letter_id_of(REMINDER))
    embedded.clock.turn(night + 9 * HOUR)
    send_due(ports)

    assert at_once == [f"{LETTER}.mail.0"]
    assert waiting is not None
    assert waiting.leaves_at == night + 9 * HOUR
    assert mail.references == [*at_once, f"{letter_id_of(REMINDER)}.mail.0"]


def test_a_reminder_of_an_offer_that_was_answered_in_the_night_never_leaves(embedded: Embedded) -> None:
    office, mail = Office(embedded), Hand()
    case = next(each for each in office.recruit(6) if office.stage(each) == "offered")
    ports = with_post(embedded.ports, mail=mail)
    opened = office.entries(case)[-1]
    told_in_time = {"case": case, "person": PersonId(office.case(case).person), "seq": opened.seq}
    dusk = office.now.replace(hour=13)
    embedded.clock.turn(dusk)
    moot, due = (a_notice("OfferExpiring", name=name, answer_by=dusk.isoformat()) for name in ("moot", "due"))
    told(due.model_copy(update=told_in_time), ports)
    embedded.clock.turn(dusk + 12 * HOUR)
    send_due(ports)
    left_while_it_stood = len(mail.parcels)
    embedded.clock.turn(dusk + 23 * HOUR)
    letter = told(moot.model_copy(update=told_in_time), ports)
    office.withdraw(case)

    embedded.clock.turn(dusk + 36 * HOUR)
    send_due(ports)

    assert left_while_it_stood == 1
    found = embedded.ports.letters.get(letter)
    assert found is not None
    assert (found.state, found.failure) == (LetterState.RECALLED, "overtaken")
    assert "OfferExpiring" not in [parcel.letter.notice for parcel in mail.parcels[1:]]


def test_a_programme_may_have_other_quiet_hours(embedded: Embedded, mail: Hand) -> None:
    office = Office(embedded)
    office.plan()
    notice = REMINDER.model_copy(update={"case": ROUND})
    programme = office.case(ROUND).data["programme"]
    embedded.ports.vault.put(a_person())
    at_night(embedded)
    never = Quiet(begins=time(8), ends=time(8))

    told(notice, with_post(embedded.ports, ALWAYS.model_copy(update={"programmes": {"another": never}}), mail=mail))
    waiting = len(mail.parcels)
    embedded.database.execute("delete from letters")
    told(notice, with_post(embedded.ports, ALWAYS.model_copy(update={"programmes": {programme: never}}), mail=mail))

    assert (waiting, len(mail.parcels)) == (0, 1)


# ---- what fails


def test_a_channel_that_refuses_is_passed_over_at_once(ports: Ports, embedded: Embedded) -> None:
    talk, text = Hand([Undeliverable("template_draft: x")]), Hand()

    told(NOTICE, with_post(ports, alimtalk=talk, sms=text, mail=Hand()))

    letter = the_letter(embedded)
    assert outcomes(letter) == [("alimtalk", "refused"), ("sms", "taken")]
    assert letter.attempts[0].reason == "template_draft: x"


def test_what_fails_is_tried_again_with_growing_rests_under_one_reference(
    ports: Ports, mail: Hand, embedded: Embedded
) -> None:
    mail.errors = [Unavailable("smtp_421")] * 3

    told(NOTICE, ports)
    pass_time(embedded, ports)

    letter = the_letter(embedded)
    begun = [each.begun_at for each in letter.attempts]
    assert outcomes(letter) == [("mail", "failed")] * 3 + [("mail", "taken")]
    assert tuple(after - before for before, after in pairwise(begun)) == RESTS[:3]
    assert set(mail.references) == {f"{LETTER}.mail.0"}


def test_a_channel_that_keeps_failing_makes_way_for_the_next(ports: Ports, embedded: Embedded) -> None:
    talk, text = Hand([Unavailable("dealer_503")] * 99), Hand()

    told(NOTICE, with_post(ports, alimtalk=talk, sms=text))
    pass_time(embedded, with_post(ports, alimtalk=talk, sms=text))

    assert outcomes(the_letter(embedded)) == [("alimtalk", "failed")] * TRIES_BEFORE_ANOTHER + [("sms", "taken")]


def test_a_letter_that_no_channel_takes_has_failed_with_a_reason_and_stays(
    ports: Ports, mail: Hand, embedded: Embedded
) -> None:
    mail.errors = [Unavailable("smtp_421")] * 99

    told(NOTICE, ports)
    pass_time(embedded, ports)

    letter = the_letter(embedded)
    assert (letter.state, letter.failure) == (LetterState.FAILED, "mail: smtp_421")
    assert len(mail.parcels) == len(RESTS) + 1
    assert send_due(ports) == 0


def test_a_fault_of_the_program_holds_up_no_other_letter_and_names_nobody(
    ports: Ports, mail: Hand, embedded: Embedded
) -> None:
    mail.errors = [KeyError("김지원")]
    deliver(NOTICE, ports)
    deliver(REMINDER, ports)

    send_due(ports)

    tried = {letter.id: letter.attempts[0] for letter in embedded.ports.letters.find()}
    assert [(each.outcome, each.reason) for each in sorted(tried.values(), key=lambda each: each.reason)] == [
        (Outcome.TAKEN, ""),
        (Outcome.FAILED, "fault_KeyError"),
    ]


def test_a_letter_that_no_rule_has_a_channel_for_has_failed(ports: Ports, embedded: Embedded) -> None:
    rules = ALWAYS.model_copy(update={"rules": (ALWAYS.rules[0].model_copy(update={"channels": ("sms",)}),)})

    told(NOTICE, with_post(ports, rules, mail=Hand()))

    assert (the_letter(embedded).state, the_letter(embedded).failure) == (LetterState.FAILED, "no_channel")


@pytest.mark.parametrize(("only", "reference"), [(None, "mail.1"), ("sms", "sms.1")])
def test_a_failed_letter_is_sent_again_as_staff_choose(
    ports: Ports, embedded: Embedded, only: ChannelName | None, reference: str
) -> None:
    mail, text = Hand([Undeliverable("smtp_550")]), Hand()
    rules = ALWAYS.model_copy(update={"rules": (ALWAYS.rules[0].model_copy(update={"channels": ("mail",)}),)})
    both = with_post(ports, rules, mail=mail, sms=text)
    told(NOTICE, both)

    send_again(LETTER, both, only=only)
    send_due(both)

    assert the_letter(embedded).state is LetterState.SENT
    assert (mail.references + text.references)[-1] == f"{LETTER}.{reference}"


@pytest.mark.parametrize("only", [None, "alimtalk"])
def test_only_a_letter_that_waits_for_staff_is_sent_again_and_only_by_a_channel_there_is(
    ports: Ports, only: ChannelName | None
) -> None:
    told(NOTICE, ports)

    with pytest.raises(NotFound):
        send_again(LETTER, ports, only=only)


def test_what_a_person_likes_best_comes_first(ports: Ports, embedded: Embedded) -> None:
    embedded.ports.vault.put(a_person(answers={"channel": "mail"}))

    told(NOTICE, with_post(ports, alimtalk=Hand(), sms=Hand(), mail=Hand()))

    assert outcomes(the_letter(embedded)) == [("mail", "taken")]


# ---- dying


class Dying:
    """A port that dies at its n-th call, before it or right after it."""

    def __init__(self, port: Any, plan: dict[str, Any]) -> None:
        self._port, self._plan = port, plan

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)

        def counted(*values: Any, **named: Any) -> Any:
            self._plan["calls"] += 1
            dies = self._plan["calls"] == self._plan["dies_at"]
            if dies and not self._plan["is_after"]:
                raise Crash
            result = call(*values, **named)
            if dies:
                raise Crash
            return result

        return counted


def dying(ports: Ports, mail: Hand, plan: dict[str, Any]) -> Ports:
    named = {name: Dying(getattr(ports, name), plan) for name in ("letters", "vault", "notice_log")}
    return with_post(replace(ports, **named), mail=Dying(mail, plan))


CALLS = 10
"""Of a delivery: look, read, dates so far, write, log; of a sending: look, read, claim, hand over, mark."""


@pytest.mark.parametrize("is_after", [False, True], ids=["before the call", "after it, the answer lost"])
@pytest.mark.parametrize("dies_at", range(1, CALLS + 1))
def test_wherever_the_process_dies_the_letter_leaves_and_at_most_the_hand_over_is_repeated(
    ports: Ports, mail: Hand, embedded: Embedded, dies_at: int, *, is_after: bool
) -> None:
    plan = {"calls": 0, "dies_at": dies_at, "is_after": is_after}
    with pytest.raises(Crash):
        told(NOTICE, dying(ports, mail, plan))
    died_in_between = len(mail.parcels) == 1 and the_letter(embedded).state is LetterState.SENDING

    told(NOTICE, ports)
    embedded.clock.turn(ports.clock.now() + LEASE)
    send_due(ports)
    told(NOTICE, ports)

    assert the_letter(embedded).state is LetterState.SENT
    assert len(mail.parcels) == 1 + died_in_between
    assert set(mail.references) == {f"{LETTER}.mail.0"}


def test_the_undisturbed_sending_makes_as_many_calls_as_may_die(ports: Ports, mail: Hand) -> None:
    plan = {"calls": 0, "dies_at": 0, "is_after": False}

    told(NOTICE, dying(ports, mail, plan))

    assert plan["calls"] == CALLS


def test_a_claim_holds_until_it_runs_out(ports: Ports, mail: Hand, embedded: Embedded) -> None:
    mail.errors = [Crash()]
    with pytest.raises(Crash):
        told(NOTICE, ports)

    embedded.clock.turn(ports.clock.now() + LEASE - timedelta(seconds=1))
    early = send_due(ports)
    embedded.clock.turn(ports.clock.now() + timedelta(seconds=1))
    send_due(ports)

    assert early == 0
    assert outcomes(the_letter(embedded)) == [("mail", "unclear"), ("mail", "taken")]


# ---- erasure


def test_a_person_who_is_erased_while_a_letter_is_handed_over_leaves_nothing_behind(
    ports: Ports, embedded: Embedded
) -> None:
    class Erasing(Hand):
        def send(self, parcel: Any) -> None:
            super().send(parcel)
            embedded.ports.vault.erase(PERSON)

    told(NOTICE, with_post(ports, mail=Erasing()))
    hear(Report(reference=f"{LETTER}.mail.0", is_delivered=True, at=CALENDAR.results_at), ports)

    assert list(embedded.ports.letters.find()) == []


def test_a_letter_to_nobody_is_given_up(ports: Ports, embedded: Embedded, mail: Hand) -> None:
    deliver(NOTICE, ports)
    embedded.database.execute("update people set blob = null")

    send_due(ports)

    assert (the_letter(embedded).failure, mail.parcels) == ("no_person", [])


def test_whoever_had_the_use_of_their_data_stopped_gets_nothing_more(
    ports: Ports, embedded: Embedded, mail: Hand
) -> None:
    deliver(NOTICE, ports)
    stopped = Restriction(id="r1", about=PERSON, at=CALENDAR.results_at, is_suspended=True)
    embedded.ports.register.add(stopped)

    send_due(ports)

    letter = the_letter(embedded)
    assert (letter.state, letter.failure, letter.leaves_at) == (LetterState.RELEASED, "suspended", None)
    assert mail.parcels == []


def test_once_that_is_lifted_the_letter_leaves_once(ports: Ports, embedded: Embedded, mail: Hand) -> None:
    deliver(NOTICE, ports)
    embedded.ports.register.add(Restriction(id="r1", about=PERSON, at=CALENDAR.results_at, is_suspended=True))
    send_due(ports)

    for _ in range(2):
        resume(PERSON, "is_suspended", ports)
        send_due(ports)

    assert (the_letter(embedded).state, the_letter(embedded).failure) == (LetterState.SENT, "")
    assert mail.references == [f"{LETTER}.mail.0"]
    assert len(list(embedded.ports.register.find(Restriction))) == 1 + 1


def test_a_reminder_that_was_overtaken_while_it_was_stopped_does_not_leave(
    ports: Ports, embedded: Embedded, mail: Hand
) -> None:
    office = Office(embedded)
    office.recruit(1)
    (case,) = office.ports.cases.find(workflow="application")
    told_case = REMINDER.model_copy(update={"case": case.id, "seq": case.seq, "person": PERSON})
    deliver(told_case, ports)
    embedded.ports.register.add(Restriction(id="r1", about=PERSON, at=office.now, is_without_consent=True))
    send_due(ports)
    office.accept(case.id)
    embedded.clock.turn(office.now + DAY)

    resume(PERSON, "is_without_consent", ports)
    send_due(ports)

    letter = next(each for each in embedded.ports.letters.find(person_id=PERSON))
    assert (letter.state, letter.failure, mail.parcels) == (LetterState.RECALLED, "overtaken", [])


def test_a_letter_keeps_the_notice_that_it_tells(ports: Ports, embedded: Embedded) -> None:
    told(NOTICE, ports)

    assert the_letter(embedded).told == NOTICE
    assert the_letter(embedded).case == CaseId("application-1")
