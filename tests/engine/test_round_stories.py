"""One round and its applications, with everything between them duplicated, delayed and out of order."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.cohort import Terms
from schemas.events import Event
from schemas.events.application import (
    AppealUpheld,
    ApplicationSubmitted,
    ApplicationWithdrew,
    EnrolmentChecked,
    EnrolmentLeft,
    InterestDeferred,
    OfferAccepted,
    OfferDeclined,
    OfferExtended,
    SkipProposed,
)
from schemas.events.round import RankingFrozen, RoundPlanned
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId, PersonId, name_of
from schemas.messages import Actor, Entry, Message, Timer
from schemas.round import Round
from schemas.selection import Quota, Selection
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TICK
from tests.support.generated import APPLICATIONS, a_ranking
from tests.support.life import Life, staff
from workflows.engine.history import messages_of
from workflows.runtime.ring import ring_message

ROUND = CaseId("round-1")
UNIVERSITIES = {1: "a", 2: "a", 3: "b", 4: "a", 5: "b", 6: "c"}
UNIVERSITY = {case: UNIVERSITIES[number] for number, case in enumerate(APPLICATIONS, 1)}
RANKING = a_ranking(1, 2, 3, 4, 5, 6, universities=UNIVERSITIES)
FACTS = {fact_id_of(RANKING): RANKING.model_dump(mode="json")}
HOLDING = {"offered", "accepted", "enrolled"}
"""Stages in which an applicant has been told of a seat and has not given it back."""

APPLICATION = st.sampled_from(APPLICATIONS)
FRACTION = st.floats(0, 1, exclude_max=True)
SKIPPER = staff("operator", "kim")


class Recruitment(RuleBasedStateMachine):
    """A round that publishes its results, and whatever six applicants, staff and a bad network make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = CALENDAR.results_at + GRACE
        self.round = Life(ROUND, facts=FACTS)
        self.lives: dict[CaseId, Life] = {ROUND: self.round}
        self.flying: list[Message] = []
        self.granted: Counter[str] = Counter()

    @initialize(
        capacity=st.integers(1, 3),
        waitlist=st.integers(0, 4),
        a_maximum=st.sampled_from([None, None, 0, 1, 2]),
        b_minimum=st.sampled_from([0, 0, 1, 2]),
    )
    def publish(self, capacity: int, waitlist: int, a_maximum: int | None, b_minimum: int) -> None:
        quotas = (
            Quota(field="university", value="a", maximum=a_maximum),
            Quota(field="university", value="b", minimum=b_minimum),
        )
        self.quotas = quotas if a_maximum is not None or b_minimum else ()
        terms = Terms(capacity=capacity, waitlist=waitlist, offer_hours=48)
        common: dict[str, Any] = {"cohort": "2027", "programme": "ai", "calendar": CALENDAR, "terms": terms}
        planned = RoundPlanned(selection=Selection(quotas=self.quotas), **common)
        self.round.tell(planned, CALENDAR.applications_open - DAY)
        self.round.ring()
        self.round.ring()
        closed = CALENDAR.applications_close + DAY
        self.round.tell(RankingFrozen(ranking=Fact(fact_id_of(RANKING))), closed, by=staff("operator", "ranker"))
        for role in ("operator", "university", "city"):
            self.round.answer(yes=True, at=closed, by=staff(role))
        for case in APPLICATIONS:
            life = self.lives[case] = Life(case)
            answers = {"university": UNIVERSITY[case], "is_enrolled": True, "can_attend": True, "answers": case}
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
            if is_granted and life.stage == "claim_proposed":
                self.answer(life, yes=True)

    @rule(case=APPLICATION)
    def decline(self, case: CaseId) -> None:
        self.tell(case, OfferDeclined())

    @rule(case=APPLICATION)
    def withdraw(self, case: CaseId) -> None:
        self.tell(case, ApplicationWithdrew())

    @rule(case=APPLICATION)
    def defer(self, case: CaseId) -> None:
        if self.lives[case].stage in {"waitlisted", "not_selected_appealable"}:
            self.tell(case, InterestDeferred(consent="next@1"))

    @rule(case=APPLICATION)
    def leave_the_programme(self, case: CaseId) -> None:
        if self.lives[case].stage in {"accepted", "enrolled"}:
            enrolment = CaseId(name_of("enrolment", case))
            self.tell(case, EnrolmentLeft(enrolment=enrolment, why="no_show"))

    # ---- what staff do

    @rule(case=APPLICATION, is_skipped=st.sampled_from([True, True, False, None]))
    def propose_to_skip(self, case: CaseId, *, is_skipped: bool | None) -> None:
        life = self.lives[case]
        if life.stage == "waitlisted":
            self.tell(case, SkipProposed(reason="unreachable"), by=SKIPPER)
            if is_skipped is not None:
                self.answer(life, yes=is_skipped)

    @rule(case=APPLICATION)
    def find_not_enrolled(self, case: CaseId) -> None:
        if self.lives[case].stage in {"eligible", "waitlisted"}:
            self.tell(case, EnrolmentChecked(is_enrolled=False), by=staff("university"))

    @rule(case=APPLICATION, answers=st.lists(st.booleans(), max_size=2))
    def uphold_an_appeal(self, case: CaseId, answers: list[bool]) -> None:
        """Two yes grant a seat over capacity, one no only the next free seat, and no answer leaves it open."""
        self.tell(case, AppealUpheld(appeal=CaseId(f"appeal of {case}")), by=Actor(kind="case", id="appeal"))
        life = self.lives[case]
        for yes in answers:
            if life.stage == "reinstated":
                self.answer(life, yes=yes)

    @rule(case=APPLICATION, hours=st.integers(1, 168))
    def prolong(self, case: CaseId, hours: int) -> None:
        if self.lives[case].stage == "offered":
            self.tell(case, OfferExtended(hours=hours, reason="ill"), by=staff("operator"))

    @precondition(lambda self: any(life.case.tasks for life in self.lives.values()))
    @rule(yes=st.sampled_from([True, True, False]))
    def settle_a_question(self, *, yes: bool) -> None:
        self.answer(next(life for life in self.lives.values() if life.case.tasks), yes=yes)

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

    def tell(
        self,
        case: CaseId,
        event: Event,
        ago: timedelta = timedelta(0),
        by: Actor = Actor(kind="person", id="person"),  # noqa: B008  it is frozen
    ) -> None:
        life = self.lives[case]
        self.now += TICK
        self.note(life.tell(event, self.now - ago, heard_at=self.now, by=by), life)

    def answer(self, life: Life, *, yes: bool) -> None:
        task = life.case.tasks[0]
        self.now += TICK
        by = staff(task.needs[0], f"{task.needs[0]} who answers")
        self.note(life.answer(yes=yes, at=self.now, by=by), life)

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
        if message.type in {"SeatClaimed", "SeatAdded"}:
            self.granted[message.data["application"]] += 1
        self.note(life.hear(message, self.now), life)

    def note(self, entry: Entry, life: Life) -> None:
        self.flying += messages_of(entry, life.id)

    # ---- what always holds

    @invariant()
    def the_round_never_gives_away_more_seats_than_it_has(self) -> None:
        if self.round.written:
            held: Round = self.round.subject
            assert len(held.offers) + len(held.taken) <= held.terms.capacity + len(held.extra)
            assert not set(held.offers) & set(held.taken)
            assert set(held.extra) <= {*held.offers, *held.taken}
            assert len(set(held.extra)) == len(held.extra)

    @invariant()
    def whoever_holds_a_seat_has_it_of_the_round(self) -> None:
        """So there are never more than there are seats, for the round never gives away more."""
        if self.round.written:
            held: Round = self.round.subject
            holding = {case for case in APPLICATIONS if self.lives[case].stage in HOLDING}
            assert holding <= {*held.offers, *held.taken}
            assert len(holding) <= held.terms.capacity + len(held.extra), holding

    @invariant()
    def no_maximum_is_passed(self) -> None:
        if self.round.written:
            counted = seats_by_university(self.round.subject)
            assert all(counted[quota.value] <= quota.maximum for quota in self.quotas if quota.maximum is not None)

    @invariant()
    def nobody_is_offered_a_seat_twice_unless_staff_granted_it(self) -> None:
        by_rank: Counter[str] = Counter()
        by_grant: Counter[str] = Counter()
        left: set[CaseId] = set()
        for sealed in self.round.written:
            for case, own in offers_of(sealed.entry):
                (by_rank if own["rank"] else by_grant)[case] += 1
                assert not (own["rank"] and case in left)
            left = set(sealed.subject.left)
        assert set(by_rank.values()) <= {1}
        assert by_grant <= self.granted

    @invariant()
    def seats_go_by_rank_but_for_who_left_and_what_the_quotas_keep(self) -> None:
        """After each change the offers are those that an allocation in plain words would make."""
        for before, after in pairwise(self.round.written):
            offered = [own["rank"] for _, own in offers_of(after.entry) if own["rank"]]
            if before.case.stage == "approved" or offered:
                everybody = [ranked.rank for ranked in RANKING.entries]
                waiting = everybody if before.case.stage == "approved" else list(before.subject.waiting)
                assert offered == in_plain_words(after.subject, offered, waiting, self.quotas)
        offered = [own["rank"] for entry in self.round.entries for _, own in offers_of(entry) if own["rank"]]
        if not self.quotas:
            skipped = set(range(1, max(offered, default=0))) - set(offered)
            assert offered == sorted(offered)
            assert {APPLICATIONS[rank - 1] for rank in skipped} <= set(self.round.subject.left)

    @invariant()
    def no_seat_lies_idle_while_somebody_waits_in_order(self) -> None:
        if self.round.written and self.round.stage == "published":
            held: Round = self.round.subject
            waiting = [RANKING.entries[rank - 1].application for rank in held.waiting]
            assert not set(waiting) & set(held.left)
            counted = seats_by_university(held)
            may_take = [
                case for case in (*waiting, *held.claims) if not is_full(UNIVERSITY[case], counted, self.quotas)
            ]
            assert held.free == 0 or not may_take

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
        self.whoever_holds_a_seat_has_it_of_the_round()
        self.no_maximum_is_passed()
        self.nobody_is_offered_a_seat_twice_unless_staff_granted_it()
        self.seats_go_by_rank_but_for_who_left_and_what_the_quotas_keep()
        self.no_seat_lies_idle_while_somebody_waits_in_order()

    def everything_has_come_to_its_end(self) -> None:
        open_questions = {case for case, life in self.lives.items() if life.case.tasks}
        not_over = {case for case, life in self.lives.items() if not life.case.is_final}
        assert not_over <= open_questions
        settled = {case for case in APPLICATIONS if self.lives[case].stage == "enrolled"}
        assert set(self.round.subject.taken) == settled
        for life in self.lives.values():
            assert life.fold() == life.case


# ---- the rules of allocation, in plain words


def offers_of(entry: Entry) -> Iterator[tuple[CaseId, dict[str, Any]]]:
    """Give the offers that an entry makes, in their order."""
    for effect in entry.effects:
        if effect.type == "OfferMade":
            yield from ((CaseId(case), own) for case, own in effect.targets.items())


def seats_by_university(held: Round) -> Counter[str]:
    """Count who holds seats; those over capacity count for no quota."""
    return Counter(UNIVERSITY[case] for case in (*held.offers, *held.taken) if case not in held.extra)


def is_full(university: str, counted: Counter[str], quotas: Sequence[Quota]) -> bool:
    """Tell whether a maximum keeps out who comes from there."""
    return any(
        each.value == university and each.maximum is not None and counted[university] >= each.maximum for each in quotas
    )


def in_plain_words(held: Round, offered: Sequence[int], waiting: Sequence[int], quotas: Sequence[Quota]) -> list[int]:
    """Give whom the free seats go to, one after another: the best in rank who is not kept out, or held back.

    Args:
        held: The round after the offers were made.
        offered: The ranks they were made to.
        waiting: Who waited before.
        quotas: The quotas.
    """
    queue = [rank for rank in waiting if APPLICATIONS[rank - 1] not in held.left]
    counted = seats_by_university(held)
    counted.subtract(Counter(UNIVERSITY[APPLICATIONS[rank - 1]] for rank in offered))
    free = held.free + len(offered)
    chosen: list[int] = []
    while free > 0:
        open_to = [rank for rank in queue if not is_full(UNIVERSITY[APPLICATIONS[rank - 1]], counted, quotas)]
        kept = Counter(
            {
                each.value: min(
                    max(each.minimum - counted[each.value], 0),
                    sum(UNIVERSITY[APPLICATIONS[rank - 1]] == each.value for rank in open_to),
                )
                for each in quotas
            }
        )
        # A seat is kept for each who is still to come of a reserved group, unless they are of it themselves.
        in_need = [rank for rank in open_to if kept[UNIVERSITY[APPLICATIONS[rank - 1]]]]
        may_take = open_to if sum(kept.values()) < free else in_need
        if not may_take:
            return chosen
        rank = min(may_take)
        queue.remove(rank)
        counted[UNIVERSITY[APPLICATIONS[rank - 1]]] += 1
        free -= 1
        chosen.append(rank)
    return chosen


TestRecruitment = Recruitment.TestCase
TestRecruitment.settings = settings(max_examples=settings.default.max_examples * 3 // 2, stateful_step_count=40)
