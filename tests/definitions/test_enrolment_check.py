"""What the university's word changes in an application."""

from collections.abc import Callable

import pytest

from schemas.events.application import (
    EnrolmentChecked,
    OfferMade,
    RoundMerged,
)
from tests.support.applications import (
    CLOSE,
    LEE,
    NEXT,
    OPERATOR,
    RESULTS,
    eligible,
    submitted,
    waitlisted,
)
from tests.support.cohort import DAY, HOUR, MINUTE, moved
from tests.support.life import Life, sent, staff, told, verdict
from tests.support.office import ROUND
from tests.support.submitted import a_submission


def test_the_universitys_no_before_the_close_fails_the_rule_at_the_close() -> None:
    life = submitted()
    life.tell(EnrolmentChecked(is_enrolled=False), CLOSE - HOUR)

    life.ring()

    assert (life.stage, life.subject.failed_rules) == ("ineligible_proposed", ("enrolled@1",))


@pytest.mark.parametrize(("confirmed", "stage"), [(False, "ineligible_proposed"), (True, "eligible")])
def test_what_the_university_said_counts_whatever_the_form_says_later(confirmed: bool, stage: str) -> None:  # noqa: FBT001
    life = submitted(is_enrolled=not confirmed)
    life.tell(EnrolmentChecked(is_enrolled=confirmed), CLOSE - 2 * HOUR, by=OPERATOR)

    life.tell(a_submission(is_enrolled=not confirmed, answers="edited"), CLOSE - HOUR)
    kept = (life.subject.is_enrolled, life.subject.confirmed, life.subject.checked_by, life.subject.answers)
    life.ring()

    assert kept == (confirmed, confirmed, OPERATOR.id, "edited")
    assert life.stage == stage


@pytest.mark.parametrize("somewhere", [submitted, eligible, waitlisted])
@pytest.mark.parametrize("yes", [True, False])
def test_whoever_brought_the_universitys_no_does_not_decide_on_it(somewhere: Callable[[], Life], yes: bool) -> None:  # noqa: FBT001
    life = somewhere()
    life.tell(EnrolmentChecked(is_enrolled=False), life.case.arrived_at + MINUTE, by=OPERATOR)
    if somewhere is submitted:
        life.ring()
    stage, (task,) = life.stage, life.case.tasks

    own = life.answer(yes=yes, at=RESULTS + DAY, by=OPERATOR)
    as_lead = life.answer(yes=yes, at=RESULTS + DAY, by=staff("lead", OPERATOR.id))
    still = life.stage
    anothers = life.answer(yes=yes, at=RESULTS + DAY, by=LEE)

    assert (task.not_by, verdict(own), verdict(as_lead)[0]) == (
        (OPERATOR.id,),
        ("rejected", "needs_another_person"),
        "rejected",
    )
    assert (still, verdict(anothers), life.stage == stage) == (stage, ("applied", ""), False)


def test_whoever_brought_the_universitys_yes_may_decide_on_another_rule() -> None:
    life = submitted(can_attend=False)
    life.tell(EnrolmentChecked(is_enrolled=True), CLOSE - HOUR, by=OPERATOR)
    life.ring()

    ruled = life.answer(yes=True, at=CLOSE + DAY, by=OPERATOR)

    assert (verdict(ruled), life.stage) == (("applied", ""), "ineligible_appealable")
    assert life.subject.decided_by == (OPERATOR.id,)


@pytest.mark.parametrize("somewhere", [eligible, waitlisted])
def test_the_universitys_yes_changes_nothing(somewhere: Callable[[], Life]) -> None:
    life = somewhere()
    before = (life.stage, life.subject)

    life.tell(EnrolmentChecked(is_enrolled=True), life.case.arrived_at + HOUR)

    assert (life.stage, life.subject) == before


def doubted(life: Life) -> Life:
    life.tell(EnrolmentChecked(is_enrolled=False), life.case.arrived_at + HOUR)
    return life


@pytest.mark.parametrize(("somewhere", "stage"), [(eligible, "ineligible_proposed"), (waitlisted, "waitlist_check")])
def test_the_universitys_no_before_the_offer_is_put_to_a_human(somewhere: Callable[[], Life], stage: str) -> None:
    life = doubted(somewhere())

    (task,) = life.case.tasks
    assert (life.stage, life.subject.failed_rules, life.subject.is_enrolled) == (
        stage,
        ("enrolled@1",),
        False,
    )
    assert (task.question, told(life.entries[-1]), sent(life.entries[-1])) == (
        "Is this applicant really not eligible?",
        [],
        [],
    )


@pytest.mark.parametrize("somewhere", [eligible, waitlisted])
def test_a_human_who_confirms_it_gives_back_the_place_in_the_order(somewhere: Callable[[], Life]) -> None:
    life = doubted(somewhere())

    ruled = life.answer(yes=True, at=RESULTS + DAY, by=OPERATOR)

    (event,) = [effect.data for effect in ruled.effects if effect.kind == "event"]
    assert (life.stage, told(ruled), sent(ruled)) == (
        "ineligible_appealable",
        ["applicant: ApplicationIneligible"],
        [f"SeatReturned to {ROUND}"],
    )
    assert event == {"application": "application-1", "why": "ineligible", "returns": 1}


@pytest.mark.parametrize(("somewhere", "stage"), [(eligible, "eligible"), (waitlisted, "waitlisted")])
def test_a_human_who_does_not_confirm_it_leaves_the_application_where_it_was(
    somewhere: Callable[[], Life], stage: str
) -> None:
    life = doubted(somewhere())

    ruled = life.answer(yes=False, at=RESULTS + DAY, by=OPERATOR)

    assert (life.stage, life.subject.failed_rules, life.subject.was_checked, sent(ruled)) == (stage, (), False, [])


@pytest.mark.parametrize(("yes", "stage"), [(True, "ineligible_appealable"), (False, "offered")])
def test_an_offer_that_arrives_while_it_is_doubted_is_taken_or_returned(yes: bool, stage: str) -> None:  # noqa: FBT001
    life = doubted(waitlisted())
    life.tell(OfferMade(rank=3), RESULTS + 2 * HOUR)

    ruled = life.answer(yes=yes, at=RESULTS + DAY, by=OPERATOR)

    assert (life.stage, set(sent(ruled))) == (stage, {f"SeatReturned to {ROUND}"} if yes else set())


def test_whoever_is_doubted_while_the_waitlist_is_merged_still_goes_over() -> None:
    life = doubted(waitlisted())
    life.tell(RoundMerged(round=NEXT, calendar=moved(2)), RESULTS + 2 * HOUR)

    ruled = life.answer(yes=False, at=RESULTS + DAY, by=OPERATOR)

    assert (life.stage, life.case.round, told(ruled)) == ("eligible", NEXT, ["applicant: WaitlistMoved"])
