"""A notice becomes a row in the log, and a letter where it goes to a person."""

from dataclasses import replace

import pytest

from functions.embedded import Embedded
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.letters import Letter, LetterState
from schemas.messages import Notice
from schemas.people import Person
from tests.support.cohort import CALENDAR, DAY, HOUR
from tests.support.faults import Crash
from tests.support.office import Office, a_form
from workflows.runtime.deliver import deliver, recall, release
from workflows.runtime.errors import NotFound

PERSON = PersonId("person-1")


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded)
    embedded.clock.turn(CALENDAR.results_at)
    form = a_form(1)
    person = Person(
        id=PERSON,
        name=form.name,
        email=form.email,
        contact=form.phone,
        locale="ko",
        updated_at=office.now,
        erase_on=(CALENDAR.results_at + 90 * DAY).date(),
    )
    embedded.ports.vault.put(person)
    return office


def a_notice(kind: str = "WithdrawalReceived", role: str = "applicant", **data: object) -> Notice:
    return Notice(
        id=MessageId(name_of("notice", kind, role)),
        type=kind,
        role=role,
        case=CaseId("application-1"),
        workflow="application",
        person=PERSON,
        data=data,
        at=CALENDAR.results_at,
    )


OFFER = a_notice("SeatOffered", answer_by=(CALENDAR.results_at + 2 * DAY).isoformat())
DECISION = a_notice("GateFailed", failed_gate="online")


def letters(office: Office) -> list[Letter]:
    return list(office.ports.letters.find())


def test_a_notice_to_a_person_becomes_a_letter_in_their_language(office: Office) -> None:
    is_new = deliver(a_notice(), office.ports)

    (letter,) = letters(office)
    person = office.ports.vault.get(PERSON, reader="test", reason="test")
    assert person is not None
    subject, body = office.ports.scribe.write(a_notice(), person)
    assert is_new
    assert letter == Letter(
        id=name_of(a_notice().id, PERSON),
        person=PERSON,
        case=CaseId("application-1"),
        notice="WithdrawalReceived",
        locale="ko",
        subject=subject,
        body=body,
        state=LetterState.RELEASED,
        written_at=office.now,
        told=a_notice(),
    )


def test_a_notice_to_staff_or_partners_becomes_no_letter(office: Office) -> None:
    deliver(a_notice("RankingDue", "operator"), office.ports)
    deliver(a_notice("LearnerEnrolled", "partners", cohort="2027"), office.ports)

    assert letters(office) == []
    assert office.notices() == {"LearnerEnrolled": 1, "RankingDue": 1}
    assert office.ports.vault.accesses() == []


def test_a_notice_that_comes_twice_is_one_row_and_one_letter(office: Office) -> None:
    first = deliver(a_notice(), office.ports)
    written = letters(office)
    office.embedded.clock.turn(office.now + HOUR)

    second = deliver(a_notice(), office.ports)

    assert (first, second) == (True, False)
    assert letters(office) == written
    assert office.notices() == {"WithdrawalReceived": 1}


def test_whoever_reads_the_vault_for_a_letter_leaves_a_row_in_the_access_log(office: Office) -> None:
    deliver(a_notice(), office.ports)

    (row,) = office.ports.vault.accesses()
    assert (row["reader"], row["subject"], row["reason"]) == ("deliver", PERSON, "letter WithdrawalReceived")


def test_a_crash_between_letter_and_log_writes_no_second_letter(office: Office) -> None:
    class Dying:
        def append(self, *_: object, **__: object) -> bool:
            raise Crash

    with pytest.raises(Crash):
        deliver(a_notice(), replace(office.ports, notice_log=Dying()))  # type: ignore[arg-type]
    written = letters(office)

    is_new = deliver(a_notice(), office.ports)

    assert (is_new, letters(office)) == (True, written)
    assert len(written) == 1


# ---- held, released, recalled


def test_a_decision_is_held_until_it_is_released(office: Office) -> None:
    deliver(DECISION, office.ports)
    (held,) = letters(office)

    release(held.id, office.ports)

    assert held.state is LetterState.HELD
    assert letters(office) == [held.model_copy(update={"state": LetterState.RELEASED})]


@pytest.mark.parametrize(
    "notice",
    [
        a_notice(),
        OFFER,
        a_notice("Waitlisted", position=1, promotion_ends=CALENDAR.promotion_ends.isoformat()),
        a_notice("NoSeat", appeal_by=(CALENDAR.results_at + 7 * DAY).isoformat()),
        a_notice("WaitlistEnded"),
    ],
    ids=lambda notice: notice.type,
)
def test_a_receipt_and_a_result_leave_by_themselves(office: Office, notice: Notice) -> None:
    deliver(notice, office.ports)

    assert [letter.state for letter in letters(office)] == [LetterState.RELEASED]


@pytest.mark.parametrize("notice", [DECISION, a_notice()], ids=["held", "released"])
def test_a_letter_that_was_not_sent_can_be_recalled(office: Office, notice: Notice) -> None:
    deliver(notice, office.ports)
    (letter,) = letters(office)

    recall(letter.id, office.ports)

    assert [each.state for each in letters(office)] == [LetterState.RECALLED]


def test_a_recalled_letter_never_leaves(office: Office) -> None:
    deliver(DECISION, office.ports)
    (letter,) = letters(office)
    recall(letter.id, office.ports)

    with pytest.raises(NotFound):
        release(letter.id, office.ports)
    with pytest.raises(NotFound, match="is recalled and cannot be recalled"):
        recall(letter.id, office.ports)

    assert [each.state for each in letters(office)] == [LetterState.RECALLED]


def test_a_letter_is_released_once(office: Office) -> None:
    deliver(DECISION, office.ports)
    (letter,) = letters(office)
    release(letter.id, office.ports)

    with pytest.raises(NotFound):
        release(letter.id, office.ports)


def test_a_letter_that_was_sent_cannot_be_recalled(office: Office) -> None:
    deliver(a_notice(), office.ports)
    (letter,) = letters(office)
    office.ports.letters.move(letter.id, expected=LetterState.RELEASED, to=LetterState.SENT)

    with pytest.raises(NotFound, match="is sent and cannot be recalled"):
        recall(letter.id, office.ports)


def test_there_is_nothing_to_do_with_a_letter_that_is_not_there(office: Office) -> None:
    for do in (release, recall):
        with pytest.raises(NotFound, match=r"\[no letter\]"):
            do("no letter", office.ports)


def test_a_notice_that_comes_again_does_not_bring_a_recalled_letter_back(office: Office) -> None:
    deliver(DECISION, office.ports)
    recall(letters(office)[0].id, office.ports)

    deliver(DECISION, office.ports)

    assert [letter.state for letter in letters(office)] == [LetterState.RECALLED]


# ---- the erased


def test_a_person_who_was_erased_gets_no_letters(office: Office) -> None:
    office.ports.vault.erase(PERSON)

    is_new = deliver(a_notice(), office.ports)

    assert is_new
    assert letters(office) == []


def test_letters_are_erased_with_the_person_and_a_late_notice_brings_none_back(office: Office) -> None:
    deliver(DECISION, office.ports)
    deliver(a_notice(), office.ports)
    before = len(letters(office))

    office.ports.vault.erase(PERSON)
    deliver(DECISION, office.ports)
    deliver(a_notice(), office.ports)

    assert (before, letters(office)) == (2, [])


def test_whoever_reads_the_log_of_notices_finds_no_letter_in_it(office: Office) -> None:
    deliver(a_notice(), office.ports)

    rows = office.embedded.database.all("select blob from notices")
    assert [name for (blob,) in rows for name in ("김지원", "example.org", "7777") if name in blob] == []
