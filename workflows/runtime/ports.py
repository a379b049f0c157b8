"""What the use cases need from the outside, as Protocols.  Every adapter passes the same contract tests.

What only letters need is in `post_ports`, what forms need in `form_ports`, the console in `staff_ports`, partners
in `partner_ports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from schemas.ids import CaseId  # Pydantic reads alarms
from schemas.messages import Timer

if TYPE_CHECKING:  # every function imports this file, and few use all that it speaks of
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from schemas.ids import FactId, MessageId, PersonId, TaskId
    from schemas.messages import Asked, Case, Entry, Message, Notice, Quarantined, Task
    from schemas.people import Person
    from schemas.record import Record
    from schemas.register import Row
    from schemas.search import (
        CaseFilter,
        CasePage,
        Crowd,
        PersonKey,
        QuarantineFilter,
        QuarantinePage,
        QuestionFilter,
        QuestionPage,
    )
    from workflows.engine.history import Sealed
    from workflows.runtime.form_ports import Drafts
    from workflows.runtime.post_ports import Letters, Post, Scribe

R = TypeVar("R", bound="Row")


class Seen(NamedTuple):
    """A case as it was read, with what a commit compares: the adapter's own revision.

    Attributes:
        subject: The facts of the case, where the adapter has them at hand as they were decided.
    """

    case: Case
    revision: Any
    subject: Record | None = None


class CaseStore(Protocol):
    """Where cases, their histories and their open questions are kept."""

    def get(self, case_id: CaseId) -> Seen | None:
        """Give the case as it stands; one document read."""

    def commit(self, sealed: Sealed, *, seen: Seen | None) -> None:
        """Write the entry, the case and its questions: all or nothing.

        Args:
            sealed: The entry, and the case after it.
            seen: What the decision was based on; None if there was no case.

        Raises:
            CaseMoved: Nothing may have been written, or all of it by this very call: read the entry to know.
            Unavailable: The same, after a time-out or a lost answer.
        """

    def revision(self, case_id: CaseId) -> Any:
        """Give what a commit compares, without reading the case; None if there is none."""

    def mend(self, case: Case, *, revision: Any, entries: Sequence[tuple[str, str]] | None = None) -> None:
        """Write a case and its questions as its history leads to them, whatever is there now.

        Args:
            case: The case, as it was folded.
            revision: What was read before the history was.
            entries: The whole history, each entry as its text and hash, if another one takes its place.  Where a store
                cannot write all of it at once, it may be broken off and begun again.

        Raises:
            CaseMoved: Somebody wrote to the case since; nothing is lost by beginning again.
        """

    def ids(self) -> Iterator[CaseId]:
        """Give the ids of all cases, by id; also of those of which only the history is left."""

    def entry(self, case_id: CaseId, message_id: MessageId) -> Entry | None:
        """Give what became of a message in this case."""

    def history(self, case_id: CaseId) -> Sequence[tuple[str, str]]:
        """Give the entries in order, each as its stored text and hash."""

    def overdue(self, now: datetime, *, after: Case | None, limit: int) -> Sequence[Case]:
        """Give cases with a timer that should have rung by now, the longest overdue first.

        Args:
            now: The instant.
            after: The last case of the page before, as it was given there; None for the first page.
            limit: How many make a page.
        """

    def find(
        self, *, workflow: str | None = None, stage: str | None = None, round_id: str | None = None, begins: str = ""
    ) -> Iterator[Case]:
        """Give the cases that match, by case id.

        Args:
            workflow: Only cases of this workflow.
            stage: Only cases that stand here.
            round_id: Only cases of this round.
            begins: Only cases whose id begins so.
        """

    def tasks(self, *, role: str | None = None) -> Iterator[Task]:
        """Give the open questions, for one role or for all, oldest first."""

    def task(self, task_id: TaskId) -> Task | None:
        """Give one open question."""


class FactStore(Protocol):
    """Where immutable documents are kept under the hash of their content."""

    def put(self, document: Record) -> FactId:
        """Keep the document and give its id; keeping it again changes nothing."""

    def get(self, fact_ids: Iterable[FactId]) -> Mapping[str, Any]:
        """Give the content of the documents that exist, by id."""


class Publisher(Protocol):
    """The way to the topics.  At least once: receivers drop repeats by id."""

    def publish(self, messages: Iterable[Message], notices: Iterable[Notice]) -> None:
        """Hand over a batch; returning means that the topics have it.

        Raises:
            Unavailable: Some may have been handed over; publish the same again.
        """


@dataclass(frozen=True, slots=True)
class Alarm:
    """A timer that the alarm clock is set for."""

    case: CaseId
    key: str
    timer: Timer


class Timers(Protocol):
    """The alarm clock.  It may go off twice, late, early or never; cases know better."""

    def start(self, alarms: Sequence[Alarm]) -> None:
        """Set each alarm for its `rings_at`; one that is set already is left alone.

        Raises:
            Unavailable: Some may be set; start the same again.
        """


NO_KEYS: Mapping[PersonKey, str] = MappingProxyType({})


class Vault(Protocol):
    """Where personal data lies.  Every read leaves a row in the access log."""

    def put(self, person: Person, *, keys: Mapping[PersonKey, str] | None = NO_KEYS, form: str = "") -> bool:
        """Keep what is known of a person, replacing what was known before; only the consent records of before stay.

        Args:
            person: Who it is; the beginning of the name finds them from now on.
            keys: What else finds them, as keyed hashes; None leaves what finds them, but for the name, as it is.
            form: The digest of the form that says so; what the person says by this form stays known under it.

        Returns:
            False if the person was erased: a late retry brings nothing back, not even after a restore.
        """

    def add(self, person: Person, *, keys: Mapping[PersonKey, str], form: str) -> bool:
        """Keep a person of whom nothing is known, in one call; False if something is, or they were erased."""

    def find_by(self, person_id: PersonId, keys: Mapping[PersonKey, str]) -> None:
        """Let other keyed hashes find a person; the kinds that are not given stay as they are."""

    def get_many(self, person_ids: Sequence[PersonId], *, reader: str, reason: str) -> Mapping[PersonId, Person]:
        """Give those people that there are, by id, in one read, after a row in the access log for each one asked."""

    def get(self, person_id: PersonId, *, reader: str, reason: str, form: str = "") -> Person | None:
        """Give the person, after a row in the access log.

        Args:
            person_id: Who.
            reader: Who reads it.
            reason: Why.
            form: The digest of a form: give what the person said by it, or what is known now if it was never kept.
        """

    def forms(self, person_id: PersonId, *, reader: str, reason: str) -> Mapping[str, Person]:
        """Give what the person said by each form, by its digest, after a row in the access log."""

    def erase(self, person_id: PersonId, *, for_good: bool = True) -> None:
        """Destroy the person, their forms, letters and texts.  May be repeated.

        Args:
            person_id: Who.
            for_good: Leave a tombstone, so that nothing brings the person back; without it they may apply again.
        """

    def due(self, on: date, *, after: tuple[date, str] | None, limit: int) -> Sequence[tuple[date, PersonId]]:
        """Give who has to be destroyed by a day, in order of date and id; names nobody, so nothing is logged.

        Args:
            on: The day.
            after: The last one of the page before; None for the first page.
            limit: How many make a page.
        """

    def people(self) -> Iterator[PersonId]:
        """Give the ids of all who are kept; names nobody, so nothing is logged."""

    def postpone(self, person_id: PersonId, erase_on: date) -> None:
        """Set another day on which the person has to be destroyed.  Who is not there stays so."""

    def put_text(self, text: str, *, person_id: PersonId | None = None) -> str:
        """Keep free text or a refused body, and give the reference to it."""

    def get_text(self, reference: str, *, reader: str, reason: str) -> str | None:
        """Give the text, after a row in the access log."""

    def strays(self, *, reader: str, reason: str) -> Iterator[tuple[str, str]]:
        """Give the texts that belong to nobody, by reference, after one row in the access log."""

    def replace_text(self, reference: str, text: str | None) -> None:
        """Keep another text under the reference; None destroys it.  One that is not there stays so."""

    def note(self, subjects: Iterable[str], *, reader: str, reason: str) -> None:
        """Leave a row in the access log for each, before what a search found is shown."""

    def accesses(
        self, *, subject: str = "", since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Mapping[str, str]]:
        """Give the access log: who, when, whose data, why; oldest first.

        Args:
            subject: The rows about one person or text, and no others are read; empty: about all.
            since: From this instant on.
            until: Before this instant.
        """


class Register(Protocol):
    """What stays known of people's rights: who was erased, consents, holds, what is kept apart."""

    def add(self, row: Row) -> bool:
        """Keep a row for good; False if it is there already (then nothing changes)."""

    def find(self, kind: type[R], *, about: str = "") -> Iterator[R]:
        """Give the rows of a kind, about somebody or about all, oldest first."""

    def drop(self, row_id: str) -> None:
        """Destroy a row.  May be repeated."""


class NoticeLog(Protocol):
    """The record of notices that `deliver` took up."""

    def append(self, notice: Notice, *, heard_at: datetime) -> bool:
        """Record a notice; False if it is recorded already."""

    def to_partners(
        self, *, since: datetime | None = None, until: datetime, after: str = "", limit: int
    ) -> Sequence[tuple[str, Notice]]:
        """Give notices to partners in the order in which they were taken up, each with the cursor of what follows it.

        Args:
            since: Taken up at this instant or later.
            until: Taken up before this instant.
            after: The cursor of the last notice of the page before; empty for the first page.
            limit: How many make a page.

        Raises:
            Rejected: No page gave this cursor.
        """

    def count(self) -> Mapping[str, int]:
        """Give how many notices there are of each type."""


class Quarantine(Protocol):
    """Messages that cannot be applied, waiting for a human."""

    def put(self, row: Quarantined) -> None:
        """Keep a row; one that is there already stays as it is."""

    def get(self, row_id: str) -> Quarantined | None:
        """Give one row."""

    def find(self) -> Iterator[Quarantined]:
        """Give all rows, oldest first."""

    def page(self, wanted: QuarantineFilter, *, after: str, limit: int) -> QuarantinePage:
        """Give some of the rows that match, oldest first.

        Raises:
            Rejected: No page gave this cursor.
        """

    def count(self, wanted: QuarantineFilter) -> int:
        """Give how many rows match."""

    def update(self, row: Quarantined) -> None:
        """Replace a row by its next version."""


class CaseIndex(Protocol):
    """Finds cases, and people by what names them.  What a search of people finds has to be noted in the vault."""

    def page(self, wanted: CaseFilter, *, after: str, limit: int) -> CasePage:
        """Give some of the cases that match: by case id, or the soonest due first where `due_before` asks for it.

        Args:
            wanted: Which cases.
            after: The cursor of the page before; empty for the first page.
            limit: How many make a page.

        Raises:
            Rejected: No page gave this cursor.
        """

    def counts(self, among: Crowd) -> Mapping[tuple[str, str], int]:
        """Give how many cases stand where there are any, by workflow and stage."""

    def versions(self, among: Crowd) -> Mapping[tuple[str, int, str], int]:
        """Give how many cases stand where there are any, by workflow, version and stage."""

    def reached(self, among: Crowd) -> Mapping[str, int]:
        """Give how many cases have taken each step of `STEPS`, where there are any."""

    def questions(self, wanted: QuestionFilter, *, after: str, limit: int) -> QuestionPage:
        """Give some of the open questions that match, the longest open or the soonest due first.

        Raises:
            Rejected: No page gave this cursor.
        """

    def questions_named(self, task_ids: Sequence[TaskId]) -> Sequence[Asked]:
        """Give those of these questions that are open, the longest open first, in one call."""

    def count_questions(self, wanted: QuestionFilter) -> int:
        """Give how many open questions match."""

    def people(self, kind: PersonKey, key: str) -> Sequence[PersonId]:
        """Give whoever was kept with this key, by id."""

    def people_named(self, prefix: str, *, after: str, limit: int) -> Sequence[PersonId]:
        """Give people whose name begins so, by name.

        Args:
            prefix: As `name_key` writes names.
            after: The last person of the page before; empty for the first page, and nobody comes after who is gone.
            limit: How many make a page.
        """

    def named(self, case_ids: Iterable[CaseId]) -> Mapping[CaseId, Case]:
        """Give those cases that there are, by id, a thousand with each read."""

    def cases_of(self, people: Sequence[PersonId]) -> Sequence[Case]:
        """Give all cases that are about one of these people, by case id."""


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Give the aware UTC instant."""


class Tries(Protocol):
    """How long to keep trying."""

    def __call__(self) -> Iterator[int]:
        """Give the number of each try, resting between them with full jitter, until the time is up."""


@dataclass(frozen=True, slots=True)
class Ports:
    """All of them together, as `bootstrap` wires them."""

    cases: CaseStore
    facts: FactStore
    publisher: Publisher
    timers: Timers
    vault: Vault
    letters: Letters
    register: Register
    drafts: Drafts
    index: CaseIndex
    scribe: Scribe
    notice_log: NoticeLog
    quarantine: Quarantine
    clock: Clock
    tries: Tries
    post: Post
