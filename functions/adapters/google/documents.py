"""The few things that the Firestore adapters do with documents."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from google.api_core.exceptions import Aborted, AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import Client, CollectionReference, DocumentReference, DocumentSnapshot, Query

from functions.adapters.google.calls import CALL_SECONDS_MAX, ONCE, PAGE_SECONDS_MAX, asking
from workflows.runtime.errors import Rejected

MOVED = (Aborted, AlreadyExists, FailedPrecondition, NotFound)
"""What a write that compares is answered when it compared in vain."""

Snapshot = DocumentSnapshot[DocumentReference]

PAGE = 300
COUNTED_AT_ONCE = 8
NAME_BYTES_MAX = 1500


class Documents:
    """Reads and writes single documents by their path.  No transactions: what compares, compares in one write.

    A path is `collection, name, collection, name …`.  Names come from outside as well; what cannot name a document
    (a slash would lead into another collection) is never found and cannot be written.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def at(self, *path: str) -> DocumentReference:
        """Give the reference to a document.

        Raises:
            Rejected: The path cannot name a document.
        """
        if not all(map(_is_name, path)):
            raise Rejected(f"[{'/'.join(path)[:200]}] cannot name a document.", code="unfit_name")
        return self._client.document(*path)

    def read(self, *path: str, fields: tuple[str, ...] | None = None) -> Snapshot | None:
        """Give a document, or only some of its fields; None if there is none."""
        if not all(map(_is_name, path)):
            return None
        with asking("Firestore"):
            snapshot = self.at(*path).get(fields, retry=None, timeout=CALL_SECONDS_MAX)
        return snapshot if snapshot.exists else None

    def read_all(self, *collection: str, names: Sequence[str]) -> list[Snapshot]:
        """Give those documents of a collection that exist, in any order; one call."""
        references = [self.at(*collection, name) for name in names if _is_name(name)]
        if not references:
            return []
        with asking("Firestore"):
            snapshots = list(self._client.get_all(references, retry=None, timeout=PAGE_SECONDS_MAX))
        return [snapshot for snapshot in snapshots if snapshot.exists]

    def create(self, document: Mapping[str, Any], *path: str) -> bool:
        """Write a document unless it is there; False if it is."""
        reference = self.at(*path)
        with asking("Firestore"):
            try:
                reference.create(dict(document), retry=None, timeout=CALL_SECONDS_MAX)
            except AlreadyExists:
                return False
        return True

    def update(self, document: Mapping[str, Any], seen: Snapshot) -> bool:
        """Change fields of a document if nobody wrote to it since it was seen; False if somebody did."""
        option = self._client.write_option(last_update_time=seen.update_time)
        with asking("Firestore"):
            try:
                seen.reference.update(dict(document), option=option, retry=None, timeout=CALL_SECONDS_MAX)
            except MOVED:
                return False
        return True

    def collection(self, *path: str) -> CollectionReference:
        """Give a collection, to be queried."""
        return self._client.collection(*path)

    def all(self, query: Query) -> Iterator[Snapshot]:
        """Give all that a query finds, read in pages; what is written meanwhile may be among it or not."""
        for page in self.pages(query):
            yield from page

    def pages(self, query: Query) -> Iterator[list[Snapshot]]:
        """Give the same page by page."""
        page = self.page(query.limit(PAGE))
        while page:
            yield page
            page = self.page(query.limit(PAGE).start_after(page[-1])) if len(page) == PAGE else []

    def page(self, query: Query) -> list[Snapshot]:
        """Give what a query finds, at once."""
        with asking("Firestore"):
            return list(query.stream(retry=ONCE, timeout=PAGE_SECONDS_MAX))

    def count(self, query: Query) -> int:
        """Give how much a query finds, without reading it."""
        with asking("Firestore"):
            counting: Any = query.count()  # annotated as a class, though it gives an object (2.34.1)
            [[result]] = counting.get(retry=ONCE, timeout=PAGE_SECONDS_MAX)
        return int(result.value)

    def counts(self, queries: Iterable[Query]) -> Sequence[int]:
        """Give how much each of some queries finds, several asked at once; all of it counts for the call under way."""
        with ThreadPoolExecutor(COUNTED_AT_ONCE) as threads:
            asked = [threads.submit(copy_context().run, self.count, query) for query in queries]
            return [each.result() for each in asked]


def _is_name(name: str) -> bool:
    """Tell whether Firestore takes this for one segment of a path."""
    is_reserved = name in {"", ".", ".."} or (name.startswith("__") and name.endswith("__"))
    return not is_reserved and "/" not in name and len(name.encode(errors="replace")) <= NAME_BYTES_MAX
