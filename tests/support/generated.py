"""Events with generated data, for stories that nobody would think up."""

from collections.abc import Mapping
from datetime import timedelta

from hypothesis import strategies as st

from schemas.cohort import Calendar
from schemas.data_request import Right
from schemas.events import EVENTS, Event
from schemas.events.appeal import AppealFiled
from schemas.events.application import (
    AppealUpheld,
    ApplicationSubmitted,
    ConflictFound,
    EnrolmentChecked,
    EnrolmentLeft,
    InterestDeferred,
    NotSelected,
    OfferAccepted,
    OfferExtended,
    OfferMade,
    ReviewGiven,
    RoundMerged,
    ScoreRecorded,
    SkipProposed,
    WaitlistPlaced,
)
from schemas.events.data_request import DataRequested, DataRequestLimited
from schemas.events.engine import AnswerTakenBack, CalendarMoved, QuestionAnswered, TimerRang
from schemas.events.enrolment import AssessmentSubmitted, AttendanceRecorded, EnrolmentOpened
from schemas.events.forum import ForumPlanned, ForumRegistered, ForumSeatQueued, ForumSeatReturned, ForumSeatWanted
from schemas.events.interviews import (
    InterviewChosen,
    InterviewInvited,
    InterviewReopened,
    InterviewsPlanned,
    SlotFull,
    SlotGiven,
    SlotReturned,
    SlotWanted,
)
from schemas.events.outcome import OutcomeOpened, OutcomeReported
from schemas.events.review import ConflictDeclared, ReviewAssigned, ReviewReopened, ReviewSubmitted
from schemas.events.round import ExtensionProposed, RankingFrozen, ReviewersNamed, RoundPlanned, SupplementProposed
from schemas.events.seats import (
    ListOutdated,
    OfferLengthened,
    SeatAdded,
    SeatClaimed,
    SeatReturned,
    SeatsMoved,
    SeatTaken,
)
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId, PersonId, TaskId, name_of
from schemas.interviews import Slot
from schemas.messages import SYSTEM, Actor
from schemas.ranking import Ranked, Ranking
from schemas.reviewers import Reviewer, ReviewerPool
from schemas.selection import Admission, Criterion, Quota, Selection
from schemas.status import Status
from tests.support.cohort import CALENDAR, TERMS

APPLICATIONS = tuple(CaseId(f"application-{number}") for number in range(1, 7))
DATES = tuple(name for name in Calendar.model_fields if name not in {"version", "holidays"})


def a_calendar(version: int) -> Calendar:
    """Dates move away and back, from one version to the next."""
    shift = timedelta(hours=(0, 7, 0, 14, 7)[version - 1])
    return CALENDAR.model_copy(update={"version": version, **{name: getattr(CALENDAR, name) + shift for name in DATES}})


EXTENDED = CALENDAR.model_copy(
    update={"version": 2, "applications_close": CALENDAR.applications_close + timedelta(days=4)}
)


def a_ranking(*places: int, universities: Mapping[int, str] | None = None) -> Ranking:
    """Rank the applications of these numbers; quotas look at their universities."""
    named = universities or {}
    entries = [
        Ranked(
            application=APPLICATIONS[number - 1],
            rank=rank,
            score=100 - rank,
            groups={"university": named[number]} if number in named else {},
        )
        for rank, number in enumerate(places, 1)
    ]
    return Ranking(round=CaseId("round-1"), rule="score", entries=tuple(entries))


UNIVERSITIES = {1: "a", 2: "a", 3: "b", 4: "a"}
QUOTAS = (Quota(field="university", value="a", maximum=1), Quota(field="university", value="b", minimum=1))
RANKINGS = {
    fact_id_of(ranking): ranking
    for ranking in (a_ranking(1, 2, 3, 4, 5, 6, universities=UNIVERSITIES), a_ranking(6, 5, 4, 3), a_ranking(2))
}
POOL = ReviewerPool(reviewers=(Reviewer(id="kim"), Reviewer(id="lee")))
POOL_ID = fact_id_of(POOL)
FACTS = {fact_id: document.model_dump(mode="json") for fact_id, document in (*RANKINGS.items(), (POOL_ID, POOL))}
RUBRIC = (Criterion(id="fit", name_ko="적합성", name_en="fit"), Criterion(id="plan", name_ko="계획", name_en="plan"))
ADMISSION = Admission(readers=2, consents_needed=("privacy@1",))
CONSENTS = [{"privacy@1": True}, {"privacy@1": True, "photos@1": False}, {"privacy@1": False}, {}]
POINTS = [{"fit": 5, "plan": 0}, {"fit": 3}, {"fit": 6, "plan": 1}, {"fit": 1, "plan": 1, "looks": 1}]

APPLICATION = st.sampled_from(APPLICATIONS)
ENROLMENT = st.sampled_from([CaseId(name_of("enrolment", APPLICATIONS[0])), CaseId("somebody-elses")])
RANK = st.integers(0, 6)
RETURNS = st.integers(0, 2)
INTERVIEWS_BEGIN = CALENDAR.results_at - timedelta(days=5)
SLOTS = tuple(
    Slot(id=name, at=INTERVIEWS_BEGIN + timedelta(hours=place), minutes=20, places=places)
    for place, (name, places) in enumerate([("s1", 1), ("s2", 2)])
)
SLOT = st.sampled_from(["s1", "s2", "s3"])
CHOOSE_BY = st.sampled_from([1, 8]).map(lambda days: CALENDAR.applications_close + timedelta(days=days))
WISH = st.integers(1, 4)
REVIEWER = st.sampled_from(["kim", "lee", "park"])
WHY = st.sampled_from(["declined", "expired", "withdrawn", "no_show"])
COMMON = {"cohort": "2027", "programme": "ai-academy", "calendar": CALENDAR}
PERSON = PersonId("person-1")

OF_TYPE: Mapping[type[Event], st.SearchStrategy[Event]] = {
    CalendarMoved: st.integers(1, 5).map(lambda version: CalendarMoved(calendar=a_calendar(version))),
    RoundPlanned: st.sampled_from([(), QUOTAS]).map(
        lambda quotas: RoundPlanned(terms=TERMS, selection=Selection(quotas=quotas), **COMMON)
    ),
    ReviewersNamed: st.just(ReviewersNamed(pool=Fact(POOL_ID))),
    ExtensionProposed: st.integers(1, 5).map(lambda version: ExtensionProposed(calendar=a_calendar(version))),
    SupplementProposed: st.builds(
        lambda version, order: SupplementProposed(
            supplement=CaseId("round-2"), calendar=a_calendar(version), order=order
        ),
        st.integers(1, 5),
        st.sampled_from(["kept", "merged"]),
    ),
    SeatsMoved: st.builds(
        SeatsMoved, seats=st.integers(1, 2), groups=st.sampled_from([{}, {"university": "a"}, {"university": "c"}])
    ),
    RankingFrozen: st.sampled_from(list(RANKINGS)).map(lambda fact_id: RankingFrozen(ranking=Fact(fact_id))),
    SeatTaken: st.builds(SeatTaken, application=APPLICATION),
    SeatReturned: st.builds(SeatReturned, application=APPLICATION, why=WHY, returns=RETURNS),
    SeatClaimed: st.builds(
        SeatClaimed, application=APPLICATION, returns=RETURNS, university=st.sampled_from(["", "a"])
    ),
    SeatAdded: st.builds(SeatAdded, application=APPLICATION, returns=RETURNS),
    ApplicationSubmitted: st.builds(
        lambda is_enrolled, can_attend, answers, admission, calendar: ApplicationSubmitted(
            admission=admission,
            person=PERSON,
            round=CaseId("round-1"),
            terms=TERMS,
            university="전남대학교",
            is_enrolled=is_enrolled,
            can_attend=can_attend,
            answers=answers,
            **{**COMMON, "calendar": calendar},
        ),
        st.booleans(),
        st.just(value=True),
        st.sampled_from("abc"),
        st.sampled_from([Admission(), ADMISSION]),
        st.sampled_from([CALENDAR, CALENDAR, CALENDAR, EXTENDED]),
    ),
    ScoreRecorded: st.builds(ScoreRecorded, score=st.integers(0, 100), component=st.sampled_from(["review", "test"])),
    EnrolmentChecked: st.builds(EnrolmentChecked, is_enrolled=st.booleans()),
    ConflictFound: REVIEWER.map(lambda reviewer: ConflictFound(conflicts={reviewer: "family"})),
    ReviewGiven: st.builds(ReviewGiven, reviewer=REVIEWER, score=st.integers(0, 100), given=st.integers(1, 2)),
    OfferAccepted: st.builds(OfferAccepted, consents=st.sampled_from(CONSENTS)),
    OfferExtended: st.builds(OfferExtended, hours=st.integers(1, 168), reason=st.just("ill")),
    SkipProposed: st.just(SkipProposed(reason="unreachable")),
    InterestDeferred: st.just(InterestDeferred(consent="next@1")),
    AppealUpheld: st.just(AppealUpheld(appeal=CaseId("appeal-1"))),
    RoundMerged: st.integers(1, 5).map(
        lambda version: RoundMerged(round=CaseId("round-2"), calendar=a_calendar(version))
    ),
    InterviewsPlanned: st.just(
        InterviewsPlanned(round=CaseId("round-1"), cohort="2027", calendar=CALENDAR, slots=SLOTS)
    ),
    InterviewInvited: st.builds(InterviewInvited, interviews=st.just(CaseId("interviews-1")), choose_by=CHOOSE_BY),
    InterviewChosen: st.builds(InterviewChosen, slot=SLOT),
    InterviewReopened: st.builds(InterviewReopened, choose_by=CHOOSE_BY),
    SlotWanted: st.builds(SlotWanted, application=APPLICATION, slot=SLOT, wish=WISH),
    SlotReturned: st.builds(SlotReturned, application=APPLICATION, wish=WISH),
    SlotGiven: st.builds(SlotGiven, slot=SLOT, interview_at=st.just(INTERVIEWS_BEGIN), minutes=st.just(20), wish=WISH),
    SlotFull: st.builds(SlotFull, wish=WISH),
    ReviewAssigned: st.just(
        ReviewAssigned(
            application=APPLICATIONS[0],
            round=CaseId("round-1"),
            cohort="2027",
            reviewer="kim",
            rubric=RUBRIC,
            due_at=CALENDAR.results_at - timedelta(days=5),
            calendar=CALENDAR,
        )
    ),
    ConflictDeclared: st.just(ConflictDeclared(why="family")),
    ReviewSubmitted: st.builds(ReviewSubmitted, points=st.sampled_from(POINTS)),
    ReviewReopened: st.just(ReviewReopened(reason="slip")),
    AnswerTakenBack: st.just(AnswerTakenBack(task=TaskId("task-1"))),
    ListOutdated: st.builds(ListOutdated, application=APPLICATION),
    AppealFiled: st.sampled_from([0, 0, 0, 10]).map(
        lambda days: AppealFiled(
            decision=APPLICATIONS[0],
            person=PERSON,
            round=CaseId("round-1"),
            cohort="2027",
            calendar=CALENDAR,
            decided_at=CALENDAR.results_at - timedelta(days=days),
            decided_by=("operator-1",),
            appeal_by=CALENDAR.results_at + timedelta(days=7 - days),
            reason="where the vault keeps it",
        )
    ),
    OfferMade: st.builds(OfferMade, rank=RANK),
    OfferLengthened: st.builds(
        OfferLengthened,
        application=st.sampled_from(APPLICATIONS),
        answer_by=st.just(CALENDAR.results_at + timedelta(days=3)),
    ),
    WaitlistPlaced: st.builds(WaitlistPlaced, rank=RANK, position=RANK),
    NotSelected: st.builds(NotSelected, rank=RANK, decided_by=st.sampled_from([(), ("kim", "lee")])),
    EnrolmentLeft: st.builds(EnrolmentLeft, enrolment=ENROLMENT, why=WHY),
    EnrolmentOpened: st.just(EnrolmentOpened(person=PERSON, application=APPLICATIONS[0], terms=TERMS, **COMMON)),
    AttendanceRecorded: st.builds(AttendanceRecorded, share=st.sampled_from([0, 0.79, 0.8, 1])),
    AssessmentSubmitted: st.builds(AssessmentSubmitted, assessment=st.sampled_from("ab")),
    DataRequested: st.builds(
        DataRequested,
        person=st.just(PERSON),
        right=st.sampled_from(Right),
        is_proven=st.booleans(),
        received_at=st.just(CALENDAR.results_at),
    ),
    DataRequestLimited: st.just(DataRequestLimited(kept=("name",), ground="statute")),
    ForumPlanned: st.builds(
        ForumPlanned,
        **{name: st.just("forum") for name in ("programme", "name_ko", "name_en")},
        capacity=st.integers(0, 2),
        **{name: st.just(CALENDAR.programme_starts) for name in ("opens_at", "closes_at", "held_at")},
    ),
    ForumRegistered: st.builds(
        ForumRegistered,
        person=st.just(PERSON),
        forum=st.just(CaseId("forum-1")),
        **{name: st.just("forum") for name in ("programme", "name_ko", "name_en")},
        held_at=st.just(CALENDAR.programme_starts),
        attends=st.sampled_from(["on_site", "online"]),
        answers=st.sampled_from("ab"),
    ),
    ForumSeatWanted: st.builds(ForumSeatWanted, registration=APPLICATION),
    ForumSeatReturned: st.builds(ForumSeatReturned, registration=APPLICATION),
    ForumSeatQueued: st.builds(ForumSeatQueued, position=RANK),
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
            for role in (
                "operator",
                "reviewer",
                "instructor",
                "university",
                "city",
                "lead",
                "career_staff",
                "privacy_officer",
            )
            for name in ("kim", "lee")
        ),
    ]
)
