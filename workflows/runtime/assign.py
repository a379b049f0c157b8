"""Assigns reviewers: balanced, never with a conflict of interest, and again wherever a reader is missing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.application import Application
from schemas.events import Event
from schemas.events.application import ConflictFound
from schemas.events.review import ReviewAssigned
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Message
from schemas.people import Person
from schemas.review import Stage
from schemas.reviewers import Reviewer
from schemas.round import Round
from workflows.definitions.screening import wanted_reviews
from workflows.engine.moments import SEOUL
from workflows.runtime.errors import Rejected
from workflows.runtime.ports import Ports
from workflows.runtime.rank import round_of

ACTIVE = frozenset({Stage.ASSIGNED, Stage.READING, Stage.SUBMITTED, Stage.CLOSED})
COMMON_DOMAINS = frozenset({"gmail.com", "naver.com", "daum.net", "hanmail.net", "kakao.com", "outlook.com"})
"""Mail domains that say nothing about where somebody works."""


@dataclass(slots=True)
class Assignment:
    """What was assigned.

    Attributes:
        given: Application and reviewer.
        conflicts: Application, reviewer, and why the one may not read the other.
        missing: Applications that lack a reader, because nobody who may read them is left.
        messages: What was published.
    """

    given: list[tuple[CaseId, str]] = field(default_factory=list)
    conflicts: list[tuple[CaseId, str, str]] = field(default_factory=list)
    missing: list[CaseId] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def review_id(application: CaseId, reviewer: str) -> CaseId:
    """Give the id of a reviewer's reading of an application."""
    return CaseId(name_of("review", application, reviewer))


def assign(round_id: CaseId, actor: Actor, ports: Ports) -> Assignment:
    """Ask reviewers to read wherever a reader is missing, and publish that.  Running it again adds only what lacks.

    A conflict that is detected is recorded with the application and blocks the reviewer for good.

    Raises:
        NotFound: There is no such round.
        Rejected: The round has no reviewers, or is not in screening.
    """
    case, round_ = round_of(round_id, ports)
    if round_.pool is None or case.stage != "screening":
        raise Rejected(
            f"Round [{round_id}] is {case.stage}: name its reviewers after the close, then assign.",
            code="round_not_assignable",
        )
    if not round_.selection.rubric:
        raise Rejected(f"Round [{round_id}] has no rubric to review by.", code="no_rubric")
    now = ports.clock.now()
    reviewers = round_.pool.document.reviewers
    read_by, load = _readings(round_id, ports)
    made = Assignment()
    for application in _applications(round_id, ports):
        person = ports.vault.get(application.person, reader=actor.id, reason="conflicts of interest")
        blocked = _blocked(application, person, reviewers)
        made.conflicts += [(application.application, reviewer, why) for reviewer, why in blocked.items()]
        asked = read_by[application.application]
        may_not = {*application.conflicts, *blocked, *asked, *application.reviews}
        # Whoever comes from the round before has reviews already, of which this round has no cases.
        active = {reviewer for reviewer, counts in asked.items() if counts} | application.reviews.keys()
        lacking = wanted_reviews(application) - len(active)
        chosen = _least_loaded(application, [each for each in reviewers if each.id not in may_not], load)[
            : max(lacking, 0)
        ]
        load.update(chosen)
        made.given += [(application.application, reviewer) for reviewer in chosen]
        made.missing += [application.application] * (len(chosen) < lacking)
    made.messages = [*_conflict_messages(made, actor, now), *_assigned_messages(made, round_, actor, now)]
    ports.publisher.publish(made.messages, [])
    return made


def _applications(round_id: CaseId, ports: Ports) -> Iterator[Application]:
    """Those that are read, in an order that favours nobody."""
    found = list(ports.cases.find(workflow="application", stage="eligible", round_id=round_id))
    for case in sorted(found, key=lambda case: name_of("reading order", case.id)):
        yield Application.model_validate_json(case.subject)


class _Readings(dict[CaseId, dict[str, bool]]):
    def __missing__(self, application: CaseId) -> dict[str, bool]:
        return self.setdefault(application, {})


def _readings(round_id: CaseId, ports: Ports) -> tuple[_Readings, Counter[str]]:
    """Give by application who was ever asked, with whether the reading counts; and by reviewer how many do."""
    readings, load = _Readings(), Counter[str]()
    for case in ports.cases.find(workflow="review", round_id=round_id):
        counts = case.stage in ACTIVE
        readings[CaseId(case.data["application"])][case.data["reviewer"]] = counts
        load[case.data["reviewer"]] += counts
    return readings, load


def _blocked(application: Application, person: Person | None, reviewers: Sequence[Reviewer]) -> dict[str, str]:
    """Give the reviewers who may not read it, with the reason, unless that is known already."""
    found = {reviewer.id: _conflict(application, person, reviewer) for reviewer in reviewers}
    return {name: why for name, why in found.items() if why and name not in application.conflicts}


def _conflict(application: Application, person: Person | None, reviewer: Reviewer) -> str:
    if application.application in reviewer.related or application.person in reviewer.related:
        return "declared_relation"
    department = "" if person is None else str(person.answers.get("department", ""))
    theirs, ours = (reviewer.university, reviewer.department), (application.university, department)
    if reviewer.department and tuple(map(_plain, theirs)) == tuple(map(_plain, ours)):
        return "same_department"
    domain = "" if person is None else person.email.rpartition("@")[2].lower()
    if domain and domain == reviewer.email_domain.lower() and domain not in COMMON_DOMAINS and not reviewer.university:
        return "same_employer"
    return ""


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


def _least_loaded(application: Application, reviewers: Sequence[Reviewer], load: Counter[str]) -> list[str]:
    """Give who may read it, whoever reads least first; whoever has enough, not at all."""
    free = [each.id for each in reviewers if not each.load_max or load[each.id] < each.load_max]
    return sorted(free, key=lambda name: (load[name], name_of("reader", application.application, name)))


def _conflict_messages(made: Assignment, actor: Actor, now: datetime) -> Iterator[Message]:
    found: dict[CaseId, dict[str, str]] = {}
    for application, reviewer, why in made.conflicts:
        found.setdefault(application, {})[reviewer] = why
    for application, conflicts in found.items():
        yield _message("conflict", application, ConflictFound(conflicts=conflicts), actor, now, *sorted(conflicts))


def _assigned_messages(made: Assignment, round_: Round, actor: Actor, now: datetime) -> Iterator[Message]:
    latest = max(round_.calendar.results_at - timedelta(days=1), now + timedelta(hours=12))
    due_at = min(_evening(now + timedelta(days=round_.selection.review_days)), latest)
    for application, reviewer in made.given:
        event = ReviewAssigned(
            application=application,
            round=round_.round,
            cohort=round_.cohort,
            reviewer=reviewer,
            rubric=round_.selection.rubric,
            due_at=due_at,
            calendar=round_.calendar,
        )
        yield _message("assign", review_id(application, reviewer), event, actor, now, reviewer)


def _evening(moment: datetime) -> datetime:
    """Give the end of the day in Korea: two assignments on one day are due together."""
    return moment.astimezone(SEOUL).replace(hour=23, minute=59, second=0, microsecond=0)


def _message(verb: str, case: CaseId, event: Event, actor: Actor, now: datetime, *reviewers: str) -> Message:
    return Message(
        id=MessageId(name_of(verb, case, *reviewers)),
        case=case,
        type=type(event).__name__,
        data=event.model_dump(mode="json"),
        at=now,
        actor=actor,
    )
