"""Where a case stands, what it waits for and from whom, and where each message leads."""

from typing import Any

from schemas.events.application import (
    ApplicationSubmitted,
    OfferAccepted,
    OfferDeclined,
    OfferExtended,
    OfferMade,
    ScoreRecorded,
)
from schemas.events.enrolment import Pitched
from schemas.events.round import RankingFrozen, RoundPlanned
from schemas.events.seats import SeatClaimed
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId, PersonId
from schemas.messages import SYSTEM, Actor
from schemas.ranking import Ranked, Ranking
from schemas.roles import CITY, OPERATOR
from tests.support.cohort import CALENDAR, DAY, HOUR, MINUTE, TERMS, TICK, kst
from tests.support.errand import ENDINGS, GOES_ON, START, Stage, begun, question
from tests.support.life import Life, staff
from workflows.definitions.words import WORDS
from workflows.engine.explain import Early, Explanation, Named, Wait, Way, explain, to_text
from workflows.engine.notation import Clause, on, state
from workflows.engine.words import Language

APPLICANT = Actor(kind="person", id="person-1", role="applicant")
ROUND = Actor(kind="case", id="round-1")
OFFER_ENDS = CALENDAR.results_at + 2 * DAY
COHORT: dict[str, Any] = {"cohort": "c", "programme": "p", "calendar": CALENDAR, "terms": TERMS}

THE_APPLICANT = Named(id="applicant", word="the applicant")
THE_OPERATOR = Named(id="operator", word="the operator")
ANOTHER_CASE = Named(id="case", word="another case")
RANKING = Ranking(
    round=CaseId("round-1"),
    rule="score",
    entries=tuple(Ranked(application=CaseId(f"application-{rank}"), rank=rank, score=90 - rank) for rank in (1, 2, 3)),
)


def offered() -> Life:
    """An application that was offered a seat as the results came out."""
    life = Life("application-1")
    given = {"university": "u", "is_enrolled": True, "can_attend": True, "answers": "x", **COHORT}
    form = ApplicationSubmitted(person=PersonId("person-1"), round=CaseId("round-1"), **given)
    life.tell(form, kst("2027-03-10 10:00"), by=APPLICANT)
    life.ring()
    life.tell(OfferMade(rank=1), CALENDAR.results_at, by=ROUND)
    return life


def lapsed() -> Life:
    """An application whose offer has ended without an answer."""
    life = offered()
    life.ring("offered.answer_by")
    return life


def ranked() -> Life:
    """A round whose ranking waits for three approvals."""
    ranking_id = fact_id_of(RANKING)
    life = Life("round-1", facts={ranking_id: RANKING.model_dump(mode="json")})
    life.tell(RoundPlanned(**COHORT), kst("2027-02-20 10:00"))
    life.ring()
    life.ring()
    life.tell(RankingFrozen(ranking=Fact(ranking_id)), kst("2027-03-24 10:00"), by=staff("operator", "ranker"))
    return life


def seen(life: Life, now: Any, language: Language = "en") -> Explanation:
    """Explain the case as it stands."""
    assert life.workflow is not None
    return explain(life.workflow, life.case, now, WORDS, language)


def wait(explanation: Explanation, name: str) -> Wait:
    """Give one of the things waited for."""
    return next(each for each in explanation.waits if each.id == name)


# ---- events


def test_an_open_offer_waits_for_its_answer_from_the_applicant_until_it_ends() -> None:
    life = offered()

    accepted = wait(seen(life, CALENDAR.results_at + HOUR), "OfferAccepted")

    assert accepted == Wait(
        kind="event",
        id="OfferAccepted",
        what="offer accepted",
        from_whom=(THE_APPLICANT,),
        ways=(
            Way(
                clause="offered.on.OfferAccepted",
                condition="if a consent is missing that the seat needs",
                does="tell the applicant “consent missing”",
            ),
            Way(
                clause="offered.on.OfferAccepted.1",
                condition="otherwise",
                leads_to=Named(id="accepted", word="accepted"),
            ),
        ),
        due=OFFER_ENDS,
    )


def test_an_offer_can_be_declined_and_an_application_withdrawn() -> None:
    explanation = seen(offered(), CALENDAR.results_at)

    led = {each.id: [way.leads_to and way.leads_to.id for way in each.ways] for each in explanation.waits}

    assert led["OfferDeclined"] == ["declined"]
    assert led["ApplicationWithdrew"] == ["withdrawn"]
    assert wait(explanation, "ApplicationWithdrew").ways[0].clause == "throughout.on.ApplicationWithdrew"


def test_an_event_that_only_cases_send_is_waited_for_from_another_case() -> None:
    made = wait(seen(lapsed(), OFFER_ENDS + HOUR), "OfferMade")

    assert (made.from_whom, made.ways[0].does, made.ways[0].leads_to) == (
        (ANOTHER_CASE,),
        "send “seat returned” to its round",
        None,
    )


def test_clauses_with_conditions_are_told_in_the_order_in_which_they_are_tried() -> None:
    moved = wait(seen(offered(), CALENDAR.results_at), "CalendarMoved")

    assert moved.ways == (
        Way(clause="throughout.on.CalendarMoved", condition="if the calendar is newer", does="the case notes it"),
        Way(clause="throughout.on.CalendarMoved.1", condition="otherwise", does="nothing changes"),
    )


def test_what_is_sent_after_the_deadline_comes_too_late_though_the_timer_has_not_rung_yet() -> None:
    life = offered()

    assert not wait(seen(life, OFFER_ENDS), "OfferAccepted").is_over
    assert wait(seen(life, OFFER_ENDS + TICK), "OfferAccepted").is_over
    assert life.tell(OfferAccepted(), OFFER_ENDS + TICK, by=APPLICANT).verdict == "parked"


def test_every_event_that_is_waited_for_is_answered_by_the_clause_that_is_named() -> None:
    explanation = seen(offered(), CALENDAR.results_at)

    for event in (OfferAccepted(), OfferDeclined(), OfferExtended(hours=2, reason="ill")):
        expected = wait(explanation, type(event).__name__).ways[-1]
        step = offered().tell(event, CALENDAR.results_at + HOUR, by=APPLICANT).steps[-1]

        assert (step.clause, step.to) == (expected.clause, expected.leads_to.id if expected.leads_to else "offered")


# ---- timers


def test_an_offer_has_three_reminders_and_an_end_which_leaves_time_for_answers_on_their_way() -> None:
    explanation = seen(offered(), CALENDAR.results_at)

    reminder = {"kind": "timer", "ways": (Way(clause="", does="tell the applicant “offer expiring”"),)}
    timers = [each for each in explanation.waits if each.kind == "timer"]
    expected = [
        Wait(
            id="offered.half_of_offer",
            what="half of the time to answer",
            **due(OFFER_ENDS - DAY),
            **reminder,
        ),
        Wait(
            id="offered.most_of_offer",
            what="80 % of the time to answer",
            **due(CALENDAR.results_at + 0.8 * 2 * DAY),
            **reminder,
        ),
        Wait(
            id="offered.hours_before_answer",
            what="2 hours before the end of the offer",
            **due(OFFER_ENDS - 2 * HOUR),
            **reminder,
        ),
        Wait(
            kind="timer",
            id="offered.answer_by",
            what="the end of the offer",
            ways=(Way(clause="", leads_to=Named(id="lapsed", word="lapsed")),),
            due=OFFER_ENDS,
            rings_at=OFFER_ENDS + 15 * MINUTE,
        ),
    ]
    assert timers == [with_clause(each) for each in expected]
    assert explanation.next_timer == timers[0]


def due(instant: Any) -> dict[str, Any]:
    return {"due": instant, "rings_at": instant}


def with_clause(timer: Wait) -> Wait:
    """The only clause of a timer is named by its key."""
    return timer.model_copy(update={"ways": (timer.ways[0].model_copy(update={"clause": f"{timer.id}.0"}),)})


def test_a_timer_that_has_rung_is_waited_for_no_more() -> None:
    life = offered()
    life.ring("offered.half_of_offer")

    explanation = seen(life, OFFER_ENDS - DAY)

    assert [each.id for each in explanation.waits if each.kind == "timer"] == [
        "offered.most_of_offer",
        "offered.hours_before_answer",
        "offered.answer_by",
    ]
    assert explanation.next_timer is not None
    assert explanation.next_timer.id == "offered.most_of_offer"


def test_a_timer_that_should_have_rung_by_now_is_over() -> None:
    life = offered()

    explanation = seen(life, OFFER_ENDS - DAY)

    assert [each.id for each in explanation.waits if each.is_over] == ["offered.half_of_offer"]


def test_instants_are_in_seoul_time_wherever_they_came_from() -> None:
    as_json = seen(offered(), CALENDAR.results_at).model_dump(mode="json")

    assert (as_json["now"], as_json["since"]) == ("2027-04-02T10:00:00+09:00", "2027-04-02T10:00:00+09:00")
    assert as_json["next_timer"]["due"] == "2027-04-03T10:00:00+09:00"


# ---- questions


def test_an_ordered_question_names_who_is_asked_now_who_comes_next_and_who_may_not_answer() -> None:
    life = ranked()
    life.answer(yes=True, at=kst("2027-03-24 11:00"), by=staff("operator", "kim"))

    approval = next(each for each in seen(life, kst("2027-03-24 12:00")).waits if each.kind == "question")

    university, city = Named(id="university", word="the university"), Named(id="city", word="the city office")
    assert approval == Wait(
        kind="question",
        id=life.case.tasks[0].id,
        what="Is this ranking right, and may the results be published?",
        from_whom=(university,),
        still_needed=(university, city),
        not_by=("ranker", "kim"),
        ways=(
            Way(
                clause="decided.ask0.yes",
                answer=Named(id="yes", word="yes"),
                condition="once the city office said yes as well",
                leads_to=Named(id="approved", word="approved"),
            ),
            Way(
                clause="decided.ask0.no",
                answer=Named(id="no", word="no"),
                leads_to=Named(id="screening", word="screening"),
            ),
        ),
        due=kst("2027-03-26 10:00"),
    )


def test_the_last_yes_that_is_needed_has_no_condition() -> None:
    life = ranked()
    for role in ("operator", "university"):
        life.answer(yes=True, at=kst("2027-03-24 11:00"), by=staff(role))

    approval = seen(life, kst("2027-03-24 12:00")).waits[0]

    assert (approval.ways[0].condition, approval.not_by) == ("", ("ranker", "operator-1", "university-1"))


def test_a_question_that_is_overdue_says_so_and_goes_to_the_lead_when_its_timer_rings() -> None:
    life = ranked()
    overdue = kst("2027-03-26 10:00")

    before = seen(life, overdue + TICK)
    life.ring("decided.0.question")
    after = seen(life, overdue + TICK)

    assert wait(before, "decided.0.question") == Wait(
        kind="timer",
        id="decided.0.question",
        what="the question is overdue",
        ways=(Way(clause="decided.0.question", does="tell the lead “question overdue”, who may answer from then on"),),
        due=overdue,
        rings_at=overdue,
        is_over=True,
    )
    assert [before.waits[0].is_over, before.waits[0].from_whom] == [True, (THE_OPERATOR,)]
    assert after.waits[0].from_whom == (THE_OPERATOR, Named(id="lead", word="the lead"))
    assert "decided.0.question" not in {each.id for each in after.waits}


def both(**changed: Any) -> Clause[Any]:
    return question(role=(OPERATOR, CITY), **changed)


def test_a_question_to_several_at_once_may_be_answered_by_any_of_them() -> None:
    asked = seen(begun(both(not_by=lambda _errand: ("kim",))), START).waits[0]

    assert [each.id for each in asked.from_whom] == ["operator", "city"]
    assert asked.not_by == ("kim",)
    assert asked.ways[0].condition == "once the operator and the city office said yes"


def test_an_answer_that_leads_nowhere_changes_nothing() -> None:
    ways = seen(begun(both(no=None)), START).waits[0].ways

    assert (ways[1].does, ways[1].leads_to) == ("no change", None)


def test_of_two_questions_each_is_told_with_its_own_clauses() -> None:
    life = begun(question(no=None), question("Is it good?", yes=None, no=Stage.DONE))
    life.answer(yes=False, at=START + HOUR, by=staff("operator"))

    (left,) = (each for each in seen(life, START + HOUR).waits if each.kind == "question")

    assert (left.what, [way.clause for way in left.ways]) == ("Is it good?", ["first.ask1.yes", "first.ask1.no"])


# ---- what came too early, and endings


def test_what_came_too_early_is_kept_until_a_bound_and_shown_with_its_timer() -> None:
    life = ranked()
    claim = kst("2027-03-24 12:00")
    life.tell(SeatClaimed(application=CaseId("application-9")), claim, by=Actor(kind="case", id="application-9"))

    explanation = seen(life, claim)

    kept = Early(event=Named(id="SeatClaimed", word="seat claimed"), from_whom=ANOTHER_CASE, until=claim + 90 * DAY)
    assert explanation.parked == (kept,)
    assert wait(explanation, "parked") == Wait(
        kind="timer",
        id="parked",
        what="what came too early is given up",
        ways=(Way(clause="parked", does="tell the operator “event given up”"),),
        due=claim + 90 * DAY,
        rings_at=claim + 90 * DAY,
    )


def test_what_came_too_early_names_the_role_that_brought_it() -> None:
    states = {Stage.SECOND: state(on(Pitched, to=Stage.DONE), GOES_ON), **ENDINGS}
    life = begun(on(ScoreRecorded, to=Stage.SECOND), GOES_ON, states=states)
    for actor in (staff("instructor"), SYSTEM):
        life.tell(Pitched(), START + HOUR, by=actor)

    assert [each.from_whom.word for each in seen(life, START + HOUR).parked] == ["the instructor", "the system"]


def test_an_ending_has_no_timer_and_may_still_answer_events() -> None:
    life = offered()
    life.tell(OfferDeclined(), CALENDAR.results_at + HOUR, by=APPLICANT)

    explanation = seen(life, CALENDAR.results_at + HOUR)

    assert explanation == Explanation(
        now=CALENDAR.results_at + HOUR,
        case=CaseId("application-1"),
        workflow=Named(id="application", word="application"),
        version=1,
        stage=Named(id="declined", word="declined"),
        since=CALENDAR.results_at + HOUR,
        is_final=True,
        waits=(
            Wait(
                kind="event",
                id="OfferAccepted",
                what="offer accepted",
                from_whom=(Named(id="applicant", word="the applicant"),),
                ways=(Way(clause="declined.on.OfferAccepted", does="tell the applicant “answer too late”"),),
            ),
            Wait(
                kind="event",
                id="OfferMade",
                what="offer made",
                from_whom=(ANOTHER_CASE,),
                ways=(Way(clause="declined.on.OfferMade", does="send “seat returned” to its round"),),
            ),
        ),
        next_timer=None,
        parked=(),
    )


# ---- as text


def test_the_text_shows_it_all_in_lines_for_a_terminal() -> None:
    life = ranked()
    life.answer(yes=True, at=kst("2027-03-24 11:00"), by=staff("operator", "kim"))
    life.tell(SeatClaimed(application=CaseId("a")), kst("2027-03-24 12:00"), by=Actor(kind="case", id="a"))

    assert (
        to_text(seen(life, kst("2027-03-26 12:00")), "en")
        == """\
Round [round-1]: ranking under approval, since 2027-03-24 10:00 KST

“Is this ranking right, and may the results be published?” \
(from the university, not from ranker, kim, was due 2027-03-26 10:00 KST)
  yes, once the city office said yes as well → approved
  no → screening

Ranking frozen (from the operator)
  if it ranks another round, nothing changes
  otherwise, the case notes it

List outdated (from another case)
  the case notes it

Seat returned (from another case)
  the case notes it

Seats moved (from another case)
  the case notes it

Reviewers named (from the operator)
  nothing changes

Calendar moved (from the operator)
  if the calendar is newer, keeps the close and brings no results forward, the case notes it
  otherwise, nothing changes

2027-03-26 10:00 KST, the question is overdue (was due 2027-03-26 10:00 KST)
  tell the lead “question overdue”, who may answer from then on

2027-06-22 12:00 KST, what came too early is given up
  tell the operator “event given up”

Next timer: 2027-03-26 10:00 KST, the question is overdue.

Came too early, kept until 2027-06-22 12:00 KST: seat claimed, from another case"""
    )


def test_the_korean_text_says_the_same() -> None:
    life = ranked()
    life.answer(yes=True, at=kst("2027-03-24 11:00"), by=staff("operator", "kim"))
    life.tell(SeatClaimed(application=CaseId("a")), kst("2027-03-24 12:00"), by=Actor(kind="case", id="a"))

    assert (
        to_text(seen(life, kst("2027-03-24 13:00"), "ko"), "ko")
        == """\
모집 회차 [round-1]: 순위 승인 대기, 2027-03-24 10:00 KST부터

“이 순위가 맞습니까? 결과를 발표해도 됩니까?” (대학 담당자, ranker, kim 제외, 기한 2027-03-26 10:00 KST)
  ‘예’, 이어서 시청 담당자도 ‘예’라고 답하면 → 발표 대기
  ‘아니요’ → 심사 중

순위 확정 (운영 담당자)
  다른 회차의 순위인 경우, 달라지는 것이 없습니다
  그 밖의 경우, 그 내용을 반영합니다

순위 재확정 필요 (다른 업무 건)
  그 내용을 반영합니다

자리 반환 (다른 업무 건)
  그 내용을 반영합니다

빈자리 이관 (다른 업무 건)
  그 내용을 반영합니다

심사위원 지정 (운영 담당자)
  달라지는 것이 없습니다

일정 변경 (운영 담당자)
  마감을 그대로 두고 발표를 앞당기지 않는 새 일정인 경우, 그 내용을 반영합니다
  그 밖의 경우, 달라지는 것이 없습니다

2027-03-26 10:00 KST, 질문 답변 기한
  총괄 책임자에게 “답변 기한 초과 알림”을 보냅니다. 그때부터 함께 답할 수 있습니다

2027-06-22 12:00 KST, 일찍 도착한 사건의 보관 기한
  운영 담당자에게 “처리되지 못한 사건 알림”을 보냅니다

다음 예약 시각: 2027-03-26 10:00 KST, 질문 답변 기한.

일찍 도착하여 2027-06-22 12:00 KST까지 보관: 다음 빈자리 우선 배정 요청(다른 업무 건)"""
    )


def test_the_text_of_an_ending_says_that_it_is_one() -> None:
    life = begun(on(Pitched, to=Stage.DONE), GOES_ON)
    life.tell(Pitched(), START + HOUR)

    assert (
        to_text(seen(life, START + HOUR), "en")
        == """\
Errand [errand-1]: done, since 2027-03-08 11:00 KST
The case has ended."""
    )
