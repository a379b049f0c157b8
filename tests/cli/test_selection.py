"""A whole selection, by the commands alone, in the order in which docs/selection.md tells it."""

from tests.cli.selection_desk import Desk
from tests.support.cohort import HOUR
from tests.support.office import ROUND


def test_the_office_selects_from_the_plan_to_the_last_seat_by_commands_alone(desk: Desk) -> None:
    desk.select()
    before = desk.done("round", "show", ROUND)
    desk.publish()

    published = desk.done("round", "show", ROUND)
    offers = desk.done("offers", "list", ROUND)
    for offer in offers:
        desk.done("offers", "accept", offer["application"], "--as", "kim", "--consent", "pledge@1=yes")
    seated = desk.done("round", "show", ROUND)

    assert (before["stage"], published["stage"]) == ("approved", "published")
    assert [offer["rank"] for offer in offers] == [1, 2, 4]  # the third is of a university whose maximum is two
    assert published["seats"]["offers"] == seated["seats"]["taken"] == 3
    assert seated["quotas"][0]["held"] == 2
    assert {desk.office.stage(offer["application"]) for offer in offers} == {"accepted"}


def test_why_somebody_has_no_seat_is_said_in_both_languages(published_desk: Desk) -> None:
    desk = published_desk
    third = desk.cases[2]

    explained = desk.done("cases", "explain", third)
    korean = desk.sadari("cases", "explain", third, "--lang", "ko")
    shown = desk.done("rank", "show", ROUND)

    assert explained["place"]["en"] == shown["entries"][2]["place"]["en"]
    assert "the 전남대학교 quota (2) was full" in explained["place"]["en"]
    assert explained["place"]["ko"] in korean.out


def test_a_declined_seat_goes_to_the_next_who_may_take_it(published_desk: Desk) -> None:
    desk = published_desk

    told = desk.done("offers", "decline", desk.cases[3], "--as", "kim")

    assert told["told"][0]["stage"] == "declined"
    assert desk.office.stage(desk.cases[2]) == "waitlisted"
    assert desk.office.stage(desk.cases[4]) == "offered"


def test_an_offer_that_nobody_answers_expires_and_goes_on(published_desk: Desk) -> None:
    desk = published_desk
    ends_at = desk.facts(desk.cases[0]).answer_by
    assert ends_at is not None

    desk.office.until(ends_at + HOUR)

    assert desk.office.stage(desk.cases[0]) == "lapsed"
    assert desk.office.stage(desk.cases[2]) == "offered"
