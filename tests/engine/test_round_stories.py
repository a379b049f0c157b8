"""One round and its applications, with everything between them duplicated, delayed and out of order."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.cohort import Terms
from schemas.events import (
    ApplicationSubmitted,
    ApplicationWithdrew,
    EnrolmentLeft,
    Event,
    OfferAccepted,
    OfferDeclined,
    RankingFrozen,
    RoundPlanned,
)
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId, PersonId, name_of
from schemas.messages import Actor, Entry, Message, Timer
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TICK
from tests.support.generated import APPLICATIONS, a_ranking
from tests.support.life import Life, staff
from workflows.engine.history import messages_of
from workflows.runtime.ring import ring_message

ROUND = CaseId("round-1")
RANKING = a_ranking(1, 2, 3, 4, 5, 6)
FACTS = {fact_id_of(RANKING): RANKING.model_dump(mode="json")}
HOLDING = {"offered", "accepted", "enrolled"}
"""Stages in which an applicant has been told of a seat and has not given it back."""

APPLICATION = st.sampled_from(APPLICATIONS)
FRACTION = st.floats(0, 1, exclude_max=True)


class Recruitment(RuleBasedStateMachine):
    """A round that publishes its results, and whatever six applicants and a bad network make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = CALENDAR.results_at + GRACE
        self.round = Life(ROUND, facts=FACTS)
        self.lives: dict[CaseId, Life] = {ROUND: self.round}
        self.flying: list[Message] = []
        self.claims_heard: set[str] = set()

    @initialize(capacity=st.integers(1, 3), waitlist=st.integers(0, 4))
    def publish(self, capacity: int, waitlist: int) -> None:
        terms = Terms(capacity=capacity, waitlist=waitlist, offer_hours=48)
        common: dict[str, Any] = {"cohort": "2027", "programme": "ai", "calendar": CALENDAR, "terms": terms}
        self.round.tell(RoundPlanned(**common), CALENDAR.applications_open - DAY)
        self.round.ring()
        self.round.ring()
        closed = CALENDAR.applications_close + DAY
        self.round.tell(RankingFrozen(ranking=Fact(fact_id_of(RANKING))), closed)
        for role in ("operator", "university", "city"):
            self.round.answer(yes=True, at=closed, by=staff(role))
        for case in APPLICATIONS:
            life = self.lives[case] = Life(case)
            answers = {"university": "전남대학교", "is_enrolled": True, "can_attend": True, "answers": case}
            person = PersonId(f"person of {case}")
            life.tell(
                ApplicationSubmitted(person=person, round=ROUND, **answers, **common),
                CALENDAR.applications_close - HOUR,
            )
            life.ring()
        self.note(self.round.ring("approved.results_at", self.now), self.round)

    # ---- what people do

    @rule(case=APPLICATION, minutes_ago=st.sampled_from([0, 5, 14, 20, 300]))
    def accept(self, case: CaseId, minutes_ago: int) -> None:
        self.tell(case, OfferAccepted(), minutes_ago * MINUTE)

    @rule(case=APPLICATION, is_granted=st.booleans())
    def accept_in_time_but_be_heard_late(self, case: CaseId, *, is_granted: bool) -> None:
        life = self.lives[case]
        if life.stage == "offered":
            timer = life.case.timers["offered.answer_by"]
            self.now = max(self.now, timer.rings_at)
            self.ring(life, "offered.answer_by", timer)
            self.tell(case, OfferAccepted(), self.now - timer.due + MINUTE)
            if is_granted:
                self.now += TICK
                self.note(life.answer(yes=True, at=self.now, by=staff("operator")), life)

    @rule(case=APPLICATION)
    def decline(self, case: CaseId) -> None:
        self.tell(case, OfferDeclined())

    @rule(case=APPLICATION)
    def withdraw(self, case: CaseId) -> None:
        self.tell(case, ApplicationWithdrew())

    @precondition(lambda self: any(life.case.tasks for life in self.lives.values()))
    @rule(yes=st.sampled_from([True, True, False]))
    def rule_on_a_claim(self, *, yes: bool) -> None:
        life = next(life for life in self.lives.values() if life.case.tasks)
        self.now += TICK
        self.note(life.answer(yes=yes, at=self.now, by=staff("operator")), life)

    @rule(case=APPLICATION)
    def leave_the_programme(self, case: CaseId) -> None:
        if self.lives[case].stage in {"accepted", "enrolled"}:
            enrolment = CaseId(name_of("enrolment", case))
            self.tell(case, EnrolmentLeft(enrolment=enrolment, why="no_show"))

    # ---- what the network does

    @precondition(lambda self: self.flying)
    @rule(place=FRACTION, again=st.sampled_from([False, False, True]))
    def deliver(self, place: float, *, again: bool) -> None:
        index = int(place * len(self.flying))
        self.hear(self.flying[index] if again else self.flying.pop(index))

    @precondition(lambda self: self.flying)
    @rule(count=st.integers(1, 6))
    def deliver_the_latest_first(self, count: int) -> None:
        for _ in range(count):
            if self.flying:
                self.hear(self.flying.pop())

    @precondition(lambda self: self.flying)
    @rule()
    def deliver_all_in_order(self) -> None:
        while self.flying:
            self.hear(self.flying.pop(0))

    # ---- what time does

    @rule(jump=st.sampled_from([MINUTE, HOUR, 47 * HOUR, 49 * HOUR, 4 * DAY]))
    def wait(self, jump: timedelta) -> None:
        self.now += jump

    @precondition(lambda self: self.overdue())
    @rule(place=FRACTION)
    def ring_one(self, place: float) -> None:
        overdue = self.overdue()
        self.ring(*overdue[int(place * len(overdue))])

    @precondition(lambda self: self.overdue())
    @rule()
    def ring_all(self) -> None:
        for life, key, timer in self.overdue():
            if life.case.timers.get(key) == timer:
                self.ring(life, key, timer)

    # ---- how

    def tell(self, case: CaseId, event: Event, ago: timedelta = timedelta(0)) -> None:
        life = self.lives[case]
        self.now += TICK
        by = Actor(kind="person", id="person")
        self.note(life.tell(event, self.now - ago, heard_at=self.now, by=by), life)

    def ring(self, life: Life, key: str, timer: Timer) -> None:
        self.now += TICK
        self.note(life.hear(ring_message(life.id, key, timer), self.now), life)

    def overdue(self) -> list[tuple[Life, str, Timer]]:
        return [
            (life, key, timer)
            for life in self.lives.values()
            for key, timer in sorted(life.case.timers.items())
            if timer.rings_at <= self.now
        ]

    def hear(self, message: Message) -> None:
        """Take up a message as `advance` does: what the history has already only repeats its effects."""
        life = self.lives.get(message.case)
        if life is None:
            return
        known = next((entry for entry in life.entries if entry.message.id == message.id), None)
        if known is not None:
            self.flying += [each for each in messages_of(known, life.id) if each not in self.flying]
            return
        self.now += TICK
        if message.type == "SeatClaimed":
            self.claims_heard.add(message.data["application"])
        self.note(life.hear(message, self.now), life)

    def note(self, entry: Entry, life: Life) -> None:
        self.flying += messages_of(entry, life.id)

    # ---- what always holds

    @invariant()
    def the_round_never_gives_away_more_seats_than_it_has(self) -> None:
        if self.round.written:
            held = self.round.subject
            assert len(held.offers) + len(held.taken) <= held.terms.capacity
            assert not set(held.offers) & set(held.taken)

    @invariant()
    def no_more_applicants_hold_a_seat_than_there_are(self) -> None:
        if self.round.written:
            holding = [case for case in APPLICATIONS if self.lives[case].stage in HOLDING]
            assert len(holding) <= self.round.subject.terms.capacity, holding

    @invariant()
    def ranks_are_offered_in_order_and_nobody_is_passed_over(self) -> None:
        if not self.round.written:
            return
        offered: list[int] = []
        left: tuple[CaseId, ...] = ()
        for sealed in self.round.written:
            for effect in sealed.entry.effects:
                if effect.type == "OfferMade":
                    ranks = {case: own["rank"] for case, own in effect.targets.items()}
                    assert {case for case, rank in ranks.items() if rank == 0} <= self.claims_heard
                    assert not {case for case, rank in ranks.items() if rank} & set(left)
                    offered += [rank for rank in ranks.values() if rank]
                    skipped = set(range(1, max(offered, default=0))) - set(offered)
                    assert {APPLICATIONS[rank - 1] for rank in skipped} <= set(sealed.subject.left)
            left = sealed.subject.left
        assert offered == sorted(set(offered))

    @invariant()
    def no_seat_lies_idle_while_somebody_waits_in_order(self) -> None:
        if self.round.written and self.round.stage == "published":
            held = self.round.subject
            free = held.terms.capacity - len(held.offers) - len(held.taken)
            waiting = [
                ranked.application
                for ranked in RANKING.entries
                if held.next_rank <= ranked.rank <= held.last_rank and ranked.application not in held.left
            ]
            assert free == 0 or (waiting, held.claims) == ([], ())

    def teardown(self) -> None:
        """In the end everything arrives and everything rings; then nobody is left in between."""
        if not self.round.written:
            return
        for _ in range(200):
            self.deliver_all_in_order() if self.flying else None
            self.check()
            if not any(life.case.timers for life in self.lives.values()) and not self.flying:
                break
            ahead = [timer.rings_at for life in self.lives.values() for timer in life.case.timers.values()]
            self.now = max([self.now, *sorted(ahead)[:1]])
            self.ring_all() if self.overdue() else None
        self.everything_has_come_to_its_end()

    def check(self) -> None:
        self.the_round_never_gives_away_more_seats_than_it_has()
        self.no_more_applicants_hold_a_seat_than_there_are()
        self.ranks_are_offered_in_order_and_nobody_is_passed_over()
        self.no_seat_lies_idle_while_somebody_waits_in_order()

    def everything_has_come_to_its_end(self) -> None:
        open_questions = {case for case, life in self.lives.items() if life.case.tasks}
        not_over = {case for case, life in self.lives.items() if not life.case.is_final}
        assert not_over <= open_questions
        settled = {case for case in APPLICATIONS if self.lives[case].stage == "enrolled"}
        assert set(self.round.subject.taken) == settled
        for life in self.lives.values():
            assert life.fold() == life.case


TestRecruitment = Recruitment.TestCase
TestRecruitment.settings = settings(max_examples=settings.default.max_examples * 3 // 2, stateful_step_count=40)
