"""What stays known of people's rights, in Firestore.

    register/{row}      kind, about, at, blob

Indexes: `blob` has none (field override).  Composite: register (kind, at) and (about, at), joined.
"""

from collections.abc import Iterator

from google.cloud.firestore import Client, FieldFilter

from functions.adapters.google.calls import CALL_SECONDS_MAX, asking
from functions.adapters.google.documents import Documents
from schemas.register import Row
from workflows.runtime.ports import R

REGISTER = "register"


class FirestoreRegister:
    """A `Register` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def add(self, row: Row) -> bool:
        """Keep a row for good; False if it is there already."""
        fields = {"kind": type(row).__name__, "about": row.about, "at": row.at, "blob": row.model_dump_json()}
        return self._documents.create(fields, REGISTER, row.id)

    def find(self, kind: type[R], *, about: str = "") -> Iterator[R]:
        """Give the rows of a kind, oldest first, read in pages."""
        query = self._documents.collection(REGISTER).order_by("at").order_by("__name__")
        for name, value in (("kind", kind.__name__), ("about", about)):
            if value:
                query = query.where(filter=FieldFilter(name, "==", value))
        for snapshot in self._documents.all(query):
            yield kind.model_validate_json(snapshot.get("blob"))

    def drop(self, row_id: str) -> None:
        """Destroy a row."""
        with asking("Firestore"):
            self._documents.at(REGISTER, row_id).delete(retry=None, timeout=CALL_SECONDS_MAX)
