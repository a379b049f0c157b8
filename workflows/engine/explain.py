"""Says where a case stands: what it waits for and from whom, where each message would lead, and which timer is next."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from schemas.ids import CaseId
from schemas.messages import Case, Task
from schemas.notices.engine import EventGivenUp, QuestionOverdue
from schemas.record import Record
from schemas.roles import OPERATOR
from workflows.engine.decide import PARKED_KEY
from workflows.engine.definition import QUESTION, Ask, Notify, On, Ring, Workflow
from workflows.engine.moments import SEOUL
from workflows.engine.words import Language, Speech, Words, capital


class Named(Record):
    """A stored name, and the word for it in the language of the explanation."""

    id: str
    word: str


class Way(Record):
    """One thing that a message may bring about.

    Attributes:
        clause: The clause's place in the workflow, as in the steps of a history.
        answer: `yes` or `no`, for a question.
        condition: What else must hold, in words; empty if nothing.
        does: What is told and sent, in words; empty if nothing but the stage changes.
        leads_to: The stage; None if the case stays where it is.
    """

    clause: str
    answer: Named | None = None
    condition: str = ""
    does: str = ""
    leads_to: Named | None = None


class Wait(Record):
    """One thing that a case waits for: the answer to a question, an event, or a timer.

    Attributes:
        id: The id of the open question, the name of the event, or the key of the timer.
        what: In words: the question, the event, or the moment.
        from_whom: Who may bring it now; nobody for a timer.
        still_needed: Whose yes a question still needs, in order, each as often as people of the role are needed.
        not_by: The actors who may not answer: barred from the beginning, or they have said yes already.
        ways: What it may bring about; of several with conditions the first that holds.
        due: When a timer stands, or a question is overdue; for an event, when it must have been sent to count here.
        rings_at: When a timer's alarm goes, which for one that ends a stage is later than due.
        is_over: Whether that has passed: an event sent now comes too late here, a question or a timer is overdue.
    """

    kind: Literal["question", "event", "timer"]
    id: str
    what: str
    from_whom: tuple[Named, ...] = ()
    still_needed: tuple[Named, ...] = ()
    not_by: tuple[str, ...] = ()
    ways: tuple[Way, ...]
    due: AwareDatetime | None = None
    rings_at: AwareDatetime | None = None
    is_over: bool = False


class Early(Record):
    """A message that came too early and is kept until then."""

    event: Named
    from_whom: Named
    until: AwareDatetime


class Explanation(Record):
    """Where a case stands, in the words of one language, with its instants in Asia/Seoul.

    `model_dump(mode="json")` gives it as plain values.

    Attributes:
        waits: Questions, then events, then timers by when they ring.
        next_timer: The timer that rings next.
        parked: What came too early, the first to be given up first.
    """

    now: AwareDatetime
    case: CaseId
    workflow: Named
    version: int
    stage: Named
    since: AwareDatetime
    is_final: bool
    waits: tuple[Wait, ...]
    next_timer: Wait | None
    parked: tuple[Early, ...]


@dataclass(frozen=True, slots=True)
class _Texts:
    """What an explanation says beside the clauses, in one language.  `senders` are by kind of actor."""

    senders: Mapping[str, str]
    overdue: str
    escalated: str
    parked: str
    stands: str
    ended: str
    whom: str
    barred: str
    until: str
    over: str
    next_timer: str
    early: str


_TEXTS: Mapping[Language, _Texts] = {
    "en": _Texts(
        senders={"person": "the person", "staff": "staff", "case": "another case", "system": "the system"},
        overdue="the question is overdue",
        escalated="{}, who may answer from then on",
        parked="what came too early is given up",
        stands="{} [{}]: {}, since {}",
        ended="The case has ended.",
        whom="from {}",
        barred="not from {}",
        until="until {}",
        over="was due {}",
        next_timer="Next timer: {}, {}.",
        early="Came too early, kept until {}: {}, from {}",
    ),
    "ko": _Texts(
        senders={"person": "본인", "staff": "담당 직원", "case": "다른 업무 건", "system": "시스템"},
        overdue="질문 답변 기한",
        escalated="{}. 그때부터 함께 답할 수 있습니다",
        parked="일찍 도착한 사건의 보관 기한",
        stands="{} [{}]: {}, {}부터",
        ended="종료된 건입니다.",
        whom="{}",
        barred="{} 제외",
        until="기한 {}",
        over="{} 기한 지남",
        next_timer="다음 예약 시각: {}, {}.",
        early="일찍 도착하여 {}까지 보관: {}({})",
    ),
}


def explain(workflow: Workflow, case: Case, now: datetime, words: Words, language: Language) -> Explanation:
    """Give where the case stands.

    Args:
        workflow: The definition that the case is pinned to.
        case: The case as it stands.
        now: The instant at which it is looked at.
        words: The word lists.
        language: The language.
    """
    return _Reader(workflow, case, now, words.speech(language), _TEXTS[language]).explanation()


@dataclass(frozen=True, slots=True)
class _Reader:
    """One look at one case."""

    workflow: Workflow
    case: Case
    now: datetime
    speech: Speech
    texts: _Texts

    def explanation(self) -> Explanation:
        case = self.case
        timers = sorted(self.timers(), key=lambda wait: (wait.rings_at, wait.id))
        return Explanation(
            now=_seoul(self.now),
            case=case.id,
            workflow=Named(id=case.workflow, word=self.speech.word(case.workflow)),
            version=case.version,
            stage=self.stage(case.stage),
            since=_seoul(case.arrived_at),
            is_final=case.is_final,
            waits=(*self.questions(), *self.events(), *timers),
            next_timer=timers[0] if timers else None,
            parked=tuple(sorted(self.parked(), key=lambda early: early.until)),
        )

    def questions(self) -> Iterator[Wait]:
        for task in self.case.tasks:
            asks = self.workflow.states[self.case.stage].asks
            place, ask = next((place, ask) for place, ask in enumerate(asks) if ask.question == task.question)
            asked = task.needs[:1] if ask.in_order else task.needs
            may_answer = dict.fromkeys((*asked, *filter(None, (task.escalated_to,))))
            yield Wait(
                kind="question",
                id=task.id,
                what=self.speech.word(task.question),
                from_whom=self.roles(may_answer),
                still_needed=self.roles(task.needs),
                not_by=task.barred,
                ways=tuple(self.answers(f"{self.case.stage}.ask{place}", ask, task)),
                due=task.due_at and _seoul(task.due_at),
                is_over=task.due_at is not None and task.due_at < self.now,
            )

    def answers(self, clause: str, ask: Ask, task: Task) -> Iterator[Way]:
        words = self.speech.answers(task.needs[:1])
        conditions = (self.speech.also_needed(task.needs, in_order=ask.in_order), "")
        for name, word, stage, condition in zip(("yes", "no"), words, (ask.yes, ask.no), conditions, strict=True):
            yield Way(
                clause=f"{clause}.{name}",
                answer=Named(id=name, word=word),
                condition=condition,
                does=self.speech.stays if stage is None else "",
                leads_to=self.target(stage),
            )

    def events(self) -> Iterator[Wait]:
        deadline = self.deadline()
        for event, clauses in self.workflow.answers[self.case.stage].items():
            roles = [role.name for role in clauses[0][1].event.by]
            yield Wait(
                kind="event",
                id=event,
                what=self.speech.word(event),
                from_whom=self.roles(roles) if roles else (self.sender("case"),),
                ways=self.ways(clauses),
                due=deadline and _seoul(deadline),
                is_over=deadline is not None and deadline < self.now,
            )

    def deadline(self) -> datetime | None:
        """Give when the stage ends: what is sent later is not answered here, though the timer may not have rung."""
        held = [self.case.timers.get(alarm.key) for alarm in self.workflow.alarms[self.case.stage] if alarm.ends_stage]
        return min((timer.due for timer in held if timer is not None), default=None)

    def timers(self) -> Iterator[Wait]:
        for key, timer in self.case.timers.items():
            what, ways = self.timer(key)
            yield Wait(
                kind="timer",
                id=key,
                what=what,
                ways=ways,
                due=_seoul(timer.due),
                rings_at=_seoul(timer.rings_at),
                is_over=timer.rings_at <= self.now,
            )

    def timer(self, key: str) -> tuple[str, tuple[Way, ...]]:
        """Say which moment a timer stands for, and what it brings about."""
        if key == PARKED_KEY:
            does = self.speech.orders([Notify(OPERATOR, EventGivenUp)])
            return self.texts.parked, (Way(clause=key, does=does),)
        if key.endswith(f".{QUESTION}"):
            return self.texts.overdue, (Way(clause=key, does=self.escalation(int(key.split(".")[-2]))),)
        alarm = next(alarm for alarm in self.workflow.alarms[self.case.stage] if alarm.key == key)
        clauses = [(f"{alarm.key}.{place}", ring) for place, ring in enumerate(alarm.rings)]
        return self.speech.moment(alarm.moment), self.ways(clauses)

    def escalation(self, place: int) -> str:
        to = self.workflow.states[self.case.stage].asks[place].escalate_to
        return "" if to is None else self.texts.escalated.format(self.speech.orders([Notify(to, QuestionOverdue)]))

    def parked(self) -> Iterator[Early]:
        for parked in self.case.parked:
            event, by = parked.message.type, parked.message.actor
            yield Early(
                event=Named(id=event, word=self.speech.word(event)),
                from_whom=self.roles([by.role])[0] if by.role else self.sender(by.kind),
                until=_seoul(parked.until),
            )

    def ways(self, clauses: Sequence[tuple[str, On | Ring]]) -> tuple[Way, ...]:
        """Give the clauses of one event or moment, as they are tried."""
        return tuple(
            Way(
                clause=name,
                condition=self.speech.condition(clause, [other for _, other in clauses[:place]]),
                does=self.speech.doing(clause),
                leads_to=self.target(clause.to),
            )
            for place, (name, clause) in enumerate(clauses)
        )

    def target(self, stage: str | None) -> Named | None:
        return None if stage is None else self.stage(stage)

    def stage(self, stage: str) -> Named:
        return Named(id=stage, word=self.speech.stage(self.workflow.name, stage))

    def roles(self, roles: Iterable[str]) -> tuple[Named, ...]:
        return tuple(Named(id=role, word=self.speech.role(role)) for role in roles)

    def sender(self, kind: str) -> Named:
        return Named(id=kind, word=self.texts.senders[kind])


def _seoul(instant: datetime) -> datetime:
    return instant.astimezone(SEOUL)


# ---- as text


def to_text(explanation: Explanation, language: Language) -> str:
    """Give it as lines for a terminal, in the language it was made in."""
    texts, since = _TEXTS[language], _shown(explanation.since)
    lines = [capital(texts.stands.format(explanation.workflow.word, explanation.case, explanation.stage.word, since))]
    lines += [texts.ended] if explanation.is_final else []
    for wait in explanation.waits:
        lines += ["", capital(_heading(wait, texts)), *(f"  {_shown_way(way)}" for way in wait.ways)]
    timer = explanation.next_timer
    lines += [] if timer is None else ["", texts.next_timer.format(_shown(timer.rings_at), timer.what)]
    for early in explanation.parked:
        lines += ["", texts.early.format(_shown(early.until), early.event.word, early.from_whom.word)]
    return "\n".join(lines)


def _heading(wait: Wait, texts: _Texts) -> str:
    """Say what is waited for, from whom, and until when."""
    if wait.kind == "timer":
        late = f" ({texts.over.format(_shown(wait.rings_at))})" if wait.is_over else ""
        return f"{_shown(wait.due)}, {wait.what}{late}"
    until = (texts.over if wait.is_over else texts.until).format(_shown(wait.due)) if wait.due else ""
    whom = texts.whom.format(", ".join(each.word for each in wait.from_whom))
    barred = texts.barred.format(", ".join(wait.not_by)) if wait.not_by else ""
    what = f"“{wait.what}”" if wait.kind == "question" else wait.what
    return f"{what} ({', '.join(filter(None, (whom, barred, until)))})"


def _shown_way(way: Way) -> str:
    said = [way.answer.word if way.answer else "", way.condition, way.does]
    target = f"→ {way.leads_to.word}" if way.leads_to else ""
    return " ".join(filter(None, (", ".join(filter(None, said)), target)))


def _shown(instant: datetime | None) -> str:
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M %Z}"
