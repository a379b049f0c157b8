"""Personal data in Firestore: people, texts, letters, and the access log.

    people/{person}     blob, erase_on, name_key, key_email, key_phone, key_student; after the erasure only: erased
    texts/{reference}   person, blob
    letters/{letter}    person, state, written_at, blob
    access_log/{auto}   at, reader, subject, reason

Indexes: `blob` has none (field override).  Composite: letters (state, written_at) and letters (person, written_at);
both together serve a query by state and person.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, get_args

from google.cloud.firestore import Client, FieldFilter, Query

from functions.adapters.google.calls import CALL_SECONDS_MAX, asking
from functions.adapters.google.documents import Documents, Snapshot
from schemas.ids import PersonId, name_of
from schemas.letters import Letter, LetterState
from schemas.people import Person
from schemas.search import PersonKey
from workflows.runtime.consents import with_records
from workflows.runtime.errors import Unavailable
from workflows.runtime.people_keys import name_key
from workflows.runtime.ports import NO_KEYS, Clock

PEOPLE, TEXTS, LETTERS, ACCESSES = "people", "texts", "letters", "access_log"
WRITES_TRIED_MAX = 5


class FirestoreVault:
    """A `Vault` in Firestore.  A person marked as erased is a tombstone."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._documents = Documents(client)
        self._clock = clock

    def put(self, person: Person, *, keys: Mapping[PersonKey, str] = NO_KEYS) -> bool:
        """Keep what is known of a person; False if the person was erased, even while this was under way."""
        erase_on = datetime.combine(person.erase_on, time(), UTC)
        document: dict[str, Any] = {
            "blob": person.model_dump_json(),
            "erase_on": erase_on,
            "name_key": name_key(person.name),
        }
        # A key that is not known any more finds nobody.
        document |= {f"key_{kind}": keys.get(kind) for kind in get_args(PersonKey)}
        # Most people are new: the first try is to create, and one call; only who is there is read, and compared with.
        if self._documents.create(document, PEOPLE, person.id):
            return True
        for _ in range(WRITES_TRIED_MAX):
            # What is read here is shown to nobody, so nothing is logged.
            seen = self._documents.read(PEOPLE, person.id, fields=("erased", "blob"))
            if seen is None:
                is_written = self._documents.create(document, PEOPLE, person.id)
            elif _is_erased(seen):
                return False
            else:
                before = Person.model_validate_json(seen.get("blob"))
                blob = with_records(person, before).model_dump_json()
                is_written = self._documents.update({**document, "blob": blob}, seen)
            if is_written:
                return True
        raise Unavailable(f"[{person.id}] is written to by others")

    def get(self, person_id: PersonId, *, reader: str, reason: str) -> Person | None:
        """Give the person, after a row in the access log."""
        self.note([person_id], reader=reader, reason=reason)
        snapshot = self._documents.read(PEOPLE, person_id)
        if snapshot is None or _is_erased(snapshot):
            return None
        return Person.model_validate_json(snapshot.get("blob"))

    def get_many(self, person_ids: Sequence[PersonId], *, reader: str, reason: str) -> Mapping[PersonId, Person]:
        """Give those people that there are, by id, after a row in the access log for each one asked; two calls."""
        asked = list(dict.fromkeys(person_ids))
        if not asked:
            return {}
        self.note(asked, reader=reader, reason=reason)
        found = (snapshot for snapshot in self._documents.read_all(PEOPLE, names=asked) if not _is_erased(snapshot))
        return {PersonId(snapshot.id): Person.model_validate_json(snapshot.get("blob")) for snapshot in found}

    def erase(self, person_id: PersonId) -> None:
        """Destroy the person, their letters and texts, and leave a tombstone; that first, it holds off writers."""
        tombstone = self._documents.at(PEOPLE, person_id)
        with asking("Firestore"):
            tombstone.set({"erased": True}, retry=None, timeout=CALL_SECONDS_MAX)
        for collection in (LETTERS, TEXTS):
            query = self._documents.collection(collection).where(filter=FieldFilter("person", "==", person_id))
            self._delete_all(query.select(["person"]))

    def put_text(self, text: str, *, person_id: PersonId | None = None) -> str:
        """Keep free text or a refused body, and give the reference to it."""
        reference = name_of("text", person_id or "", text)
        self._documents.create({"person": person_id, "blob": text}, TEXTS, reference)
        return reference

    def get_text(self, reference: str, *, reader: str, reason: str) -> str | None:
        """Give the text, after a row in the access log."""
        self.note([reference], reader=reader, reason=reason)
        snapshot = self._documents.read(TEXTS, reference)
        return None if snapshot is None else str(snapshot.get("blob"))

    def note(self, subjects: Iterable[str], *, reader: str, reason: str) -> None:
        """Leave a row in the access log for each, in one call."""
        at, batch = self._clock.now(), self._client.batch()
        for subject in subjects:
            row = {"at": at, "reader": reader, "subject": subject, "reason": reason}
            batch.create(self._documents.collection(ACCESSES).document(), row)
        with asking("Firestore"):
            batch.commit(retry=None, timeout=CALL_SECONDS_MAX)

    def accesses(self) -> Sequence[Mapping[str, str]]:
        """Give the access log, oldest first; rows of the same instant in any order."""
        rows = self._documents.all(self._documents.collection(ACCESSES).order_by("at"))
        return [
            {
                "at": row.get("at").isoformat(timespec="microseconds"),
                **{name: str(row.get(name)) for name in ("reader", "subject", "reason")},
            }
            for row in rows
        ]

    def _delete_all(self, query: Query) -> None:
        for page in self._documents.pages(query):
            batch = self._client.batch()
            for snapshot in page:
                batch.delete(snapshot.reference)
            with asking("Firestore"):
                batch.commit(retry=None, timeout=CALL_SECONDS_MAX)


class FirestoreLetters:
    """A `Letters` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def create(self, letter: Letter) -> bool:
        """Keep a letter; False if it is kept already."""
        fields = {"person": letter.person, "state": str(letter.state), "written_at": letter.written_at}
        return self._documents.create({**fields, "blob": letter.model_dump_json()}, LETTERS, letter.id)

    def get(self, letter_id: str) -> Letter | None:
        """Give one letter."""
        snapshot = self._documents.read(LETTERS, letter_id)
        return None if snapshot is None else _letter_in(snapshot)

    def move(self, letter_id: str, *, expected: LetterState, to: LetterState) -> bool:
        """Change the state by compare-and-set; False if it is another one by now."""
        snapshot = self._documents.read(LETTERS, letter_id)
        letter = None if snapshot is None else _letter_in(snapshot)
        if snapshot is None or letter is None or letter.state is not expected:
            return False
        moved = letter.model_copy(update={"state": to})
        return self._documents.update({"state": str(to), "blob": moved.model_dump_json()}, snapshot)

    def find(self, *, state: LetterState | None = None, person_id: PersonId | None = None) -> Iterator[Letter]:
        """Give the letters that match, oldest first, read in pages."""
        query = self._documents.collection(LETTERS).order_by("written_at").order_by("__name__")
        for name, value in (("state", state), ("person", person_id)):
            if value is not None:
                query = query.where(filter=FieldFilter(name, "==", str(value)))
        return map(_letter_in, self._documents.all(query))


def _is_erased(snapshot: Snapshot) -> bool:
    return "erased" in (snapshot.to_dict() or {})


def _letter_in(snapshot: Snapshot) -> Letter:
    return Letter.model_validate_json(snapshot.get("blob"))
