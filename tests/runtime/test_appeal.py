"""One appeal against one decision, by the person it is about; what they write lies in the vault."""

from datetime import datetime, timedelta

import pytest

from functions.embedded import Embedded
from schemas.events.application import EnrolmentChecked
from schemas.ids import CaseId, PersonId
from schemas.messages import Actor
from tests.support.cohort import CALENDAR, DAY, HOUR, TICK
from tests.support.faults import Plan
from tests.support.life import staff
from tests.support.office import OPERATOR, ROUND, Office, applicant, stages
from workflows.runtime.appeal import REASON_MAX, file_appeal
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, Rejected

WHY = "재학증명서를 제때 냈습니다."
LEE = staff("operator", "lee")


@pytest.fixture
def office(embedded: Embedded) -> Office:
    return Office(embedded)


@pytest.fixture
def refused(office: Office) -> CaseId:
    """An application that was found not eligible."""
    office.plan()
    case = office.hand_in(1, is_enrolled=False)
    office.until(CALENDAR.applications_close + HOUR)
    office.answer(case, yes=True)
    return case


def filed(office: Office, case: CaseId, reason: str = WHY) -> CaseId:
    message = file_appeal(case, reason, applicant(office.case(case)), office.ports)
    office.settle()
    return message.case


# ---- filing


def test_an_appeal_is_a_case_of_its_own_about_the_decision(office: Office, refused: CaseId) -> None:
    decided = office.case(refused)
    plan = Plan()

    message = file_appeal(refused, f"  {WHY}\n", applicant(decided), plan.watched(office.ports))
    office.settle()

    appeal = office.case(message.case)
    assert plan.published == [message]
    assert (message.type, message.actor) == ("AppealFiled", applicant(decided))
    assert (appeal.stage, appeal.person, appeal.round, appeal.data["decision"]) == (
        "filed",
        decided.person,
        ROUND,
        refused,
    )
    assert datetime.fromisoformat(message.data["decided_at"]) == decided.arrived_at
    assert datetime.fromisoformat(message.data["appeal_by"]) == decided.arrived_at + 7 * DAY
    assert message.data["decided_by"] == [OPERATOR.id]
    assert office.notices()["AppealReceived"] == 1


def test_what_the_person_writes_lies_in_the_vault_and_nowhere_else(office: Office, refused: CaseId) -> None:
    appeal = filed(office, refused, f"  {WHY}\n")

    reference = office.case(appeal).data["reason"]
    assert WHY not in "".join(entry.model_dump_json() for entry in office.entries(appeal))
    assert office.ports.vault.get_text(reference, reader="test", reason="test") == WHY
    office.ports.vault.erase(PersonId(office.case(refused).person))
    assert office.ports.vault.get_text(reference, reader="test", reason="test") is None


def test_one_decision_is_appealed_against_once(office: Office, refused: CaseId) -> None:
    first = filed(office, refused)
    office.until(office.now + HOUR)

    again = filed(office, refused, "다시 씁니다.")

    assert again == first
    assert [entry.message.type for entry in office.entries(first)] == ["AppealFiled"]
    assert office.notices()["AppealReceived"] == 1


@pytest.mark.parametrize(("late", "stage"), [(0 * TICK, "filed"), (TICK, "too_late")])
def test_an_appeal_at_the_very_end_of_its_time_counts(
    office: Office, refused: CaseId, late: timedelta, stage: str
) -> None:
    ends = office.case(refused).arrived_at + 7 * DAY
    office.until(ends + late)

    assert office.stage(filed(office, refused)) == stage


def test_only_the_person_can_appeal(office: Office, refused: CaseId) -> None:
    person = office.case(refused).person
    others = [
        Actor(kind="person", id="somebody-else", role="applicant"),
        Actor(kind="staff", id=person, role="operator"),
        OPERATOR,
    ]

    for actor in others:
        with pytest.raises(NotAllowed, match="Only the applicant can appeal"):
            file_appeal(refused, WHY, actor, office.ports)


@pytest.mark.parametrize("case", ["nowhere", ROUND])
def test_what_is_no_application_cannot_be_appealed_against(office: Office, refused: CaseId, case: str) -> None:
    with pytest.raises(NotFound, match="No such application"):
        file_appeal(CaseId(case), WHY, applicant(office.case(refused)), office.ports)


def test_where_nothing_was_decided_there_is_nothing_to_appeal_against(office: Office) -> None:
    (case,) = office.recruit(1)

    with pytest.raises(Rejected, match=rf"Application \[{case}\] is offered: there is no decision"):
        file_appeal(case, WHY, applicant(office.case(case)), office.ports)


@pytest.mark.parametrize("reason", ["", "  \n", "가" * (REASON_MAX + 1)], ids=["nothing", "blank", "too long"])
def test_an_appeal_without_a_fit_reason_is_refused(office: Office, refused: CaseId, reason: str) -> None:
    with pytest.raises(BadForm) as raised:
        file_appeal(refused, reason, applicant(office.case(refused)), office.ports)

    assert list(raised.value.faults) == ["reason"]


# ---- what becomes of it


def uphold(office: Office, appeal: CaseId) -> None:
    office.answer(appeal, yes=True, by=LEE)
    office.answer(appeal, yes=True, by=staff("lead"))


def test_whoever_decided_before_decides_nothing_in_the_appeal(office: Office, refused: CaseId) -> None:
    appeal = filed(office, refused)

    with pytest.raises(NotAllowed, match="needs_another_person"):
        office.answer(appeal, yes=True, by=OPERATOR)
    office.answer(appeal, yes=True, by=LEE)
    for who in (OPERATOR, LEE):
        with pytest.raises(NotAllowed, match="needs_another_person"):
            office.answer(appeal, yes=True, by=staff("lead", who.id))

    assert office.stage(appeal) == "under_review"


def test_an_appeal_against_a_decision_that_has_become_final_is_the_same_appeal(office: Office, refused: CaseId) -> None:
    first = filed(office, refused)
    office.until(CALENDAR.promotion_ends + HOUR)

    again = filed(office, refused)

    assert (office.stage(refused), again) == ("ineligible", first)


def test_an_appeal_that_is_upheld_in_time_brings_the_application_back(office: Office, refused: CaseId) -> None:
    appeal = filed(office, refused)

    uphold(office, appeal)

    assert stages(office, [appeal, refused]) == ["upheld", "eligible"]
    assert office.notices()["RankingOutdated"] == 1


def test_an_appeal_that_is_dismissed_leaves_the_decision(office: Office, refused: CaseId) -> None:
    appeal = filed(office, refused)

    office.answer(appeal, yes=True, by=LEE)
    office.answer(appeal, yes=False, by=staff("lead"))

    assert stages(office, [appeal, refused]) == ["dismissed", "ineligible_appealable"]


def test_an_appeal_after_the_results_claims_a_seat_and_two_may_grant_one_over_capacity(office: Office) -> None:
    cases = office.recruit(5)
    appeal = filed(office, cases[4])
    uphold(office, appeal)
    claimed = office.stage(cases[4])

    for role in ("lead", "city"):
        office.answer(cases[4], yes=True, by=staff(role))

    assert (claimed, office.stage(cases[4])) == ("reinstated", "offered")
    assert (office.case(ROUND).data["extra"], len(office.case(ROUND).data["offers"])) == ([cases[4]], 3)


def test_the_same_decision_after_another_visit_is_another_decision(office: Office, refused: CaseId) -> None:
    first = filed(office, refused)
    uphold(office, first)
    office.until(office.now + HOUR)
    office.tell(refused, EnrolmentChecked(is_enrolled=False), by=staff("university"))
    office.answer(refused, yes=True)

    second = filed(office, refused)

    assert first != second
    assert stages(office, [first, second]) == ["upheld", "filed"]
