"""A person's request about their own data, and its ten days."""

from datetime import date

import pytest

from schemas.data_request import Right
from schemas.events.data_request import (
    DataRequestBlocked,
    DataRequested,
    DataRequestFulfilled,
    DataRequestLimited,
    DataRequestPassed,
    DataRequestTakenBack,
)
from schemas.ids import PersonId
from schemas.messages import Actor
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, TICK
from tests.support.life import Life, sent, staff, told, verdict

CAME = CALENDAR.results_at
OFFICER = staff("privacy_officer")
PERSON = Actor(kind="person", id="person-1", role="applicant")


def requested(right: Right, *, is_proven: bool = True) -> Life:
    life = Life("request-1")
    event = DataRequested(person=PersonId("person-1"), right=right, is_proven=is_proven, received_at=CAME)
    life.tell(event, CAME, by=PERSON)
    return life


def granted(right: Right) -> Life:
    """A request on its way to be carried out."""
    life = requested(right)
    if life.stage == "in_progress":
        life.answer(yes=True, at=CAME + HOUR, by=OFFICER)
    life.tell(DataRequestPassed(), CAME + HOUR)
    return life


@pytest.mark.parametrize("right", [Right.SEE, Right.WITHDRAW_CONSENT])
def test_who_is_proved_may_see_and_withdraw_without_anybodys_leave(right: Right) -> None:
    life = requested(right)

    assert life.stage == "granted"
    assert sent(life.entries[0]) == ["DataRequestPassed to request-1"]
    assert told(life.tell(DataRequestPassed(), CAME)) == ["privacy_officer: DataRequestGranted"]


@pytest.mark.parametrize("right", [Right.CORRECT, Right.ERASE, Right.SUSPEND])
def test_the_privacy_officer_weighs_the_rest(right: Right) -> None:
    life = requested(right)

    assert told(life.entries[0]) == ["applicant: DataRequestReceived", "privacy_officer: DataRequestFiled"]
    assert (life.stage, [task.needs for task in life.case.tasks]) == ("in_progress", [("privacy_officer",)])


@pytest.mark.parametrize("right", list(Right))
def test_what_comes_on_paper_is_proved_first(right: Right) -> None:
    life = requested(right, is_proven=False)
    before = life.stage

    life.answer(yes=True, at=CAME + DAY, by=OFFICER)

    assert (before, life.stage, life.subject.is_proven) == ("identity_check", "in_progress", True)


def test_who_is_not_the_person_is_refused_and_the_person_is_told_why() -> None:
    life = requested(Right.ERASE, is_proven=False)

    refused = life.answer(yes=False, at=CAME + DAY, by=OFFICER, reason="where the vault keeps it")

    assert (life.stage, told(refused)) == ("refused", ["applicant: DataRequestRefused"])
    assert refused.effects[0].data == {"right": "erase", "reason": "where the vault keeps it"}


def test_a_refusal_without_a_reason_is_none() -> None:
    life = requested(Right.CORRECT)

    refused = life.answer(yes=False, at=CAME + DAY, by=OFFICER, reason="")

    assert verdict(refused) == ("rejected", "needs_a_reason")
    assert life.stage == "in_progress"


def test_day_7_alarms_the_privacy_officer_and_the_lead_and_day_10_makes_it_overdue() -> None:
    life = requested(Right.CORRECT)

    rung = [life.ring() for _ in range(3)]

    assert [told(entry) for entry in rung] == [
        ["lead: QuestionOverdue"],
        ["privacy_officer: DataRequestDue", "lead: DataRequestDue"],
        ["applicant: DataRequestDelayed", "privacy_officer: DataRequestOverdue", "lead: DataRequestOverdue"],
    ]
    assert [entry.heard_at for entry in rung] == [CAME + 4 * DAY, CAME + 7 * DAY, CAME + 10 * DAY]
    assert (life.stage, life.subject.is_overdue, len(life.case.tasks)) == ("in_progress", True, 1)


def test_the_ten_days_count_from_the_receipt_whatever_the_proof_took() -> None:
    life = requested(Right.CORRECT, is_proven=False)
    life.answer(yes=True, at=CAME + 8 * DAY, by=OFFICER)

    alarm = life.ring("in_progress.alarm_on")
    over = life.case.timers["in_progress.request_ends"]

    assert told(alarm) == ["privacy_officer: DataRequestDue", "lead: DataRequestDue"]
    assert over.due == CAME + 10 * DAY


def test_time_running_out_puts_no_question_anew() -> None:
    life = requested(Right.CORRECT)
    before = life.case.tasks[0].id

    for _ in range(3):
        life.ring()

    assert life.case.tasks[0].id == before


def test_an_erasure_waits_a_day_for_a_change_of_mind() -> None:
    life = granted(Right.ERASE)
    coming = told(life.entries[-1])

    life.ring("erasing.after_1d")

    assert coming == ["applicant: ErasureComing"]
    assert life.stage == "fulfilling"
    assert life.entries[-1].heard_at == CAME + HOUR + DAY + GRACE


def test_who_changes_their_mind_within_the_day_is_not_erased() -> None:
    life = granted(Right.ERASE)

    back = life.tell(DataRequestTakenBack(), CAME + DAY, by=PERSON)

    assert (life.stage, told(back)) == ("withdrawn", ["applicant: DataRequestTakenBackReceived"])


@pytest.mark.parametrize(
    ("right", "tells"),
    [
        (Right.SEE, []),
        (Right.CORRECT, ["partners: DataCorrected"]),
        (Right.WITHDRAW_CONSENT, ["operator: ConsentEnded"]),
        (Right.SUSPEND, ["partners: ProcessingSuspended", "operator: ProcessingSuspended"]),
        (Right.ERASE, ["partners: DataErased"]),
    ],
)
def test_what_is_done_is_told_to_whoever_has_a_copy(right: Right, tells: list[str]) -> None:
    life = granted(right)
    if right is Right.ERASE:
        life.ring("erasing.after_1d")

    done = life.tell(DataRequestFulfilled(), CAME + 2 * DAY)

    assert (life.stage, told(done)) == ("done", [*tells, "applicant: DataRequestDone"])


def test_what_a_law_keeps_makes_a_refusal_in_part() -> None:
    life = requested(Right.ERASE)
    limits = DataRequestLimited(kept=("name", "contact"), ground="public_audit", kept_until=date(2030, 8, 20))
    life.tell(limits, CAME + TICK, by=OFFICER)
    life.answer(yes=True, at=CAME + HOUR, by=OFFICER)
    life.tell(DataRequestPassed(), CAME + HOUR)
    told_of = life.entries[-1].effects[0].data
    life.ring("erasing.after_1d")

    life.tell(DataRequestFulfilled(), CAME + 2 * DAY)

    assert told_of == {"kept": ["name", "contact"], "ground": "public_audit", "kept_until": "2030-08-20"}
    assert (life.stage, life.case.is_final) == ("partially_refused", True)


def test_what_is_under_a_legal_hold_goes_back_to_the_privacy_officer() -> None:
    life = granted(Right.ERASE)
    life.ring("erasing.after_1d")

    life.tell(DataRequestBlocked(), CAME + 2 * DAY)

    assert (life.stage, len(life.case.tasks)) == ("in_progress", 1)


def test_what_is_granted_and_not_carried_out_for_a_day_is_told() -> None:
    life = granted(Right.SUSPEND)

    stuck = life.ring()

    assert told(stuck) == ["privacy_officer: DataRequestStuck", "admin: DataRequestStuck"]


def test_every_way_folds() -> None:
    life = granted(Right.ERASE)
    life.ring("erasing.after_1d")
    life.tell(DataRequestFulfilled(), CAME + 2 * DAY)

    assert life.fold() == life.case
