"""Staff learn at once whether what they bring would change anything."""

import pytest

from functions.embedded import Embedded
from schemas.cohort import Terms
from schemas.events.application import InterestDeferred, OfferAccepted, OfferExtended, ScoreRecorded, SkipProposed
from schemas.events.engine import CalendarMoved
from schemas.events.enrolment import OnboardingFinished
from schemas.events.round import RoundPlanned
from schemas.events.seats import SeatTaken
from schemas.ids import CaseId, PersonId
from tests.support.cohort import CALENDAR, HOUR, moved
from tests.support.faults import Plan
from tests.support.life import staff
from tests.support.office import OPERATOR, ROUND, Office, applicant
from workflows.runtime.bring import bring
from workflows.runtime.errors import NotAllowed, Rejected, UnknownCase

TERMS = Terms(capacity=2, waitlist=2, offer_hours=48)
PLANNED = RoundPlanned(cohort="2027", programme="ai-academy", calendar=CALENDAR, terms=TERMS)


@pytest.fixture
def office(embedded: Embedded) -> Office:
    return Office(embedded)


@pytest.fixture
def eligible(office: Office) -> CaseId:
    """An application that can be scored."""
    office.plan()
    case = office.hand_in(1)
    office.until(CALENDAR.applications_close + HOUR)
    return case


def test_what_is_brought_is_published_for_the_case(office: Office, eligible: CaseId) -> None:
    plan = Plan()

    message = bring(ScoreRecorded(score=80), eligible, OPERATOR, plan.watched(office.ports))
    office.settle()

    assert plan.published == [message]
    assert (message.type, message.data, message.actor, message.at) == (
        "ScoreRecorded",
        {"score": 80, "component": "review"},
        OPERATOR,
        office.now,
    )
    assert office.case(eligible).data["scores"] == {"review": 80}


def test_what_opens_a_case_can_be_brought(office: Office) -> None:
    bring(PLANNED, ROUND, OPERATOR, office.ports)
    office.settle()

    assert office.stage(ROUND) == "planned"


def test_a_role_that_may_not_bring_it_is_refused(office: Office, eligible: CaseId) -> None:
    plan = Plan()

    for actor in (staff("city"), staff("reviewer"), applicant(office.case(eligible))):
        with pytest.raises(NotAllowed, match=r"may not bring \[ScoreRecorded\]"):
            bring(ScoreRecorded(score=80), eligible, actor, plan.watched(office.ports))
    with pytest.raises(NotAllowed, match=r"may not bring \[SeatTaken\]"):
        bring(SeatTaken(application=eligible), ROUND, OPERATOR, plan.watched(office.ports))

    assert plan.published == []


def test_an_applicant_brings_what_is_theirs(office: Office) -> None:
    (case,) = office.recruit(1)

    bring(OfferAccepted(consents={"news@1": False}), case, applicant(office.case(case)), office.ports)
    office.settle()

    assert (office.stage(case), office.case(case).data["consents"]) == ("accepted", {"news@1": False})


def test_a_case_that_is_not_there_is_refused(office: Office) -> None:
    with pytest.raises(UnknownCase):
        bring(ScoreRecorded(score=80), CaseId("nowhere"), OPERATOR, office.ports)


def test_what_the_stage_does_not_answer_is_refused_with_the_reason(office: Office) -> None:
    (case,) = office.recruit(1)

    with pytest.raises(Rejected, match="would change nothing: not_answered_here: offered"):
        bring(SkipProposed(reason="늦은 제출"), case, OPERATOR, office.ports)
    with pytest.raises(Rejected, match="would change nothing: nobody_answers: OnboardingFinished"):
        bring(OnboardingFinished(), case, OPERATOR, office.ports)


def test_what_the_case_knows_already_is_refused(office: Office, eligible: CaseId) -> None:
    office.tell(eligible, ScoreRecorded(score=80), by=OPERATOR)

    with pytest.raises(Rejected, match="would change nothing: the case has its facts already"):
        bring(ScoreRecorded(score=80), eligible, OPERATOR, office.ports)
    with pytest.raises(Rejected, match="would change nothing: the case has its facts already"):
        bring(CalendarMoved(calendar=moved(1)), eligible, OPERATOR, office.ports)


def test_what_comes_too_early_is_kept_for_later(office: Office) -> None:
    office.plan()
    case = office.hand_in(1)
    office.until(CALENDAR.applications_close - HOUR)

    bring(ScoreRecorded(score=80), case, OPERATOR, office.ports)
    office.settle()
    office.until(CALENDAR.applications_close + HOUR)

    assert office.case(case).data["scores"] == {"review": 80}


def test_a_double_click_is_one_event(office: Office, eligible: CaseId) -> None:
    first, second = (bring(ScoreRecorded(score=80), eligible, OPERATOR, office.ports) for _ in range(2))
    office.settle()

    assert first.id == second.id
    assert [entry.message.type for entry in office.entries(eligible)].count("ScoreRecorded") == 1


def test_a_submission_that_comes_again_later_is_a_repeat_and_another_is_not(office: Office, eligible: CaseId) -> None:
    first = bring(ScoreRecorded(score=80), eligible, OPERATOR, office.ports, submission="import-1")
    office.settle()

    again = bring(ScoreRecorded(score=80), eligible, OPERATOR, office.ports, submission="import-1")
    bring(ScoreRecorded(score=90), eligible, OPERATOR, office.ports, submission="import-2")
    office.settle()

    assert again.id == first.id
    assert office.case(eligible).data["scores"] == {"review": 90}


def test_what_somebody_typed_goes_to_the_vault_with_the_person_it_is_about(office: Office) -> None:
    (case,) = office.recruit(1)

    message = bring(OfferExtended(hours=24, reason="입원 중이라고 합니다"), case, OPERATOR, office.ports)
    office.settle()

    assert "입원" not in office.entries(case)[-1].model_dump_json()
    reference = message.data["reason"]
    assert office.ports.vault.get_text(reference, reader="test", reason="test") == "입원 중이라고 합니다"
    office.ports.vault.erase(PersonId(office.case(case).person))
    assert office.ports.vault.get_text(reference, reader="test", reason="test") is None


def test_what_is_refused_leaves_no_text_in_the_vault(office: Office) -> None:
    (case,) = office.recruit(1)
    before = office.embedded.database.all("select count(*) from texts")

    with pytest.raises(Rejected):
        bring(SkipProposed(reason="늦은 제출"), case, OPERATOR, office.ports)

    assert office.embedded.database.all("select count(*) from texts") == before


def test_an_answer_given_after_the_end_is_refused_by_the_deadline(office: Office) -> None:
    (case,) = office.recruit(1)
    office.until(CALENDAR.promotion_ends + HOUR)

    with pytest.raises(Rejected, match="would change nothing"):
        bring(InterestDeferred(consent="interest@1"), case, applicant(office.case(case)), office.ports)
