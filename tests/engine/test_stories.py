"""Stories that nobody would think up: random messages to one case of each workflow, in any order, at any time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import EVENTS, Event
from schemas.events.application import (
    AppealUpheld,
    EnrolmentChecked,
    NotSelected,
    OfferMade,
    SkipProposed,
    WaitlistPlaced,
)
from schemas.events.data_request import DataRequestFulfilled, DataRequestLimited, DataRequestPassed
from schemas.events.engine import QuestionAnswered
from schemas.events.interviews import InterviewChosen, InterviewInvited, SlotGiven
from schemas.events.review import NoConflictStated, ReviewSubmitted
from schemas.events.round import RankingFrozen
from schemas.facts import Fact
from schemas.ids import CaseId, TaskId
from schemas.messages import SYSTEM, Actor, Case, Message, Timer, Verdict
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TICK
from tests.support.generated import ACTORS, EVENT_NAMES, FACTS, INTERVIEWS_BEGIN, RANKINGS, event_of
from tests.support.life import Life
from workflows.definitions import LATEST
from workflows.engine.decide import PARKED_KEY, PARKED_MAX, decide, ring_message_id
from workflows.engine.definition import On, Ring
from workflows.engine.history import messages_of, notices_of, timers_of
from workflows.runtime.ring import ring_message

BEGINS = {
    "round": CALENDAR.applications_open - DAY,
    "review": CALENDAR.applications_close + DAY,
    "interviews": CALENDAR.applications_close + DAY,
    "appeal": CALENDAR.results_at + DAY,
    "application": CALENDAR.applications_close - DAY,
    "enrolment": CALENDAR.results_at + DAY,
    "outcome": CALENDAR.programme_ends,
    "data_request": CALENDAR.results_at,
    "forum": CALENDAR.results_at,
    "forum_registration": CALENDAR.results_at,
}
JUMPS = (TICK, MINUTE, GRACE, HOUR, DAY, 8 * DAY)
Draw = Callable[[st.SearchStrategy[Any]], Any]
EXAMPLES = {
    "round": 4,
    "review": 1.5,
    "interviews": 1.5,
    "application": 11,
    "appeal": 1.5,
    "enrolment": 3,
    "outcome": 2.5,
    "data_request": 1.5,
    "forum": 1,
    "forum_registration": 1.5,
}
"""Times what the profile says."""
KIM = Actor(kind="staff", id="kim")
REASON = "where the vault keeps it"
RING, YES = "ring", "yes"
FIRST, *_, LAST = RANKINGS
PUBLISHED = (RING, RING, RankingFrozen(ranking=Fact(FIRST)), YES, YES, YES, RING, RING)
INVITED = InterviewInvited(interviews=CaseId("interviews-1"), choose_by=CALENDAR.applications_close + 8 * DAY)
BOOKED = SlotGiven(slot="s1", interview_at=INTERVIEWS_BEGIN, minutes=20, wish=1)
LIMITED = DataRequestLimited(kept=("name",), ground="statute")
TOO_FEW = (RING, RING, RankingFrozen(ranking=Fact(LAST)), YES, YES, YES, RING, RING)
HEAD_STARTS: dict[str, list[tuple[Event | str, ...]]] = {
    "application": [
        (),
        (RING, INVITED, InterviewChosen(slot="s1"), BOOKED),
        (RING, OfferMade(rank=1)),
        (RING, OfferMade(rank=1), RING, RING, RING, RING),
        (RING, WaitlistPlaced(rank=3, position=1)),
        (RING, WaitlistPlaced(rank=3, position=1), SkipProposed(reason="unreachable")),
        (RING, WaitlistPlaced(rank=3, position=1), EnrolmentChecked(is_enrolled=False)),
        (RING, NotSelected(rank=6), AppealUpheld(appeal=CaseId("appeal-1"))),
    ],
    "data_request": [(), (YES, LIMITED, YES, DataRequestPassed(), RING, DataRequestFulfilled())],
    "review": [(), (NoConflictStated(),), (NoConflictStated(), ReviewSubmitted(points={"fit": 5, "plan": 0}))],
    "round": [(), PUBLISHED, TOO_FEW],
}
"""The way to an offer is long, and most of what can go wrong comes after it."""
NO_TIMER = Timer(due=CALENDAR.month12, rings_at=CALENDAR.month12, visit=1, armed=1)
DELAYS = (timedelta(0), timedelta(0), MINUTE, GRACE, GRACE + MINUTE, DAY, 2 * DAY)


@dataclass
class Story:
    """One case, and the clock beside it."""

    life: Life
    now: datetime
    rung: list[tuple[str, Timer]] = field(default_factory=list)
    asked: list[TaskId] = field(default_factory=list)
    heard: list[Message] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def hear(self, message: Message) -> None:
        """Decide on a message that the history does not have yet, and hold the decision against all that must hold."""
        self.now += TICK
        if message.id in {each.id for each in self.heard}:
            return
        self.heard.append(message)
        before = self.life.case if self.life.written else None
        if before is not None:
            self.no_guards_overlap(before, message)
        entry = self.life.hear(message, self.now)
        self.a_decision_is_made_once(before, message)
        self.no_key_is_used_twice()
        self.no_timer_is_held_that_cannot_ring()
        case = self.life.case
        assert case.seq == entry.seq == len(self.heard)
        assert len(case.parked) <= PARKED_MAX
        assert {timer.visit for key, timer in case.timers.items() if key != PARKED_KEY} <= {case.visit}
        if before is not None and before.is_final:
            assert (case.stage, case.visit, case.is_final) == (before.stage, before.visit, True)
        if before is not None and case.stage != before.stage:
            assert case.visit > before.visit
        if entry.verdict in {Verdict.IGNORED, Verdict.REJECTED} and message.type != "TimerRang":
            assert before is not None
            assert case == before.model_copy(update={"seq": case.seq, "hash": case.hash})
        self.rung += list(case.timers.items())
        self.asked += [task.id for task in case.tasks]

    def a_decision_is_made_once(self, before: Case | None, message: Message) -> None:
        assert self.life.workflow is not None
        again = decide(self.life.workflow, before, message, self.now, self.life.facts)
        assert again.case.model_copy(update={"hash": self.life.case.hash}) == self.life.case
        entry = self.life.entries[-1]
        assert (again.verdict, again.reason) == (entry.verdict, entry.reason)
        assert (again.steps, again.effects) == (entry.steps, entry.effects)

    def no_key_is_used_twice(self) -> None:
        entry, case = self.life.entries[-1], self.life.case
        keys = [message.id for message in messages_of(entry, case.id)]
        keys += [notice.id for notice in notices_of(entry, case)]
        keys += [ring_message_id(case.id, key, timer) for key, timer in timers_of(entry)]
        assert len(set(keys)) == len(keys)
        assert not self.keys & set(keys)
        self.keys |= set(keys)

    def no_timer_is_held_that_cannot_ring(self) -> None:
        """The history knows a message once: a timer whose message it has would never be applied, and never go."""
        case = self.life.case
        names = {ring_message_id(case.id, key, timer) for key, timer in case.timers.items()}
        assert not names & {message.id for message in self.heard}

    def no_guards_overlap(self, before: Case, message: Message) -> None:
        assert self.life.workflow is not None
        workflow, subject = self.life.workflow, self.life.subject
        event = EVENTS[message.type].model_validate(
            {**message.data, "at": message.at, "arrives_at": message.at, "brought_by": message.actor.id},
            context=self.life.facts,
        )
        answering: list[Sequence[On | Ring]] = [
            [on for _, on in workflow.answers[before.stage].get(message.type, ())],
            *(alarm.rings for alarm in workflow.alarms[before.stage] if alarm.key == message.data.get("key")),
        ]
        for clauses in answering:
            assert sum(clause.when is not None and clause.when(subject, event) for clause in clauses) <= 1

    # ---- what may happen

    def follow(self, step: Event | str) -> None:
        """Take one step of a head start, if it can be taken."""
        if isinstance(step, Event):
            self.tell(step, timedelta(0), KIM)
        elif step == RING:
            self.ring_key(min(self.life.case.timers, key=self.rings_at, default=""), timedelta(0))
        elif self.life.case.tasks:
            self.settle(yes=True)

    def rings_at(self, key: str) -> datetime:
        return self.life.case.timers[key].rings_at

    def go_on(self, draw: Draw) -> None:
        """Follow one of the ways out of the stage, as those who should would."""
        ways = self.life.workflow.ways[self.life.stage] if self.life.workflow else ()
        clauses = [clause for clause, _ in ways if not clause.startswith("throughout")]
        if not clauses:
            return
        clause = draw(st.sampled_from(clauses))
        stage, kind, *rest = clause.split(".")
        if kind == "on":
            self.tell(draw(event_of(rest[0])), draw(st.sampled_from(DELAYS)), draw(ACTORS))
        elif kind.startswith("ask") and self.life.case.tasks:
            self.settle(yes=rest[0] == "yes")
        else:
            self.ring_key(f"{stage}.{kind}", timedelta(0))

    def settle(self, *, yes: bool) -> None:
        """Answer the first open question, as whoever is asked first."""
        task = self.life.case.tasks[0]
        actor = Actor(kind="staff", id=f"{task.needs[0]}-{len(task.approved_by)}", role=task.needs[0])
        self.tell(QuestionAnswered(task=task.id, answer=yes, reason=REASON), timedelta(0), actor)

    def hear_own(self, draw: Draw) -> None:
        """Hear an event that some stage of the workflow answers."""
        name = draw(st.sampled_from(sorted(self.life.workflow.events & set(EVENT_NAMES)) if self.life.workflow else []))
        self.tell(draw(event_of(name)), draw(st.sampled_from(DELAYS)), draw(ACTORS))

    def hear_any(self, draw: Draw) -> None:
        """Hear any event at all."""
        event = draw(st.sampled_from(EVENT_NAMES).flatmap(event_of))
        self.tell(event, draw(st.sampled_from(DELAYS)), draw(ACTORS))

    def ring(self, draw: Draw) -> None:
        """Hear a timer: on time, late, a second early, or long before its time."""
        if self.life.case.timers:
            key = draw(st.sampled_from(sorted(self.life.case.timers)))
            self.ring_key(key, draw(st.sampled_from([timedelta(0), timedelta(seconds=-1), -DAY, HOUR, 9 * DAY])))

    def ring_again(self, draw: Draw) -> None:
        """Hear a timer that was held once."""
        key, timer = draw(st.sampled_from(self.rung)) if self.rung else ("first.after", NO_TIMER)
        if self.life.case.timers.get(key) != timer:
            before = self.life.case
            self.hear(ring_message(self.life.id, key, timer))
            assert (self.life.stage, self.life.case.visit) == (before.stage, before.visit)

    def repeat(self, draw: Draw) -> None:
        """Hear a message for the second time."""
        self.hear(draw(st.sampled_from(self.heard)))

    def answer(self, draw: Draw) -> None:
        """Hear anybody's answer to a question that is open or was open once."""
        if self.asked:
            reason = draw(st.sampled_from([REASON, ""]))
            event = QuestionAnswered(task=draw(st.sampled_from(self.asked)), answer=draw(st.booleans()), reason=reason)
            self.tell(event, draw(st.sampled_from(DELAYS)), draw(ACTORS))

    def flood(self, draw: Draw) -> None:
        """Hear more early events than a case keeps."""
        later = sorted(self.life.workflow.later[self.life.stage] & set(EVENT_NAMES)) if self.life.workflow else []
        if later:
            event = draw(st.sampled_from(later).flatmap(event_of))
            for _ in range(PARKED_MAX + 2):
                self.tell(event, timedelta(0), SYSTEM)

    def wait(self, draw: Draw) -> None:
        """Let time pass."""
        self.now += draw(st.sampled_from(JUMPS))

    def tell(self, event: Event, delay: timedelta, by: Actor) -> None:
        self.hear(self.life.message(event, self.now - delay, by=by, name=f"message-{len(self.heard)}"))

    def ring_key(self, key: str, late: timedelta) -> None:
        timer = self.life.case.timers.get(key)
        if timer is not None:
            self.now = max(self.now, timer.rings_at + late)
            self.hear(ring_message(self.life.id, key, timer))
            assert self.life.case.timers.get(key) != timer


MOVES = (
    *[Story.go_on] * 8,
    *[Story.hear_own] * 2,
    Story.hear_any,
    *[Story.ring] * 2,
    Story.ring_again,
    Story.repeat,
    Story.answer,
    Story.flood,
    Story.wait,
)


@pytest.mark.parametrize("name", LATEST)
def test_whatever_is_heard_a_case_keeps_its_promises_and_every_stage_is_come_to(name: str) -> None:
    reached: set[str] = set()
    opening = LATEST[name].opens[0].event.__name__

    @settings(max_examples=int(settings.default.max_examples * EXAMPLES[name]))
    @given(st.data())
    def story(data: st.DataObject) -> None:
        late = data.draw(st.sampled_from([0, 0, 0, 2]))
        told = Story(Life(f"{name}-1", LATEST[name], FACTS), BEGINS[name] + late * DAY)
        told.tell(data.draw(event_of(opening)), timedelta(0), Actor(kind="person", id="person-1"))
        for step in data.draw(st.sampled_from(HEAD_STARTS.get(name, [()]))):
            told.follow(step)
        for move in data.draw(st.lists(st.sampled_from(MOVES), min_size=10, max_size=40)):
            move(told, data.draw)
        assert told.life.fold() == told.life.case
        reached.update(step.to for entry in told.life.entries for step in entry.steps)

    story()

    assert reached == set(LATEST[name].states)
