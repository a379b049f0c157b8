"""What the people of the demo cohort do.  Fixed by rank and by seeded chance, so that every run tells the same story.

Of 30 seats: three offers are declined, two never answered, one is answered in time but heard hours later (staff grant
the claim); on the waitlist one leaves, one is passed over and one declines; an appeal is upheld before the ranking and
one after it; what seats are left then go to a supplementary round.  One learner does not show up, two withdraw, two
fail a gate, one misses the pitch; the rest complete, and are hired, found a company, study on, or seek.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from functions.cli.demo.desk import Desk, chance, learner, office, staff
from functions.cli.demo.driver import Deed
from functions.cli.demo.selecting import Selecting
from functions.cli.demo.world import World
from schemas.cohort import Calendar, Cohort
from schemas.events.enrolment import (
    AssessmentSubmitted,
    AttendanceRecorded,
    LearnerWithdrew,
    OnboardingFinished,
    Pitched,
)
from schemas.events.outcome import OutcomeReported
from schemas.ids import CaseId
from schemas.messages import Case, Entry, Step, Verdict
from schemas.status import Status

FOLDER = Path(__file__).parent

NO_SHOW = 7
WITHDRAWS_EARLY = 14
WITHDRAWS_LATE = 21
FAILS_ONLINE = 28
FAILS_OFFLINE = 30
MISSES_PITCH = 19
AT_RISK = 11

STATUSES = ("hired", "hired", "hired", "founded", "studying", "hired", "seeking", "silent")


def read_cohort() -> tuple[CaseId, Cohort]:
    """Give the round's id and the cohort's configuration."""
    text = json.loads((FOLDER / "cohort.json").read_text(encoding="utf-8"))
    return CaseId(text["round"]), Cohort.model_validate(text["cohort"])


def read_supplement() -> tuple[CaseId, Calendar]:
    """Give the id and the dates of the supplementary round."""
    text = json.loads((FOLDER / "supplement.json").read_text(encoding="utf-8"))
    dates = {**read_cohort()[1].calendar.model_dump(), **text["dates"]}
    return CaseId(text["round"]), Calendar.model_validate(dates)


def read_export() -> bytes:
    """Give the form export, as it was downloaded."""
    return (FOLDER / "applicants.csv").read_bytes()


class Story:
    """The cohort's people.  `begin` is what is planned from the start, `react` what an event leads somebody to do."""

    def __init__(self, world: World) -> None:
        self._desk = Desk(world)
        self._ports = world.ports
        self.round_id, self.cohort = read_cohort()
        self.calendar: Calendar = self.cohort.calendar
        self.begins_at = self.calendar.applications_open - timedelta(days=7)
        self.ends_at = self.calendar.month12 + timedelta(days=40)
        self._selecting = Selecting(self._desk, self.round_id, self.cohort, *read_supplement())
        self._reactions: dict[tuple[str, str], Callable[[Case, Entry], Iterator[Deed]]] = {
            **self._selecting.reactions,
            ("enrolment", "onboarding"): self._onboard,
            ("enrolment", "no_show_proposed"): self._confirm_no_show,
            ("enrolment", "online"): self._learn_online,
            ("enrolment", "online_gate"): self._pass_online,
            ("enrolment", "offline"): self._learn_offline,
            ("enrolment", "offline_gate"): self._pass_offline,
            ("enrolment", "pitching"): self._pitch,
            ("enrolment", "pitch_missed"): self._excuse,
            ("outcome", "supported"): self._find_work,
            ("outcome", "month3"): self._report,
            ("outcome", "month6"): self._report,
            ("outcome", "month12"): self._report,
        }

    def begin(self) -> Iterator[Deed]:
        """Give what is planned from the start."""
        yield from self._selecting.begin(read_export(), self.begins_at)

    def react(self, entry: Entry) -> Iterator[Deed]:
        """Give what somebody does because of an entry."""
        if entry.verdict is not Verdict.APPLIED or not entry.steps:
            return
        yield from self._selecting.react_to_notice(entry)
        seen = self._ports.cases.get(entry.message.case)
        if seen is None:
            return
        arrived = [step for step in entry.steps if step.source != step.to]
        reaction = self._reactions.get((seen.case.workflow, _last(arrived)))
        if reaction is not None:
            yield from reaction(seen.case, entry)

    # ---- the office

    def _confirm_no_show(self, case: Case, entry: Entry) -> Iterator[Deed]:
        yield self._desk.answer(office(entry.heard_at, days=1), case.id, staff("operator"), yes=True)

    def _pass_online(self, case: Case, entry: Entry) -> Iterator[Deed]:
        yes = self._rank_of(case) != FAILS_ONLINE
        yield self._desk.answer(office(entry.heard_at, days=3), case.id, staff("instructor"), yes=yes)

    def _pass_offline(self, case: Case, entry: Entry) -> Iterator[Deed]:
        yes = self._rank_of(case) != FAILS_OFFLINE
        yield self._desk.answer(office(entry.heard_at, days=3), case.id, staff("instructor"), yes=yes)

    def _excuse(self, case: Case, entry: Entry) -> Iterator[Deed]:
        yield self._desk.answer(office(entry.heard_at, days=3), case.id, staff("operator"), yes=True)

    # ---- learners

    def _onboard(self, case: Case, entry: Entry) -> Iterator[Deed]:
        if self._rank_of(case) != NO_SHOW:
            at = max(self.calendar.programme_starts - timedelta(days=10), entry.heard_at + timedelta(days=1))
            yield self._desk.tell(at, case.id, OnboardingFinished(), learner(case), alone=False)

    def _learn_online(self, case: Case, entry: Entry) -> Iterator[Deed]:
        place, begins = self._rank_of(case), self.calendar.programme_starts
        if place == WITHDRAWS_EARLY:
            yield self._desk.tell(begins + timedelta(days=1, hours=3), case.id, LearnerWithdrew(), learner(case))
            return
        yield from self._attend(case, entry, begins, weeks=5)
        for number in range(1, 4):
            at = begins + timedelta(weeks=number, days=3, hours=12)
            event = AssessmentSubmitted(assessment=f"online-{number}")
            yield self._desk.tell(at, case.id, event, learner(case), alone=False)

    def _learn_offline(self, case: Case, entry: Entry) -> Iterator[Deed]:
        begins = self.calendar.online_ends + timedelta(days=7)
        if self._rank_of(case) == WITHDRAWS_LATE:
            yield self._desk.tell(begins + timedelta(days=10), case.id, LearnerWithdrew(), learner(case))
            return
        yield from self._attend(case, entry, begins, weeks=8)

    def _attend(self, case: Case, entry: Entry, begins: datetime, *, weeks: int) -> Iterator[Deed]:
        for week in range(1, weeks + 1):
            at = begins + timedelta(weeks=week, hours=-1)
            is_weak = self._rank_of(case) == AT_RISK and week in {3, 4}
            share = 0.72 if is_weak else round(0.85 + 0.15 * chance("attendance", case.id, week), 2)
            if at > entry.heard_at:
                instructor = staff("instructor")
                yield self._desk.tell(at, case.id, AttendanceRecorded(share=share), instructor, alone=False)

    def _pitch(self, case: Case, _entry: Entry) -> Iterator[Deed]:
        if self._rank_of(case) != MISSES_PITCH:
            at = self.calendar.programme_ends - timedelta(days=1)
            yield self._desk.tell(at, case.id, Pitched(), staff("instructor"), alone=False)

    # ---- afterwards

    def _find_work(self, case: Case, entry: Entry) -> Iterator[Deed]:
        if self._rank_of_enrolment(case.data["enrolment"]) % 9 == 1:
            at = entry.heard_at + timedelta(days=30)
            yield self._desk.tell(at, case.id, OutcomeReported(status=Status.HIRED), learner(case), alone=False)

    def _report(self, case: Case, entry: Entry) -> Iterator[Deed]:
        place = self._rank_of_enrolment(case.data["enrolment"])
        months = {"month3": 3, "month6": 2, "month12": 0}[case.stage]
        status = "seeking" if place % 5 < months else STATUSES[place % len(STATUSES)]
        if status != "silent":
            at = entry.heard_at + timedelta(days=2 if place % 2 else 9, hours=1)
            event = OutcomeReported(status=Status(status))
            yield self._desk.tell(at, case.id, event, learner(case), alone=False)

    def _rank_of(self, case: Case) -> int:
        return self._selecting.ranks.get(case.data["application"], 0)

    def _rank_of_enrolment(self, enrolment: str) -> int:
        seen = self._ports.cases.get(CaseId(enrolment))
        return 0 if seen is None else self._rank_of(seen.case)


def _last(steps: list[Step]) -> str:
    return steps[-1].to if steps else ""
