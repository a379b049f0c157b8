"""`sadari offers` and `sadari appeals`: what people answer on paper, and what the office does about it."""

import csv
import io
from datetime import timedelta

import pytest

from tests.cli.selection_desk import Desk
from tests.support.cohort import HOUR
from tests.support.office import ROUND

AS = ("--as", "kim")
PLEDGE = ("--consent", "pledge@1=yes")


def test_an_acceptance_on_paper_is_the_persons_and_the_clerk_stays_in_the_access_log(published_desk: Desk) -> None:
    desk, case = published_desk, published_desk.cases[0]

    told = desk.done("offers", "accept", case, *AS, *PLEDGE, "--consent", "photo@1=no")

    entry = next(entry for entry in desk.office.entries(case) if entry.message.type == "OfferAccepted")
    assert told["told"][0] == {**told["told"][0], "verdict": "applied", "stage": "accepted"}
    assert (entry.message.actor.kind, entry.message.actor.id) == ("person", desk.office.case(case).person)
    assert desk.facts(case).consents == {"pledge@1": True, "photo@1": False}
    looks = [(row["reader"], row["reason"]) for row in desk.office.ports.vault.accesses()]
    assert ("kim", "OfferAccepted on paper or by phone") in looks


@pytest.mark.parametrize("consents", [(), ("--consent", "pledge@1=no")])
def test_without_a_consent_that_is_needed_no_seat_is_taken_and_the_person_is_told(
    published_desk: Desk, consents: tuple[str, ...]
) -> None:
    desk, case = published_desk, published_desk.cases[0]

    result = desk.sadari("offers", "accept", case, *AS, *consents)

    assert result.code == 1
    assert "lacks the consents pledge@1" in result.err
    assert desk.office.stage(case) == "offered"
    assert desk.office.notices()["ConsentMissing"] == 1


def test_open_offers_tell_the_time_left_and_the_reminders_sent(published_desk: Desk) -> None:
    desk = published_desk
    fresh = desk.done("offers", "list", ROUND)
    desk.office.until(desk.office.calendar.results_at + 40 * HOUR)

    late = desk.done("offers", "list", ROUND)
    text = desk.sadari("offers", "list", ROUND)

    assert [offer["reminders"] for offer in fresh] == [[], [], []]
    assert [offer["reminders"] for offer in late] == [["half_of_offer", "most_of_offer"]] * 3
    assert 0 < late[0]["seconds_left"] < fresh[0]["seconds_left"]
    assert "h " in text.out


def test_an_answer_at_the_very_end_is_in_time_and_one_heard_late_claims_the_next_seat(published_desk: Desk) -> None:
    desk, case = published_desk, published_desk.cases[0]
    ends_at = desk.facts(case).answer_by
    assert ends_at is not None
    desk.office.until(ends_at + 3 * HOUR)

    future = desk.sadari("offers", "accept", case, *AS, *PLEDGE, "--received", "2030-01-01T00:00")
    before = desk.sadari("offers", "accept", case, *AS, *PLEDGE, "--received", "2027-03-01T00:00")
    after = desk.sadari(
        *("offers", "accept", case, *AS, *PLEDGE, "--received", (ends_at + timedelta(seconds=1)).isoformat())
    )
    told = desk.done("offers", "accept", case, *AS, *PLEDGE, "--received", ends_at.isoformat())

    assert "too late" in after.err
    assert (future.code, before.code) == (2, 2)
    assert told["told"][0]["stage"] == "claim_proposed"
    (question,) = desk.done("questions", "list")
    assert question["case"] == case


def test_an_answer_after_the_end_takes_no_seat(published_desk: Desk) -> None:
    desk, case = published_desk, published_desk.cases[0]
    ends_at = desk.facts(case).answer_by
    assert ends_at is not None
    desk.office.until(ends_at + HOUR)

    result = desk.sadari("offers", "accept", case, *AS, *PLEDGE)

    assert result.code == 1
    assert "the answer came too late" in result.err
    assert desk.office.stage(case) == "lapsed"


def test_an_offer_is_prolonged_once_and_the_reason_lies_in_the_vault(published_desk: Desk) -> None:
    desk, case = published_desk, published_desk.cases[0]
    before = desk.facts(case).answer_by
    assert before is not None

    desk.done("offers", "extend", case, *AS, "--hours", "24", "--reason", "입원")
    again = desk.sadari("offers", "extend", case, *AS, "--hours", "24", "--reason", "입원")

    assert desk.facts(case).answer_by == before + 24 * HOUR
    assert again.code == 1
    assert "that goes once" in again.err
    assert not any("입원" in entry.model_dump_json() for entry in desk.office.entries(case))


def test_whoever_withdraws_leaves_the_order(published_desk: Desk) -> None:
    desk = published_desk

    told = desk.done("offers", "withdraw", desk.cases[2], *AS)

    assert told["told"][0]["stage"] == "withdrawn"
    assert "out of the order" in desk.done("cases", "explain", desk.cases[2])["place"]["en"]


def test_nobody_is_skipped_by_one_person(published_desk: Desk) -> None:
    desk, case = published_desk, published_desk.cases[2]
    proposed = desk.done("offers", "skip", case, *AS, "--reason", "다른 과정에 등록함")
    (question,) = desk.done("questions", "list")

    own = desk.sadari(*("questions", "answer", question["id"], "yes", *AS, "--role", "operator", "--reason", "확인"))
    other = desk.done(
        *("questions", "answer", question["id"], "yes", "--as", "lee", "--role", "operator", "--reason", "확인")
    )

    assert proposed["told"][0]["stage"] == "skip_proposed"
    assert own.code == 1
    assert "somebody else has to answer" in own.err
    assert other["told"][0]["stage"] == "skipped"


@pytest.mark.parametrize(
    "command",
    [
        ["extend", "--hours", "2", "--reason", "r"],
        ["accept", *PLEDGE],
        ["decline"],
    ],
)
def test_nothing_is_kept_for_an_offer_that_is_not_made(published_desk: Desk, command: list[str]) -> None:
    desk, (verb, *more) = published_desk, command

    result = desk.sadari("offers", verb, desk.cases[2], *AS, *more)

    assert result.code == 1
    assert "is waitlisted, not offered" in result.err
    assert not desk.office.case(desk.cases[2]).parked


def test_only_whoever_waits_can_be_skipped(published_desk: Desk) -> None:
    result = published_desk.sadari("offers", "skip", published_desk.cases[7], *AS, "--reason", "r")

    assert result.code == 1
    assert "not waitlisted" in result.err


# ---- the table


def test_the_table_of_a_round_opens_in_a_spreadsheet_and_names_nobody(published_desk: Desk) -> None:
    desk = published_desk
    to = desk.folder / "offers.csv"

    told = desk.done("offers", "export", ROUND, "--to", str(to))
    again = desk.sadari("offers", "export", ROUND, "--to", str(to))

    body = to.read_bytes()
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert body.startswith(b"\xef\xbb\xbf")
    assert told["rows"] == len(rows) == 8
    assert [row["application"] for row in rows] == desk.cases
    assert rows[0]["stage"] == "offered"
    assert "the 전남대학교 quota (2) was full" in rows[2]["place_en"]
    for personal in ("김지원", "example.org", "8210", "컴퓨터정보통신공학과", "배우고"):
        assert personal not in body.decode("utf-8-sig")
    assert again.code == 2
    assert "is there already" in again.err


# ---- appeals


def test_an_appeal_on_paper_is_admitted_upheld_and_seated(published_desk: Desk) -> None:
    desk, case = published_desk, published_desk.cases[7]
    assert desk.office.stage(case) == "not_selected_appealable"

    filed = desk.done("appeals", "file", case, *AS, "--reason", "점수가 잘못 더해졌습니다")
    again = desk.sadari("appeals", "file", case, *AS, "--reason", "다른 이유")
    (listed,) = desk.done("appeals", "list", ROUND)
    for role in ("operator", "lead"):
        (question,) = desk.done("appeals", "list", ROUND)[0]["questions"]
        answer = ("questions", "answer", question, "yes", "--as", f"{role}-7", "--role", role, "--reason", "확인")
        desk.done(*answer)

    assert filed["appeal"] == listed["appeal"]
    assert again.code == 1
    assert f"was appealed against before, and that goes once: appeal [{listed['appeal']}] is filed" in again.err
    assert (listed["application"], listed["stage"]) == (case, "filed")
    assert desk.done("appeals", "list", ROUND)[0]["stage"] == "upheld"
    assert desk.office.stage(case) == "reinstated"
    for role in ("lead", "city"):
        (question,) = desk.done("questions", "list")
        answer = ("questions", "answer", question["id"], "yes", "--as", f"{role}-7", "--role", role, "--reason", "확인")
        desk.done(*answer)
    assert desk.office.stage(case) == "offered"
    assert desk.done("round", "show", ROUND)["seats"]["over_capacity"] == 1
    assert "이의신청" in desk.sadari("appeals", "list", ROUND, "--lang", "ko").out


def test_where_nothing_was_decided_nothing_can_be_appealed_against(published_desk: Desk) -> None:
    result = published_desk.sadari("appeals", "file", published_desk.cases[0], *AS, "--reason", "왜요")

    assert result.code == 1
    assert "there is no decision to appeal against" in result.err


def test_whoever_was_erased_cannot_be_acted_for(published_desk: Desk) -> None:
    desk, case = published_desk, published_desk.cases[0]
    desk.office.ports.vault.erase(desk.office.case(case).person)  # type: ignore[arg-type]

    result = desk.sadari("offers", "accept", case, *AS, *PLEDGE)

    assert result.code == 1
    assert "erased" in result.err


def test_the_rules_that_are_not_met_are_explained_in_both_languages(open_desk: Desk) -> None:
    desk = open_desk
    case = desk.office.hand_in(20, is_enrolled=False)
    desk.close_form()

    explained = desk.done("cases", "explain", case)
    text = desk.sadari("cases", "explain", case, "--lang", "ko")

    assert explained["failed_rules"] == [
        {"ko": "협약 대학의 재학생 또는 휴학생이 아닙니다.", "en": "You are not enrolled at a partner university."}
    ]
    assert "협약 대학의 재학생" in text.out
    assert explained["place"]["en"] == "The round is not ranked yet."
    assert desk.done("cases", "explain", ROUND)["place"] is None
