"""Answers an open question for a member of staff."""

from schemas.events import QuestionAnswered
from schemas.ids import MessageId, TaskId, name_of
from schemas.messages import Actor, Message, Verdict
from workflows.runtime.advance import look_ahead
from workflows.runtime.errors import NotAllowed, NotFound
from workflows.runtime.ports import Ports


def answer(task_id: TaskId, actor: Actor, ports: Ports, *, yes: bool, reason: str = "") -> Message:
    """Ask the core whether the answer would be taken, and publish it.

    Args:
        task_id: The question as it was shown; if its facts have changed since, there is no such question any more.
        actor: Who answers, with the role they answer in.
        ports: The ports.
        yes: The answer.
        reason: A reference to the vault.

    Raises:
        NotFound: The question is closed, or the facts it was about have changed.
        NotAllowed: It is not this actor's question.
    """
    task = ports.cases.task(task_id)
    seen = None if task is None else ports.cases.get(task.case)
    if task is None or seen is None:
        raise NotFound(f"Question [{task_id}] is closed, or its facts have changed; look at the case again.")
    message = Message(
        # The same question may come back when facts change to and fro; then it is answered anew.
        id=MessageId(name_of("answer", task_id, actor.id, seen.case.seq)),
        case=task.case,
        type=QuestionAnswered.__name__,
        data=QuestionAnswered(task=task_id, answer=yes, reason=reason).model_dump(mode="json"),
        at=ports.clock.now(),
        actor=actor,
    )
    decision = look_ahead(seen, message, ports.clock.now(), ports.facts)
    if decision.verdict is Verdict.REJECTED:
        raise NotAllowed(f"{actor.id} as {actor.role}: {decision.reason}.")
    if decision.verdict is not Verdict.APPLIED:
        raise NotFound(f"Question [{task_id}] is closed, or its facts have changed; look at the case again.")
    ports.publisher.publish([message], [])
    return message
