"""Members of staff, their sessions and delegations, marks on questions, batches of answers and releases, in Firestore.

members/{member}    email, blob
sessions/{session}  member, ends_at, blob
delegations/{id}    by, to, until_on, blob
marks/{task}        held_by, held_until, version, blob
batches/{batch}     member, version, blob
releases/{release}  member, version, blob

A session goes by itself some time after `ends_at` (TTL).

Indexes: `blob` has none (field override).  Composite: delegations (to, until_on), marks (held_by, held_until).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from google.cloud.firestore import Client, FieldFilter, Query

from functions.adapters.google.calls import CALL_SECONDS_MAX, asking
from functions.adapters.google.documents import Documents
from schemas.ids import TaskId
from schemas.staff import SESSION_AGE_MAX, Batch, Delegation, Mark, Member, Release, Session

MEMBERS, SESSIONS, MARKS, BATCHES = "members", "sessions", "marks", "batches"
DELEGATIONS, RELEASES = "delegations", "releases"


class FirestoreMembers:
    """A `Members` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def get(self, member_id: str) -> Member | None:
        """Give a member."""
        snapshot = self._documents.read(MEMBERS, member_id)
        return None if snapshot is None else Member.model_validate_json(snapshot.get("blob"))

    def by_email(self, email: str) -> Member | None:
        """Give the member with this address."""
        query = self._documents.collection(MEMBERS).where(filter=FieldFilter("email", "==", email.lower())).limit(1)
        found = self._documents.page(query)
        return Member.model_validate_json(found[0].get("blob")) if found else None

    def named(self, member_ids: Iterable[str]) -> Mapping[str, Member]:
        """Give those of these members that there are, in one call."""
        found = self._documents.read_all(MEMBERS, names=list(dict.fromkeys(member_ids)))
        members = [Member.model_validate_json(snapshot.get("blob")) for snapshot in found]
        return {member.id: member for member in sorted(members, key=lambda member: member.id)}

    def put(self, member: Member) -> None:
        """Keep a member, replacing what was known before."""
        fields = {"email": member.email.lower(), "blob": member.model_dump_json()}
        with asking("Firestore"):
            self._documents.at(MEMBERS, member.id).set(fields, retry=None, timeout=CALL_SECONDS_MAX)

    def add(self, member: Member) -> bool:
        """Keep a new member; False if the id or the address is somebody's already."""
        if self.by_email(member.email) is not None:
            return False
        return self._documents.create(
            {"email": member.email.lower(), "blob": member.model_dump_json()}, MEMBERS, member.id
        )

    def replace(self, member: Member, *, seen: Member) -> bool:
        """Change a member if they are still as seen; False if somebody was faster."""
        snapshot = self._documents.read(MEMBERS, member.id)
        if snapshot is None or Member.model_validate_json(snapshot.get("blob")) != seen:
            return False
        return self._documents.update({"blob": member.model_dump_json()}, snapshot)

    def all(self) -> Sequence[Member]:
        """Give all members, by id."""
        query = self._documents.collection(MEMBERS).order_by("__name__")
        return [Member.model_validate_json(snapshot.get("blob")) for snapshot in self._documents.all(query)]


class FirestoreSessions:
    """A `Sessions` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def put(self, session: Session) -> None:
        """Keep a session."""
        ends_at = session.begun_at + SESSION_AGE_MAX
        fields = {"member": session.member, "ends_at": ends_at, "blob": session.model_dump_json()}
        with asking("Firestore"):
            self._documents.at(SESSIONS, session.id).set(fields, retry=None, timeout=CALL_SECONDS_MAX)

    def get(self, session_id: str) -> Session | None:
        """Give a session that was not ended."""
        snapshot = self._documents.read(SESSIONS, session_id)
        return None if snapshot is None else Session.model_validate_json(snapshot.get("blob"))

    def end(self, session_id: str) -> None:
        """End a session."""
        with asking("Firestore"):
            self._documents.at(SESSIONS, session_id).delete(retry=None, timeout=CALL_SECONDS_MAX)

    def end_all(self, member_id: str) -> None:
        """End every session of a member."""
        query = self._documents.collection(SESSIONS).where(filter=FieldFilter("member", "==", member_id))
        for snapshot in self._documents.all(query.select([])):
            self.end(snapshot.id)


class FirestoreDelegations:
    """A `Delegations` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def put(self, delegation: Delegation) -> None:
        """Keep a delegation, replacing what was known of it before."""
        fields = {"by": delegation.by, "to": delegation.to, "until_on": delegation.until_on.isoformat()}
        with asking("Firestore"):
            self._documents.at(DELEGATIONS, delegation.id).set(
                {**fields, "blob": delegation.model_dump_json()}, retry=None, timeout=CALL_SECONDS_MAX
            )

    def get(self, delegation_id: str) -> Delegation | None:
        """Give a delegation."""
        snapshot = self._documents.read(DELEGATIONS, delegation_id)
        return None if snapshot is None else Delegation.model_validate_json(snapshot.get("blob"))

    def given(self, member_id: str) -> Sequence[Delegation]:
        """Give what a member handed to others, by id."""
        return self._found(self._documents.collection(DELEGATIONS).where(filter=FieldFilter("by", "==", member_id)))

    def received(self, member_id: str, *, since: date = date.min) -> Sequence[Delegation]:
        """Give what was handed to a member and ends on that day or later, by id."""
        query = self._documents.collection(DELEGATIONS).where(filter=FieldFilter("to", "==", member_id))
        return self._found(query.where(filter=FieldFilter("until_on", ">=", since.isoformat())))

    def all(self) -> Sequence[Delegation]:
        """Give all of them, by id."""
        return self._found(self._documents.collection(DELEGATIONS).order_by("__name__"))

    def _found(self, query: Query) -> Sequence[Delegation]:
        found = [Delegation.model_validate_json(snapshot.get("blob")) for snapshot in self._documents.all(query)]
        return sorted(found, key=lambda delegation: delegation.id)


class FirestoreMarks:
    """A `Marks` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def get(self, task_ids: Sequence[TaskId]) -> Mapping[TaskId, Mark]:
        """Give the marks that there are, in one call."""
        found = self._documents.read_all(MARKS, names=task_ids)
        marks = [Mark.model_validate_json(snapshot.get("blob")) for snapshot in found]
        return {mark.task: mark for mark in marks}

    def held_by(self, member_id: str, now: datetime) -> Mapping[TaskId, Mark]:
        """Give the marks of the questions that a member works on now."""
        query = self._documents.collection(MARKS).where(filter=FieldFilter("held_by", "==", member_id))
        found = self._documents.all(query.where(filter=FieldFilter("held_until", ">", now)))
        marks = [Mark.model_validate_json(snapshot.get("blob")) for snapshot in found]
        return {mark.task: mark for mark in marks}

    def put(self, mark: Mark, *, seen: int) -> bool:
        """Keep a mark if its version is still the one seen; False if somebody was faster."""
        kept = mark.model_copy(update={"version": seen + 1})
        held = {"held_by": kept.held_by, "held_until": kept.held_until}
        fields = {**held, "version": kept.version, "blob": kept.model_dump_json()}
        if not seen:
            return self._documents.create(fields, MARKS, mark.task)
        snapshot = self._documents.read(MARKS, mark.task, fields=("version",))
        if snapshot is None or snapshot.get("version") != seen:
            return False
        return self._documents.update(fields, snapshot)


class FirestoreBatches:
    """A `Batches` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def get(self, batch_id: str) -> Batch | None:
        """Give a batch."""
        snapshot = self._documents.read(BATCHES, batch_id)
        return None if snapshot is None else Batch.model_validate_json(snapshot.get("blob"))

    def put(self, batch: Batch, *, seen: int) -> bool:
        """Keep a batch if its version is still the one seen; False if somebody was faster."""
        kept = batch.model_copy(update={"version": seen + 1})
        fields = {"member": kept.by, "version": kept.version, "blob": kept.model_dump_json()}
        if not seen:
            return self._documents.create(fields, BATCHES, batch.id)
        snapshot = self._documents.read(BATCHES, batch.id, fields=("version",))
        if snapshot is None or snapshot.get("version") != seen:
            return False
        return self._documents.update(fields, snapshot)

    def of_member(self, member_id: str) -> Sequence[Batch]:
        """Give the batches of a member, the newest first."""
        query = self._documents.collection(BATCHES).where(filter=FieldFilter("member", "==", member_id))
        # Sorted here: ordered there, it would need an index of two fields.
        found = [Batch.model_validate_json(snapshot.get("blob")) for snapshot in self._documents.all(query)]
        return sorted(found, key=lambda batch: (batch.made_at, batch.id), reverse=True)


class FirestoreReleases:
    """A `Releases` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def get(self, release_id: str) -> Release | None:
        """Give a release."""
        snapshot = self._documents.read(RELEASES, release_id)
        return None if snapshot is None else Release.model_validate_json(snapshot.get("blob"))

    def put(self, release: Release, *, seen: int) -> bool:
        """Keep a release if its version is still the one seen; False if somebody was faster."""
        kept = release.model_copy(update={"version": seen + 1})
        fields = {"member": kept.by, "version": kept.version, "blob": kept.model_dump_json()}
        if not seen:
            return self._documents.create(fields, RELEASES, release.id)
        snapshot = self._documents.read(RELEASES, release.id, fields=("version",))
        if snapshot is None or snapshot.get("version") != seen:
            return False
        return self._documents.update(fields, snapshot)

    def of_member(self, member_id: str) -> Sequence[Release]:
        """Give the releases of a member, the newest first."""
        query = self._documents.collection(RELEASES).where(filter=FieldFilter("member", "==", member_id))
        # Sorted here: ordered there, it would need an index of two fields.
        found = [Release.model_validate_json(snapshot.get("blob")) for snapshot in self._documents.all(query)]
        return sorted(found, key=lambda release: (release.made_at, release.id), reverse=True)
