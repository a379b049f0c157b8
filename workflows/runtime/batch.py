"""Answers one question about many cases: shows what exactly would happen, freezes that, and then does no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schemas.events.engine import QuestionAnswered
from schemas.ids import CaseId, TaskId, name_of
from schemas.messages import Actor, Case, Message, Task, Verdict
from schemas.staff import Batch
from workflows.definitions.refusals import code_of
from workflows.engine.decide import Decision
from workflows.runtime.advance import look_ahead, pinned
from workflows.runtime.answer import answer, id_of, message_of
from workflows.runtime.errors import Busy, NotAllowed, NotFound
from workflows.runtime.ports import Ports, Seen
from workflows.runtime.staff_ports import Batches

ANSWERED = "answered"
"""The result of an item whose answer was sent; what became of it, its case's history says."""

OUT_OF_REACH = "out_of_reach"
OTHER_QUESTION = "other_question"
FACTS_CHANGED = "facts_changed"
QUESTION_CLOSED = "question_closed"

_TYPED_LATER = "typed later"

MayAnswer = Callable[[Case], bool]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the answer would bring about for one item; nothing, where `why_not` says why.

    Attributes:
        why_not: A code, one of the core's or of this module.
        stage: Where the case would stand.
        still_needed: The roles whose yes would be needed besides.
        notices: What is told, each with the role that hears it.
        events: What is sent, each with the case that gets it.
        seq: How long the case's history is.
    """

    task: TaskId
    case: CaseId
    why_not: str = ""
    workflow: str = ""
    stage: str = ""
    still_needed: tuple[str, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    events: tuple[tuple[str, str], ...] = ()
    needs_reason: bool = False
    seq: int = 0

    @property
    def name(self) -> str:
        """Name what was shown: two outlooks that tell the same have the same name."""
        told = (" ".join(pair) for pair in (*self.notices, *self.events))
        return name_of(self.task, self.why_not, self.workflow, self.stage, " ".join(self.still_needed), *told)


def preview(draft: Batch, ports: Ports, *, may_answer: MayAnswer) -> tuple[Outlook, ...]:
    """Give what would happen to every item, changing nothing; a reason that is not typed yet is taken for given.

    Args:
        draft: What is to be answered, by whom, and how.
        ports: The ports.
        may_answer: Whether the member's grants reach a case in the role that answers.
    """
    batch = draft if draft.reason else draft.model_copy(update={"reason": _TYPED_LATER})
    return tuple(_outlook(batch, task, case, ports, may_answer) for task, case in batch.items)


def freeze(draft: Batch, outlooks: Sequence[Outlook], batches: Batches) -> Batch:
    """Keep a batch as it was shown; the exceptions among it are left open for good.

    May be repeated: the same confirmation gives the same batch, as far as it has come.
    """
    shown = (part for each in outlooks for part in (each.name, each.seq))
    batch_id = name_of(
        "batch", *actor_of(draft).ids, draft.role, draft.question, str(draft.answer), draft.reason, *shown
    )
    batch = draft.model_copy(
        update={
            "id": batch_id,
            "foreseen": {each.task: each.name for each in outlooks},
            "results": {each.task: each.why_not for each in outlooks if each.why_not},
        }
    )
    batches.put(batch, seen=0)
    return _read(batch_id, batches)


def apply(batch_id: str, ports: Ports, batches: Batches, *, may_answer: MayAnswer) -> Batch:
    """Answer what is left of a batch, item after item, and give the batch with its results.

    May be repeated, and run twice at once: it goes on where it stopped, and answers nothing twice.  What would come
    otherwise than it was shown is left open, and its result says why.

    Raises:
        NotFound: There is no such batch.
        Unavailable: The rest is still to be done.
    """
    batch = _read(batch_id, batches)
    for task, case in batch.items:
        if task not in batch.results:
            batch = _record(batch, task, _answer(batch, task, case, ports, may_answer), ports, batches)
    return batch


def left_of(batch: Batch) -> int:
    """Count the items that have no result yet."""
    return sum(task not in batch.results for task, _ in batch.items)


def _answer(batch: Batch, task_id: TaskId, case_id: CaseId, ports: Ports, may_answer: MayAnswer) -> str:
    """Answer one item, and give its result."""
    for _ in ports.tries():
        # In this order: an answer of ours that closed the question is in the history by the time that is read.
        outlook = _outlook(batch, task_id, case_id, ports, may_answer)
        entry = ports.cases.entry(case_id, id_of(task_id, actor_of(batch), turn=batch.id))
        if entry is not None:
            return ANSWERED if entry.verdict is Verdict.APPLIED else code_of(entry.reason)
        if outlook.why_not or outlook.name != batch.foreseen[task_id]:
            return outlook.why_not or FACTS_CHANGED
        try:
            answer(
                task_id,
                actor_of(batch),
                ports,
                yes=batch.answer,
                reason=batch.reason,
                undo_minutes=batch.undo_minutes,
                batch=batch.id,
            )
        except (NotFound, NotAllowed):
            continue  # somebody was faster just now: look again
        return ANSWERED
    raise Busy(f"[{case_id}]")


def _record(batch: Batch, task_id: TaskId, result: str, ports: Ports, batches: Batches) -> Batch:
    """Keep the result of one item, unless somebody else has, and give the batch as it then is."""
    for _ in ports.tries():
        if task_id in batch.results:
            return batch
        updated = batch.model_copy(update={"results": {**batch.results, task_id: result}})
        if batches.put(updated, seen=batch.version):
            return updated.model_copy(update={"version": batch.version + 1})
        batch = _read(batch.id, batches)
    raise Busy(f"[{batch.id}]")


def _read(batch_id: str, batches: Batches) -> Batch:
    batch = batches.get(batch_id)
    if batch is None:
        raise NotFound(f"[{batch_id}]")
    return batch


def _outlook(batch: Batch, task_id: TaskId, case_id: CaseId, ports: Ports, may_answer: MayAnswer) -> Outlook:
    """Look ahead at what the answer brings about once it takes effect."""
    seen = ports.cases.get(case_id)
    if seen is None or not may_answer(seen.case):
        return Outlook(task_id, case_id, OUT_OF_REACH)
    case = seen.case
    task = next((each for each in case.tasks if each.id == task_id), None)
    if task is None:
        has_moved = any(each.question == batch.question for each in case.tasks)
        return Outlook(task_id, case_id, FACTS_CHANGED if has_moved else QUESTION_CLOSED, seq=case.seq)
    if task.question != batch.question:
        return Outlook(task_id, case_id, OTHER_QUESTION, seq=case.seq)
    message = _message(batch, task, case, ports)
    return _told(task, seen, look_ahead(seen, message, message.at, ports.facts))


def _message(batch: Batch, task: Task, case: Case, ports: Ports) -> Message:
    answered = QuestionAnswered(task=task.id, answer=batch.answer, reason=batch.reason, batch=batch.id)
    return message_of(answered, case, actor_of(batch), ports.clock.now())


def _told(task: Task, seen: Seen, decision: Decision) -> Outlook:
    """Give what a decision would change, with nothing of what it says about a person."""
    case, after = seen.case, decision.after
    if decision.verdict is not Verdict.APPLIED:
        return Outlook(task.id, case.id, code_of(decision.reason), seq=case.seq)
    asks = pinned(case.workflow, case.version, case.fingerprint).states[case.stage].asks
    left = [each for each in after.tasks if each.id == task.id]
    pairs = [(effect.kind, target, effect.type) for effect in decision.effects for target in effect.targets]
    return Outlook(
        task.id,
        case.id,
        workflow=case.workflow,
        stage=after.stage,
        still_needed=left[0].needs if left else (),
        notices=tuple((target, name) for kind, target, name in pairs if kind == "notice"),
        events=tuple((target, name) for kind, target, name in pairs if kind == "event"),
        needs_reason=any(ask.needs_reason for ask in asks if ask.question == task.question),
        seq=case.seq,
    )


def actor_of(batch: Batch) -> Actor:
    """Give whoever answers, as the histories name them."""
    return Actor(kind="staff", id=batch.by, role=batch.role, on_behalf_of=batch.on_behalf_of)
