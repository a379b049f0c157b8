"""Forms that people have begun to fill in, in SQLite."""

from collections.abc import Iterator
from datetime import date

from functions.adapters.local.database import Database
from schemas.draft import Draft


class SqliteDrafts:
    """A `Drafts` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, draft: Draft) -> None:
        """Keep a draft, replacing what was typed before."""
        query = (
            "insert into drafts (id, erase_on, blob) values (?, ?, ?) "
            "on conflict (id) do update set erase_on = excluded.erase_on, blob = excluded.blob"
        )
        self._database.execute(query, (draft.id, draft.erase_on.isoformat(), draft.model_dump_json()))

    def get(self, draft_id: str) -> Draft | None:
        """Give a draft."""
        row = self._database.one("select blob from drafts where id = ?", (draft_id,))
        return None if row is None else Draft.model_validate_json(row[0])

    def find(self) -> Iterator[Draft]:
        """Give all drafts, by id."""
        for (blob,) in self._database.all("select blob from drafts order by id"):
            yield Draft.model_validate_json(blob)

    def remove(self, draft_id: str) -> None:
        """Destroy a draft.  May be repeated."""
        with self._database.batch():
            is_there = self._database.execute("delete from drafts where id = ?", (draft_id,)).rowcount
            if is_there:
                self._database.soil()

    def purge(self, today: date) -> int:
        """Destroy every draft whose day has come, and give how many there were."""
        return int(self._database.execute("delete from drafts where erase_on <= ?", (today.isoformat(),)).rowcount)
