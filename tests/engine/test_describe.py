"""A workflow as people read it: a page in sentences, and a diagram."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from schemas.events.application import OfferAccepted, ScoreRecorded
from schemas.events.engine import CalendarMoved
from schemas.events.enrolment import LearnerWithdrew, Pitched
from schemas.events.seats import SeatReturned
from schemas.ids import CaseId
from schemas.notices.application import ResultsOverdue
from schemas.notices.round import RankingDue, RoundOpened
from schemas.roles import CITY, LEAD, OPERATOR, PARTNERS, UNIVERSITY
from tests.support.errand import (
    ENDINGS,
    GOES_ON,
    Errand,
    Stage,
    count_pitch,
    errand,
    is_high,
    is_low,
    question,
    take_calendar,
    take_score,
    the_close,
)
from workflows.definitions.words import EN_OVERRIDES, KO
from workflows.engine.definition import Workflow
from workflows.engine.describe import bringers, diagram, page
from workflows.engine.notation import Clause, after, at, entry, final, notify, on, send, state
from workflows.engine.words import Words, own_words, particle


class Carrier(Errand):
    """An errand that can give a seat back."""

    application: CaseId = CaseId("application-1")
    why: str = ""


def its_neighbour(carrier: Carrier) -> CaseId:
    return CaseId(f"{carrier.errand}-next")


def patience(_errand: Errand) -> timedelta:
    return timedelta(days=5)


def whoever_asked(_errand: Errand) -> tuple[str, ...]:
    return ()


A_WORDS = Words(
    ko={
        **KO,
        "errand": "심부름",
        "first": "처음",
        "errand.second": "다음",
        "done": "끝",
        "is_low": "점수가 낮은 경우",
        "is_high": "점수가 높은 경우",
        "the_close": "마감 시각",
        "its_neighbour": "이웃 심부름",
        "patience": "기다리는 기간",
        "whoever_asked": "요청한 사람",
        "Is it done?": "끝났습니까?",
    },
    en={**EN_OVERRIDES, "is_low": "the score is low", "the_close": "the close", "its_neighbour": "its neighbour"},
)


def whole() -> Workflow:
    """An errand with every clause there is."""
    return errand(
        entry(notify(PARTNERS, RoundOpened), send(SeatReturned, to=its_neighbour)),
        question(role=(OPERATOR, UNIVERSITY, CITY), in_order=True, yes=Stage.SECOND, no=Stage.DONE),
        on(ScoreRecorded, when=is_low, keep=take_score, do=[notify(OPERATOR, RankingDue)], to=Stage.DONE),
        on(ScoreRecorded, keep=take_score),
        at(the_close, hours=-2, do=[notify(LEAD, ResultsOverdue)]),
        GOES_ON,
        states={Stage.SECOND: state(on(Pitched), GOES_ON), Stage.DONE: final(notify(OPERATOR, RankingDue))},
        throughout=[on(LearnerWithdrew, to=Stage.DONE), on(CalendarMoved, keep=take_calendar)],
        subject=Carrier,
    )


# ---- the page


def test_the_english_page_has_a_sentence_for_every_clause_in_reading_order() -> None:
    assert (
        page(whole(), A_WORDS, "en")
        == """\
# Errand

Version 1.

A case opens:

- When onboarding finished → **first**.

## First

- On arrival, tell the partners “round opened” and send “seat returned” to its neighbour.
- Ask the operator, then the university, then the city office: “Is it done?”; yes from all → **second**, \
one no → **done**; after 1 day also the lead.
- When score recorded, if the score is low, tell the operator “ranking due” → **done**.
- When score recorded, otherwise, the case notes it (an open question is then put anew).
- 2 hours before the close, tell the lead “results overdue”.
- After 3 days → **done**.

## Second

- When learner pitched, nothing changes.
- After 3 days → **done**.

## Done

*The case ends here.*

- On arrival, tell the operator “ranking due”.

## In every stage that is not an ending

*Unless the stage itself answers the event.*

- When learner withdrew → **done**.
- When calendar moved, the case notes it.
"""
    )


def test_the_korean_page_says_the_same() -> None:
    assert (
        page(whole(), A_WORDS, "ko")
        == """\
# 심부름

버전 1.

다음과 같이 시작합니다.

- 시작 전 준비 완료 시 → **처음**.

## 처음

- 이 단계에 들어오면, 협력 기관에 “모집 시작 알림”을 보내고, 이웃 심부름에 “자리 반환”을 전달합니다.
- 운영 담당자, 대학 담당자, 시청 담당자에게 차례로 묻습니다: “끝났습니까?” 모두 ‘예’ → **다음**, \
한 명이라도 ‘아니요’ → **끝**. 1일이 지나면 총괄 책임자도 답할 수 있습니다.
- 심사 점수 기록 시, 점수가 낮은 경우, 운영 담당자에게 “순위 확정 요청”을 보냅니다 → **끝**.
- 심사 점수 기록 시, 그 밖의 경우, 그 내용을 반영합니다(열린 질문은 새로 올립니다).
- 마감 시각 2시간 전에, 총괄 책임자에게 “결과 지연 알림”을 보냅니다.
- 3일이 지나면 → **끝**.

## 다음

- 피칭 완료 시, 달라지는 것이 없습니다.
- 3일이 지나면 → **끝**.

## 끝

*이 단계에서 종료됩니다.*

- 이 단계에 들어오면, 운영 담당자에게 “순위 확정 요청”을 보냅니다.

## 진행 중인 모든 단계

*해당 단계에서 같은 사건을 따로 다루면 그 내용을 따릅니다.*

- 중도 포기 신청 시 → **끝**.
- 일정 변경 시, 그 내용을 반영합니다.
"""
    )


TELLS = [notify(OPERATOR, RankingDue)]
SENTENCES: Mapping[str, tuple[Clause[Any], str, str]] = {
    "a moment": (at(the_close, do=TELLS), "At the close, ", "마감 시각이 되면, "),
    "days before a moment": (at(the_close, days=-1, do=TELLS), "1 day before the close, ", "마감 시각 1일 전에, "),
    "days after a moment": (at(the_close, days=3, do=TELLS), "3 days after the close, ", "마감 시각 3일 뒤에, "),
    "days and hours": (
        at(the_close, days=1, hours=2, do=TELLS),
        "1 day and 2 hours after the close, ",
        "마감 시각 1일 2시간 뒤에, ",
    ),
    "hours since arrival": (after(hours=1, do=TELLS), "After 1 hour, ", "1시간이 지나면, "),
    "working days": (after(business_days=2, do=TELLS), "After 2 working days, ", "2영업일이 지나면, "),
    "a configured length": (after(patience, do=TELLS), "After patience, ", "기다리는 기간이 지나면, "),
    "a longer one": (
        after(patience, days=1, do=TELLS),
        "After patience and 1 day, ",
        "기다리는 기간 뒤 1일이 지나면, ",
    ),
    "no length at all": (after(do=TELLS), "At once, ", "바로, "),
}


@pytest.mark.parametrize(("clause", "english", "korean"), SENTENCES.values(), ids=SENTENCES)
def test_a_timer_is_told_by_its_moment(clause: Clause[Any], english: str, korean: str) -> None:
    workflow = errand(clause, GOES_ON)

    assert f"- {english}tell the operator “ranking due”.\n" in page(workflow, A_WORDS, "en")
    assert f"- {korean}운영 담당자에게 “순위 확정 요청”을 보냅니다.\n" in page(workflow, A_WORDS, "ko")


QUESTIONS: Mapping[str, tuple[Clause[Any], str, str]] = {
    "one role": (
        question(),
        "Ask the operator: “Is it done?”; yes → **done**, no → **done**; after 1 day also the lead.",
        "운영 담당자에게 묻습니다: “끝났습니까?” ‘예’ → **끝**, ‘아니요’ → **끝**. 1일이 지나면 총괄 책임자도 답할 수 있습니다.",  # noqa: E501  one sentence
    ),
    "a quorum": (
        question(quorum=2),
        "Ask the operator (2 people): “Is it done?”; yes from all → **done**, one no → **done**; ",
        "운영 담당자 2명에게 묻습니다: “끝났습니까?” 모두 ‘예’ → **끝**, 한 명이라도 ‘아니요’ → **끝**. ",
    ),
    "several roles in any order": (
        question(role=(OPERATOR, CITY)),
        "Ask the operator and the city office: “Is it done?”; yes from all → ",
        "운영 담당자, 시청 담당자에게 묻습니다: “끝났습니까?” 모두 ‘예’ → ",
    ),
    "four eyes": (
        question(not_by=whoever_asked),
        "Ask the operator (but not whoever asked): “Is it done?”; ",
        "운영 담당자에게(요청한 사람 제외) 묻습니다: “끝났습니까?” ",
    ),
    "an answer that leads nowhere": (
        question(no=None),
        "Ask the operator: “Is it done?”; yes → **done**, no → no change; ",
        "운영 담당자에게 묻습니다: “끝났습니까?” ‘예’ → **끝**, ‘아니요’ → 그대로. ",
    ),
}


@pytest.mark.parametrize(("clause", "english", "korean"), QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_is_told_with_whom_it_needs(clause: Clause[Any], english: str, korean: str) -> None:
    workflow = errand(clause)

    assert f"- {english}" in page(workflow, A_WORDS, "en")
    assert f"- {korean}" in page(workflow, A_WORDS, "ko")


def test_only_the_last_clause_after_one_with_a_guard_is_otherwise() -> None:
    given = [
        on(ScoreRecorded, when=is_low, to=Stage.DONE),
        on(Pitched, keep=count_pitch),
        on(ScoreRecorded, when=is_high, to=Stage.SECOND),
        on(ScoreRecorded),
    ]

    read = page(errand(*given, GOES_ON, states={Stage.SECOND: state(GOES_ON), **ENDINGS}), A_WORDS, "en")

    assert read.split("## First\n\n")[1].splitlines()[:4] == [
        "- When score recorded, if the score is low → **done**.",
        "- When learner pitched, the case notes it.",
        "- When score recorded, if is high → **second**.",
        "- When score recorded, otherwise, nothing changes.",
    ]


def test_what_no_list_names_is_read_as_its_own_words() -> None:
    assert [own_words(name) for name in ("OfferMade", "offer_made", "after_month3", "Is it done?", "Why?")] == [
        *("offer made", "offer made", "after month3", "Is it done?", "Why?")
    ]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("안내", "안내를"),
        ("알림", "알림을"),
        ("시각(마감 하루 뒤)", "시각(마감 하루 뒤)을"),
        ("SMS", "SMS를"),
        ("", "를"),
    ],
)
def test_a_korean_particle_follows_the_last_syllable_that_is_heard(word: str, expected: str) -> None:
    assert particle(word, "을", "를") == expected


def test_who_brings_an_event_is_a_role_or_whatever_workflow_sends_it() -> None:
    waits = errand(on(Pitched), on(SeatReturned), on(OfferAccepted, to=Stage.DONE), GOES_ON)

    assert (
        bringers(waits, [whole()], A_WORDS, "en")
        == """\
## Who brings the events

- The learner: onboarding finished.
- The operator: onboarding finished.
- The instructor: learner pitched.
- The errand case: seat returned.
- The applicant: offer accepted.
"""
    )
    assert "- 심부름 건: 자리 반환.\n" in bringers(waits, [whole()], A_WORDS, "ko")


# ---- the diagram


def test_a_diagram_draws_what_leads_from_stage_to_stage() -> None:
    assert (
        diagram(whole(), A_WORDS, "en")
        == """\
stateDiagram-v2
    state "first" as stage_first
    stage_first : Ask the operator, then the university, then the city office – “Is it done?”
    state "second" as stage_second
    state "done" as stage_done
    [*] --> stage_first : onboarding finished
    stage_first --> stage_second : yes from all
    stage_first --> stage_done : one no
    stage_first --> stage_done : score recorded, if the score is low
    stage_first --> stage_done : after 3 days
    stage_second --> stage_done : after 3 days
    stage_done --> [*]
    state "every stage that does not answer it itself" as throughout
    throughout --> stage_done : learner withdrew
"""
    )


def test_the_answers_to_several_questions_are_numbered() -> None:
    drawn = diagram(errand(question(), question("Is it good?", no=None)), A_WORDS, "ko")

    assert [line for line in drawn.splitlines() if "stage_first --> " in line] == [
        "    stage_first --> stage_done : 질문 1, ‘예’",
        "    stage_first --> stage_done : 질문 1, ‘아니요’",
        "    stage_first --> stage_done : 질문 2, ‘예’",
    ]


def test_a_word_that_means_something_in_mermaid_is_written_so_that_it_does_not() -> None:
    words = Words(ko={}, en={"first": 'a "b": c;\n<d>', "Pitched": "direction LR: 10:15"})

    drawn = diagram(errand(on(Pitched, to=Stage.DONE), GOES_ON), words, "en").splitlines()

    assert drawn[1] == '    state "a ”b”∶ c, ‹d›" as stage_first'
    assert drawn[4] == "    stage_first --> stage_done : direction-LR∶ 10∶15"
