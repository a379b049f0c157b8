"""Personal data in SQLite: people, their forms, texts, letters, and the access log."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from functions.adapters.local.clauses import Clauses, all_of, home_columns, values_of, within
from functions.adapters.local.database import Database
from functions.adapters.local.instants import instant
from functions.adapters.local.older_files import NAME
from schemas.ids import PersonId, name_of
from schemas.letters import Letter, LetterState
from schemas.people import Person
from schemas.register import erased_name
from schemas.search import LetterFilter, LetterPage, PersonKey
from workflows.runtime.consents import with_records
from workflows.runtime.cursors import moment_cursor, read_moment_cursor
from workflows.runtime.people_keys import name_key
from workflows.runtime.ports import NO_KEYS, Clock


class SqliteVault:
    """A `Vault` in one SQLite file.  A person without a blob was erased."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def put(self, person: Person, *, keys: Mapping[PersonKey, str] | None = NO_KEYS, form: str = "") -> bool:
        """Keep what is known of a person; False if the person was erased."""
        query = (
            "insert into people (id, blob) values (?, ?) "
            "on conflict (id) do update set blob = excluded.blob where blob is not null"
        )
        with self._database.batch():
            if self._database.one("select 1 from register where id = ?", (erased_name(person.id),)) is not None:
                return False
            row = self._database.one("select blob from people where id = ?", (person.id,))
            before = None if row is None or row[0] is None else Person.model_validate_json(row[0])
            blob = with_records(person, before).model_dump_json()
            is_kept = self._database.execute(query, (person.id, blob)).rowcount == 1
            if is_kept:
                self._find_by(person, keys)
            if is_kept and form:
                row = (person.id, form, blob)
                self._database.execute("insert or replace into forms (person, digest, blob) values (?, ?, ?)", row)
        return is_kept

    def add(self, person: Person, *, keys: Mapping[PersonKey, str], form: str) -> bool:
        """Keep a person of whom nothing is known."""
        with self._database.batch():
            is_known = self._database.one("select 1 from people where id = ?", (person.id,)) is not None
            return not is_known and self.put(person, keys=keys, form=form)

    def _find_by(self, person: Person, keys: Mapping[PersonKey, str] | None) -> None:
        found_by = [*(keys or {}).items(), (NAME, name_key(person.name))]
        rows = [(kind, value, person.id) for kind, value in found_by]
        if keys is None:
            self._database.execute("delete from people_index where person = ? and kind = ?", (person.id, NAME))
        else:
            self._database.execute("delete from people_index where person = ?", (person.id,))
        self._database.execute_many("insert into people_index (kind, value, person) values (?, ?, ?)", rows)

    def find_by(self, person_id: PersonId, keys: Mapping[PersonKey, str]) -> None:
        """Let other keyed hashes find a person."""
        with self._database.batch():
            if self._database.one("select 1 from people where id = ? and blob is not null", (person_id,)) is None:
                return
            for kind, value in keys.items():
                self._database.execute("delete from people_index where person = ? and kind = ?", (person_id, kind))
                row = (kind, value, person_id)
                self._database.execute("insert into people_index (kind, value, person) values (?, ?, ?)", row)

    def get(self, person_id: PersonId, *, reader: str, reason: str, form: str = "") -> Person | None:
        """Give the person, after a row in the access log."""
        with self._database.batch():
            self.note([person_id], reader=reader, reason=reason)
            row = self._database.one("select blob from forms where person = ? and digest = ?", (person_id, form))
            row = row or self._database.one("select blob from people where id = ?", (person_id,))
        return None if row is None or row[0] is None else Person.model_validate_json(row[0])

    def get_many(self, person_ids: Sequence[PersonId], *, reader: str, reason: str) -> Mapping[PersonId, Person]:
        """Give those people that there are, by id, after a row in the access log for each one asked."""
        asked = list(dict.fromkeys(person_ids))
        query = f"select id, blob from people where blob is not null and id in ({', '.join('?' * len(asked))})"  # noqa: S608  nothing but question marks
        with self._database.batch():
            self.note(asked, reader=reader, reason=reason)
            rows = self._database.all(query, asked)
        return {PersonId(person_id): Person.model_validate_json(blob) for person_id, blob in rows}

    def forms(self, person_id: PersonId, *, reader: str, reason: str) -> Mapping[str, Person]:
        """Give what the person said by each form, after a row in the access log."""
        with self._database.batch():
            self.note([person_id], reader=reader, reason=reason)
            rows = self._database.all("select digest, blob from forms where person = ? order by digest", (person_id,))
        return {digest: Person.model_validate_json(blob) for digest, blob in rows}

    def erase(self, person_id: PersonId, *, for_good: bool = True) -> None:
        """Destroy the person, their forms, letters and texts, and leave a tombstone if it is for good."""
        with self._database.batch():
            self._database.execute("delete from people where id = ?", (person_id,))
            if for_good:
                self._database.execute("insert into people (id, blob) values (?, null)", (person_id,))
            for table in ("people_index", "forms", "letters", "texts"):
                self._database.execute(f"delete from {table} where person = ?", (person_id,))  # noqa: S608  ours
            self._database.soil()

    def due(self, on: date, *, after: tuple[date, str] | None, limit: int) -> Sequence[tuple[date, PersonId]]:
        """Give who has to be destroyed by a day, in order of date and id."""
        last = ("", "") if after is None else (after[0].isoformat(), after[1])
        query = (
            "select json_extract(blob, '$.erase_on') as day, id from people where blob is not null "
            "and day <= ? and (day, id) > (?, ?) order by day, id limit ?"
        )
        rows = self._database.all(query, (on.isoformat(), *last, limit))
        return [(date.fromisoformat(day), PersonId(person_id)) for day, person_id in rows]

    def people(self) -> Iterator[PersonId]:
        """Give the ids of all who are kept."""
        for (person_id,) in self._database.all("select id from people where blob is not null order by id"):
            yield PersonId(person_id)

    def postpone(self, person_id: PersonId, erase_on: date) -> None:
        """Set another day on which the person has to be destroyed."""
        query = "update people set blob = json_set(blob, '$.erase_on', ?) where id = ? and blob is not null"
        self._database.execute(query, (erase_on.isoformat(), person_id))

    def put_text(self, text: str, *, person_id: PersonId | None = None) -> str:
        """Keep free text or a refused body, and give the reference to it."""
        reference = name_of("text", person_id or "", text)
        with self._database.batch():
            row = (reference, person_id, text)
            self._database.execute("insert or ignore into texts (id, person, blob) values (?, ?, ?)", row)
        return reference

    def get_text(self, reference: str, *, reader: str, reason: str) -> str | None:
        """Give the text, after a row in the access log."""
        with self._database.batch():
            self.note([reference], reader=reader, reason=reason)
            row = self._database.one("select blob from texts where id = ?", (reference,))
        return None if row is None else str(row[0])

    def strays(self, *, reader: str, reason: str) -> Iterator[tuple[str, str]]:
        """Give the texts that belong to nobody, after one row in the access log."""
        self.note(["texts of nobody"], reader=reader, reason=reason)
        yield from self._database.all("select id, blob from texts where person is null order by id")

    def replace_text(self, reference: str, text: str | None) -> None:
        """Keep another text under the reference; None destroys it."""
        with self._database.batch():
            if text is None:
                self._database.execute("delete from texts where id = ?", (reference,))
            else:
                self._database.execute("update texts set blob = ? where id = ?", (text, reference))
            self._database.soil()

    def note(self, subjects: Iterable[str], *, reader: str, reason: str) -> None:
        """Leave a row in the access log for each."""
        at = instant(self._clock.now())
        rows = [(at, reader, subject, reason) for subject in subjects]
        query = "insert into accesses (at, reader, subject, reason) values (?, ?, ?, ?)"
        self._database.execute_many(query, rows)

    def accesses(
        self, *, subject: str = "", since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Mapping[str, str]]:
        """Give the access log, oldest first."""
        names = ("at", "reader", "subject", "reason")
        span = ("" if since is None else instant(since), "~" if until is None else instant(until))
        about = "subject = ?" if subject else "? = ''"
        query = f"select at, reader, subject, reason from accesses where {about} and at >= ? and at < ? order by rowid"  # noqa: S608  names of our columns
        rows = self._database.all(query, (subject, *span))
        return [dict(zip(names, row, strict=True)) for row in rows]


class SqliteLetters:
    """A `Letters` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, letter: Letter) -> bool:
        """Keep a letter; False if it is kept already."""
        query = (
            "insert or ignore into letters "
            "(id, person, state, written_at, notice, workflow, programme, cohort, university, blob) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        named = (letter.id, letter.person, letter.state, instant(letter.written_at), letter.notice)
        row = (*named, *home_columns(letter.home), letter.model_dump_json())
        return self._database.execute(query, row).rowcount == 1

    def get(self, letter_id: str) -> Letter | None:
        """Give one letter."""
        row = self._database.one("select blob from letters where id = ?", (letter_id,))
        return None if row is None else Letter.model_validate_json(row[0])

    def move(self, letter_id: str, *, expected: LetterState, to: LetterState) -> bool:
        """Change the state by compare-and-set; False if it is another one by now."""
        with self._database.batch():
            letter = self.get(letter_id)
            if letter is None or letter.state is not expected:
                return False
            moved = letter.model_copy(update={"state": to})
            self._database.execute(
                "update letters set state = ?, blob = ? where id = ?", (to, moved.model_dump_json(), letter_id)
            )
            return True

    def swap(self, seen: Letter, letter: Letter) -> bool:
        """Replace a letter by compare-and-set; False if it is gone, or not the one seen any more."""
        with self._database.batch():
            if self.get(seen.id) != seen:
                return False
            row = (letter.state, letter.model_dump_json(), seen.id)
            self._database.execute("update letters set state = ?, blob = ? where id = ?", row)
            return True

    def due(self, now: datetime, *, limit: int) -> Sequence[Letter]:
        """Give letters that are released or being sent and should leave by now, the longest due first."""
        query = (
            "select blob from letters where state in ('released', 'sending') and "
            "unixepoch(json_extract(blob, '$.leaves_at')) <= unixepoch(?) "
            "order by unixepoch(json_extract(blob, '$.leaves_at')), id limit ?"
        )
        found = [Letter.model_validate_json(blob) for (blob,) in self._database.all(query, (instant(now), limit))]
        return [letter for letter in found if letter.leaves_at is not None and letter.leaves_at <= now]

    def find(self, *, state: LetterState | None = None, person_id: PersonId | None = None) -> Iterator[Letter]:
        """Give the letters that match, oldest first."""
        wanted = {name: value for name, value in (("state", state), ("person", person_id)) if value is not None}
        where = " and ".join(f"{name} = ?" for name in wanted) or "true"
        query = f"select blob from letters where {where} order by written_at, id"  # noqa: S608  names of our columns
        rows = self._database.all(query, tuple(wanted.values()))
        for (blob,) in rows:
            yield Letter.model_validate_json(blob)

    def page(self, wanted: LetterFilter, *, after: str, limit: int) -> LetterPage:
        """Give some of the letters that match, oldest first."""
        clauses = _asked(wanted)
        if after:
            moment, letter_id = read_moment_cursor(after)
            clauses.append(("(written_at, id) > (?, ?)", [instant(moment), letter_id]))
        # The narrow index gives the ids; only the letters that are shown are read.
        query = (
            "with found as materialized (select id, written_at from letters indexed by letters_list "  # noqa: S608  all names are ours
            f"where {all_of(clauses)} order by written_at, id limit ?) "
            "select blob from found join letters using (id) order by found.written_at, id"
        )
        rows = self._database.all(query, (*values_of(clauses), limit + 1))
        found = tuple(Letter.model_validate_json(blob) for (blob,) in rows[:limit])
        behind = moment_cursor(found[-1].written_at, found[-1].id) if len(rows) > limit else ""
        return LetterPage(letters=found, after=behind)

    def names(self, wanted: LetterFilter, *, limit: int) -> Sequence[str]:
        """Give the ids of the letters that match, oldest first, in one call."""
        found = self._select("id", wanted, "order by written_at, id limit ?", last=[limit])
        return [letter_id for (letter_id,) in found]

    def count(self, wanted: LetterFilter) -> int:
        """Give how many letters match."""
        ((many,),) = self._select("count(*)", wanted)
        return int(many)

    def kinds(self, wanted: LetterFilter, among: Sequence[str]) -> Mapping[str, int]:
        """Give how many letters match, where there are any, by type of notice; only of those types."""
        if not among:
            return {}
        # Counted side by side: by groups they would all be sorted, which takes six times as long.
        each = ", ".join(["count(*) filter (where notice = ?)"] * len(among))
        (counts,) = self._select(each, wanted, first=among)
        return {kind: many for kind, many in zip(among, counts, strict=True) if many}

    def _select(
        self, what: str, wanted: LetterFilter, rest: str = "", *, first: Sequence[str] = (), last: Sequence[int] = ()
    ) -> list[Any]:
        clauses = _asked(wanted)
        query = f"select {what} from letters indexed by letters_list where {all_of(clauses)} {rest}"  # noqa: S608  all names are ours
        return self._database.all(query, (*first, *values_of(clauses), *last))


def _asked(wanted: LetterFilter) -> Clauses:
    names = ("state", "notice", "cohort")
    return [
        *((f"{name} = ?", [str(value)]) for name in names if (value := getattr(wanted, name))),
        within(wanted.within),
    ]
