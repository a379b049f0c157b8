"""`sadari questions`: what waits for a human's yes or no."""

from datetime import datetime
from typing import Annotated

import typer

from functions.cli.acting import AsOption, ReasonOption, carry, kst, office, reason_of, role_of, show_told, staff
from functions.cli.backends import Backend
from functions.cli.screen import BadUseError, NotDoneError, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, LangOption, StoreOption, language, opened
from schemas.ids import PersonId
from schemas.messages import Actor, Message, Task
from workflows.definitions.words import WORDS
from workflows.runtime.answer import answer as answer_question

app = typer.Typer(no_args_is_help=True, help="What waits for a human's yes or no.")
ANSWERS = {"yes": True, "no": False}


@app.command("list")
def list_questions(
    role: Annotated[str | None, typer.Option(help="Only what this role may answer.")] = None,
    store: StoreOption = DEFAULT_STORE,
    lang: LangOption = "en",
    *,
    as_json: JsonOption = False,
) -> None:
    """List the open questions, oldest first."""
    wanted, speech = None if role is None else role_of(role), WORDS.speech(language(lang))
    with opened(store) as backend:
        tasks, now = list(backend.ports.cases.tasks(role=wanted)), backend.ports.clock.now()
    if as_json:
        print_json([{**task.model_dump(mode="json"), "is_overdue": _is_over(task, now)} for task in tasks])
        return
    rows = [
        (
            task.id,
            f"{speech.word(task.workflow)} {task.case}",
            speech.word(task.question),
            ", ".join(task.needs) + (f", or {task.escalated_to}" if task.escalated_to else ""),
            ", ".join(task.barred),
            "" if task.due_at is None else kst(task.due_at) + (" (overdue)" if _is_over(task, now) else ""),
        )
        for task in tasks
    ]
    print_table(f"{len(tasks)} open questions", ("id", "case", "question", "needs", "not by", "due"), rows)


@app.command()
def answer(
    question: Annotated[str, typer.Argument(metavar="ID", help="From `sadari questions list`, or its beginning.")],
    word: Annotated[str, typer.Argument(metavar="yes|no", help="The answer.")],
    who: AsOption,
    role: Annotated[str, typer.Option("--role", help="The role you answer in.")],
    reason: ReasonOption = "",
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Answer a question.  A no needs one person, a yes everybody whom the question names."""
    if word not in ANSWERS:
        raise BadUseError(f"[{word}] is no answer: say yes or no")
    actor, text = staff(who, role), reason_of(reason)
    with office(store) as backend:
        task = find_question(backend, question)
        told = carry(backend, lambda: [_answer(backend, task, actor, text, is_yes=ANSWERS[word])])
        left = backend.ports.cases.task(task.id)
    show_told(told, as_json=as_json, more={"question": task.id, "still_needed": [] if left is None else left.needs})


def find_question(backend: Backend, text: str) -> Task:
    """Give an open question by its id, or by the beginning of it where that is enough.

    Raises:
        NotDoneError: There is no such question, or there are several.
    """
    found = [task for task in backend.ports.cases.tasks() if task.id.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotDoneError(f"[{text}] is the beginning of {len(found)} questions; give more of it")
    raise NotDoneError(f"no open question [{text}]: it is answered, or its facts have changed; see `questions list`")


def _answer(backend: Backend, task: Task, actor: Actor, text: str, *, is_yes: bool) -> Message:
    seen = backend.ports.cases.get(task.case)
    person = PersonId(seen.case.person) if seen is not None and seen.case.person else None
    reference = backend.ports.vault.put_text(text, person_id=person) if text else ""
    return answer_question(task.id, actor, backend.ports, yes=is_yes, reason=reference)


def _is_over(task: Task, now: datetime) -> bool:
    return task.due_at is not None and task.due_at < now
