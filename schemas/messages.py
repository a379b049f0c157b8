"""What the engine is handed, and what it writes down."""

import json
from enum import StrEnum
from functools import cached_property
from operator import not_
from typing import Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from schemas.ids import CaseId, MessageId, TaskId
from schemas.record import Record


class Actor(Record):
    """Who did it.  Opaque ids only: a person's id, a staff account, a case, or the system.

    Attributes:
        on_behalf_of: The member of staff who handed their role on, if this one acts for another; written only then.
    """

    kind: Literal["person", "staff", "case", "system"]
    id: str
    role: str = ""
    on_behalf_of: str = Field(default="", exclude_if=not_)

    @property
    def ids(self) -> tuple[str, ...]:
        """Whoever did it, and whom they did it for: neither is a second person beside the other."""
        return (self.id, self.on_behalf_of) if self.on_behalf_of else (self.id,)


SYSTEM = Actor(kind="system", id="sadari")


class Message(Record):
    """One event on its way to one case.

    Attributes:
        type: The name of the event.
        data: The fields of the event; never personal.
        at: When it entered the system.  Judges deadlines.
    """

    id: MessageId
    case: CaseId
    type: str
    data: dict[str, Any] = Field(default_factory=dict)
    at: AwareDatetime
    actor: Actor


class Timer(Record):
    """A running timer of a case.

    Attributes:
        due: The instant it stands for; what it brings about happened then.
        rings_at: When the alarm goes: later than due for timers that end a stage, so that answers given in time
            but delivered late still count.
        visit: The stage visit it belongs to.
        armed: The number of the entry that started it; a date that moves away and back starts another timer.
    """

    due: AwareDatetime
    rings_at: AwareDatetime
    visit: int
    armed: int


class Held(Record):
    """An answer that decides, and has not taken effect yet.

    Attributes:
        on_behalf_of: Whom it was given for, if for another.
        reason: A reference to the vault.
        until: When it takes effect, unless whoever gave it takes it back.
    """

    answer: bool
    by: str
    on_behalf_of: str = Field(default="", exclude_if=not_)
    role: str
    reason: str = ""
    at: AwareDatetime
    until: AwareDatetime


class Task(Record):
    """An open question to people.

    Attributes:
        needs: The roles whose yes is still needed, each as often as people of it.
        approved_by: Who said yes already, in order.
        approved_for: By whoever said yes for another: for whom.
        not_by: Who may not answer from the beginning.
    """

    id: TaskId
    case: CaseId
    workflow: str
    stage: str
    question: str
    needs: tuple[str, ...]
    approved_by: tuple[str, ...] = ()
    approved_for: dict[str, str] = Field(default_factory=dict, exclude_if=not_)
    not_by: tuple[str, ...] = ()
    opened_at: AwareDatetime
    due_at: AwareDatetime | None = None
    escalated_to: str = ""
    held: Held | None = None

    @property
    def barred(self) -> tuple[str, ...]:
        """Whoever is no further person: barred from the beginning, or a yes is theirs or was said for them."""
        return (*self.not_by, *self.approved_by, *self.approved_for.values())


class Asked(Record):
    """An open question, with what its case is looked for by.

    Attributes:
        turn: The roles that may answer now.
    """

    task: Task
    turn: tuple[str, ...]
    programme: str = ""
    cohort: str = ""
    university: str = ""


class Parked(Record):
    """A message that came too early, kept until the case reaches a stage that answers it."""

    message: Message
    until: AwareDatetime


class Case(Record):
    """Where one subject stands in one workflow: the fold of its history.

    Attributes:
        visit: Which stage entry this is, counted from 1.
        person: Whom it is about, if it is about a person.
        cohort: The cohort it belongs to.
        round: The round it belongs to.
        subject: The facts, as the JSON text of the workflow's subject.
        seq: How many entries the history has.
        hash: The hash of the last entry.
    """

    id: CaseId
    workflow: str
    version: int
    fingerprint: str
    stage: str
    visit: int
    arrived_at: AwareDatetime
    is_final: bool = False
    person: str = ""
    cohort: str = ""
    round: str = ""
    subject: str
    timers: dict[str, Timer] = Field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    parked: tuple[Parked, ...] = ()
    seq: int = 0
    hash: str = ""

    @cached_property
    def data(self) -> dict[str, Any]:
        """The facts as plain JSON values."""
        return dict(json.loads(self.subject))


class Verdict(StrEnum):
    """What became of a message.  Every one of them is an entry in the history."""

    APPLIED = "applied"
    PARKED = "parked"
    IGNORED = "ignored"
    REJECTED = "rejected"


class Step(Record):
    """One clause that was followed.

    Attributes:
        message: The message that caused it (a parked one may be freed by another).
        clause: The clause's place in the workflow, such as `offered.on.OfferAccepted`.
    """

    message: MessageId
    clause: str
    source: str
    to: str
    visit: int


class Effect(Record):
    """What a decision orders: one template and its targets.

    Attributes:
        kind: `notice` to a role, `event` to other cases, `timer` to the alarm clock.
        clause: Where in the workflow it is ordered; with the message, the step and the target it makes the stable key.
        targets: A case id or role, each with the fields that only this target gets.
    """

    kind: Literal["notice", "event", "timer"]
    type: str
    step: int
    clause: str
    data: dict[str, Any] = Field(default_factory=dict)
    targets: dict[str, dict[str, Any]] = Field(default_factory=dict)


class Entry(Record):
    """One line of a case's history.  Its text, with the hash before it, makes its hash.

    Attributes:
        definition: In the entry that opens the case: workflow, version and fingerprint that it is pinned to.
        heard_at: When `advance` first took it up; reused by every replay.
        reason: Why, where the verdict is not `applied`: a code, and after a colon what it is about.
    """

    seq: int
    definition: str = ""
    message: Message
    heard_at: AwareDatetime
    verdict: Verdict
    reason: str = ""
    stage: str
    steps: tuple[Step, ...] = ()
    effects: tuple[Effect, ...] = ()
    prev_hash: str


class Heard(Record):
    """What an entry took in; all else in it follows, so a proof reads no more than this."""

    model_config = ConfigDict(extra="ignore")

    definition: str = ""
    message: Message
    heard_at: AwareDatetime


class Notice(Record):
    """One notice on its way to whoever plays a role for one case.

    Attributes:
        id: The effect's key; a repeat has the same one.
        data: The fields of the notice.
        cohort: The cohort of the case.
        programme: The programme of the case.
        seq: The number of the entry that tells it: of two notices about one case, the later has the higher.
    """

    id: MessageId
    type: str
    role: str
    case: CaseId
    workflow: str
    person: str = ""
    cohort: str = ""
    programme: str = ""
    seq: int = 0
    data: dict[str, Any] = Field(default_factory=dict)
    at: AwareDatetime


class Home(Record):
    """Where a case belongs: what the grants of staff are compared with."""

    workflow: str
    programme: str = ""
    cohort: str = ""
    university: str = ""


WARNINGS = "partners"
"""The source of quarantined rows that warn of a partner's receiver."""


class Quarantined(Record):
    """A message that could not be applied, waiting for a human.

    Attributes:
        id: The message's own id where it has one, else a digest of what arrived.
        message: The message, if it could be read.
        reason: A code, and after a colon what it is about.
        digest: A keyed digest of the raw body; the body itself lies in the vault.
        replayed_by: The staff who sent it again, in order, where they are known.
        closed_by: The member of staff who ruled that nothing more comes of it.
        home: Where the case of the message belongs; None where there was no case when this was written.
    """

    id: str
    reason: str
    source: str
    heard_at: AwareDatetime
    message: Message | None = None
    digest: str = ""
    attempts: int = 0
    state: Literal["waiting", "replayed", "closed"] = "waiting"
    replayed_by: tuple[str, ...] = ()
    closed_by: str = ""
    home: Home | None = None
