"""What the people of the demo cohort do.  Fixed by rank and by seeded chance, so that every run tells the same story.

Of 30 seats: three offers are declined, two never answered, one is answered in time but heard hours later (staff grant
the claim), one applicant leaves the waitlist, one learner does not show up, two withdraw, two fail a gate, one misses
the pitch; the rest complete, and are hired, found a company, study on, or seek.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from functions.cli.demo.driver import Deed
from functions.cli.demo.world import Address, World
from functions.forms.application_csv import read_timestamp
from schemas.cohort import Calendar, Cohort
from schemas.events import Event, QuestionAnswered, RoundPlanned
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Case, Entry, Step, Verdict
from workflows.engine.moments import SEOUL
from workflows.runtime.rank import rank

FOLDER = Path(__file__).parent
OFFICE_OPENS = time(10, 0)
IMPORT_AT = time(18, 10)

DECLINES = frozenset({4, 17, 26})
SILENT = frozenset({9, 23})
HEARD_LATE = 12
LEAVES_WAITLIST = 3
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


def read_export() -> bytes:
    """Give the form export, as it was downloaded."""
    return (FOLDER / "applicants.csv").read_bytes()


class Story:
    """The cohort's people.  `begin` is what is planned from the start, `react` what an event leads somebody to do."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.round_id, self.cohort = read_cohort()
        self.calendar: Calendar = self.cohort.calendar
        self.begins_at = self.calendar.applications_open - timedelta(days=7)
        self.ends_at = self.calendar.month12 + timedelta(days=40)
        self._ranks: dict[str, int] = {}
        self._reactions: dict[tuple[str, str], Callable[[Case, Entry], Iterator[Deed]]] = {
            ("round", "ranked"): self._approve,
            ("application", "ineligible_proposed"): self._rule,
            ("application", "offered"): self._answer_offer,
            ("application", "waitlisted"): self._wait,
            ("application", "claim_proposed"): self._grant,
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
        """Give what is planned: the round, the daily imports, the scores, the ranking."""
        calendar = self.calendar
        planned = RoundPlanned(
            cohort=self.cohort.cohort, programme=self.cohort.programme, calendar=calendar, terms=self.cohort.terms
        )
        yield self._event(self.begins_at, self.round_id, planned, _staff("operator"))
        yield from self._imports()
        closed = calendar.applications_close
        yield Deed(_office(closed, days=6), "scores", self._score)
        yield Deed(_office(closed, days=7), "rank", self._rank)

    def react(self, entry: Entry) -> Iterator[Deed]:
        """Give what somebody does because of an entry."""
        if entry.verdict is not Verdict.APPLIED or not entry.steps:
            return
        seen = self._world.ports.cases.get(entry.message.case)
        if seen is None:
            return
        arrived = [step for step in entry.steps if step.source != step.to]
        reaction = self._reactions.get((seen.case.workflow, _last(arrived)))
        if reaction is not None:
            yield from reaction(seen.case, entry)

    # ---- the office

    def _imports(self) -> Iterator[Deed]:
        """Every evening, the rows of the export that came since the evening before."""
        rows = list(csv.reader(io.StringIO(read_export().decode("utf-8"), newline="")))
        header, records = rows[0], rows[1:]
        stamps = [read_timestamp(record[0]) for record in records]
        first_day, last_day = stamps[0].date(), stamps[-1].date() + timedelta(days=1)
        for number in range((last_day - first_day).days + 1):
            at = datetime.combine(first_day + timedelta(days=number), IMPORT_AT, SEOUL)
            since = at - timedelta(days=1)
            new = [record for record, stamp in zip(records, stamps, strict=True) if since < stamp <= at]
            if new:
                yield Deed(at, f"import {at:%m-%d}", self._import(at, [header, *new]))

    def _import(self, at: datetime, rows: list[list[str]]) -> Callable[[], list[Address]]:
        text = io.StringIO(newline="")
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)

        def do() -> list[Address]:
            path = f"applications/{self.round_id}"
            report = self._world.post(path, "text/csv", text.getvalue().encode(), f"import-{at:%Y%m%d}")
            return [(CaseId(row["case"]), MessageId(row["receipt"])) for row in report["rows"] if "case" in row]

        return do

    def _score(self) -> list[Address]:
        addresses = []
        for case in self._world.ports.cases.find(workflow="application", stage="eligible", round_id=self.round_id):
            score = round(40 + 60 * _chance("score", case.id), 1)
            addresses += self._post(case.id, "ScoreRecorded", {"score": score}, _staff("operator"), f"score-{case.id}")
        return addresses

    def _rank(self) -> list[Address]:
        ranking, message = rank(self.round_id, _staff("operator"), self._world.ports)
        self._ranks = {ranked.application: ranked.rank for ranked in ranking.entries}
        return [(message.case, message.id)]

    def _approve(self, case: Case, entry: Entry) -> Iterator[Deed]:
        for hours, role in enumerate(("operator", "university", "city"), 1):
            yield self._answer(entry.heard_at + timedelta(hours=hours), case.id, role, yes=True)

    def _rule(self, case: Case, entry: Entry) -> Iterator[Deed]:
        """Ineligibility is confirmed, but for one who can attend after all."""
        can_come = case.data["is_enrolled"] and _chance("attends", case.id) < 1 / 2
        yield self._answer(_office(entry.heard_at, days=3), case.id, "operator", yes=not can_come)

    def _grant(self, case: Case, entry: Entry) -> Iterator[Deed]:
        yield self._answer(entry.heard_at + timedelta(hours=1), case.id, "operator", yes=True)

    def _confirm_no_show(self, case: Case, entry: Entry) -> Iterator[Deed]:
        yield self._answer(_office(entry.heard_at, days=1), case.id, "operator", yes=True)

    def _pass_online(self, case: Case, entry: Entry) -> Iterator[Deed]:
        yes = self._rank_of(case) != FAILS_ONLINE
        yield self._answer(_office(entry.heard_at, days=3), case.id, "instructor", yes=yes)

    def _pass_offline(self, case: Case, entry: Entry) -> Iterator[Deed]:
        yes = self._rank_of(case) != FAILS_OFFLINE
        yield self._answer(_office(entry.heard_at, days=3), case.id, "instructor", yes=yes)

    def _excuse(self, case: Case, entry: Entry) -> Iterator[Deed]:
        yield self._answer(_office(entry.heard_at, days=3), case.id, "operator", yes=True)

    # ---- applicants

    def _answer_offer(self, case: Case, entry: Entry) -> Iterator[Deed]:
        place = self._ranks[case.id]
        at = entry.heard_at + timedelta(hours=1, minutes=7 * (place % 40))
        person = Actor(kind="person", id=case.data["person"], role="applicant")
        if place in DECLINES:
            yield self._tell(at, case.id, "OfferDeclined", person)
        elif place == HEARD_LATE:
            given_at = datetime.fromisoformat(case.data["answer_by"]) - timedelta(minutes=5)
            yield self._tell(given_at + timedelta(hours=3), case.id, "OfferAccepted", person, given_at=given_at)
        elif place not in SILENT:
            yield self._tell(at, case.id, "OfferAccepted", person)

    def _wait(self, case: Case, entry: Entry) -> Iterator[Deed]:
        if case.data["position"] == LEAVES_WAITLIST:
            person = Actor(kind="person", id=case.data["person"], role="applicant")
            yield self._tell(entry.heard_at + timedelta(minutes=30), case.id, "ApplicationWithdrew", person)

    # ---- learners

    def _onboard(self, case: Case, entry: Entry) -> Iterator[Deed]:
        if self._rank_of(case) != NO_SHOW:
            at = max(self.calendar.programme_starts - timedelta(days=10), entry.heard_at + timedelta(days=1))
            yield self._tell(at, case.id, "OnboardingFinished", _learner(case), alone=False)

    def _learn_online(self, case: Case, entry: Entry) -> Iterator[Deed]:
        place, begins = self._rank_of(case), self.calendar.programme_starts
        if place == WITHDRAWS_EARLY:
            yield self._tell(begins + timedelta(days=1, hours=3), case.id, "LearnerWithdrew", _learner(case))
            return
        yield from self._attend(case, entry, begins, weeks=5)
        for number in range(1, 4):
            at = begins + timedelta(weeks=number, days=3, hours=12)
            body = {"assessment": f"online-{number}"}
            yield self._tell(at, case.id, "AssessmentSubmitted", _learner(case), body, alone=False)

    def _learn_offline(self, case: Case, entry: Entry) -> Iterator[Deed]:
        begins = self.calendar.online_ends + timedelta(days=7)
        if self._rank_of(case) == WITHDRAWS_LATE:
            yield self._tell(begins + timedelta(days=10), case.id, "LearnerWithdrew", _learner(case))
            return
        yield from self._attend(case, entry, begins, weeks=8)

    def _attend(self, case: Case, entry: Entry, begins: datetime, *, weeks: int) -> Iterator[Deed]:
        for week in range(1, weeks + 1):
            at = begins + timedelta(weeks=week, hours=-1)
            is_weak = self._rank_of(case) == AT_RISK and week in {3, 4}
            share = 0.72 if is_weak else round(0.85 + 0.15 * _chance("attendance", case.id, week), 2)
            if at > entry.heard_at:
                instructor = _staff("instructor")
                yield self._tell(at, case.id, "AttendanceRecorded", instructor, {"share": share}, alone=False)

    def _pitch(self, case: Case, _entry: Entry) -> Iterator[Deed]:
        if self._rank_of(case) != MISSES_PITCH:
            at = self.calendar.programme_ends - timedelta(days=1)
            yield self._tell(at, case.id, "Pitched", _staff("instructor"), alone=False)

    # ---- afterwards

    def _find_work(self, case: Case, entry: Entry) -> Iterator[Deed]:
        if self._rank_of_enrolment(case.data["enrolment"]) % 9 == 1:
            at = entry.heard_at + timedelta(days=30)
            yield self._tell(at, case.id, "OutcomeReported", _learner(case), {"status": "hired"}, alone=False)

    def _report(self, case: Case, entry: Entry) -> Iterator[Deed]:
        place = self._rank_of_enrolment(case.data["enrolment"])
        months = {"month3": 3, "month6": 2, "month12": 0}[case.stage]
        status = "seeking" if place % 5 < months else STATUSES[place % len(STATUSES)]
        if status != "silent":
            at = entry.heard_at + timedelta(days=2 if place % 2 else 9, hours=1)
            yield self._tell(at, case.id, "OutcomeReported", _learner(case), {"status": status}, alone=False)

    def _rank_of(self, case: Case) -> int:
        return self._ranks[case.data["application"]]

    def _rank_of_enrolment(self, enrolment: str) -> int:
        seen = self._world.ports.cases.get(CaseId(enrolment))
        return 0 if seen is None else self._rank_of(seen.case)

    # ---- how it is sent

    def _event(self, at: datetime, case: CaseId, event: Event, actor: Actor) -> Deed:
        return self._tell(at, case, type(event).__name__, actor, event.model_dump(mode="json"))

    def _tell(
        self,
        at: datetime,
        case: CaseId,
        event_type: str,
        actor: Actor,
        body: dict[str, Any] | None = None,
        *,
        given_at: datetime | None = None,
        alone: bool = True,
    ) -> Deed:
        submission = f"{event_type}-{case}-{at.isoformat()}"

        def do() -> list[Address]:
            return self._post(case, event_type, body or {}, actor, submission, given_at)

        return Deed(at, name_of("deed", submission), do, alone)

    def _answer(self, at: datetime, case: CaseId, role: str, *, yes: bool) -> Deed:
        """An answer to the question that is open by then."""

        def do() -> list[Address]:
            seen = self._world.ports.cases.get(case)
            (task,) = seen.case.tasks if seen else ()
            answered = QuestionAnswered(task=task.id, answer=yes)
            submission = f"answer-{task.id}-{role}"
            return self._post(case, "QuestionAnswered", answered.model_dump(mode="json"), _staff(role), submission)

        return Deed(at, name_of("answer", case, role), do)

    def _post(
        self,
        case: CaseId,
        event_type: str,
        data: dict[str, Any],
        actor: Actor,
        submission: str,
        given_at: datetime | None = None,
    ) -> list[Address]:
        body: dict[str, Any] = {"type": event_type, "case": case, "data": data, "actor": actor.model_dump()}
        if given_at is not None:
            body["submitted_at"] = given_at.isoformat()
        answer = self._world.post("events", "application/json", json.dumps(body).encode(), submission)
        return [(CaseId(answer["case"]), MessageId(answer["receipt"]))]


def _staff(role: str) -> Actor:
    return Actor(kind="staff", id=f"{role}-1", role=role)


def _learner(case: Case) -> Actor:
    return Actor(kind="person", id=case.data["person"], role="learner")


def _office(at: datetime, *, days: int) -> datetime:
    return datetime.combine(at.astimezone(SEOUL).date() + timedelta(days=days), OFFICE_OPENS, SEOUL)


def _chance(*parts: str | int) -> float:
    """Give a number between 0 and 1 that is always the same for the same parts."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def _last(steps: list[Step]) -> str:
    return steps[-1].to if steps else ""
