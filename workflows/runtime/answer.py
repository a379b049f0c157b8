"""Answers an open question for a member of staff."""

from datetime import datetime

from schemas.events.engine import AnswerTakenBack, QuestionAnswered
from schemas.ids import MessageId, TaskId, name_of
from schemas.messages import Actor, Case, Message, Verdict
from workflows.definitions.refusals import code_of
from workflows.runtime.advance import look_ahead
from workflows.runtime.errors import NotAllowed, NotFound
from workflows.runtime.ports import Ports


def answer(
    task_id: TaskId, actor: Actor, ports: Ports, *, yes: bool, reason: str = "", undo_minutes: int = 0, batch: str = ""
) -> Message:
    """Ask the core whether the answer would be taken, and publish it.

    Args:
        task_id: The question as it was shown; if its facts have changed since, there is no such question any more.
        actor: Who answers, with the role they answer in.
        ports: The ports.
        yes: The answer.
        reason: A reference to the vault.
        undo_minutes: How long it may be taken back, if it decides; it takes effect when that is over.
        batch: The batch it belongs to, which answers the question once, however often that is tried.

    Raises:
        NotFound: The question is closed, or the facts it was about have changed.
        NotAllowed: It is not this actor's question.
    """
    task = ports.cases.task(task_id)
    seen = None if task is None else ports.cases.get(task.case)
    if task is None or seen is None:
        raise NotFound(
            f"Question [{task_id}] is closed, or its facts have changed; look at the case again.",
            code="question_closed",
        )
    answered = QuestionAnswered(task=task_id, answer=yes, reason=reason, undo_minutes=undo_minutes, batch=batch)
    message = message_of(answered, seen.case, actor, ports.clock.now())
    decision = look_ahead(seen, message, ports.clock.now(), ports.facts)
    if decision.verdict is Verdict.REJECTED:
        raise NotAllowed(f"{actor.id} as {actor.role}: {decision.reason}.", code=code_of(decision.reason))
    if decision.verdict is not Verdict.APPLIED:
        raise NotFound(
            f"Question [{task_id}] is closed, or its facts have changed; look at the case again.",
            code="question_closed",
        )
    ports.publisher.publish([message], [])
    return message


def message_of(answered: QuestionAnswered, case: Case, actor: Actor, at: datetime) -> Message:
    """Give an answer as the message that brings it to its case."""
    return Message(
        id=id_of(answered.task, actor, turn=answered.batch or f"{case.seq} {answered.answer}"),
        case=case.id,
        type=QuestionAnswered.__name__,
        data=answered.model_dump(mode="json"),
        at=at,
        actor=actor,
    )


def id_of(task_id: TaskId, actor: Actor, *, turn: str | int) -> MessageId:
    """Give the id of an answer.

    Args:
        task_id: The question.
        actor: Who answers, and for whom.
        turn: The batch, else how long the history is: the same question may come back when facts change to and fro, and
            is then answered anew.
    """
    return MessageId(name_of("answer", task_id, *actor.ids, turn))


def take_back(task_id: TaskId, actor: Actor, ports: Ports) -> Message:
    """Take back an answer that has not taken effect yet.

    Raises:
        NotFound: The question is closed, or no answer is held.
        NotAllowed: It is somebody else's answer.
    """
    task = ports.cases.task(task_id)
    seen = None if task is None else ports.cases.get(task.case)
    if task is None or seen is None:
        raise NotFound(f"Question [{task_id}] is closed: the answer has taken effect.", code="nothing_to_take_back")
    message = Message(
        id=MessageId(name_of("take back", task_id, actor.id, seen.case.seq)),
        case=task.case,
        type=AnswerTakenBack.__name__,
        data=AnswerTakenBack(task=task_id).model_dump(mode="json"),
        at=ports.clock.now(),
        actor=actor,
    )
    decision = look_ahead(seen, message, ports.clock.now(), ports.facts)
    if decision.verdict is Verdict.REJECTED:
        raise NotAllowed(f"{actor.id}: {decision.reason}.", code=code_of(decision.reason))
    if decision.verdict is not Verdict.APPLIED:
        raise NotFound(f"Question [{task_id}] holds no answer to take back.", code="nothing_to_take_back")
    ports.publisher.publish([message], [])
    return message
