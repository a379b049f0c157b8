"""The connections to forms at providers, in one SQLite file."""

from collections.abc import Sequence

from functions.adapters.local.database import Database
from schemas.connections import Connection, Reading


class SqliteConnections:
    """A `Connections` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, connection_id: str) -> Connection | None:
        """Give a connection."""
        row = self._database.one("select blob from connections where id = ?", (connection_id,))
        return None if row is None else Connection.model_validate_json(row[0])

    def put(self, connection: Connection, *, seen: int) -> bool:
        """Keep a connection if its version is still the one seen; False if somebody was faster."""
        kept = connection.model_copy(update={"version": seen + 1})
        row = (kept.version, kept.model_dump_json(), kept.id)
        if seen:
            query = "update connections set version = ?, blob = ? where id = ? and version = ?"
            return self._database.execute(query, (*row, seen)).rowcount == 1
        query = "insert or ignore into connections (version, blob, id) values (?, ?, ?)"
        return self._database.execute(query, row).rowcount == 1

    def all(self) -> Sequence[Connection]:
        """Give all connections, by id."""
        rows = self._database.all("select blob from connections order by id")
        return [Connection.model_validate_json(blob) for (blob,) in rows]

    def reading(self, connection_id: str) -> Reading:
        """Give how far a connection has been read."""
        row = self._database.one("select blob from readings where connection = ?", (connection_id,))
        return Reading(connection=connection_id) if row is None else Reading.model_validate_json(row[0])

    def put_reading(self, reading: Reading, *, seen: int) -> bool:
        """Keep it if its version is still the one seen; False if somebody was faster."""
        kept = reading.model_copy(update={"version": seen + 1})
        row = (kept.version, kept.model_dump_json(), kept.connection)
        if seen:
            query = "update readings set version = ?, blob = ? where connection = ? and version = ?"
            return self._database.execute(query, (*row, seen)).rowcount == 1
        query = "insert or ignore into readings (version, blob, connection) values (?, ?, ?)"
        return self._database.execute(query, row).rowcount == 1
