"""Why an application has a seat, waits or has neither, as the office reads it."""

import pytest

from functions.embedded import Embedded
from schemas.ids import CaseId
from tests.support.cohort import CALENDAR, HOUR
from tests.support.office import ROUND, Office
from tests.support.submitted import a_submission
from workflows.definitions.places import Sentence
from workflows.runtime.place import place


@pytest.fixture
def office(embedded: Embedded) -> Office:
    return Office(embedded)


def english(office: Office, case: CaseId) -> str:
    sentence = place(office.case(case), office.ports)
    assert sentence is not None
    return sentence.en


def test_every_application_of_a_published_round_has_its_sentence(office: Office) -> None:
    cases = office.recruit(5)
    office.accept(cases[0])

    assert [english(office, case) for case in cases] == [
        "1st of 2; the seat is taken.",
        "2nd of 2; seat held until 2027-04-04 10:00 KST.",
        "3rd: 1st on the waitlist; every seat went to a higher rank.",
        "4th: 2nd on the waitlist; every seat went to a higher rank.",
        "5th of 5: neither one of 2 seats nor of 2 places on the waitlist.",
    ]


def test_before_the_ranking_it_says_so(office: Office) -> None:
    office.plan()
    case = office.hand_in(1)
    office.until(CALENDAR.applications_close + HOUR)

    assert place(office.case(case), office.ports) == Sentence(
        "아직 순위가 확정되지 않았습니다.", "The round is not ranked yet."
    )


def test_what_is_no_application_has_no_place(office: Office) -> None:
    office.plan()

    assert place(office.case(ROUND), office.ports) is None


def test_an_application_of_a_round_that_is_not_here_has_no_place(office: Office) -> None:
    case = CaseId("application-1")
    office.tell(case, a_submission(case, round=CaseId("elsewhere")))

    assert place(office.case(case), office.ports) is None
