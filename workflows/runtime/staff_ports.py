"""What the console needs from the outside, as Protocols.  Every adapter passes the same contract tests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from schemas.ids import TaskId
from schemas.staff import Batch, Delegation, Mark, Member, Release, Session
from workflows.runtime.ports import CaseIndex


class Members(Protocol):
    """The members of staff."""

    def get(self, member_id: str) -> Member | None:
        """Give a member."""

    def by_email(self, email: str) -> Member | None:
        """Give the member with this address, in small letters."""

    def named(self, member_ids: Iterable[str]) -> Mapping[str, Member]:
        """Give those of these members that there are, by id, in one call."""

    def put(self, member: Member) -> None:
        """Keep a member, replacing what was known before."""

    def add(self, member: Member) -> bool:
        """Keep a new member; False if the id or the address is somebody's already."""

    def replace(self, member: Member, *, seen: Member) -> bool:
        """Change a member, but not the address, if they are still as seen; False if somebody was faster."""

    def all(self) -> Sequence[Member]:
        """Give all members, by id."""


class Sessions(Protocol):
    """The logins of members."""

    def put(self, session: Session) -> None:
        """Keep a session, or when it was last seen."""

    def get(self, session_id: str) -> Session | None:
        """Give a session that was not ended."""

    def end(self, session_id: str) -> None:
        """End a session.  May be repeated."""

    def end_all(self, member_id: str) -> None:
        """End every session of a member."""


class Delegations(Protocol):
    """Grants that members handed to others for some days."""

    def put(self, delegation: Delegation) -> None:
        """Keep a delegation, replacing what was known of it before."""

    def get(self, delegation_id: str) -> Delegation | None:
        """Give a delegation."""

    def given(self, member_id: str) -> Sequence[Delegation]:
        """Give what a member handed to others, by id."""

    def received(self, member_id: str, *, since: date = date.min) -> Sequence[Delegation]:
        """Give what was handed to a member and ends on that day or later, by id; revoked ones are among it."""

    def all(self) -> Sequence[Delegation]:
        """Give all of them, by id."""


class Marks(Protocol):
    """What people note on open questions."""

    def get(self, task_ids: Sequence[TaskId]) -> Mapping[TaskId, Mark]:
        """Give the marks that there are, in one call."""

    def held_by(self, member_id: str, now: datetime) -> Mapping[TaskId, Mark]:
        """Give the marks of the questions that a member works on now."""

    def put(self, mark: Mark, *, seen: int) -> bool:
        """Keep a mark if its version is still the one seen (0: there was none); False if somebody was faster."""


class Batches(Protocol):
    """Answers to many questions at once, as they were confirmed."""

    def get(self, batch_id: str) -> Batch | None:
        """Give a batch."""

    def put(self, batch: Batch, *, seen: int) -> bool:
        """Keep a batch if its version is still the one seen (0: there was none); False if somebody was faster."""

    def of_member(self, member_id: str) -> Sequence[Batch]:
        """Give the batches of a member, the newest first."""


class Releases(Protocol):
    """Releases of held letters, as they were confirmed, and how far each has come."""

    def get(self, release_id: str) -> Release | None:
        """Give a release."""

    def put(self, release: Release, *, seen: int) -> bool:
        """Keep a release if its version is still the one seen (0: there was none); False if somebody was faster."""

    def of_member(self, member_id: str) -> Sequence[Release]:
        """Give the releases of a member, the newest first."""


@dataclass(frozen=True, slots=True)
class StaffPorts:
    """What the console needs beside the cases."""

    members: Members
    sessions: Sessions
    delegations: Delegations
    marks: Marks
    batches: Batches
    releases: Releases
    index: CaseIndex
