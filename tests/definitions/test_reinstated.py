"""What an appeal that was upheld changes in an application."""

from collections.abc import Callable

import pytest

from schemas.events.application import (
    AppealUpheld,
    OfferMade,
    WaitlistClosed,
)
from tests.support.applications import (
    APPEAL,
    CLOSE,
    ENDS,
    RESULTS,
    after_ringing,
    ineligible,
    not_selected,
    skipped,
)
from tests.support.cohort import DAY
from tests.support.life import Life, sent, staff, told
from tests.support.office import ROUND


def test_an_appeal_upheld_before_the_results_brings_the_application_back_to_be_ranked() -> None:
    life = ineligible()

    upheld = life.tell(AppealUpheld(appeal=APPEAL), CLOSE + 2 * DAY)

    assert (life.stage, life.subject.failed_rules, sent(upheld)) == ("eligible", (), [f"ListOutdated to {ROUND}"])
    (outdated,) = [effect for effect in upheld.effects if effect.kind == "event"]
    assert (outdated.targets, outdated.data) == ({ROUND: {}}, {"application": "application-1"})
    assert told(upheld) == ["applicant: ApplicationRestored", "operator: RankingOutdated"]


@pytest.mark.parametrize("refused", [ineligible, not_selected, skipped])
def test_an_appeal_upheld_after_the_results_claims_the_next_free_seat(refused: Callable[[], Life]) -> None:
    life = refused()

    upheld = life.tell(AppealUpheld(appeal=APPEAL), RESULTS + DAY)

    assert (life.stage, told(upheld), sent(upheld)) == (
        "reinstated",
        ["applicant: ApplicationRestored"],
        [f"SeatClaimed to {ROUND}"],
    )
    assert life.case.tasks[0].needs == ("lead", "city")


def reinstated() -> Life:
    life = not_selected()
    life.tell(AppealUpheld(appeal=APPEAL), RESULTS + DAY)
    return life


def test_a_seat_over_capacity_needs_the_lead_and_the_city() -> None:
    life = reinstated()

    one = life.answer(yes=True, at=RESULTS + DAY, by=staff("lead"))
    with_one = (life.stage, sent(one))
    two = life.answer(yes=True, at=RESULTS + DAY, by=staff("city"))

    assert with_one == ("reinstated", [])
    assert (life.stage, sent(two)) == ("seat_granted", [f"SeatAdded to {ROUND}"])


@pytest.mark.parametrize("granted", [False, True])
def test_an_offer_that_the_round_made_before_it_heard_of_the_appeal_is_not_taken(granted: bool) -> None:  # noqa: FBT001
    life = reinstated()
    for role in ("lead", "city") if granted else ():
        life.answer(yes=True, at=RESULTS + DAY, by=staff(role))
    stage = life.stage

    crossed = life.tell(OfferMade(rank=9), RESULTS + 2 * DAY)
    before = (life.stage, sent(crossed), told(crossed))
    life.tell(OfferMade(rank=0), RESULTS + 2 * DAY)

    assert (before, life.stage) == ((stage, [], []), "offered")


def test_one_no_leaves_the_claim_on_the_next_free_seat() -> None:
    life = reinstated()

    no = life.answer(yes=False, at=RESULTS + DAY, by=staff("city"))
    life.tell(OfferMade(rank=0), RESULTS + 3 * DAY)

    assert (sent(no), life.stage, life.subject.rank) == ([], "offered", 9)


@pytest.mark.parametrize("answered", [None, True, False])
def test_an_upheld_appeal_that_no_seat_came_free_for_ends_with_the_waitlist(answered: bool | None) -> None:  # noqa: FBT001
    life = reinstated()
    for role in ("lead", "city") if answered else ("lead",) if answered is False else ():
        life.answer(yes=bool(answered), at=RESULTS + DAY, by=staff(role))

    closed = life.tell(WaitlistClosed(), ENDS)

    assert (life.stage, told(closed)) == ("not_selected", ["applicant: WaitlistEnded"])


@pytest.mark.parametrize(
    "end",
    [lambda: after_ringing(ineligible()), lambda: after_ringing(not_selected()), lambda: after_ringing(skipped())],
)
def test_an_appeal_upheld_after_the_end_is_shown_to_staff(end: Callable[[], Life]) -> None:
    life = end()
    stage = life.stage

    late = life.tell(AppealUpheld(appeal=APPEAL), ENDS + DAY)

    assert (life.stage, told(late)) == (stage, ["operator: AppealHeardLate"])
