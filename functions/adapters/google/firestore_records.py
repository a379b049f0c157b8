"""Fact documents, the notice log and the quarantine in Firestore.

    facts/{fact}             parts, blob (JSON in UTF-8; empty where it lies in parts)
    facts/{fact}/parts/{n}   blob
    notices/{notice}         type, role, heard_at, blob
    quarantine/{row}         heard_at, state, workflow, programme, cohort, university, blob

Indexes: `blob` has none (field override).  Composite: notices (role, heard_at); quarantine (state, heard_at),
(workflow, heard_at), (programme, heard_at), (cohort, heard_at) and (university, heard_at), joined for whatever is asked
for together.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from google.api_core.exceptions import NotFound
from google.cloud.firestore import Client, FieldFilter, Query

from functions.adapters.google.calls import CALL_SECONDS_MAX, asking
from functions.adapters.google.documents import Documents, Snapshot
from functions.adapters.google.scopes import within
from schemas.facts import fact_id_of
from schemas.ids import FactId
from schemas.messages import Notice, Quarantined
from schemas.record import Record
from schemas.roles import PARTNERS
from schemas.search import EVERYWHERE, QuarantineFilter, QuarantinePage
from workflows.runtime.cursors import moment_cursor, read_moment_cursor
from workflows.runtime.errors import Rejected

FACTS, PARTS, NOTICES, QUARANTINE = "facts", "parts", "notices", "quarantine"
PART_BYTES = 250_000
"""Firestore refuses fields over 1,048,487 bytes, and the emulator calls over 4 MiB."""

KEPT_MAX = 8


class FirestoreFactStore:
    """A `FactStore` in Firestore.  The last few documents read are kept in memory: they never change."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._turn = threading.Lock()

    def put(self, document: Record) -> FactId:
        """Keep the document and give its id.

        A large one is written in parts and becomes visible with the last write: a half-written one is as if not there.
        """
        fact_id, content = fact_id_of(document), document.model_dump_json().encode()
        if len(content) <= PART_BYTES:
            self._documents.create({"parts": 0, "blob": content}, FACTS, fact_id)
        elif self._documents.read(FACTS, fact_id, fields=("parts",)) is None:
            parts = [content[start : start + PART_BYTES] for start in range(0, len(content), PART_BYTES)]
            for number, part in enumerate(parts):
                # A part that is there already, from a put that broke off, is the same: the id is the content's hash.
                self._documents.create({"blob": part}, FACTS, fact_id, PARTS, str(number))
            self._documents.create({"parts": len(parts), "blob": b""}, FACTS, fact_id)
        return fact_id

    def get(self, fact_ids: Iterable[FactId]) -> Mapping[str, Any]:
        """Give the content of the documents that exist, by id.  It is shared: nobody may change it."""
        wanted = list(dict.fromkeys(fact_ids))
        with self._turn:
            found: dict[str, Any] = {fact_id: self._kept[fact_id] for fact_id in wanted if fact_id in self._kept}
        missing = [fact_id for fact_id in wanted if fact_id not in found]
        for root in self._documents.read_all(FACTS, names=missing):
            found[root.id] = self._content(root)
        with self._turn:
            for fact_id, content in found.items():
                self._kept[fact_id] = content
                self._kept.move_to_end(fact_id)
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return found

    def _content(self, root: Snapshot) -> Any:
        names = [str(number) for number in range(root.get("parts"))]
        parts = {part.id: part.get("blob") for part in self._documents.read_all(FACTS, root.id, PARTS, names=names)}
        return json.loads(b"".join(parts[name] for name in names) or root.get("blob"))


class FirestoreNoticeLog:
    """A `NoticeLog` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def append(self, notice: Notice, *, heard_at: datetime) -> bool:
        """Record a notice; False if it is recorded already."""
        row = {"type": notice.type, "role": notice.role, "heard_at": heard_at, "blob": notice.model_dump_json()}
        return self._documents.create(row, NOTICES, notice.id)

    def to_partners(
        self, *, since: datetime | None = None, until: datetime, after: str = "", limit: int
    ) -> Sequence[tuple[str, Notice]]:
        """Give notices to partners in the order in which they were taken up, each with its cursor."""
        rows: Any = self._documents.collection(NOTICES).where(filter=FieldFilter("role", "==", PARTNERS.name))
        rows = rows.where(filter=FieldFilter("heard_at", "<", until))
        if since is not None:
            rows = rows.where(filter=FieldFilter("heard_at", ">=", since))
        rows = rows.order_by("heard_at").order_by("__name__")
        if after:
            last = self._documents.read(NOTICES, after, fields=("heard_at",))
            if last is None:
                raise Rejected("This is no cursor that a page gave.", code="no_such_page")
            rows = rows.start_after(last)
        found = self._documents.page(rows.limit(limit))
        return [(each.id, Notice.model_validate_json(each.get("blob"))) for each in found]

    def count(self) -> Mapping[str, int]:
        """Give how many notices there are of each type, without reading them: two calls for each type."""
        counts: dict[str, int] = {}
        rows = self._documents.collection(NOTICES)
        first = rows.order_by("type").limit(1)
        page = self._documents.page(first)
        while page:
            kind = page[0].get("type")
            counts[kind] = self._documents.count(rows.where(filter=FieldFilter("type", "==", kind)))
            page = self._documents.page(first.where(filter=FieldFilter("type", ">", kind)))
        return counts


class FirestoreQuarantine:
    """A `Quarantine` in Firestore."""

    def __init__(self, client: Client) -> None:
        self._documents = Documents(client)

    def put(self, row: Quarantined) -> None:
        """Keep a row; one that is there already stays as it is."""
        self._documents.create({"heard_at": row.heard_at, **_fields(row)}, QUARANTINE, row.id)

    def get(self, row_id: str) -> Quarantined | None:
        """Give one row."""
        snapshot = self._documents.read(QUARANTINE, row_id)
        return None if snapshot is None else _row_in(snapshot)

    def find(self) -> Iterator[Quarantined]:
        """Give all rows, oldest first, read in pages."""
        query = self._documents.collection(QUARANTINE).order_by("heard_at").order_by("__name__")
        return map(_row_in, self._documents.all(query))

    def page(self, wanted: QuarantineFilter, *, after: str, limit: int) -> QuarantinePage:
        """Give some of the rows that match, oldest first."""
        if not wanted.within:
            return QuarantinePage()
        query = self._found(wanted).order_by("heard_at").order_by("__name__")
        if after:
            moment, row_id = read_moment_cursor(after)
            query = query.start_after({"heard_at": moment, "__name__": row_id})
        snapshots = self._documents.page(query.limit(limit + 1))
        found = tuple(map(_row_in, snapshots[:limit]))
        behind = moment_cursor(found[-1].heard_at, found[-1].id) if len(snapshots) > limit else ""
        return QuarantinePage(rows=found, after=behind)

    def count(self, wanted: QuarantineFilter) -> int:
        """Give how many rows match."""
        return self._documents.count(self._found(wanted)) if wanted.within else 0

    def _found(self, wanted: QuarantineFilter) -> Query:
        query: Any = self._documents.collection(QUARANTINE)
        if wanted.state:
            query = query.where(filter=FieldFilter("state", "==", wanted.state))
        if wanted.within and EVERYWHERE not in wanted.within:
            query = query.where(filter=within(wanted.within, ""))
        found: Query = query
        return found

    def update(self, row: Quarantined) -> None:
        """Replace a row by its next version; one that is not there stays so."""
        with asking("Firestore"), suppress(NotFound):
            reference = self._documents.at(QUARANTINE, row.id)
            reference.update(_fields(row), retry=None, timeout=CALL_SECONDS_MAX)


def _fields(row: Quarantined) -> dict[str, Any]:
    """Give what may change; a row that belongs to no case lacks the fields of a home, and lies in no scope."""
    home = {} if row.home is None else row.home.model_dump()
    return {"state": row.state, **home, "blob": row.model_dump_json()}


def _row_in(snapshot: Snapshot) -> Quarantined:
    return Quarantined.model_validate_json(snapshot.get("blob"))
