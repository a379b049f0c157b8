"""The night is quiet, but whoever just did something hears at once that it arrived."""

from datetime import time

import pytest

from schemas.ids import CaseId
from schemas.letters import Letter, LetterState
from schemas.notices import NOTICES
from schemas.post import Quiet
from tests.support.cohort import kst
from tests.support.post import PERSON
from workflows.runtime.quiet_hours import OWN_ACTS, leaves_at

NIGHT = Quiet(begins=time(21), ends=time(8))
LUNCH = Quiet(begins=time(12), ends=time(13))


def a_letter(notice: str = "OfferExpiring", subject: str = "안내") -> Letter:
    return Letter(
        id="letter-1",
        person=PERSON,
        case=CaseId("application-1"),
        notice=notice,
        locale="ko",
        subject=subject,
        body="",
        state=LetterState.RELEASED,
        written_at=kst("2027-03-02 09:00"),
    )


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2027-03-02 20:59:59", "2027-03-02 20:59:59"),
        ("2027-03-02 21:00", "2027-03-03 08:00"),
        ("2027-03-02 23:59", "2027-03-03 08:00"),
        ("2027-03-03 00:00", "2027-03-03 08:00"),
        ("2027-03-03 07:59:59", "2027-03-03 08:00"),
        ("2027-03-03 08:00", "2027-03-03 08:00"),
    ],
)
def test_what_is_written_at_night_leaves_in_the_morning(now: str, leaves: str) -> None:
    assert leaves_at(a_letter(), kst(now), NIGHT) == kst(leaves)


@pytest.mark.parametrize(
    ("now", "leaves"),
    [("11:59", "11:59"), ("12:00", "13:00"), ("12:59", "13:00"), ("13:00", "13:00"), ("23:00", "23:00")],
)
def test_quiet_hours_need_not_be_at_night(now: str, leaves: str) -> None:
    assert leaves_at(a_letter(), kst(f"2027-03-02 {now}"), LUNCH) == kst(f"2027-03-02 {leaves}")


@pytest.mark.parametrize("notice", sorted(OWN_ACTS))
def test_the_answer_to_an_act_of_ones_own_leaves_at_once(notice: str) -> None:
    assert leaves_at(a_letter(notice), kst("2027-03-02 23:00"), NIGHT) == kst("2027-03-02 23:00")


def test_an_advertisement_never_comes_at_night_whatever_it_answers() -> None:
    letter = a_letter("ApplicationReceived", "(광고) 취업 박람회")

    assert leaves_at(letter, kst("2027-03-02 23:00"), NIGHT) == kst("2027-03-03 08:00")


def test_only_receipts_answer_an_act_of_ones_own() -> None:
    assert {NOTICES[name].kind for name in OWN_ACTS} == {"receipt"}
