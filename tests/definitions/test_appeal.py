"""An appeal against a decision: in time, admissible, looked at again by a human with a reason."""

import pytest

from schemas.events.appeal import AppealFiled, AppealWithdrawn
from schemas.events.application import AppealUpheld, NotSelected, OfferMade
from schemas.events.engine import CalendarMoved
from schemas.events.seats import SeatAdded, SeatClaimed
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId, PersonId
from schemas.messages import Actor, Entry
from schemas.round import Round
from tests.support.cohort import CALENDAR, DAY, HOUR, MINUTE, TERMS, TICK, kst, moved
from tests.support.generated import APPLICATIONS, a_ranking
from tests.support.life import Life, sent, staff, told, verdict
from tests.support.submitted import a_submission
from workflows.definitions.seats import add_seat, grant_claim
from workflows.engine.history import messages_of

DECIDED = kst("2027-04-02 10:00")
FILED = DECIDED + 3 * DAY
ENDS = DECIDED + 7 * DAY
APPLICANT = Actor(kind="person", id="person-1", role="applicant")
OPERATOR, LEAD, CITY = staff("operator"), staff("lead"), staff("city")
APPEAL = AppealFiled(
    decision=CaseId("application-1"),
    person=PersonId("person-1"),
    round=CaseId("round-1"),
    cohort="2027",
    calendar=CALENDAR,
    decided_at=DECIDED,
    decided_by=("operator-9",),
    appeal_by=ENDS,
    reason="where the vault keeps it",
)


@pytest.fixture
def life() -> Life:
    """An appeal that was just filed."""
    life = Life("appeal-1")
    life.tell(APPEAL, FILED, by=APPLICANT)
    return life


@pytest.fixture
def under_review(life: Life) -> Life:
    """An appeal that is admissible."""
    life.answer(yes=True, at=FILED + HOUR, by=OPERATOR)
    return life


def ends(life: Life, entry: Entry) -> tuple[str, bool, list[str], list[str]]:
    return life.stage, life.case.is_final, told(entry), sent(entry)


# ---- in time


def test_an_appeal_is_received_and_the_operator_is_asked() -> None:
    life = Life("appeal-1")

    filed = life.tell(APPEAL, FILED, by=APPLICANT)

    assert (life.stage, told(filed)) == ("filed", ["applicant: AppealReceived"])
    assert [(task.question, task.needs) for task in life.case.tasks] == [("Is this appeal admissible?", ("operator",))]
    assert (life.case.person, life.case.round, life.case.cohort) == ("person-1", "round-1", "2027")


def test_an_appeal_at_the_very_end_of_its_time_counts_and_one_after_it_does_not() -> None:
    in_time, too_late = Life("appeal-1"), Life("appeal-2")

    in_time.tell(APPEAL, ENDS, heard_at=ENDS + DAY, by=APPLICANT)
    refused = too_late.tell(APPEAL, ENDS + TICK, by=APPLICANT)

    assert in_time.stage == "filed"
    assert ends(too_late, refused) == ("too_late", True, ["applicant: AppealTooLate"], [])
    assert too_late.case.tasks == ()


def test_until_when_a_decision_can_be_appealed_against_comes_with_it() -> None:
    longer = APPEAL.model_copy(update={"appeal_by": ENDS + 7 * DAY})
    life = Life("appeal-1")

    life.tell(longer, ENDS + 7 * DAY, by=APPLICANT)

    assert life.stage == "filed"


# ---- admissible


def test_an_appeal_that_is_not_admissible_ends_and_the_decision_stands(life: Life) -> None:
    refused = life.answer(yes=False, at=FILED + HOUR, by=OPERATOR)

    assert ends(life, refused) == ("inadmissible", True, ["applicant: AppealInadmissible"], [])


def test_an_admissible_appeal_goes_to_somebody_else(life: Life) -> None:
    passed = life.answer(yes=True, at=FILED + HOUR, by=OPERATOR)
    by_operator = life.answer(yes=True, at=FILED + 2 * HOUR, by=OPERATOR)

    assert (life.stage, passed.effects[0].kind) == ("under_review", "timer")
    assert [(task.question, task.needs) for task in life.case.tasks] == [("Is this appeal upheld?", ("lead",))]
    assert verdict(by_operator) == ("rejected", "not_your_question: needs lead")


# ---- decided


def test_an_appeal_that_is_upheld_is_heard_by_the_case_that_decided(under_review: Life) -> None:
    upheld = under_review.answer(yes=True, at=FILED + DAY, by=LEAD)

    expected = ("upheld", True, ["applicant: AppealAccepted"], ["AppealUpheld to application-1"])
    assert ends(under_review, upheld) == expected
    assert upheld.effects[0].data == {"appeal": "appeal-1"}


def test_an_appeal_that_is_dismissed_changes_nothing(under_review: Life) -> None:
    dismissed = under_review.answer(yes=False, at=FILED + DAY, by=LEAD)

    assert ends(under_review, dismissed) == ("dismissed", True, ["applicant: AppealDismissed"], [])


@pytest.mark.parametrize("yes", [True, False])
def test_every_answer_needs_a_reason(life: Life, *, yes: bool) -> None:
    unreasoned = life.answer(yes=yes, at=FILED + HOUR, by=OPERATOR, reason="")
    life.answer(yes=True, at=FILED + HOUR, by=OPERATOR)
    unreasoned_again = life.answer(yes=yes, at=FILED + DAY, by=LEAD, reason="")

    assert verdict(unreasoned) == verdict(unreasoned_again) == ("rejected", "needs_a_reason")
    assert life.stage == "under_review"


def test_a_question_that_is_overdue_goes_to_who_stands_above(life: Life) -> None:
    admissible = life.ring()
    life.answer(yes=True, at=admissible.heard_at + MINUTE, by=LEAD)
    upheld = life.ring()
    life.answer(yes=True, at=upheld.heard_at + MINUTE, by=CITY)

    assert (told(admissible), told(upheld)) == (["lead: QuestionOverdue"], ["city: QuestionOverdue"])
    # Filed on a Monday: two working days, and then five of which none is a holiday.
    assert (admissible.heard_at, upheld.heard_at.date()) == (FILED + 2 * DAY, kst("2027-04-14 10:00").date())
    assert life.stage == "upheld"


# ---- taken back


@pytest.mark.parametrize("stage", ["filed", "under_review"])
def test_the_person_takes_an_appeal_back_until_it_is_decided(life: Life, stage: str) -> None:
    if stage == "under_review":
        life.answer(yes=True, at=FILED + HOUR, by=OPERATOR)

    taken_back = life.tell(AppealWithdrawn(), FILED + DAY, by=APPLICANT)

    assert ends(life, taken_back) == ("withdrawn", True, ["applicant: AppealTakenBack"], [])
    assert (life.case.tasks, life.case.timers) == ((), {})


def test_what_was_decided_is_not_taken_back(under_review: Life) -> None:
    under_review.answer(yes=True, at=FILED + DAY, by=LEAD)

    late = under_review.tell(AppealWithdrawn(), FILED + 2 * DAY, by=APPLICANT)

    assert (under_review.stage, verdict(late)) == ("upheld", ("ignored", "not_answered_here: upheld"))


# ---- what comes of it


def test_an_upheld_appeal_brings_an_application_back() -> None:
    application = Life("application-1")
    application.tell(a_submission(is_enrolled=False), CALENDAR.applications_open + DAY)
    application.ring()
    application.answer(yes=True, at=CALENDAR.applications_close + DAY, by=OPERATOR)
    before = application.stage
    appeal = Life("appeal-1")
    at = CALENDAR.applications_close + 2 * DAY
    appeal.tell(APPEAL.model_copy(update={"decided_at": at - DAY}), at, by=APPLICANT)
    appeal.answer(yes=True, at=at + HOUR, by=OPERATOR)
    upheld = appeal.answer(yes=True, at=at + 2 * HOUR, by=LEAD)

    restored = [application.hear(message) for message in messages_of(upheld, appeal.id)]

    assert (before, application.stage) == ("ineligible_appealable", "eligible")
    assert application.subject.failed_rules == ()
    assert told(restored[0]) == ["applicant: ApplicationRestored", "operator: RankingOutdated"]


def reinstated() -> Life:
    """An application that was not selected, whose appeal was upheld after the results."""
    life = Life("application-1")
    life.tell(a_submission(), CALENDAR.applications_open + DAY)
    life.ring()
    life.tell(NotSelected(rank=5), DECIDED)
    life.tell(AppealUpheld(appeal=CaseId("appeal-1")), FILED)
    return life


def test_an_offer_by_rank_that_the_claim_overtook_is_not_taken_for_the_seat_that_was_granted() -> None:
    life = reinstated()

    by_rank = life.tell(OfferMade(rank=5), FILED + HOUR)
    before = life.stage
    life.tell(OfferMade(rank=0), FILED + 2 * HOUR)

    assert (verdict(by_rank), by_rank.effects) == (("applied", ""), ())
    assert (before, life.stage) == ("reinstated", "offered")


def test_a_claim_that_the_seat_over_capacity_overtook_does_not_take_that_seat_away() -> None:
    ranking = a_ranking(1, 2, 3)
    given = {"cohort": "2027", "programme": "ai", "terms": TERMS, "calendar": CALENDAR}
    held = Round(round=CaseId("round-1"), ranking=Fact(fact_id_of(ranking), ranking), **given)
    added = add_seat(held, SeatAdded(application=APPLICATIONS[2], returns=1, arrives_at=FILED))

    claimed = grant_claim(added, SeatClaimed(application=APPLICATIONS[2], returns=1, arrives_at=FILED))
    anew = grant_claim(added, SeatClaimed(application=APPLICATIONS[2], returns=2, arrives_at=FILED))

    assert claimed == added.model_copy(update={"fresh": {}})
    assert (list(anew.offers), anew.extra, anew.fresh) == ([APPLICATIONS[2]], (), {APPLICATIONS[2]: 0})


def test_a_moved_calendar_is_noted_and_the_questions_stay(life: Life) -> None:
    asked = life.case.tasks

    life.tell(CalendarMoved(calendar=moved(2)), FILED + HOUR, by=OPERATOR)

    assert (life.subject.calendar.version, life.case.tasks) == (2, asked)


def test_every_way_through_an_appeal_folds(under_review: Life) -> None:
    under_review.answer(yes=True, at=FILED + DAY, by=LEAD)

    assert under_review.fold() == under_review.case


# ---- four eyes


def test_whoever_decided_may_neither_admit_nor_decide_the_appeal() -> None:
    life = Life("appeal-1")
    life.tell(APPEAL, FILED, by=APPLICANT)

    refused = life.answer(yes=False, at=FILED + HOUR, by=Actor(kind="staff", id="operator-9", role="operator"))

    assert (refused.verdict, refused.reason, life.stage) == ("rejected", "needs_another_person", "filed")


def test_whoever_admitted_an_appeal_does_not_decide_it() -> None:
    life = Life("appeal-1")
    life.tell(APPEAL, FILED, by=APPLICANT)
    life.answer(yes=True, at=FILED + HOUR, by=Actor(kind="staff", id="both", role="operator"))

    refused = life.answer(yes=True, at=FILED + 2 * HOUR, by=Actor(kind="staff", id="both", role="lead"))

    assert (refused.verdict, refused.reason, life.stage) == ("rejected", "needs_another_person", "under_review")
