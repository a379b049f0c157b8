"""Members of staff, their sessions, their marks on questions and their batches of answers, in Firestore.

members/{member}    email, blob
sessions/{session}  member, blob
marks/{task}        version, blob
batches/{batch}     member, version, blob
"""

from collections.abc import Mapping, Sequence

from google.cloud.firestore import Client, FieldFilter

from functions.adapters.google.calls import CALL_SECONDS_MAX, asking
from functions.adapters.google.documents import Documents
from schemas.ids import TaskId
from schemas.staff import Batch, Mark, Member, Session

MEMBERS, SESSIONS, MARKS, BATCHES = "members", "sessions", "marks", "batches"


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

    def put(self, member: Member) -> None:
        """Keep a member, replacing what was known before."""
        fields = {"email": member.email.lower(), "blob": member.model_dump_json()}
        with asking("Firestore"):
            self._documents.at(MEMBERS, member.id).set(fields, retry=None, timeout=CALL_SECONDS_MAX)

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
        fields = {"member": session.member, "blob": session.model_dump_json()}
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


class FirestoreMarks:
    """A `Marks` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def get(self, task_ids: Sequence[TaskId]) -> Mapping[TaskId, Mark]:
        """Give the marks that there are, in one call."""
        found = self._documents.read_all(MARKS, names=task_ids)
        marks = [Mark.model_validate_json(snapshot.get("blob")) for snapshot in found]
        return {mark.task: mark for mark in marks}

    def put(self, mark: Mark, *, seen: int) -> bool:
        """Keep a mark if its version is still the one seen; False if somebody was faster."""
        kept = mark.model_copy(update={"version": seen + 1})
        fields = {"version": kept.version, "blob": kept.model_dump_json()}
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
