"""Personal data in Firestore: people, their forms, texts, letters, and the access log.

    people/{person}     blob, erase_on, name_key, key_email, key_phone, key_student; after the erasure only: erased
    forms/{name}        person, digest, blob
    texts/{reference}   person, blob
    letters/{letter}    person, state, written_at, notice, workflow, programme, cohort, university, blob; while it is on
                        its way: due_at
    access_log/{auto}   at, reader, subject, reason

Indexes: `blob` has none (field override).  Composite, joined for whatever is asked for together: letters (state,
written_at), (person, written_at), (notice, written_at), (workflow, written_at), (programme, written_at), (cohort,
written_at) and (university, written_at), all ascending.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Any, get_args

from google.api_core.exceptions import NotFound
from google.cloud.firestore import Client, FieldFilter, Query

from functions.adapters.google.calls import CALL_SECONDS_MAX, asking
from functions.adapters.google.documents import MOVED, Documents, Snapshot
from functions.adapters.google.scopes import within
from functions.observe.log import tell
from schemas.ids import PersonId, name_of
from schemas.letters import Letter, LetterState
from schemas.people import Person
from schemas.register import erased_name
from schemas.search import EVERYWHERE, LetterFilter, LetterPage, PersonKey
from workflows.runtime.consents import with_records
from workflows.runtime.cursors import moment_cursor, read_moment_cursor
from workflows.runtime.errors import Unavailable
from workflows.runtime.people_keys import name_key
from workflows.runtime.ports import NO_KEYS, Clock

PEOPLE, FORMS, TEXTS, LETTERS, ACCESSES = "people", "forms", "texts", "letters", "access_log"
REGISTER = "register"
"""The rows of `FirestoreRegister`: those of the erasure ledger hold off who comes late."""

WRITES_TRIED_MAX = 5
WAITING = frozenset({LetterState.RELEASED, LetterState.SENDING})


class FirestoreVault:
    """A `Vault` in Firestore.  A person marked as erased is a tombstone."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._documents = Documents(client)
        self._clock = clock

    def put(self, person: Person, *, keys: Mapping[PersonKey, str] | None = NO_KEYS, form: str = "") -> bool:
        """Keep what is known of a person; False if the person was erased, even while this was under way."""
        document = _document(person, keys)
        if self._write(person, document, form, seen=None):
            return True
        for _ in range(WRITES_TRIED_MAX):
            # What is read here is shown to nobody, so nothing is logged.
            seen = self._documents.read(PEOPLE, person.id, fields=("erased", "blob"))
            if seen is not None and _is_erased(seen):
                return False
            if self._documents.read(REGISTER, erased_name(person.id), fields=("kind",)) is not None:
                return False
            before = None if seen is None else _person_in(seen)
            if self._write(
                person, {**document, "blob": with_records(person, before).model_dump_json()}, form, seen=seen
            ):
                return True
        raise Unavailable(f"[{person.id}] is written to by others")

    def add(self, person: Person, *, keys: Mapping[PersonKey, str], form: str) -> bool:
        """Keep a person of whom nothing is known, in one call."""
        return self._write(person, _document(person, keys), form, seen=None)

    def _write(self, person: Person, document: Mapping[str, Any], form: str, *, seen: Snapshot | None) -> bool:
        """Write the person and the form in one call; False if the person moved meanwhile, or the ledger names them."""
        batch = self._client.batch()
        if seen is None:
            batch.create(self._documents.at(PEOPLE, person.id), dict(document))
        else:
            option = self._client.write_option(last_update_time=seen.update_time)
            batch.update(seen.reference, dict(document), option)
        if form:
            row = {"person": person.id, "digest": form, "blob": document["blob"]}
            batch.set(self._documents.at(FORMS, name_of("form", person.id, form)), row)
        # Deletes nothing: it only lets the commit fail where the erasure ledger has the person.
        unlisted = self._documents.at(REGISTER, erased_name(person.id))
        batch.delete(unlisted, self._client.write_option(exists=False))
        with asking("Firestore"):
            try:
                batch.commit(retry=None, timeout=CALL_SECONDS_MAX)
            except MOVED:
                return False
        return True

    def find_by(self, person_id: PersonId, keys: Mapping[PersonKey, str]) -> None:
        """Let other keyed hashes find a person."""
        for _ in range(WRITES_TRIED_MAX):
            seen = self._documents.read(PEOPLE, person_id, fields=("erased",))
            if seen is None or _is_erased(seen) or not keys:
                return
            if self._documents.update({f"key_{kind}": value for kind, value in keys.items()}, seen):
                return
        raise Unavailable(f"[{person_id}] is written to by others")

    def get(self, person_id: PersonId, *, reader: str, reason: str, form: str = "") -> Person | None:
        """Give the person, after a row in the access log."""
        self.note([person_id], reader=reader, reason=reason)
        kept = self._documents.read(FORMS, name_of("form", person_id, form)) if form else None
        if kept is not None:
            return Person.model_validate_json(kept.get("blob"))
        snapshot = self._documents.read(PEOPLE, person_id)
        if snapshot is None or _is_erased(snapshot):
            return None
        return _person_in(snapshot)

    def get_many(self, person_ids: Sequence[PersonId], *, reader: str, reason: str) -> Mapping[PersonId, Person]:
        """Give those people that there are, by id, after a row in the access log for each one asked; two calls."""
        asked = list(dict.fromkeys(person_ids))
        if not asked:
            return {}
        self.note(asked, reader=reader, reason=reason)
        found = (snapshot for snapshot in self._documents.read_all(PEOPLE, names=asked) if not _is_erased(snapshot))
        return {PersonId(snapshot.id): Person.model_validate_json(snapshot.get("blob")) for snapshot in found}

    def forms(self, person_id: PersonId, *, reader: str, reason: str) -> Mapping[str, Person]:
        """Give what the person said by each form, after a row in the access log."""
        self.note([person_id], reader=reader, reason=reason)
        rows = self._documents.all(self._of(FORMS, person_id))
        found = {str(row.get("digest")): Person.model_validate_json(row.get("blob")) for row in rows}
        return dict(sorted(found.items()))

    def erase(self, person_id: PersonId, *, for_good: bool = True) -> None:
        """Destroy the person, their forms, letters and texts; the tombstone first, it holds off writers."""
        document = self._documents.at(PEOPLE, person_id)
        with asking("Firestore"):
            if for_good:
                document.set({"erased": True}, retry=None, timeout=CALL_SECONDS_MAX)
            else:
                document.delete(retry=None, timeout=CALL_SECONDS_MAX)
        for collection in (FORMS, LETTERS, TEXTS):
            self._delete_all(self._of(collection, person_id).select(["person"]))

    def due(self, on: date, *, after: tuple[date, str] | None, limit: int) -> Sequence[tuple[date, PersonId]]:
        """Give who has to be destroyed by a day, in order of date and id."""
        query = self._documents.collection(PEOPLE).where(filter=FieldFilter("erase_on", "<=", _at(on)))
        query = query.order_by("erase_on").order_by("__name__").select(["erase_on"]).limit(limit)
        if after is not None:
            query = query.start_after({"erase_on": _at(after[0]), "__name__": self._documents.at(PEOPLE, after[1])})
        return [(row.get("erase_on").date(), PersonId(row.id)) for row in self._documents.page(query)]

    def people(self) -> Iterator[PersonId]:
        """Give the ids of all who are kept."""
        query = self._documents.collection(PEOPLE).where(filter=FieldFilter("erase_on", ">", _at(date.min)))
        query = query.order_by("erase_on").order_by("__name__").select(["erase_on"])
        return (PersonId(row.id) for row in self._documents.all(query))

    def postpone(self, person_id: PersonId, erase_on: date) -> None:
        """Set another day on which the person has to be destroyed."""
        for _ in range(WRITES_TRIED_MAX):
            seen = self._documents.read(PEOPLE, person_id)
            if seen is None or _is_erased(seen):
                return
            person = _person_in(seen).model_copy(update={"erase_on": erase_on})
            if self._documents.update({"blob": person.model_dump_json(), "erase_on": _at(erase_on)}, seen):
                return
        raise Unavailable(f"[{person_id}] is written to by others")

    def _of(self, collection: str, person_id: PersonId) -> Query:
        return self._documents.collection(collection).where(filter=FieldFilter("person", "==", person_id))

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

    def strays(self, *, reader: str, reason: str) -> Iterator[tuple[str, str]]:
        """Give the texts that belong to nobody, after one row in the access log."""
        self.note(["texts of nobody"], reader=reader, reason=reason)
        query = self._documents.collection(TEXTS).where(filter=FieldFilter("person", "==", None))
        for row in self._documents.all(query):
            yield row.id, str(row.get("blob"))

    def replace_text(self, reference: str, text: str | None) -> None:
        """Keep another text under the reference; None destroys it."""
        document = self._documents.at(TEXTS, reference)
        with asking("Firestore"), suppress(NotFound):
            if text is None:
                document.delete(retry=None, timeout=CALL_SECONDS_MAX)
            else:
                document.update({"blob": text}, retry=None, timeout=CALL_SECONDS_MAX)

    def note(self, subjects: Iterable[str], *, reader: str, reason: str) -> None:
        """Leave a row in the access log for each, in one call, and a line in the log."""
        at, batch, read = self._clock.now(), self._client.batch(), list(subjects)
        for subject in read:
            row = {"at": at, "reader": reader, "subject": subject, "reason": reason}
            batch.create(self._documents.collection(ACCESSES).document(), row)
        with asking("Firestore"):
            batch.commit(retry=None, timeout=CALL_SECONDS_MAX)
        for subject in read:  # a copy that nobody can change; without the reason, which people type
            tell("accessed", reader=reader, subject=subject)

    def accesses(
        self, *, subject: str = "", since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Mapping[str, str]]:
        """Give the access log, oldest first; rows of the same instant in any order."""
        log = self._documents.collection(ACCESSES)
        # What is about one subject is little: it is put in order here, so that the log needs no index of its own.
        query = log.where(filter=FieldFilter("subject", "==", subject)) if subject else log.order_by("at")
        for operator, instant in ((">=", since), ("<", until)):
            if instant is not None and not subject:
                query = query.where(filter=FieldFilter("at", operator, instant))
        found = self._documents.all(query.order_by("__name__") if subject else query)
        rows = sorted(found, key=lambda row: row.get("at")) if subject else found
        return [
            {
                "at": row.get("at").isoformat(timespec="microseconds"),
                **{name: str(row.get(name)) for name in ("reader", "subject", "reason")},
            }
            for row in rows
            if (since is None or row.get("at") >= since) and (until is None or row.get("at") < until)
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
        home = {} if letter.home is None else letter.home.model_dump()
        named = {"person": letter.person, "written_at": letter.written_at, "notice": letter.notice}
        fields = {**named, **home, **_fields(letter)}
        return self._documents.create(fields, LETTERS, letter.id)

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
        return self._documents.update(_fields(letter.model_copy(update={"state": to})), snapshot)

    def swap(self, seen: Letter, letter: Letter) -> bool:
        """Replace a letter by compare-and-set; False if it is gone, or not the one seen any more."""
        snapshot = self._documents.read(LETTERS, seen.id)
        if snapshot is None or _letter_in(snapshot) != seen:
            return False
        return self._documents.update(_fields(letter), snapshot)

    def due(self, now: datetime, *, limit: int) -> Sequence[Letter]:
        """Give letters that are released or being sent and should leave by now, the longest due first."""
        query = self._documents.collection(LETTERS).where(filter=FieldFilter("due_at", "<=", now)).order_by("due_at")
        return [_letter_in(snapshot) for snapshot in self._documents.page(query.limit(limit))]

    def find(self, *, state: LetterState | None = None, person_id: PersonId | None = None) -> Iterator[Letter]:
        """Give the letters that match, oldest first, read in pages."""
        query = self._documents.collection(LETTERS).order_by("written_at").order_by("__name__")
        for name, value in (("state", state), ("person", person_id)):
            if value is not None:
                query = query.where(filter=FieldFilter(name, "==", str(value)))
        return map(_letter_in, self._documents.all(query))

    def page(self, wanted: LetterFilter, *, after: str, limit: int) -> LetterPage:
        """Give some of the letters that match, oldest first."""
        if not wanted.within:
            return LetterPage()
        query = self._in_order(wanted)
        if after:
            moment, letter_id = read_moment_cursor(after)
            query = query.start_after({"written_at": moment, "__name__": letter_id})
        snapshots = self._documents.page(query.limit(limit + 1))
        found = tuple(map(_letter_in, snapshots[:limit]))
        behind = moment_cursor(found[-1].written_at, found[-1].id) if len(snapshots) > limit else ""
        return LetterPage(letters=found, after=behind)

    def names(self, wanted: LetterFilter, *, limit: int) -> Sequence[str]:
        """Give the ids of the letters that match, oldest first, in one call; each is billed as a read."""
        query = self._in_order(wanted).limit(limit).select([])
        return [snapshot.id for snapshot in self._documents.page(query)] if wanted.within else []

    def count(self, wanted: LetterFilter) -> int:
        """Give how many letters match."""
        return self._documents.count(self._found(wanted)) if wanted.within else 0

    def kinds(self, wanted: LetterFilter, among: Sequence[str]) -> Mapping[str, int]:
        """Give how many letters match, where there are any, by type of notice; one aggregation query for each type."""
        if not wanted.within:
            return {}
        queries = [self._found(wanted.model_copy(update={"notice": kind})) for kind in among]
        return {kind: many for kind, many in zip(among, self._documents.counts(queries), strict=True) if many}

    def _in_order(self, wanted: LetterFilter) -> Query:
        return self._found(wanted).order_by("written_at").order_by("__name__")

    def _found(self, wanted: LetterFilter) -> Query:
        query: Any = self._documents.collection(LETTERS)
        for name in ("state", "notice", "cohort"):
            if value := getattr(wanted, name):
                query = query.where(filter=FieldFilter(name, "==", str(value)))
        if wanted.within and EVERYWHERE not in wanted.within:
            query = query.where(filter=within(wanted.within, ""))
        found: Query = query
        return found


def _at(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _person_in(snapshot: Snapshot) -> Person:
    return Person.model_validate_json(snapshot.get("blob"))


def _document(person: Person, keys: Mapping[PersonKey, str] | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "blob": person.model_dump_json(),
        "erase_on": _at(person.erase_on),
        "name_key": name_key(person.name),
    }
    if keys is not None:
        # A key that is not known any more finds nobody.
        document |= {f"key_{kind}": keys.get(kind) for kind in get_args(PersonKey)}
    return document


def _is_erased(snapshot: Snapshot) -> bool:
    return "erased" in (snapshot.to_dict() or {})


def _fields(letter: Letter) -> dict[str, Any]:
    """Give what changes while a letter is on its way.  A query passes over documents whose `due_at` is null."""
    due_at = letter.leaves_at if letter.state in WAITING else None
    return {"state": str(letter.state), "due_at": due_at, "blob": letter.model_dump_json()}


def _letter_in(snapshot: Snapshot) -> Letter:
    return Letter.model_validate_json(snapshot.get("blob"))
