"""Opens the store, lets somebody act, delivers what follows, and tells what the history says of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from functions.cli.backends import Backend
from functions.cli.screen import BadUseError, NotDoneError, out, print_json
from functions.cli.stores import find_case, opened
from functions.forms.clean import UnfitTextError, clean_text
from schemas.ids import CaseId, is_safe_id
from schemas.messages import Actor, Case, Message, Verdict
from schemas.roles import ROLES
from workflows.definitions.refusals import refusal
from workflows.engine.moments import SEOUL
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, SadariError, UnknownCase

AsOption = Annotated[str, typer.Option("--as", metavar="ID", help="Your staff account; the history names it.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in your words; it goes to the vault.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]

Act = Callable[[], Sequence[Message]]

WAITING = "waiting"
MEANINGS = {
    "needs_another_person": "somebody else has to answer, as you have proposed, ranked or approved it yourself",
    "not_your_question": "answer it in a role whose turn it is, with --role; see `sadari questions list`",
    "needs_a_reason": "give one with --reason",
}
"""What to do at the command line about the codes of which there is more to say there than `refusal` says."""

ADVICE = {
    "conflict_first": "`sadari review accept REVIEW` states it",
    "conflict_found": "`sadari review assign ROUND` asks somebody else",
    "review_over": "`sadari review list` shows where it stands",
    "application_undecided": "`sadari questions list` shows what waits for a ruling",
    "scores_missing": "`sadari review list ROUND` shows who has not handed in, and `sadari review assign ROUND`"
    " asks for what nobody was asked for yet, a third reader too",
    "round_not_assignable": "`sadari round reviewers ROUND FILE` names them",
    "unknown_run": "`sadari rank runs ROUND` lists them",
}
"""The command that goes on from what a use case refuses, by its code."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the history says of a message.

    Attributes:
        verdict: As in the entry; `waiting` if there is none yet.
        stage: Where the case stands now; empty if there is no such case.
    """

    message: Message
    verdict: str
    reason: str
    stage: str

    @property
    def is_taken(self) -> bool:
        """Whether it was applied, or is kept until it can be."""
        return self.verdict not in {Verdict.IGNORED, Verdict.REJECTED}

    @property
    def sentence(self) -> str:
        """What became of it, in one line."""
        said = f"{self.message.type} to [{self.message.case}]: {self.verdict}"
        said += f" ({meaning_of(self.reason)})" if self.reason else ""
        if self.verdict == Verdict.PARKED:
            said += "; it is kept for seven days, until the case can take it"
        return f"{said}; the case is now [{self.stage}]" if self.stage else said

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        message = self.message
        named = {"message": message.id, "type": message.type, "case": message.case}
        return {**named, "verdict": self.verdict, "reason": self.reason, "stage": self.stage}


@contextmanager
def office(store: Path) -> Iterator[Backend]:
    """Open the store for somebody who acts; what the use cases refuse becomes one line with what to do.

    Raises:
        NotDoneError: It cannot be done.
    """
    with opened(store) as backend:
        try:
            yield backend
        except SadariError as error:
            raise NotDoneError(_advice(error)) from error


def carry(backend: Backend, act: Act, *, is_rehearsal: bool = False) -> list[Told]:
    """Act, deliver all that follows, and give what the histories say of the messages.

    What a refused act had begun is undone with it.

    Args:
        backend: The store.
        act: Publishes messages, and gives them.
        is_rehearsal: Whether all of it is undone in the end, so that it is only known what would happen.  What a
            person reads belongs before the rehearsal, or the access log would not know of it.
    """
    with backend.rehearsal() if is_rehearsal else nullcontext():
        with backend.batch():
            messages = act()
        backend.settle(messages)
        return [told_of(backend, message) for message in messages]


def told_of(backend: Backend, message: Message) -> Told:
    """Give what the history says of a message."""
    entry = backend.ports.cases.entry(message.case, message.id)
    seen = backend.ports.cases.get(message.case)
    stage = "" if seen is None else seen.case.stage
    if entry is None:
        return Told(message, WAITING, "", stage)
    return Told(message, entry.verdict.value, entry.reason, stage)


def show_told(told: Sequence[Told], *, as_json: bool, more: dict[str, Any] | None = None) -> None:
    """Print what became of an act.

    Raises:
        NotDoneError: The history says that something was not taken.
    """
    if as_json:
        print_json({**(more or {}), "told": [each.to_json() for each in told]})
    else:
        for each in told:
            out.print(each.sentence, markup=False, soft_wrap=True)
    refused = [each for each in told if not each.is_taken]
    if refused:
        raise NotDoneError(f"{len(refused)} of {len(told)} messages changed nothing; the first: {refused[0].sentence}")


def case_of(backend: Backend, text: str, workflow: str) -> Case:
    """Give a case of this workflow by its id, or by the beginning of it where that is enough.

    Raises:
        NotDoneError: There is no such case, or it is one of another workflow.
    """
    seen = backend.ports.cases.get(CaseId(text))
    case = find_case(backend, text) if seen is None else seen.case
    if case.workflow != workflow:
        raise NotDoneError(f"[{text}] is no {workflow} but one of [{case.workflow}]; see `sadari cases list`")
    return case


def staff(who: str, role: str) -> Actor:
    """Give the member of staff who acts.

    Raises:
        BadUseError: That is no staff account, or no role of staff.
    """
    if not is_safe_id(who):
        raise BadUseError(f"[{who}] is no staff account: letters, digits, - and _ only (--as)")
    return Actor(kind="staff", id=who, role=role_of(role))


def role_of(role: str) -> str:
    """Give the name of a role of staff.

    Raises:
        BadUseError: There is no such role.
    """
    names = [name for name, each in ROLES.items() if each.is_staff]
    if role not in names:
        raise BadUseError(f"no role [{role}]: choose one of {', '.join(names)}")
    return role


def id_of(text: str, option: str) -> CaseId:
    """Give the id of a case.

    Raises:
        BadUseError: It could name no case anywhere.
    """
    if not is_safe_id(text):
        raise BadUseError(f"[{text}] is no id: letters, digits, - and _ only, at most 64 ({option})")
    return CaseId(text)


def reason_of(text: str) -> str:
    """Give what somebody typed, in the one way of writing.

    Raises:
        BadUseError: It holds what no text may hold.
    """
    try:
        return clean_text(text)
    except UnfitTextError as error:
        raise BadUseError(f"the reason {error} (--reason)") from error


def why_of(text: str) -> str:
    """Give the reason that an act cannot do without.

    Raises:
        BadUseError: There is none, or it holds what no text may hold.
    """
    why = reason_of(text).strip()
    if not why:
        raise BadUseError("say why (--reason)")
    return why


def moment_of(text: str, option: str) -> datetime:
    """Give an instant; without an offset it is one in Korea.

    Raises:
        BadUseError: It is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadUseError(f"[{text}] is no date and time, such as 2027-03-19T18:00 ({option})") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SEOUL)


def kst(moment: datetime) -> str:
    """Write an instant as clocks in Korea show it."""
    return f"{moment.astimezone(SEOUL):%Y-%m-%d %H:%M} KST"


def meaning_of(reason: str) -> str:
    """Give a code of a history with what to do about it."""
    found = [meaning for code, meaning in MEANINGS.items() if code in reason]
    said = found[0] if found else (refusal(reason, "en") or "").rstrip(".")
    return f"{reason}: {said}" if said else reason


def _advice(error: SadariError) -> str:
    text = meaning_of(str(error).rstrip("."))
    if error.code in ADVICE:
        return f"{text}; {ADVICE[error.code]}"
    match error:
        case UnknownCase() | NotFound():
            return f"{text}; see `sadari cases list` and `sadari questions list`"
        case NotAllowed() if not any(code in text for code in MEANINGS):
            return f"{text}; act as somebody who may, with --as and --role"
        case BadForm():
            return f"{text}; mend it and try again"
    return text
