"""How the demo's office selects: eligibility, reviews, ranking, approvals, offers, an appeal, a supplementary round."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

from functions.cli.demo.desk import Desk, applicant, chance, office, staff
from functions.cli.demo.driver import Deed
from functions.cli.demo.world import Address
from functions.forms.application_csv import read_timestamp
from schemas.cohort import Calendar, Cohort
from schemas.events import Event
from schemas.events.application import ApplicationWithdrew, OfferAccepted, OfferDeclined, ScoreRecorded, SkipProposed
from schemas.events.review import ConflictDeclared, NoConflictStated, ReviewSubmitted
from schemas.events.round import ReviewersNamed, RoundPlanned, SupplementProposed
from schemas.facts import Fact
from schemas.ids import CaseId, MessageId
from schemas.messages import Actor, Case, Entry, Message
from schemas.reviewers import Reviewer, ReviewerPool
from workflows.engine.moments import SEOUL
from workflows.runtime.assign import assign
from workflows.runtime.rank import rank

IMPORT_AT = time(18, 10)
PHONE = 3
"""The column of the mobile number in the form's export."""

DECLINES = frozenset({4, 17, 26})
SILENT = frozenset({9, 20, 23, 27})
HEARD_LATE = 12
APPEALS = 41
APPLY_AGAIN = range(45, 53)
SKIPPED, LEAVES_WAITLIST, DECLINES_LATER = 2, 3, 5
OF_THE_SUPPLEMENT = 1_000
"""Added to ranks of the supplementary round, so that a rank names one person of the cohort."""

POOL = ReviewerPool(
    reviewers=(
        Reviewer(id="reviewer-1", university="전남대학교", department="컴퓨터공학과"),
        Reviewer(id="reviewer-2", university="전남대학교", department="수학과"),
        Reviewer(id="reviewer-3", university="조선대학교", department="전자공학과"),
        Reviewer(id="reviewer-4", email_domain="example.net"),
        Reviewer(id="reviewer-5"),
        Reviewer(id="reviewer-6"),
    )
)
CHECKED = "서류를 다시 확인함"
"""What staff write as the reason of an answer; it goes to the vault."""


class Selecting:
    """The rounds' people.  `begin` is what is planned from the start, `reactions` what somebody does at a stage.

    Attributes:
        ranks: By application: the rank, which names the person in the story.
        passed_over: Applications that waited at the publication because of a quota.
    """

    def __init__(self, desk: Desk, round_id: CaseId, cohort: Cohort, later: CaseId, later_calendar: Calendar) -> None:
        self._desk = desk
        self._ports = desk.ports
        self._first, self._cohort = round_id, cohort
        self._later, self._later_calendar = later, later_calendar
        self._rows: dict[str, list[str]] = {}
        self._header: list[str] = []
        self._proposed: set[datetime] = set()
        self.ranks: dict[str, int] = {}
        self.reactions: dict[tuple[str, str], Callable[[Case, Entry], Iterator[Deed]]] = {
            ("round", "open"): self._import_again,
            ("round", "closed"): self._screen,
            ("round", "decided"): self._approve,
            ("round", "supplement_proposed"): self._approve_supplement,
            ("review", "assigned"): self._take_up,
            ("review", "reading"): self._read,
            ("application", "ineligible_proposed"): self._rule,
            ("application", "ineligible_appealable"): self._appeal_ruling,
            ("application", "not_selected_appealable"): self._appeal_result,
            ("appeal", "filed"): self._admit,
            ("appeal", "under_review"): self._uphold,
            ("application", "reinstated"): self._grant_no_more,
            ("application", "offered"): self._answer_offer,
            ("application", "waitlisted"): self._wait,
            ("application", "skip_proposed"): self._skip,
            ("application", "claim_proposed"): self._grant_claim,
        }

    def begin(self, export: bytes, begins_at: datetime) -> Iterator[Deed]:
        """Give what is planned: the round, and the daily imports of the form's export."""
        cohort = self._cohort
        planned = RoundPlanned(
            cohort=cohort.cohort,
            programme=cohort.programme,
            calendar=cohort.calendar,
            terms=cohort.terms,
            selection=cohort.selection,
        )
        yield self._desk.tell(begins_at, self._first, planned, staff("operator"))
        yield from self._imports(export)

    def react_to_notice(self, entry: Entry) -> Iterator[Deed]:
        """When seats are left that nobody waits for, the office proposes a supplementary round."""
        seen = self._ports.cases.get(self._first) if entry.message.case == self._first else None
        is_unfilled = any(effect.type == "SeatsUnfilled" for effect in entry.effects)
        at = office(entry.heard_at, days=1)
        if is_unfilled and seen is not None and not seen.case.data["supplement"] and at not in self._proposed:
            self._proposed.add(at)
            event = SupplementProposed(supplement=self._later, calendar=self._later_calendar, order="kept")
            yield self._desk.tell(at, self._first, event, staff("operator"))

    # ---- forms

    def _imports(self, export: bytes) -> Iterator[Deed]:
        """Every evening, the rows of the export that came since the evening before."""
        rows = list(csv.reader(io.StringIO(export.decode("utf-8"), newline="")))
        self._header, records = rows[0], rows[1:]
        stamps = [read_timestamp(record[0]) for record in records]
        first_day, last_day = stamps[0].date(), stamps[-1].date() + timedelta(days=1)
        for number in range((last_day - first_day).days + 1):
            at = datetime.combine(first_day + timedelta(days=number), IMPORT_AT, SEOUL)
            since = at - timedelta(days=1)
            new = [record for record, stamp in zip(records, stamps, strict=True) if since < stamp <= at]
            for minutes, wave in enumerate(_waves(new)):
                sent_at = at + timedelta(minutes=minutes)
                yield Deed(sent_at, f"import {sent_at:%m-%d %H:%M}", self._import(sent_at, self._first, wave))

    def _import(self, at: datetime, round_id: CaseId, records: list[list[str]]) -> Callable[[], list[Address]]:
        text = io.StringIO(newline="")
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows([self._header, *records])

        def do() -> list[Address]:
            path = f"applications/{round_id}"
            report = self._desk.world.post(path, "text/csv", text.getvalue().encode(), f"import-{at:%Y%m%d%H%M}")
            taken = [row for row in report["rows"] if "case" in row]
            self._rows.update({row["case"]: records[row["row"] - 2] for row in taken})
            return [(CaseId(row["case"]), MessageId(row["receipt"])) for row in taken]

        return do

    def _import_again(self, case: Case, entry: Entry) -> Iterator[Deed]:
        """In the supplementary round, those who came too late the first time apply again, and some not selected."""
        if case.id != self._later:
            return
        again = [name for name, place in self.ranks.items() if place in APPLY_AGAIN]
        again += [late.id for late in self._ports.cases.find(workflow="application", stage="late")]
        at = office(entry.heard_at, days=5)
        stamp = f"{at:%Y/%m/%d} 9:30:00 오전 GMT+9"
        records = [[stamp, *self._rows[name][1:]] for name in sorted(again)]
        yield Deed(at, "import supplement", self._import(at, self._later, records))

    # ---- the office

    def _screen(self, case: Case, entry: Entry) -> Iterator[Deed]:
        """Name reviewers, assign them three times, enter the test's scores, and rank."""
        is_first, closed, round_id = case.id == self._first, entry.heard_at, case.id
        assign_days, rank_days = ((3, 5, 7), 10) if is_first else ((3, 4, 5), 5)
        yield Deed(office(closed, days=3, hours=1), f"reviewers {round_id}", lambda: self._name_reviewers(round_id))
        for number, days in enumerate(assign_days):
            at = office(closed, days=days, hours=4)
            yield self._desk.use(at, f"assign-{number}", round_id, lambda: self._assign(round_id))
        at = office(closed, days=assign_days[2], hours=6)
        yield Deed(at, f"scores {round_id}", lambda: self._score(round_id), is_alone=False)
        yield self._desk.use(office(closed, days=rank_days, hours=7), "rank", round_id, lambda: self._rank(round_id))

    def _name_reviewers(self, round_id: CaseId) -> list[Address]:
        named = ReviewersNamed(pool=Fact(self._ports.facts.put(POOL)))
        return self._desk.post(round_id, named, staff("operator"), f"reviewers-{round_id}")

    def _assign(self, round_id: CaseId) -> list[Message]:
        return assign(round_id, staff("operator"), self._ports).messages

    def _score(self, round_id: CaseId) -> list[Address]:
        addresses = []
        for case in self._ports.cases.find(workflow="application", stage="eligible", round_id=round_id):
            event = ScoreRecorded(component="test", score=round(40 + 60 * chance("test", case.id)))
            addresses += self._desk.post(case.id, event, staff("operator"), f"test-{case.id}")
        return addresses

    def _rank(self, round_id: CaseId) -> list[Message]:
        ranking, message = rank(round_id, staff("operator"), self._ports)
        more = 0 if round_id == self._first else OF_THE_SUPPLEMENT
        self.ranks |= {ranked.application: ranked.rank + more for ranked in ranking.entries}
        return [message]

    def _approve(self, case: Case, entry: Entry) -> Iterator[Deed]:
        for hours, by in enumerate((staff("operator", 2), staff("university"), staff("city")), 1):
            yield self._desk.answer(entry.heard_at + timedelta(hours=hours), case.id, by, yes=True)

    def _approve_supplement(self, case: Case, entry: Entry) -> Iterator[Deed]:
        for hours, role in enumerate(("lead", "city"), 1):
            yield self._desk.answer(entry.heard_at + timedelta(hours=hours), case.id, staff(role), yes=True)

    def _rule(self, case: Case, entry: Entry) -> Iterator[Deed]:
        """Ineligibility is confirmed, but for one who can attend after all."""
        yes = case.id != self._cannot_attend(case)[0]
        at = office(entry.heard_at, days=3)
        yield self._desk.answer(at, case.id, staff("operator"), yes=yes, reason=CHECKED)

    def _cannot_attend(self, case: Case) -> list[str]:
        found = self._ports.cases.find(workflow="application", round_id=case.round)
        return sorted(each.id for each in found if not each.data["can_attend"]) or [""]

    def _appeal_ruling(self, case: Case, entry: Entry) -> Iterator[Deed]:
        if case.id == self._cannot_attend(case)[-1]:
            at = entry.heard_at + timedelta(hours=3)
            yield self._desk.appeal(at, case, "휴학 일정을 바꾸어 전 기간 참여할 수 있습니다.")

    def _appeal_result(self, case: Case, entry: Entry) -> Iterator[Deed]:
        if self.ranks.get(case.id) == APPEALS:
            at = entry.heard_at + timedelta(hours=3)
            yield self._desk.appeal(at, case, "심사 점수 하나가 다른 지원자의 것입니다.")

    def _admit(self, case: Case, entry: Entry) -> Iterator[Deed]:
        at = entry.heard_at + timedelta(hours=2)
        yield self._desk.answer(at, case.id, staff("operator", 2), yes=True, reason=CHECKED)

    def _uphold(self, case: Case, entry: Entry) -> Iterator[Deed]:
        at = entry.heard_at + timedelta(hours=18)
        yield self._desk.answer(at, case.id, staff("lead"), yes=True, reason=CHECKED)

    def _grant_no_more(self, case: Case, entry: Entry) -> Iterator[Deed]:
        """No seat over capacity is granted; the applicant gets the next one that comes free."""
        if case.tasks:
            at = entry.heard_at + timedelta(hours=1)
            yield self._desk.answer(at, case.id, staff("lead"), yes=False, reason=CHECKED)

    def _grant_claim(self, case: Case, entry: Entry) -> Iterator[Deed]:
        at = entry.heard_at + timedelta(hours=1)
        yield self._desk.answer(at, case.id, staff("operator"), yes=True, reason=CHECKED)

    # ---- reviewers

    def _take_up(self, case: Case, entry: Entry) -> Iterator[Deed]:
        """Most state that they have no conflict; one in forty declares one."""
        event: Event = NoConflictStated()
        if chance("conflict", case.id) < 1 / 40:
            event = ConflictDeclared(why="supervisor")
        yield self._desk.tell(self._turn(case, entry, hours=3), case.id, event, _reviewer(case), alone=False)

    def _read(self, case: Case, entry: Entry) -> Iterator[Deed]:
        application = case.data["application"]
        quality = chance("quality", application)
        points = {
            line["id"]: float(round(1 + 3 * quality + chance(line["id"], case.id))) for line in case.data["rubric"]
        }
        at = self._turn(case, entry, hours=14)
        yield self._desk.tell(at, case.id, ReviewSubmitted(points=points), _reviewer(case), alone=False)

    @staticmethod
    def _turn(case: Case, entry: Entry, *, hours: int) -> datetime:
        """Each reviewer at an instant of their own: what goes together then concerns different applications."""
        minutes = int(case.data["reviewer"].rpartition("-")[2])
        at = (entry.heard_at + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
        return at + timedelta(minutes=minutes)

    # ---- applicants

    def _answer_offer(self, case: Case, entry: Entry) -> Iterator[Deed]:
        place = self.ranks.get(case.id, 0)
        person, at = applicant(case), entry.heard_at + timedelta(hours=1, minutes=7 * (place % 40))
        agrees = chance("third party", case.id) < 4 / 5
        accepted = OfferAccepted(consents={"pledge@1": True, "third_party@1": agrees})
        if place in DECLINES or case.data["position"] == DECLINES_LATER:
            yield self._desk.tell(at, case.id, OfferDeclined(), person)
        elif place == HEARD_LATE:
            given_at = datetime.fromisoformat(case.data["answer_by"]) - timedelta(minutes=5)
            yield self._desk.tell(given_at + timedelta(hours=3), case.id, accepted, person, given_at=given_at)
        elif place not in SILENT:
            yield self._desk.tell(at, case.id, accepted, person)

    def _wait(self, case: Case, entry: Entry) -> Iterator[Deed]:
        if case.round != self._first:
            return
        if case.data["position"] == LEAVES_WAITLIST:
            at = entry.heard_at + timedelta(minutes=30)
            yield self._desk.tell(at, case.id, ApplicationWithdrew(), applicant(case))
        if case.data["position"] == SKIPPED and not case.data["proposed_by"]:
            event = SkipProposed(reason="다른 과정에 이미 등록한 것을 확인함")
            yield self._desk.tell(entry.heard_at + timedelta(minutes=20), case.id, event, staff("operator"))

    def _skip(self, case: Case, entry: Entry) -> Iterator[Deed]:
        at = entry.heard_at + timedelta(minutes=20)
        yield self._desk.answer(at, case.id, staff("operator", 2), yes=True, reason=CHECKED)


def _waves(records: list[list[str]]) -> list[list[list[str]]]:
    """Part the rows so that nobody is in a part twice: a topic keeps no order, and the later form is the edit."""
    waves: list[tuple[set[str], list[list[str]]]] = []
    for record in records:
        digits = [char for char in unicodedata.normalize("NFKC", record[PHONE]) if char.isdigit()]
        person = "".join(digits[-8:])
        wave = next((wave for wave in waves if person not in wave[0]), None)
        if wave is None:
            wave = (set(), [])
            waves.append(wave)
        wave[0].add(person)
        wave[1].append(record)
    return [rows for _, rows in waves]


def _reviewer(case: Case) -> Actor:
    return Actor(kind="staff", id=case.data["reviewer"], role="reviewer")
