"""Why a seat went where it went: one sentence for every application, in both languages."""

from collections.abc import Sequence
from typing import Any

import pytest

from schemas.events.engine import TimerRang
from schemas.events.seats import SeatAdded, SeatClaimed, SeatReturned, SeatTaken
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId
from schemas.ranking import Ranked, Ranking
from schemas.round import Round
from schemas.selection import Quota, Selection
from tests.support.cohort import CALENDAR, TERMS
from workflows.definitions.places import Sentence, place_of, was_passed_over
from workflows.definitions.seats import add_seat, grant_claim, hand_on_seat, note_left, open_offers, take_seat

NOW = CALENDAR.results_at
A, B, C, D, E, F = APPLICATIONS = tuple(CaseId(f"application-{number}") for number in range(1, 7))
STRANGER = CaseId("application-9")
UNPUBLISHED = "If published as it stands (not published yet)"
UNTIL = "2027-04-04 10:00 KST"


def event_at(event: Any) -> Any:
    return event.model_copy(update={"at": NOW, "arrives_at": NOW})


def ranked(universities: Sequence[str] = ("",) * 6, *quotas: Quota, **changed: Any) -> Round:
    """Six ranked applications, two seats, two places on the waitlist."""
    entries = tuple(
        Ranked(application=one, rank=rank, score=100 - rank, groups={"university": name} if name else {})
        for rank, (one, name) in enumerate(zip(APPLICATIONS, universities, strict=True), 1)
    )
    ranking = Ranking(round=CaseId("round-1"), rule="score", entries=entries)
    given: dict[str, Any] = {
        "round": CaseId("round-1"),
        "cohort": "2027",
        "programme": "ai-academy",
        "calendar": CALENDAR,
        "terms": TERMS,
        "selection": Selection(quotas=quotas),
        "ranking": Fact(fact_id_of(ranking), ranking),
        **changed,
    }
    return Round(**given)


def published(*arguments: Any, **changed: Any) -> Round:
    rang = TimerRang(key="approved.results_at", visit=1, due=NOW, armed=1)
    return open_offers(ranked(*arguments, **changed), event_at(rang))


def english(round_: Round, *applications: CaseId) -> list[str]:
    return [place_of(round_, application).en for application in applications]


def test_before_there_is_a_ranking_there_is_no_place() -> None:
    assert place_of(ranked(ranking=None), A) == Sentence(
        "아직 순위가 확정되지 않았습니다.", "The round is not ranked yet."
    )


def test_before_the_publication_there_is_a_rank_and_no_result() -> None:
    assert english(ranked(), A, C, STRANGER) == [
        f"{UNPUBLISHED}: 1st of 2; seat held until {UNTIL}.",
        f"{UNPUBLISHED}: 3rd: 1st on the waitlist; every seat went to a higher rank.",
        f"{UNPUBLISHED}: Not ranked in this round.",
    ]


def test_after_it_everybody_stands_somewhere() -> None:
    assert english(published(), *APPLICATIONS) == [
        f"1st of 2; seat held until {UNTIL}.",
        f"2nd of 2; seat held until {UNTIL}.",
        "3rd: 1st on the waitlist; every seat went to a higher rank.",
        "4th: 2nd on the waitlist; every seat went to a higher rank.",
        "5th of 6: neither one of 2 seats nor of 2 places on the waitlist.",
        "6th of 6: neither one of 2 seats nor of 2 places on the waitlist.",
    ]


def test_it_says_the_same_in_korean() -> None:
    round_ = published()

    assert [place_of(round_, each).ko for each in (A, C, E)] == [
        "정원 2명 중 1위. 2027-04-04 10:00 KST까지 자리를 확보해 두었습니다.",
        "3위: 예비 1번. 정원 2명이 순위대로 먼저 배정되었습니다.",
        "6명 중 5위: 정원 2명과 예비 2명 안에 들지 못했습니다.",
    ]


def test_a_taken_seat_a_seat_given_back_and_a_claim_are_named() -> None:
    taken = take_seat(published(), SeatTaken(application=A))
    returned = hand_on_seat(taken, event_at(SeatReturned(application=B, why="expired", returns=1)))
    claimed = grant_claim(returned, event_at(SeatClaimed(application=B, returns=1)))

    assert english(returned, A, B, C) == [
        "1st of 2; the seat is taken.",
        "2nd of 2; out of the order since (not answered in time).",
        f"3rd; seat held until {UNTIL} (of the ranks before: 1 out of the order).",
    ]
    assert english(claimed, B) == ["2nd of 2; first claim on the next free seat."]


def test_positions_follow_whoever_left_the_waitlist() -> None:
    round_ = note_left(published(), event_at(SeatReturned(application=C, why="withdrawn", returns=1)))

    assert english(round_, C, D) == [
        "3rd; out of the order since (withdrew).",
        "4th: 1st on the waitlist; every seat went to a higher rank.",
    ]


@pytest.mark.parametrize(("application", "where"), [(E, "5th"), (STRANGER, "Not ranked")])
def test_a_seat_over_capacity_says_so(application: CaseId, where: str) -> None:
    round_ = add_seat(published(), event_at(SeatAdded(application=application)))

    assert english(round_, application) == [f"{where}; seat held until {UNTIL} (over capacity, granted by two people)."]
    assert english(take_seat(round_, SeatTaken(application=application)), application) == [
        f"{where}; the seat is taken (over capacity, granted by two people)."
    ]


def test_whoever_went_to_the_supplementary_round_is_told_so() -> None:
    round_ = published().model_copy(update={"waiting": (), "merged": (3, 4)})

    assert english(round_, C) == ["3rd: moved to the supplementary round."]


# ---- quotas


def test_whoever_was_passed_over_because_of_a_maximum_is_told_which() -> None:
    most = Quota(field="university", value="전남", maximum=1)
    round_ = published(("전남", "전남", "조선", "전남", "", ""), most)

    assert list(round_.offers) == [A, C]
    assert english(round_, B) == ["2nd: 1st on the waitlist; the 전남 quota (1) was full."]
    assert was_passed_over(round_, B) == most
    assert was_passed_over(round_, D) is None


def test_whoever_did_not_even_get_on_the_waitlist_is_told_of_the_quota_that_let_lower_ranks_by() -> None:
    most = Quota(field="university", value="전남", maximum=1)
    round_ = published(("전남", "전남", "전남", "전남", "전남", "조선"), most)

    assert list(round_.offers) == [A, F]
    assert english(round_, E) == [
        "5th of 6: neither one of 2 seats nor of 2 places on the waitlist; the 전남 quota (1) was full."
    ]
    assert place_of(round_, E).ko.endswith("안에 들지 못했습니다. 전남 인원(1명)이 찼습니다.")
    assert english(hand_on_seat(round_, event_at(SeatReturned(application=A, why="declined", returns=1))), F) == [
        f"6th; seat held until {UNTIL} (of the ranks before: 1 out of the order, 3 held back by quotas)."
    ]


def test_whoever_was_passed_over_because_of_a_minimum_is_told_which() -> None:
    least = Quota(field="university", value="호남", minimum=1)
    round_ = published(("전남", "전남", "조선", "호남", "", ""), least)

    assert list(round_.offers) == [A, D]
    assert [was_passed_over(round_, each) for each in (A, B, C, D, E)] == [None, least, least, None, None]
    assert place_of(round_, B).en.endswith("1st on the waitlist; seats were kept for the minimum of 호남 (1).")
    assert place_of(round_, B).ko.endswith("예비 1번. 호남 최소 인원(1명)을 위해 자리를 남겨 두었습니다.")


def test_whoever_has_a_seat_beyond_the_number_of_seats_is_told_how_it_came_down_to_them() -> None:
    most = Quota(field="university", value="전남", maximum=1)
    round_ = published(("전남", "전남", "조선", "조선", "", ""), most)
    round_ = hand_on_seat(round_, event_at(SeatReturned(application=C, why="declined", returns=1)))

    assert list(round_.offers) == [A, D]
    assert english(round_, D) == [
        f"4th; seat held until {UNTIL} (of the ranks before: 1 out of the order, 1 held back by quotas)."
    ]
    assert place_of(round_, D).ko.endswith(" (앞 순위 중 1명이 순번에서 나감, 1명이 인원 제한으로 대기).")


def test_the_minimum_that_is_named_is_of_somebody_who_has_a_seat_at_a_lower_rank() -> None:
    met, kept = (Quota(field="university", value=name, minimum=1) for name in ("조선", "호남"))
    round_ = published(("조선", "전남", "전남", "호남", "", ""), met, kept)

    assert list(round_.offers) == [A, D]
    assert was_passed_over(round_, B) == kept


def test_a_seat_over_capacity_passes_over_nobody() -> None:
    least = Quota(field="university", value="호남", minimum=1)
    round_ = published(("호남", "전남", "조선", "", "호남", ""), least)

    extra = add_seat(round_, event_at(SeatAdded(application=E)))

    assert was_passed_over(extra, C) is None
    assert english(extra, C) == ["3rd: 1st on the waitlist; every seat went to a higher rank."]


def test_whoever_waits_while_a_claim_got_the_free_seat_is_told_so() -> None:
    claimed = grant_claim(published(), event_at(SeatClaimed(application=E)))

    round_ = hand_on_seat(claimed, event_at(SeatReturned(application=A, why="declined", returns=1)))

    assert list(round_.offers) == [B, E]
    assert english(round_, C) == ["3rd: 1st on the waitlist; a seat went first to an upheld appeal or a granted claim."]
    assert place_of(round_, C).ko == "3위: 예비 1번. 인용된 이의신청이나 인정된 응답이 빈자리를 먼저 받았습니다."


def test_whoever_waits_behind_all_who_have_seats_was_not_passed_over() -> None:
    least = Quota(field="university", value="호남", minimum=1)
    round_ = published(("호남", "전남", "조선", "호남", "", ""), least)

    assert list(round_.offers) == [A, B]
    assert english(round_, C) == ["3rd: 1st on the waitlist; every seat went to a higher rank."]


@pytest.mark.parametrize(
    ("rank", "ordinal"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (111, "111th"),
        (122, "122nd"),
    ],
)
def test_ordinals_are_english(rank: int, ordinal: str) -> None:
    entries = tuple(
        Ranked(application=CaseId(f"application-{each}"), rank=each, score=0) for each in range(1, rank + 1)
    )
    ranking = Ranking(round=CaseId("round-1"), rule="score", entries=entries)
    round_ = ranked(ranking=Fact(fact_id_of(ranking), ranking), told=1, terms=TERMS.model_copy(update={"capacity": 0}))

    assert english(round_, CaseId(f"application-{rank}"))[0].startswith(f"{ordinal} of {rank}: neither")


def test_before_the_publication_it_says_already_which_quota_keeps_a_seat_from_whom() -> None:
    quota = Quota(field="university", value="전남", maximum=1)
    round_ = ranked(("전남", "전남", "조선", "조선", "", ""), quota)

    assert english(round_, B) == [f"{UNPUBLISHED}: 2nd: 1st on the waitlist; the 전남 quota (1) was full."]
    assert place_of(round_, B).ko == "발표 전, 이대로 발표하면: 2위: 예비 1번. 전남 인원(1명)이 찼습니다."
