"""Events with generated data, for stories that nobody would think up."""

from collections.abc import Mapping
from datetime import timedelta

from hypothesis import strategies as st

from schemas.cohort import Calendar
from schemas.events import (
    EVENTS,
    ApplicationSubmitted,
    AssessmentSubmitted,
    AttendanceRecorded,
    CalendarMoved,
    EnrolmentLeft,
    EnrolmentOpened,
    Event,
    NotSelected,
    OfferMade,
    OutcomeOpened,
    OutcomeReported,
    QuestionAnswered,
    RankingFrozen,
    RoundPlanned,
    ScoreRecorded,
    SeatClaimed,
    SeatReturned,
    SeatTaken,
    TimerRang,
    WaitlistPlaced,
)
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId, PersonId, name_of
from schemas.messages import SYSTEM, Actor
from schemas.ranking import Ranked, Ranking
from schemas.status import Status
from tests.support.cohort import CALENDAR, TERMS

APPLICATIONS = tuple(CaseId(f"application-{number}") for number in range(1, 7))
DATES = tuple(name for name in Calendar.model_fields if name not in {"version", "holidays"})


def a_calendar(version: int) -> Calendar:
    """Dates move away and back, from one version to the next."""
    shift = timedelta(hours=(0, 7, 0, 14, 7)[version - 1])
    return CALENDAR.model_copy(update={"version": version, **{name: getattr(CALENDAR, name) + shift for name in DATES}})


def a_ranking(*places: int) -> Ranking:
    """Rank the applications of these numbers."""
    entries = [
        Ranked(application=APPLICATIONS[number - 1], rank=rank, score=100 - rank)
        for rank, number in enumerate(places, 1)
    ]
    return Ranking(round=CaseId("round-1"), rule="score", entries=tuple(entries))


RANKINGS = {
    fact_id_of(ranking): ranking for ranking in (a_ranking(1, 2, 3, 4, 5, 6), a_ranking(6, 5, 4, 3), a_ranking(2))
}
FACTS = {fact_id: ranking.model_dump(mode="json") for fact_id, ranking in RANKINGS.items()}

APPLICATION = st.sampled_from(APPLICATIONS)
ENROLMENT = st.sampled_from([CaseId(name_of("enrolment", APPLICATIONS[0])), CaseId("somebody-elses")])
RANK = st.integers(0, 6)
WHY = st.sampled_from(["declined", "expired", "withdrawn", "no_show"])
COMMON = {"cohort": "2027", "programme": "ai-academy", "calendar": CALENDAR}
PERSON = PersonId("person-1")

OF_TYPE: Mapping[type[Event], st.SearchStrategy[Event]] = {
    CalendarMoved: st.integers(1, 5).map(lambda version: CalendarMoved(calendar=a_calendar(version))),
    RoundPlanned: st.just(RoundPlanned(terms=TERMS, **COMMON)),
    RankingFrozen: st.sampled_from(list(RANKINGS)).map(lambda fact_id: RankingFrozen(ranking=Fact(fact_id))),
    SeatTaken: st.builds(SeatTaken, application=APPLICATION),
    SeatReturned: st.builds(SeatReturned, application=APPLICATION, why=WHY),
    SeatClaimed: st.builds(SeatClaimed, application=APPLICATION),
    ApplicationSubmitted: st.builds(
        lambda is_enrolled, can_attend, answers: ApplicationSubmitted(
            person=PERSON,
            round=CaseId("round-1"),
            terms=TERMS,
            university="전남대학교",
            is_enrolled=is_enrolled,
            can_attend=can_attend,
            answers=answers,
            **COMMON,
        ),
        st.booleans(),
        st.just(value=True),
        st.sampled_from("abc"),
    ),
    ScoreRecorded: st.builds(ScoreRecorded, score=st.integers(0, 100)),
    OfferMade: st.builds(OfferMade, rank=RANK),
    WaitlistPlaced: st.builds(WaitlistPlaced, rank=RANK, position=RANK),
    NotSelected: st.builds(NotSelected, rank=RANK),
    EnrolmentLeft: st.builds(EnrolmentLeft, enrolment=ENROLMENT, why=WHY),
    EnrolmentOpened: st.just(EnrolmentOpened(person=PERSON, application=APPLICATIONS[0], terms=TERMS, **COMMON)),
    AttendanceRecorded: st.builds(AttendanceRecorded, share=st.sampled_from([0, 0.79, 0.8, 1])),
    AssessmentSubmitted: st.builds(AssessmentSubmitted, assessment=st.sampled_from("ab")),
    OutcomeOpened: st.just(OutcomeOpened(person=PERSON, enrolment=CaseId("enrolment-1"), **COMMON)),
    OutcomeReported: st.builds(OutcomeReported, status=st.sampled_from(Status)),
}


def event_of(name: str) -> st.SearchStrategy[Event]:
    """Events of one type."""
    event = EVENTS[name]
    return OF_TYPE[event] if event in OF_TYPE else st.just(event())


EVENT_NAMES = sorted({name for name, event in EVENTS.items() if event not in {TimerRang, QuestionAnswered}})
ACTORS = st.sampled_from(
    [
        SYSTEM,
        Actor(kind="person", id="person-1", role="applicant"),
        *(
            Actor(kind="staff", id=name, role=role)
            for role in ("operator", "instructor", "university", "city", "lead", "career_staff")
            for name in ("kim", "lee")
        ),
    ]
)
