"""Forms that people have begun to fill in, in Firestore.

    drafts/{draft}      erase_on, blob

`blob` has no index (field override).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from google.cloud.firestore import Client, FieldFilter

from functions.adapters.google.calls import CALL_SECONDS_MAX, asking
from functions.adapters.google.documents import Documents
from schemas.draft import Draft

DRAFTS = "drafts"


class FirestoreDrafts:
    """A `Drafts` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._documents = Documents(client)

    def put(self, draft: Draft) -> None:
        """Keep a draft, replacing what was typed before."""
        fields = {"erase_on": _instant(draft.erase_on), "blob": draft.model_dump_json()}
        with asking("Firestore"):
            self._documents.at(DRAFTS, draft.id).set(fields, retry=None, timeout=CALL_SECONDS_MAX)

    def get(self, draft_id: str) -> Draft | None:
        """Give a draft."""
        snapshot = self._documents.read(DRAFTS, draft_id)
        return None if snapshot is None else Draft.model_validate_json(snapshot.get("blob"))

    def find(self) -> Iterator[Draft]:
        """Give all drafts, by id, read in pages."""
        for snapshot in self._documents.all(self._documents.collection(DRAFTS).order_by("__name__")):
            yield Draft.model_validate_json(snapshot.get("blob"))

    def remove(self, draft_id: str) -> None:
        """Destroy a draft.  May be repeated."""
        with asking("Firestore"):
            self._documents.at(DRAFTS, draft_id).delete(retry=None, timeout=CALL_SECONDS_MAX)

    def purge(self, today: date) -> int:
        """Destroy every draft whose day has come, and give how many there were."""
        due = FieldFilter("erase_on", "<=", _instant(today))
        query = self._documents.collection(DRAFTS).where(filter=due).order_by("erase_on").select(["erase_on"])
        count = 0
        for page in self._documents.pages(query):
            batch = self._client.batch()
            for snapshot in page:
                batch.delete(snapshot.reference)
            with asking("Firestore"):
                batch.commit(retry=None, timeout=CALL_SECONDS_MAX)
            count += len(page)
        return count


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
