"""`sadari interviews`: times from a file, invitations, choices by mail or phone, and who comes when."""

from datetime import timedelta

import pytest

from functions.forms.csv_table import Line
from functions.forms.slots_csv import read_slots
from schemas.interviews import Slot
from tests.cli.selection_desk import Desk
from tests.support.cohort import CALENDAR, DAY, HOUR, kst
from tests.support.office import ROUND

AS = ("--as", "kim")
TABLE = "id,at,minutes,places\nmon,2027-03-29T10:00,20,1\ntue,2027-03-30 10:00,30,2\n"
BY = ("--choose-by", "2027-03-26T18:00")
FIRST = kst("2027-03-29 10:00")


def plan(desk: Desk) -> None:
    desk.done("interviews", "plan", ROUND, desk.file("slots.csv", TABLE), *AS)


def invite(desk: Desk, *applications: str) -> list[str]:
    told = desk.done("interviews", "invite", ROUND, *applications, *BY, *AS)["told"]
    return sorted(each["case"] for each in told)


def places(desk: Desk) -> dict[str, list[str]]:
    """Who comes when."""
    return {row["slot"]: row["booked"] for row in desk.done("interviews", "list", ROUND)["slots"]}


# ---- the times


def test_times_are_planned_once_and_are_in_korea_without_an_offset(screening_desk: Desk) -> None:
    desk = screening_desk
    path = desk.file("slots.csv", TABLE)

    planned = desk.done("interviews", "plan", ROUND, path, *AS)
    again = desk.sadari("interviews", "plan", ROUND, path, *AS)

    listed = desk.done("interviews", "list", ROUND)
    assert (planned["slots"], planned["told"][0]["stage"]) == (2, "booking")
    assert [(row["slot"], row["minutes"], row["places"], row["booked"]) for row in listed["slots"]] == [
        ("mon", 20, 1, []),
        ("tue", 30, 2, []),
    ]
    assert listed["slots"][0]["at"] in {"2027-03-29 10:00:00+09:00", "2027-03-29 01:00:00+00:00"}
    assert again.code == 1
    assert "are planned" in again.err


def test_a_rehearsal_plans_nothing(screening_desk: Desk) -> None:
    desk = screening_desk
    before = desk.dump()

    rehearsed = desk.done("interviews", "plan", ROUND, desk.file("slots.csv", TABLE), *AS, "--dry-run")

    assert (rehearsed["dry_run"], rehearsed["told"][0]["verdict"]) == (True, "applied")
    assert desk.dump() == before
    assert desk.sadari("interviews", "list", ROUND).code == 1


def test_a_file_with_a_fault_is_not_taken_at_all_and_every_fault_stands_beside_its_row(screening_desk: Desk) -> None:
    desk = screening_desk
    path = desk.file("slots.csv", f"{TABLE}old,2027-03-01T10:00,20,1\n,soon,0,two\n")

    result = desk.sadari("interviews", "plan", ROUND, path, *AS, "--json")
    none = desk.sadari("interviews", "plan", ROUND, desk.file("none.csv", "id,at,minutes,places\n"), *AS, "--json")

    assert (result.code, none.code) == (1, 1)
    assert [(row["row"], row["result"], row["note"].split(" ")[0]) for row in result.json["rows"]][:3] == [
        (2, "not taken", "2027-03-29"),
        (3, "not taken", "2027-03-30"),
        (4, "refused", "at"),
    ]
    assert set(result.json["rows"][3]["note"].split("; ")) == {
        "id is no id",
        "at is no date and time, such as 2027-03-29T10:00",
        "minutes is no whole number from 1 to 480",
        "places is no whole number from 1 to 100",
    }
    assert desk.sadari("interviews", "list", ROUND).code == 1


def test_a_time_stands_in_one_row() -> None:
    lines = read_slots(b"id,at,minutes,places\na,2027-03-29T10:00Z,20,1\nb,2027-03-29T10:00,20,1\nb,x,20,1\n")

    assert lines[0] == Line(2, Slot(id="a", at=kst("2027-03-29 19:00"), minutes=20, places=1))
    assert [set(line.faults) for line in lines] == [set(), set(), {"at"}]
    repeated = read_slots(b"id,at,minutes,places\na,2027-03-29T10:00,20,1\na,2027-03-30T10:00,20,1\n")
    assert [set(line.faults) for line in repeated] == [{"id"}, {"id"}]


# ---- who is invited


def test_without_names_all_who_are_eligible_are_invited_and_nobody_twice(screening_desk: Desk) -> None:
    desk = screening_desk
    plan(desk)

    one = invite(desk, desk.cases[0])
    others = invite(desk)
    nobody = desk.sadari("interviews", "invite", ROUND, *BY, *AS)

    assert (one, others) == (desk.cases[:1], sorted(desk.cases[1:]))
    assert desk.office.notices()["InterviewInvitation"] == 8
    assert nobody.code == 0
    assert "everybody who is eligible" in nobody.out
    assert sorted(desk.done("interviews", "list", ROUND)["without"]) == sorted(desk.cases)


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--choose-by", "2027-03-01T18:00"), 1, "is over"),
        (("--choose-by", "tomorrow"), 2, "is no date and time"),
    ],
)
def test_a_date_that_is_over_invites_nobody(screening_desk: Desk, more: tuple[str, str], code: int, said: str) -> None:
    plan(screening_desk)

    result = screening_desk.sadari("interviews", "invite", ROUND, *more, *AS)

    assert result.code == code
    assert said in result.err
    assert "InterviewInvitation" not in screening_desk.office.notices()


def test_before_the_times_are_planned_nobody_is_invited(screening_desk: Desk) -> None:
    result = screening_desk.sadari("interviews", "invite", ROUND, *BY, *AS)

    assert result.code == 1
    assert f"sadari interviews plan {ROUND}" in result.err


def test_nobody_is_invited_before_the_form_is_settled(open_desk: Desk) -> None:
    desk = open_desk
    plan(desk)

    result = desk.sadari("interviews", "invite", ROUND, desk.cases[0], *BY, *AS)

    assert result.code == 1
    assert "is submitted, not eligible" in result.err
    assert not desk.office.case(desk.cases[0]).parked


# ---- who comes when


def test_a_choice_by_mail_is_the_persons_and_the_clerk_stays_in_the_access_log(screening_desk: Desk) -> None:
    desk, case = screening_desk, screening_desk.cases[0]
    plan(desk)
    invite(desk)

    told = desk.done("interviews", "choose", case, "mon", *AS)

    entry = next(entry for entry in desk.office.entries(case) if entry.message.type == "InterviewChosen")
    assert (told["slot"], told["choices_left"], told["told"][0]["verdict"]) == ("mon", 2, "applied")
    assert (entry.message.actor.kind, entry.message.actor.id) == ("person", desk.office.case(case).person)
    looks = [(row["reader"], row["reason"]) for row in desk.office.ports.vault.accesses()]
    assert ("kim", "InterviewChosen on paper or by phone") in looks
    assert places(desk) == {"mon": [case], "tue": []}
    assert case in desk.sadari("interviews", "list", ROUND).out


def test_a_slot_that_is_full_is_not_booked_and_the_person_is_told(screening_desk: Desk) -> None:
    desk, (first, second, *_) = screening_desk, screening_desk.cases
    plan(desk)
    invite(desk)
    desk.done("interviews", "choose", first, "mon", *AS)

    result = desk.sadari("interviews", "choose", second, "mon", *AS)
    same = desk.sadari("interviews", "choose", first, "mon", *AS)
    nowhere = desk.sadari("interviews", "choose", second, "wed", *AS)

    assert (result.code, same.code, nowhere.code) == (1, 1, 1)
    assert "[mon] is not booked" in result.err
    assert "would change nothing" in same.err
    assert "no slot [wed]" in nowhere.err
    assert desk.office.notices()["InterviewSlotFull"] == 1
    assert places(desk) == {"mon": [first], "tue": []}


def test_a_time_is_changed_twice_and_then_only_by_the_office(screening_desk: Desk) -> None:
    desk, case = screening_desk, screening_desk.cases[0]
    plan(desk)
    invite(desk)
    for slot in ("mon", "tue", "mon"):
        desk.done("interviews", "choose", case, slot, *AS)

    third = desk.sadari("interviews", "choose", case, "tue", *AS)
    desk.done("interviews", "reopen", case, *BY, *AS)
    again = desk.sadari("interviews", "reopen", case, *BY, *AS)
    changed = desk.done("interviews", "choose", case, "tue", *AS)

    assert third.code == 1
    assert "[tue] is not booked" in third.err
    assert (changed["slot"], changed["choices_left"]) == ("tue", 0)
    assert again.code == 1
    assert desk.office.notices()["InterviewNotChanged"] == 1


def test_whoever_withdraws_frees_the_slot_for_the_next(screening_desk: Desk) -> None:
    desk, (first, second, *_) = screening_desk, screening_desk.cases
    plan(desk)
    invite(desk)
    desk.done("interviews", "choose", first, "mon", *AS)

    desk.done("offers", "withdraw", first, *AS)
    desk.done("interviews", "choose", second, "mon", *AS)

    assert places(desk) == {"mon": [second], "tue": []}


def test_whoever_comes_is_reminded_and_whoever_does_not_is_told_so(screening_desk: Desk) -> None:
    desk, case = screening_desk, screening_desk.cases[0]
    plan(desk)
    invite(desk)
    desk.done("interviews", "choose", case, "mon", *AS)
    early = desk.sadari("interviews", "missed", case, *AS)

    desk.office.until(FIRST - DAY + timedelta(minutes=1))
    reminded = desk.office.notices()
    desk.office.until(FIRST + HOUR)
    desk.done("interviews", "missed", case, *AS)

    assert early.code == 1
    assert (reminded["InterviewDue"], reminded["InterviewNotBooked"]) == (1, 7)
    assert desk.office.notices()["InterviewAbsence"] == 1
    assert len(desk.done("interviews", "list", ROUND)["without"]) == 7


def test_the_interview_counts_as_a_part_of_the_total_where_the_plan_names_it(screening_desk: Desk) -> None:
    path = screening_desk.file("scores.csv", "application,score\n")

    result = screening_desk.sadari("scores", "import", ROUND, path, "--component", "interview", *AS)

    assert result.code == 2
    assert "choose one of test" in result.err


def test_all_of_it_is_proved_again(screening_desk: Desk) -> None:
    desk = screening_desk
    plan(desk)
    invite(desk)
    for case, slot in zip(desk.cases, ("mon", "tue", "tue", "tue"), strict=False):
        desk.sadari("interviews", "choose", case, slot, *AS)
    desk.office.until(CALENDAR.results_at - DAY)

    verified = desk.sadari("verify")

    assert verified.code == 0
    assert {slot: len(booked) for slot, booked in places(desk).items()} == {"mon": 1, "tue": 2}
