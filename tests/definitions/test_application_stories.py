"""Applications and the cases that they talk with, all together."""

import pytest

from functions.embedded import Embedded
from schemas.events.application import (
    AppealUpheld,
    EnrolmentChecked,
    OfferAccepted,
    OfferDeclined,
    SkipProposed,
)
from tests.support.applications import APPEAL, DUE, ENDS, LEE, OPERATOR
from tests.support.cohort import DAY, HOUR
from tests.support.life import staff
from tests.support.office import ROUND, Office, applicant, stages


@pytest.fixture
def office(embedded: Embedded) -> Office:
    return Office(embedded)


def test_two_seats_four_places_and_everybody_answers(office: Office) -> None:
    cases = office.recruit(5)
    before = stages(office, cases)

    office.accept(cases[0])
    office.tell(cases[1], OfferDeclined(), by=applicant(office.case(cases[1])))
    promoted = stages(office, cases)
    office.accept(cases[2])
    office.until(ENDS + DAY)

    assert before == ["offered", "offered", "waitlisted", "waitlisted", "not_selected_appealable"]
    assert promoted == ["accepted", "declined", "offered", "waitlisted", "not_selected_appealable"]
    assert stages(office, cases) == ["enrolled", "declined", "enrolled", "not_selected", "not_selected"]
    assert office.case(ROUND).data["taken"] == [cases[0], cases[2]]


def test_an_offer_that_nobody_answers_is_handed_on_and_a_late_heard_acceptance_gets_the_next_seat(
    office: Office,
) -> None:
    cases = office.recruit(4)
    office.accept(cases[1])
    held_up = office.message(cases[0], OfferAccepted(), by=applicant(office.case(cases[0])))
    office.until(DUE + HOUR)
    lapsed_by_then = stages(office, cases)

    office.ports.publisher.publish([held_up], [])
    office.settle()
    office.answer(cases[0], yes=True)
    claimed = (stages(office, cases), office.case(ROUND).data["claims"])
    office.withdraw(cases[2])

    assert lapsed_by_then == ["lapsed", "accepted", "offered", "waitlisted"]
    assert claimed == (
        ["claiming", "accepted", "offered", "waitlisted"],
        {cases[0]: {"university": "전남대학교"}},
    )
    assert stages(office, cases) == ["accepted", "accepted", "withdrawn", "waitlisted"]


def test_a_seat_given_up_by_a_learner_before_the_end_of_promotion_goes_to_the_waitlist(office: Office) -> None:
    cases = office.recruit(3)
    for case in cases[:2]:
        office.accept(case)

    office.withdraw(cases[0])

    assert stages(office, cases) == ["vacated", "accepted", "offered"]
    assert office.stage(office.enrolment_of(cases[0])) == "withdrawn"


def test_letters_of_a_decision_are_held_and_receipts_and_results_leave(office: Office) -> None:
    (case,) = office.recruit(1)
    refused = office.hand_in(2)
    office.accept(case)

    assert {letter.notice: letter.state.value for letter in office.letters(case)} == {
        "ApplicationReceived": "released",
        "SeatOffered": "released",
        "AcceptanceReceived": "released",
        "OnboardingStarted": "released",
    }
    assert {letter.notice: letter.state.value for letter in office.letters(refused)} == {"ApplicationLate": "held"}


def test_an_upheld_appeal_is_granted_a_seat_over_capacity_and_giving_it_up_makes_it_vanish(office: Office) -> None:
    cases = office.recruit(5)
    for case in cases[:2]:
        office.accept(case)
    office.tell(cases[4], AppealUpheld(appeal=APPEAL))
    claimed = office.case(ROUND).data["claims"]
    for role in ("lead", "city"):
        office.answer(cases[4], yes=True, by=staff(role))
    granted = (stages(office, cases), office.case(ROUND).data["extra"], office.case(ROUND).data["claims"])
    office.accept(cases[4])
    taken = office.case(ROUND).data["taken"]

    office.withdraw(cases[4])

    assert list(claimed) == [cases[4]]
    assert granted == (["accepted", "accepted", "waitlisted", "waitlisted", "offered"], [cases[4]], {})
    assert taken == [cases[0], cases[1], cases[4]]
    assert stages(office, cases) == ["accepted", "accepted", "waitlisted", "waitlisted", "vacated"]
    assert (office.case(ROUND).data["taken"], office.case(ROUND).data["extra"]) == (cases[:2], [])


def test_an_upheld_appeal_gets_a_seat_that_comes_free_before_anybody_who_waits(office: Office) -> None:
    cases = office.recruit(5)
    office.tell(cases[4], AppealUpheld(appeal=APPEAL))

    office.tell(cases[0], OfferDeclined(), by=applicant(office.case(cases[0])))

    assert stages(office, cases) == ["declined", "offered", "waitlisted", "waitlisted", "offered"]
    assert (office.case(cases[4]).tasks, office.case(ROUND).data["extra"]) == ((), [])


def test_whoever_the_university_does_not_confirm_on_the_waitlist_makes_room_for_the_next(office: Office) -> None:
    cases = office.recruit(4)
    office.tell(cases[2], EnrolmentChecked(is_enrolled=False), by=OPERATOR)
    office.tell(cases[0], OfferDeclined(), by=applicant(office.case(cases[0])))
    while_doubted = stages(office, cases)

    office.answer(cases[2], yes=True, by=LEE)

    assert while_doubted == ["declined", "offered", "waitlist_check", "waitlisted"]
    assert stages(office, cases) == ["declined", "offered", "ineligible_appealable", "offered"]


def test_whoever_is_passed_over_makes_room_for_the_next(office: Office) -> None:
    cases = office.recruit(4)
    office.tell(cases[2], SkipProposed(reason="vault-1"), by=OPERATOR)
    office.tell(cases[0], OfferDeclined(), by=applicant(office.case(cases[0])))

    office.answer(cases[2], yes=True, by=LEE)

    assert stages(office, cases) == ["declined", "offered", "skipped", "offered"]
    assert list(office.case(ROUND).data["offers"]) == [cases[1], cases[3]]
