"""Questions to people: put, answered, held for a moment, taken back, escalated.  Part of one decision."""

from datetime import datetime, timedelta
from typing import Any

from schemas.events import Event
from schemas.events.engine import AnswerTakenBack, QuestionAnswered, TimerRang
from schemas.ids import CaseId, TaskId, name_of
from schemas.messages import Held, Message, Task, Timer, Verdict
from schemas.notices.engine import QuestionOverdue
from workflows.engine.definition import QUESTION, UNDO, Ask, On, Ring, Workflow


class Questions:
    """The part of a draft that deals with questions; the draft keeps the facts."""

    workflow: Workflow
    case_id: CaseId
    stage: str
    visit: int
    seq: int
    arrived_at: datetime
    subject: Any
    timers: dict[str, Timer]
    tasks: tuple[Task, ...]

    def follow(self, clause: str, part: On | Ring, event: Event, message: Message) -> None:
        """Follow a clause."""
        raise NotImplementedError

    def step(self, clause: str, message: Message, to: str) -> None:
        """Note a step."""
        raise NotImplementedError

    def tell(self, notice: str, role: str, clause: str, body: dict[str, Any]) -> None:
        """Order a notice."""
        raise NotImplementedError

    # ---- answers

    def hear_of_question(self, event: QuestionAnswered | AnswerTakenBack, message: Message) -> tuple[Verdict, str]:
        """Take an answer, or take one back."""
        return self.answer(event, message) if isinstance(event, QuestionAnswered) else self.take_back(event, message)

    def answer(self, answered: QuestionAnswered, message: Message) -> tuple[Verdict, str]:
        """Take somebody's yes or no.  One no decides; a yes decides when nobody else is needed."""
        task = self._task(answered.task)
        if task is None:
            return Verdict.IGNORED, f"question_closed: {answered.task}"
        place, ask = self._ask(task)
        refusal = _why_not(ask, task, message)
        if refusal:
            return Verdict.REJECTED, refusal
        role = message.actor.role if message.actor.role in task.needs else task.needs[0]
        left = list(task.needs)
        left.remove(role)
        if answered.answer and left:
            self._replace(task.model_copy(update={"needs": tuple(left), **_approved(task, message)}))
            self.step(f"{self.stage}.ask{place}.approved", message, self.stage)
        elif answered.undo_minutes:
            self._hold(place, task, answered, message)
        else:
            self._settle(place, ask, task, answered.model_copy(update={"approved_by": message.actor.ids[1:]}), message)
        return Verdict.APPLIED, ""

    def _settle(self, place: int, ask: Ask, task: Task, answered: QuestionAnswered, message: Message) -> None:
        word, target = ("yes", ask.yes) if answered.answer else ("no", ask.no)
        self.timers.pop(self._undo_key(place), None)
        clause = On(QuestionAnswered, target, None, ask.keep, ())
        approved_by = (*task.approved_by, *task.approved_for.values(), *answered.approved_by)
        whole = answered.model_copy(update={"approved_by": approved_by})
        self.follow(f"{self.stage}.ask{place}.{word}", clause, whole, message)
        if target is None:
            self.tasks = tuple(each for each in self.tasks if each.question != task.question)
            self.timers.pop(f"{self.stage}.{place}.{QUESTION}", None)

    # ---- an answer that may still be taken back

    def _hold(self, place: int, task: Task, answered: QuestionAnswered, message: Message) -> None:
        """Keep a deciding answer until it takes effect: nothing leaves before, and whoever gave it may take it back."""
        until = answered.arrives_at + timedelta(minutes=answered.undo_minutes)
        held = Held(
            answer=answered.answer,
            by=message.actor.id,
            on_behalf_of=message.actor.on_behalf_of,
            role=message.actor.role,
            reason=answered.reason,
            at=message.at,
            until=until,
        )
        self._replace(task.model_copy(update={"held": held}))
        timer = Timer(due=until, rings_at=until, visit=self.visit, armed=self.seq + 1)
        self.timers[self._undo_key(place)] = timer
        self.step(f"{self.stage}.ask{place}.held", message, self.stage)

    def take_back(self, event: AnswerTakenBack, message: Message) -> tuple[Verdict, str]:
        """Forget an answer that has not taken effect yet; only whose it is can take it back."""
        task = self._task(event.task)
        if task is None or task.held is None:
            return Verdict.IGNORED, f"nothing_to_take_back: {event.task}"
        if message.actor.id not in {task.held.by, task.held.on_behalf_of}:
            return Verdict.REJECTED, "not_your_answer"
        place, _ = self._ask(task)
        self.timers.pop(self._undo_key(place), None)
        self._replace(task.model_copy(update={"held": None}))
        self.step(f"{self.stage}.ask{place}.taken_back", message, self.stage)
        return Verdict.APPLIED, ""

    def take_effect(self, rang: TimerRang, message: Message) -> tuple[Verdict, str]:
        """Apply the answer whose time to take it back is over."""
        place = int(rang.key.split(".")[-2])
        ask = self.workflow.states[self.stage].asks[place]
        task = next((task for task in self.tasks if task.question == ask.question), None)
        if task is None or task.held is None:
            return Verdict.IGNORED, f"nothing_held: {rang.key}"
        held = task.held
        answered = QuestionAnswered(
            task=task.id,
            answer=held.answer,
            reason=held.reason,
            at=held.at,
            arrives_at=rang.arrives_at,
            brought_by=held.by,
            approved_by=(held.on_behalf_of,) if held.on_behalf_of else (),
        )
        self._settle(place, ask, task, answered, message)
        return Verdict.APPLIED, ""

    def _undo_key(self, place: int) -> str:
        return f"{self.stage}.{place}.{UNDO}"

    def _task(self, task_id: TaskId) -> Task | None:
        return next((task for task in self.tasks if task.id == task_id), None)

    def _ask(self, task: Task) -> tuple[int, Ask]:
        asks = self.workflow.states[self.stage].asks
        return next((place, ask) for place, ask in enumerate(asks) if ask.question == task.question)

    def _replace(self, task: Task) -> None:
        self.tasks = tuple(task if each.id == task.id else each for each in self.tasks)

    # ---- overdue

    def escalate(self, message: Message) -> tuple[Verdict, str]:
        """Let somebody else answer as well, and tell them."""
        place = int(message.data["key"].split(".")[-2])
        ask = self.workflow.states[self.stage].asks[place]
        if ask.escalate_to is None:  # pragma: no cover  `check` refuses such a question
            return Verdict.IGNORED, "nobody_to_escalate_to"
        update = {"escalated_to": ask.escalate_to.name}
        self.tasks = tuple(
            each.model_copy(update=update) if each.question == ask.question else each for each in self.tasks
        )
        self.step(message.data["key"], message, self.stage)
        body = QuestionOverdue(question=ask.question).model_dump(mode="json")
        self.tell(QuestionOverdue.__name__, ask.escalate_to.name, message.data["key"], body)
        return Verdict.APPLIED, ""

    # ---- putting them

    def put_questions(self, asks: tuple[Ask, ...]) -> None:
        """Put the questions of a stage that was just entered."""
        tasks = []
        for place, ask in enumerate(asks):
            due = None if ask.due is None else ask.due.due(self.subject, self.arrived_at)
            tasks.append(self.task_of(ask, due))
            if due is not None:
                key = f"{self.stage}.{place}.{QUESTION}"
                self.timers[key] = Timer(due=due, rings_at=due, visit=self.visit, armed=self.seq + 1)
        self.tasks = tuple(tasks)

    def task_of(self, ask: Ask, due: datetime | None) -> Task:
        """Give the question as the facts put it now."""
        return Task(
            id=self.task_id(ask),
            case=self.case_id,
            workflow=self.workflow.name,
            stage=self.stage,
            question=ask.question,
            needs=tuple(role.name for role in ask.roles),
            not_by=() if ask.not_by is None else tuple(ask.not_by(self.subject)),
            opened_at=self.arrived_at,
            due_at=due,
        )

    def task_id(self, ask: Ask) -> TaskId:
        """Name a question by the facts it is decided on; the calendar is none of them."""
        facts = self.subject.model_dump_json(exclude={"calendar"}) if ask.about is None else ask.about(self.subject)
        return TaskId(name_of(self.case_id, ask.question, self.visit, facts))

    def put_anew(self, ask: Ask, task: Task) -> Task:
        """Give the question as the facts now put it; whoever it escalated to stays told, for its timer has rung."""
        if task.id == self.task_id(ask):
            return task
        place, _ = self._ask(task)
        self.timers.pop(self._undo_key(place), None)
        return self.task_of(ask, task.due_at).model_copy(update={"escalated_to": task.escalated_to})


def _approved(task: Task, message: Message) -> dict[str, Any]:
    """Give what a yes adds to a question that needs more of them."""
    actor = message.actor
    approved_for = {**task.approved_for, actor.id: actor.on_behalf_of} if actor.on_behalf_of else task.approved_for
    return {"approved_by": (*task.approved_by, actor.id), "approved_for": approved_for}


def _why_not(ask: Ask, task: Task, message: Message) -> str:
    """Say why this actor may not answer this question; empty if they may."""
    actor = message.actor
    if actor.kind != "staff":
        return f"not_your_question: {actor.kind}"
    asked = task.needs[:1] if ask.in_order else task.needs
    if actor.role not in asked and actor.role != (task.escalated_to or None):
        return f"not_your_question: needs {', '.join(dict.fromkeys(asked))}"
    if task.held is not None:
        return f"answered_already: takes effect at {task.held.until.isoformat()}"
    if not set(task.barred).isdisjoint(actor.ids):
        return "needs_another_person"
    if ask.needs_reason and not message.data.get("reason"):
        return "needs_a_reason"
    return ""
