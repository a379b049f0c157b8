"""`sadari round`: planned with every fault at once, shown, extended, supplemented."""

import json
from datetime import timedelta

import pytest

from schemas.selection import Component, Quota
from tests.cli.selection_desk import SELECTION, Desk
from tests.support.cohort import CALENDAR
from tests.support.office import ROUND

AS = ("--as", "kim")


def test_a_plan_is_taken_once(desk: Desk) -> None:
    path = desk.plan()

    again = desk.sadari("round", "plan", path, *AS)

    assert desk.office.stage(ROUND) == "open"
    assert again.code == 1
    assert "there is a case [round-1] already" in again.err


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"calendar": {"results_at": "2027-03-01T10:00:00+09:00"}}, "[results_at] is before [applications_close]"),
        ({"terms": {"capacity": "many"}}, "[cohort.terms.capacity]"),
        ({"terms": {"risk": "sadari@99"}}, "[risk] names [sadari@99]; the presets are sadari@2, sadari@1"),
        ({"terms": {"risk": "sadari"}}, "[cohort.terms.risk]"),
        ({"selection": {"ties": ["charm"]}}, "[ties] name ['charm']"),
        ({"selection": {"rubric": []}}, "no [rubric]"),
        ({"selection": {"components": [{"id": "test", "weight": 1}]}}, "reviews would count for nothing"),
        (
            {"selection": {"quotas": [{"field": "university", "value": "A", "minimum": 3, "maximum": 1}]}},
            "the minimum of 3 is above the maximum of 1",
        ),
        ({"selection": {"quotas": [{"field": "track", "value": "A", "minimum": 9}]}}, "the minima add up to 9"),
        ({"surplus": 1}, "[cohort.surplus]"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_with_what_is_wrong(
    desk: Desk, changed: dict[str, object], says: str
) -> None:
    plan = json.loads((desk.folder / "cohort.json").read_text("utf-8")) if desk.plan() else {}
    for name, value in changed.items():
        plan["cohort"][name] = {**plan["cohort"][name], **value} if isinstance(value, dict) else value
    path = desk.file("bad.json", json.dumps({**plan, "round": "round-2"}))

    result = desk.sadari("round", "plan", path, *AS)

    assert result.code == 1
    assert says in result.err
    assert desk.office.ports.cases.get("round-2") is None  # type: ignore[arg-type]


@pytest.mark.parametrize("body", ["", "[]", '{"round": "a b", "cohort": {}}', '{"round": "r", "cohort": {}, "x": 1}'])
def test_what_is_no_plan_is_refused(desk: Desk, body: str) -> None:
    result = desk.sadari("round", "plan", desk.file("bad.json", body), *AS)

    assert result.code == 1
    assert len(result.err.strip().splitlines()) == 1


def test_a_round_shows_quotas_that_cannot_hold_once_it_is_ranked(desk: Desk) -> None:
    quota = Quota(field="university", value="호남대학교", minimum=1)
    desk.office.selection = SELECTION.model_copy(update={"quotas": (quota,)})
    desk.plan()
    before = desk.done("round", "show", ROUND)
    desk.take_forms()
    desk.close_form()
    desk.name_reviewers()
    desk.read_all()
    desk.test_all()

    run = desk.done("rank", "run", ROUND, *AS)
    shown = desk.sadari("round", "show", ROUND, "--lang", "ko")

    assert before["quota_faults"] == []
    assert run["quota_faults"][0]["en"] == "호남대학교: 1 are reserved, but only 0 are ranked."
    assert "cannot hold: 호남대학교: 최소 1명이 필요하지만" in shown.out


def test_an_extension_reopens_the_form_and_the_calendar_goes_to_every_open_case(open_desk: Desk) -> None:
    desk = open_desk
    desk.close_form()
    told = desk.done("round", "extend", ROUND, "--close", "2027-03-26T18:00", "--results", "2027-04-09T10:00", *AS)
    (question,) = desk.done("questions", "list")
    for role in ("lead", "city"):
        desk.done("questions", "answer", question["id"], "yes", "--as", f"{role}-1", "--role", role)

    reopened = desk.done("round", "show", ROUND)
    late = desk.office.hand_in(9)
    spread = desk.done("round", "calendar", ROUND, *AS)
    again = desk.sadari("round", "calendar", ROUND, *AS)

    assert told["told"][0]["stage"] == "extension_proposed"
    assert (reopened["stage"], reopened["version"], reopened["older_dates"]) == ("open", 2, 8)
    assert reopened["dates"]["applications_close"] == "2027-03-26T18:00:00+09:00"
    assert desk.office.stage(late) == "submitted"
    assert len(spread["told"]) == 8
    assert "goes by its dates" in again.out
    assert desk.done("round", "show", ROUND)["older_dates"] == 0


def test_dates_that_are_not_in_order_or_no_later_are_refused(open_desk: Desk) -> None:
    desk = open_desk
    desk.close_form()

    after_results = desk.sadari("round", "extend", ROUND, "--close", "2027-04-05T18:00", *AS)
    earlier = desk.sadari("round", "extend", ROUND, "--close", "2027-03-18T18:00", *AS)

    assert "[results_at] is before [applications_close]" in after_results.err
    assert "would change nothing" in earlier.err
    assert (after_results.code, earlier.code) == (1, 1)


def _supplement(order: str) -> tuple[str, ...]:
    dates = ("--open", "2027-04-12T09:00", "--close", "2027-04-16T18:00", "--results", "2027-04-23T10:00")
    return ("round", "supplement", ROUND, "--as-round", "round-1s", *dates, "--order", order, *AS)


def test_seats_that_nobody_waits_for_go_to_a_supplementary_round(desk: Desk) -> None:
    desk.office.selection = SELECTION.model_copy(update={"quotas": ()})
    desk.plan()
    desk.take_forms(2)
    desk.close_form()
    desk.name_reviewers()
    desk.read_all()
    desk.test_all()
    desk.done("rank", "run", ROUND, *AS)
    desk.approve()
    desk.publish()

    proposed = desk.done(*_supplement("kept"))
    (question,) = desk.done("questions", "list")
    for role in ("lead", "city"):
        desk.done("questions", "answer", question["id"], "yes", "--as", f"{role}-1", "--role", role)

    first, second = desk.done("round", "show", ROUND), desk.done("round", "show", "round-1s")
    taken_name = desk.sadari(*_supplement("kept"))
    assert proposed["told"][0]["stage"] == "supplement_proposed"
    assert (first["stage"], first["seats"]["capacity"], first["supplement"]) == ("supplemented", 2, "round-1s")
    assert (second["stage"], second["seats"]["capacity"], second["version"]) == ("planned", 1, 2)
    assert "there is a case [round-1s] already" in taken_name.err


def test_merged_whoever_waits_moves_to_the_supplementary_round(published_desk: Desk) -> None:
    desk = published_desk
    full = desk.sadari(*_supplement("merged"))
    for case in desk.cases[3:6]:
        desk.done("offers", "decline", case, *AS)
    assert desk.office.stage(desk.cases[2]) == "waitlisted"  # the maximum of the university keeps a free seat from them

    desk.done(*_supplement("merged"))
    (question,) = desk.done("questions", "list")
    for role in ("lead", "city"):
        desk.done("questions", "answer", question["id"], "yes", "--as", f"{role}-1", "--role", role)

    assert full.code == 1
    assert "would change nothing" in full.err
    assert desk.done("round", "show", "round-1s")["seats"]["capacity"] == 1
    assert (desk.office.stage(desk.cases[2]), desk.facts(desk.cases[2]).round) == ("eligible", "round-1s")


def test_an_order_that_there_is_none_of_is_wrong_use(published_desk: Desk) -> None:
    result = published_desk.sadari(*_supplement("shuffled"))

    assert result.code == 2
    assert "choose kept or merged" in result.err


def test_the_close_counts_to_the_second_and_its_grace_too(desk: Desk) -> None:
    desk.plan()
    closes_at = CALENDAR.applications_close + timedelta(minutes=SELECTION.admission.grace_minutes)
    desk.office.until(closes_at)
    in_time = desk.office.hand_in(1)
    desk.office.until(closes_at + timedelta(seconds=1))
    late = desk.office.hand_in(2)

    assert desk.office.stage(in_time) == "submitted"
    assert desk.office.stage(late) == "late"


def test_a_component_that_is_named_twice_is_refused(desk: Desk) -> None:
    desk.office.selection = SELECTION.model_copy(
        update={"components": (Component(id="test", weight=1), Component(id="test", weight=2)), "ties": ()}
    )

    with pytest.raises(AssertionError, match="name one twice"):
        desk.plan()
