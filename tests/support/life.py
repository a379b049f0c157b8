"""One case, decided on message by message, with the history that makes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas.events import Event
from schemas.events.engine import QuestionAnswered
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import SYSTEM, Actor, Case, Entry, Message
from workflows.definitions import OPENED_BY
from workflows.engine.decide import decide
from workflows.engine.definition import Workflow
from workflows.engine.history import Sealed, fold, seal
from workflows.runtime.ring import ring_message


class Life:
    """A case at the level of `decide`: no store, no topics, no clock."""

    def __init__(self, case_id: str, workflow: Workflow | None = None, facts: Mapping[str, Any] | None = None) -> None:
        self.id = CaseId(case_id)
        self.workflow = workflow
        self.facts = dict(facts or {})
        self.written: list[Sealed] = []

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.written[-1].case

    @property
    def stage(self) -> str:
        """Where it stands."""
        return self.case.stage

    @property
    def subject(self) -> Any:
        """The facts of the case."""
        return self.written[-1].subject

    @property
    def entries(self) -> list[Entry]:
        """The history."""
        return [sealed.entry for sealed in self.written]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """The history as it is stored."""
        return [(sealed.text, sealed.hash) for sealed in self.written]

    def message(self, event: Event, at: datetime, *, by: Actor = SYSTEM, name: str = "") -> Message:
        """Give the message of an event; its id is made of the name, or of how many there are before."""
        return Message(
            id=MessageId(name_of(self.id, name or len(self.written))),
            case=self.id,
            type=type(event).__name__,
            data=event.model_dump(mode="json"),
            at=at,
            actor=by,
        )

    def hear(self, message: Message, heard_at: datetime | None = None) -> Entry:
        """Decide on a message, and give the entry."""
        if self.workflow is None:
            self.workflow = OPENED_BY[message.type]
        heard_at = heard_at or message.at
        before = self.case if self.written else None
        decision = decide(self.workflow, before, message, heard_at, self.facts)
        self.written.append(seal(decision, message, heard_at))
        return self.entries[-1]

    def tell(
        self,
        event: Event,
        at: datetime,
        *,
        heard_at: datetime | None = None,
        by: Actor = SYSTEM,
        name: str = "",
    ) -> Entry:
        """Decide on an event that entered the system at an instant, heard at once or later."""
        return self.hear(self.message(event, at, by=by, name=name), heard_at)

    def ring(self, key: str | None = None, heard_at: datetime | None = None) -> Entry:
        """Let a timer ring, the next one if none is named; on time if it is not said when."""
        key = key or min(self.case.timers, key=lambda each: self.case.timers[each].rings_at)
        timer = self.case.timers[key]
        return self.hear(ring_message(self.id, key, timer), heard_at or timer.rings_at)

    def answer(
        self, *, yes: bool, at: datetime, by: Actor, question: int = 0, name: str = "", reason: str = "vault-reason"
    ) -> Entry:
        """Answer an open question, with a reason that lies in the vault."""
        event = QuestionAnswered(task=self.case.tasks[question].id, answer=yes, reason=reason)
        return self.tell(event, at, by=by, name=name)

    def fold(self) -> Case | None:
        """Decide the whole history again."""
        assert self.workflow is not None
        workflow = self.workflow
        return fold(lambda _entry: workflow, self.texts, self.facts)


def staff(role: str, name: str = "") -> Actor:
    """Somebody who answers questions in a role."""
    return Actor(kind="staff", id=name or f"{role}-1", role=role)


def told(entry: Entry) -> list[str]:
    """What an entry tells whom, as `role: Notice`."""
    return [f"{role}: {effect.type}" for effect in entry.effects if effect.kind == "notice" for role in effect.targets]


def sent(entry: Entry) -> list[str]:
    """What an entry sends to which case, as `Event to case`."""
    return [f"{effect.type} to {case}" for effect in entry.effects if effect.kind == "event" for case in effect.targets]


def verdict(entry: Entry) -> tuple[str, str]:
    """What became of a message, and why."""
    return entry.verdict.value, entry.reason
