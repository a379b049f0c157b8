"""Nobody holds two places: forms of who has withdrawn, and of who is still in the round before."""

from collections.abc import Iterator

import pytest

from functions.embedded import Embedded
from schemas.events.round import RoundPlanned
from schemas.ids import CaseId
from schemas.messages import Actor
from tests.support.cohort import CALENDAR, DAY, HOUR, TERMS
from tests.support.office import KEY, OPERATOR, ROUND, Office, a_form
from workflows.runtime.errors import NotAllowed, Rejected
from workflows.runtime.intake import Origin, hand_in, submit_application

LATER = CaseId("round-1s")


@pytest.fixture
def office(embedded: Embedded) -> Iterator[Office]:
    return Office(embedded)


def plan_later(office: Office) -> None:
    calendar = CALENDAR.model_copy(update={"applications_open": office.now, "applications_close": office.now + 3 * DAY})
    planned = RoundPlanned(cohort="2027", programme="ai-academy", calendar=calendar, terms=TERMS, former=ROUND)
    office.tell(LATER, planned, by=OPERATOR)
    office.until(office.now + HOUR)


def apply_later(office: Office, number: int) -> CaseId:
    origin = Origin("form", f"later {number}", office.now)
    receipt = submit_application(a_form(number), LATER, origin, key=KEY, ports=office.ports)
    office.settle()
    return receipt.case


def test_whoever_waits_or_holds_a_seat_in_the_round_before_applies_to_no_supplementary_one(office: Office) -> None:
    cases = office.recruit(6)
    plan_later(office)

    standing = [office.stage(case) for case in cases]

    for number, stage in enumerate(standing, 1):
        if stage == "not_selected_appealable":
            assert office.stage(apply_later(office, number)) == "submitted"
        else:
            with pytest.raises(Rejected, match="still stands"):
                apply_later(office, number)
    assert {"offered", "waitlisted", "not_selected_appealable"} == set(standing)


def test_whoever_has_withdrawn_is_told_so_instead_of_getting_a_receipt_for_nothing(office: Office) -> None:
    office.plan()
    case = office.hand_in(1)
    office.withdraw(case)

    with pytest.raises(Rejected, match="withdrawn"):
        office.hand_in(1, motivation="again")


@pytest.mark.parametrize(
    "actor",
    [
        Actor(kind="person", id="somebody-else", role="applicant"),
        Actor(kind="staff", id="rev-a", role="applicant"),
        Actor(kind="staff", id="rev-a"),
    ],
)
def test_nobody_speaks_for_another_applicant(office: Office, actor: Actor) -> None:
    cases = office.recruit(2)
    origin = Origin("desk", "decline", office.now)

    with pytest.raises(NotAllowed):
        hand_in("OfferDeclined", cases[0], {}, actor, origin, roles=frozenset({"applicant"}), ports=office.ports)

    office.settle()
    assert office.stage(cases[0]) == "offered"
