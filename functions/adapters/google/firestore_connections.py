"""The connections to forms at providers, in Firestore.

connections/{connection}  version, blob
readings/{connection}     version, blob
"""

from collections.abc import Sequence

from google.cloud.firestore import Client

from functions.adapters.google.documents import Documents
from schemas.connections import Connection, Reading

CONNECTIONS, READINGS = "connections", "readings"


class FirestoreConnections:
    """A `Connections` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def get(self, connection_id: str) -> Connection | None:
        """Give a connection."""
        snapshot = self._documents.read(CONNECTIONS, connection_id)
        return None if snapshot is None else Connection.model_validate_json(snapshot.get("blob"))

    def put(self, connection: Connection, *, seen: int) -> bool:
        """Keep a connection if its version is still the one seen; False if somebody was faster."""
        kept = connection.model_copy(update={"version": seen + 1})
        return self._put(CONNECTIONS, kept.id, kept.version, kept.model_dump_json())

    def all(self) -> Sequence[Connection]:
        """Give all connections, by id."""
        query = self._documents.collection(CONNECTIONS).order_by("__name__")
        return [Connection.model_validate_json(snapshot.get("blob")) for snapshot in self._documents.all(query)]

    def reading(self, connection_id: str) -> Reading:
        """Give how far a connection has been read."""
        snapshot = self._documents.read(READINGS, connection_id)
        if snapshot is None:
            return Reading(connection=connection_id)
        return Reading.model_validate_json(snapshot.get("blob"))

    def put_reading(self, reading: Reading, *, seen: int) -> bool:
        """Keep it if its version is still the one seen; False if somebody was faster."""
        kept = reading.model_copy(update={"version": seen + 1})
        return self._put(READINGS, kept.connection, kept.version, kept.model_dump_json())

    def _put(self, collection: str, name: str, version: int, blob: str) -> bool:
        fields = {"version": version, "blob": blob}
        if version == 1:
            return self._documents.create(fields, collection, name)
        snapshot = self._documents.read(collection, name, fields=("version",))
        if snapshot is None or snapshot.get("version") != version - 1:
            return False
        return self._documents.update(fields, snapshot)
