"""What stays known of people's rights, in SQLite."""

from collections.abc import Iterator

from functions.adapters.local.database import Database
from functions.adapters.local.instants import instant
from schemas.register import Row
from workflows.runtime.ports import R


class SqliteRegister:
    """A `Register` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, row: Row) -> bool:
        """Keep a row for good; False if it is there already."""
        values = (row.id, type(row).__name__, row.about, instant(row.at), row.model_dump_json())
        query = "insert or ignore into register (id, kind, about, at, blob) values (?, ?, ?, ?, ?)"
        return self._database.execute(query, values).rowcount == 1

    def find(self, kind: type[R], *, about: str = "") -> Iterator[R]:
        """Give the rows of a kind, oldest first."""
        query = "select blob from register where kind = ? and (about = ? or ? = '') order by at, id"
        for (blob,) in self._database.all(query, (kind.__name__, about, about)):
            yield kind.model_validate_json(blob)

    def drop(self, row_id: str) -> None:
        """Destroy a row."""
        with self._database.batch():
            self._database.execute("delete from register where id = ?", (row_id,))
            self._database.soil()
